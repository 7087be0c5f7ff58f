"""A picture as DOT text in the house style: values run down one lane, gradients back up the other."""

from itertools import groupby

from tinygrad_edu.drawing.cards import BARE, Look, Size, card_table, cut, font, gradient_step, half_size
from tinygrad_edu.drawing.metrics import reserved_width
from tinygrad_edu.drawing.numerals import rms
from tinygrad_edu.drawing.palette import GROUPS, STEPS, Heat, Theme, edge_width
from tinygrad_edu.drawing.picture import Card, Direction, Edge, Group, Picture
from tinygrad_edu.errors import DrawingError

FULL = 40  # cards, beyond which they are compact
MOST = 1500  # cards, beyond which nothing can be read
LONGEST_TITLE = 90
HEADLINE, LEGEND = 16.0, 11.0  # font sizes
LEAST = {"down": Size(width=108), "right": Size(height=48)}  # halves that leave room for a label beside the lane
CHIP = 22  # width of a step in the legend


def dot_text(picture: Picture, theme: Theme = "light", direction: Direction = "down") -> str:
    """The picture in the DOT language; the same picture gives the same text.

    The parts carry identifiers, which SVG keeps: ``node-h``, ``value-h``, ``gradient-h``, ``edge-a-h-0`` and
    ``back-a-h-0`` (the 0 is the argument's position), ``group-layer1``.

    Raises
    ------
    DrawingError
        If the picture has more than 1,500 cards.
    """
    if len(picture.cards) > MOST:
        raise DrawingError(
            f"This graph has {len(picture.cards):,} operations and leaves; a picture of more than {MOST:,} cannot be "
            "read. Draw a part of it: an intermediate Value, or the loss of fewer steps or layers."
        )
    heat = Heat.spanning(rms(card.gradient) for card in picture.cards if card.gradient is not None)
    look = Look(theme, direction, heat, compact=len(picture.cards) > FULL)
    return "\n".join([*_opening(picture, look), *_nodes(picture, look), *_edges(picture, look), "}", ""])


def _opening(picture: Picture, look: Look) -> list[str]:
    down = look.direction == "down"
    return [
        "digraph picture {",
        f'  graph [rankdir={"TB" if down else "LR"}, bgcolor="{look.colour("page")}", fontname="Helvetica", '
        f"pad=0.25, nodesep={0.4 if down else 0.25}, ranksep={0.42 if down else 0.5}, splines=true, "
        f'outputorder=edgesfirst, tooltip=" ", labelloc=t, labeljust=l, label=<{_legend(picture, look)}>];',
        f'  node [shape=plain, fontname="Helvetica", fontsize=11, fontcolor="{look.colour("ink")}"];',
        f'  edge [fontname="Helvetica", fontsize=9.5, fontcolor="{look.colour("backward")}", arrowsize=0.6];',
    ]


def _legend(picture: Picture, look: Look) -> str:
    """The title, what the two lanes are, and the scale of heat."""
    quiet = look.colour("quiet")
    title = cut(picture.title, LONGEST_TITLE)
    forward, backward = "▼ values flow forward", "▲ gradients flow backward"
    low, high = (f"{10.0**exponent:g}" for exponent in (look.heat.low, look.heat.high))
    low = f"RMS gradient {low} "
    high = f" {high}"
    used = reserved_width(low, LEGEND) + CHIP * STEPS + reserved_width(high, LEGEND)
    wanted = max(reserved_width(title, HEADLINE, "bold"), reserved_width(f"{forward}    {backward}", LEGEND))
    chips = "".join(
        f'<TD WIDTH="{CHIP}" HEIGHT="10" FIXEDSIZE="TRUE" BGCOLOR="{look.colour(f"fill {step}")}"></TD>'
        for step in range(STEPS)
    )
    rows = (
        f'<TD ALIGN="LEFT" COLSPAN="{STEPS + 3}">{font(title, look.colour("ink"), HEADLINE, "bold")}</TD>',
        f'<TD ALIGN="LEFT" COLSPAN="{STEPS + 3}">{font(forward, look.colour("line"), LEGEND)}    '
        f"{font(backward, look.colour('backward'), LEGEND)}</TD>",
        f"<TD>{font(low, quiet, LEGEND)}</TD>{chips}<TD>{font(high, quiet, LEGEND)}</TD>"
        f'<TD WIDTH="{max(1, round(wanted - used))}"></TD>',
    )
    gap = f'<TR><TD HEIGHT="7" COLSPAN="{STEPS + 3}"></TD></TR>'
    return f"<TABLE {BARE}>{''.join(f'<TR>{row}</TR>{gap}' for row in rows)}</TABLE>"


def _nodes(picture: Picture, look: Look) -> list[str]:
    """The cards inside the frames of their groups; those of the spine have equal halves."""
    on_spine = {key for edge in picture.spine for key in (edge.source, edge.target)}
    least = Size() if look.compact else LEAST[look.direction]
    for card in picture.cards:
        if card.key in on_spine:
            least = least.join(half_size(card, look))

    def node(card: Card, indent: str) -> str:
        table = card_table(card, look, least if card.key in on_spine else Size())
        spine = ", group=spine" if card.key in on_spine else ""
        return f'{indent}"{card.key}" [id="node-{card.key}", class="{card.role}"{spine}, label=<{table}>];'

    def inside(parent: str | None, depth: int) -> list[str]:
        indent = "  " * (depth + 1)
        lines = [node(card, indent) for card in picture.cards if card.group == parent]
        for number, group in enumerate(picture.groups):
            if group.parent == parent:
                lines += [_frame(group, number, look, indent), *inside(group.key, depth + 1), f"{indent}}}"]
        return lines

    return inside(None, 0)


def _frame(group: Group, number: int, look: Look, indent: str) -> str:
    turn = number % GROUPS
    title = font(group.title, look.colour(f"group title {turn}"), 11, "bold")
    return (
        f'{indent}subgraph "cluster_{group.key}" {{ id="group-{group.key}"; class="group"; labeljust=r; margin=12; '
        f'style="rounded,filled"; fillcolor="{look.colour(f"group {turn}")}"; '
        f'color="{look.colour(f"group border {turn}")}"; '
        f'label=<<TABLE BORDER="0" CELLPADDING="3"><TR><TD>{title}</TD></TR></TABLE>>;'
    )


def _edges(picture: Picture, look: Look) -> list[str]:
    """Two lines per edge, value to value and gradient to gradient; the spine first, so that it stays on the left."""
    cards = {card.key: card for card in picture.cards}
    order = {card.key: number for number, card in enumerate(picture.cards)}
    lines = []
    for target, edges in groupby(sorted(picture.edges, key=lambda e: order[e.target]), key=lambda e: e.target):
        incoming = sorted(edges, key=lambda e: (e not in picture.spine, e.argument))
        for edge in incoming:
            lines.append(_forward(edge, cards, picture, look))
            if edge.carries_gradient:
                lines.append(_backward(edge, cards, picture, look))
    return lines


def _forward(edge: Edge, cards: dict[str, Card], picture: Picture, look: Look) -> str:
    name = f"{edge.source}-{edge.target}-{edge.argument}"
    return (
        f'  {_ends(edge, "value", picture, look)} [id="edge-{name}", class="forward", '
        f'color="{look.colour("forward")}", penwidth=1.1, {_pull(edge, cards, picture)}];'
    )


def _backward(edge: Edge, cards: dict[str, Card], picture: Picture, look: Look) -> str:
    name = f"{edge.source}-{edge.target}-{edge.argument}"
    step = gradient_step(cards[edge.source], look)
    label = ""
    if edge.label and not look.compact:
        label = f", label=<&#160;&#160;{font(edge.label, look.colour('backward'), 9.5)}>"
    return (
        f'  {_ends(edge, "gradient", picture, look)} [id="back-{name}", class="backward", dir=back, '
        f'color="{look.colour(f"edge {step}")}", penwidth={edge_width(step):.1f}, {_pull(edge, cards, picture)}{label}];'
    )


def _ends(edge: Edge, half: str, picture: Picture, look: Look) -> str:
    """From the half of one card to the same half of another; what leaves or joins the spine does so beside its lane."""
    on_spine = edge in picture.spine
    branches = any(edge.source == other.source for other in picture.spine) and not on_spine
    leave, join = ("-side" if branches else ""), ("" if on_spine else "-side")
    tail, head = ("s", "n") if look.direction == "down" else ("e", "w")
    return f'"{edge.source}":"from-{half}{leave}":{tail} -> "{edge.target}":"into-{half}{join}":{head}'


def _pull(edge: Edge, cards: dict[str, Card], picture: Picture) -> str:
    """How strongly an edge wants to be straight; one between groups is longer, so that groups stack."""
    apart = cards[edge.source].group != cards[edge.target].group
    return f"weight={100 if edge in picture.spine else 1}, minlen={2 if apart else 1}"
