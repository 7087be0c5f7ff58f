"""The formulas that automatic differentiation writes for a lesson, beside those that were derived by hand."""

from collections.abc import Mapping
from typing import Any

from tinygrad_edu.lessons import Formula, Lesson
from tinygrad_edu.program import formula, labels_of
from tinygrad_edu.sweeps import history
from tinygrad_edu.value import Value


def automatic_formulas(lesson: Lesson, params: Mapping[str, Any]) -> dict[str, Formula]:
    """What autodiff writes for each gradient of the derivation, in the same symbols.

    Where the derivation by hand goes on with a gradient that it has found, under a name such as δ2 or as
    ∂Q/∂s, so does the formula; all other gradients are written out.

    Parameters
    ----------
    lesson : Lesson
    params : mapping
        Parameters, whose shapes count and whose numbers do not.
    """
    values = {name: Value(data, name=name) for name, data in lesson.inputs(params).items()}
    loss = lesson.loss(**values)
    nodes = history(loss)
    labels = labels_of(nodes)
    named = {labels.name_of(node): node for node in nodes}
    used = {_key(each): named[each.name] for each in lesson.gradients if _is_used(each, lesson)}
    found = {}
    for each in lesson.gradients:
        wrt = {**used, _key(each): named[each.name]}
        text, latex = (formula(loss, wrt, syntax)[_key(each)] for syntax in ("text", "latex"))
        found[each.name] = Formula(each.name, text, latex)
    return found


def _symbol(by_hand: Formula) -> str:
    """How a derivation calls a gradient: ``δ2``, ``∂Q/∂s``."""
    return by_hand.text.split(" =")[0]


def _key(by_hand: Formula) -> str:
    """The same as the name of a Value, or the name of what it is the gradient of."""
    symbol = _symbol(by_hand)
    return symbol.replace("δ", "delta") if symbol.startswith("δ") else by_hand.name


def _is_used(by_hand: Formula, lesson: Lesson) -> bool:
    """Whether the derivation goes on with this gradient."""
    others = (other.text.split("=", 1)[1] for other in lesson.gradients if other is not by_hand)
    return any(_symbol(by_hand) in text for text in others)
