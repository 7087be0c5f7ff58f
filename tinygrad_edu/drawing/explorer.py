"""The page to step through: a picture of a graph with the chain rule told operation by operation."""

import os
import sys
from html import escape
from pathlib import Path

import numpy as np

from tinygrad_edu.drawing.drawing import Drawing
from tinygrad_edu.drawing.folding import Collapse
from tinygrad_edu.drawing.picture import Direction
from tinygrad_edu.drawing.sketch import Sketch
from tinygrad_edu.drawing.svg import SvgTheme
from tinygrad_edu.errors import ArgumentError, DrawingError
from tinygrad_edu.node import Node
from tinygrad_edu.program import labels_of
from tinygrad_edu.sweeps import history, pullback

HEIGHT = 640  # pixels, in a notebook


class Explorer:
    """A page to step through, made when it is first asked for. Notebooks show it in a frame of its own.

    Parameters
    ----------
    drawing : Drawing
        What the page shows.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    @property
    def html(self) -> str:
        """The whole page, as one document that needs nothing else."""
        return self.drawing.html

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : str or path
            Ends in ``.html``.

        Returns
        -------
        Path
            Where it was written.

        Raises
        ------
        DrawingError
            If the suffix is another one, the folder does not exist, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise DrawingError(
                f"Cannot save {path.name!r}: the page is written to a file that ends in .html."
            )
        return self.drawing.save(path)

    def __repr__(self) -> str:
        return f"<Explorer of {self.drawing.picture.title!r}; save('page.html') writes the page>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the page in a frame that can reach nothing outside."""
        try:
            document = self.html
        except Exception as error:  # noqa: BLE001 - looking at an object must never fail
            return f"<pre>{escape(repr(self))}\n\n{escape(f'{type(error).__name__}: {error}')}</pre>"
        title = escape(self.drawing.picture.title)
        return (
            f'<iframe srcdoc="{escape(document)}" sandbox="allow-scripts" title="{title}" '
            f'style="width:100%;height:{HEIGHT}px;border:1px solid #94a3b8;border-radius:8px"></iframe>'
        )


def explain(
    value: Node,
    *,
    collapse: Collapse = None,
    theme: SvgTheme = "auto",
    direction: Direction = "down",
    engine: str | None = None,
) -> Explorer:
    """A page to step through: how a Value was computed, and how its gradient comes about.

    Parameters
    ----------
    value : Value
        The result to start from. If it is a single number, its gradients are computed for the page, and
        ``.grad`` is left alone; otherwise the page shows those of the last ``backward()``.
    collapse : None, bool, str, or sequence of str
        What is shown as one card, as for `draw`.
    theme : {"auto", "light", "dark"}
        With "auto" the page follows the reader's system setting.
    direction : {"down", "right"}
        Where values flow to.
    engine : str, optional
        The layout engine: ``"graphviz-pure"``, ``"pygraphviz"``, ``"dot"``, or a program called like ``dot``.

    Returns
    -------
    Explorer
        Shown by a notebook; elsewhere ``explain(loss).save("loss.html")``. Where all Values are single
        numbers, the page computes again, forward and backward, when a number is changed in it.

    Raises
    ------
    ArgumentError
        If `value` is no Value, or theme or direction is an unknown word.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> a = tg.Value(3.0)
    >>> b = a * a
    >>> tg.explain(b)
    <Explorer of 'b = a × a'; save('page.html') writes the page>
    """
    if not isinstance(value, Node):
        raise ArgumentError(
            f"explain() needs a Value, not {type(value).__name__}: explain(loss), for example."
        )
    nodes = history(value)
    single = value.is_float and value.size == 1
    gradients = pullback(nodes, np.ones(value.shape, value.dtype)[()]) if single else None
    sketch = Sketch(nodes, labels_of(nodes, sys._getframe(1)), gradients, collapse)
    return Explorer(
        Drawing(sketch.picture(), theme=theme, direction=direction, engine=engine, explained=sketch.explained)
    )
