"""np.linalg on Values: formulas from the book, every form of call, conventions, messages."""

import re

import numpy as np
import pytest
from rules.calculus import assert_differentiated, random_arrays, slope
from rules.samples import apart, symmetric

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.errors import ArgumentError, Error, MatrixError, ShapeError, UnsupportedFunctionError

la = np.linalg

A, B = apart(random_arrays((3, 3))[0]), random_arrays((3, 3), seed=5)[0]
S = symmetric(random_arrays((3, 3), seed=6)[0])
TALL, WIDE = apart(random_arrays((4, 3), seed=7)[0]), apart(random_arrays((3, 5), seed=8)[0])
b = random_arrays((3,), seed=9)[0]
EYE = np.eye(3)


def first_vectors(x):
    u, _, vt = la.svd(x, full_matrices=False)
    return np.outer(u[:, 0], vt[0])


@pytest.mark.parametrize(
    ("f", "x", "by_hand"),
    [
        (lambda x: la.slogdet(x)[1], A, la.inv(A).T),
        (lambda x: la.slogdet(x).logabsdet, -A, la.inv(-A).T),
        (la.det, A, la.det(A) * la.inv(A).T),
        (lambda x: np.sum(B * la.inv(x)), A, -la.inv(A).T @ B @ la.inv(A).T),
        (lambda x: b @ la.solve(x, B[0]), A, -np.outer(la.solve(A.T, b), la.solve(A, B[0]))),
        (lambda x: la.trace(x @ B), A, B.T),
        (lambda x: la.trace(la.matrix_power(x, 3)), A, 3 * (A @ A).T),
        (la.norm, A, A / np.sqrt(np.sum(A * A))),
        (lambda x: la.norm(x, "nuc"), TALL, la.svd(TALL, full_matrices=False)[0] @ la.svd(TALL)[2]),
        (lambda x: la.norm(x, 2), TALL, first_vectors(TALL)),
        (lambda x: np.sum(la.svdvals(x) ** 2), WIDE, 2 * WIDE),
        (lambda x: la.eigvalsh(x)[0], S, np.outer(*[la.eigh(S)[1][:, 0]] * 2)),
        (lambda x: np.sum(la.eigh(x)[0] ** 2), S, 2 * S),
        (lambda x: 2 * np.sum(np.log(la.diagonal(la.cholesky(x)))), S, la.inv(S)),
        (lambda x: np.sum(B * (la.qr(x)[0] @ la.qr(x)[1])), A, B),
        (lambda x: np.sum(b[:2] @ la.svd(x[:2], full_matrices=False)[0] ** 2), A, 0 * A),
    ],
)
def test_gradients_from_the_book(f, x, by_hand):
    np.testing.assert_allclose(tg.grad(f)(x), by_hand, rtol=1e-12, atol=1e-13)


def test_least_squares_is_differentiated_as_the_normal_equations_are():
    y = random_arrays((4,), seed=3)[0]

    def normal(x, y):
        return np.sum(la.solve(x.T @ x, x.T @ y) * b)

    for got, expected in zip(
        tg.grad(lambda x, y: np.sum(la.lstsq(x, y)[0] * b), (0, 1))(TALL, y),
        tg.grad(normal, (0, 1))(TALL, y),
        strict=True,
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-13)


CALLS = {
    "inv of a stack": (la.inv, [(2, 3, 3)]),
    "inv of no matrix": (la.inv, [(0, 3, 3)]),
    "det of a stack": (la.det, [(2, 3, 3)]),
    "solve for a vector": (la.solve, [(3, 3), (3,)]),
    "solve a stack for a vector": (la.solve, [(2, 3, 3), (3,)]),
    "solve for a stack": (la.solve, [(3, 3), (2, 3, 2)]),
    "solve a stack for a stack": (la.solve, [(2, 1, 3, 3), (4, 3, 2)]),
    "slogdet of a stack": (lambda x: la.slogdet(x)[1], [(2, 3, 3)]),
    "pinv of a tall matrix": (la.pinv, [(4, 3)]),
    "pinv of wide ones": (la.pinv, [(2, 3, 4)]),
    "pinv with rcond": (lambda x: la.pinv(x, 1e-12), [(4, 3)]),
    "lstsq": (lambda x, y: la.lstsq(x, y, rcond=None)[0], [(5, 3), (5,)]),
    "lstsq for several": (lambda x, y: la.lstsq(x, y)[0], [(5, 3), (5, 2)]),
    "lstsq with many solutions": (lambda x, y: la.lstsq(x, y)[0], [(3, 5), (3,)]),
    "lstsq, residuals": (lambda x, y: la.lstsq(x, y)[1], [(5, 3), (5,)]),
    "lstsq, several residuals": (lambda x, y: la.lstsq(x, y)[1], [(5, 3), (5, 2)]),
    "lstsq, singular values": (lambda x: la.lstsq(x, np.ones(5))[3], [(5, 3)]),
    "svd, u": (lambda x: la.svd(x, full_matrices=False)[0], [(4, 3)]),
    "svd, s": (lambda x: la.svd(x, full_matrices=False).S, [(2, 4, 3)]),
    "svd, vh": (lambda x: la.svd(x, full_matrices=False)[2], [(4, 3)]),
    "svd, u of a wide matrix": (lambda x: la.svd(x, full_matrices=False)[0], [(3, 4)]),
    "svd, vh of wide matrices": (lambda x: la.svd(x, full_matrices=False)[2], [(2, 3, 4)]),
    "svd of a square matrix": (lambda x: la.svd(x).Vh, [(3, 3)]),
    "svd without vectors": (lambda x: la.svd(x, compute_uv=False), [(2, 4, 3)]),
    "qr, q": (lambda x: la.qr(x)[0], [(4, 3)]),
    "qr, r": (lambda x: la.qr(x).R, [(2, 4, 3)]),
    "qr, q of a wide matrix": (lambda x: la.qr(x)[0], [(3, 5)]),
    "qr, r of wide matrices": (lambda x: la.qr(x, "r"), [(2, 3, 5)]),
    "qr, complete and square": (lambda x: la.qr(x, mode="complete").Q, [(3, 3)]),
    **{f"power {n}": (lambda x, n=n: la.matrix_power(x, n), [(2, 3, 3)]) for n in (-2, -1, 0, 1, 2, 3, 7)},
    "diagonal": (la.diagonal, [(2, 3, 4)]),
    **{f"diagonal {k}": (lambda x, k=k: la.diagonal(x, offset=k), [(3, 4)]) for k in (1, -2, 3, 7, -7)},
    "trace": (la.trace, [(2, 3, 3)]),
    "trace beside": (lambda x: la.trace(x, offset=-1), [(3, 4)]),
    "transpose": (la.matrix_transpose, [(2, 3, 4)]),
    "the same in np": (np.matrix_transpose, [(3, 4)]),
    **{f"cond {p}": (lambda x, p=p: la.cond(x, p), [(2, 3, 3)]) for p in (None, 2, -2, 1, "fro", np.inf)},
}


@pytest.mark.parametrize("name", CALLS)
def test_forms_of_calls(name):
    f, shapes = CALLS[name]
    first, *others = random_arrays(*shapes)
    assert_differentiated(f, [apart(first), *others])


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        *(
            (f, (0, 0))
            for f in (la.inv, la.det, la.cholesky, lambda x: la.slogdet(x)[1], lambda x: la.eigh(x)[1])
        ),
        (lambda x: la.solve(x, np.ones((0, 2))), (0, 0)),
        (la.pinv, (0, 3)),
        (lambda x: la.lstsq(x, np.ones(3))[0], (3, 0)),
        (lambda x: la.svd(x, full_matrices=False)[1], (0, 3)),
        (lambda x: la.qr(x)[0], (3, 0)),
        (la.norm, (0,)),
        (lambda x: la.norm(x, axis=0), (0, 2)),
    ],
)
def test_matrices_without_rows_or_columns(f, shape):
    x = np.zeros(shape)
    assert np.shape(tg.vjp(f, x)[0]) == np.shape(f(x))
    assert tg.grad(lambda x: np.sum(f(x)))(x).shape == shape


@pytest.mark.parametrize(
    "f",
    [
        la.cholesky,
        lambda x: la.cholesky(x, upper=True),
        la.eigvalsh,
        lambda x: la.eigvalsh(x, "U"),
        lambda x: la.eigh(x)[0],
        lambda x: la.eigh(x, UPLO="U").eigenvectors,
    ],
)
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3)])
def test_functions_of_one_triangle_have_a_symmetric_gradient(f, shape):
    x, v = (symmetric(x) for x in random_arrays(shape, shape))
    assert_differentiated(f, [x], directions=[v])
    gradient = tg.grad(lambda x: np.sum(np.sin(f(x))))(x)
    np.testing.assert_allclose(gradient, gradient.mT, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("f", "arrays"),
    [
        (la.tensorinv, [(2, 3, 3, 2)]),
        (lambda x: la.tensorinv(x, ind=1), [(6, 2, 3)]),
        (la.tensorsolve, [(2, 3, 3, 2), (2, 3)]),
        (lambda a, y: la.tensorsolve(a, y, axes=(0,)), [(2, 6, 3), (6,)]),
    ],
)
def test_tensors_as_matrices(f, arrays):
    first, *others = random_arrays(*arrays)
    assert_differentiated(f, [first, *others])


ORDERS = [None, 0, 1, 2, 3, 2.5, -1, -2, np.inf, -np.inf]


@pytest.mark.parametrize("order", ORDERS)
def test_norms_of_vectors(order):
    x = np.array([[1.0, -2.0, 0.5], [3.0, 0.7, -1.5]])
    for f in (
        lambda x: la.norm(x[0], order),
        lambda x: la.norm(x, order, axis=0),
        lambda x: la.norm(x, order, axis=-1, keepdims=True),
    ):
        assert_differentiated(f, [x], exact=True)
    if order is not None:
        for axis in (None, 0, (0, 2), (-1, 1)):
            for keepdims in (False, True):
                assert_differentiated(
                    lambda x, axis=axis, keepdims=keepdims: la.vector_norm(
                        x, ord=order, axis=axis, keepdims=keepdims
                    ),
                    [np.stack([x, 2 * x + 0.3])],
                )


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_norms_of_matrices(order):
    matrix, stack = apart(random_arrays((4, 3))[0]), random_arrays((4, 2, 3))[0]
    assert_differentiated(lambda x: la.norm(x, order), [matrix])
    assert_differentiated(lambda x: la.norm(x, order, keepdims=True), [matrix])
    assert_differentiated(lambda x: la.norm(x, order, axis=(2, 0), keepdims=True), [stack])
    assert_differentiated(lambda x: la.norm(x, order, axis=(0, -2)), [stack])
    if order is not None:
        assert_differentiated(lambda x: la.matrix_norm(x, ord=order), [stack])


def test_the_norm_of_many_axes_is_that_of_all_numbers():
    assert_differentiated(la.norm, random_arrays((2, 2, 3)), exact=True)


@pytest.mark.parametrize("order", [*ORDERS[:6], np.inf])
def test_the_norm_of_nothing_has_gradient_0(order):
    assert tg.grad(lambda x: la.norm(x, order))(np.zeros(3)).tolist() == [0, 0, 0]
    assert tg.jvp(lambda x: la.norm(x, order), (np.zeros(3),), (np.ones(3),))[1] == 0
    assert tg.hessian(lambda x: la.norm(x) ** 2)(np.zeros(2)).tolist() in ([[0, 0], [0, 0]], [[2, 0], [0, 2]])


def test_the_largest_numbers_share_the_gradient():
    assert tg.grad(lambda x: la.norm(x, np.inf))(np.array([2.0, -2.0, 1.0])).tolist() == [0.5, -0.5, 0]
    assert tg.grad(lambda x: la.norm(x, -np.inf))(np.array([2.0, -2.0, 1.0])).tolist() == [0, 0, 1]


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_for_a_gradient():
    singular = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
    assert la.det(singular) == 0
    assert_differentiated(la.det, [singular])
    np.testing.assert_allclose(
        tg.grad(la.det)(singular), [[4, 4, -4], [-2, -2, 2], [0, 0, 0]], rtol=0, atol=1e-14
    )
    assert tg.grad(la.det)(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]
    assert tg.grad(la.det)(np.zeros((1, 1))).tolist() == [[1]]


def test_equal_eigenvalues_have_right_gradients_where_a_whole_space_is_taken():
    def onto_the_first_two(x):
        v = la.eigh(x)[1][:, :2]
        return v @ v.mT

    turn = la.qr(B)[0]
    twice, v = turn @ np.diag([1.0, 1.0, 2.0]) @ turn.T, symmetric(B)
    for x in (EYE, twice):
        gradient = tg.grad(lambda x: np.sum(la.eigh(x)[0] ** 2))(x)
        np.testing.assert_allclose(gradient, 2 * x, rtol=0, atol=1e-12)
    _, pull = tg.vjp(onto_the_first_two, twice)
    expected = slope(lambda x: np.sum(B * onto_the_first_two(x)), [twice], [v])
    assert np.sum(pull(B)[0] * v) == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(
        tg.grad(lambda x: np.sum(la.svd(x)[1]))(np.diag([2.0, 2.0, 0.0])), EYE, rtol=0, atol=1e-12
    )


def test_vectors_that_turn_among_equal_values_get_no_gradient():
    assert tg.grad(lambda x: np.sum(B * la.eigh(x)[1]))(2 * EYE).tolist() == np.zeros((3, 3)).tolist()
    assert tg.grad(lambda x: np.sum(B * la.svd(x)[0]))(2 * EYE).tolist() == np.zeros((3, 3)).tolist()


def test_the_sign_of_a_determinant_lets_no_gradient_pass():
    gradient = tg.grad(lambda x: la.slogdet(x)[0] * 3)(A)
    assert gradient.tolist() == np.zeros((3, 3)).tolist()


def test_the_rank_is_a_plain_number_and_matrix_rank_a_value():
    x, residuals, rank, s = la.lstsq(Value(TALL), np.ones(4))
    plain = la.lstsq(TALL, np.ones(4))
    assert (rank, type(rank)) == (plain[2], int)
    assert [part.shape for part in (x, residuals, s)] == [plain[i].shape for i in (0, 1, 3)]
    for a in (np.ones((4, 3)), WIDE):
        y = np.ones(len(a))
        for part, expected in zip(la.lstsq(Value(a), y), la.lstsq(a, y), strict=True):
            got = part.data if isinstance(part, Value) else part
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-14)
    assert la.matrix_rank(Value(TALL)).data == 3


@pytest.mark.parametrize("x", [A, S])
def test_forms_and_types_of_results(x):
    for f in (la.eigh, la.svd, la.qr, la.slogdet):
        plain, recorded = f(x), f(Value(x))
        assert type(plain) is type(recorded)
        for one, other in zip(plain, recorded, strict=True):
            assert np.asarray(one).tobytes() == np.asarray(other.data).tobytes()


@pytest.mark.parametrize(
    ("f", "error", "words"),
    [
        (la.cholesky, MatrixError, "cholesky(A): A has shape (3, 2, 2). Matrix is not positive"),
        (la.inv, MatrixError, "inv(A): A has shape (3, 2, 2). Singular matrix."),
        (lambda A: la.solve(A, np.ones(3)), ShapeError, "solve(A, operand 2): A has shape (3, 2, 2) and"),
        (
            lambda A: la.svd(A[:, :1]),
            UnsupportedFunctionError,
            (
                "np.linalg.svd of a 1×2 matrix with full_matrices=True: the vectors beyond the 1 singular "
                "values are any that fit, so they have no derivative. Write full_matrices=False."
            ),
        ),
        (
            lambda A: la.svd(A, hermitian=True),
            UnsupportedFunctionError,
            "np.linalg.svd(..., hermitian=True) has no rule on Values: leave it out, or use np.linalg.eigh.",
        ),
        (
            lambda A: la.qr(A[..., :1], mode="complete"),
            UnsupportedFunctionError,
            (
                "np.linalg.qr of a 2×1 matrix with mode='complete' has no rule on Values: only the columns "
                "of mode='reduced' have a derivative."
            ),
        ),
        (
            lambda A: la.norm(A[0], 3),
            ArgumentError,
            "np.linalg.norm of matrices has no order 3: it is one of 'fro', 'nuc', 1, 2, inf, and",
        ),
        (
            la.eig,
            UnsupportedFunctionError,
            (
                "np.linalg.eig gives complex numbers, which are not supported on Values yet. Of a symmetric "
                "matrix, np.linalg.eigh gives real eigenvalues and eigenvectors."
            ),
        ),
        (
            la.eigvals,
            UnsupportedFunctionError,
            (
                "np.linalg.eigvals gives complex numbers, which are not supported on Values yet. Of a "
                "symmetric matrix, np.linalg.eigvalsh gives real eigenvalues."
            ),
        ),
        (
            np.fft.rfft,
            UnsupportedFunctionError,
            (
                "np.fft.rfft gives complex numbers, which are not supported on Values yet. Use .data if no "
                "gradient is needed."
            ),
        ),
    ],
)
def test_messages(f, error, words):
    with pytest.raises(error, match=f"^{re.escape(words)}") as raised:
        f(Value(np.zeros((3, 2, 2)), name="A"))
    assert isinstance(raised.value, Error)


def test_a_matrix_that_cannot_be_factored_is_an_error_of_numpy_too():
    def with_jitter(K):
        jitter = 0.0
        while True:
            try:
                return np.sum(la.cholesky(K + jitter * EYE))
            except la.LinAlgError:
                jitter += 0.5

    assert np.all(np.isfinite(tg.grad(with_jitter)(np.ones((3, 3)))))


def test_a_gaussian_process_learns_its_length_scale():
    x = np.linspace(0, 1, 8)
    y = np.sin(6 * x)

    def negative_log_likelihood(length, noise):  # Rasmussen and Williams (2006), equation 2.30
        K = np.exp(-((x[:, None] - x) ** 2) / (2 * length**2)) + noise**2 * np.eye(8)
        L = la.cholesky(K)
        weights = la.solve(L.T, la.solve(L, y))
        return 0.5 * y @ weights + np.sum(np.log(la.diagonal(L))) + 4 * np.log(2 * np.pi)

    assert_differentiated(negative_log_likelihood, [np.float64(0.3), np.float64(0.2)])
    by_determinant = tg.grad(
        lambda length: (
            0.5 * la.slogdet(np.exp(-((x[:, None] - x) ** 2) / (2 * length**2)) + 0.04 * np.eye(8))[1]
        )
    )(0.3)
    by_cholesky = tg.grad(
        lambda length: np.sum(
            np.log(
                la.diagonal(
                    la.cholesky(np.exp(-((x[:, None] - x) ** 2) / (2 * length**2)) + 0.04 * np.eye(8))
                )
            )
        )
    )(0.3)
    assert by_determinant == pytest.approx(by_cholesky, rel=1e-11)
