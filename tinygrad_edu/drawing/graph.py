"""tg.draw: what can be drawn, and with which settings. Runs no sweep."""

import sys

from tinygrad_edu.comparison import Comparison
from tinygrad_edu.drawing.difference import difference_of
from tinygrad_edu.drawing.drawing import Drawing
from tinygrad_edu.drawing.picture import Direction
from tinygrad_edu.drawing.sketch import picture_of
from tinygrad_edu.drawing.svg import SvgTheme
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node


def draw(
    value: Node | Comparison,
    *,
    theme: SvgTheme = "auto",
    direction: Direction = "down",
    engine: str | None = None,
) -> Drawing:
    """A picture of how a Value was computed and what flows back, or of what a comparison found.

    Parameters
    ----------
    value : Value or Comparison
        The result to start from; its gradients are shown if ``backward()`` was called. Of a comparison, the
        gradients by hand are shown at the first point at which something is wrong: which are right, where
        the mistakes are, and what follows from them.
    theme : {"auto", "light", "dark"}
        With "auto" an SVG follows the reader's system setting; everything else is light.
    direction : {"down", "right"}
        Where values flow to.
    engine : str, optional
        The layout engine: ``"graphviz-pure"``, ``"pygraphviz"``, ``"dot"``, or a program called like ``dot``.

    Returns
    -------
    Drawing
        Shown by a notebook; elsewhere ``draw(loss).save("loss.svg")``.

    Raises
    ------
    ArgumentError
        If `value` is neither, or theme or direction is an unknown word.
    DrawingError
        If the graph has more than 1,500 operations and leaves.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.drawing import draw
    >>> a = tg.Value(3.0)
    >>> b = a * a
    >>> b.backward()
    >>> print(draw(b))
    b = a × a
               shape  value  gradient
    a                 3      6
    b = a × a         9      1
    """
    if isinstance(value, Comparison):
        picture = difference_of(value)
    elif isinstance(value, Node):
        picture = picture_of(value, sys._getframe(1))
    else:
        raise ArgumentError(f"draw() needs a Value, not {type(value).__name__}: draw(loss), for example.")
    return Drawing(picture, theme=theme, direction=direction, engine=engine)
