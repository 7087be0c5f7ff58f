"""Rules as formulas: the rule of a primitive in general, and what it gives in one place of a graph."""

from collections.abc import Mapping, Sequence
from contextvars import Context
from typing import Any

import numpy as np

from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.fitting import fitted
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.program.entries import Entry
from tinygrad_edu.program.formulas import printer_of, simplest
from tinygrad_edu.program.labels import Labels
from tinygrad_edu.program.syntaxes import Syntax
from tinygrad_edu.value import Value

LETTERS = ("x", "y", "z")


def rule_formula(
    primitive: Primitive,
    position: int = 0,
    syntax: Syntax = "text",
    args: Sequence[Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> str | None:
    """The rule of a primitive for one argument: what the gradient ``g`` of the result ``out`` becomes there.

    Parameters
    ----------
    primitive : Primitive
        Such as `tinygrad_edu.rules.arithmetic.multiply`.
    position : int
        Of the argument, which is called x, y or z (x1, x2 and so on, if there are more).
    syntax : {"text", "latex", "mathml", "numpy"}
        As for `formula`.
    args : sequence of arrays, optional
        An example, whose shapes decide how the rule reads. Without it, numbers for elementwise primitives,
        and matrices for all others.
    settings : mapping, optional
        The settings of the example.

    Returns
    -------
    str or None
        None where no gradient passes.

    Raises
    ------
    ArgumentError
        If the primitive does not take the example.

    Examples
    --------
    >>> from tinygrad_edu.program import rule_formula
    >>> from tinygrad_edu.rules import matmul, sigmoid
    >>> from tinygrad_edu.rules.arithmetic import divide
    >>> rule_formula(sigmoid), rule_formula(divide, 1), rule_formula(matmul, 1)
    ('g out (1 − out)', '−g out / y', 'xᵀ g')
    """
    count = max(len(primitive.rules), len(args or ()))
    if args is None:
        example = np.float64(0.5) if primitive.kind in ("elementwise", "flat") else np.eye(2) + 0.5
        args = [example] * (2 if primitive.variadic else count)
    return Context().run(_rule, primitive, position, args, dict(settings or {}), syntax)


def _rule(
    primitive: Primitive, position: int, args: Sequence[Any], settings: dict[str, Any], syntax: str
) -> str | None:
    letters = LETTERS if len(args) <= len(LETTERS) else tuple(f"x{i + 1}" for i in range(len(args)))
    inputs = [Value.leaf(np.array(arg)[()]) for arg in args]
    try:
        with np.errstate(all="ignore"):
            out = primitive(inputs, **settings) if primitive.variadic else primitive(*inputs, **settings)
    except Exception as error:  # noqa: BLE001 (whatever it was, another example may help)
        raise ArgumentError(
            f"rule_formula({primitive.name}): give an example that it takes, args=[...], settings={{...}}: "
            f"{error}"
        ) from None
    g = Value.leaf(np.ones(out.shape)[()])
    names = {id(node): name for node, name in zip(inputs, letters, strict=False)}
    names |= {id(out): "out", id(g): "g"}
    labels = Labels([*inputs, out, g], names)
    found = local_term(out, position, g, labels)
    return None if found is None else printer_of(syntax).text(found)


def local_term(node: Node, position: int, g: Any, labels: Labels) -> Entry | None:
    """What the gradient ``g`` of a node contributes to that of one argument, simplified; None for nothing.

    Parameters
    ----------
    node : Node
        An operation.
    position : int
        Of the argument.
    g : Node or array
        The gradient of the node. As a node with a name it is called by it.
    labels : Labels
        The names of all that the rule may meet; what has none is written out.
    """
    assert node.primitive is not None
    rule = node.primitive.rules_for(len(node.args))[position]
    arg = node.args[position]
    if rule is None or not (isinstance(arg, Node) and arg.is_float and node.is_float):
        return None
    with np.errstate(all="ignore"):
        term = rule(g, node, *node.args, **node.params)
        term = fitted(term, node.operands[position], node.primitive, position, node)
    if not isinstance(term, Node):
        term = Value.leaf(np.asarray(term)[()])
    return simplest(term, labels)
