"""What each rule does to the incoming gradient, read off a run of the rule."""

import sys
import warnings

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.primitives import REGISTRY
from tinygrad_edu.program import backward_label, labels_of, title
from tinygrad_edu.sweeps import history


def listing(out):
    """Each operation of a graph: its title, and the label of each of its arguments."""
    nodes = history(out)
    labels = labels_of(nodes)
    return [
        (title(node, labels), *(backward_label(node, i, labels) for i in range(len(node.args))))
        for node in nodes
        if node.args
    ]


def backward(out):
    """The labels of the last operation of a graph."""
    return listing(out)[-1][1:]


def test_a_network_of_two_layers():
    def network():
        X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.ones((4, 1))
        w1, b1, w2, b2 = (tg.Value(np.ones(shape)) for shape in ((2, 3), 3, (3, 1), 1))
        w1.name, b1.name, w2.name, b2.name = "w1", "b1", "w2", "b2"
        z1 = X @ w1
        a1 = z1 + b1
        h = tg.sigmoid(a1)
        z2 = h @ w2
        p = z2 + b2
        e = p - y
        s = e**2
        m = np.mean(s)
        L = m / 2
        return L

    assert listing(network()) == [
        ("z₁ = X @ w₁", None, "Xᵀ @ ▲"),
        ("a₁ = z₁ + b₁", "▲", "Σ▲ rows"),
        ("h = σ(a₁)", "▲ × h(1 − h)"),
        ("z₂ = h @ w₂", "▲ @ w₂ᵀ", "hᵀ @ ▲"),
        ("p = z₂ + b₂", "▲", "Σ▲ rows"),
        ("e = p − y", "▲", None),
        ("s = e²", "▲ × 2e"),
        ("m = mean(s)", "▲ / 4"),
        ("L = m / 2", "▲ / 2", None),
    ]


def test_the_regression_objective():
    Theta0, Theta1 = tg.Value(0.5), tg.Value(2.0)
    x, y = np.arange(3.0), np.ones(3)
    f = Theta1 * x + Theta0
    Q = np.mean((f - y) ** 2) / 2
    assert listing(Q) == [
        ("Θ₁ × x", "Σ(▲ × x)", None),
        ("f = Θ₁ × x + Θ₀", "▲", "Σ▲"),
        ("f − y", "▲", None),
        ("(f − y)²", "▲ × 2(f − y)"),
        ("mean((f − y)²)", "▲ / 3"),
        ("Q = mean((f − y)²) / 2", "▲ / 2", None),
    ]


def test_a_neuron_in_a_loop():
    b = tg.Value(0.0)
    ws = [tg.Value(0.5), tg.Value(0.25)]
    s = b
    for w, x in zip(ws, (1.5, 2.5), strict=True):
        s = s + w * x
    y = np.tanh(s)
    assert listing(y) == [
        ("w × 1.5", "▲ × 1.5", None),
        ("s = b + w × 1.5", "▲", "▲"),
        ("w#2 × 2.5", "▲ × 2.5", None),
        ("s#2 = s + w#2 × 2.5", "▲", "▲"),
        ("y = tanh(s#2)", "▲ × (1 − y × y)"),
    ]


a, b, t, s = (tg.Value(x, name=name) for x, name in zip((2.0, 3.0, 4.0, 0.0), "abts", strict=True))
x, v = tg.Value(np.arange(3.0), name="x"), tg.Value(np.ones(3), name="v")
M, N = tg.Value(np.ones((2, 3)), name="M"), tg.Value(np.ones((3, 2)), name="N")
S = tg.Value(np.ones((4, 2, 3)), name="S")
column = tg.Value(np.ones((2, 1)), name="column")
rows = np.array([0, 1])
y = "y"

RULES = [
    (lambda: a + b, ("▲", "▲")),
    (lambda: a - b, ("▲", "−▲")),
    (lambda: a * b, ("▲ × b", "▲ × a")),
    (lambda: a * a, ("▲ × a", "▲ × a")),
    (lambda: tg.named(a / b, y), ("▲ / b", "−▲ × y / b")),
    (lambda: -a, ("−▲",)),
    (lambda: abs(a), ("▲ × sign(a)",)),
    (lambda: a**2, ("▲ × 2a",)),
    (lambda: a**3, ("▲ × 3a²", None)),
    (lambda: tg.named(a**b, y), ("▲ × b × where(… & …, 1, a)^…", "▲ × y × log(where(…, 1, a))")),
    (lambda: tg.relu(x), ("where(relu(x) > 0, ▲, 0)",)),
    (lambda: tg.named(tg.relu(x), y), ("where(y > 0, ▲, 0)",)),
    (lambda: tg.named(np.tanh(x), y), ("▲ × (1 − y × y)",)),
    (lambda: np.exp(x), ("▲ × exp(x)",)),
    (lambda: tg.named(np.exp(x), y), ("▲ × y",)),
    (lambda: np.log(v), ("▲ / v",)),
    (lambda: np.cos(x), ("−▲ × sin(x)",)),
    (lambda: tg.named(np.sqrt(v), y), ("▲ / (2y)",)),
    (lambda: tg.sigmoid(x), ("▲ × σ(x) × (1 − σ(x))",)),
    (lambda: tg.named(tg.sigmoid(x, beta=2.0), y), ("▲ × 2y(1 − y)",)),
    (lambda: np.where(x > v, x, v), (None, "where(x > v, ▲, 0)", "where(x > v, 0, ▲)")),
    (lambda: np.maximum(x, v), ("where(x > v, ▲, …)", "where(v > x, ▲, …)")),
    (lambda: x > v, (None, None)),
    (lambda: tg.stop_gradient(x), (None,)),
    (lambda: x[0], ("▲ at [0]",)),
    (lambda: x[1:], ("▲ at [1:]",)),
    (lambda: x[rows], ("▲ at [rows]", None)),
    (lambda: M.reshape(3, 2), ("reshape(▲, shape=(2, 3))",)),
    (lambda: np.reshape(M, (6,)), ("reshape(▲, shape=(2, 3))",)),
    (lambda: M.T, ("▲ᵀ",)),
    (lambda: np.transpose(S, (1, 2, 0)), ("transpose(▲, axes=(2, 0, 1))",)),
    (lambda: np.concatenate([x, v]), ("▲[0:3]", "▲[3:6]")),
    (lambda: np.concatenate([M, M], axis=1), ("▲[:, 0:3]", "▲[:, 3:6]")),
    (lambda: np.stack([x, v]), ("▲[0]", "▲[1]")),
    (lambda: np.stack([x, v], axis=1), ("▲[:, 0]", "▲[:, 1]")),
    (lambda: np.broadcast_to(x, (2, 3)), ("Σ▲ rows",)),
    (lambda: np.sum(M), ("▲",)),
    (lambda: np.sum(M, axis=0), ("▲",)),
    (lambda: np.mean(M, axis=1), ("▲ / 3",)),
    (lambda: M @ N, ("▲ @ Nᵀ", "Mᵀ @ ▲")),
    (lambda: x @ v, ("▲ × v", "▲ × x")),
    (lambda: M @ x, ("▲[..., None] × x", "Mᵀ @ ▲")),
    (lambda: x @ N, ("N @ ▲", "x[:, None] × ▲[..., None, :]")),
    (lambda: S @ N, ("▲ @ Nᵀ", "Σ(Sᵀ @ ▲) axis 0")),
    (lambda: M + x, ("▲", "Σ▲ rows")),
    (lambda: M + a, ("▲", "Σ▲")),
    (lambda: M + column, ("▲", "Σ▲ axis 1")),
    (lambda: S + x, ("▲", "Σ▲ axes 0, 1")),
    (lambda: S * M, ("▲ × M", "Σ(▲ × S) axis 0")),
    (lambda: x - a, ("▲", "Σ(−▲)")),
]


@pytest.mark.parametrize(("build", "expected"), RULES, ids=range(len(RULES)))
def test_labels_of_the_rules(build, expected):
    assert backward(build()) == expected


def test_a_plain_array_goes_by_its_name_inside_a_rule():
    c = tg.Value(np.ones(3))
    weights = np.arange(1.0, 4.0)
    y = c / weights
    assert backward(y) == ("▲ / weights", None)
    scale = np.float64(2.0)
    y = c * scale
    assert backward(y) == ("▲ × scale", None)


def test_numbers_of_another_precision_need_no_word():
    single = tg.Value(np.ones(3, np.float32))
    assert backward(single * np.arange(3.0)) == ("▲ × [0, 1, 2]", None)


def test_a_rule_that_cannot_be_recorded_is_written_as_a_derivative():
    def _cube(x):
        return x * x * x

    def impossible(g, out, x):
        raise RuntimeError("no rule")

    try:
        cube = tg.primitive(_cube, impossible)
        y = cube(x)
        assert backward(y) == ("▲ · ∂y/∂x",)
        assert backward(cube(x * 2)) == ("▲ · ∂cube/∂x₁",)
        assert backward(tg.primitive(_cube, lambda g, out, x: g[:2])(x + 0)) == ("▲ · ∂cube/∂x₁",)
    finally:
        del REGISTRY[_cube]


def test_rules_run_quietly_at_kinks_and_poles():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        y = np.log(s) / s
    assert listing(y) == [("log(s)", "▲ / s"), ("y = log(s) / s", "▲ / s", "−▲ × y / s")]


def test_labels_do_not_depend_on_what_is_being_recorded():
    y = a * b
    with tg.no_grad(), tg.scope("outer"):
        assert backward(y) == ("▲ × b", "▲ × a")
        assert (a * b).is_leaf


def test_nothing_in_the_graph_is_touched():
    X, w = np.ones((4, 2)), tg.Value([1.0, 2.0])
    loss = np.mean((X @ w - 1) ** 2)
    loss.backward()
    data = w.data
    nodes = history(loss)

    def state():
        slots = [name for cls in type(loss).__mro__ for name in getattr(cls, "__slots__", ())]
        slots.remove("__weakref__")
        return [{name: id(getattr(node, name, None)) for name in slots} for node in nodes]

    gradients = [np.array(node.grad) for node in nodes]
    before, references = state(), [sys.getrefcount(node) for node in nodes]
    listing(loss)
    assert state() == before
    assert [sys.getrefcount(node) for node in nodes] == references
    assert all(map(np.array_equal, gradients, (node.grad for node in nodes)))
    data[:] = 7.0
    assert w.data is data


def test_every_rule_of_the_registry_that_is_linear_or_elementwise_can_be_written():
    for function, primitive in REGISTRY.items():
        if not str(getattr(function, "__module__", "numpy")).startswith(("numpy", "tinygrad_edu")):
            continue  # declared by another test
        if primitive.kind == "elementwise" and primitive.differentiable and not primitive.signature.settings:
            inside = (low + 0.5 if low == 1 else 0.5 for low, _ in primitive.domain)
            y = primitive(
                *(tg.Value(x) if rule else 1 for x, rule in zip(inside, primitive.rules, strict=True))
            )
            assert not any("∂" in label for label in backward(y) if label), primitive
