"""A drawing: a picture that can be looked at, saved, and handed to a notebook."""

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinygrad_edu.drawing.dot import dot_text
from tinygrad_edu.drawing.engine import layout
from tinygrad_edu.drawing.numerals import brief, special_marks
from tinygrad_edu.drawing.page import page
from tinygrad_edu.drawing.palette import Theme
from tinygrad_edu.drawing.picture import Card, Direction, Picture
from tinygrad_edu.drawing.story import Story
from tinygrad_edu.drawing.svg import SvgTheme, finish, size_of
from tinygrad_edu.errors import ArgumentError, DrawingError, missing_package

if TYPE_CHECKING:
    import graphviz

PIXELS_PER_INCH = 144
LARGEST = 8000  # pixels, beyond which viewers give up on a PNG
LISTED = 60  # cards, in plain text


class Drawing:
    """A picture of a graph, laid out when it is first asked for.

    Parameters
    ----------
    picture : Picture
        What to draw.
    heat : bool
        Whether colour and width of what flows back show the magnitude of the gradient.
    theme : {"auto", "light", "dark"}
        With "auto" an SVG follows the reader's system setting; everything else is light.
    direction : {"down", "right"}
        Where values flow to.
    engine : str, optional
        The layout engine: ``"graphviz-pure"``, ``"pygraphviz"``, ``"dot"``, or a program called like ``dot``.
    explained : callable, optional
        Gives the picture that the page shows, in which everything has a name, and what it tells; called when
        the page is first asked for. Without it the page shows this picture, and no formulas.

    Raises
    ------
    ArgumentError
        If theme or direction is another word.
    """

    def __init__(
        self,
        picture: Picture,
        *,
        heat: bool = True,
        theme: SvgTheme = "auto",
        direction: Direction = "down",
        engine: str | None = None,
        explained: Callable[[], tuple[Picture, Story]] | None = None,
    ) -> None:
        _check("theme", theme, ("auto", "light", "dark"))
        _check("direction", direction, ("down", "right"))
        self.picture = picture
        self.heat = heat
        self.theme = theme
        self.direction = direction
        self.engine = engine
        self._explained = explained

    @cached_property
    def dot(self) -> str:
        """The graph in the DOT language; needs no layout engine."""
        return dot_text(self.picture, self._paint, self.direction, heat=self.heat)

    @cached_property
    def svg(self) -> str:
        """The picture as one self-contained SVG element."""
        return self._finished(self.theme)

    @cached_property
    def html(self) -> str:
        """The picture as a page to step through, which needs nothing else; see `explain`."""
        if self._explained is None:
            return page(self.picture, self.svg, Story(), self.theme)
        picture, story = self._explained()
        shown = Drawing(
            picture, heat=self.heat, theme=self.theme, direction=self.direction, engine=self.engine
        )
        return page(picture, shown.svg, story, self.theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file whose suffix says in what format.

        Parameters
        ----------
        path : str or path
            Ends in ``.svg``, ``.png``, ``.pdf``, ``.html``, ``.dot`` or ``.gv``.

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
        make = {
            ".svg": self._svg,
            ".png": self._png,
            ".pdf": self._pdf,
            ".html": self._html,
            ".dot": self._dot,
            ".gv": self._dot,
        }
        if path.suffix.lower() not in make:
            raise DrawingError(f"Cannot save {path.name!r}: the name must end in {', '.join(make)}.")
        if not path.parent.is_dir():
            raise DrawingError(f"Cannot save {path.name!r}: there is no folder {str(path.parent)!r}.")
        content = make[path.suffix.lower()]()
        try:
            path.write_bytes(content)
        except OSError as error:
            raise DrawingError(f"Cannot write {str(path)!r}: {error.strerror}.") from error
        return path

    def to_graphviz(self) -> "graphviz.Source":
        """The drawing as an object of the package graphviz."""
        try:
            import graphviz
        except ImportError as error:
            raise missing_package("graphviz", "all", "to_graphviz()") from error
        return graphviz.Source(self.dot)

    def __repr__(self) -> str:
        return f"<Drawing of {self.picture.title!r}: {self._size}>"

    def __str__(self) -> str:
        """The cards as lines of text: formula, shape, value and gradient."""
        cards = self.picture.cards[-LISTED:]
        left_out = len(self.picture.cards) - len(cards)
        rows = [("", "shape", "value", "gradient"), *(_row(card) for card in cards)]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        if left_out:
            lines.insert(1, f"... {left_out} more")
        return "\n".join([self.picture.title, *lines])

    def _repr_mimebundle_(self, **_settings: Any) -> dict[str, str]:
        """What a notebook shows: a light picture (its page may be of either theme), or else the text."""
        bundle = {"text/plain": repr(self)}
        try:
            bundle["text/plain"] = str(self)
            bundle["image/svg+xml"] = self._finished("light" if self.theme == "auto" else self.theme)
        except Exception as error:  # noqa: BLE001 - looking at an object must never fail
            bundle["text/plain"] += f"\n\n{type(error).__name__}: {error}"
        return bundle

    @property
    def _paint(self) -> Theme:
        return "dark" if self.theme == "dark" else "light"

    @cached_property
    def _laid_out(self) -> bytes:
        return layout(self.dot, "svg", self.engine)

    def _finished(self, theme: SvgTheme) -> str:
        formulas = "; ".join(card.title for card in self.picture.cards[-LISTED:])
        told = f"{self._size}; values flow forward, gradients flow backward"
        description = ". ".join([told, *self.picture.notes, formulas])
        return finish(self._laid_out, self.picture.title, description, theme)

    @property
    def _size(self) -> str:
        cards, groups = len(self.picture.cards), len(self.picture.groups)
        return _count(cards, "card") + (f" in {_count(groups, 'group')}" if groups else "")

    def _dot(self) -> bytes:
        return self.dot.encode()

    def _svg(self) -> bytes:
        return self.svg.encode()

    def _html(self) -> bytes:
        return self.html.encode()

    def _pdf(self) -> bytes:
        return layout(self.dot, "pdf", self.engine)

    def _png(self) -> bytes:
        longest = max(size_of(self._laid_out)) / 72  # inches
        return layout(self.dot, "png", self.engine, dpi=int(min(PIXELS_PER_INCH, LARGEST / longest)))


def _row(card: Card) -> tuple[str, str, str, str]:
    gradient = card.absence if card.gradient is None else _summary(card.gradient)
    if card.judged and card.judged.is_wrong and card.judged.manual is not None:
        gradient = f"{card.judged.words}: {_summary(card.judged.manual)}, right {gradient}"
    elif card.judged:
        gradient = f"{card.judged.words}: {gradient}"
    return card.title, card.shape, "" if card.value is None else _summary(card.value), gradient


def _summary(array: Any) -> str:
    return " ".join([brief(array), *(f"({mark})" for mark in special_marks(array))])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _check(name: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ArgumentError(f"{name}={given!r}: must be one of {', '.join(map(repr, known))}.")
