"""Pictures made by hand: the network of the house style, and graphs with something difficult in them."""

import numpy as np

from tinygrad_edu.drawing.picture import Card, Edge, Group, Picture


def network(rows=4, hidden=3):
    """mean((sigmoid(X @ w1 + b1) @ w2 + b2 - y) ** 2) / 2 with the gradients derived by hand."""
    rng = np.random.default_rng(3)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) if rows == 4 else rng.uniform(-8, 8, (rows, 2))
    y = (X[:, :1] != X[:, 1:]) * 1
    w1, b1 = rng.normal(size=(2, hidden)), rng.normal(size=hidden)
    w2, b2 = rng.normal(size=(hidden, 1)), np.array([0.1])
    z1 = X @ w1
    a1 = z1 + b1
    h = 1 / (1 + np.exp(-a1))
    z2 = h @ w2
    p = z2 + b2
    e = p - y
    s = e**2
    m = np.mean(s)
    ds = np.full_like(s, 1 / (2 * rows))
    de = ds * 2 * e
    dh = de @ w2.T
    da = dh * h * (1 - h)
    cards = (
        card("X", "X", X, None, "input", "data"),
        card("w1", "w₁", w1, X.T @ da, "layer1", "parameter"),
        card("z1", "z₁ = X @ w₁", z1, da, "layer1"),
        card("b1", "b₁", b1, da.sum(0), "layer1", "parameter"),
        card("a1", "a₁ = z₁ + b₁", a1, da, "layer1"),
        card("h", "h = σ(a₁)", h, dh, "layer1"),
        card("w2", "w₂", w2, h.T @ de, "layer2", "parameter"),
        card("z2", "z₂ = h @ w₂", z2, de, "layer2"),
        card("b2", "b₂", b2, de.sum(0), "layer2", "parameter"),
        card("p", "p = z₂ + b₂", p, de, "layer2"),
        card("y", "y", y, None, "loss", "data"),
        card("e", "e = p − y", e, de, "loss"),
        card("s", "s = e²", s, ds, "loss"),
        card("m", "m = mean(s)", m, np.float64(0.5), "loss"),
        card("L", "L = m / 2", m / 2, np.float64(1.0), "loss", "loss"),
    )
    edges = (
        Edge("X", "z1", 0, None, carries_gradient=False),
        Edge("w1", "z1", 1, "Xᵀ @ ▲"),
        Edge("z1", "a1", 0, "▲ × 1"),
        Edge("b1", "a1", 1, "Σ▲ rows"),
        Edge("a1", "h", 0, "▲ × h(1 − h)"),
        Edge("h", "z2", 0, "▲ @ w₂ᵀ"),
        Edge("w2", "z2", 1, "hᵀ @ ▲"),
        Edge("z2", "p", 0, "▲ × 1"),
        Edge("b2", "p", 1, "Σ▲ rows"),
        Edge("p", "e", 0, "▲ × 1"),
        Edge("y", "e", 1, None, carries_gradient=False),
        Edge("e", "s", 0, "▲ × 2e"),
        Edge("s", "m", 0, "▲ × 1/4"),
        Edge("m", "L", 0, "▲ × 1/2"),
    )
    groups = (
        Group("input", "input"),
        Group("layer1", "layer 1 · sigmoid"),
        Group("layer2", "layer 2 · linear"),
        Group("loss", "loss · mean squared error"),
    )
    return Picture("L = mean((σ(X @ w₁ + b₁) @ w₂ + b₂ − y)²) / 2", cards, edges, groups)


def card(key, title, value, gradient, group=None, role="operation"):
    shape = "×".join(map(str, np.shape(value)))
    return Card(key, title, role, shape, value, gradient, role != "data", group)


def square():
    """b = a * a: two edges between the same two cards."""
    cards = (card("a", "a", np.float64(3), np.float64(6), role="parameter"), card("b", "b = a × a", 9.0, 1.0))
    return Picture("b = a × a", cards, (Edge("a", "b", 0, "▲ × a"), Edge("a", "b", 1, "▲ × a")))


def difficult():
    """NaN, inf, exact zeros, booleans, no gradient, markup in a title, and paths that part and join."""
    cards = (
        card("w", 'w <&> "q"', np.array([np.nan, 1, np.inf]), np.array([np.nan, 0, 1]), role="parameter"),
        card("p", "p = −w", np.array([np.nan, -1, -np.inf]), np.zeros(3)),
        Card("m", "m = p > 0", "operation", "3", np.array([False, False, True]), None, differentiable=False),
        card("q", "q = where(m, p, 0)", np.array([1e-9, 2e3, 1]), None),
        card("L", "L = sum(q)", np.float64(np.nan), np.float64(1), role="loss"),
    )
    edges = (
        Edge("w", "p", 0, "−▲"),
        Edge("p", "m", 0, None, carries_gradient=False),
        Edge("m", "q", 0, None, carries_gradient=False),
        Edge("p", "q", 1, "▲ where m < 1 & m > 0"),
        Edge("q", "L", 0, "▲"),
    )
    return Picture('L <&> "x"', cards, edges)


def chain(length):
    """h1 = -w, h2 = -h1, ... without labels."""
    cards = [card("h0", "w", np.float64(1), np.float64(1), role="parameter")]
    cards += [card(f"h{i}", f"h{i} = −h{i - 1}", np.float64(1), np.float64(0.9**i)) for i in range(1, length)]
    edges = [Edge(f"h{i - 1}", f"h{i}", 0, "−▲") for i in range(1, length)]
    return Picture(f"a chain of {length}", tuple(cards), tuple(edges))
