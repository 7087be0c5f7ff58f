"""The colours, as data: one table of roles with a light and a dark value, and the scale of gradient heat.

Each light value belongs to one role, so that a finished light picture can be recoloured to a dark one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]

COLOURS: dict[str, tuple[str, str]] = {
    # role                light      dark
    "page":             ("#ffffff", "#0b1120"),
    "ink":              ("#0f172a", "#e2e8f0"),
    "quiet":            ("#566479", "#9aa8bd"),
    "line":             ("#475569", "#94a3b8"),
    "surface":          ("#fefefe", "#131c31"),
    "border":           ("#cbd5e1", "#3a4960"),
    "forward":          ("#465469", "#93a3b8"),
    "backward":         ("#bc3f0b", "#fb923c"),
    "card data":        ("#e2e8f0", "#2a3750"),
    "card parameter":   ("#fde68a", "#6b4e0b"),
    "card operation":   ("#dbe6fb", "#23386b"),
    "card loss":        ("#f5d0fe", "#6b1f7a"),
    "card constant":    ("#e7e5e4", "#3b3734"),
    "card block":       ("#e0e3fc", "#332f73"),
    "warning":          ("#a3123f", "#fda4b4"),
    "title data":       ("#0e172a", "#f1f5f9"),
    "title parameter":  ("#422006", "#fef3c7"),
    "title operation":  ("#172554", "#dbeafe"),
    "title loss":       ("#4a044e", "#fdf4ff"),
    "title block":      ("#1e1b4c", "#e4e7ff"),
    "title constant":   ("#292524", "#f5f5f4"),
    # gradient half of a card: no gradient, exactly zero, not finite, then the seven steps of heat
    "fill none":        ("#f8fafc", "#121b30"),
    "fill plain":       ("#fff8ee", "#1c191a"),
    "fill zero":        ("#ecf6f8", "#12303a"),
    "fill nonfinite":   ("#7e22ce", "#d8b4fe"),
    "fill 0":           ("#fff7ed", "#1c1917"),
    "fill 1":           ("#ffedd5", "#33201a"),
    "fill 2":           ("#fed7aa", "#57291a"),
    "fill 3":           ("#fdba74", "#7c2d12"),
    "fill 4":           ("#fb923c", "#b4430f"),
    "fill 5":           ("#ea580c", "#f97316"),
    "fill 6":           ("#9a3412", "#fdba75"),
    # gradient half of a card in a comparison
    "fill right":       ("#d3f0dc", "#123524"),
    "fill kink":        ("#e4e2fc", "#2c2a5a"),
    "fill own":         ("#c4161d", "#c3272e"),
    "fill inherited":   ("#fbd9d7", "#54191f"),
    "text right":       ("#0b3d18", "#bff0cd"),
    "text kink":        ("#2e1f6b", "#dcd9ff"),
    "text own":         ("#fff5f4", "#fff6f5"),
    "text inherited":   ("#6b1109", "#ffd9d6"),
    "text none":        ("#57657a", "#99a7bc"),
    "text plain":       ("#431406", "#fed7ac"),
    "text zero":        ("#134e5e", "#b5e3ee"),
    "text nonfinite":   ("#faf5ff", "#2e1065"),
    "text 0":           ("#431407", "#fed7aa"),
    "text 1":           ("#431408", "#fed7ab"),
    "text 2":           ("#431409", "#ffe4c9"),
    "text 3":           ("#43140a", "#ffedd5"),
    "text 4":           ("#3a1106", "#fff7ed"),
    "text 5":           ("#260b03", "#1c0a02"),
    "text 6":           ("#fffbf7", "#1c0a03"),
    # arrows against the flow, by the gradient they bring
    "edge none":        ("#8391a5", "#64748b"),
    "edge plain":       ("#bc3f0c", "#fb923d"),
    "edge zero":        ("#3e8294", "#5aa5b8"),
    "edge nonfinite":   ("#7e22cf", "#c084fc"),
    "edge 0":           ("#ab7f5f", "#8a6f60"),
    "edge 1":           ("#b37a50", "#96694c"),
    "edge 2":           ("#be753d", "#a8622f"),
    "edge 3":           ("#c96a26", "#bd6426"),
    "edge 4":           ("#d15f14", "#d4691c"),
    "edge 5":           ("#c94f0a", "#f07318"),
    "edge 6":           ("#9a3413", "#fda355"),
    "edge right":       ("#2c8a4d", "#46b36e"),
    "edge kink":        ("#6d5bd0", "#9d90f0"),
    "edge own":         ("#c4161e", "#ff6b6c"),
    "edge inherited":   ("#d0605c", "#d9706c"),
    "fault":            ("#b01117", "#ff9a98"),
    # cells of a heat map: values blue and magenta, gradients orange and teal, by sign and magnitude
    "cell zero":        ("#f4f4f5", "#27303f"),
    "cell nonfinite":   ("#18181b", "#fafafa"),
    "value +1":         ("#c7d7fb", "#263f77"),
    "value +2":         ("#93b4f7", "#2f59b3"),
    "value +3":         ("#5583f0", "#4a80ea"),
    "value +4":         ("#1f51d1", "#9cc0ff"),
    "value -1":         ("#f6cfe3", "#5a2344"),
    "value -2":         ("#ee9cc5", "#8f2d67"),
    "value -3":         ("#d9559a", "#d2509a"),
    "value -4":         ("#a3155f", "#f9a8d0"),
    "gradient +1":      ("#fcdcbd", "#5e351b"),
    "gradient +2":      ("#f9b577", "#93491a"),
    "gradient +3":      ("#ec7a1d", "#dd6a15"),
    "gradient +4":      ("#a8400a", "#fdc083"),
    "gradient -1":      ("#c5e7e4", "#1c4748"),
    "gradient -2":      ("#86cbc5", "#1f6b6b"),
    "gradient -3":      ("#379c96", "#2fa39c"),
    "gradient -4":      ("#0d6460", "#8be0d8"),
    # groups: background, border, title; taken in turn
    "group 0":          ("#eef4ff", "#0e1a36"),
    "group 1":          ("#ecfdf5", "#0a2222"),
    "group 2":          ("#fdf4ff", "#211133"),
    "group 3":          ("#f1f5f9", "#0f172b"),
    "group 4":          ("#fefbe8", "#221c0c"),
    "group border 0":   ("#bfd2f6", "#27437d"),
    "group border 1":   ("#a7e3c6", "#1d5a4b"),
    "group border 2":   ("#e5c3ee", "#5b2d74"),
    "group border 3":   ("#c9d4e0", "#334155"),
    "group border 4":   ("#e8dca0", "#5c4d1d"),
    "group title 0":    ("#1d4ed8", "#93c5fd"),
    "group title 1":    ("#046b50", "#6ee7b7"),
    "group title 2":    ("#86198f", "#e9a8f7"),
    "group title 3":    ("#475568", "#a3b2c7"),
    "group title 4":    ("#7a5a06", "#f3d77a"),
}  # fmt: skip

GROUPS = 5
STEPS = 7
LEVELS = 4


def colour(role: str, theme: Theme) -> str:
    """The colour of a role as ``#rrggbb``."""
    light, dark = COLOURS[role]
    return light if theme == "light" else dark


@dataclass(frozen=True)
class Heat:
    """Seven equal steps of log10(RMS), centred from 10^`low` to 10^`high`."""

    low: float = -3.0
    high: float = 0.0

    @classmethod
    def spanning(cls, magnitudes: Iterable[float]) -> "Heat":
        """The scale of a picture: whole decades, at least three of them, that hold all finite magnitudes."""
        exponents = [math.log10(m) for m in magnitudes if m > 0 and math.isfinite(m)]
        if not exponents:
            return cls()
        low, high = math.floor(min(exponents)), math.ceil(max(exponents))
        return cls(min(low, high - 3), high)

    def step(self, magnitude: float | None) -> str:
        """The name of a step: ``"0"`` ... ``"6"``, ``"none"``, ``"zero"`` or ``"nonfinite"``."""
        if magnitude is None:
            return "none"
        if magnitude == 0:
            return "zero"
        if not math.isfinite(magnitude):
            return "nonfinite"
        position = (math.log10(magnitude) - self.low) / (self.high - self.low)
        return str(min(STEPS - 1, max(0, round(position * (STEPS - 1)))))


_WIDTHS = {"right": 1.6, "kink": 1.6, "own": 3.6, "inherited": 2.4}


def edge_width(step: str) -> float:
    """The width of an arrow in points: it grows with the step, so colour is never the only sign."""
    return 1.2 + 0.4 * int(step) if step.isdigit() else _WIDTHS.get(step, 1.1)


def cell(kind: Literal["value", "gradient"], fraction: float | None) -> str:
    """The role of a heat map's cell, for an element divided by the largest magnitude of its array."""
    if fraction is None:
        return "cell nonfinite"
    if fraction == 0:
        return "cell zero"
    return f"{kind} {'+' if fraction > 0 else '-'}{min(LEVELS, max(1, math.ceil(abs(fraction) * LEVELS)))}"
