"""What is recorded: on and off, scopes, and that each thread, task and nesting has its own."""

import asyncio
from contextvars import copy_context

import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.context import recording
from tinygrad_edu.errors import ArgumentError


def scope_here():
    return (Value(1.0) * 2).scope


def is_recorded():
    return not (Value(1.0) * 2).is_leaf


def test_scopes_nest():
    with tg.scope("network"):
        with tg.scope("layer 1"):
            assert scope_here() == "network / layer 1"
        assert scope_here() == "network"
    assert scope_here() is None


def test_recording_is_switched_off_and_on():
    with tg.no_grad(), tg.scope("s"):
        assert not is_recorded()
        with recording():
            assert is_recorded()
            assert scope_here() == "s"
        with tg.no_grad():
            assert not is_recorded()
        assert not is_recorded()
    assert is_recorded()


def test_an_error_inside_ends_them_too():
    with pytest.raises(ZeroDivisionError), tg.no_grad(), tg.scope("s"):
        raise ZeroDivisionError
    assert is_recorded()
    assert scope_here() is None


def test_they_hold_from_where_they_are_entered():
    silent, block = tg.no_grad(), tg.scope("block")
    with tg.scope("outer"):
        with silent:
            assert scope_here() == "outer"
        with tg.no_grad(), block:
            assert not is_recorded()
            assert scope_here() == "outer / block"


def test_as_decorators_they_hold_for_each_call():
    silent, block = tg.no_grad()(is_recorded), tg.scope("block")(lambda: (scope_here(), is_recorded()))
    with tg.scope("outer"):
        assert [block(), block()] == [("outer / block", True)] * 2
    with tg.no_grad():
        assert block() == ("block", False)
    assert not silent()
    assert is_recorded()


def test_tasks_do_not_disturb_each_other():
    async def work(title):
        with tg.scope(title):
            await asyncio.sleep(0)
            return scope_here()

    async def both():
        return await asyncio.gather(work("a"), work("b"))

    assert asyncio.run(both()) == ["a", "b"]


def test_a_copied_context_keeps_what_was_switched():
    with tg.no_grad():
        context = copy_context()
    assert not context.run(is_recorded)
    assert is_recorded()


@pytest.mark.parametrize("title", ["", None, 1, "a\nb", "\x00", "\ud800"])
def test_a_scope_has_a_title(title):
    with pytest.raises(ArgumentError) as raised:
        tg.scope(title)
    assert (
        str(raised.value)
        == f"scope({title!r}): the title of a scope is a text of one line that is not empty."
    )
