"""An operation of your own: one declaration gives gradients of every order, forward mode, and a picture.

The picture goes into the folder given as argument, else into a new temporary one.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import tinygrad_edu as tg


def arctan(x):
    return np.arctan(x)


arctan = tg.primitive(arctan, lambda g, out, x: g / (1 + x * x))

print("first: ", tg.grad(arctan)(1.0))
print("second:", tg.grad(tg.grad(arctan))(1.0))
print("forward:", tg.jvp(arctan, (1.0,), (2.0,))[1])

x = tg.Value([0.5, 1.0, 2.0])
angle = arctan(x)
loss = np.sum(angle)
loss.backward()
folder = Path(*sys.argv[1:2] or [tempfile.mkdtemp()])
print("the picture:", tg.draw(loss).save(folder / "arctan.svg"))
