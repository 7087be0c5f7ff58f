"""The points at which gradients are compared: the recorded one, or where two functions are evaluated."""

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.comparison.matching import Manual, stated_gradients, unknown_name
from tinygrad_edu.comparison.verdicts import Judgement, judge
from tinygrad_edu.errors import ArgumentError, DataTypeError
from tinygrad_edu.fitting import seed_for
from tinygrad_edu.node import Node
from tinygrad_edu.program import Labels, labels_of
from tinygrad_edu.sweeps import gradients_in_order, history
from tinygrad_edu.value import Value

Array = Any
Inputs = Mapping[str, Any]

FRESH_PROBES = 2
ATTEMPTS = 10
DISTANCE = 1 / 10
"""How far a fresh probe moves the inputs, relative to their size."""


@dataclass(frozen=True)
class Probe:
    """One point.

    Attributes
    ----------
    nodes, seed
        The history of the loss, and the gradient it starts from.
    labels : Labels
        What Values and plain arrays are called.
    rows : mapping of str to Node
        Every Value that has a name or a manual gradient, from the loss back.
    stated : mapping of Node to array or None
        The manual gradients.
    judgements : mapping of Node to Judgement
        What was found for each of them.
    """

    nodes: list[Node]
    seed: Array
    labels: Labels
    rows: Mapping[str, Node]
    stated: Mapping[Node, Array | None]
    judgements: Mapping[Node, Judgement]

    @cached_property
    def truth(self) -> list[Array]:
        """The automatic gradients, in the order of the nodes."""
        return gradients_in_order(self.nodes, self.seed)


def at_recorded_point(loss: Value, manual: Manual, frame: FrameType) -> Probe:
    """The point at which a loss was recorded; `frame` is where its Values may have their names."""
    seed = seed_for(loss)
    nodes = history(loss)
    labels = labels_of(nodes, frame)
    known = {node: name for node in nodes if node.is_float and (name := labels.name_of(node)) is not None}
    stated = stated_gradients(manual, known, set(nodes))
    judgements = judge(nodes, seed, stated, known)
    unnamed = (f"unnamed#{i}" if i > 1 else "unnamed" for i in itertools.count(1))
    rows = [(known.get(node) or next(unnamed), node) for node in nodes if node in known or node in stated]
    return Probe(nodes, seed, labels, dict(reversed(rows)), stated, judgements)


def at_probes(
    loss: Callable[..., Any],
    manual: Callable[..., Manual],
    inputs: Inputs,
    probes: Callable[[np.random.Generator], Inputs] | None,
    frame: FrameType,
) -> Iterable[Probe]:
    """The point that is given, and fresh ones; see `compare`."""
    _check_names(loss, manual, inputs)
    first = _at_inputs(_recorded(loss, inputs), manual, inputs, frame)
    yield first
    moving = {label for label, node in first.rows.items() if node in first.stated} & set(inputs)
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(ATTEMPTS if moving or probes else 0):
        fresh = (
            probes(rng) if probes else {k: _moved(x, rng) if k in moving else x for k, x in inputs.items()}
        )
        with np.errstate(all="ignore"):
            out = _recorded(loss, fresh)
            if all(np.all(np.isfinite(node._data)) for node in history(out)):
                yield _at_inputs(out, manual, fresh, frame)
                found += 1
        if found == FRESH_PROBES:
            return


def _check_names(loss: Callable[..., Any], manual: Callable[..., Manual], inputs: Inputs) -> None:
    """The inputs must be the arguments of the loss function: all of them, and no others.

    Raises
    ------
    ArgumentError
        If they are not.
    """
    try:
        signature = inspect.signature(loss)
    except (TypeError, ValueError):  # a compiled function, which does not tell
        return
    try:
        signature.bind(**inputs)
    except TypeError as error:
        theirs = ", ".join(inspect.signature(manual).parameters) or "nothing"
        raise ArgumentError(
            f"compare: inputs has {', '.join(inputs) or 'nothing'}, the loss function takes "
            f"{', '.join(signature.parameters) or 'nothing'} (the manual function {theirs}): {error}. "
            "The inputs are the arguments of the loss function, all of them and no others."
        ) from None


def _recorded(loss: Callable[..., Any], inputs: Inputs) -> Value:
    """The loss at these inputs, with a history."""
    out = loss(**{name: Value(x, name=name) if _is_float(x) else x for name, x in inputs.items()})
    if not isinstance(out, Value):
        raise DataTypeError(
            f"The loss function returned {type(out).__name__}, not a Value: did it convert its arguments to "
            f"plain numbers, or are all inputs whole numbers (1 for 1.0)?"
        )
    return out


def _at_inputs(out: Value, manual: Callable[..., Manual], inputs: Inputs, frame: FrameType) -> Probe:
    nodes = history(out)
    labels = labels_of(nodes, frame)
    recorded = {name: node._data for node in nodes if (name := labels.name_of(node)) is not None}
    available = {**recorded, **inputs}
    wanted = [
        name
        for name, parameter in inspect.signature(manual).parameters.items()
        if parameter.default is parameter.empty or name in available
    ]
    for name in wanted:
        if name not in available:
            raise ArgumentError(unknown_name(f"The manual function asks for {name!r}", name, available))
    gradients = manual(**{name: _own_copy(available[name]) for name in wanted})
    if not isinstance(gradients, Mapping):
        raise ArgumentError(
            f"The manual function returned {type(gradients).__name__}; it must return names -> gradients."
        )
    for name in gradients:
        if name in inputs and not _is_float(inputs[name]):
            raise ArgumentError(
                f"compare: the input {name!r} holds no floating point numbers, so it has no gradient. Write "
                f"1.0 instead of 1, and give the arrays of a nested structure as inputs of their own."
            )
    return at_recorded_point(out, gradients, frame)


def _own_copy(x: Any) -> Any:
    """What a function may overwrite without changing what was recorded; lists of numbers as arrays."""
    if isinstance(x, np.ndarray):
        return x.copy()
    return np.array(x) if isinstance(x, list) and _is_float(x) else x


def _is_float(x: Any) -> bool:
    if isinstance(x, list):
        x = np.asarray(x)
    return isinstance(x, float) or getattr(getattr(x, "dtype", None), "kind", "") == "f"


def _moved(x: Any, rng: np.random.Generator) -> Any:
    """An input a little further on, in every entry."""
    if not _is_float(x):
        return x
    array = np.asarray(x, dtype=getattr(x, "dtype", float))
    size = np.max(np.abs(array), initial=0)
    step = DISTANCE * (np.abs(array) + size + (size == 0))
    return (array + step * rng.uniform(-1, 1, array.shape)).astype(array.dtype)[()]
