"""Linear regression by gradient descent: the published numbers, and what scaling is for."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.lessons.data import Table, costumes, read_csv
from tinygrad_edu.lessons.linear_regression import LINEAR_REGRESSION, regression

COSTUMES = Path("../shared/data/costumes.csv")
START = {"theta1": np.asarray(0.0), "theta0": np.asarray(0.0)}


@pytest.fixture(scope="module")
def published():
    if not COSTUMES.exists():
        pytest.skip("the published rows are not part of the project")
    return regression(read_csv(COSTUMES))


def test_the_published_rows_are_scaled_by_two_thousand(published):
    assert len(published.data["x"]) == 63
    assert published.data["x"].max() == 1.0


def test_the_first_gradient_on_the_published_rows(published):
    first = next(published.train(published.initial(np.random.default_rng(0))))
    assert first.gradients["theta0"] == pytest.approx(-4696.0317460317465, rel=1e-12)
    assert first.gradients["theta1"] == pytest.approx(-1227.7873174603178, rel=1e-12)
    by_hand = published.gradients_by_hand(START)
    assert by_hand["theta0"] == pytest.approx(-4696.0317460317465, rel=1e-12)
    assert by_hand["theta1"] == pytest.approx(-1227.7873174603178, rel=1e-12)


def test_a_thousand_steps_on_the_published_rows(published):
    *_, last = published.train(published.initial(np.random.default_rng(0)))
    assert last.number == 1000
    assert last.params["theta0"] == pytest.approx(2853.3694288526249, rel=1e-12)
    assert last.params["theta1"] == pytest.approx(10418.030144573922, rel=1e-12)
    assert last.objective == pytest.approx(1994865.5292266835, rel=1e-12)


def test_both_parameters_are_updated_from_the_same_gradients():
    rate, params = 0.25, START
    for step in LINEAR_REGRESSION.train(START, steps=50):
        assert step.params["theta0"] == pytest.approx(params["theta0"], rel=1e-12)
        assert step.params["theta1"] == pytest.approx(params["theta1"], rel=1e-12)
        by_hand = LINEAR_REGRESSION.gradients_by_hand(params)
        params = {name: params[name] - rate * by_hand[name] for name in params}


def test_descent_ends_at_the_least_squares_line():
    *_, last = LINEAR_REGRESSION.train(START)
    slope, intercept = np.polyfit(LINEAR_REGRESSION.data["x"], LINEAR_REGRESSION.data["y"], 1)
    assert last.params["theta1"] == pytest.approx(slope, rel=1e-6)
    assert last.params["theta0"] == pytest.approx(intercept, rel=1e-6)


def test_without_scaling_the_intercept_has_hardly_moved_after_a_thousand_steps():
    table = costumes()
    lesson = regression(table, scale=False)
    np.testing.assert_array_equal(lesson.data["x"], table.x)
    steps = list(lesson.train(START))
    _, intercept = np.polyfit(table.x, table.y, 1)
    assert all(later.objective <= earlier.objective for earlier, later in pairwise(steps))
    assert abs(steps[-1].params["theta0"]) < 0.01 * abs(intercept)


def test_x_that_is_all_zero_is_fitted_by_the_mean_when_it_is_not_scaled():
    lesson = regression(Table(np.zeros(3), np.array([1.0, 2.0, 6.0])), scale=False)
    *_, last = lesson.train(START)
    assert last.params["theta0"] == pytest.approx(3.0)
    assert last.params["theta1"] == 0.0
