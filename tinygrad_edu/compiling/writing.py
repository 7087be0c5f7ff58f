"""A program as NumPy source, one line after the other: names, memory, and what each line may overwrite."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.compiling.memory import Memory, Piece, last_uses
from tinygrad_edu.compiling.naming import RESERVED, WORDS, names_in
from tinygrad_edu.program.entries import Constant, Entry, Operation
from tinygrad_edu.program.programs import Program
from tinygrad_edu.rules.shaping import getitem

Write = Callable[["Writer", Operation], str | None]

DOUBLE = np.dtype(np.float64)


class Writer:
    """Writes the lines of a program.

    Parameters
    ----------
    program : Program
        In NumPy's own functions as far as possible.
    writers : mapping of Primitive to function
        ``write(writer, operation)`` gives the right side of the assignment, or None for "as a call".
    aliases : callable
        The operands whose memory the result of an operation may share.
    groups : sequences of sums
        That stand side by side and are taken in one call, if all vectors are in the memory meant for them.

    Attributes
    ----------
    lines : list of str
    beside : list of str
        Lines that stand before the function.
    imported : set of str
        The functions of NumPy that the lines call by their names.
    bound : dict
        What the lines refer to: frozen arrays, numbers as arrays, functions.
    memory : Memory
    loose : set of entries
        Single numbers that may be Python's, which are faster, where NumPy's were recorded.
    """

    def __init__(
        self,
        program: Program,
        writers: Callable[[Operation], Write],
        aliases: Callable[[Operation], Sequence[Entry]],
        groups: Iterable[Sequence[Operation]] = (),
    ) -> None:
        self.program = program
        self.names = names_in(program)
        self.taken = set(self.names.values())
        self.ends = last_uses(program.operations, program.outputs, aliases)
        self.returned = set(program.outputs)
        self.aliases = aliases
        self.memory = Memory()
        self.pieces: dict[Entry, Piece] = {}
        self.loose: set[Entry] = {each for each in program.inputs if not each.shape and each.dtype == DOUBLE}
        self.elements: dict[Entry, list[str]] = {}
        self.reads = _reads(program)
        self.bound: dict[str, Any] = {}
        self._known: dict[Any, str] = {}
        self._counts: Counter[str] = Counter()
        self.lines, self.beside = list[str](), list[str]()
        self.imported: set[str] = set()
        self.groups: dict[Entry, tuple[Piece, Sequence[Operation]]] = {}
        self._rows: dict[Entry, Piece] = {}
        self.in_rows, self.summed = set[Entry](), dict[Entry, str]()
        self._cells: dict[Entry, Piece] = {}
        for group in groups:
            vectors = [each.operands[0] for each in group]
            matrix, rows = self.memory.rows(len(group), vectors[0].shape, vectors[0].dtype)
            self.groups[group[0]] = matrix, group
            self._rows |= zip(vectors, rows, strict=True)
        self.column_major: set[Entry] = set()
        for constant in program.constants:
            if constant in self.names:
                self.bound[self.names[constant]] = constant.data
            if constant.shape:
                self.keep_order(constant, constant.data)
        self.writers = writers

    def write(self) -> None:
        """All lines."""
        leaving: dict[int, list[Entry]] = {}
        for entry, end in self.ends.items():
            leaving.setdefault(end, []).append(entry)
        part = None
        for number, operation in enumerate(self.program.operations):
            self.number = number
            before = len(self.lines)
            expression = self.writers(operation)(self, operation)
            if expression is not None:
                self.assign(self.names[operation], expression, operation)
            scope = "sums" if operation in self.summed else operation.scope
            if scope != part and len(self.lines) > before:
                part = scope
                self.lines[before:before] = ["", f"# {part}"] if before else [f"# {part}"]
            for entry in leaving.get(number, ()):
                for taken in (self.pieces, self._cells):
                    if entry in taken:
                        self.memory.give_back(taken.pop(entry))

    def assign(self, name: str, expression: str, entry: Entry) -> None:
        """One line, with the shape behind it."""
        line = f"{name} = {expression}"
        shape = "×".join(map(str, entry.shape))
        self.lines.append(f"{line:<58}  # {shape}" if shape else line)

    def keep_order(self, entry: Entry, data: Any) -> None:
        """Remember that an array lies in memory column by column."""
        if data.ndim > 1 and data.flags.f_contiguous and not data.flags.c_contiguous:
            self.column_major.add(entry)

    def destination(
        self, operation: Operation, over: Sequence[Entry] = (), order: str | None = None
    ) -> str | None:
        """The array that takes up a result: one of `over` that nobody needs any more, or free memory.

        None for what is returned, which has memory of its own.
        """
        if operation in self.returned or not operation.shape:
            return None
        if operation in self._rows:
            self.in_rows.add(operation)
            return self._rows[operation].name
        order = order or self.order_of(operation, over)
        if order == "F":
            self.column_major.add(operation)
        for entry in over:
            piece = self.pieces.get(entry)
            wanted = operation.shape, operation.dtype, order
            if piece is not None and (piece.shape, piece.dtype, piece.order) == wanted:
                if self.ends[entry] > self.number:
                    continue
                self.pieces[operation] = self.pieces.pop(entry)
                return self.names[entry]
        piece = self.pieces[operation] = self.memory.take(operation.shape, operation.dtype, order)
        return piece.name

    def out(self, operation: Operation, over: Sequence[Entry] = (), order: str | None = None) -> str:
        """``, out=m1``, or nothing."""
        name = self.destination(operation, over, order)
        return "" if name is None else f", out={name}"

    def order_of(self, operation: Operation, operands: Sequence[Entry]) -> str:
        """The order of elements in memory that NumPy would choose."""
        full = [each for each in operands if each.shape == operation.shape]
        return "F" if full and all(each in self.column_major for each in full) else "C"

    def text(self, entry: Entry) -> str:
        """The name of an entry; a number is written out."""
        if entry in self.names:
            return self.names[entry]
        assert isinstance(entry, Constant)
        data = float(entry.data) if isinstance(entry.data, np.float64) else entry.data
        if isinstance(data, (bool, int, float)) and math.isfinite(data):
            return (
                repr(data) if data >= 0 and not (data == 0 and math.copysign(1, data) < 0) else f"({data!r})"
            )
        return self.bind("k", data)

    def strict(self, entry: Entry) -> str:
        """The same for whoever needs a number of NumPy's, which decides the type of a result."""
        if entry not in self.names and isinstance(entry, Constant) and isinstance(entry.data, np.float64):
            return self.bind("k", entry.data)
        text = self.text(entry)
        if entry not in self.loose:
            return text
        return f"float64({text})" if entry.dtype == DOUBLE else f"np.{entry.dtype}({text})"

    def fixed(self, entry: Entry, beside: Sequence[Entry]) -> str:
        """The same, a single number as an array without axes, which NumPy takes up fastest."""
        if math.prod(entry.shape) == 1 and not isinstance(entry, Constant) and entry.dtype.kind == "f":
            return self._in_cell(entry)
        if not isinstance(entry, Constant) or entry.shape:
            return self.strict(entry)
        dtype = entry.dtype
        if isinstance(entry.data, (bool, int, float)):
            dtype = np.result_type(*(each.dtype for each in beside), entry.data)
        array = np.asarray(entry.data, dtype)
        word = WORDS.get(float(array), "k") if dtype == DOUBLE else "k"
        return self.bind(word, array)

    def _in_cell(self, entry: Entry) -> str:
        """The name of an array without axes into which a line puts a number."""
        if entry not in self._cells:
            cell = self._cells[entry] = self.memory.take((), entry.dtype, "C")
            first = f"[{', '.join('0' * len(entry.shape))}]" if entry.shape else ""
            self.lines.append(f"{cell.name}[()] = {self.text(entry)}{first}")
        return self._cells[entry].name

    def bind(self, word: str, thing: Any) -> str:
        """A name for something that the lines refer to; the same thing has one name."""
        single = isinstance(thing, (np.ndarray, np.generic)) and not thing.shape
        key = (type(thing), thing.dtype, thing.tobytes()) if single else id(thing)
        if key not in self._known:
            self._known[key] = name = self.new_name(word if word != "k" else "k1")
            self.bound[name] = thing
        return self._known[key]

    def numpy(self, name: str) -> str:
        """A function of NumPy's by its name alone, which saves a look-up, if nothing else has that name."""
        if name not in self.imported:
            if name in self.taken or name in RESERVED:
                return f"np.{name}"
            self.imported.add(name)
            self.taken.add(name)
        return name

    def new_name(self, name: str) -> str:
        """A name that nothing else has: this one, or with the next number."""
        stem = name.rstrip("0123456789") or "x"
        count = self._counts[stem]
        while name in self.taken or name in RESERVED:
            count += 1
            name = f"{stem}{count}"
        self._counts[stem] = count
        self.taken.add(name)
        return name

    def returns(self) -> list[str]:
        """The outputs: what may share memory with something is copied."""
        texts: list[str] = []
        seen: set[Entry] = set()
        for output in self.program.outputs:
            text = self.strict(output)
            if output.shape:
                shared = not isinstance(output, Operation) or bool(self.aliases(output))
                text = f"{text}.copy()" if shared or output in seen else text
            elif isinstance(output, Operation) and output not in self.loose and self.aliases(output):
                text = f"np.asarray({text})[()]"
            seen.add(output)
            texts.append(text)
        return texts


def _reads(program: Program) -> Counter[Entry]:
    """How many single elements are read from each array."""
    return Counter(
        operation.operands[0]
        for operation in program.operations
        if operation.primitive is getitem and not operation.shape
    )
