"""The explorer as one HTML document that needs nothing else: picture, steps, and numbers to change."""

import importlib.resources
import json
import re
from collections.abc import Sequence
from html import escape

import numpy as np

from tinygrad_edu.drawing.displays import cell_styles
from tinygrad_edu.drawing.numerals import rms
from tinygrad_edu.drawing.palette import COLOURS, STEPS, Heat
from tinygrad_edu.drawing.picture import Picture
from tinygrad_edu.drawing.steps import Step, Steps, appearances
from tinygrad_edu.drawing.story import Story
from tinygrad_edu.drawing.svg import SvgTheme

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
BUTTONS = (
    # identifier, outline of the sign in a square of 16, what it does
    ("first", "M2 2h2v12H2zM14 2v12L5 8z", "To the whole picture (Home)"),
    ("previous", "M12 2v12L3 8z", "One step back (arrow left)"),
    ("play", "M1 2v12l7-6zM8 2v12l7-6z", "Play and stop (space bar)"),
    ("next", "M4 2v12l9-6z", "One step on (arrow right)"),
    ("last", "M12 2h2v12h-2zM2 2v12l9-6z", "To the last step (End)"),
)


def page(picture: Picture, svg: str, story: Story, theme: SvgTheme = "auto") -> str:
    """The page.

    Parameters
    ----------
    picture : Picture
        What is told.
    svg : str
        The finished figure of it.
    story : Story
        Formulas and terms.
    theme : {"auto", "light", "dark"}
        With "auto" the page follows the reader's system setting.
    """
    steps = Steps(picture, story).all()
    title = escape(picture.title)
    forced = "" if theme == "auto" else f' data-theme="{theme}"'
    scheme = "light dark" if theme == "auto" else theme
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="en"{forced}>',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="color-scheme" content="{scheme}">',
            '<link rel="icon" href="data:,">',
            f"<title>{title}: values and gradients, step by step</title>",
            f"<style>\n{_file('explorer.css')}{cell_styles()}</style>",
            "</head>",
            "<body>",
            f"<h1>{title}</h1>",
            '<main class="panes">',
            '<div class="told" role="region" tabindex="0" aria-label="What happens in this step">',
            *(_section(number, step) for number, step in enumerate(steps)),
            _form(picture, story),
            "</div>",
            '<div class="picture" role="region" tabindex="0" aria-label="Picture of the graph">',
            _interactive(svg),
            "</div>",
            "</main>",
            _controls(steps),
            '<p id="live" class="unseen" aria-live="polite"></p>',
            '<div id="tip" hidden></div>',
            f'<script type="application/json" id="data">{_data(picture, svg, story, steps)}</script>',
            f"<script>\n{_program(story)}{_file('explorer.js')}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _section(number: int, step: Step) -> str:
    head = f"<h2>{escape(step.title)}</h2>" if not step.card else ""
    return f'<section class="step" data-step="{number}">{head}{step.content}</section>'


def _controls(steps: Sequence[Step]) -> str:
    buttons = "".join(
        f'<button type="button" id="{name}" aria-label="{label}" title="{label}">'
        f'<svg viewBox="0 0 16 16" aria-hidden="true"><path d="{sign}"/></svg></button>'
        for name, sign, label in BUTTONS
    )
    last = len(steps) - 1
    return (
        f'<div class="controls" role="group" aria-label="Steps">{buttons}'
        f'<input type="range" id="slider" min="0" max="{last}" value="0" step="1" aria-label="Step">'
        f'<output id="count" for="slider">step 0 of {last}</output>'
        '<label class="fit"><input type="checkbox" id="fit">fit</label></div>'
    )


def _form(picture: Picture, story: Story) -> str:
    """Fields for the leaves, where the page can compute."""
    if story.script is None:
        return ""
    sources = {edge.target for edge in picture.edges}
    fields = "".join(
        f'<label>{escape(card.title)} <input type="number" step="any" data-leaf="{escape(card.key)}" '
        f'value="{float(card.value)!r}"></label>'
        for card in picture.cards
        if card.key not in sources and card.key in story.names and np.isfinite(card.value)
    )
    return (
        f'<form id="leaves"><h2>Other numbers</h2><p class="rule">Change one, and everything is computed '
        f'again, forward and backward.</p><div class="fields">{fields}</div>'
        '<button type="reset" id="reset">As recorded</button></form>'
    )


def _interactive(svg: str) -> str:
    """The figure with parts that can be reached, which an image has not."""
    return svg.replace('role="img"', 'role="group"', 1)


def _data(picture: Picture, svg: str, story: Story, steps: Sequence[Step]) -> str:
    """What the script needs to know, safe within HTML."""
    heat = Heat.spanning(rms(card.gradient) for card in picture.cards if card.gradient is not None)
    found = re.search(r'<svg[^>]* id="(\w+)"', svg)
    data = {
        "prefix": found[1] if found else "",
        "steps": [{"title": step.title, "parts": step.parts, "card": step.card} for step in steps],
        "seen": appearances(steps),
        "names": dict(story.names),
        "heat": {
            "low": heat.low,
            "high": heat.high,
            "fills": [COLOURS[f"fill {step}"][0] for step in (*range(STEPS), "zero", "nonfinite")],
            "inks": [COLOURS[f"text {step}"][0] for step in (*range(STEPS), "zero", "nonfinite")],
        },
    }
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")


def _program(story: Story) -> str:
    """The graph as a function; its text is made of names in quotes, numbers and signs."""
    if story.script is None:
        return "const compute = null;\n"
    body = story.script.replace("</", "<\\/")
    return f"function compute(v) {{\nconst g = {{}}, t = {{}};\n{body}\nreturn {{v, g, t}};\n}}\n"


def _file(name: str) -> str:
    return importlib.resources.files("tinygrad_edu.drawing").joinpath(name).read_text(encoding="utf-8")
