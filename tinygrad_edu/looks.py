"""Numbers that left the record while a function ran, and the warning if its result depends on them unseen.

Whoever writes ``x.item()`` or ``x.data`` inside a function to be differentiated gets a plain number, and what
is computed from it is a constant. That is what these are for; but if nothing else leads from an argument to
the result, its gradient is 0 where a person may expect another one.
"""

import sys
import warnings
from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any, NamedTuple

from tinygrad_edu import names
from tinygrad_edu.context import Watch
from tinygrad_edu.errors import LostGradientWarning
from tinygrad_edu.node import Node
from tinygrad_edu.sweeps import history

OUT = {"data": ".data", "item": ".item()", "tolist": ".tolist()"}
"""The ways by which numbers leave the record, as they are written."""
MOST = 64
"""How many looks are remembered: each keeps a Value alive as long as the function runs."""


class Look(NamedTuple):
    """A Value whose numbers were taken, how, and where: a file, a line, and the variables of the module."""

    value: Node
    how: str
    file: str
    line: int
    module: dict[str, Any]


def noticing(looks: list[Look], outer: Watch | None) -> Watch:
    """A watch that remembers looks in a list, and tells the one that watched before."""
    seen: set[tuple[CodeType, int]] = set()

    def watch(value: Node, how: str) -> None:
        if how in OUT and value.is_float and len(looks) < MOST:
            frame = sys._getframe(1)
            while names.is_internal(frame.f_code) and frame.f_back is not None:
                frame = frame.f_back
            place = frame.f_code, frame.f_lasti
            if place not in seen:  # a loop takes one place of the list
                seen.add(place)
                looks.append(Look(value, how, frame.f_code.co_filename, frame.f_lineno, frame.f_globals))
        if outer is not None:
            outer(value, how)

    return watch


def warn_of_lost(
    looks: Sequence[Look], arguments: Iterable[Node], results: Iterable[Any], start: int
) -> None:
    """Warn of each argument that no result depends on, though numbers computed from it were taken.

    Parameters
    ----------
    looks : sequence of Look
        The numbers that were taken.
    arguments : iterable of Node
        What is to be differentiated.
    results : iterable
        What was computed; Values among them lead back to what they were recorded from.
    start : int
        The serial number of the first argument.
    """
    reached = {node for x in results if isinstance(x, Node) for node in history(x, start)}
    for argument in arguments:
        if argument in reached:
            continue
        for value, how, file, line, module in looks:
            if not _leads_back(value, argument):
                continue
            name = argument.name or "an argument"
            source = name if value is argument else value.name or f"what is computed from {name}"
            warnings.warn_explicit(
                f"The gradient of {name} is 0: nothing that was recorded leads from it to the result. "
                f"The numbers of {source} left the record here, by {OUT[how]}. Compute with the Value "
                "itself; or, if a constant is meant, say so with tg.stop_gradient.",
                LostGradientWarning,
                file,
                line,
                module.get("__name__"),
                module.setdefault("__warningregistry__", {}),
            )
            break


def _leads_back(value: Node, argument: Node) -> bool:
    """Whether a gradient of `value` would reach `argument`."""
    found = {value}
    waiting = [value]
    for node in waiting:  # grows while it is walked
        ahead: list[Any] = [node.args[i] for i in node.routes]
        new = {arg for arg in ahead if arg not in found and arg.serial >= argument.serial}
        found |= new
        waiting += new
    return argument in found
