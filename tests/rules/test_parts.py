"""Functions with several results: one node for all, one part for each; names, pictures, comparisons."""

import numpy as np
import pytest
from rules.calculus import assert_differentiated, random_arrays
from rules.samples import apart, symmetric

import tinygrad_edu as tg
from tinygrad_edu import Value
from tinygrad_edu.program import backward_label, labels_of, title
from tinygrad_edu.rules import part
from tinygrad_edu.rules.parts import parts
from tinygrad_edu.sweeps import history

X = symmetric(random_arrays((3, 3))[0])


def polar(x, y):
    return np.sqrt(x * x + y * y), np.arctan2(y, x)


def polar_x(g, out, x, y):
    radius, _ = out
    return g[0] * x / radius - g[1] * y / radius**2


def polar_y(g, out, x, y):
    radius, _ = out
    return g[0] * y / radius + g[1] * x / radius**2


to_polar = tg.several(polar, polar_x, polar_y, shapes=lambda x, y: (x.shape, x.shape))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: to_polar(x, y)[0],
        lambda x, y: to_polar(x, y)[1],
        lambda x, y: to_polar(x, y)[0] * np.sin(to_polar(x, y)[1]),
    ],
)
@pytest.mark.parametrize("shape", [(), (4,), (0,), (2, 3)])
def test_a_rule_gets_and_gives_tuples(f, shape):
    x, y = random_arrays(shape, shape)
    assert_differentiated(f, [x + 5, y])


def test_a_result_that_is_not_used_has_gradient_0():
    seen = []

    def rule(g, out, x):
        seen.append(g)
        return g[0] * 2 + np.sum(g[1])

    both = tg.several(lambda x: (2 * x, np.sum(x)), rule, shapes=lambda x: (x.shape, ()))
    for chosen, expected in ((0, ([1, 1], 0)), (1, ([0, 0], 1))):
        tg.grad(lambda x, chosen=chosen: np.sum(both(x)[chosen]))(np.ones(2))
        first, second = seen.pop()
        assert (first.tolist(), second) == expected


def test_on_arrays_it_is_the_function_itself():
    assert to_polar(3.0, 4.0) == polar(3.0, 4.0)
    assert (to_polar.__name__, to_polar.whole.name) == ("polar", "polar")


def test_results_of_a_function_of_ones_own_have_names():
    x, y = Value(3.0), Value(4.0)
    radius, angle = to_polar(x, y=y)
    assert (radius.name, angle.name, radius.line == angle.line == x.line + 1) == ("radius", "angle", True)


def test_one_node_and_one_part_for_each_result():
    u, s, vt = np.linalg.svd(Value(X))
    (whole,) = {node.args[0] for node in (u, s, vt)}
    assert [node.primitive for node in (u, s, vt)] == [part] * 3
    assert whole.size == 21
    assert [node.primitive.name for node in history(s) if node.primitive] == ["svd", "part"]
    for node, again in zip((u, s, vt), parts(whole.data, s.params["shapes"]), strict=True):
        assert again.tobytes() == node.data.tobytes()


def test_names_of_unpacked_results():
    A = Value(X)
    w, V = np.linalg.eigh(A)
    (sign, logdet) = np.linalg.slogdet(A)
    both = np.linalg.qr(A)
    alone = np.linalg.eigh(A).eigenvalues
    second = np.linalg.eigh(A)[1]
    u, *_ = np.linalg.svd(A)
    assert [node.name for node in (w, V, sign, logdet)] == ["w", "V", "sign", "logdet"]
    assert [node.name for node in both] == ["both[0]", "both[1]"]
    assert (alone.name, second.name) == ("alone", "second")
    assert np.linalg.eigh(A)[0].name is None
    assert u.name is None
    assert w.line == V.line == sign.line - 1


def test_a_result_handed_through_keeps_its_name():
    A = Value(X)
    B = A + 1
    C = np.linalg.matrix_power(B, 1)
    assert (C.name, C.line) == ("B", B.line)


def test_labels():
    A = Value(X, name="A")
    w, V = np.linalg.eigh(A)
    _, logdet = np.linalg.slogdet(A)
    B = np.linalg.inv(A)
    z = np.linalg.solve(A, np.ones(3))
    c = np.einsum("ij,kj->ik", A, V)
    d = np.linalg.det(A)
    nodes = history(np.sum(w) + logdet + np.sum(B) + np.sum(z) + np.sum(c) + d)
    labels = labels_of(nodes)
    assert [title(node, labels) for node in (w, logdet, B, z, c, d)] == [
        "w = eigh(A)[0]",
        "logdet = slogdet(A)[1]",
        "B = inv(A)",
        "z = solve(A, [1, 1, 1])",
        'c = einsum("ij,kj->ik", A, V)',
        "d = det(A)",
    ]
    assert [backward_label(node, 0, labels) for node in (w, V, logdet.args[0], B, z, c, d)] == [
        "(▲, 0)",
        "(0, ▲)",
        "▲[1] × inv(A)ᵀ",
        "−Bᵀ @ ▲ @ Bᵀ",
        "−solve(Aᵀ, ▲)[..., None] × z",
        'einsum("ik,kj->ij", ▲, V)',
        "▲ × cofactors(A)",
    ]


def test_a_picture_tells_the_shapes_of_all_results():
    A = Value(X, name="A")
    w, V = np.linalg.eigh(A)
    loss = np.sum(w * V[0])
    loss.backward()
    rows = str(tg.draw(loss)).splitlines()
    assert [row.split("  ")[0] for row in rows[2:5]] == ["A", "eigh(A)", "w = eigh(A)[0]"]
    assert "3 + 3×3" in rows[3]


def test_comparing_with_a_gradient_by_hand():
    def loss(A):
        w = np.linalg.eigh(A)[0]
        return np.sum(w**3)

    def by_hand(A, w):
        return {"A": 3 * A @ A, "w": 3 * w**2}

    tg.compare(
        loss, by_hand, {"A": X}, probes=lambda rng: {"A": symmetric(rng.normal(size=(3, 3)))}
    ).raise_if_wrong()
    wrong = tg.compare(
        loss,
        lambda A, w: {"A": 3 * A @ A, "w": 2 * w**2},
        {"A": X},
        probes=lambda rng: {"A": symmetric(rng.normal(size=(3, 3)))},
    )
    assert sorted((row.name, row.verdict) for row in wrong.rows if row.name in "Aw") == [
        ("A", "correct"),
        ("w", "own"),
    ]


def test_nothing_is_recorded_without_recording():
    with tg.no_grad():
        q, r = np.linalg.qr(Value(apart(X)))
    assert (q.is_leaf, r.is_leaf) == (True, True)
