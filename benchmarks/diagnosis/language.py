"""A network that guesses the next letter, its backward pass written out in 26 steps: the long case."""

import numpy as np
from models import Model

BATCH, LETTERS, CONTEXT, WIDTH, HIDDEN = 32, 27, 3, 10, 200


def inputs(rng):
    def small(*shape):
        return rng.normal(size=shape) * 0.3

    return {
        "C": rng.normal(size=(LETTERS, WIDTH)),
        "W1": small(CONTEXT * WIDTH, HIDDEN),
        "b1": small(HIDDEN),
        "gain": 1 + small(HIDDEN),
        "bias": small(HIDDEN),
        "W2": small(HIDDEN, LETTERS),
        "b2": small(LETTERS),
        "Xb": rng.integers(LETTERS, size=(BATCH, CONTEXT)),
        "Yb": rng.integers(LETTERS, size=BATCH),
        "rows": np.arange(BATCH),
    }


LANGUAGE = Model(
    "next letter",
    """
    emb = C[Xb]
    embcat = emb.reshape((32, 30))
    hprebn = embcat @ W1 + b1
    bnmean = np.sum(hprebn, axis=0, keepdims=True) / 32
    bndiff = hprebn - bnmean
    bndiff2 = bndiff ** 2
    bnvar = np.sum(bndiff2, axis=0, keepdims=True) / 31
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = gain * bnraw + bias
    h = np.tanh(hpreact)
    logits = h @ W2 + b2
    shift = np.mean(logits, axis=1, keepdims=True)
    norm_logits = logits - shift
    counts = np.exp(norm_logits)
    counts_sum = np.sum(counts, axis=1, keepdims=True)
    counts_sum_inv = counts_sum ** -1
    probs = counts * counts_sum_inv
    logprobs = np.log(probs)
    Q = -np.mean(logprobs[rows, Yb])
    """,
    inputs,
    ("C", "W1", "b1", "gain", "bias", "W2", "b2"),
    {
        "logprobs": "-np.eye(27)[Yb] / 32",
        "probs": "dlogprobs / probs",
        "counts_sum_inv": "np.sum(dprobs * counts, axis=1, keepdims=True)",
        "counts_sum": "-dcounts_sum_inv * counts_sum ** -2",
        "counts": "dprobs * counts_sum_inv + dcounts_sum * np.ones((32, 27))",
        "norm_logits": "dcounts * counts",
        "shift": "-np.sum(dnorm_logits, axis=1, keepdims=True)",
        "logits": "dnorm_logits + dshift / 27",
        "h": "dlogits @ W2.T",
        "W2": "h.T @ dlogits",
        "b2": "np.sum(dlogits, axis=0)",
        "hpreact": "dh * (1 - h ** 2)",
        "gain": "np.sum(dhpreact * bnraw, axis=0)",
        "bias": "np.sum(dhpreact, axis=0)",
        "bnraw": "dhpreact * gain",
        "bnvar_inv": "np.sum(dbnraw * bndiff, axis=0, keepdims=True)",
        "bnvar": "-0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv",
        "bndiff2": "dbnvar / 31 * np.ones((32, 200))",
        "bndiff": "dbnraw * bnvar_inv + 2 * bndiff * dbndiff2",
        "bnmean": "-np.sum(dbndiff, axis=0, keepdims=True)",
        "hprebn": "dbndiff + dbnmean / 32",
        "embcat": "dhprebn @ W1.T",
        "W1": "embcat.T @ dhprebn",
        "b1": "np.sum(dhprebn, axis=0)",
        "emb": "dembcat.reshape((32, 3, 10))",
        "C": "np.einsum('ijk,ijl->kl', np.eye(27)[Xb], demb)",
    },
)

BREAKS = {
    "logprobs": [("sign", "np.eye(27)[Yb] / 32"), ("constant-factor", "-np.eye(27)[Yb]"), ("constant-factor", "-np.eye(27)[Yb] / 31")],
    "probs": [("missing-derivative", "dlogprobs"), ("power-slip", "dlogprobs * probs"), ("sign", "-dlogprobs / probs")],
    "counts_sum_inv": [("operand", "np.sum(dprobs * probs, axis=1, keepdims=True)"), ("mean-for-sum", "np.mean(dprobs * counts, axis=1, keepdims=True)"), ("sign", "-np.sum(dprobs * counts, axis=1, keepdims=True)")],
    "counts_sum": [("power-slip", "-dcounts_sum_inv / counts_sum"), ("sign", "dcounts_sum_inv * counts_sum ** -2"), ("missing-derivative", "dcounts_sum_inv")],
    "counts": [("lost-path", "dprobs * counts_sum_inv"), ("double-path", "dprobs * counts_sum_inv + 2 * dcounts_sum * np.ones((32, 27))"), ("missing-derivative", "dprobs + dcounts_sum * np.ones((32, 27))")],
    "norm_logits": [("missing-derivative", "dcounts"), ("wrong-point", "dcounts * np.exp(logits)"), ("repeated-derivative", "dcounts * counts ** 2")],
    "shift": [("upstream-ignored", "-27 * np.ones((32, 1))"), ("missing-sum", "-dnorm_logits"), ("upstream-ignored", "-np.sum(dcounts, axis=1, keepdims=True)")],
    "logits": [("sign", "-(dnorm_logits + dshift / 27)"), ("constant-factor", "(dnorm_logits + dshift / 27) / 32"), ("double-path", "2 * dnorm_logits + dshift / 27")],
    "h": [("upstream-ignored", "dcounts @ W2.T"), ("sign", "-dlogits @ W2.T"), ("constant-factor", "dlogits @ W2.T / 32")],
    "W2": [("operand", "hpreact.T @ dlogits"), ("constant-factor", "h.T @ dlogits / 32"), ("transposed", "dlogits.T @ h")],
    "b2": [("missing-sum", "dlogits"), ("mean-for-sum", "np.mean(dlogits, axis=0)"), ("upstream-ignored", "np.sum(dcounts, axis=0)")],
    "hpreact": [("missing-derivative", "dh"), ("wrong-activation", "dh * h * (1 - h)"), ("wrong-point", "dh * (1 - hpreact ** 2)")],
    "gain": [("operand", "np.sum(dhpreact * bndiff, axis=0)"), ("missing-sum", "dhpreact * bnraw"), ("upstream-ignored", "np.sum(bnraw, axis=0)")],
    "bias": [("missing-sum", "dhpreact"), ("mean-for-sum", "np.mean(dhpreact, axis=0)"), ("sign", "-np.sum(dhpreact, axis=0)")],
    "bnraw": [("missing-derivative", "dhpreact"), ("operand", "dhpreact * bias"), ("sign", "-dhpreact * gain")],
    "bnvar_inv": [("operand", "np.sum(dbnraw * hprebn, axis=0, keepdims=True)"), ("mean-for-sum", "np.mean(dbnraw * bndiff, axis=0, keepdims=True)"), ("upstream-ignored", "np.sum(dhpreact * bndiff, axis=0, keepdims=True)")],
    "bnvar": [("sign", "0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv"), ("power-slip", "-0.5 * (bnvar + 1e-5) ** -0.5 * dbnvar_inv"), ("constant-factor", "-(bnvar + 1e-5) ** -1.5 * dbnvar_inv")],
    "bndiff2": [("constant-factor", "dbnvar / 32 * np.ones((32, 200))"), ("constant-factor", "dbnvar * np.ones((32, 200))"), ("sign", "-dbnvar / 31 * np.ones((32, 200))")],
    "bndiff": [("lost-statistics", "dbnraw * bnvar_inv"), ("constant-factor", "dbnraw * bnvar_inv + bndiff * dbndiff2"), ("lost-path", "2 * bndiff * dbndiff2")],
    "bnmean": [("sign", "np.sum(dbndiff, axis=0, keepdims=True)"), ("mean-for-sum", "-np.mean(dbndiff, axis=0, keepdims=True)"), ("upstream-ignored", "-np.sum(dbnraw, axis=0, keepdims=True)")],
    "hprebn": [("lost-statistics", "dbndiff"), ("constant-factor", "dbndiff + dbnmean"), ("double-path", "dbndiff + 2 * dbnmean / 32")],
    "embcat": [("upstream-ignored", "dbndiff @ W1.T"), ("sign", "-dhprebn @ W1.T"), ("constant-factor", "dhprebn @ W1.T / 32")],
    "W1": [("constant-factor", "embcat.T @ dhprebn / 32"), ("upstream-ignored", "embcat.T @ dbndiff"), ("shifted", "np.roll(embcat, 1, axis=0).T @ dhprebn")],
    "b1": [("missing-sum", "dhprebn"), ("upstream-ignored", "np.sum(dbndiff, axis=0)"), ("upstream-ignored", "np.sum(dbnraw, axis=0)")],
    "emb": [("sign", "-dembcat.reshape((32, 3, 10))"), ("constant-factor", "dembcat.reshape((32, 3, 10)) / 32"), ("shifted", "np.roll(dembcat.reshape((32, 3, 10)), 1, axis=1)")],
    "C": [("overwritten", "np.array([demb[Xb == i][-1] if (Xb == i).any() else np.zeros(10) for i in range(27)])"), ("constant-factor", "np.einsum('ijk,ijl->kl', np.eye(27)[Xb], demb) / 32"), ("sign", "-np.einsum('ijk,ijl->kl', np.eye(27)[Xb], demb)")],
}  # fmt: skip
"""Three ways to break each line."""
