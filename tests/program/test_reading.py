"""What stands in a formula is what a reader takes it for: by its shapes, and by its numbers."""

import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.program.test_random import random_loss
from tinygrad_edu.program import Constant, labels_of, readable
from tinygrad_edu.program.entries import Input, applied
from tinygrad_edu.program.formulas import gradients_of, simplest
from tinygrad_edu.program.tracing import merged

rng = np.random.default_rng(0)
v, w = tg.Value(rng.normal(size=3), name="v"), tg.Value(rng.normal(size=4), name="w")
S, M = tg.Value(rng.normal(size=(3, 3)), name="S"), tg.Value(rng.normal(size=(4, 3)), name="M")
c, T = tg.Value(rng.normal(size=(4, 1)), name="c"), tg.Value(rng.normal(size=(2, 4, 3)), name="T")
rows, labels = np.arange(4), np.array([2, 0, 1, 1])
LEAVES = (v, w, S, M, c, T)

FORMULAS = [
    (lambda: v[:, None] - v, "v[:, None] − v"),
    (lambda: v[:, None] - v[None], "v[:, None] − v"),
    (lambda: v[:, None] * w, "v wᵀ"),
    (lambda: v[:, None] @ w[None], "v wᵀ"),
    (lambda: v[:, None] / w, "v[:, None] / w"),
    (lambda: v[None] * w[:, None], "v ⊙ w[:, None]"),
    (lambda: S + v, "S + v"),
    (lambda: S + v[None], "S + v"),
    (lambda: S + v[:, None], "S + v[:, None]"),
    (lambda: S * np.exp(2 * v[:, None]), "S ⊙ exp(2 v[:, None])"),
    (lambda: np.exp(v[:, None]) * v[:, None] - S, "(exp(v) ⊙ v)[:, None] − S"),
    (lambda: np.sum((v[:, None] - np.exp(v)[:, None]) ** 2), "Σ (v − exp(v))²"),
    (lambda: np.sum((v[:, None] - v) ** 2), "Σ (v[:, None] − v)²"),
    (lambda: np.sqrt(np.sum((M[:, None] - M) ** 2, axis=-1) + 1), "√(Σ_l (M[:, None] − M)² + 1)"),
    (lambda: np.squeeze(c) - w, "c[:, 0] − w"),
    (lambda: c - w, "c − w"),
    (lambda: v[:, None] * 2, "2 v[:, None]"),
    (lambda: v[None] * 2, "2v"),
    (lambda: M @ v[:, None], "M v[:, None]"),
    (lambda: M @ v[:, None] + c, "M v[:, None] + c"),
    (lambda: (M @ v[:, None])[:, 0] + w, "(M v[:, None])[:, 0] + w"),
    (lambda: np.squeeze(M @ v[:, None]) + w, "M v + w"),
    (lambda: w[None] @ M, "wᵀ M"),
    (lambda: S - np.mean(S, axis=1, keepdims=True), "S − 1/3 Σ_k S"),
    (lambda: S - np.mean(S, axis=1)[:, None], "S − 1/3 Σ_k S"),
    (lambda: S - np.mean(S, axis=1), "S − 1/3 sum(S, axis=1)"),
    (lambda: S - np.mean(S, axis=0), "S − 1/3 Σ_j S"),
    (lambda: np.sum(M * M, axis=1), "Σ_k M²"),
    (lambda: np.sum(M * M, axis=1) * w, "sum(M², axis=1) ⊙ w"),
    (lambda: np.sum(np.sum(T, axis=1), axis=1), "Σ_k sum(T, axis=1)"),
    (lambda: S @ np.sum(S, axis=1), "S sum(S, axis=1)"),
    (lambda: (S @ np.sum(S, axis=1))[:, None] - S, "S (Σ_k S) − S"),
    (lambda: S * np.sum(S, axis=0)[:, None], "S ⊙ (Σ_j S)ᵀ"),
    (lambda: np.sum(v - np.sum(S * S.T, axis=1)), "Σ (v − sum(S ⊙ Sᵀ, axis=1))"),
    (lambda: np.sum(v - np.sum(S @ S.T, axis=1)), "Σ (v − sum(S Sᵀ, axis=1))"),
    (lambda: np.sum(v * np.max(S * S.T, axis=1)), "Σ v max(S ⊙ Sᵀ, axis=1)"),
    (lambda: np.sum(c, axis=0) * v, "(Σ_j c) ⊙ v"),
    (lambda: np.sum(np.broadcast_to(v, (4, 3))), "4 Σ v"),
    (lambda: np.broadcast_to(v, (4, 3)) * 2, "2v"),
    (lambda: np.broadcast_to(v, (4, 3)) @ v, "broadcast_to(v, shape=(4, 3)) v"),
    (lambda: np.concatenate([v[None], S]), "concatenate([v[None], S])"),
    (lambda: np.cumsum(v[:, None], axis=0), "cumsum(v[:, None], axis=0)"),
    (lambda: np.where(c > 0, v, 0), "[c > 0] ⊙ v"),
    (lambda: np.maximum(v[:, None], v), "maximum(v[:, None], v)"),
    (lambda: T.T * 1.0, "transpose(T)"),
    (lambda: T.swapaxes(1, 2) * 1.0, "Tᵀ"),
    (lambda: M.reshape(12) * 1.0, "reshape(M, shape=(12,))"),
    (lambda: M[rows, labels] * 2, "2 M[rows, labels]"),
    (lambda: M[np.arange(20) % 4] * 2, "2 M[[0, 1, …, 3]]"),
    (lambda: M[np.eye(4, 3) > 0] * 2, "2 M[mask(4×3)]"),
    (lambda: M[rows[rows > 0], 1:] * 2, "2 M[[1, 2, 3], 1:]"),
]


@pytest.mark.parametrize(("build", "expected"), FORMULAS, ids=[expected for _, expected in FORMULAS])
def test_shapes_are_written_where_they_count(build, expected):
    assert tg.formula(build()) == expected


def computed(entry, numbers):
    """What a reader computes who takes a formula at its word."""
    if isinstance(entry, Input):
        return numbers[entry.name]
    if isinstance(entry, Constant):
        return entry.data
    return applied(entry.primitive, [computed(each, numbers) for each in entry.operands], entry.settings)


def check_reading(entry, numbers, expected):
    """The formula has the numbers of what it stands for, and broadcasts to it; axes of length 1 aside."""
    seen = readable(entry)
    with np.errstate(all="ignore"):
        found = computed(seen, numbers)
    assert np.shape(found) == seen.shape
    long = [n for n in entry.shape if n != 1]
    full = found if [n for n in seen.shape if n != 1] == long else np.broadcast_to(found, entry.shape)
    scale = 1 + np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(np.reshape(full, entry.shape), expected, rtol=1e-9, atol=1e-11 * scale)


def check_gradients(loss, leaves, **plain):
    for leaf in leaves:
        nodes = merged([loss, leaf])
        named = labels_of(nodes)
        numbers = {named.name_of(node): node.data for node in nodes if named.name_of(node)}
        numbers |= plain
        check_reading(simplest(loss, named), numbers, loss.data)
        (found,), known = gradients_of(loss, leaf, sys._getframe())
        check_reading(simplest(found, known), numbers, tg.gradient(loss, leaf).data)


@pytest.mark.parametrize("build", [build for build, _ in FORMULAS], ids=[text for _, text in FORMULAS])
def test_a_formula_taken_at_its_word_gives_the_numbers(build):
    value = build()
    nodes, weights = merged([value]), rng.normal(size=value.shape)
    arrays = {"rows": rows, "labels": labels, "weights": weights}
    check_reading(simplest(value, labels_of(nodes)), {x.name: x.data for x in LEAVES} | arrays, value.data)
    check_gradients(
        np.sum(value * value * weights), [x for x in LEAVES if any(x is node for node in nodes)], **arrays
    )


@pytest.mark.parametrize("seed", range(60))
def test_random_formulas_are_read_as_they_are_meant(seed):
    check_gradients(*random_loss(seed))


def test_an_index_of_arrays_is_mathematics_too():
    value = np.sum(M[rows, 1:])
    assert tg.formula(value, syntax="latex") == r"\sum M[\mathrm{rows}, \text{1:}]"
    assert tg.formula(value, syntax="mathml") == (
        "<mrow><mo>∑</mo><mrow><mi>M</mi><mrow><mo>[</mo><mi>rows</mi><mo>,</mo><mtext>1:</mtext><mo>]</mo></mrow>"
        "</mrow></mrow>"
    )


CHILDREN = {"msup": 2, "msub": 2, "mfrac": 2, "munder": 2, "msubsup": 3}


@pytest.mark.parametrize("build", [build for build, _ in FORMULAS], ids=[text for _, text in FORMULAS])
def test_mathml_puts_together_what_belongs_together(build):
    value = build()
    tree = ET.fromstring(f"<math>{tg.formula(1 / (1 + value**2), syntax='mathml')}</math>")
    for element in tree.iter():
        assert len(element) == CHILDREN.get(element.tag, len(element)), ET.tostring(element)


def test_ties_stand_beside_the_condition():
    x, y = tg.Value(rng.normal(size=3)), tg.Value(rng.normal(size=3))
    Q = np.sum(np.maximum(x, y) ** 2)
    assert tg.formula(Q, x) == "2([x > y] + 1/2 [x == y]) ⊙ maximum(x, y)"
    assert tg.formula(np.sum(np.maximum(x, 0)), x) == "[x > 0] + 1/2 [x == 0]"
    a = tg.Value(2.0)
    assert tg.formula(np.minimum(a, 0) * a, a) == "minimum(a, 0) + ([a < 0] + 1/2 [a == 0]) a"
