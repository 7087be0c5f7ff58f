"""The scaling curves as a picture for the docs, readable without colour."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter

from tinygrad_edu.lessons.canvas import new_axes, palette, themed, title
from tinygrad_edu.report.plots import svg_of

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "scaling.svg"
OURS = ("eager", "numpy", "native")
MARKS = dict(
    zip(
        ("hand", "eager", "numpy", "native", "PyTorch", "JAX jit", "HIPS autograd", "MyGrad"),
        "os^Dvxp*",
        strict=True,
    )
)
UNITS = {"memory": (1, "MB"), "preparing": (1, "s")}
APART = 0.062
"""So far apart are two labels at least, as a share of the height."""


def draw(curves: dict[str, dict[str, dict[int, float]]], titles: dict[str, str]) -> None:
    """One picture with an Axes for each curve."""
    first = new_axes((11, 4.3 * -(-len(curves) // 2)))
    figure: Any = first.figure
    first.remove()
    grid = figure.subplots(-(-len(curves) // 2), 2, squeeze=False).ravel()
    for axes, (name, curve) in zip(grid, curves.items(), strict=False):
        factor, unit = UNITS.get(name, (1e3, "ms"))
        title(themed(axes, "light"), titles[name], "light")
        points = {
            library: (list(found), [max(y, 1e-9) * factor for y in found.values()])
            for library, found in curve.items()
            if found
        }
        paint(axes, points)
        axes.set_ylabel(unit)
    for axes in grid[len(curves) :]:
        axes.remove()
    PICTURE.write_bytes(svg_of(grid[0]))


def paint(axes: Any, points: dict[str, tuple[list[int], list[float]]]) -> None:
    """The lines of one curve, each with its name at its end."""
    colours = palette("light")
    axes.set(xscale="log", yscale="log")
    for library, (x, y) in points.items():
        ours = library in OURS
        colour = colours.value if ours else colours.text if library == "hand" else colours.muted
        axes.plot(
            x, y, marker=MARKS[library], markersize=5, color=colour, linewidth=1.8 if ours else 0.9,
            linestyle="-" if ours else "--" if library == "hand" else ":",
        )  # fmt: skip
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    low, high = np.log(axes.get_ylim())
    ends = {library: (np.log(y[-1]) - low) / (high - low) for library, (_, y) in points.items()}
    right = max(max(x) for x, _ in points.values())
    for library, place in spread(ends).items():
        x, y = points[library]
        colour = colours.value if library in OURS else colours.text
        axes.annotate(
            library, (x[-1], y[-1]), xytext=(1.03, place), textcoords="axes fraction", color=colour,
            fontsize=8.5, verticalalignment="center", fontweight="bold" if library in OURS else "normal",
            arrowprops={"arrowstyle": "-", "color": colours.grid, "linewidth": 0.8, "shrinkB": 4},
        )  # fmt: skip
    axes.set_xlim(right=right * 1.05)


def spread(places: dict[str, float]) -> dict[str, float]:
    """The same places, in the same order, with room for a line of text at each."""
    names = sorted(places, key=places.__getitem__)
    moved = np.array([places[name] for name in names])
    for _ in range(200):
        for i in range(len(moved) - 1):
            missing = APART - (moved[i + 1] - moved[i])
            if missing > 0:
                moved[i] -= missing / 2
                moved[i + 1] += missing / 2
    return dict(zip(names, np.clip(moved, -0.1, 1.1).tolist(), strict=True))
