import itertools

import pytest

from tinygrad_edu.drawing.palette import COLOURS, GROUPS, STEPS, Heat, cell, colour, edge_width

STATES = ("none", "zero", "nonfinite", *map(str, range(STEPS)), "right", "kink", "own", "inherited")
ROLES = ("data", "parameter", "operation", "loss", "constant")
GROUNDS = ("page", *(f"group {turn}" for turn in range(GROUPS)))

TEXT_ON = [
    *((f"text {state}", f"fill {state}") for state in STATES),
    *((f"title {role}", f"card {role}") for role in ROLES),
    *((f"group title {turn}", f"group {turn}") for turn in range(GROUPS)),
    *itertools.product(["ink", "quiet"], ["surface", "page"]),
    *itertools.product(["backward", "fault"], GROUNDS),
    ("line", "page"),
]
LINES_ON = itertools.product(["forward", *(f"edge {state}" for state in STATES)], GROUNDS)


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(code):
    channels = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_lines_stand_out(theme):
    for ink, ground in TEXT_ON:
        assert contrast(colour(ink, theme), colour(ground, theme)) >= 4.5, (ink, ground)
    for ink, ground in LINES_ON:
        assert contrast(colour(ink, theme), colour(ground, theme)) >= 3 or ink == "edge none", (ink, ground)


def test_a_light_colour_has_one_meaning():
    assert len({light for light, _ in COLOURS.values()}) == len(COLOURS)


def test_steps_are_half_decades_between_a_thousandth_and_one():
    heat = Heat()
    assert [heat.step(10 ** (-3 + k / 2)) for k in range(STEPS)] == list("0123456")
    assert heat.step(0.187) == "5"
    assert heat.step(1e-9) == "0"
    assert heat.step(50) == "6"


def test_what_is_no_magnitude_has_its_own_name():
    heat = Heat()
    assert heat.step(None) == "none"
    assert heat.step(0.0) == "zero"
    assert heat.step(float("nan")) == heat.step(float("inf")) == "nonfinite"


def test_the_scale_holds_all_magnitudes():
    assert Heat.spanning([]) == Heat.spanning([0.02, 1]) == Heat(-3, 0)
    assert Heat.spanning([4696, 1]) == Heat(0, 4)
    assert Heat.spanning([1e-12, 1, 0, float("nan"), float("inf")]) == Heat(-12, 0)


def test_arrows_grow_with_the_gradient():
    widths = [edge_width(str(step)) for step in range(STEPS)]
    assert widths == sorted(set(widths))
    assert edge_width("zero") == edge_width("none") < widths[0]


def test_arrows_grow_with_the_mistake():
    marks = ("none", "right", "inherited", "own")
    assert sorted(marks, key=edge_width) == list(marks)


def test_cells():
    assert cell("value", None) == "cell nonfinite"
    assert cell("value", 0.0) == "cell zero"
    assert cell("value", 1e-9) == "value +1"
    assert cell("gradient", -1.0) == "gradient -4"
    assert {cell(kind, x / 8) for kind in ("value", "gradient") for x in range(-8, 9)} <= set(COLOURS)
