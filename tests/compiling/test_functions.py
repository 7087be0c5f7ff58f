"""Functions that know only NumPy, compiled: their values and gradients are those of the recorded call."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg

FOLDER = Path(__file__).parents[2] / "examples" / "functions"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_compiled_gives_the_same_numbers(path):
    names = runpy.run_path(str(path))
    f, args = names["objective"], names["arguments"]()
    positions = tuple(range(len(args)))
    eager = tg.value_and_grad(f, positions)
    exact, fast = tg.compile(eager), tg.compile(eager, fast=True)
    nearby = tuple(np.asarray(arg) * 1.001 for arg in args)
    for point in (args, nearby):
        value, gradients = eager(*point)
        for compiled, rtol in ((exact, 1e-13), (fast, 1e-10)):
            found, slopes = compiled(*point)
            np.testing.assert_allclose(found, value, rtol=rtol)
            for slope, expected in zip(slopes, gradients, strict=True):
                assert (np.shape(slope), slope.dtype) == (np.shape(expected), expected.dtype)
                size = np.max(np.abs(expected), initial=0)
                np.testing.assert_allclose(slope, expected, rtol=0, atol=100 * rtol * (1e-3 + size))
