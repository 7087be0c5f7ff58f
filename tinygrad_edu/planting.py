"""Mistakes planted in lines of a derivation: each kind is a way to write an expression wrongly."""

import ast
import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple


class Plant(NamedTuple):
    """One line, written wrongly.

    Attributes
    ----------
    kind : str
        An identifier of the catalogue of mistakes.
    name : str
        What the line is the gradient of: ``"z2"`` for ``dz2 = ...``.
    right, wrong : str
        The line as it should be, and as it is planted.
    """

    kind: str
    name: str
    right: str
    wrong: str


HINTS = {
    "sign": "Which way round is a difference taken? The gradient points uphill.",
    "constant-factor": "A mean is a sum divided by a number: is it divided by in every line that needs it?",
    "missing-derivative": "The chain rule has a factor for every function on the way. Is there one for each?",
    "wrong-activation": "Every activation has a derivative of its own. Is it that of the one in the loss?",
    "wrong-point": "A derivative written with the function's value needs the value, not the argument.",
    "operand": "Which incoming gradient belongs on the right-hand side of each line?",
    "mean-for-sum": "What is used by all samples collects a gradient from each: is it added up or averaged?",
    "transposed": "A gradient has the shape of what it is the gradient of.",
}
"""For each kind a hint that does not name the line."""


def plants(line: str, known: Collection[str]) -> Iterator[Plant]:
    """All mistakes that can be made in a line such as ``dz2 = da2 * a2 * (1 - a2)``.

    Parameters
    ----------
    line : str
        An assignment; the name before ``=`` is a ``d`` and what it is the gradient of.
    known : collection of str
        The variables that have a value when the line is reached.

    Examples
    --------
    >>> for plant in plants("dz = (a - y) / N", {"a", "y", "N"}):
    ...     print(f"{plant.kind}: {plant.wrong}")
    constant-factor: dz = a - y
    sign: dz = (y - a) / N
    """
    target, expression = line.split(" = ", 1)
    for node in ast.walk(ast.parse(expression, mode="eval").body):
        if not isinstance(node, ast.expr):
            continue
        before, after = expression[: node.col_offset], expression[node.end_col_offset :]
        for kind, mistake in MISTAKES:
            for wrong in mistake(node, known):
                text = ast.unparse(ast.parse(f"{before}({wrong}){after}", mode="eval"))
                yield Plant(kind, target.removeprefix("d"), line, f"{target} = {text}")


def _sign(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """``b - a`` for ``a - b``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Name):
        yield f"{ast.unparse(node.right)} - {ast.unparse(node.left)}"


def _factor(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """``x`` for ``x / N``."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield ast.unparse(node.left)


def _slope(node: ast.expr) -> tuple[str, str] | None:
    """Of ``g * a * (1 - a)`` the two parts ``g`` and ``a``."""
    found = re.fullmatch(r"(.+) \* (\w+) \* \(1 - \2\)", ast.unparse(node))
    return (found[1], found[2]) if found else None


def _derivative(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """``g`` for ``g * a * (1 - a)``."""
    if slope := _slope(node):
        yield slope[0]


def _activation(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """The derivative of tanh for that of the sigmoid."""
    if slope := _slope(node):
        yield f"{slope[0]} * (1 - {slope[1]} * {slope[1]})"


def _point(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """The argument of an activation, z1 or s, where its value, a1 or f, belongs."""
    if slope := _slope(node):
        argument = slope[1].replace("a", "z").replace("f", "s")
        if argument in known:
            yield f"{slope[0]} * {argument} * (1 - {argument})"


def _operand(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """Another gradient that is there already."""
    if isinstance(node, ast.Name) and node.id.startswith("d"):
        yield from (other for other in sorted(known) if other.startswith("d") and other != node.id)


def _mean(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """A mean for a sum."""
    if isinstance(node, ast.Call) and re.search(r"\bsum\(", text := ast.unparse(node)):
        yield re.sub(r"\bsum\(", "mean(", text, count=1)


def _transposed(node: ast.expr, known: Collection[str]) -> Iterator[str]:
    """``b.T @ a`` for ``a.T @ b``."""
    is_product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
    if isinstance(node, ast.BinOp) and is_product and isinstance(node.left, ast.Attribute):
        yield f"{ast.unparse(node.right)}.T @ {ast.unparse(node.left.value)}"


MISTAKES: tuple[tuple[str, Callable[[ast.expr, Collection[str]], Iterator[str]]], ...] = (
    ("sign", _sign),
    ("constant-factor", _factor),
    ("missing-derivative", _derivative),
    ("wrong-activation", _activation),
    ("wrong-point", _point),
    ("operand", _operand),
    ("mean-for-sum", _mean),
    ("transposed", _transposed),
)
