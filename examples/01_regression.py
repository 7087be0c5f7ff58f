"""A line through three points: its objective, both gradients, a wrong derivation found, and the picture.

The picture goes into the folder given as argument, else into a new temporary one.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg

x = np.array([240.0, 480.0, 26.0]) / 480  # price of a superhero's costume
y = np.array([6370.0, 8697.0, 2200.0])  # number of comic-book issues
theta0, theta1 = tg.Value(0.0), tg.Value(0.0)

f = theta1 * x + theta0
Q = np.mean((f - y) ** 2) / 2
Q.backward()
print("gradients:", theta0.grad, theta1.grad)

by_hand = {"theta0": np.mean(f.data - y), "theta1": np.mean(f.data - y)}
print(tg.compare(Q, by_hand))

folder = Path(*sys.argv[1:2] or [tempfile.mkdtemp()])
print("the picture:", tg.draw(Q).save(folder / "regression.svg"))
