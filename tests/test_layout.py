"""The plan of the house: which file may import which, read from the source without importing anything."""

import ast
import functools
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

HOUSE = Path(__file__).parents[1] / "tinygrad_edu"

# From the ground up. A file, or a room (a folder of files), imports from lower floors only. Names that share
# a string form a line: each may import from those before it.
FLOORS = [
    ["errors", "bytecode names", "trees"],
    ["signatures shortcuts lending primitives"],
    ["rules"],
    ["context operands node messages recording operators methods"],
    ["fitting sweeps forward"],
    ["value"],
    ["looks runs transforms jacobians recomputing"],
    ["program", "cells tables"],
    ["checking"],
    ["diagnosis comparison", "compiling training"],
    ["drawing", "figures"],
    ["lessons"],
    ["planting derivations exercises report cli __main__"],
]
OPTIONAL = {"graphviz", "graphviz_pure", "matplotlib", "pygraphviz", "rich", "scipy", "torch"}
MAY_RUN_PROGRAMS = {"compiling/c_compiler.py", "drawing/engine.py"}
LONGEST = 250
LONGER: set[str] = set()

PLACES = {
    name: (floor, line, position)
    for floor, lines in enumerate(FLOORS)
    for line in lines
    for position, name in enumerate(line.split())
}
FILES = sorted(path.relative_to(HOUSE) for path in HOUSE.rglob("*.py"))
UPSTAIRS = Path("__init__.py")
INSIDE = [path for path in FILES if path != UPSTAIRS]


class Import(NamedTuple):
    """One import of a module: on which line, and whether it happens at import time, later, or never."""

    module: tuple[str, ...]
    line: int
    when: Literal["at once", "late", "never"]


def is_module(parts: tuple[str, ...]) -> bool:
    place = HOUSE.parent.joinpath(*parts)
    return place.is_dir() or place.with_suffix(".py").is_file()


def walk_inside(tree: ast.AST, chosen: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    return (inner for node in ast.walk(tree) if chosen(node) for inner in ast.walk(node))


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@functools.cache
def imports(path: Path) -> list[Import]:
    found = []
    tree = ast.parse((HOUSE / path).read_text(encoding="utf-8"))
    when = dict.fromkeys(walk_inside(tree, lambda node: isinstance(node, ast.FunctionDef)), "late")
    when |= dict.fromkeys(walk_inside(tree, is_for_types_only), "never")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively; write the whole name"
            parent = tuple((node.module or "").split("."))
            named = [(*parent, alias.name) for alias in node.names]
            modules = [name if parent[0] == HOUSE.name and is_module(name) else parent for name in named]
        else:
            continue
        found += [Import(module, node.lineno, when.get(node, "at once")) for module in dict.fromkeys(modules)]
    return found


def imports_within(path: Path) -> list[Import]:
    return [item for item in imports(path) if item.module[0] == HOUSE.name]


def name_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def line_of_room(room: str) -> list[str]:
    """The files of a room in the order in which its ``__init__`` imports them."""
    entrance = Path(room, "__init__.py")
    inside = [item.module[1:] for item in imports_within(entrance)] if entrance in FILES else []
    return list(dict.fromkeys(module[1] for module in inside if module[0] == room and len(module) > 1))


def is_lower(path: Path, module: tuple[str, ...]) -> bool:
    """Whether the file at `path` stands above what it imports."""
    if len(module) == 1:
        return False
    here, there = name_of(path), module[1]
    if here == there:
        if path.name == "__init__.py":
            return len(module) > 2
        order = [*line_of_room(here), path.stem]
        return len(module) > 2 and module[2] in order[: order.index(path.stem)]
    (floor, line, position), (other_floor, other_line, other_position) = PLACES[here], PLACES[there]
    return other_floor < floor or (other_line == line and other_position < position)


@pytest.mark.parametrize("path", INSIDE, ids=str)
def test_every_file_has_a_floor(path):
    assert name_of(path) in PLACES, f"give {name_of(path)!r} a place in FLOORS"


@pytest.mark.parametrize("path", INSIDE, ids=str)
def test_imports_go_down(path):
    upward = [item for item in imports_within(path) if not is_lower(path, item.module)]
    assert not upward, "\n".join(f"{path}:{item.line} imports {'.'.join(item.module)}" for item in upward)


def test_rooms_have_no_rooms():
    assert not [str(path) for path in INSIDE if len(path.parts) > 2]


@pytest.mark.parametrize("path", [path for path in INSIDE if len(path.parts) == 2], ids=str)
def test_every_file_of_a_room_stands_in_its_line(path):
    assert path.stem in ["__init__", *line_of_room(path.parts[0])], (
        f"{path.parts[0]}/__init__.py does not import it"
    )


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_optional_packages_are_imported_inside_functions(path):
    late = [item for item in imports(path) if item.when == "late" and item.module[0] not in OPTIONAL]
    assert not late, "\n".join(f"{path}:{item.line} imports {'.'.join(item.module)}" for item in late)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_outside_functions_only_numpy_and_the_standard_library_are_imported(path):
    known = {HOUSE.name, "numpy", *sys.stdlib_module_names}
    foreign = [item for item in imports(path) if item.when == "at once" and item.module[0] not in known]
    assert not foreign, "\n".join(f"{path}:{item.line} imports {'.'.join(item.module)}" for item in foreign)


def test_no_room_or_file_hides_a_public_name():
    tree = ast.parse((HOUSE / UPSTAIRS).read_text(encoding="utf-8"))
    public = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not public & {name_of(path) for path in INSIDE}


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_one_file_runs_other_programs(path):
    runs = any(item.module[0] == "subprocess" for item in imports(path))
    assert not runs or path.as_posix() in MAY_RUN_PROGRAMS


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_fits_in_the_head(path):
    lines = len((HOUSE / path).read_text(encoding="utf-8").splitlines())
    assert (lines > LONGEST) == (path.as_posix() in LONGER), f"{path} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_first_line_says_what_a_file_knows(path):
    docstring = ast.get_docstring(ast.parse((HOUSE / path).read_text(encoding="utf-8")))
    assert docstring, f"{path} does not say what it knows"


def test_the_plan_names_every_place_once():
    names = sorted(name for lines in FLOORS for line in lines for name in line.split())
    assert all(earlier != later for earlier, later in pairwise(names))


@pytest.mark.parametrize(
    ("path", "module", "allowed"),
    [
        ("primitives.py", "errors", True),
        ("errors.py", "primitives", False),
        ("names.py", "bytecode", True),
        ("names.py", "errors", False),
        ("checking/run.py", "program.trace", True),
        ("program/text.py", "checking.checks", False),
        ("checking/run.py", "value", True),
        ("rules/__init__.py", "rules.arithmetic", True),
        ("rules/losses.py", "rules.transcendental", True),
        ("rules/transcendental.py", "rules.losses", False),
        ("rules/losses.py", "rules", False),
        ("value.py", "", False),
    ],
)
def test_what_going_down_means(path, module, allowed):
    parts = tuple(part for part in (HOUSE.name, *module.split(".")) if part)
    assert is_lower(Path(path), parts) == allowed
