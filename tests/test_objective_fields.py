"""Fields as splines: they keep values, their slopes do not jump, and how far they are from true distances."""

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.numerics.distance import clearance
from pavane.planning.local_planner.objective.fields import clearance_at, cost_at
from pavane.planning.local_planner.problem import pack

RESOLUTION = 0.05
CELLS = 60
CORNER = (0.5 - 0.5 * CELLS) * RESOLUTION


@numba.njit
def sample(points, fields, out):
    for i in range(points.shape[0]):
        out[i, 0] = clearance_at(points[i, 0], points[i, 1], 0, fields)
        out[i, 1] = cost_at(points[i, 0], points[i, 1], fields)


def at(points, field):
    """(N, 2) at points (N, 2): ``field`` (rows, columns) read as a clearance and as a cost."""
    field = field.astype(np.float32)
    out = np.empty((len(points), 2))
    sample(points, pack(field, field, RESOLUTION), out)
    return out


def axes():
    return np.meshgrid(CORNER + np.arange(CELLS) * RESOLUTION, CORNER + np.arange(CELLS) * RESOLUTION)


@given(slope=st.floats(-0.9, 0.9), across=st.floats(-0.4, 0.4), seed=st.integers(0, 99))
def test_a_plane_is_kept_exactly(slope, across, seed):
    x, y = axes()
    points = np.random.default_rng(seed).uniform(-1.3, 1.3, (50, 2))
    expected = 0.3 + slope * points[:, 0] * 0.4 + across * points[:, 1]
    got = at(points, 0.3 + slope * x * 0.4 + across * y)
    np.testing.assert_allclose(got[:, 0], expected, atol=0.6 * RESOLUTION / 24)  # it is kept in whole 24ths of a cell
    np.testing.assert_allclose(got[:, 1], expected, atol=1e-4)


def test_a_smooth_field_is_kept_at_and_between_the_lattice_points():
    x, y = axes()
    field = 0.5 + 0.2 * np.sin(2 * x) * np.cos(3 * y)
    points = np.random.default_rng(1).uniform(-1.3, 1.3, (500, 2))
    expected = 0.5 + 0.2 * np.sin(2 * points[:, 0]) * np.cos(3 * points[:, 1])
    np.testing.assert_allclose(at(points, field)[:, 1], expected, atol=2e-4)


@pytest.mark.parametrize("column", [0, 1])
def test_slopes_do_not_jump(column):
    """One-sided differences on both sides of every cell's border agree, unlike those of bilinear interpolation."""
    rng = np.random.default_rng(2)
    solid = rng.random((CELLS, CELLS)) < 0.02
    field = clearance(solid, RESOLUTION, 1.5)
    border = CORNER + (rng.integers(5, CELLS - 5, 300) + 0.5) * RESOLUTION
    along = rng.uniform(-1.2, 1.2, 300)
    for axis in (0, 1):

        def side(offset, axis=axis):
            points = np.stack([border + offset, along] if axis == 0 else [along, border + offset], axis=1)
            return at(points, field)[:, column]

        h = 2e-4
        left, right = (side(-1e-6) - side(-h)) / (h - 1e-6), (side(h) - side(1e-6)) / (h - 1e-6)
        np.testing.assert_allclose(left, right, atol=0.02)


def test_how_far_a_clearance_is_from_the_true_distance():
    """Single cells are the worst that there is: the curve of the distance around them is the sharpest."""
    rng = np.random.default_rng(3)
    solid = np.zeros((CELLS, CELLS), np.bool_)
    cells = rng.integers(8, CELLS - 8, (12, 2))
    solid[cells[:, 0], cells[:, 1]] = True
    points = rng.uniform(-1.1, 1.1, (20000, 2))
    centres = CORNER + cells[:, ::-1] * RESOLUTION
    beyond = np.maximum(np.abs(points[:, None] - centres[None]) - 0.5 * RESOLUTION, 0.0)
    true = np.hypot(*beyond.transpose(2, 0, 1)).min(axis=1)
    error = at(points, clearance(solid, RESOLUTION, 1.5))[:, 0] - true
    assert error[true > 0.03].max() < 0.007 and np.quantile(error[true > 0.03], 0.99) < 0.004
    assert error.max() < 0.015
    assert error.min() > -0.025  # between two things it is smoothed, to the safe side
