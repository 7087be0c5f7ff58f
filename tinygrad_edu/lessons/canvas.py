"""The look of the lessons' figures, light and dark, and those that lessons share: objective and decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.errors import ArgumentError, missing_package
from tinygrad_edu.training import Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Theme = Literal["light", "dark"]
SIZE = (6.4, 4.4)
Corner = Literal["upper left", "upper right", "lower left", "lower right"]


@dataclass(frozen=True)
class Palette:
    """Colours of a theme: `value` for data and what flows forward, `gradient` for what is learned."""

    background: str
    text: str
    muted: str
    grid: str
    value: str
    gradient: str
    region: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette("#ffffff", "#0f172a", "#475569", "#e2e8f0", "#3b6fd4", "#d9480f", "#dbe7fb"),
    "dark": Palette("#0b1020", "#e2e8f0", "#a3b1c6", "#263149", "#7ba2f0", "#ff922b", "#22345c"),
}


def palette(theme: Theme) -> Palette:
    """The colours of a theme.

    Raises
    ------
    ArgumentError
        If the theme is unknown.
    """
    if theme not in PALETTES:
        raise ArgumentError(f"theme {theme!r} is unknown: there are {' and '.join(map(repr, PALETTES))}.")
    return PALETTES[theme]


def new_axes(size: tuple[float, float]) -> "Axes":
    """Axes of a new figure, which needs no screen and leaves matplotlib's settings and list of figures alone.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise missing_package("matplotlib", "plots", "a figure") from error
    figure = Figure(figsize=size, dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


def themed(ax: "Axes", theme: Theme) -> "Axes":
    """Gives one Axes, and the figure around it, the colours of a theme."""
    colours = palette(theme)
    ax.figure.set_facecolor(colours.background)
    ax.set_facecolor(colours.background)
    ax.set_axisbelow(True)
    ax.grid(visible=True, color=colours.grid, linewidth=0.8)
    ax.tick_params(which="both", colors=colours.muted, length=0)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(colours.grid)
    ax.xaxis.label.set_color(colours.muted)
    ax.yaxis.label.set_color(colours.muted)
    return ax


def title(ax: "Axes", text: str, theme: Theme) -> None:
    """Writes a headline above the left edge of the Axes."""
    ax.set_title(text, loc="left", fontweight="bold", color=palette(theme).text)


def legend(ax: "Axes", theme: Theme, location: Corner) -> None:
    """A legend in the colours of the theme, readable above any shading."""
    colours = palette(theme)
    ax.legend(
        loc=location,
        fontsize="small",
        labelcolor=colours.text,
        facecolor=colours.background,
        edgecolor="none",
        framealpha=0.85,
    )


def prepared(
    steps: Sequence[Step], ax: "Axes | None", theme: Theme, size: tuple[float, float] = SIZE
) -> "Axes":
    """Themed Axes to paint a training on: `ax`, or those of a new figure of `size` inches.

    Raises
    ------
    ArgumentError
        If there is no step to paint, or the theme is unknown.
    """
    palette(theme)
    if not steps:
        raise ArgumentError("a figure of a training needs at least one step: list(lesson.train(params)).")
    return themed(new_axes(size) if ax is None else ax, theme)


def draw_objective(steps: Sequence[Step], ax: "Axes | None" = None, theme: Theme = "light") -> "Axes":
    """The objective over the steps of a training, on a logarithmic axis.

    Parameters
    ----------
    steps : sequence of Step
    ax : matplotlib Axes, optional
        Where to paint; a new figure otherwise.
    theme : "light" or "dark"

    Returns
    -------
    matplotlib Axes
    """
    axes, colours = prepared(steps, ax, theme), palette(theme)
    last = steps[-1]
    axes.plot([s.number for s in steps], [s.objective for s in steps], color=colours.gradient, linewidth=2)
    axes.set_yscale("log", nonpositive="mask")
    axes.annotate(
        f"{last.objective:.4g}",
        (last.number, last.objective),
        xytext=(6, 0),
        textcoords="offset points",
        verticalalignment="center",
        annotation_clip=False,
        color=colours.gradient,
    )
    axes.set_xlabel("step")
    axes.set_ylabel("objective Q (log scale)")
    title(axes, "Objective", theme)
    return axes


def draw_decision(answer: Callable[[Array], Array], x: Array, y: Array, ax: "Axes", theme: Theme) -> None:
    """What a network of two inputs answers around the unit square, and the line on which it is undecided.

    Parameters
    ----------
    answer : callable
        Points (..., 2) to answers (...) in [0, 1].
    x, y : (n, 2), (n,)
        The points learned from, and the answers 0 or 1 that were expected there.
    ax : matplotlib Axes
    theme : "light" or "dark"
    """
    colours = palette(theme)
    points = np.stack(np.meshgrid(np.linspace(-0.5, 1.5, 201), np.linspace(-0.5, 1.5, 201)), axis=-1)
    shades = answer(points)
    ax.contourf(points[..., 0], points[..., 1], shades, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.75)
    ax.contour(points[..., 0], points[..., 1], shades, levels=[0.5], colors=colours.text)
    for expected, marker, colour in ((0, "s", colours.gradient), (1, "o", colours.value)):
        x1, x2 = x[y == expected].T
        ax.scatter(
            x1,
            x2,
            s=70,
            marker=marker,
            color=colour,
            edgecolor="white",
            label=f"expected {expected}",
            zorder=3,
        )
    ax.set_xlabel("x1")
    ax.set_ylabel("x2")
    legend(ax, theme, "upper right")
