"""Units that do not learn: sigmoid and tanh near their ends, and rectifiers that are 0 for every sample."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tinygrad_edu.node import Node
from tinygrad_edu.primitives import Primitive
from tinygrad_edu.rules import relu, sigmoid
from tinygrad_edu.rules.selection import maximum
from tinygrad_edu.rules.transcendental import tanh

FLAT = 0.04
"""Near its end the slope of an activation is less than this part of its steepest."""

Counted = tuple[int, int]


def _saturated_sigmoid(out: Any) -> Counted:
    return int(np.count_nonzero(4 * out * (1 - out) < FLAT)), out.size


def _saturated_tanh(out: Any) -> Counted:
    return int(np.count_nonzero(1 - out * out < FLAT)), out.size


def _dead(out: Any) -> Counted:
    """Units are along the last axis; of one axis alone the elements are samples of one unit."""
    units = out.reshape(-1, out.shape[-1] if out.ndim > 1 else 1)
    return int(np.count_nonzero(np.all(units <= 0, axis=0))), units.shape[1]


LOOK: dict[Primitive, tuple[str, Callable[[Any], Counted]]] = {
    sigmoid: ("saturated", _saturated_sigmoid),
    tanh: ("saturated", _saturated_tanh),
    relu: ("dead", _dead),
    maximum: ("dead", _dead),
}


def unit_marks(nodes: Iterable[Node]) -> tuple[str, ...]:
    """What to say of the activations among `nodes`: ``("3 of 8 dead",)``; nothing where all is well.

    >>> import numpy as np, tinygrad_edu as tg
    >>> unit_marks([tg.relu(tg.Value([[1.0, -1.0], [2.0, -2.0]]))]), unit_marks([tg.sigmoid(tg.Value(9.0))])
    (('1 of 2 dead',), ('saturated',))
    """
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for node in nodes:
        if node.primitive not in LOOK or not node.size or not _is_activation(node):
            continue
        word, look = LOOK[node.primitive]
        count, among = look(np.asarray(node.data))
        found[word] += count
        total[word] += among
    return tuple(
        word if total[word] == 1 else f"{count:,} of {total[word]:,} {word}"
        for word, count in found.items()
        if count
    )


def _is_activation(node: Node) -> bool:
    """A maximum is one where the other operand is 0."""
    return node.primitive is not maximum or any(np.ndim(x) == 0 and x == 0 for x in node.operands)
