"""The Batman curve: where its pieces meet, what is inside, and how overlap is measured."""

import numpy as np
import pytest

from tinygrad_edu.lessons.logo import (
    inside,
    intersection_over_union,
    lower_edge,
    midpoints,
    training_points,
    upper_edge,
)


@pytest.mark.parametrize(
    ("x", "upper", "lower"),
    [
        (0, 2.25, -3),
        (0.5, 2.25, None),
        (0.75, 3, None),
        (1, 1, None),
        (3, 3 * np.sqrt(40) / 7, None),
        (4, 3 * np.sqrt(33) / 7, -3 * np.sqrt(33) / 7),
        (7, 0, 0),
    ],
)
def test_the_edges_at_the_corners(x, upper, lower):
    for side in (x, -x):
        assert upper_edge(side) == pytest.approx(upper, abs=1e-12)
        if lower is not None:
            assert lower_edge(side) == pytest.approx(lower, abs=1e-12)


@pytest.mark.parametrize("corner", [0.75, 1, 4, 7 - 1e-9])
def test_the_pieces_meet(corner):
    near = np.array([corner - 1e-9, corner + 1e-9])
    assert np.ptp(lower_edge(near)) < 1e-3
    assert np.ptp(upper_edge(near)) < 1e-3


def test_the_logo_is_symmetric_and_ends_at_seven():
    x = np.linspace(0, 7, 1000)
    np.testing.assert_array_equal(upper_edge(x), upper_edge(-x))
    np.testing.assert_array_equal(lower_edge(x), lower_edge(-x))
    assert np.all(lower_edge(x) <= upper_edge(x))
    assert not inside([[7.001, 0], [-7.001, 0], [0, 2.26], [0, -3.01]]).any()
    assert inside([[6.999, 0], [-6.999, 0], [0, 2.24], [0, -2.99]]).all()


def test_the_talks_grid_has_627_points_of_which_199_are_inside():
    points = training_points()
    assert points.shape == (627, 2)
    assert np.unique(points, axis=0).shape == (627, 2)
    assert (points.min(axis=0).tolist(), points.max(axis=0).tolist()) == ([-8, -4.5], [8, 4.5])
    assert np.count_nonzero(inside(points)) == 199


def test_midpoints_fill_the_box_and_their_share_inside_is_the_area():
    points = midpoints()
    assert points.shape == (180, 320, 2)
    np.testing.assert_allclose(points[0, 0], [-7.975, -4.475])
    np.testing.assert_allclose(points[-1, -1], [7.975, 4.475])
    x = (np.arange(140_000) + 0.5) / 10_000 - 7
    area = np.mean(upper_edge(x) - lower_edge(x)) * 14
    assert np.mean(inside(points)) * 16 * 9 == pytest.approx(area, rel=2e-3)


def test_intersection_over_union():
    a, b = np.array([True, True, False, False]), np.array([False, True, True, False])
    assert intersection_over_union(a, a) == 1
    assert intersection_over_union(a, ~a) == 0
    assert intersection_over_union(a, b) == pytest.approx(1 / 3)
    assert intersection_over_union(a & ~a, a & ~a) == 1
