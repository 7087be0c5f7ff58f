"""Logarithms with weights: SciPy's numbers, 0 where nothing is weighed, and formulas as in the book."""

import numpy as np
import pytest
from scipy import special

import tinygrad_edu as tg
from tinygrad_edu.rules import over

x = np.array([0.0, 0.0, 0.5, 1.0, -2.0])
p = np.array([0.0, 0.3, 0.2, 1.0, 0.7])
each = pytest.mark.parametrize(
    ("ours", "theirs", "at"), [(tg.xlogy, special.xlogy, p), (tg.xlog1py, special.xlog1py, p - 1)]
)
both_targets = pytest.mark.parametrize("target", ["numpy", "native"])


@each
def test_the_numbers_of_scipy(ours, theirs, at):
    np.testing.assert_allclose(ours(x, at), theirs(x, at), rtol=1e-15)
    assert ours(0.0, at[0]) == 0
    assert ours(x.astype(np.float32), at.astype(np.float32)).dtype == np.float32


@each
def test_where_nothing_is_weighed_every_slope_is_0(ours, theirs, at):
    for order in (tg.grad, lambda f, i: tg.grad(tg.grad(f, i), i)):
        assert [order(ours, i)(0.0, at[0]) for i in (0, 1)] == [0, 0]
    with np.errstate(divide="ignore"):
        assert tg.grad(ours, 1)(1.0, at[0]) == np.inf


def test_a_quotient_of_nothings_is_nothing():
    assert over(np.array([0.0, 3.0]), np.array([0.0, 2.0])).tolist() == [0, 1.5]


@both_targets
def test_compiled(target):
    both = tg.value_and_grad(lambda y, q: np.sum(tg.xlogy(y, q) + tg.xlog1py(1 - y, -q)), (0, 1))
    y, q = np.array([0.0, 1.0, 0.25]), np.array([0.0, 1.0, 0.75])
    found, expected = tg.compile(both, target=target)(y, q), both(y, q)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-15)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-15)


def test_the_formulas_of_cross_entropy_are_those_of_the_book():
    q, t = tg.Value(0.3, name="q"), tg.Value(1.0, name="t")
    loss = tg.binary_cross_entropy(q, t)
    assert tg.formula(loss) == "−t log(q) − (1 − t) log1p(−q)"
    assert tg.formula(loss, q) == "(1 − t) / (1 − q) − t / q"
    assert tg.formula(loss, q, syntax="latex") == r"\frac{1 - t}{1 - q} - \frac{t}{q}"
    code = tg.formula(loss, syntax="numpy")
    assert eval(code, {"tg": tg, "q": 0.3, "t": 1.0}) == loss.data


def test_a_picture_of_cross_entropy_shows_no_more_than_the_book():
    q, t = tg.Value(np.array([0.2, 0.9]), name="q"), np.array([0.0, 1.0])
    loss = tg.binary_cross_entropy(q, t)
    loss.backward()
    titles = tg.draw(loss).dot
    assert "t × log(q)" in titles
    assert "where" not in titles


def test_the_page_computes_cross_entropies_when_numbers_are_changed():
    q, t = tg.Value(0.0, name="q"), tg.Value(0.0, name="t")
    page = tg.explain(tg.binary_cross_entropy(q, t)).html
    assert 'v["t"] === 0 && v["q"] === 0 ? 0 : (v["t"]) * Math.log(v["q"])' in page
