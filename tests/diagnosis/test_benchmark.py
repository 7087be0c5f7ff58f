"""A sample of the planted-mistake benchmark, with the limits that the whole of it keeps."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.diagnosis import KINDS

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "diagnosis"))

from heldout import held_out
from language import BREAKS, LANGUAGE
from models import MODELS
from outside import CATALOGUE_BY_NUMBERS, wrong_lines
from planted import Plant, plants
from scoring import compared, outcome

SETTINGS = [(True, True), (True, False), (False, True), (False, False)]


def sample():
    """Two mistakes of each kind, from different models where there are any."""
    seen = {}
    for plant in plants():
        seen.setdefault(plant.kind, {}).setdefault(plant.model.name, plant)
    return [plant for by_model in seen.values() for plant in list(by_model.values())[-2:]]


def test_every_kind_of_the_catalogue_is_planted():
    assert {plant.kind for plant in plants()} == set(KINDS)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_mistakes_are_named(setting):
    outcomes = [outcome(plant, 1, *setting) for plant in sample()]
    wrong = [
        (o.plant.model.name, o.plant.kind, o.said) for o in outcomes if o.answer in ("other", "abstained")
    ]
    seen = sum(o.answer != "silent" for o in outcomes)
    if setting[1]:
        assert {o.plant.kind for o in outcomes if o.rank} == set(KINDS)
    limit = (0.95 if setting[0] else 0.85) - 0.05 * (not setting[1])
    assert len(wrong) <= (1 - limit) * seen, wrong


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
def test_right_derivations_are_right(model):
    for seed in range(3):
        assert compared(model, None, seed, intermediates=True, functions=seed == 0)[0].ok


def test_what_is_outside_the_catalogue_is_unexplained():
    claimed = []
    chosen = list(wrong_lines())[::9]
    for model, lines in chosen:
        ((row, text),) = lines.items()
        found, _ = compared(model, Plant(model, "", "", lines), 1, True, True)
        if (model.name, row, text) not in CATALOGUE_BY_NUMBERS:
            claimed += [(model.name, text, f.kind) for f in found.findings if f.kind != "unexplained"]
    assert len(claimed) <= 0.02 * len(chosen) + 1, claimed


def test_mistakes_that_the_search_was_never_tuned_on():
    outcomes = [outcome(plant, 1, True, True) for plant in list(held_out())[::5]]
    assert np.mean([o.rank > 0 for o in outcomes]) >= 0.9


def test_a_backward_pass_of_26_steps():
    found, seconds = compared(LANGUAGE, None, 0, True, False)
    assert found.ok
    assert sum(row.verdict == "correct" for row in found.rows) == 24
    assert [row.name for row in found.rows if not row.tested] == ["shift", "b1"]  # 0 whatever the data
    assert seconds < 5  # 0.05 where nothing else runs
    for row in ("counts", "bnvar", "C"):
        kind, text = BREAKS[row][0]
        o = outcome(Plant(LANGUAGE, kind, row, {row: text}), 0, True, False)
        assert o.rank > 0
        assert o.seconds < 5


def test_a_comparison_is_quick_enough_for_a_test_suite():
    for name in ("linear regression", "XOR network"):
        assert (
            min(compared(MODELS[name], None, 1, True, True)[1] for _ in range(5)) < 0.5
        )  # 0.015 where nothing else runs
