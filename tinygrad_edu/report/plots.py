"""Figures as images inside the page, one for each theme; the browser shows the one its reader prefers."""

import base64
import html
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from tinygrad_edu.errors import missing_package
from tinygrad_edu.lessons import batman, draw_objective, logo
from tinygrad_edu.lessons.canvas import Theme, new_axes, palette, themed, title
from tinygrad_edu.report.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_OUTLINE = re.compile(rb' d="[^"]*"')
_DECIMALS = re.compile(rb"(\.\d\d)\d+")
Paint = Callable[[Theme], "Axes"]


_DECISION = (
    "What it answers around the four points: blue towards 1, red towards 0. On the line it is undecided."
)
_LOGO = "Left, the true curve and the points to learn from; right, what the network draws, and the curve."
CAPTIONS = {
    "neuron": _DECISION,
    "linear-regression": "The rows and the line, the paler the earlier in the training.",
    "xor": _DECISION,
    "xor-cross-entropy": _DECISION,
    "published-network": "The squared error over the steps. Both start from the same weights.",
    "batman": _LOGO,
    "batman-lbfgs": _LOGO,
    "extrapolation": "There are rows in the shaded range only. What each model says, goes on.",
}


def caption(run: Run) -> str:
    """What is to be seen in the figure of a lesson."""
    return CAPTIONS.get(run.lesson.name, f"The data, and the model after {run.steps[-1].number:,} steps.")


def lesson_figure(run: Run) -> str:
    """What the training did, as the lesson paints it."""
    alt = f"{run.lesson.title}. {caption(run)}"
    return figure(lambda theme: run.lesson.figure(run.steps, theme=theme), alt)


def objective_figure(run: Run) -> str:
    """The objective over the steps."""
    first, last = run.steps[0], run.steps[-1]
    return figure(
        lambda theme: draw_objective(run.steps, theme=theme),
        alt=(
            f"The objective on a logarithmic axis over {last.number} steps: "
            f"from {first.objective:.4g} to {last.objective:.4g}."
        ),
    )


def logo_figure(run: Run, name: str) -> str:
    """The logo that a training arrived at, on the outline of the true curve."""
    share = batman.overlap(run.steps[-1].params)
    return figure(
        lambda theme: draw_logo(run, f"{name}: {share:.3f}", theme),
        alt=f"{name}: the logo and the true outline. Intersection over union: {share:.3f}.",
    )


def draw_logo(run: Run, headline: str, theme: Theme) -> "Axes":
    """Paints what the network takes for inside, and the true outline."""
    colours, points = palette(theme), logo.midpoints()
    axes = themed(new_axes((6.4, 4.0)), theme)
    axes.set(
        aspect="equal", xlim=(-logo.HALF_WIDTH, logo.HALF_WIDTH), ylim=(-logo.HALF_HEIGHT, logo.HALF_HEIGHT)
    )
    axes.grid(visible=False)
    x, y = points[..., 0], points[..., 1]
    learned = batman.drawn(run.steps[-1].params, points)
    axes.contourf(x, y, learned, levels=[0.5, 1.5], colors=[colours.gradient])
    axes.contour(x, y, logo.inside(points), levels=[0.5], colors=[colours.text], linewidths=0.8)
    title(axes, headline, theme)
    return axes


def figure(paint: Paint, alt: str) -> str:
    """The picture that `paint` makes, for light and for dark pages.

    Parameters
    ----------
    paint : callable
        ``paint(theme)`` gives the Axes of a new figure.
    alt : str
        What the picture says, for those who do not see it.
    """
    light, dark = (svg_of(paint(theme)) for theme in get_args(Theme))
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{_data_uri(dark)}">'
        f'<img src="{_data_uri(light)}" alt="{html.escape(alt)}"></picture>'
    )


def svg_of(axes: "Axes") -> bytes:
    """The figure around the Axes as SVG, to a hundredth of a point, and the same bytes each time.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_svg import FigureCanvasSVG
    except ImportError as error:
        raise missing_package("matplotlib", "plots", "a figure") from error
    figure, written = axes.get_figure(root=True), io.BytesIO()
    assert figure is not None, "Axes are always part of a figure"
    with rc_context({"svg.hashsalt": "tinygrad-edu", "svg.fonttype": "path"}):
        canvas: Any = FigureCanvasSVG(figure)  # savefig would draw everything twice
        canvas.print_svg(written, metadata={"Date": None})
    return _OUTLINE.sub(lambda outline: _DECIMALS.sub(rb"\1", outline[0]), written.getvalue())


def _data_uri(svg: bytes) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii")
