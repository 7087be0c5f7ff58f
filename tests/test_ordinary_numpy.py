"""Functions written for NumPy run on Values unchanged: NumPy's own bits, and right gradients in every way."""

import ast
import runpy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from rules.calculus import inner, random_arrays, slope

import tinygrad_edu as tg

FOLDER = Path(__file__).parents[1] / "examples" / "functions"
PATHS = sorted(FOLDER.glob("*.py"))
NOT_ANALYTIC = {
    "gaussian_mixture": "complex numbers have no largest one",
    "gaussian_process": "the Cholesky decomposition of a complex matrix is a Hermitian one",
    "k_means": "complex numbers have no smallest one",
    "principal_components": "so is the singular value decomposition",
    "convolution": "complex numbers have no largest one",
}
"""The functions that NumPy does not continue to complex numbers, so that a complex step says nothing."""


class Example(NamedTuple):
    """A function, the point at which it is looked at, a direction, and everything its file defines."""

    f: Any
    args: tuple[Any, ...]
    direction: list[Any]
    names: dict[str, Any]

    @property
    def argnums(self):
        return tuple(range(len(self.args)))


def load(name):
    names = runpy.run_path(str(FOLDER / f"{name}.py"))
    args = names["arguments"]()
    return Example(names["objective"], args, random_arrays(*map(np.shape, args), seed=3), names)


examples = pytest.mark.parametrize("example", [pytest.param(load(p.stem), id=p.stem) for p in PATHS])
smooth = pytest.mark.parametrize(
    "example", [pytest.param(load(p.stem), id=p.stem) for p in PATHS if p.stem not in NOT_ANALYTIC]
)


def close(x, expected, tolerance):
    assert abs(x - expected) <= tolerance * (1 + abs(expected)), (x, expected)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_of_functions_knows_only_numpy(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    *definitions, last = tree.body
    assert ast.unparse(last).startswith("if __name__ == '__main__':")
    imports = [
        node
        for part in definitions
        for node in ast.walk(part)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert {ast.unparse(node).split()[1].split(".")[0] for node in imports} == {"numpy"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_file_of_functions_names_its_source(path):
    assert "\nSource: " in ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_there_are_a_dozen_functions():
    assert len(PATHS) >= 12
    assert {path.stem for path in PATHS} >= NOT_ANALYTIC.keys()


@examples
def test_values_have_the_bits_of_numpy(example):
    expected = example.f(*example.args)
    for out in (
        example.f(*map(tg.Value, example.args)).data,
        tg.value_and_grad(example.f, example.argnums)(*example.args)[0],
        tg.jvp(example.f, example.args, example.direction)[0],
    ):
        assert (np.shape(out), out.dtype) == ((), expected.dtype)
        assert out.tobytes() == expected.tobytes()


@examples
def test_both_modes_agree_with_finite_differences(example):
    f, args, v = example.f, example.args, example.direction
    gradients = tg.grad(f, example.argnums)(*args)
    assert [(g.shape, g.dtype) for g in gradients] == [(np.shape(x), x.dtype) for x in args]
    _, forward = tg.jvp(f, args, v)
    close(inner(gradients, v), slope(f, args, v), 1e-8)
    close(inner(gradients, v), forward, 1e-12)


@smooth
def test_both_modes_agree_with_a_complex_step(example):
    f, args, v = example.f, example.args, example.direction
    expected = f(*(x + 1e-40j * t for x, t in zip(args, v, strict=True))).imag / 1e-40
    close(inner(tg.grad(f, example.argnums)(*args), v), expected, 1e-12)
    close(tg.jvp(f, args, v)[1], expected, 1e-12)


@examples
def test_second_derivatives_agree_in_every_composition(example):
    f, args, v = example.f, example.args, example.direction
    gradient = tg.grad(f, example.argnums)

    def along(*xs):
        return inner(gradient(*xs), v)

    def forward(*xs):
        return tg.jvp(f, xs, v)[1]

    _, forward_over_reverse = tg.jvp(gradient, args, v)
    reverse_over_forward = tg.grad(forward, example.argnums)(*args)
    reverse_over_reverse = tg.grad(along, example.argnums)(*args)
    largest = max(np.max(np.abs(product)) for product in reverse_over_reverse)
    for one, two, three in zip(forward_over_reverse, reverse_over_forward, reverse_over_reverse, strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-12 * largest)
        np.testing.assert_allclose(one, three, rtol=0, atol=1e-12 * largest)
    _, forward_over_forward = tg.jvp(forward, args, v)
    close(forward_over_forward, inner(forward_over_reverse, v), 1e-11)
    close(forward_over_forward, slope(along, args, v), 1e-7)


@examples
def test_single_precision_stays_single(example):
    args = [np.float32(x) for x in example.args]
    gradients = tg.grad(example.f, example.argnums)(*args)
    assert {g.dtype for g in gradients} == {np.dtype(np.float32)}
    for g, expected in zip(gradients, tg.grad(example.f, example.argnums)(*example.args), strict=True):
        np.testing.assert_allclose(g, expected, rtol=0, atol=1e-4 * np.max(np.abs(expected)))


def test_logistic_regression_has_the_gradient_and_hessian_of_the_book():
    f, (beta,), _, names = load("logistic_regression")
    X, p = names["X"], 1 / (1 + np.exp(-names["X"] @ beta))
    np.testing.assert_allclose(tg.grad(f)(beta), X.T @ (p - names["y"]), rtol=1e-13)
    np.testing.assert_allclose(tg.hessian(f)(beta), X.T @ np.diag(p * (1 - p)) @ X, rtol=1e-13)


def test_the_likelihood_of_a_gaussian_process_has_the_gradient_of_the_book():
    f, args, _, names = load("gaussian_process")
    x, y = names["x"], names["y"]
    squared = (x[:, None] - x) ** 2
    signal = np.exp(2 * args[1]) * np.exp(-squared / (2 * np.exp(2 * args[0])))
    inverse = np.linalg.inv(signal + np.exp(2 * args[2]) * np.eye(len(x)))
    alpha = inverse @ y
    slopes = signal * squared / np.exp(2 * args[0]), 2 * signal, 2 * np.exp(2 * args[2]) * np.eye(len(x))
    expected = [-np.trace((np.outer(alpha, alpha) - inverse) @ slope) / 2 for slope in slopes]  # (5.9)
    np.testing.assert_allclose(tg.grad(f, (0, 1, 2))(*args), expected, rtol=1e-10)


def test_a_filter_gives_the_likelihood_of_all_measurements_together():
    f, args, _, names = load("kalman_filter")
    A, H, z = names["A"], names["H"], names["measurements"]
    Q, R = np.exp(args[0]) * np.array([[1 / 24, 1 / 8], [1 / 8, 1 / 2]]), np.exp(args[1])
    powers = [np.linalg.matrix_power(A, i) for i in range(len(z) + 1)]
    together = np.array(
        [
            [
                (
                    H @ powers[i + 1] @ powers[j + 1].T @ H.T
                    + sum(H @ powers[i - k] @ Q @ powers[j - k].T @ H.T for k in range(min(i, j) + 1))
                ).item()
                for j in range(len(z))
            ]
            for i in range(len(z))
        ]
    ) + R * np.eye(len(z))
    sign, logarithm = np.linalg.slogdet(2 * np.pi * together)
    assert sign == 1
    assert f(*args) == pytest.approx((logarithm + z @ np.linalg.solve(together, z)) / 2, rel=1e-12)


def test_principal_components_have_the_gradient_derived_by_hand():
    f, (X,), _, names = load("principal_components")
    lost = names["centred"](X) - names["projected"](X)
    assert f(X) == pytest.approx(np.sum(np.linalg.svd(names["centred"](X))[1][2:] ** 2), rel=1e-12)
    np.testing.assert_allclose(tg.grad(f)(X), 2 * lost, rtol=0, atol=1e-12)


def test_batch_normalization_has_the_gradients_of_the_paper():
    f, args, _, names = load("batch_normalization")
    for gradient, formula in zip(tg.grad(f, (0, 1, 2))(*args), names["by_hand"](*args), strict=True):
        np.testing.assert_allclose(gradient, formula, rtol=0, atol=1e-14)


def test_an_embedding_of_neighbours_has_the_gradient_of_the_paper():
    f, (y,), _, names = load("neighbour_embedding")
    np.testing.assert_allclose(tg.grad(f)(y), names["by_hand"](y), rtol=0, atol=1e-15)


def test_the_partial_likelihood_is_the_sum_over_all_at_risk():
    f, (beta,), _, names = load("survival")
    scores, times = names["x"] @ beta, names["times"]
    ends = np.flatnonzero(names["seen"])
    expected = [scores[i] - np.log(np.sum(np.exp(scores[times >= times[i]]))) for i in ends]
    assert f(beta) == pytest.approx(-np.sum(expected), rel=1e-13)


def test_the_likelihood_of_a_mixture_is_that_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    f, (logits, means, roots), _, names = load("gaussian_mixture")
    weights = np.exp(logits) / np.sum(np.exp(logits))
    densities = [
        weight * stats.multivariate_normal(mean, root @ root.T + 0.01 * np.eye(2)).pdf(names["points"])
        for weight, mean, root in zip(weights, means, roots, strict=True)
    ]
    assert f(logits, means, roots) == pytest.approx(-np.sum(np.log(sum(densities))), rel=1e-13)


def test_a_step_of_newton_leads_each_centre_to_the_mean_of_its_points():
    f, (centres,), _, names = load("k_means")
    nearest = np.argmin(names["squared_distances"](centres), axis=1)
    hessian = tg.hessian(f)(centres).reshape(6, 6)
    moved = centres - np.linalg.solve(hessian, tg.grad(f)(centres).ravel()).reshape(3, 2)
    means = [names["points"][nearest == i].mean(axis=0) for i in range(3)]
    np.testing.assert_allclose(moved, means, rtol=0, atol=1e-13)


def test_forces_are_equal_and_opposite_and_turn_nothing():
    f, (positions,), _, _ = load("lennard_jones")
    forces = -tg.grad(f)(positions)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(np.cross(positions, forces).sum(axis=0), 0, atol=1e-13)


def test_a_convolution_is_the_one_written_with_loops():
    images, kernels, bias = load("convolution").args
    layer = load("convolution").names["layer"]
    expected = np.zeros((2, 4, 6, 6))
    for i in range(6):
        for j in range(6):
            window = images[:, :, i : i + 3, j : j + 3]
            expected[:, :, i, j] = np.tensordot(window, kernels, axes=((1, 2, 3), (1, 2, 3))) + bias
    np.testing.assert_allclose(layer(images, kernels, bias), expected, rtol=0, atol=1e-13)


def test_a_later_word_does_not_change_what_was_said_before():
    _, args, _, names = load("attention")
    by_words = tg.jacobian(lambda words: names["attention"](words, *args))(names["words"])
    for place in range(names["PLACES"]):
        assert np.any(by_words[place, :, : place + 1])
        assert not np.any(by_words[place, :, place + 1 :])


# ---- Rosenbrock --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 4, 9])
def test_derivatives_of_rosenbrock_are_those_of_scipy(n):
    optimize = pytest.importorskip("scipy.optimize")
    f = load("rosenbrock").f
    x, v = random_arrays((n,), (n,), seed=n)
    assert f(x) == pytest.approx(optimize.rosen(x), rel=1e-15)
    np.testing.assert_allclose(tg.grad(f)(x), optimize.rosen_der(x), rtol=1e-13)
    np.testing.assert_allclose(tg.hessian(f)(x), optimize.rosen_hess(x), rtol=1e-13)
    np.testing.assert_allclose(tg.hvp(f, x, v), optimize.rosen_hess_prod(x, v), rtol=1e-12)


@pytest.mark.parametrize("n", [2, 4, 9])
def test_products_with_the_hessian_agree_in_both_compositions(n):
    f = load("rosenbrock").f
    x, v = random_arrays((n,), (n,), seed=n)
    _, forward_over_reverse = tg.jvp(tg.grad(f), (x,), (v,))
    reverse_over_forward = tg.grad(lambda x: tg.jvp(f, (x,), (v,))[1])(x)
    np.testing.assert_allclose(forward_over_reverse, reverse_over_forward, rtol=1e-12)
    np.testing.assert_allclose(tg.hvp(f, x, v), forward_over_reverse, rtol=0, atol=0)
    np.testing.assert_allclose(tg.hessian(f)(x) @ v, forward_over_reverse, rtol=1e-12)


@pytest.mark.parametrize("start", [(-1.2, 1.0), (0.5, -2.0), (3.0, 3.0)])
def test_newton_finds_the_minimum_of_rosenbrock(start):
    f = load("rosenbrock").f
    x = np.array(start)
    values = []
    for _ in range(8):
        x = x - np.linalg.solve(tg.hessian(f)(x), tg.grad(f)(x))
        values.append(f(x))
    np.testing.assert_allclose(x, [1, 1], rtol=0, atol=1e-12)
    assert values[-1] < 1e-24
