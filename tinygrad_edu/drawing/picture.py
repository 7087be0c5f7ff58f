"""What a picture shows, before anything is drawn: cards, edges and groups. Knows nothing of Values."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from tinygrad_edu.errors import DrawingError

FULL = 40  # cards, beyond which they are compact
MOST = 1500  # cards, beyond which nothing can be read

Role = Literal["data", "parameter", "operation", "loss", "constant", "block"]
Direction = Literal["down", "right"]


Mark = Literal["right", "kink", "own", "inherited", "none"]
"""What a comparison says of a gradient; ``"none"``: no manual gradient was given."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a comparison found at a card.

    Attributes
    ----------
    mark : {"right", "kink", "own", "inherited", "none"}
    words : str
        The verdict, ``"WRONG here"``.
    manual : array or None
        The gradient that was derived by hand.
    """

    mark: Mark
    words: str
    manual: Any = None

    @property
    def is_wrong(self) -> bool:
        """Whether the gradient should be another one."""
        return self.mark in ("own", "inherited")


@dataclass(frozen=True, eq=False)
class Card:
    """An operation with its result, or a leaf.

    Attributes
    ----------
    key : str
        Identifies the card and its parts in the picture; unique, made of letters, digits and ``- _ . #``.
    title : str
        The formula, ``"h = σ(a₁)"``, or the name of a leaf.
    role : {"data", "parameter", "operation", "loss", "constant", "block"}
        A block stands for many operations, of which `value` is the result.
    shape : str
        ``"4×3"``; empty for a scalar.
    value : array or None
        The recorded numbers.
    gradient : array or None
        ``None`` when no sweep has reached the card.
    differentiable : bool
        Whether a gradient is conceivable: not so for data, constants, integers and booleans.
    group : str or None
        The key of the group that the card is in.
    note : str
        What else there is to say, in the place of the role: ``"12 operations"``.
    marks : tuple of str
        What must not be overlooked: ``"3 of 8 dead"``.
    extra : (str, str)
        A further line for the value, and one for the gradient.
    judged : Judged or None
        In a picture of a comparison, what was found here; `gradient` is the right one then.
    """

    key: str
    title: str
    role: Role
    shape: str = ""
    value: Any = None
    gradient: Any = None
    differentiable: bool = True
    group: str | None = None
    judged: Judged | None = None
    note: str = ""
    marks: tuple[str, ...] = ()
    extra: tuple[str, str] = ("", "")

    @property
    def absence(self) -> str:
        """Why there is no gradient, where there is none."""
        return "not computed" if self.differentiable else "no gradient"


@dataclass(frozen=True)
class Edge:
    """One use of a card's value as an argument: the value flows to `target`, the gradient back to `source`.

    Attributes
    ----------
    source, target : str
        Keys of cards.
    argument : int
        The position among the arguments of `target`, which tells the two edges of ``a * a`` apart.
    label : str or None
        The backward rule, with ▲ for the incoming gradient: ``"▲ × h(1 − h)"``.
    carries_gradient : bool
        Whether a gradient flows back at all.
    fault : {"lost", "wrong"} or None
        In a picture of a comparison, whether the mistake was made on this way: nothing was handed back, or
        something else.
    """

    source: str
    target: str
    argument: int = 0
    label: str | None = None
    carries_gradient: bool = True
    fault: Literal["lost", "wrong"] | None = None


@dataclass(frozen=True)
class Group:
    """A frame around cards; `parent` is the key of the group around it."""

    key: str
    title: str
    parent: str | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """Cards in the order of computation, their edges, the groups around them, and notes below the title.

    Raises
    ------
    DrawingError
        If there are more than 1,500 cards, a key is used twice, unknown or no plain word, or an edge runs
        against the order of computation.
    """

    title: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.cards) > MOST:
            raise too_large(len(self.cards))
        _check_keys("card", [card.key for card in self.cards])
        _check_keys("group", [group.key for group in self.groups])
        groups: set[str] = set()
        for group in self.groups:
            if group.parent is not None and group.parent not in groups:
                raise DrawingError(f"The group {group.key!r} needs {group.parent!r} around it to come first.")
            groups.add(group.key)
        for card in self.cards:
            if card.group is not None and card.group not in groups:
                raise DrawingError(f"The card {card.key!r} is in the unknown group {card.group!r}.")
        place = {card.key: number for number, card in enumerate(self.cards)}
        for edge in self.edges:
            for key in (edge.source, edge.target):
                if key not in place:
                    raise DrawingError(f"An edge names the unknown card {key!r}.")
            if place[edge.source] >= place[edge.target]:
                raise DrawingError(f"The edge from {edge.source!r} to {edge.target!r} runs backwards.")

    @property
    def is_comparison(self) -> bool:
        """Whether this shows what a comparison found."""
        return any(card.judged for card in self.cards)

    def has_fault_at(self, key: str) -> bool:
        """Whether it is known on which of the ways to a card the mistake was made."""
        return any(edge.fault and edge.source == key for edge in self.edges)

    @property
    def is_compact(self) -> bool:
        """Whether there are so many cards that each is drawn small, and edges without labels."""
        return len(self.cards) > FULL

    @cached_property
    def card(self) -> dict[str, Card]:
        """The cards by their keys."""
        return {card.key: card for card in self.cards}

    @cached_property
    def spine(self) -> frozenset[Edge]:
        """The path to draw straight: back from the last card, always by the longest way, data first."""
        incoming: dict[str, list[Edge]] = {card.key: [] for card in self.cards}
        for edge in self.edges:
            incoming[edge.target].append(edge)
        depth: dict[str, int] = {}
        for card in self.cards:
            depth[card.key] = 1 + max((depth[edge.source] for edge in incoming[card.key]), default=-1)

        def rank(edge: Edge) -> tuple[bool, int, bool, int]:
            deep, is_data = depth[edge.source], self.card[edge.source].role == "data"
            return (edge.carries_gradient and deep > 0, deep, is_data, -edge.argument)

        path = []
        key = self.cards[-1].key if self.cards else None
        while key is not None and incoming[key]:
            path.append(max(incoming[key], key=rank))
            key = path[-1].source
        return frozenset(path)

    @cached_property
    def on_spine(self) -> frozenset[str]:
        """The keys of the cards on the spine."""
        return frozenset(key for edge in self.spine for key in (edge.source, edge.target))


def too_large(number: int) -> DrawingError:
    """The error for a graph of so many operations and leaves."""
    return DrawingError(
        f"This graph has {number:,} operations and leaves; a picture of more than {MOST:,} cannot be read. "
        f"Draw a part of it: an intermediate Value, or the loss of fewer steps or layers."
    )


def _check_keys(kind: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if not key or not all(character.isalnum() or character in "-_.#" for character in key):
            raise DrawingError(f"{key!r} cannot be the key of a {kind}: use letters, digits and - _ . #")
        if key in seen:
            raise DrawingError(f"The key {key!r} stands for two {kind}s.")
        seen.add(key)
