"""The right line of a derivation, as a teacher writes it: ``dz2 = da2 * a2 * (1 - a2)``."""

from collections.abc import Collection

from tinygrad_edu.diagnosis.code import rule_code, total
from tinygrad_edu.diagnosis.hypotheses import Case
from tinygrad_edu.diagnosis.slopes import known_slope
from tinygrad_edu.diagnosis.text import PRODUCT, SUM, Text, constant, multiplied

LONGEST = 120
ONE = Text("1", number=1.0)


def correction(case: Case, place: int, complete: bool = False) -> str:
    """The right line for the gradient at a place; nothing if it cannot be read.

    A line may be right in itself, and what it needs from above be wrong: a `complete` one has that written
    out, unless it was given, or was right in another line.
    """
    right = _total(case, place, _doubtful(case, place) if complete else set())
    text = "" if right is None else f"d{case.words.name(place)} = {right.text}"
    return text if len(text) <= LONGEST else ""


def _doubtful(case: Case, place: int) -> set[int]:
    """The Values above whose gradients were not given, and are not known to be right."""
    scene, found, waiting = case.scene, set(), {edge.node for edge in case.scene.uses[place]}
    while waiting:
        at = waiting.pop()
        if at in scene.manual or at == len(scene.nodes) - 1 or _was_right(case, at):
            continue
        found.add(at)
        waiting.update(edge.node for edge in scene.uses[at])
    return found


def _was_right(case: Case, place: int) -> bool:
    """Whether the next line that needs a gradient makes a right one of it."""
    waiting = {argument for _, argument in case.scene.arguments[place]}
    while waiting:
        at = waiting.pop()
        if at in case.scene.manual:
            if all(scene.is_right(at) for scene in case.scenes):
                return True
        elif not case.words.has_name(at):
            waiting.update(argument for _, argument in case.scene.arguments[at])
    return False


def _total(case: Case, place: int, unknown: Collection[int]) -> Text | None:
    """The gradient at a place, as the sum of what comes back; what has no name is written out."""
    known = case.differences.get(place) or _by_known_slope(case, place, unknown)
    if known is not None:
        return known
    scene, words, last = case.scene, case.words, len(case.scene.nodes) - 1
    terms: dict[str, tuple[Text, int]] = {}
    for edge in scene.uses[place]:
        if edge.node == last:
            incoming: Text | None = ONE
        elif words.has_name(edge.node) and edge.node not in unknown:
            incoming = Text(f"d{words.name(edge.node)}")
        else:
            incoming = _total(case, edge.node, unknown)
        term = incoming and rule_code(scene.nodes[edge.node], edge.position, incoming, words.names)
        if term is None:
            return None
        terms[term.text] = term, terms.get(term.text, (term, 0))[1] + 1
    return total(multiplied(constant(count), term) for term, count in terms.values())


def _by_known_slope(case: Case, place: int, unknown: Collection[int]) -> Text | None:
    """The derivative of a function written out in steps without a name, as everybody writes it."""
    scene, words, steps, ends = case.scene, case.words, 0, set()
    waiting = {edge.node for edge in scene.uses[place]}
    while waiting:
        at = waiting.pop()
        if words.has_name(at) or at == len(scene.nodes) - 1:
            ends.add(at)
        else:
            steps += 1
            waiting.update(edge.node for edge in scene.uses[at])
    above = max(ends, default=place)
    if not steps or len(ends) > 1 or not words.has_name(above) or scene.nodes[above].ndim == 0:
        return None
    if above in unknown:
        return None
    name, below = words.name(above), words.name(place)
    below = below if below.isidentifier() else f"({below})"
    text = known_slope(scene, place, above, f"d{name}", name, below)
    return None if text is None else Text(text, SUM if " - np.exp" in text else PRODUCT)
