"""The table of rewriting rules: each line keeps the value, and makes a program shorter or plainer."""

import math
from collections.abc import Sequence

from tinygrad_edu.program import rewrites as to
from tinygrad_edu.program import totals as of
from tinygrad_edu.program.entries import Entry, reachable
from tinygrad_edu.program.normal import product
from tinygrad_edu.program.rewriting import Maker, Rule
from tinygrad_edu.program.sums import cancelled, total
from tinygrad_edu.rules import arithmetic as do
from tinygrad_edu.rules import parts, reductions, selection, shaping, weighing

ALL = None
UNCHANGED = (
    do.positive,
    shaping.stop_gradient,
    shaping.cast,
    shaping.reshape,
    shaping.broadcast_to,
    shaping.transpose,
)
TURNS = (shaping.transpose, shaping.swapaxes)
SHAPES = (
    *(shaping.reshape, shaping.ravel, shaping.expand_dims, shaping.squeeze),
    *(shaping.getitem, shaping.add_at),
)
PRODUCTS = (do.multiply, do.divide, do.negative, do.square, do.power)

# fmt: off
RULES: tuple[Rule, ...] = tuple(
    Rule(name, None if primitives is ALL else frozenset(primitives), rewrite)
    for name, primitives, rewrite in (
        ("+x = x, and other operations that change nothing",    UNCHANGED,                to.same),
        ("constants are computed beforehand",                   ALL,                      to.computed),
        ("spread(x) = broadcast_to(reshape(x))",                [reductions.spread],      of.spread),
        ("x + broadcast_to(y) = x + y",                         ALL,                      to.implicit),
        ("2 x 3 x / 4 = 3 x² / 2",                              PRODUCTS,                 product),
        ("(a / x − b / y) x y = a y − b x, in a formula",       PRODUCTS,                 cancelled),
        ("a + x − (b − 2 x) + 0 = a + 3 x − b",                 [do.add, do.subtract],    total),
        ("mean(x) = Σ x / n",                                   [reductions.mean],        of.mean),
        ("sum_to(x) = reshape(Σ x)",                            [shaping.sum_to],         of.summed_to),
        ("Σ broadcast_to(x) = n x",                             [reductions.sum_],        of.sum_of_repeated),
        ("Σ Σ x = Σ xᵀ = Σ reshape(x) = Σ x",                   [reductions.sum_],        of.sum_of_moved),
        ("f(c x) = c f(x) for linear f",                        ALL,                      to.linear),
        ("f(c x, d y) = c d f(x, y) for multilinear f",         ALL,                      to.multilinear),
        ("f(0) = 0 for linear f",                               ALL,                      to.of_nothing),
        ("(x, 0)[0] = x, (x, 0)[1] = 0",                        [parts.part],             to.taken_part),
        ("xᵀᵀ = x, (A B)ᵀ = Bᵀ Aᵀ",                             TURNS,                    to.transposed),
        ("reshape(reshape(x)) = reshape(x)",                    SHAPES,                   to.reshaped),
        ("where(True, x, y) = x, where(c, x, x) = x",           [selection.where],        to.chosen),
        ("where(c, a x, 0) = a where(c, x, 0)",                 [selection.where],        to.scaled_choice),
        ("where(x = 0, 1, x) = x, in a formula",                [selection.where],        to.guarded),
        ("x / y, or 0 where both are 0, = x / y, in a formula", [weighing.over],          to.quotient),
        ("relu(x) > 0 = x > 0",                                 [do.greater],             to.sign_of_relu),
    )
)
# fmt: on
"""What is tried on each operation, from first to last; what a line gives is rewritten again."""

REPEATED = Rule("a repeated number is a constant", frozenset({shaping.broadcast_to}), to.repeated)
"""The last rule in a program: nothing is computed that is known."""


def simplified(
    outputs: Sequence[Entry], order: Sequence[Entry], *, expand: bool = False
) -> tuple[list[Entry], list[Entry]]:
    """The outputs in their simplest form, and what they need, operands before results.

    Parameters
    ----------
    outputs, order : sequences of entries
        What is wanted, and everything that it is computed from.
    expand : bool
        Whether what is used several times is written out in each place.
    """
    current = _pass(Maker(()), outputs, order)
    length = math.inf
    while len(current[1]) < length:
        length = len(current[1])
        current = _pass(Maker(RULES, expand=expand), *current)
    return current if expand else _pass(Maker((REPEATED,)), *current)


def _pass(make: Maker, outputs: Sequence[Entry], order: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Everything rewritten once; without a rule, what is the same becomes one."""
    found = make.rewritten(outputs, order)
    results = [found[output] for output in outputs]
    return results, reachable(results)
