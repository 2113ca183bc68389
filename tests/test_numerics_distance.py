"""Clearance against brute force over squares."""

import numpy as np
import pytest

from pavane.numerics.distance import DEEP, clearance

RESOLUTION = 0.05


def to_squares(cells, shape):
    """Distance (rows, columns), m, of every cell centre from the nearest square of ``cells`` (N, 2)."""
    r, c = np.indices(shape)
    out = [
        np.maximum(np.abs(r[..., None] - cells[:, 0]) - 0.5, 0),
        np.maximum(np.abs(c[..., None] - cells[:, 1]) - 0.5, 0),
    ]
    return np.hypot(*out).min(axis=-1) * RESOLUTION


@pytest.mark.parametrize("density", [0.002, 0.05, 0.5, 0.95, 0.998])
def test_clearance_equals_brute_force(density):
    rng = np.random.default_rng(int(density * 1000))
    solid = rng.random((37, 52)) < density
    solid[3, 4], solid[30, 40] = True, False
    outside = to_squares(np.argwhere(solid), solid.shape)
    inside = to_squares(np.argwhere(~solid), solid.shape)
    reach = 0.6
    ours = clearance(solid, RESOLUTION, reach)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours[~solid], np.minimum(outside, reach)[~solid], atol=1e-6)
    near = solid & (inside < DEEP * RESOLUTION)
    np.testing.assert_allclose(ours[near], -inside[near], atol=1e-6)
    assert (ours[solid & ~near] <= -DEEP * RESOLUTION + 1e-6).all()


def test_one_cell_is_half_a_cell_from_its_neighbours_centre():
    solid = np.zeros((9, 9), bool)
    solid[4, 4] = True
    ours = clearance(solid, RESOLUTION, 1.0)
    assert ours[4, 5] == pytest.approx(0.025)
    assert ours[5, 5] == pytest.approx(0.025 * np.sqrt(2))
    assert ours[4, 4] == pytest.approx(-0.025)


@pytest.mark.parametrize("value", [True, False])
def test_a_map_of_one_kind_is_as_far_as_one_looks(value):
    ours = clearance(np.full((6, 8), value), RESOLUTION, 0.4)
    assert (ours <= -0.4).all() if value else (ours == np.float32(0.4)).all()
