"""The scaling curves as a picture for the docs, readable without colour."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.ticker import NullFormatter

from tinygrad_edu.lessons.canvas import new_axes, palette, themed, title
from tinygrad_edu.report.plots import svg_of

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "scaling.svg"
OURS = ("eager", "numpy", "native")
MARKS = {
    "hand": ("o", "●"),
    "eager": ("s", "■"),
    "numpy": ("^", "▲"),
    "native": ("D", "◆"),
    "PyTorch": ("v", "▼"),
    "JAX jit": ("X", "✖"),
    "HIPS autograd": ("p", "⬟"),
    "MyGrad": ("*", "★"),
}
"""On the line, and in the label."""
LEADER = {"arrowstyle": "-", "linewidth": 0.4, "shrinkB": 4, "relpos": (0, 0.5)}
"""The line from a label to the last mark."""
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
    for name, (x, y) in points.items():
        colour, ours = colour_of(name), is_ours(name)
        axes.plot(
            x, y, marker=MARKS[base(name)][0], markersize=5, color=colour, linewidth=1.8 if ours else 0.9,
            markerfacecolor=colour if base(name) == name else colours.background,
            linestyle="-" if ours else "--" if name == "hand" else ":",
        )  # fmt: skip
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
    low, high = np.log(axes.get_ylim())
    ends = {name: (np.log(y[-1]) - low) / (high - low) for name, (_, y) in points.items()}
    for name, place in spread(ends).items():
        x, y = points[name]
        axes.annotate(
            f"{MARKS[base(name)][1]} {name}", (x[-1], y[-1]), xytext=(1.03, place), color=colour_of(name),
            textcoords="axes fraction", fontsize=8.5, verticalalignment="center",
            fontweight="bold" if is_ours(name) else "normal",
            arrowprops={**LEADER, "color": colours.muted},
        )  # fmt: skip


def base(name: str) -> str:
    """The competitor without what was measured of it."""
    return name.partition(",")[0]


def is_ours(name: str) -> bool:
    """Whether a line is one of this package."""
    return base(name) in OURS


def colour_of(name: str) -> str:
    """Blue for ours; the others are told apart by their marks."""
    colours = palette("light")
    return colours.value if is_ours(name) else colours.text if name == "hand" else colours.muted


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
    moved -= max(moved[-1] - 0.98, 0)
    return dict(zip(names, moved.tolist(), strict=True))
