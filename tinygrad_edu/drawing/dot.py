"""A picture as DOT text in the house style: values run down one lane, gradients back up the other."""

from tinygrad_edu.comparison import wrapped
from tinygrad_edu.drawing.cards import Half, Look, Size, card_table, half_size
from tinygrad_edu.drawing.markup import attributes, cut, font, table, td, tr
from tinygrad_edu.drawing.metrics import reserved_width
from tinygrad_edu.drawing.numerals import rms
from tinygrad_edu.drawing.palette import GROUPS, STEPS, Heat, Theme, edge_width
from tinygrad_edu.drawing.picture import Card, Direction, Edge, Group, Picture

LONGEST_TITLE = 90
HEADLINE, LEGEND, LABEL = 16, 11, 10  # font sizes
LEAD = "\N{NO-BREAK SPACE}" * 2  # between a line and its label
CHIP = 22  # width of a step in the legend
VERDICTS = {
    "right": "correct",
    "own": "WRONG here",
    "inherited": "wrong, inherited",
    "kink": "another choice at a kink",
    "none": "not compared",
}
FAULTS = {
    "lost": "- - -  a dashed arrow is a way that was lost: nothing was handed back along it",
    "wrong": "A red label is the factor that belongs on this way, where another one was taken",
}
NOTE = 12
LONGEST_NOTE = 80
LEAST = {"down": Size(width=108), "right": Size(height=48)}  # leaves room for a label beside the lane


def dot_text(
    picture: Picture, theme: Theme = "light", direction: Direction = "down", *, heat: bool = True
) -> str:
    """The picture in the DOT language; the same picture gives the same text.

    The parts carry identifiers, which SVG keeps: ``node-h``, ``value-h``, ``gradient-h``, ``edge-a-h-0`` and
    ``back-a-h-0`` (the 0 is the argument's position), ``group-layer1``.
    """
    magnitudes = (rms(card.gradient) for card in picture.cards if card.gradient is not None)
    look = Look(theme, direction, Heat.spanning(magnitudes) if heat else None, compact=picture.is_compact)
    return "\n".join([*_opening(picture, look), *_nodes(picture, look), *_edges(picture, look), "}", ""])


def _opening(picture: Picture, look: Look) -> list[str]:
    down = look.direction == "down"
    graph = attributes(
        rankdir="TB" if down else "LR",
        nodesep=0.4 if down else 0.25,
        ranksep=0.42 if down else 0.5,
        pad=0.25,
        outputorder="edgesfirst",
        bgcolor=look.colour("page"),
        fontname="Helvetica",
        labelloc="t",
        labeljust="l",
        label=_legend(picture, look),
    )
    node = attributes(shape="plain", fontname="Helvetica", fontcolor=look.colour("ink"))
    edge = attributes(fontname="Helvetica", fontsize=LABEL, fontcolor=look.colour("backward"))
    return ["digraph picture {", f"  graph [{graph}];", f"  node [{node}];", f"  edge [{edge}];"]


def _legend(picture: Picture, look: Look) -> str:
    """The title, what is collapsed, the two lanes, and the scale of gradients, if there are any."""
    if picture.is_comparison:
        return _verdicts(picture, look)
    quiet = look.colour("quiet")
    title = cut(picture.title, LONGEST_TITLE)
    forward, backward = "▼ values flow forward", "    ▲ gradients flow backward"
    flows = font(forward, look.colour("line"), LEGEND) + font(backward, look.colour("backward"), LEGEND)
    across = STEPS + 3

    def line(content: str) -> list[str]:
        return [td(content, align="LEFT", colspan=across)]

    rows = [line(font(title, look.colour("ink"), HEADLINE, "bold"))]
    rows += [line(font(note, quiet, LEGEND)) for note in picture.notes]
    rows.append(line(flows))
    if look.heat is not None and any(card.gradient is not None for card in picture.cards):
        low, high = f"RMS gradient {10**look.heat.low:g} ", f" {10**look.heat.high:g}"
        used = reserved_width(low + high, LEGEND) + CHIP * STEPS
        wanted = max(reserved_width(title, HEADLINE, "bold"), reserved_width(forward + backward, LEGEND))
        rest = max(1, round(wanted - used))
        steps = [td(width=CHIP, height=10, bgcolor=look.colour(f"fill {step}")) for step in range(STEPS)]
        rows.append([td(font(low, quiet, LEGEND)), *steps, td(font(high, quiet, LEGEND)), td(width=rest)])
    return table(*(tr(*row) + tr(td(height=7, colspan=across)) for row in rows))


def _verdicts(picture: Picture, look: Look) -> str:
    """The title, what was found, and what the colours of a comparison mean."""
    title = cut(picture.title, LONGEST_TITLE)
    forward, backward = "▼ values flow forward", "    ▲ gradients flow backward, by hand"
    found = [line for note in picture.notes for line in wrapped(note, LONGEST_NOTE)]
    flows = font(forward, look.colour("line"), LEGEND) + font(backward, look.colour("backward"), LEGEND)
    marks = {card.judged.mark for card in picture.cards if card.judged}
    chips = []
    for mark, words in VERDICTS.items():
        if mark in marks:
            box = {"border": 1, "color": look.colour("border"), "bgcolor": look.colour(f"fill {mark}")}
            chips.append(td(table(tr(td(width=CHIP, height=10, **box)))))
            chips.append(td(font(f"{LEAD}{words}{LEAD}", look.colour("quiet"), LEGEND), align="LEFT"))
    faults = {edge.fault for edge in picture.edges}
    told = [words for fault, words in FAULTS.items() if fault in faults]
    across = max(2, len(chips) + 1)
    rows = [
        [td(font(title, look.colour("ink"), HEADLINE, "bold"), align="LEFT", colspan=across)],
        *([td(font(line, look.colour("fault"), NOTE), align="LEFT", colspan=across)] for line in found),
        [td(flows, align="LEFT", colspan=across)],
        [*chips, td(width=1)],
        *([td(font(line, look.colour("fault"), LEGEND), align="LEFT", colspan=across)] for line in told),
    ]
    return table(*(tr(*row) + tr(td(height=5, colspan=across)) for row in rows))


def _nodes(picture: Picture, look: Look) -> list[str]:
    """The cards inside the frames of their groups; those of the spine have equal halves."""
    equal = Size() if look.compact else LEAST[look.direction].join(_between(picture))
    for card in picture.cards:
        if card.key in picture.on_spine:
            equal = equal.join(half_size(card, look))
    members: dict[str | None, list[Card]] = {}
    for card in picture.cards:
        members.setdefault(card.group, []).append(card)

    def inside(parent: str | None, indent: str) -> list[str]:
        parts = [f"{indent}{_node(card, picture, look, equal)}" for card in members.get(parent, [])]
        for number, group in enumerate(picture.groups):
            if group.parent == parent:
                frame = _frame(group, look, number % GROUPS)
                parts += [f"{indent}{frame}", *inside(group.key, indent + "  "), f"{indent}}}"]
        return parts

    return inside(None, "  ")


def _between(picture: Picture) -> Size:
    """Room for labels between the lane and a second edge beside it, as in ``a * a``: 3/8 of half a card."""
    doubled = {(edge.source, edge.target) for edge in picture.edges if edge not in picture.spine}
    labels = [e.label for e in picture.spine if e.label and (e.source, e.target) in doubled]
    return Size(width=max((reserved_width(f"{LEAD}{label}", LABEL) * 8 / 3 for label in labels), default=0))


def _node(card: Card, picture: Picture, look: Look, equal: Size) -> str:
    on_spine = card.key in picture.on_spine
    label = card_table(card, look, equal if on_spine else Size())
    lane = {"group": "spine"} if on_spine else {}
    return f'"{card.key}" [{attributes(id=f"node-{card.key}", **{"class": card.role}, **lane, label=label)}];'


def _frame(group: Group, look: Look, turn: int) -> str:
    title = font(group.title, look.colour(f"group title {turn}"), LEGEND, "bold")
    settings = attributes(
        id=f"group-{group.key}",
        **{"class": "group"},
        labeljust="r",
        margin=12,
        style="rounded,filled",
        fillcolor=look.colour(f"group {turn}"),
        color=look.colour(f"group border {turn}"),
        label=table(tr(td(title, cellpadding=3))),
    )
    return f'subgraph "cluster_{group.key}" {{ graph [{settings}];'


def _edges(picture: Picture, look: Look) -> list[str]:
    """Two lines per edge, value to value and gradient to gradient; the spine first, which puts it left."""
    order = {card.key: number for number, card in enumerate(picture.cards)}
    edges = sorted(picture.edges, key=lambda e: (order[e.target], e not in picture.spine, e.argument))
    parts = []
    for edge in edges:
        parts.append(_forward(edge, picture, look))
        if edge.carries_gradient:
            parts.append(_backward(edge, picture, look))
    return parts + _aside(picture)


def _aside(picture: Picture) -> list[str]:
    """Where the spine leaves a group, a leaf without one must not come to lie between its two lanes.

    It would cross nothing there. Invisible edges from beside the lanes make that dearer than the side.
    """
    made = {edge.target for edge in picture.edges}
    above = {edge.target: edge.source for edge in picture.spine if _is_apart(edge, picture)}
    above = {target: source for target, source in above.items() if source in made}
    leaves = dict.fromkeys(
        (above[edge.target], edge.source)
        for edge in picture.edges
        if edge.target in above and edge.source not in made and picture.card[edge.source].group is None
    )
    return [f'  "{card}":"from-gradient-side" -> "{leaf}" [style="invis"];' for card, leaf in leaves] * 3


def _forward(edge: Edge, picture: Picture, look: Look) -> str:
    settings = attributes(
        id=f"edge-{edge.source}-{edge.target}-{edge.argument}",
        **{"class": "forward"},
        color=look.colour("forward"),
        penwidth=1.1,
        arrowsize=0.6,
        **_pull(edge, picture),
    )
    return f"  {_ends(edge, 'value', picture, look)} [{settings}];"


def _backward(edge: Edge, picture: Picture, look: Look) -> str:
    step = "own" if edge.fault else look.step(picture.card[edge.source])
    if step == "own" and not edge.fault and picture.has_fault_at(edge.source):
        step = "none"
    ink = look.colour("fault" if edge.fault else "backward")
    label = font(f"{LEAD}{edge.label}", ink, LABEL, "bold" if edge.fault else "regular") if edge.label else ""
    settings = attributes(
        id=f"back-{edge.source}-{edge.target}-{edge.argument}",
        **{"class": "backward"},
        dir="back",
        color=look.colour(f"edge {step}"),
        penwidth=f"{edge_width(step):.1f}",
        arrowsize=0.6,
        **_pull(edge, picture),
        **({"style": "dashed"} if edge.fault == "lost" else {}),
        **({"label": label} if label and (edge.fault or not look.compact) else {}),
    )
    return f"  {_ends(edge, 'gradient', picture, look)} [{settings}];"


def _ends(edge: Edge, half: Half, picture: Picture, look: Look) -> str:
    """From one card's half to the same half of another; off the spine, beside its lane and not on it."""
    tail, head = ("s", "n") if look.direction == "down" else ("e", "w")
    straight = edge in picture.spine
    leave = "" if straight or edge.source not in picture.on_spine else "-side"
    join = "" if straight else "-side"
    return f'"{edge.source}":"from-{half}{leave}":{tail} -> "{edge.target}":"into-{half}{join}":{head}'


def _pull(edge: Edge, picture: Picture) -> dict[str, int]:
    """How strongly an edge wants to be straight; one between groups is longer, so that groups stack."""
    return {"weight": 100 if edge in picture.spine else 1, "minlen": 2 if _is_apart(edge, picture) else 1}


def _is_apart(edge: Edge, picture: Picture) -> bool:
    return picture.card[edge.source].group != picture.card[edge.target].group
