"""Facts about the caller's variables: the lines of operations, who holds an object, likely spellings."""

import gc
import sys
import weakref

import pytest
from spy import Spy, operations

from tinygrad_edu import names


@pytest.mark.parametrize("offset", [-1, 10**6])
def test_an_offset_outside_the_code_has_no_names(offset):
    code = operations.__code__
    assert names.stored_name(code, offset) is None
    assert names.operand_name(code, offset, 0) is None
    assert names.line_of(code, offset) is None


@pytest.mark.parametrize("position", [-1, 2])
def test_an_operand_that_does_not_exist_has_no_name(position):
    (where,) = operations("z = a @ b")
    assert names.operand_name(*where, position) is None


def test_the_line_of_an_operation():
    def f(a, b):
        z = a @ b
        return (
            z
            + b
        )  # fmt: skip

    Spy.seen.clear()
    f(Spy(), Spy())
    first = f.__code__.co_firstlineno
    assert [names.line_of(*where) for where in Spy.seen] == [first + 1, first + 3]


def test_what_is_known_about_code_dies_with_it():
    space = {}
    exec("f = lambda a, b: a + b", space)
    Spy.seen.clear()
    space["f"](Spy(), Spy())
    code, offset = Spy.seen.pop()
    assert names.operand_name(code, offset, 1) == "b"
    key, gone = id(code), weakref.ref(code)
    assert key in names._listings
    del code, space
    gc.collect()
    assert gone() is None
    assert key not in names._listings


def test_code_that_outlives_the_module_is_forgotten_quietly(monkeypatch):
    listings, code = names._listings, compile("a + b", "<text>", "eval")
    key = id(code)
    names.line_of(code, 0)
    monkeypatch.setattr(names, "_listings", None)  # as the interpreter leaves it when it ends
    del code
    gc.collect()
    assert key not in listings


def test_equal_code_on_other_lines_keeps_its_own_lines():
    texts = ["f = lambda a: (\n\n a + a)", "f = lambda a: (\n a + a)"]
    spaces = [{}, {}]
    for text, space in zip(texts, spaces, strict=True):
        exec(text, space)
    Spy.seen.clear()
    for space in spaces:
        space["f"](Spy())
    assert [names.line_of(*where) for where in Spy.seen] == [3, 2]


held_globally = Spy()


def test_the_variable_that_holds_an_object():
    thing, _private = Spy(), Spy()
    again, public, frame = thing, _private, sys._getframe()  # noqa: F841
    assert names.held_name(frame, thing) == "thing"
    assert names.held_name(frame, _private) == "public"
    assert names.held_name(frame, held_globally) == "held_globally"
    assert names.held_name(frame, Spy()) is None


def test_a_captured_variable_is_found_from_the_inner_function():
    captured = Spy()

    def inner():
        return names.held_name(sys._getframe(), captured)

    assert inner() == "captured"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wieghts", ["weights", "Weights2"]),
        ("WEIGHTS", ["weights", "Weights2"]),
        ("b1", ["b", "b2"]),
        ("nothing like it", []),
        ("", []),
    ],
)
def test_the_nearest_names(name, expected):
    assert names.nearest(name, ["b", "weights", "Weights2", "b2"]) == expected


def test_no_more_names_than_asked_for():
    assert names.nearest("w", ["w1", "w2", "w3", "w4", "w"], n=2) == ["w", "w1"]
