"""What the entries of a program are called in a language that has words of its own."""

import builtins
import keyword
import re
from collections.abc import Callable, Sequence

from tinygrad_edu.program.entries import Entry
from tinygrad_edu.program.listing import variables
from tinygrad_edu.program.programs import Program

WORDS = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half"}
RESERVED = frozenset({"np", "float64", "memory", *keyword.kwlist, *dir(builtins)})


def means_something(name: str) -> bool:
    """Whether a name is a word of Python or of the lines themselves: of memory, of a number."""
    return name in RESERVED or name in WORDS.values() or re.fullmatch(r"[mk]\d+", name) is not None


def listed(texts: Sequence[str], room: int) -> str:
    """``v1, v3, v5``; where that takes more than so many characters, ``v1, v3, ..., v77``."""
    whole = ", ".join(texts)
    return whole if len(whole) <= room else ", ".join([*texts[:2], "...", texts[-1]])


def names_in(program: Program, reserved: Callable[[str], bool] = means_something) -> dict[Entry, str]:
    """A name for everything but numbers, none of them reserved."""
    found = variables(program)
    taken = set(found.values())
    for entry, name in found.items():
        free = name if name.isidentifier() else f"x{name}"
        while reserved(free) or (free != name and free in taken):
            free += "_"
        taken.add(free)
        found[entry] = free
    return found
