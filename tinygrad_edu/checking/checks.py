"""The check of one argument: all its slopes in every mode, and the element at which a mistake shows."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checking.probes import Probe, unit
from tinygrad_edu.checking.report import GradientRow, Verdict
from tinygrad_edu.checking.verdicts import deviation, judge, ratio_words, worst

Array = Any

MODES = ("reverse", "forward")
DIRECTIONS = 3
"""Random directions in each argument."""
ELEMENTS = 8
"""Elements of each argument that are looked at one by one: all of them, or those with extreme slopes."""


class Check:
    """The check of one argument at one order."""

    def __init__(
        self,
        probe: Probe,
        i: int,
        argument: str,
        order: int,
        modes: Sequence[str],
        rng: np.random.Generator,
    ) -> None:
        self.probe, self.i, self.argument, self.order, self.modes = probe, i, argument, order, modes
        self.array = probe.arrays[i]
        self.rng = rng
        self.directions = list(self._directions())

    def _directions(self) -> Iterator[Array]:
        shape = np.shape(self.array)
        for _ in range(DIRECTIONS if self.array.size > ELEMENTS else 1):
            yield self.rng.uniform(0.5, 1.5, shape) * self.rng.choice((-1.0, 1.0), shape)
        for index in self._elements():
            yield unit(self.array, index)

    def _elements(self) -> list[tuple[int, ...]]:
        """All elements of a small array; of a large one those with the extreme gradients, and random ones."""
        size = self.array.size
        chosen = list(range(size))
        if size > ELEMENTS:
            rank = np.argsort(abs(np.ravel(self.probe.gradients[self.i])), kind="stable")
            half = ELEMENTS // 4
            chosen = [*rank[:half], *rank[-half:], *self.rng.integers(0, size, ELEMENTS - 2 * half)]
        return [_index(n, self.array) for n in dict.fromkeys(map(int, chosen))]

    def outcome(self) -> tuple[list[GradientRow], str]:
        """The rows, and what is wrong, if anything is."""
        if not self.array.size:
            return [], ""
        rows, message = [], ""
        for mode in self.modes:
            verdicts = [self._verdict(mode, v) for v in self.directions]
            wrong = next(
                (v for v, verdict in zip(self.directions, verdicts, strict=True) if verdict == "wrong"), None
            )
            if wrong is not None:
                place = self._element(mode, wrong)
                if place is None or self._hidden_kink(mode, place):
                    verdicts = ["kink" if verdict == "wrong" else verdict for verdict in verdicts]
                else:
                    message = message or self._message(mode, place)
            rows.append(self._row(mode, verdicts))
        if len(self.modes) == 2:
            row = self._transposed()
            rows.append(row)
            if row.verdict == "wrong" and not message:
                message = f"with respect to {self.argument} differs between the modes: {row.note}."
        return rows, message

    def _verdict(self, mode: str, direction: Array) -> Verdict:
        claimed = self.probe.claimed(mode, self.i, direction)
        if mode == "forward" and np.isnan(claimed) and np.isinf(self.probe.gradients[self.i]).any():
            return "edge"  # one slope is infinite, and 0 times it is nan in the others
        return judge(claimed, self.probe.measured(self.i, direction))

    def _row(self, mode: str, verdicts: list[Verdict]) -> GradientRow:
        off = max(
            deviation(self.probe.claimed(mode, self.i, v), self.probe.measured(self.i, v).value)
            for v, verdict in zip(self.directions, verdicts, strict=True)
            if verdict in ("correct", "wrong") or "correct" not in verdicts
        )
        return GradientRow(self.order, self.argument, mode, worst(verdicts), len(verdicts), off)

    def _transposed(self) -> GradientRow:
        """One mode against the other: <u, Jv> = <Jᵀu, v>."""
        pairs = [
            (*(self.probe.claimed(mode, self.i, v) for mode in MODES), self.probe.tolerance(self.i, v))
            for v in self.directions
        ]
        apart = [(a, b) for a, b, room in pairs if not (a == b or abs(a - b) <= room or np.isnan(a + b))]
        note = f"reverse mode gives {apart[0][0]:.6g} and forward mode {apart[0][1]:.6g}" if apart else ""
        verdict: Verdict = "wrong" if apart else "correct"
        off = max(deviation(a, b) for a, b, _ in pairs)
        return GradientRow(self.order, self.argument, "both", verdict, len(pairs), off, note)

    def _element(self, mode: str, direction: Array) -> tuple[int, ...] | None:
        """An element whose slope is wrong, found by halving the direction; None if every half is right."""
        places = np.flatnonzero(direction)
        while len(places) > 1:
            for half in np.array_split(places, 2):
                part = np.zeros_like(direction)
                part.flat[half] = direction.flat[half]
                if self._verdict(mode, part) == "wrong":
                    places = half
                    break
            else:
                return None
        index = _index(int(places[0]), self.array)
        return index if self._verdict(mode, unit(self.array, index)) == "wrong" else None

    def _hidden_kink(self, mode: str, index: tuple[int, ...]) -> bool:
        """Whether kinks lie at this very point that cancel in the result, as in ``relu(x) - maximum(x, 0)``.

        Then a step away the slope is right, and here some function stands at its kink.
        """
        if not self.probe.at_kink():
            return False
        beside = self.probe.near(self.rng)
        direction = unit(self.array, index)
        return judge(beside.claimed(mode, self.i, direction), beside.measured(self.i, direction)) != "wrong"

    def _message(self, mode: str, index: tuple[int, ...]) -> str:
        claimed, measured = self._slopes(mode, index)
        others = [place for place in self._elements() if place != index]
        ratios = [
            a / b
            for a, b in (self._slopes(mode, place) for place in (index, *others))
            if b and abs(b) > 1e-9 * abs(measured)
        ]
        words = ratio_words(ratios, claimed)
        same = " at every element that was looked at" if words and len(ratios) > 1 else ""
        if not words and measured:
            words = ratio_words([claimed / measured], claimed) if len(ratios) > 1 else ""
            same = " at this element, and not at others" if words else ""
        element = f" at element [{', '.join(map(str, index))}]" if index else ""
        mixed = "" if self.probe.single else " (for random weights of the results)"
        return (
            f"with respect to {self.argument} is wrong{element}{mixed}: {mode} mode gives {claimed:.6g}, "
            f"differences give {measured:.6g}{f': {words}{same}' if words else ''}."
        )

    def _slopes(self, mode: str, index: tuple[int, ...]) -> tuple[float, float]:
        direction = unit(self.array, index)
        return self.probe.claimed(mode, self.i, direction), self.probe.measured(self.i, direction).value


def _index(number: int, array: Array) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(number, np.shape(array)))
