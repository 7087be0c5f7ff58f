"""Sums of products written with index letters: one rule for every einsum. And convolution."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from tinygrad_edu.errors import ArgumentError, ShapeError
from tinygrad_edu.primitives import Primitive, expresses, multilinear
from tinygrad_edu.rules.shaping import add_at

Array = Any

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORTH_A_PLAN = 100_000
"""From so many multiplications on, the rules let NumPy look for a good order, which takes microseconds."""

einsum: Primitive


def _einsum(operands: Sequence[Array], subscripts: str, optimize: Any = False) -> Array:
    """``np.einsum`` in its explicit form, ``"ij,jk->ik"``, without an ellipsis."""
    return np.einsum(subscripts, *operands, optimize=optimize)


def _einsum_rule(i: int, g: Array, out: Array, *args: Array, subscripts: str = "") -> Array:
    """What a sum of products hands to operand i: the sum with g in its place, read at the operand's letters.

    A letter that only operand i has was summed there alone: g is repeated along it, times ones. A letter that
    stands twice in operand i took a diagonal: the result goes back onto the diagonal, times an identity. An
    axis of length 1 that was stretched is summed.
    """
    inputs, result = subscripts.split("->")
    letters = inputs.split(",")
    mine, shape = letters[i], args[i].shape
    sizes: dict[str, int] = {}
    for word, x in zip(letters, args, strict=True):
        for letter, n in zip(word, np.shape(x), strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    words, factors = [result, *letters[:i], *letters[i + 1 :]], [g, *args[:i], *args[i + 1 :]]
    there = {
        letter
        for word, x in zip(words, factors, strict=True)
        for letter, n in zip(word, np.shape(x), strict=True)
        if n == sizes[letter]
    }
    target = ""
    unused = iter(letter for letter in LETTERS if letter not in sizes)
    for letter, n in zip(mine, shape, strict=True):
        if n == 1 != sizes[letter]:
            continue
        at = letter
        if letter in target:
            at = next(unused)
            words.append(letter + at)
            factors.append(np.eye(n, dtype=g.dtype))
        elif letter not in there and mine.count(letter) == 1:
            words.append(letter)
            factors.append(np.ones(n, g.dtype))
        target += at
    large = math.prod(sizes.values()) > WORTH_A_PLAN
    term = einsum(factors, subscripts=f"{','.join(words)}->{target}", optimize=large)
    return shaped(term, shape)


# fmt: off
einsum = multilinear(_einsum, lambda i, g, out, *args, subscripts="", optimize=False: _einsum_rule(i, g, out, *args, subscripts=subscripts), variadic=True)
# fmt: on


@expresses(np.einsum)
def any_einsum(*operands: Any, optimize: Any = False) -> Array:
    """Every form of ``np.einsum``, brought into the one that has the rule."""
    subscripts, arrays = _as_text(operands)
    return einsum(arrays, subscripts=_explicit(subscripts, arrays), optimize=optimize)


def _as_text(operands: Sequence[Any]) -> tuple[str, Sequence[Array]]:
    """Subscripts as text and the arrays; they may come as ``x, [0, 1], y, [1, 2], [0, 2]`` too."""
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), operands[1:]

    def word(part: Sequence[Any]) -> str:
        return "".join("..." if i is Ellipsis else LETTERS[i] for i in part)

    arrays, words = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    given = ",".join(map(word, words))
    return (f"{given}->{word(operands[-1])}" if len(operands) % 2 else given), arrays


def _explicit(subscripts: str, arrays: Sequence[Array]) -> str:
    """Subscripts with a letter for every axis: the ellipsis spelled out, the result after an arrow.

    Raises
    ------
    ArgumentError, ShapeError
        If there are not as many operands, or letters, as there should be.
    """
    inputs, arrow, result = subscripts.partition("->")
    words = inputs.split(",")
    if len(words) != len(arrays):
        raise ArgumentError(
            f"einsum({subscripts!r}) describes {len(words)} operands, and {len(arrays)} were given."
        )
    unused = [letter for letter in LETTERS if letter not in subscripts]
    hidden = [np.ndim(x) - len(word.replace("...", "")) for x, word in zip(arrays, words, strict=True)]
    for x, word, n in zip(arrays, words, hidden, strict=True):
        if n < 0 or (n and "..." not in word):
            raise ShapeError(
                f"einsum({subscripts!r}): {word!r} describes an operand of shape {np.shape(x)}: give one "
                f"letter for every axis, or '...' for those that have none."
            )
    most = max([0, *(n for n, word in zip(hidden, words, strict=True) if "..." in word)])
    stands_for = "".join(unused[:most])
    if not arrow:
        times = Counter(inputs.replace(",", "").replace(".", ""))
        result = "..." * ("..." in inputs) + "".join(sorted(c for c, n in times.items() if n == 1))
    words = [
        word.replace("...", stands_for[most - n :]) for word, n in zip(words, hidden, strict=True)
    ]
    return f"{','.join(words)}->{result.replace('...', stands_for)}"


def ordered(x: Array, order: Sequence[int]) -> Array:
    """x with its axes in the given order; itself, where they are."""
    return x if [*order] == [*range(len(order))] else np.transpose(x, order)


def shaped(x: Array, shape: Sequence[int]) -> Array:
    """x in the given shape; itself, where it has that shape."""
    return x if np.shape(x) == tuple(shape) else np.reshape(x, tuple(shape))


def moved(x: Array, source: int, destination: int) -> Array:
    """x with one axis moved to another place."""
    ndim = np.ndim(x)
    start, end = normalize_axis_index(source, ndim), normalize_axis_index(destination, ndim)
    order = [i for i in range(ndim) if i != start]
    order.insert(end, start)
    return ordered(x, order)


def _convolve_rule(g: Array, other: Array, length: int, mode: str) -> Array:
    """What a convolution hands to the operand of the given length: g slid over the other one, backwards."""
    longer, shorter = max(length, other.size), min(length, other.size)
    start = {"full": 0, "same": shorter - 1 - shorter // 2, "valid": shorter - 1}[mode]
    if mode != "full":
        g = add_at(g, index=(slice(start, start + g.size),), shape=(longer + shorter - 1,))
    return np.convolve(g, other[::-1], mode="valid")


# fmt: off
convolve = multilinear(np.convolve, lambda g, out, a, v, mode="full": _convolve_rule(g, v, a.size, mode), lambda g, out, a, v, mode="full": _convolve_rule(g, a, v.size, mode))
# fmt: on


@expresses(np.correlate)
def correlate(a: Array, v: Array, mode: Any = "valid") -> Array:
    """The sliding inner product of a and v: the convolution with v turned round."""
    if np.size(v) > np.size(a):
        return np.convolve(v, a[::-1], mode)[::-1]
    return np.convolve(a, v[::-1], mode)
