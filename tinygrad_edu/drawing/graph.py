"""tg.draw: what can be drawn, and with which settings. Runs no sweep."""

import sys
from collections.abc import Callable
from functools import partial

from tinygrad_edu.comparison import Comparison
from tinygrad_edu.drawing.difference import difference_of, explained_difference
from tinygrad_edu.drawing.drawing import Drawing
from tinygrad_edu.drawing.folding import Collapse
from tinygrad_edu.drawing.picture import Direction, Picture
from tinygrad_edu.drawing.sketch import sketch_of
from tinygrad_edu.drawing.story import Story
from tinygrad_edu.drawing.svg import SvgTheme
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node


def draw(
    value: Node | Comparison,
    *,
    collapse: Collapse = None,
    heat: bool = True,
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
    collapse : None, bool, str, or sequence of str
        The titles of the scopes (``with tg.scope("layer 1"):``) to show as one card each; every outermost
        scope for True, none for False. By itself a graph of more than 40 cards is collapsed as far as is
        needed to read it: by scopes; of more than 100 by the rounds of a loop, or by stretches of operations.
        A comparison is always shown whole.
    heat : bool
        Whether colour and width of what flows back show the magnitude of the gradient.
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
        If `value` is neither, theme or direction is an unknown word, or there is no such scope to collapse.
    DrawingError
        If there would be more than 1,500 cards, because of ``collapse=False``.

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
        explained: Callable[[], tuple[Picture, Story]] = partial(explained_difference, value)
    elif isinstance(value, Node):
        sketch = sketch_of(value, sys._getframe(1), collapse)
        picture, explained = sketch.picture(), sketch.explained
    else:
        raise ArgumentError(f"draw() needs a Value, not {type(value).__name__}: draw(loss), for example.")
    return Drawing(picture, heat=heat, theme=theme, direction=direction, engine=engine, explained=explained)
