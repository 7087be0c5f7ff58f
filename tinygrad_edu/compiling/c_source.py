"""A whole program in C: what it is given, its memory, its loops, what it gives."""

import math
from pathlib import Path

from tinygrad_edu.compiling.c_compiler import blas
from tinygrad_edu.compiling.c_functions import preamble
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.c_printing import LoopText, product_text
from tinygrad_edu.compiling.c_steps import Loop, Update, Variable
from tinygrad_edu.compiling.c_text import shape_text, start_of, type_of

HEAD = "#include <math.h>\n#include <stdint.h>\n#include <string.h>"
ON_THE_STACK = 16_384
"""Up to so many bytes of memory are taken from the stack."""


def source_of(lowered: Lowered) -> str:
    """The program: what it needs, then ``compute``, which does the work."""
    body = [*_inputs(lowered), *_memory(lowered)]
    started = set[Variable]()
    for here, loop in enumerate(lowered.steps.loops):
        body.append("")
        body += _started(loop, started)
        if loop.axes is None:
            body += [product_text(step) for step in loop.steps]
        else:
            body += LoopText(loop, here).lines()
    checked = any(
        "index_of(" in getattr(step, "expression", "") for loop in lowered.steps.loops for step in loop.steps
    )
    if checked:
        body.insert(0, "out_of_range = 0;")
    body += [
        "",
        *(
            f"*({type_of(v.dtype)} *)results[{n}] = {v.name};"
            for n, v in enumerate(lowered.outputs)
            if v.is_number
        ),
    ]
    body.append(f"return {'out_of_range' if checked else 0};")
    text = "\n".join(f"    {line}".rstrip() for line in body)
    head = f"/* {lowered.program.title} */\nint compute(void *const *inputs, void *const *results) {{"
    function = f"{head}\n{text}\n}}\n"
    products = {
        type_of(step.target.dtype): None
        for loop in lowered.steps.loops
        if loop.axes is None
        for step in loop.steps
    }
    flag = ["static _Thread_local int out_of_range;"] * checked
    return "\n\n".join(
        [HEAD, *flag, *filter(None, [preamble(function)]), *map(_multiplication, products), function]
    )


def _multiplication(kind: str) -> str:
    """The function that multiplies matrices of this type: by NumPy's BLAS, if it can be called."""
    found = blas(kind[0].replace("f", "s"))
    text = (
        Path(__file__).with_name("multiply.h" if found else "multiply_blocks.h").read_text(encoding="utf-8")
    )
    length = "int64_t" if found and found[1] else "int"
    return text.replace("BLAS_LENGTH", length).replace("TYPE", kind).strip()


def _inputs(lowered: Lowered) -> list[str]:
    lines = []
    for nth, variable in enumerate([*lowered.inputs, *(variable for variable, _ in lowered.tables)]):
        kind = type_of(variable.dtype)
        if variable.is_number:
            lines.append(f"const {kind} {variable.name} = *(const {kind} *)inputs[{nth}];")
        else:
            shape = shape_text(variable.shape)
            lines.append(f"const {kind} *const restrict {variable.name} = inputs[{nth}];  /* {shape} */")
    for nth, variable in enumerate(lowered.outputs):
        if not variable.is_number:
            kind, shape = type_of(variable.dtype), shape_text(variable.shape)
            lines.append(f"{kind} *const restrict {variable.name} = results[{nth}];  /* {shape} */")
    return lines


def _memory(lowered: Lowered) -> list[str]:
    """The variables that need memory."""
    made = {step.target: None for loop in lowered.steps.loops for step in loop.steps}
    arrays = [v for v in made if v.kept and not v.is_number and v not in lowered.outputs]
    sizes = [math.prod(variable.shape) * variable.dtype.itemsize for variable in arrays]
    where = "" if sum(sizes) <= ON_THE_STACK else "static _Thread_local "
    lines = []
    for variable in arrays:
        length = max(1, math.prod(variable.shape))
        shape = shape_text(variable.shape)
        lines.append(f"{where}{type_of(variable.dtype)} {variable.name}[{length}];  /* {shape} */")
    return lines


def _started(loop: Loop, started: set[Variable]) -> list[str]:
    """Variables that numbers are brought into, made ready for it."""
    lines = []
    for step in loop.steps:
        target = step.target
        if isinstance(step, Update) and target not in started:
            started.add(target)
            start = "0" if step.operator == "=" else start_of(step.operator, target.dtype)
            if target.is_number:
                lines.append(f"{type_of(target.dtype)} {target.name} = {start};")
            elif step.operator != "=":
                n = math.prod(target.shape)
                lines.append(f"for (long i = 0; i < {n}; i++) {target.name}[i] = {start};")
    return lines
