"""What is being recorded right now, separately for each thread and task: on or off, and under which scope."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from tinygrad_edu.errors import ArgumentError

T = TypeVar("T")
Context = tuple[bool, str | None]

CONTEXT: ContextVar[Context] = ContextVar("tinygrad_edu", default=(True, None))
"""Whether operations are recorded, and the title of the group that they belong to."""


Watch = Callable[[Any, str], None]

WATCH: ContextVar[Watch | None] = ContextVar("tinygrad_edu_watch", default=None)
"""Told about each Value whose numbers are looked at, and how."""

COMPILING: ContextVar[bool] = ContextVar("tinygrad_edu_compiling", default=False)
"""Whether what is recorded becomes a program, which plans its own memory."""


@contextmanager
def _set(variable: ContextVar[T], value: T) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def watching(watch: Watch | None) -> AbstractContextManager[None]:
    """Inside ``with watching(watch):`` whoever looks at the numbers of a Value is reported to `watch`."""
    return _set(WATCH, watch)


def compiling() -> AbstractContextManager[None]:
    """Inside ``with compiling():`` a function is recorded in order to be compiled."""
    return _set(COMPILING, True)


@contextmanager
def _changed(change: Callable[[Context], Context]) -> Iterator[None]:
    with _set(CONTEXT, change(CONTEXT.get())):
        yield


def no_grad() -> AbstractContextManager[None]:
    """Inside ``with no_grad():`` nothing is recorded: results are Values without a history.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> x = tg.Value(3.0)
    >>> with tg.no_grad():
    ...     y = x * x
    >>> y.is_leaf
    True
    """
    return _changed(lambda outer: (False, outer[1]))


def recording() -> AbstractContextManager[None]:
    """Inside ``with recording():`` operations are recorded, also within a `no_grad`: transforms need it."""
    return _changed(lambda outer: (True, outer[1]))


def scope(title: str) -> AbstractContextManager[None]:
    """Groups what is recorded inside ``with scope("layer 1"):`` for pictures and listings; scopes nest.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> with tg.scope("layer 1"):
    ...     h = tg.relu(tg.Value(1.0))
    >>> h.scope
    'layer 1'
    """
    if not (isinstance(title, str) and title and title.isprintable()):
        raise ArgumentError(
            f"scope({title!r}): the title of a scope is a text of one line that is not empty."
        )
    return _changed(lambda outer: (outer[0], f"{outer[1]} / {title}" if outer[1] else title))
