"""A stand-in for a Value that notes which instruction of its caller ran each operation."""

import functools
import operator
import sys
from types import CodeType
from typing import ClassVar

import numpy as np


class Spy:
    """Records, as a Value does, the instruction from which each operation was run."""

    seen: ClassVar[list[tuple[CodeType, int]]] = []

    def record(self, *_, depth=1, **__):
        frame = sys._getframe(depth)
        Spy.seen.append((frame.f_code, frame.f_lasti))
        return Spy()

    __add__ = __radd__ = __sub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = __pow__ = __iadd__ = record
    __neg__ = __pos__ = __invert__ = __lt__ = __gt__ = __eq__ = __getitem__ = __call__ = dot = record
    T = property(record)


class Owner:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def operations(source, runs=1):
    """The (code, offset) of each operation of the last of several runs of `source` inside a function."""
    body = "\n".join("    " + line for line in source.strip().splitlines())
    namespace = {"np": np, "operator": operator, "functools": functools, "Owner": Owner}
    arguments = {"a": Spy(), "b": Spy(), "c": Spy(), "spy": Spy(), "o": Owner(w=Spy(), X=Spy()), "d": {}}
    exec(f"def f({', '.join(arguments)}):\n{body}", namespace)
    for _ in range(runs):
        Spy.seen.clear()
        namespace["f"](**arguments)
    return list(Spy.seen)
