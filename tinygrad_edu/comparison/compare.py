"""tg.compare: the manual gradients that a person gives, matched to the Values of a graph and judged."""

import inspect
import itertools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.comparison.matching import Manual, named_nodes, stated_gradients, unknown_name
from tinygrad_edu.comparison.result import Comparison, Finding, Row
from tinygrad_edu.comparison.verdicts import SEVERITY, Judgement, judge
from tinygrad_edu.errors import ArgumentError, DataTypeError
from tinygrad_edu.fitting import seed_for
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import history
from tinygrad_edu.value import Value

Array = Any
Inputs = Mapping[str, Any]

FRESH_PROBES = 2
ATTEMPTS = 10
DISTANCE = 1 / 10
"""How far a fresh probe moves the inputs, relative to their size."""


def compare(
    loss: Value | Callable[..., Any],
    manual: Manual | Callable[..., Manual],
    inputs: Inputs | None = None,
    probes: Callable[[np.random.Generator], Inputs] | None = None,
) -> Comparison:
    """Hold manual gradients against automatic ones, Value by Value.

    Parameters
    ----------
    loss : Value or callable
        A recorded loss; or, with `inputs`, a function ``loss(**inputs)`` that gives one.
    manual : mapping or callable
        Gradients by name (or by Value): of parameters, of intermediate results, of any subset. With
        `inputs`, a function that returns such a mapping. It is called with whatever its parameters are
        named after: inputs, and named intermediate results as they were recorded (plain arrays).
    inputs : mapping of str to array, optional
        The arguments of the two functions. Those that are floating point become Values of these names.
    probes : callable, optional
        ``probes(rng)`` gives further inputs to compare at. Without it, the inputs whose gradients the manual
        function gives are moved a little, twice; data stay as they are, since they may have to be whole
        numbers, probabilities or labels.

    Returns
    -------
    Comparison
        One row for every named Value. ``print`` it, ask for ``.ok``, or call ``.raise_if_wrong()`` in a test.

    Raises
    ------
    ArgumentError
        For a name that the graph does not know (with the nearest ones), and a name that stands for two
        Values.
    NonScalarError
        If the loss is not a single number.

    Notes
    -----
    ``.grad`` is left alone. A difference counts as rounding if it is no larger than what changes in the
    last digits of the numbers in the forward pass can cause.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
    >>> w = tg.Value(0.5, name="w")
    >>> loss = np.mean((w * x - y) ** 2) / 2
    >>> tg.compare(loss, {"w": np.mean((0.5 * x - y) * x)}).ok
    True
    >>> print(tg.compare(loss, {"w": np.mean(0.5 * x - y)}).summary())
    The mistake is at w.
    """
    frame = sys._getframe(1)
    if inputs is None:
        if not isinstance(manual, Mapping) or not isinstance(loss, Value):
            raise ArgumentError(
                "compare takes a recorded loss and a mapping of gradients, compare(loss, manual), or two "
                "functions and their inputs, compare(loss_fn, manual_fn, inputs)."
            )
        return _comparison([_at_recorded_point(loss, manual, frame)])
    if not callable(loss) or not callable(manual):
        raise ArgumentError(
            "compare(loss_fn, manual_fn, inputs): with inputs, the first two arguments are functions."
        )
    if not isinstance(inputs, Mapping):
        raise ArgumentError(
            f"compare(loss_fn, manual_fn, inputs): inputs is a dict from argument names to arrays, not a "
            f"{type(inputs).__name__}."
        )
    return _comparison(list(_at_probes(loss, manual, inputs, probes, frame)))


Probe = list[tuple[str, Node, Judgement | None, Any]]
"""For every named node its label, the judgement if there was a manual gradient, and that gradient."""


def _at_recorded_point(loss: Value, manual: Manual, frame: FrameType) -> Probe:
    seed = seed_for(loss)
    nodes = history(loss)
    known = {node: label for node, label in named_nodes(nodes, frame).items() if node.is_float}
    stated = stated_gradients(manual, known, set(nodes))
    judgements = judge(nodes, seed, stated, known)
    unnamed = (f"unnamed#{i}" if i > 1 else "unnamed" for i in itertools.count(1))
    rows = [(known.get(node) or next(unnamed), node) for node in nodes if node in known or node in stated]
    return [(label, node, judgements.get(node), stated.get(node)) for label, node in reversed(rows)]


def _at_probes(
    loss: Callable[..., Any],
    manual: Callable[..., Manual],
    inputs: Inputs,
    probes: Callable[[np.random.Generator], Inputs] | None,
    frame: FrameType,
) -> Iterable[Probe]:
    first = _at_inputs(_recorded(loss, inputs), manual, inputs, frame)
    yield first
    moving = {label for label, _, judged, _ in first if judged is not None} & set(inputs)
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
    recorded = {label: node._data for node, label in named_nodes(history(out), frame).items()}
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
    return _at_recorded_point(out, gradients, frame)


def _comparison(probes: Sequence[Probe]) -> Comparison:
    """The rows of all probes, each with its worst verdict."""
    others = [{label: (node, judgement, m) for label, node, judgement, m in probe} for probe in probes]
    rows = []
    first = {label: node for probe in reversed(probes) for label, node, _, _ in probe}
    order = dict.fromkeys(label for probe in probes for label, _, _, _ in probe)
    for label, node in ((label, first[label]) for label in order):
        seen = [probe[label] for probe in others if label in probe]
        found = [(judged, m) for _, judged, m in seen if judged is not None]
        if not found:
            rows.append(Row(label, node.shape, "not-compared", float("nan"), float("nan"), ()))
            continue
        worst, stated = max(
            found, key=lambda entry: (SEVERITY.index(entry[0].verdict), entry[0].max_relative_error)
        )
        rows.append(_row(label, node, worst, stated))
    return Comparison(tuple(rows), len(probes))


def _row(label: str, node: Node, judged: Judgement, stated: Any) -> Row:
    findings: tuple[Finding, ...] = ()
    note = ""
    if judged.verdict == "not-comparable":
        note = f"has shape {np.shape(stated)}, must have {node.shape}"
    elif judged.missing:
        note = "the gradient is missing"
        findings = (
            Finding("missing-gradient", label, f"The gradient of {label} is missing, and it is not 0."),
        )
    elif judged.verdict in ("own", "inherited") and judged.worst_index:
        note = f"worst at [{', '.join(map(str, judged.worst_index))}]"
    return Row(
        label,
        node.shape,
        judged.verdict,
        judged.max_relative_error,
        judged.max_absolute_error,
        judged.worst_index,
        note,
        findings,
        judged.located,
    )


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
