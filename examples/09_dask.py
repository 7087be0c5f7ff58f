"""Data larger than one chunk, on two workers: the same expressions, with dask arrays for the data."""

import dask
import dask.array as da
import numpy as np
from dask.distributed import Client, LocalCluster

import tinygrad_edu as tg

ROWS, CHUNK = 20_000, 5_000


def data(seed):
    """Points on the plane, the noisy height above each, and whether it lies outside the unit circle."""
    rng = da.random.default_rng(seed)
    x = rng.normal(size=(ROWS, 2), chunks=(CHUNK, 2))
    noise = 0.1 * rng.normal(size=ROWS, chunks=CHUNK)
    return x, x @ np.array([2.0, -1.0]) + 0.5 + noise, ((x**2).sum(axis=1) > 1).astype(float)


def regression(params, x, y):
    return np.mean((x @ params["theta1"] + params["theta0"] - y) ** 2) / 2


def network(params, x, y):
    h = np.tanh(x @ params["W1"] + params["b1"])
    return tg.binary_cross_entropy_with_logits(h @ params["W2"] + params["b2"], y)


def train(loss, params, x, y, rate, steps):
    """Gradient descent; each step is one pass over the chunks, on all workers."""
    value = 0.0
    for _ in range(steps):
        lazy = tg.value_and_grad(loss)(params, x, y)
        value, slopes = dask.compute(*lazy)
        params = {name: array - rate * slopes[name] for name, array in params.items()}
    print(f"{loss.__name__}: {float(value):.4f} after {steps} steps")
    return params


def main():
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        print(f"{len(client.scheduler_info()['workers'])} workers, {ROWS // CHUNK} chunks")
        x, heights, outside = client.persist(data(0))
        line = train(regression, {"theta1": np.zeros(2), "theta0": 0.0}, x, heights, rate=0.9, steps=5)
        print("theta1:", np.round(line["theta1"], 2), "theta0:", round(float(line["theta0"]), 2))
        rng = np.random.default_rng(0)
        start = {"W1": rng.normal(size=(2, 8)), "b1": np.zeros(8), "W2": rng.normal(size=8), "b2": 0.0}
        params = train(network, start, x, outside, rate=4.0, steps=15)
        answers = np.tanh(x @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"] > 0
        print("right:", f"{float((answers == outside).mean()):.0%}")


if __name__ == "__main__":
    main()
