"""Line and network agree where there are rows, and contradict each other where there are none."""

import numpy as np
import pytest

from tinygrad_edu.lessons.extrapolation import EXTRAPOLATION, TABLE, answers


@pytest.fixture(scope="module")
def trained():
    return [
        list(EXTRAPOLATION.train(EXTRAPOLATION.initial(np.random.default_rng(seed))))[-1] for seed in range(3)
    ]


def test_inside_the_data_line_network_and_truth_say_about_the_same(trained):
    for last in trained:
        said = answers(last.params, np.linspace(100, 2000, 50))
        assert said.seen.all()
        assert np.abs(said.network - said.truth).max() < 1500
        assert np.abs(said.line - said.truth).max() < 2000


def test_the_network_fits_the_rows_better_than_the_line(trained):
    for last in trained:
        said = answers(last.params, TABLE.x)
        assert np.mean((said.network - TABLE.y) ** 2) < np.mean((said.line - TABLE.y) ** 2)


def test_far_outside_the_line_goes_on_and_the_network_goes_flat(trained):
    for last in trained:
        said = answers(last.params, [20_000, 200_000, 400_000])
        assert not said.seen.any()
        assert said.line[2] - said.line[1] == pytest.approx(200_000 * 6.4867, rel=1e-3)
        assert abs(said.network[2] - said.network[1]) < 1
        assert said.line[0] > 2 * said.truth[0]
        assert said.network[0] < said.truth[0] / 2


def test_negative_prices_have_an_answer_from_both_and_from_nobody_else(trained):
    said = answers(trained[0].params, -1000)
    assert said.line[0] < 0
    assert said.network[0] < 0
    assert np.isnan(said.truth[0])


def test_networks_from_other_starting_points_agree_only_where_there_are_rows(trained):
    within, beyond = np.linspace(100, 2000, 50), np.array([-1000.0, 20_000.0])
    spread = [
        np.ptp([answers(last.params, where).network for last in trained], axis=0)
        for where in (within, beyond)
    ]
    assert spread[0].max() < 500
    assert spread[1].min() > 500
