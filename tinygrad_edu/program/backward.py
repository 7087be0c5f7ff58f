"""What a rule does to the incoming gradient, as a formula: the rule is run, and the record printed."""

from contextvars import Context
from typing import Any

import numpy as np

from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.labels import Labels
from tinygrad_edu.program.notation import NOTATION, SAME, pretty_name
from tinygrad_edu.program.text import LIMIT, expression
from tinygrad_edu.rules.reductions import spread
from tinygrad_edu.rules.shaping import broadcast_to, cast

INCOMING = "▲"

RULE_NOTATION = NOTATION | {spread: SAME, broadcast_to: SAME, cast: SAME}
"""In a rule, a gradient that is repeated along an axis goes by the name it has."""


def backward_label(node: Node, position: int, labels: Labels, limit: int = LIMIT) -> str | None:
    """The contribution of a node's gradient ▲ to that of one argument: ``"▲ × h(1 − h)"``, ``"Xᵀ @ ▲"``.

    Parameters
    ----------
    node : Node
        An operation.
    position : int
        The position of the argument; ``a * a`` has two.
    labels : Labels
        The names in the graph of the node.
    limit : int
        The length up to which operands without a name are written out.

    Returns
    -------
    str or None
        None where no gradient passes. A rule that cannot be recorded is written as ``▲ · ∂y/∂x``.

    Notes
    -----
    The rule runs on stand-ins for the operands and in a context of its own: no graph is touched.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> from tinygrad_edu.program import labels_of
    >>> from tinygrad_edu.sweeps import history
    >>> a, b = tg.Value(np.ones((4, 3))), tg.Value(np.ones(3))
    >>> h = tg.sigmoid(a)
    >>> s = h + b
    >>> labels = labels_of(history(s))
    >>> backward_label(h, 0, labels), backward_label(s, 1, labels)
    ('▲ × h(1 − h)', 'Σ▲ rows')
    """
    arg = node.args[position]
    assert node.primitive is not None
    rule = node.primitive.rules_for(len(node.args))[position]
    if rule is None or not (isinstance(arg, Node) and arg.is_float and node.is_float):
        return None
    try:
        return Context().run(_printed, node, position, node.primitive, labels, limit)
    except Exception:  # noqa: BLE001 (a rule may fail in any way: a picture shows that there is one)
        above = pretty_name(labels.name_of(node) or node.primitive.name)
        below = pretty_name(labels.name_of(arg) or f"x{position + 1}")
        return f"{INCOMING} · ∂{above}/∂{below}"


def _printed(node: Node, position: int, primitive: Primitive, labels: Labels, limit: int) -> str:
    """The record of one run of a rule, as text."""
    rule = primitive.rules_for(len(node.args))[position]
    assert rule is not None
    g = node.leaf(np.ones(node.shape, node.dtype)[()])
    stand_ins: dict[int, Node] = {}

    def stand_in(original: Any, data: Any) -> Any:
        if not isinstance(original, Node) and np.ndim(data) == 0:
            return original
        return stand_ins.setdefault(id(original), node.leaf(data))

    inputs = [stand_in(arg, data) for arg, data in zip(node.args, node.operands, strict=True)]
    out = stand_in(node, node._data)
    originals = {stand_ins[id(arg)]: arg for arg in (*node.args, node) if id(arg) in stand_ins}
    with np.errstate(all="ignore"):
        term = rule(g, out, *inputs, **node.params)
        term = fitted(term, node.operands[position], primitive, position, node)
    return expression(term, labels.with_stand_ins(originals, {g: INCOMING}), limit, RULE_NOTATION)
