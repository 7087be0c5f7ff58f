"""Sums of products as steps: einsum as one loop; products of matrices as a loop too, or by the BLAS."""

from collections.abc import Mapping, Sequence

import numpy as np

from tinygrad_edu.compiling.c_lowering import VIEWS, Lowered, lowers
from tinygrad_edu.compiling.c_steps import Product, Variable, View
from tinygrad_edu.program.entries import Operation
from tinygrad_edu.rules.einsum import einsum

SHORT = 4
"""A product of matrices with a side up to this length is written out along that side, as part of a loop."""
SMALL = 20_000
"""A product of matrices of up to so many multiplications is a loop; beyond, calling the BLAS pays."""


@lowers(einsum.function)
def _einsum(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    """A loop over all letters."""
    inputs, _, result = operation.settings["subscripts"].partition("->")
    words = inputs.split(",")
    sizes: dict[str, int] = {}
    for word, read in zip(words, reads, strict=True):
        for letter, n in zip(word, read.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    return _contracted(lowered, lowered.fresh(operation), words, reads, result, sizes)


def _contracted(
    lowered: Lowered,
    target: Variable,
    words: Sequence[str],
    reads: list[View],
    result: str,
    sizes: Mapping[str, int],
    written_out: str = "",
) -> View:
    """The sum of products into the target: a loop over all letters but one, which is written out."""
    letters = [c for c, n in sizes.items() if c != written_out and (n != 1 or c in result)]
    inner = any(letter not in result for letter in letters)
    if inner:  # in the order in which the largest operand lies in memory
        largest, word = max(zip(reads, words, strict=True), key=lambda pair: pair[0].ghost.size)
        steps = dict(zip(word, largest.ghost.strides, strict=True))
        letters.sort(key=lambda letter: -steps.get(letter, 0))
    else:
        letters.sort(key=result.index)
    shape = tuple(sizes[letter] for letter in letters)

    def arranged(view: View, word: str, at: int) -> View:
        """The axes of a view in the order of the letters, at one index of the letter that is written out."""
        first = tuple(
            (at if n > 1 else 0) if letter == written_out else slice(None)
            for letter, n in zip(word, view.shape, strict=True)
        )
        ghost = view.ghost[(*first, ...)]  # with the dots, a view even where no axis is left
        strides = [0] * len(letters)
        for letter, n, stride in zip(
            (letter for letter in word if letter != written_out), ghost.shape, ghost.strides, strict=True
        ):
            if letter in letters and n > 1:
                strides[letters.index(letter)] += stride
        return View(view.variable, np.lib.stride_tricks.as_strided(ghost, shape, strides))

    count = sizes[written_out] if written_out else 1
    terms = [[arranged(*pair, at) for pair in zip(reads, words, strict=True)] for at in range(count)]
    if written_out and written_out in result:
        for at, term in enumerate(terms):
            lowered.update(
                arranged(target.view(), result, at), "+", *term, expression=_products(1, len(term))
            )
        return target.view()
    expression = _products(count, len(reads))
    factors = [view for term in terms for view in term]
    if inner:
        lowered.update(arranged(target.view(), result, 0), "+", *factors, expression=expression)
    else:
        lowered.become(target, expression, factors)
    return target.view()


def _products(count: int, length: int) -> str:
    """``{0} * {1} + {2} * {3}``."""
    return " + ".join(
        " * ".join(f"{{{at + i}}}" for i in range(length)) for at in range(0, count * length, length)
    )


@lowers(np.matmul)
def _matmul(lowered: Lowered, operation: Operation, reads: list[View]) -> View:
    """Short sides are written out, small products are loops, and the BLAS does the large ones."""
    x, y = reads
    left = x if len(x.shape) > 1 else View(x.variable, x.ghost[None, :])
    right = y if len(y.shape) > 1 else View(y.variable, y.ghost[:, None])
    (m, k), n = left.shape[-2:], right.shape[-1]
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    target = lowered.fresh(operation, (*stack, m, n))
    if not stack and min(m, k, n) > SHORT and m * k * n > SMALL and operation.dtype.kind == "f":
        lowered.steps.multiply(
            Product(lowered.matrix(operation, left), lowered.matrix(operation, right), target)
        )
        found = target.view()
    else:
        batch = "abcdefghij"[: len(stack)]
        sizes = dict(zip(f"{batch}mkn", (*stack, m, k, n), strict=True))
        words = [
            batch[len(stack) + 2 - len(left.shape) :] + "mk",
            batch[len(stack) + 2 - len(right.shape) :] + "kn",
        ]
        short = [letter for letter in "kmn" if 1 < sizes[letter] <= SHORT]
        written_out = short[0] if short and k != 1 else ""
        found = _contracted(lowered, target, words, [left, right], f"{batch}mn", sizes, written_out)
    return lowered.transformed(operation, found, VIEWS[np.reshape], shape=operation.shape)
