"""Manual gradients as a person names them, matched to the Values of a graph."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tinygrad_edu import names
from tinygrad_edu.comparison.foreign import gradient_of
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node

Array = Any
Manual = Mapping[Any, Any]


def stated_gradients(
    manual: Manual, known: Mapping[Node, str], nodes: Collection[Node]
) -> dict[Node, Array | None]:
    """The manual gradients by node, as arrays; `known` are those of the `nodes` that have a name.

    Raises
    ------
    ArgumentError
        For a name that no Value has, one that several Values were given, a gradient given twice, and a Value
        that the loss was not computed from.
    DataTypeError
        For a gradient that is not made of real numbers.
    """
    _refuse_double_names(known, manual)
    by_label = {label: node for node, label in known.items()}
    stated: dict[Node, Array | None] = {}
    for key, gradient in manual.items():
        node = _node_of(key, by_label, nodes)
        if node in stated:
            raise ArgumentError(f"compare: a gradient of {known.get(node, key)!r} is given twice.")
        stated[node] = None if gradient is None else gradient_of(gradient, f"the manual gradient of {key!r}")
    return stated


def _node_of(key: Any, by_label: Mapping[str, Node], nodes: Collection[Node]) -> Node:
    if isinstance(key, Node):
        if key not in nodes or not key.is_float:
            raise ArgumentError(f"compare: the loss has no gradient with respect to {key!r}, which is a key.")
        return key
    if key not in by_label:
        raise ArgumentError(unknown_name(f"compare: no Value is named {key!r}", str(key), by_label))
    return by_label[key]


def _refuse_double_names(known: Mapping[Node, str], manual: Manual) -> None:
    """Two Values with the same given name cannot be told apart by that name."""
    owners: dict[str, list[Node]] = {}
    for node in known:
        if node._name is not None:
            owners.setdefault(node._name, []).append(node)
    for name, nodes in owners.items():
        if len(nodes) > 1 and name in manual:
            shapes = " and ".join(str(node.shape) for node in nodes)
            raise ArgumentError(
                f"compare: {len(nodes)} Values are named {name!r} (of shapes {shapes}). Give them different "
                f"names, or use the Values themselves as keys."
            )


def unknown_name(what: str, name: str, candidates: Iterable[str]) -> str:
    """A message about a name that does not exist, with the nearest ones that do."""
    nearest = names.nearest(name, candidates)
    if nearest:
        return f"{what}. Did you mean {' or '.join(map(repr, nearest))}?"
    cure = f" What a function returned is named by tg.named(..., {name!r})." if name.isidentifier() else ""
    return f"{what}. Known are: {', '.join(sorted(candidates))}.{cure}"
