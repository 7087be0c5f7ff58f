"""A program as a listing: one line for each input, constant, assignment and output."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from tinygrad_edu.program.entries import Constant, Entry, Input, Operation
from tinygrad_edu.program.literals import data_text
from tinygrad_edu.program.python import Code
from tinygrad_edu.program.syntaxes import identifier


class Assignments(Protocol):
    """What a `Program` is to whoever lists or translates it."""

    title: str
    inputs: tuple[Input, ...]
    constants: tuple[Constant, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[Entry, ...]


def listing(program: Assignments) -> str:
    """What ``print(program)`` shows.

    Inputs, constants with a name or of many numbers, then the numbered assignments with shape, dtype and
    formula, grouped by scope; the outputs last. What has no name is called after its number.
    """
    names = variables(program)
    rows: list[tuple[str, str, Entry, str]] = [("input", names[entry], entry, "") for entry in program.inputs]
    rows += [
        ("constant", names[entry], entry, "" if entry.name else data_text(entry.data))
        for entry in program.constants
        if entry in names
    ]
    rows += [
        (str(number), names[operation], operation, assigned(operation, names))
        for number, operation in enumerate(program.operations, start=1)
    ]
    cells = [(first, name, _shape(entry), str(entry.dtype), formula) for first, name, entry, formula in rows]
    widths = [max(map(len, column), default=0) + 2 for column in zip(*cells, strict=True)]
    widths = [max(10, widths[0]), *widths[1:-1], 0] if widths else []
    lines = [f"program of {program.title}"]
    scope = None
    for (_, _, entry, _), row in zip(rows, cells, strict=True):
        if isinstance(entry, Operation) and entry.scope != scope:
            scope = entry.scope
            lines.append(f"{scope or 'outside'}:")
        lines.append("".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    shown = [names.get(output) or Code().text(output) for output in program.outputs]
    return "\n".join([*lines, f"{'output':{widths[0] if widths else 10}}{', '.join(shown)}"])


def variables(program: Assignments) -> dict[Entry, str]:
    """A name for everything but numbers, each of them once and fit for Python."""
    found: dict[Entry, str] = {}
    taken: set[str] = set()

    def called(entry: Entry, name: str) -> None:
        free = name
        while free in taken:
            free += "_"
        taken.add(free)
        found[entry] = free

    everything: tuple[Entry, ...] = (*program.inputs, *program.constants, *program.operations)
    for entry in everything:
        if entry.name is not None:
            called(entry, identifier(entry.name))
    unnamed = [entry for entry in program.constants if entry.name is None and entry.shape != ()]
    for number, constant in enumerate(unnamed, start=1):
        called(constant, f"c{number}")
    for number, operation in enumerate(program.operations, start=1):
        if operation not in found:
            called(operation, f"v{number}")
    return found


def assigned(operation: Operation, names: Mapping[Entry, str]) -> str:
    """One assignment in Python, its operands by their names."""
    operands = tuple(
        Input(names[operand], operand.shape, operand.dtype) if operand in names else operand
        for operand in operation.operands
    )
    return Code(shorten=True).text(replace(operation, operands=operands))


def _shape(entry: Entry) -> str:
    return "×".join(map(str, entry.shape)) or "scalar"
