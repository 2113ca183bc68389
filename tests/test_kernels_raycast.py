"""Rays against a plain NumPy twin that tests every cell and every disc."""

import numpy as np
import pytest

from pavane.kernels.raycast import cast_rays, in_sight

RESOLUTION, ORIGIN = 0.05, (-1.0, 0.5)


def twin(solid, x, y, angles, range_max, discs):
    rows, columns = np.nonzero(solid)
    low = np.stack([columns, rows], axis=1) * RESOLUTION + ORIGIN - (x, y)  # (M, 2)
    edge = np.array([solid.shape[1], solid.shape[0]]) * RESOLUTION + ORIGIN - (x, y)
    first = np.array(ORIGIN) - (x, y)
    ranges = []
    for angle in angles:
        direction = np.array([np.cos(angle), np.sin(angle)])
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = low / direction, (low + RESOLUTION) / direction
            leave = np.where(direction > 0, edge / direction, first / direction).min()
        enter, exit_ = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
        hits = np.maximum(enter, 0.0)[(enter < exit_) & (exit_ > 0.0)]
        candidates = [leave, *hits]
        for disc in discs:
            offset = disc[:2] - (x, y)
            along = offset @ direction
            root = disc[2] ** 2 - (offset @ offset - along**2)
            if offset @ offset <= disc[2] ** 2:
                candidates.append(0.0)
            elif root >= 0.0 and along > 0.0:
                candidates.append(along - np.sqrt(root))
        nearest = min(candidates)
        ranges.append(nearest if nearest <= range_max else np.inf)
    return np.array(ranges)


@pytest.mark.parametrize("seed", range(20))
def test_rays_equal_the_twin(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((60, 80)) < rng.choice([0.01, 0.1, 0.3])
    discs = np.column_stack([rng.uniform(-1, 3, 3), rng.uniform(0.5, 3.5, 3), rng.uniform(0.1, 0.4, 3)])
    for _ in range(5):
        x, y = rng.uniform(-0.99, 2.99), rng.uniform(0.51, 3.49)
        angles = rng.uniform(-np.pi, np.pi, 20)
        ours = cast_rays(solid, RESOLUTION, *ORIGIN, x, y, angles, 2.5, discs)
        np.testing.assert_allclose(ours, twin(solid, x, y, angles, 2.5, discs), atol=1e-9)


def test_rays_along_the_axes_and_out_of_the_grid():
    solid = np.zeros((20, 20), dtype=bool)
    solid[10, 15] = True
    angles = np.array([0.0, np.pi / 2, np.pi, -np.pi / 2])
    ranges = cast_rays(solid, 0.1, 0.0, 0.0, 1.05, 1.05, angles, 5.0, np.zeros((0, 3)))
    np.testing.assert_allclose(ranges, [0.45, 0.95, 1.05, 1.05], atol=1e-12)  # the border of the grid is solid
    assert cast_rays(solid, 0.1, 0.0, 0.0, 5.0, 1.0, angles, 5.0, np.zeros((0, 3))).tolist() == [0.0] * 4
    assert np.isinf(cast_rays(solid, 0.1, 0.0, 0.0, 1.05, 1.05, angles, 0.4, np.zeros((0, 3)))).all()


@pytest.mark.parametrize("seed", range(5))
def test_sight_is_free_where_a_ray_reaches_the_target(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((60, 80)) < 0.03
    for _ in range(50):
        x, y, to_x, to_y = rng.uniform((-1, 0.5, -1, 0.5), (3, 3.5, 3, 3.5))
        angle, length = np.arctan2(to_y - y, to_x - x), np.hypot(to_x - x, to_y - y)
        ray = twin(solid, x, y, [angle], 99.0, [])[0]
        assert in_sight(solid, RESOLUTION, *ORIGIN, x, y, to_x, to_y) == (ray > length)


def test_one_sees_oneself_unless_buried():
    solid = np.zeros((5, 5), dtype=bool)
    assert in_sight(solid, 0.1, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25)
    assert not in_sight(~solid, 0.1, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25)
