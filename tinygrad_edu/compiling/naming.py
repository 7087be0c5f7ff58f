"""What the results of a program are called in NumPy source."""

import builtins
import keyword

from tinygrad_edu.program.entries import Entry
from tinygrad_edu.program.listing import variables
from tinygrad_edu.program.programs import Program

WORDS = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half"}
RESERVED = frozenset({"np", "float64", "memory", *keyword.kwlist, *dir(builtins)})


def names_in(program: Program) -> dict[Entry, str]:
    """A name for everything but numbers, none of them a word of Python or of the lines themselves."""
    found = variables(program)
    taken = set(found.values())
    for entry, name in found.items():
        free = name if name.isidentifier() else f"x{name}"
        reserved = free in RESERVED or (free[:1] in "mk" and free[1:].isdigit()) or free in WORDS.values()
        while reserved or (free != name and free in taken):
            free, reserved = f"{free}_", False
        taken.add(free)
        found[entry] = free
    return found
