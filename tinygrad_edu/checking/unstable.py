"""Functions that are here in a stable form, recognised where they were written out."""

from collections.abc import Iterable, Iterator
from typing import Any

from tinygrad_edu.checking.causes import EXPONENTIALS, LOGARITHMS, QUOTIENTS
from tinygrad_edu.node import Node

THROUGH = frozenset(
    {"getitem", "reshape", "squeeze", "expand_dims", "ravel", "transpose", "broadcast_to", "take_along_axis"}
)
"""What only picks or arranges numbers."""
MIXED = THROUGH | {"add", "subtract", "multiply", "sum", "maximum", "minimum", "clip", "where"}
"""What may be done to a probability before its logarithm is taken: 1 − p, p + ε, Σ y p."""

OF_QUOTIENT = {
    "softmax": "This is a softmax: tg.softmax subtracts the maximum first.",
    "sigmoid": "This is a sigmoid: tg.sigmoid lets no large number into the exponential.",
}
OF_LOGARITHM = {
    "softmax": (
        "The logarithm of a softmax is tg.log_softmax, which never takes the logarithm of 0; a loss on its "
        "arguments, the logits, is tg.cross_entropy."
    ),
    "sigmoid": (
        "The logarithm of sigmoid(z) is −tg.softplus(−z), which never takes the logarithm of 0; a loss on z, "
        "the logits, is tg.binary_cross_entropy_with_logits."
    ),
    "sum": "The logarithm of a sum of exponentials is tg.logsumexp, which subtracts the maximum first.",
    "add": "log(1 + exp(z)) is tg.softplus(z), which lets no large number into the exponential.",
}


STEPS = MIXED | LOGARITHMS | QUOTIENTS


def stable_form(made: Node, nodes: Iterable[Node]) -> str | None:
    """What is here for the function that `made` is a step of; None if nothing is known.

    Parameters
    ----------
    made : Node
        A logarithm, an exponential, a sum or a quotient.
    nodes : iterable of Node
        All of the graph, in order.
    """
    later = {made: None}
    for node in nodes:
        if _name(node) in STEPS and any(arg in later for arg in node.args if isinstance(arg, Node)):
            later[node] = None
    for names, recognised, cures in (
        (LOGARITHMS, _logarithm_of, OF_LOGARITHM),
        (QUOTIENTS, _quotient, OF_QUOTIENT),
    ):
        for node in reversed(later):
            if _name(node) in names and (found := recognised(node)):
                return cures[found]
    return None


def _logarithm_of(node: Node) -> str | None:
    """What a logarithm is taken of: exponentials that were added up, or a probability."""
    (x,) = node.args
    return _added_up(x) or next(filter(None, map(_probability, _behind(x, MIXED))), None)


def _probability(node: Node) -> str | None:
    name = _name(node)
    return name if name in OF_QUOTIENT else _quotient(node) if name in QUOTIENTS else None


def _quotient(node: Node) -> str | None:
    """Which of the functions divides by exponentials that were added up."""
    return {"sum": "softmax", "add": "sigmoid"}.get(_added_up(node.args[-1]) or "")


def _added_up(x: Any) -> str | None:
    """How exponentials were added up to x: by a sum of many, or to 1."""
    for node in _behind(x, THROUGH):
        powers = [_name(arg) in EXPONENTIALS for arg in node.args]
        if _name(node) == "sum" and powers[0]:
            return "sum"
        if _name(node) == "add" and any(powers) and any(arg == 1 for arg in node.args if _is_number(arg)):
            return "add"
    return None


def _behind(x: Any, passing: frozenset[str]) -> Iterator[Node]:
    """x itself, if it is a node, and what it was computed from by operations that may be passed."""
    waiting = [x] if isinstance(x, Node) else []
    found = set(waiting)
    for node in waiting:  # grows while it is walked
        yield node
        fresh = [arg for arg in node.args if isinstance(arg, Node) and arg not in found]
        if _name(node) in passing:
            waiting += fresh
            found.update(fresh)


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float))


def _name(x: Any) -> str:
    return x.primitive.name if isinstance(x, Node) and x.primitive is not None else ""
