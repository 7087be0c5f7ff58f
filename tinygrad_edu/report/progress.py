"""A progress bar on standard error, where a person watches and rich is installed; elsewhere nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """While a piece of work goes on, shows how far it is.

    Parameters
    ----------
    title : str
    total : int
        The number at which the work is done.

    Yields
    ------
    callable
        To be called with the number reached.
    """
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield _nothing
        return
    if sys.stderr is None or not sys.stderr.isatty():
        yield _nothing
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda reached: bar.update(task, completed=reached)


def _nothing(reached: int) -> None:
    """Takes a number and shows nothing."""
