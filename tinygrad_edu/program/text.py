"""Operations as short lines of text, ``h = σ(a₁)``: what is called by its name, written out, or left out."""

from collections.abc import Mapping
from typing import Any

from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.forms import FORMS, Piece, chosen_settings
from tinygrad_edu.program.labels import Labels
from tinygrad_edu.program.literals import data_text
from tinygrad_edu.program.notation import ATOM, ELIDED, MINUS, NOTATION, SIGN, SUM, Notation, pretty_name

LIMIT = 28
"""How long a formula may become by writing out operands that have no name."""

Table = Mapping[Primitive, Notation]


def title(node: Node, labels: Labels, limit: int = LIMIT) -> str:
    """What a node is: ``"h = σ(a₁)"``; of a leaf its name, of an operation without a name what it computes.

    Parameters
    ----------
    node : Node
        The node to be described.
    labels : Labels
        The names in its graph.
    limit : int
        The length of the formula up to which operands without a name are written out.
    """
    name = labels.name_of(node)
    if name is None or node.is_leaf:
        return expression(node, labels, limit)
    return f"{pretty_name(name)} = {expression(node, labels, limit)}"


def expression(node: Node, labels: Labels, limit: int = LIMIT, table: Table = NOTATION) -> str:
    """What a node computes, from the names of its operands: ``"σ(a₁)"``, ``"(f − y)²"``.

    Parameters
    ----------
    node : Node
        An operation; of a leaf, the name or the numbers are written.
    labels : Labels
        The names in its graph. Operands without a name are written out in place.
    limit : int
        The length up to which they are, the outer ones first; what would be too long is ``…``.
    table : mapping
        How each primitive is written.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> from tinygrad_edu.program import labels_of
    >>> from tinygrad_edu.sweeps import history
    >>> f, y = tg.Value([1.0, 2.0]), np.array([0.0, 1.0])
    >>> loss = np.mean((f - y) ** 2) / 2
    >>> labels = labels_of(history(loss))
    >>> expression(loss, labels), expression(loss, labels, limit=12)
    ('mean((f − y)²) / 2', 'mean(…²) / 2')
    """
    if node.is_leaf:
        return _Writing(labels, table, {}).operand(node, node._data).text
    shown = {node: None}
    writing = _Writing(labels, table, shown)
    text = writing.operation(node).text
    waiting = list(writing.left_out) if len(text) <= limit else []
    for operand in waiting:  # grows while it is walked
        if len(shown) > limit:
            break
        longer = _Writing(labels, table, {**shown, operand: None})
        candidate = longer.operation(node).text
        if len(candidate) <= limit:
            waiting += [found for found in longer.left_out if found not in writing.left_out]
            text, shown, writing = candidate, longer.shown, longer
    return text


def array_text(array: Any, labels: Labels) -> str:
    """What a plain array without a name is: ``1 − y``, or just an array."""
    origin = labels.origin_of(array)
    return "array" if origin is None else origin.form.format(pretty_name(labels.name_of(origin.array) or ""))


class _Writing:
    """One attempt at writing an operation: operands without a name are written out if they are in `shown`."""

    def __init__(self, labels: Labels, table: Table, shown: dict[Node, None]) -> None:
        self.labels, self.table, self.shown = labels, table, shown
        self.left_out: dict[Node, None] = {}

    def operation(self, node: Node) -> Piece:
        """What a node computes."""
        assert node.primitive is not None
        called = Notation("call", node.primitive.name)
        notation = self.table.get(node.primitive, called)
        if notation.form in ("prefix", "postfix") and chosen_settings(node) != notation.settings:
            notation = called
        operands = [self.operand(arg, data) for arg, data in zip(node.args, node.operands, strict=True)]
        return FORMS[notation.form](notation, operands, node)

    def operand(self, arg: Any, recorded: Any) -> Piece:
        """The name of an operand, or what it computes, or its numbers as they were when it was recorded."""
        arg = self.labels.original(arg)
        name = self.labels.name_of(arg)
        if name is not None:
            return Piece(pretty_name(name))
        if self.labels.origin_of(arg) is not None:
            return Piece(array_text(arg, self.labels), SUM, MINUS)
        if not isinstance(arg, Node) or arg.is_leaf:
            text = data_text(recorded)
            return Piece(text, SIGN if text.startswith(MINUS) else ATOM)
        if arg in self.shown:
            return self.operation(arg)
        self.left_out[arg] = None
        return Piece(ELIDED)
