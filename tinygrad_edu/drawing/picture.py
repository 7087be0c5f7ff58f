"""What a picture shows, before anything is drawn: cards, edges and groups, and nothing of the engine behind them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from tinygrad_edu.errors import DrawingError

Role = Literal["data", "parameter", "operation", "loss", "constant"]
Direction = Literal["down", "right"]


@dataclass(frozen=True, eq=False)
class Card:
    """An operation with its result, or a leaf.

    Attributes
    ----------
    key : str
        Identifies the card and its parts in the picture; unique, without spaces.
    title : str
        The formula, ``"h = σ(a₁)"``, or the name of a leaf.
    role : {"data", "parameter", "operation", "loss", "constant"}
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
    """

    key: str
    title: str
    role: Role
    shape: str = ""
    value: Any = None
    gradient: Any = None
    differentiable: bool = True
    group: str | None = None


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
    """

    source: str
    target: str
    argument: int = 0
    label: str | None = None
    carries_gradient: bool = True


@dataclass(frozen=True)
class Group:
    """A frame around cards; `parent` is the key of the group around it."""

    key: str
    title: str
    parent: str | None = None


@dataclass(frozen=True, eq=False)
class Picture:
    """Cards in the order of computation, their edges, and the groups around them.

    Raises
    ------
    DrawingError
        If a key is used twice, unknown, or has a space in it, or an edge runs against the order of computation.
    """

    title: str
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...] = ()
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        _check_keys("card", [card.key for card in self.cards])
        _check_keys("group", [group.key for group in self.groups])
        groups = {group.key for group in self.groups}
        for card in self.cards:
            if card.group is not None and card.group not in groups:
                raise DrawingError(f"The card {card.key!r} is in the group {card.group!r}, which the picture lacks.")
        place = {card.key: number for number, card in enumerate(self.cards)}
        for edge in self.edges:
            for key in (edge.source, edge.target):
                if key not in place:
                    raise DrawingError(f"An edge names the card {key!r}, which the picture lacks.")
            if place[edge.source] >= place[edge.target]:
                raise DrawingError(f"The edge {edge.source!r} -> {edge.target!r} runs against the order of computation.")

    @cached_property
    def spine(self) -> frozenset[Edge]:
        """The path to draw as a straight line: back from the last card, always by the longest way, data first."""
        role = {card.key: card.role for card in self.cards}
        incoming: dict[str, list[Edge]] = {card.key: [] for card in self.cards}
        for edge in self.edges:
            incoming[edge.target].append(edge)
        depth: dict[str, int] = {}
        for card in self.cards:
            depth[card.key] = 1 + max((depth[edge.source] for edge in incoming[card.key]), default=-1)

        def rank(edge: Edge) -> tuple[bool, int, bool, int]:
            deep = depth[edge.source]
            return (edge.carries_gradient and deep > 0, deep, role[edge.source] == "data", -edge.argument)

        path = []
        key = self.cards[-1].key if self.cards else None
        while key is not None and incoming[key]:
            path.append(max(incoming[key], key=rank))
            key = path[-1].source
        return frozenset(path)


def _check_keys(kind: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if not key or any(character.isspace() for character in key):
            raise DrawingError(f"{key!r} cannot be the key of a {kind}: it must be a word without spaces.")
        if key in seen:
            raise DrawingError(f"The key {key!r} stands for two {kind}s.")
        seen.add(key)
