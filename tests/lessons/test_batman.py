"""The logo that the network learns: measured on five starting points, against the true curve."""

import numpy as np
import pytest

from tinygrad_edu.lessons.batman import BATMAN, BATMAN_LBFGS, claimed_outside, overlap, points_right

SEEDS = range(5)


def trained(lesson):
    return [list(lesson.train(lesson.initial(np.random.default_rng(seed))))[-1] for seed in SEEDS]


@pytest.fixture(scope="module")
def descended():
    return trained(BATMAN)


@pytest.fixture(scope="module")
def minimised():
    pytest.importorskip("scipy")
    return trained(BATMAN_LBFGS)


def test_the_talks_setting():
    params = BATMAN.initial(np.random.default_rng(0))
    assert {name: p.shape for name, p in params.items()} == {
        "W1": (2, 200),
        "b1": (200,),
        "W2": (200, 1),
        "b2": (1,),
    }
    assert all(np.abs(p).max() <= 10 for p in params.values())
    assert np.abs(params["W1"]).max() > 9
    assert (BATMAN.data["x"].shape, BATMAN.data["y"].sum()) == ((627, 2), 199)
    assert BATMAN.steps == 1000


def test_the_talks_training_has_all_points_right_from_three_of_five_starting_points(descended):
    assert sum(points_right(last.params) == 627 for last in descended) >= 3


def test_the_talks_training_overlaps_by_at_least_86_percent(descended):
    assert np.mean([overlap(last.params) for last in descended]) >= 0.86


def test_lbfgs_has_all_points_right_from_every_starting_point(minimised):
    assert [points_right(last.params) for last in minimised] == [627] * 5


def test_lbfgs_overlaps_by_at_least_91_and_a_half_percent(minimised):
    assert np.mean([overlap(last.params) for last in minimised]) >= 0.915


def test_both_start_from_the_same_weights():
    a, b = (lesson.initial(np.random.default_rng(3)) for lesson in (BATMAN, BATMAN_LBFGS))
    assert all(np.array_equal(a[name], b[name]) for name in a)


def test_lbfgs_reports_its_progress_and_never_gets_worse(minimised):
    steps = list(BATMAN_LBFGS.train(BATMAN_LBFGS.initial(np.random.default_rng(0)), steps=250))
    objectives = [step.objective for step in steps]
    assert [step.number for step in steps] == [0, 100, 200, 250]
    assert objectives == sorted(objectives, reverse=True)


def test_lbfgs_ends_where_the_objective_stops_falling():
    pytest.importorskip("scipy")
    steps = list(BATMAN_LBFGS.method(lambda p: np.sum((p["x"] - 3) ** 2), {"x": np.zeros(2)}, steps=1000))
    assert steps[-1].number < 1000
    np.testing.assert_allclose(steps[-1].params["x"], 3)


def test_outside_the_box_the_talks_network_claims_logo_where_there_is_none(descended):
    assert all(0 < claimed_outside(last.params) < 0.2 for last in descended)
