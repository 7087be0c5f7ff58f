"""From the arguments of a call to a list of arrays, and from a list of results to what the caller gets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.node import Node
from tinygrad_edu.program.entries import comparable

Array = Any
NUMBER = (float, int, np.floating, np.integer)
OTHER = "return NotImplemented"
"""What the function for one signature does with another one."""
SCALARS = {np.dtype(np.float64): np.float64, np.dtype(np.float32): np.float32}


def is_number(leaf: Any) -> bool:
    """Whether a leaf of the arguments is given anew in each call."""
    return isinstance(leaf, (np.ndarray, *NUMBER)) and not isinstance(leaf, (bool, np.bool_))


def dtype_of(leaf: Any) -> np.dtype[Any]:
    """The type that a number or an array has in a program; single numbers are of floating point."""
    dtype = leaf.dtype if isinstance(leaf, (np.ndarray, np.floating)) else np.dtype(np.float64)
    single = not np.shape(leaf) and dtype.kind in "biu"
    return np.dtype(np.float64 if single else dtype.type)  # in the byte order of the machine


def signature_of(args: tuple[Any, ...], settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """What decides which program runs: the structure of the arguments, shapes and dtypes, and all else."""
    leaves = tuple(
        (path, np.shape(leaf), dtype_of(leaf).str) if is_number(leaf) else (path, comparable(leaf))
        for path, leaf in trees.paths(args)
    )
    return len(args), _structure(args), leaves, comparable(settings)


def _structure(tree: Any) -> Any:
    if isinstance(tree, dict):
        return type(tree), tuple(tree), tuple(map(_structure, tree.values()))
    if isinstance(tree, (list, tuple)):
        return type(tree), tuple(map(_structure, tree))
    return None


def holds_values(args: Any) -> bool:
    """Whether any leaf is a Value: then the call is to be recorded."""
    return any(isinstance(leaf, Node) for leaf in trees.leaves(args))


def inputs_of(args: tuple[Any, ...]) -> list[Array]:
    """The arrays and numbers among the arguments, in order."""
    found = []
    for leaf in trees.leaves(args):
        if is_number(leaf):
            dtype = dtype_of(leaf)
            found.append(leaf if isinstance(leaf, np.ndarray) and leaf.shape else dtype.type(leaf))
    return found


class Calling:
    """How one signature is called, as two short functions that are written for it.

    Parameters
    ----------
    args : tuple
        An example of the arguments.
    result : nested structure of entries
        Of the program.
    run : callable
        The outputs for a list of inputs.

    Attributes
    ----------
    call : callable
        The result for the tuple of arguments, or NotImplemented if they are of another signature.
    pack : callable
        The outputs in the structure of the result.
    """

    def __init__(
        self, args: tuple[Any, ...], result: Any, run: Callable[[list[Array]], Sequence[Array]]
    ) -> None:
        self._names: dict[str, Any] = {"ndarray": np.ndarray, "int64": np.int64, "run": run}
        self._lines: list[str] = []
        self._found: list[str] = []
        self._count = 0
        self._open("args", args)
        packed = self._packed(result)
        outputs = f"outputs = run([{', '.join(self._found)}])"
        self.call: Callable[[tuple[Any, ...]], Any] = self._function(
            "call(args)", [*self._lines, outputs, f"return {packed}"]
        )
        self.pack: Callable[[Sequence[Array]], Any] = self._function("pack(outputs)", [f"return {packed}"])

    def _function(self, head: str, lines: Sequence[str]) -> Any:
        source = "\n    ".join([f"def {head}:", *lines])
        exec(compile(source, f"<{head} for a signature>", "exec"), self._names)  # noqa: S102 (written here)
        return self._names[head.partition("(")[0]]

    def _bound(self, thing: Any) -> str:
        name = f"k{len(self._names)}"
        self._names[name] = thing
        return name

    def _open(self, name: str, tree: Any) -> None:
        """Lines that check a part of the arguments and take it apart."""
        if isinstance(tree, (dict, list, tuple)):
            self._lines.append(
                f"if {name}.__class__ is not {self._bound(type(tree))} or len({name}) != {len(tree)}: {OTHER}"
            )
            if isinstance(tree, dict):
                self._lines.append(f"if not {self._bound(set(tree))} == {name}.keys(): {OTHER}")
            inside = tree.items() if isinstance(tree, dict) else enumerate(tree)
            for key, branch in inside:
                inner = f"x{len(self._lines)}"
                self._lines.append(f"{inner} = {name}[{key if isinstance(key, int) else self._bound(key)}]")
                self._open(inner, branch)
        elif is_number(tree):
            self._found.append(name)
            dtype, shape = dtype_of(tree), np.shape(tree)
            if shape:
                self._lines.append(
                    f"if {name}.__class__ is not ndarray or {name}.shape != {shape} or "
                    f"{name}.dtype is not {self._bound(dtype)}: {OTHER}"
                )
            else:
                scalar = self._bound(SCALARS[dtype])
                plain, counted = ("float", "(int, int64)") if dtype == np.float64 else (scalar, "()")
                self._lines += [
                    f"if {name}.__class__ is not {plain} and {name}.__class__ is not {scalar}:",
                    f"    if {name}.__class__ is ndarray and {name}.shape == (): {name} = {name}[()]",
                    f"    if {name}.__class__ is not {scalar}:",
                    f"        if {name}.__class__ not in {counted}: {OTHER}",
                    f"        {name} = {scalar}({name})",
                ]
        elif tree is None:
            self._lines.append(f"if {name} is not None: {OTHER}")
        else:
            same, kept = self._bound(comparable), self._bound(comparable(tree))
            self._lines.append(f"if {same}({name}) != {kept}: {OTHER}")

    def _packed(self, tree: Any) -> str:
        """The expression that builds a part of the result."""
        if tree is None:
            return "None"
        if tree.__class__ in (tuple, list):
            inside = ", ".join(map(self._packed, tree))
            if tree.__class__ is list:
                return f"[{inside}]"
            return f"({inside},)" if len(tree) == 1 else f"({inside})"
        if tree.__class__ is dict:
            return "{" + ", ".join(f"{self._bound(k)}: {self._packed(v)}" for k, v in tree.items()) + "}"
        if isinstance(tree, (dict, list, tuple)):
            first, self._count = self._count, self._count + len(trees.leaves(tree))
            rebuild, shape = self._bound(trees.rebuild), self._bound(tree)
            return f"{rebuild}({shape}, outputs[{first}:{self._count}])"
        self._count += 1
        return f"outputs[{self._count - 1}]"
