"""Formulas as inline SVG: outlines in the colour of the text around them. Knows LaTeX by matplotlib only."""

import html
import re
from functools import cache
from typing import Any

from tinygrad_edu.errors import missing_package
from tinygrad_edu.lessons import Formula

_MARGIN = 0.06  # of the size of the letters
_SYNONYMS = {r"\frac": r"\dfrac", r"\lVert": r"\Vert", r"\rVert": r"\Vert"}
_AFTER_FRACTION_OR_SUM = re.compile(r"(?<=\}) |(?<=\\sum_\w) ")


@cache
def formula_svg(formula: Formula) -> str:
    """A formula as an SVG element that stands on the baseline of the text and grows with it.

    Raises
    ------
    MissingPackageError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.font_manager import FontProperties
        from matplotlib.textpath import TextPath
    except ImportError as error:
        raise missing_package("matplotlib", "plots", "a formula in a page") from error
    latex = formula.latex
    for written, understood in _SYNONYMS.items():
        latex = latex.replace(written, understood)
    latex = _AFTER_FRACTION_OR_SUM.sub(r"\\, ", latex)
    outline = TextPath((0, 0), f"${latex}$", size=1, prop=FontProperties(math_fontfamily="stix"))
    box = outline.get_extents().padded(_MARGIN)
    return (
        f'<svg class="formula" role="img" aria-label="{html.escape(formula.text)}" '
        f'viewBox="{box.x0:.3f} {-box.y1:.3f} {box.width:.3f} {box.height:.3f}" '
        f'style="width:{box.width:.3f}em;height:{box.height:.3f}em;vertical-align:{box.y0:.3f}em">'
        f'<path d="{_commands(outline)}"/></svg>'
    )


def _commands(outline: Any) -> str:
    """The path in SVG's language, where y grows downwards."""
    letters = {outline.MOVETO: "M", outline.LINETO: "L", outline.CURVE3: "Q", outline.CURVE4: "C"}
    parts = []
    for points, code in outline.iter_segments():
        if code == outline.CLOSEPOLY:
            parts.append("Z")
            continue
        numbers = " ".join(f"{x:.3f} {-y:.3f}" for x, y in points.reshape(-1, 2).tolist())
        parts.append(letters[code] + numbers)
    return "".join(parts)
