"""What everything in a graph is called: Values, and the plain arrays among the operands. Knows no formula."""

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import names
from tinygrad_edu.node import Node
from tinygrad_edu.program.notation import MINUS, pretty_name
from tinygrad_edu.rules.shaping import HOLE, getitem

Use = tuple[Node, int]
"""An operation, and the position of an operand among its arguments."""

SIMPLE: dict[str, Callable[[Any], Any]] = {
    f"1 {MINUS} {{}}": lambda y: 1 - y,
    f"{{}} {MINUS} 1": lambda y: y - 1,
    f"{MINUS}{{}}": lambda y: -y,
}
"""What is often computed from labels before a Value comes in."""


class Origin(NamedTuple):
    """How a plain array follows from one that has a name."""

    form: str
    compute: Callable[[Any], Any]
    array: Any
    numbers: Any  # of the array, as they were recorded


class Labels:
    """The names in one graph: no two things have the same one, and some have none.

    Parameters
    ----------
    nodes : sequence of Node
        What the labels are for; kept, so that nothing else can take the place of what has a name.
    names : mapping
        Names by identity, for Values and plain operands.
    originals : mapping
        For a stand-in, what it stands for.
    origins : callable
        Gives, for plain arrays without a name, by identity, what they were made of before a Value came in;
        not called before somebody asks.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        names: Mapping[int, str],
        originals: Mapping[Node, Any] | None = None,
        origins: Callable[[], Mapping[int, Origin]] = dict,
    ) -> None:
        self._nodes = tuple(nodes)
        self._names = dict(names)
        self._originals = dict(originals or {})
        self._origins = origins

    def name_of(self, operand: Any) -> str | None:
        """The name of a Value or plain operand as the program has it, ``"W1"`` or ``"h#2"``, or None."""
        return self._names.get(id(self.original(operand)))

    def original(self, operand: Any) -> Any:
        """What `operand` stands for; itself, unless it is a stand-in."""
        return self._originals.get(operand, operand) if isinstance(operand, Node) else operand

    def origin_of(self, operand: Any) -> Origin | None:
        """What a plain array without a name was made of, as the ``1 − y`` of a cross-entropy; else None."""
        return self._origins().get(id(self.original(operand)))

    def with_stand_ins(self, originals: Mapping[Node, Any], named: Mapping[Node, str]) -> "Labels":
        """These labels, with stand-ins that go by the names of their originals, and with more named nodes."""
        kept = (*self._nodes, *originals, *named)
        names = {**self._names, **{id(node): name for node, name in named.items()}}
        return Labels(kept, names, originals, self._origins)


def labels_of(nodes: Sequence[Node], frame: FrameType | None = None) -> Labels:
    """Names for all `nodes` and for the plain arrays among their operands.

    A Value has the name it was given, else that of the variable it was first stored in, or, if a function
    returned it, of the one that the caller stored it in and computed with. A plain array, and a leaf that was
    never stored, has the name of the variable it was loaded from. What is left has the name of
    a variable in `frame`, or none. Variables of rules and sweeps do not count, and numbers need no name.

    Parameters
    ----------
    nodes : sequence of Node
        In the order of their serial numbers, as `sweeps.history` gives them.
    frame : frame, optional
        Where the names are asked for; its variables and those around it are searched last.

    Returns
    -------
    Labels
        A name that stands for several things is ``h``, ``h#2``, ``h#3`` in the order of computation.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> from tinygrad_edu.sweeps import history
    >>> X, w = np.eye(2), tg.Value([1.0, 2.0])
    >>> h = X @ w
    >>> h = h * 2
    >>> labels = labels_of(history(h))
    >>> labels.name_of(X), labels.name_of(w), labels.name_of(h)
    ('X', 'w', 'h#2')
    """
    uses: dict[int, list[Use]] = {}
    for node in nodes:
        for position, arg in enumerate(node.args):
            uses.setdefault(id(arg), []).append((node, position))
    held = names.held_names(frame) if frame is not None else {}
    found: dict[int, str] = {}
    times: Counter[str] = Counter()
    for operand in _in_order(nodes):
        name = _name(operand, uses.get(id(operand), ())) or held.get(id(operand))
        if name is not None:
            shown = pretty_name(name)
            times[shown] += 1
            found[id(operand)] = name if times[shown] == 1 else f"{name}#{times[shown]}"
    return Labels(nodes, found, origins=functools.cache(lambda: _told_by(nodes, found)))


def _told_by(nodes: Sequence[Node], names: Mapping[int, str]) -> dict[int, Origin]:
    """Which plain arrays without a name are one of `SIMPLE` of one that has a name, to the last bit."""
    arrays = {
        id(arg): (arg, data)
        for node in nodes
        for arg, data in zip(node.args, node.operands, strict=True)
        if isinstance(arg, np.ndarray) and arg.ndim and data.dtype.kind == "f"
    }
    made = {
        _numbers_of(compute(data)): Origin(form, compute, y, data)
        for key, (y, data) in arrays.items()
        if key in names
        for form, compute in SIMPLE.items()
    }
    found = {key: made.get(_numbers_of(data)) for key, (_, data) in arrays.items() if key not in names}
    return {key: origin for key, origin in found.items() if origin is not None}


def _numbers_of(data: Any) -> tuple[Any, ...]:
    """What two arrays have in common that are equal; −0 is 0."""
    return data.shape, data.dtype, (data + 0.0).tobytes()


def _in_order(nodes: Sequence[Node]) -> Iterator[Any]:
    """Everything that may have a name, once: each plain operand comes before the first operation on it."""
    seen: set[int] = set()
    for node in nodes:
        for operand in (*node.args, node):
            if id(operand) not in seen and type(operand) not in (int, float, bool):
                seen.add(id(operand))
                yield operand


def _name(operand: Any, uses: Sequence[Use]) -> str | None:
    name: str | None = None
    if isinstance(operand, Node):
        name = operand.name
    if name is None:
        is_result = isinstance(operand, Node) and bool(operand.args)
        code = operand.code if is_result else None
        if not is_result or (code is not None and not names.is_internal(code)):
            name = next(filter(None, (_loaded_from(*use, code) for use in uses)), None)
    return name


def _loaded_from(node: Node, position: int, returned_by: CodeType | None) -> str | None:
    """The variable that an operand was loaded from, where a call has one argument for each operand.

    A result is in no variable of the function that returned it; the one of the caller was stored by the call.
    """
    primitive = node.primitive
    if node.code is None or primitive is None or primitive.variadic:
        return None
    if primitive is getitem and position > 0 and node.params["index"] != (HOLE,):
        return None
    if returned_by is not None:
        other = node.code is not returned_by
        return names.receiving_name(node.code, node.offset, position) if other else None
    return names.operand_name(node.code, node.offset, position)
