"""Writes docs/rules.md from the registry: every primitive with its rules, printed by running them.

    python docs/generate_rules.py           # writes the page
    python docs/generate_rules.py --print   # prints it

A formula is what a rule records when it runs on named Values. Where no call with arrays of ordinary shapes
succeeds, or the formula would be too long, the text of the rule stands in its place.
"""

import ast
import inspect
import itertools
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu as tg
from tinygrad_edu.node import Node
from tinygrad_edu.primitives import EXPRESSIONS, KINDS, REGISTRY, Primitive, Rule
from tinygrad_edu.program import INCOMING, backward_label, labels_of, pretty_name
from tinygrad_edu.rules.joining import WRITING
from tinygrad_edu.sweeps import history

PAGE = Path(__file__).parent / "rules.md"
LIMIT = 72
SHAPES = {"elementwise": ((3,), (3, 3)), "else": ((3, 3), (3,), (2, 3), ())}
TARGETS = ((2, 3, 3), (9,), (3, 3))
"""What a setting called ``shape`` may be."""
SETTINGS: dict[str, Any] = {
    "axes": (1, 0), "axis": 0, "axis1": 0, "axis2": 1, "destination": 1, "dtype": np.dtype(np.float32),
    "index": (slice(1, 3),), "indices": [0, 2], "indices_or_sections": 3, "k": 1, "mask": [True, False, True],
    "pad_width": 1, "repeats": 2, "reps": 2, "shift": 1, "source": 0, "window_shape": 2,
    "subscripts": "ij,jk->ik", "kth": 1, "weights": None,
}  # fmt: skip
"""What a setting may be, by its name, for one call of a function that needs it."""

TITLES = {
    "elementwise": "The Jacobian is diagonal: forward mode is the same rule with the tangent for ▲.",
    "linear": "Forward mode is the function itself, on the tangents.",
    "multilinear": "Forward mode is the product rule: one argument after the other replaced by its tangent.",
    "general": "Forward mode is the transpose of the rule, taken by recording it.",
    "flat": "No gradient passes: the function is a staircase, a comparison, or a choice.",
}

INTRODUCTION = f"""\
# The rules

Generated from the registry by `docs/generate_rules.py`; a test keeps the two equal. One rule per argument:
what it makes of the gradient {INCOMING} of the result `out`. It serves reverse mode, forward mode and all
orders; the kind says how. Where shapes or settings matter, it is the rule for a call on a matrix of 3 by 3.
Where a rule is longer than a line, its text stands here, with `g` for {INCOMING}.
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for kind in KINDS:
        entries = sorted((p for p in REGISTRY.values() if p.kind == kind and is_ours(p)), key=public_name)
        parts += [f"## {kind.capitalize()}\n", f"{TITLES[kind]}\n"]
        if kind == "flat":
            parts.append(", ".join(f"`{public_name(p)}`" for p in entries) + "\n")
            continue
        parts += [
            "| function | with respect to | rule | domain | where the slope jumps |",
            "|---|---|---|---|---|",
        ]
        parts += [row for entry in entries for row in rows(entry)]
        parts.append("")
    parts += ["## Expressions\n", "Written in terms of the primitives above, they need no rule:\n"]
    names = {name_of(function) for function in EXPRESSIONS if function not in WRITING}
    parts.append(", ".join(sorted(f"`{name}`" for name in names)) + "\n")
    return "\n".join(parts)


def is_ours(primitive: Primitive) -> bool:
    """Whether a primitive belongs to the package's calculus."""
    module = primitive.function.__module__ or "numpy"
    return isinstance(primitive.function, np.ufunc) or module.startswith(("numpy", "tinygrad_edu.rules"))


def public_name(primitive: Primitive) -> str:
    """What a user calls: ``np.exp``, ``tg.sigmoid``; what stands in rules only has its own name."""
    if getattr(tg, primitive.name, None) is primitive:
        return f"tg.{primitive.name}"
    return name_of(primitive.function)


def name_of(function: Any) -> str:
    """``np.linalg.inv``; of a function of our own, its name without the underscore."""
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        ufunc = "<ufunc>" if function.__name__ == "outer" else function.__self__.__name__
        return f"np.{ufunc}.{function.__name__}"
    module = getattr(function, "__module__", None) or "numpy"
    if module.startswith("numpy") or isinstance(function, np.ufunc):
        return f"{module.replace('numpy', 'np', 1)}.{function.__name__}"
    return function.__name__.lstrip("_")


def rows(primitive: Primitive) -> Iterator[str]:
    """One row for each argument with a rule."""
    name = f"`{public_name(primitive)}`"
    names = ["each array"] if primitive.variadic else list(primitive.signature.parameters)
    node = sample(primitive)
    for i, rule in enumerate(primitive.rules):
        if rule is None:
            continue
        formula = None if node is None else label(node, i)
        text = formula or f"`{source_of(rule)}`".replace("|", "\\|")
        low, high = primitive.domain[i] if i < len(primitive.domain) else (-np.inf, np.inf)
        domain = "" if low == -np.inf and high == np.inf else f"({low:g}, {high:g})".replace("inf", "∞")
        yield f"| {name} | {pretty_name(names[i])} | {text} | {domain} | {primitive.kinks} |"
        name = ""


def label(node: Node, i: int) -> str | None:
    """The rule as a formula, if it fits in a line."""
    text = backward_label(node, i, labels_of(history(node)), LIMIT)
    if text is None or "…" in text or " · ∂" in text:
        return None
    return text.replace("|", "\\|")


def sample(primitive: Primitive) -> Node | None:
    """One call on named Values; None if no call with ordinary arrays succeeds."""
    names = list(primitive.signature.parameters)
    count = 2 if primitive.variadic else len(primitive.rules)
    names = ["a", "b"] if primitive.variadic else names
    shapes = SHAPES.get(primitive.kind, SHAPES["else"])
    for shape, target in itertools.product(shapes, TARGETS):
        values = [
            tg.Value(numbers(shape, *primitive.domain[min(i, len(primitive.domain) - 1)]), name=names[i])
            for i in range(count)
        ]
        for settings in ({}, needed(primitive, target)):
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    called = (values,) if primitive.variadic else values
                    out = primitive(*called, **settings)
                    text = backward_label(out, 0, labels_of([out]))
            except Exception:  # noqa: BLE001, S112 (the next shape may do)
                continue
            if primitive.rules[0] is None or (text and " · ∂" not in text):
                return out
    return None


def numbers(shape: tuple[int, ...], low: float, high: float) -> Any:
    """Numbers inside a domain; of a square shape, a matrix that can be inverted."""
    middle = (low + high) / 2 if np.isfinite(low + high) else low + 2 if np.isfinite(low) else 0.5
    values = middle + np.arange(np.prod(shape, dtype=int)).reshape(shape) / 100
    return values + np.eye(3) if shape == (3, 3) else values


def needed(primitive: Primitive, target: tuple[int, ...]) -> dict[str, Any]:
    """The settings without a default, each with some value."""
    parameters = inspect.signature(primitive.function).parameters.values() if has_signature(primitive) else ()
    later = list(parameters)[1 if primitive.variadic else len(primitive.rules) :]
    chosen = {**SETTINGS, "shape": target}
    return {p.name: chosen[p.name] for p in later if p.name in chosen and is_open(p)}


def is_open(parameter: inspect.Parameter) -> bool:
    """Whether a parameter must be given, or is one that says nothing by default."""
    return parameter.default is parameter.empty or parameter.default is None or parameter.default == ()


def has_signature(primitive: Primitive) -> bool:
    """Whether Python knows the parameters of the function; of NumPy's ufuncs and some others it does not."""
    try:
        inspect.signature(primitive.function)
    except (TypeError, ValueError):
        return False
    return True


def source_of(rule: Rule) -> str:
    """The text of a rule: what a lambda gives, or the call of a function."""
    rule = getattr(rule, "func", rule)
    code = rule.__code__
    arguments = ", ".join(code.co_varnames[: code.co_argcount])
    if rule.__name__ != "<lambda>":
        return f"{rule.__name__.lstrip('_')}({arguments})"
    text = Path(code.co_filename).read_text(encoding="utf-8")
    starts = [(line, column) for line, _, column, _ in code.co_positions() if line and column]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Lambda) and all(covers(node.body, *start) for start in starts[1:]):
            return " ".join((ast.get_source_segment(text, node.body) or "").split())
    return f"rule({arguments})"


def covers(body: ast.expr, line: int, column: int) -> bool:
    """Whether a place of the source lies inside an expression."""
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    return start <= (line, column) <= end


def main() -> None:
    """Write or print the page."""
    text = page()
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
