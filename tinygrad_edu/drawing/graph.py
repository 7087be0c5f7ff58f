"""From a recorded graph to a picture of it. Runs no sweep: what has no gradient yet is shown as such."""

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from tinygrad_edu.drawing.drawing import Drawing
from tinygrad_edu.drawing.folding import Collapse
from tinygrad_edu.drawing.picture import Direction, Picture
from tinygrad_edu.drawing.sketch import Sketch
from tinygrad_edu.drawing.svg import SvgTheme
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node
from tinygrad_edu.program import labels_of
from tinygrad_edu.sweeps import history


def draw(
    value: Node,
    *,
    collapse: Collapse = None,
    heat: bool = True,
    theme: SvgTheme = "auto",
    direction: Direction = "down",
    engine: str | None = None,
) -> Drawing:
    """A picture of how a Value was computed, and of the gradients that flow back.

    Parameters
    ----------
    value : Value
        The result to start from; its gradients are shown if ``backward()`` was called.
    collapse : None, bool, str, or sequence of str
        The titles of the scopes (``with tg.scope("layer 1"):``) to show as one card each; every outermost
        scope for True, none for False. By itself a graph of more than 40 cards is collapsed as far as is
        needed to read it: by scopes; of more than 100 by the rounds of a loop, or by stretches of operations.
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
        If `value` is no Value, theme or direction is an unknown word, or there is no such scope to collapse.
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
    if not isinstance(value, Node):
        raise ArgumentError(f"draw() needs a Value, not {type(value).__name__}: draw(loss), for example.")
    nodes = history(value)
    sketch = Sketch(nodes, labels_of(nodes, sys._getframe(1)), gradients_of(nodes), collapse)
    return Drawing(
        sketch.picture(),
        heat=heat,
        theme=theme,
        direction=direction,
        engine=engine,
        explained=sketch.explained,
    )


def gradients_of(nodes: Sequence[Node]) -> dict[Node, Any]:
    """The gradients that ``backward()`` has left."""
    return {node: g for node in nodes if (g := node.grad) is not None}


def picture_of(root: Node, frame: FrameType | None = None, collapse: Collapse = None) -> Picture:
    """The graph behind `root`: a card per operation, leaf and plain array, an edge per use.

    Parameters
    ----------
    root : Node
        The result to start from.
    frame : frame, optional
        Whose variables are searched for names that nothing else tells.
    collapse : None, bool, str, or sequence of str
        As for `draw`.

    Raises
    ------
    DrawingError
        If there would be more than 1,500 cards.
    """
    nodes = history(root)
    return Sketch(nodes, labels_of(nodes, frame), gradients_of(nodes), collapse).picture()
