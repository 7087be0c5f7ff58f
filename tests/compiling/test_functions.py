"""Every example, compiled for both targets: values and gradients are those of the recorded call.

Long programs take the C compiler a minute; HYPOTHESIS_PROFILE=full builds them, too.
"""

import runpy
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import tinygrad_edu as tg
from tinygrad_edu import trees

EXAMPLES = Path(__file__).parents[2] / "examples"
FULL = settings().max_examples > 100
LONG = {"reaction_diffusion", "recurrent_network", "runge_kutta"}
NOT_IN_C = {
    "convolution": "add_windows",
    "gaussian_mixture": "solve",
    "gaussian_process": "cholesky",
    "kalman_filter": "solve",
    "principal_components": "svd",
    "survival": "cumsum",
    "05_own_primitive": "arctan",
}
"""What runs as NumPy, and because of which operation."""
NUMBERED = {
    "02_network": ("loss", lambda names: [names["start"]]),
    "03_compare": ("loss", lambda names: names["inputs"].values()),
    "04_nesting": ("rosenbrock", lambda names: [names["p"]]),
    "05_own_primitive": ("arctan", lambda names: [0.5]),
    "06_minimize": ("loss", lambda names: [names["best"].params]),
    "07_find_the_mistake": (
        "loss",
        lambda names: [names[name] for name in ("W1", "b1", "W2", "b2", "X", "y")],
    ),
}
"""Which function of an example is compiled, and its arguments."""
FOLDER = sorted(path.stem for path in (EXAMPLES / "functions").glob("*.py"))


def example(name):
    """A function and its arguments."""
    if name in NUMBERED:
        chosen, arguments = NUMBERED[name]
        names = runpy.run_path(str(EXAMPLES / f"{name}.py"))
        return names[chosen], tuple(arguments(names))
    names = runpy.run_path(str(EXAMPLES / "functions" / f"{name}.py"))
    return names["objective"], names["arguments"]()


def check(compiled, eager, args, rtol):
    found, slopes = compiled(*args)
    value, gradients = eager(*args)
    np.testing.assert_allclose(found, value, rtol=rtol)
    for slope, expected in zip(trees.leaves(slopes), trees.leaves(gradients), strict=True):
        assert (np.shape(slope), slope.dtype) == (np.shape(expected), expected.dtype)
        size = np.max(np.abs(expected), initial=0)
        np.testing.assert_allclose(slope, expected, rtol=0, atol=100 * rtol * (1e-3 + size))


def nearby(args):
    return tuple(trees.transform(lambda leaf: np.asarray(leaf) * 1.001, arg) for arg in args)


@pytest.mark.parametrize("name", [*NUMBERED, *FOLDER])
def test_every_example_compiled_gives_the_same_numbers(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "06_minimize":
        pytest.importorskip("scipy")
    f, args = example(name)
    eager = tg.value_and_grad(f, tuple(range(len(args))))
    for fast, rtol in ((False, 1e-13), (True, 1e-10)):
        compiled = tg.compile(eager, fast=fast)
        for point in (args, nearby(args)):
            check(compiled, eager, point, rtol)


@pytest.mark.parametrize("name", [name for name in (*NUMBERED, *FOLDER) if FULL or name not in LONG])
def test_every_example_in_c_gives_the_same_numbers(native, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if name == "06_minimize":
        pytest.importorskip("scipy")
    f, args = example(name)
    eager = tg.value_and_grad(f, tuple(range(len(args))))
    compiled = tg.compile(eager, target="native")
    left = NOT_IN_C.get(name)
    with pytest.warns(RuntimeWarning, match=f"no C for {left}, .* runs as NumPy") if left else nullcontext():
        compiled.prepare(*args)
    for point in (args, nearby(args)):
        check(compiled, eager, point, 1e-12)
