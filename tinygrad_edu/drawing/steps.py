"""The steps of the explorer: when each part of a picture appears, and what is told at each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tinygrad_edu.drawing.displays import display, shape_of
from tinygrad_edu.drawing.picture import Card, Edge, Picture
from tinygrad_edu.drawing.story import Story, way_name


@dataclass(frozen=True)
class Step:
    """One position of the slider.

    Attributes
    ----------
    title : str
        What happens, in a line of plain text.
    content : str
        What is told beside the picture, as HTML.
    parts : tuple of str
        Identifiers of the parts of the picture that appear, or are at work.
    card : str
        The key of the card to look at; empty for the whole picture.
    """

    title: str
    content: str
    parts: tuple[str, ...] = ()
    card: str = ""


class Steps:
    """All steps of a picture: the whole, each operation forward, each operation backward.

    Parameters
    ----------
    picture : Picture
    story : Story
    """

    def __init__(self, picture: Picture, story: Story) -> None:
        self.picture, self.story = picture, story
        self.incoming: dict[str, list[Edge]] = {card.key: [] for card in picture.cards}
        self.outgoing: dict[str, list[Edge]] = {card.key: [] for card in picture.cards}
        for edge in picture.edges:
            self.incoming[edge.target].append(edge)
            self.outgoing[edge.source].append(edge)
        operations = [card for card in picture.cards if card.role in ("operation", "loss", "block")]
        self.forward = operations
        self.backward = [
            card for card in reversed(operations) if card.gradient is not None and self.back(card)
        ]

    def back(self, card: Card) -> list[Edge]:
        """The edges on which a card hands gradients on."""
        return [
            edge
            for edge in self.incoming[card.key]
            if edge.carries_gradient and self.picture.card[edge.source].gradient is not None
        ]

    def all(self) -> list[Step]:
        """The steps in the order of the slider."""
        return [self.whole(), *self.forward_steps(), *self.backward_steps()]

    def whole(self) -> Step:
        """The picture as it is, with the numbers that everything starts from."""
        parameters = [card for card in self.picture.cards if card.role == "parameter"]
        count = f"{len(self.forward)} step{'' if len(self.forward) == 1 else 's'} forward"
        if self.backward:
            count += f", {len(self.backward)} backward"
        hint = (
            "Step with the arrow keys, or with the slider below; the space bar plays. Point at an arrow of "
            "the picture, or move to it with the tab key, to see the term of the chain rule that flows "
            "along it."
        )
        leaves = "".join(
            f"<h3>{escape(card.title)}</h3>"
            f'<div class="halves">{self.labelled(card, "value", "value of")}'
            f"{self.labelled(card, 'gradient', 'gradient of')}</div>"
            for card in parameters
        )
        note = "".join(f'<p class="note">{escape(note)}</p>' for note in self.picture.notes)
        note += "" if self.backward else "<p>No gradients are here: backward() had not been called.</p>"
        return Step(f"The whole graph: {count}", f"<p>{hint}</p>{note}{leaves}")

    def forward_steps(self) -> Iterator[Step]:
        """One step for each operation, in the order of computation."""
        for number, card in enumerate(self.forward, start=1):
            edges = self.incoming[card.key]
            told = self.story.cards.get(card.key)
            formula = _formula(told.formula) if told else ""
            how = f"Primitive <code>{escape(told.primitive)}</code>" if told else escape(card.note)
            where = f", line {told.line} of the source" if told and told.line else ""
            operands = dict.fromkeys(edge.source for edge in edges)
            content = [
                _phase("forward", f"Forward, {number} of {len(self.forward)}"),
                f"<h2>{escape(card.title)}</h2>",
                formula,
                f'<p class="rule">{how}{where}.</p>' if how else "",
                *(self.labelled(self.picture.card[key], "value", "from") for key in operands),
                self.labelled(card, "value", "gives"),
            ]
            parts = [f"edge-{_way(edge)}" for edge in edges]
            parts += [f"{part}-{card.key}" for part in ("node", "value")]
            yield Step(f"Forward: {card.title}", "".join(content), tuple(parts), card.key)

    def backward_steps(self) -> Iterator[Step]:
        """One step for each operation that hands its gradient on, from the loss back."""
        for number, card in enumerate(self.backward, start=1):
            edges = self.back(card)
            sources = list(dict.fromkeys(edge.source for edge in edges))
            names = " and ".join(map(self.name, sources))
            title = f"{self.name(card.key)} passes its gradient to {names}"
            content = [
                _phase("backward", f"Backward, {number} of {len(self.backward)}"),
                f"<h2>{escape(title)}</h2>",
                self.labelled(card, "gradient", "arrives at"),
                *(self.path(edge) for edge in edges),
            ]
            parts = [f"back-{_way(edge)}" for edge in edges]
            parts += [f"gradient-{key}" for key in (card.key, *sources)]
            yield Step(f"Backward: {title}", "".join(content), tuple(parts), card.key)

    def path(self, edge: Edge) -> str:
        """What flows along an edge: the rule, the term of the chain rule, its numbers."""
        source, term = (
            self.picture.card[edge.source],
            self.story.terms.get((edge.source, edge.target, edge.argument)),
        )
        ways = [each for each in self.outgoing[edge.source] if each.carries_gradient]
        head = f"<h3>to {escape(self.name(edge.source))}</h3>"
        told = numbers = ""
        if term is not None:
            told = _formula(term.formula)
            if term.rule is not None:
                told = f'<p class="rule">rule <math>{term.rule}</math></p>{told}'
            mark = f'data-term="{escape(_way(edge))}"'
            label = f"term of the gradient of {source.title}"
            numbers = _labelled(
                "sends", display(term.numbers, "gradient", mark, label), shape_of(term.numbers)
            )
        elif edge.label:
            told = f'<p class="rule">{escape(edge.label)}, where ▲ is what arrives</p>'
        if edge.fault:
            told += f'<p class="verdict own">{escape(edge.label or "")}</p>'
        if len(ways) > 1 or term is None:
            words = f"sum of its {len(ways)} ways, the gradient of" if len(ways) > 1 else "the gradient of"
            numbers += self.labelled(source, "gradient", words)
        return f'<div class="path" id="path-{escape(_way(edge))}">{head}{told}{numbers}</div>'

    def labelled(self, card: Card, half: str, words: str) -> str:
        """The numbers of a card, behind a few words and its name."""
        array = card.value if half == "value" else card.gradient
        told = _labelled(f"{words} {self.name(card.key)}", self.numbers(card, half), shape_of(array))
        return told + (_verdict(card) if half == "gradient" else "")

    def numbers(self, card: Card, half: str) -> str:
        """The numbers of one half of a card."""
        array = card.value if half == "value" else card.gradient
        if array is None:
            return escape(card.absence)
        label = f"{half} of {self.name(card.key)}"
        which = "value" if half == "value" else "gradient"
        return display(
            array, "value" if half == "value" else "gradient", f'data-{which}="{escape(card.key)}"', label
        )

    def name(self, key: str) -> str:
        """What a card is called: the left side of its title."""
        return self.picture.card[key].title.split(" = ")[0]


def appearances(steps: Sequence[Step]) -> dict[str, int]:
    """When each part of a picture is first seen; a gradient only when all of its ways have been gone."""
    seen: dict[str, int] = {}
    for number, step in enumerate(steps):
        for part in step.parts:
            if part.startswith("gradient-") and part != f"gradient-{step.card}":
                seen[part] = number
            else:
                seen.setdefault(part, number)
    return seen


def _verdict(card: Card) -> str:
    """What a comparison says of a gradient, and the one by hand where it is another."""
    if card.judged is None:
        return ""
    told = f'<p class="verdict {card.judged.mark}">{escape(card.judged.words)}</p>'
    if not card.judged.is_wrong or card.judged.manual is None:
        return told
    by_hand = display(card.judged.manual, "gradient", label=f"gradient of {card.title} by hand")
    return told + _labelled("by hand", by_hand, shape_of(card.judged.manual))


def _way(edge: Edge) -> str:
    return way_name((edge.source, edge.target, edge.argument))


def _phase(kind: str, text: str) -> str:
    return f'<p class="phase {kind}">{text}</p>'


def _formula(mathml: str) -> str:
    box = '<div class="formula" tabindex="0" role="group" aria-label="formula">'
    return f'{box}<math display="block">{mathml}</math></div>'


def _labelled(words: str, numbers: str, shape: str) -> str:
    return f'<div class="labelled"><p>{escape(words)} <span class="shape">{shape}</span></p>{numbers}</div>'
