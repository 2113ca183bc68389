"""Rays against a slow, exact twin that tests every cell and every disc."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.numerics.raycast import STRIPS, cast_rays, in_sight, trace_rays, visible_shares
from ray_twin import ranges_between

RESOLUTION, ORIGIN = 0.05, (-1.0, 0.5)
NOBODY = np.zeros((0, 3))
NEAR = 1e-6  # m


def agree(ours, solid, resolution, origin, x, y, angles, range_max, discs):
    """Ours lie between squares with and without their edges, and end at ``range_max``."""
    between = ranges_between(solid, resolution, origin, x, y, angles, discs)
    finite = np.isfinite(ours)
    assert (ours[finite] <= range_max).all()
    assert (ours[finite] >= between.touching[finite] - NEAR).all()
    assert (ours[finite] <= between.through[finite] + NEAR).all()
    assert (between.through[~finite] > range_max - NEAR).all()
    exact = np.isclose(between.touching, between.through, atol=NEAR, rtol=0.0)
    return exact.mean()


@pytest.mark.parametrize("seed", range(20))
def test_rays_equal_the_twin(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((60, 80)) < rng.choice([0.01, 0.1, 0.3])
    discs = np.column_stack([rng.uniform(-1, 3, 3), rng.uniform(0.5, 3.5, 3), rng.uniform(0.1, 0.4, 3)])
    for _ in range(5):
        x, y = rng.uniform(-0.99, 2.99), rng.uniform(0.51, 3.49)
        angles = rng.uniform(-np.pi, np.pi, 20)
        ours = cast_rays(solid, RESOLUTION, *ORIGIN, x, y, angles, 2.5, discs)
        assert agree(ours, solid, RESOLUTION, ORIGIN, x, y, angles, 2.5, discs) == 1.0  # nothing grazes by chance


@st.composite
def worlds(draw):
    """A random grid and a ray in it that may start on lines of the grid, run along them, or start outside."""
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    resolution = draw(st.sampled_from([1.0, 0.125, 0.05]))
    origin = draw(st.sampled_from([(0.0, 0.0), (-1.0, 0.5), (-0.35, -0.2)]))
    halves = st.integers(-3, 21).map(lambda k: 0.5 * k)  # whole: on a line; else in the middle of a cell
    place = st.one_of(halves, st.floats(-1.0, 10.0))
    x, y = (o + resolution * draw(place) for o in origin)
    turn = st.one_of(st.integers(-8, 8).map(lambda k: 0.25 * np.pi * k), st.floats(-4.0, 4.0))
    angles = np.array(draw(st.lists(turn, min_size=1, max_size=4)))
    discs = draw(st.lists(st.tuples(st.floats(-1, 9), st.floats(-1, 9), st.floats(0.1, 2.0)), max_size=2))
    round_ = np.array(discs).reshape(-1, 3) * resolution + (*origin, 0.0)
    range_max = resolution * draw(st.sampled_from([0.0, 0.5, 3.0, 20.0]))
    return np.array(cells).reshape(rows, columns), resolution, origin, x, y, angles, range_max, round_


@given(worlds())
def test_rays_lie_between_squares_with_and_without_their_edges(world):
    solid, resolution, origin, x, y, angles, range_max, discs = world
    ours = cast_rays(solid, resolution, *origin, x, y, angles, range_max, discs)
    agree(ours, *world)
    rays = np.column_stack([np.full(len(angles), x), np.full(len(angles), y), angles])
    traced = trace_rays(solid, resolution, *origin, rays, range_max, discs)
    np.testing.assert_array_equal(traced.ranges, ours)
    walls = cast_rays(solid, resolution, *origin, x, y, angles, range_max, NOBODY)
    for i, j in enumerate(traced.struck):
        if j >= 0:
            only = cast_rays(
                ~np.ones((1, 1), bool), 1e4, -5e3, -5e3, x, y, angles[i : i + 1], range_max, discs[j : j + 1]
            )
            assert only[0] == ours[i] < walls[i]
        else:
            assert ours[i] == walls[i]


def test_rays_along_the_axes_and_out_of_the_grid():
    solid = np.zeros((20, 20), dtype=bool)
    solid[10, 15] = True
    angles = np.array([0.0, np.pi / 2, np.pi, -np.pi / 2])
    ranges = cast_rays(solid, 0.1, 0.0, 0.0, 1.05, 1.05, angles, 5.0, NOBODY)
    np.testing.assert_allclose(ranges, [0.45, 0.95, 1.05, 1.05], atol=1e-12)  # the border of the grid is solid
    assert cast_rays(solid, 0.1, 0.0, 0.0, 5.0, 1.0, angles, 5.0, NOBODY).tolist() == [0.0] * 4
    assert np.isinf(cast_rays(solid, 0.1, 0.0, 0.0, 1.05, 1.05, angles, 0.4, NOBODY)).all()


def test_a_ray_along_a_line_of_the_grid_runs_in_the_cells_above_it():
    solid = np.zeros((4, 8), dtype=bool)
    solid[1, 4], solid[2, 6] = True, True  # below and above the line y = 2
    assert cast_rays(solid, 1.0, 0.0, 0.0, 0.5, 2.0, np.zeros(1), 9.0, NOBODY)[0] == 5.5


def test_no_ray_slips_between_two_cells_that_touch_at_a_corner():
    solid = np.zeros((4, 4), dtype=bool)
    solid[1, 2] = solid[2, 1] = True
    for x, y, angle in ((1.5, 1.5, 0.25), (2.5, 2.5, -0.75), (2.5, 1.5, 0.75)):
        assert cast_rays(solid, 1.0, 0.0, 0.0, x, y, np.array([angle * np.pi]), 9.0, NOBODY)[0] < 0.71


def test_without_range_only_what_one_stands_in_is_hit():
    solid = np.zeros((4, 4), dtype=bool)
    solid[1, 1] = True
    angles, disc = np.linspace(0.0, 6.0, 7), np.array([[3.5, 3.5, 0.4]])
    assert (cast_rays(solid, 1.0, 0.0, 0.0, 1.5, 1.5, angles, 0.0, disc) == 0.0).all()
    assert (cast_rays(solid, 1.0, 0.0, 0.0, 3.4, 3.4, angles, 0.0, disc) == 0.0).all()
    assert np.isinf(cast_rays(solid, 1.0, 0.0, 0.0, 2.5, 2.5, angles, 0.0, disc)).all()


def test_a_ray_that_hardly_leaves_a_line_of_the_grid_runs_along_it():
    solid = np.zeros((4, 4), dtype=bool)
    solid[2, 3] = True
    for angle in (-5e-324, 5e-324, 0.0):
        assert cast_rays(solid, 1.0, 0.0, 0.0, 0.5, 2.0, np.array([angle]), 9.0, NOBODY)[0] == 2.5


def test_rays_may_start_apart():
    solid = np.zeros((40, 40), dtype=bool)
    rng = np.random.default_rng(0)
    rays = np.column_stack([rng.uniform(0.1, 3.9, (50, 2)), rng.uniform(-4, 4, 50)])
    discs = np.array([[2.0, 2.0, 0.5], [3.0, 1.0, 0.3]])
    traced = trace_rays(solid, 0.1, 0.0, 0.0, rays, 3.0, discs)
    for ray, distance in zip(rays, traced.ranges, strict=True):
        assert cast_rays(solid, 0.1, 0.0, 0.0, ray[0], ray[1], ray[2:], 3.0, discs)[0] == distance


# -- sight ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_sight_is_free_where_a_ray_reaches_the_target(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((60, 80)) < 0.03
    for _ in range(50):
        x, y, to_x, to_y = rng.uniform((-1, 0.5, -1, 0.5), (3, 3.5, 3, 3.5))
        angle, length = np.arctan2(to_y - y, to_x - x), np.hypot(to_x - x, to_y - y)
        ray = ranges_between(solid, RESOLUTION, ORIGIN, x, y, np.array([angle]), NOBODY).touching[0]
        assert in_sight(solid, RESOLUTION, *ORIGIN, x, y, to_x, to_y) == (ray > length)


def test_one_sees_oneself_unless_buried():
    solid = np.zeros((5, 5), dtype=bool)
    assert in_sight(solid, 0.1, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25)
    assert not in_sight(~solid, 0.1, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25)


@pytest.mark.parametrize("seed", range(10))
def test_shares_equal_their_lines_of_sight(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((60, 80)) < 0.02
    bodies = np.column_stack([rng.uniform(-1, 3, 5), rng.uniform(0.5, 3.5, 5), rng.uniform(0.15, 0.3, 5)])
    x, y = rng.uniform((-1, 0.5), (3, 3.5))
    shares = visible_shares(solid, RESOLUTION, *ORIGIN, x, y, 2.5, bodies)
    for i, (bx, by, radius) in enumerate(bodies):
        away, bearing = np.hypot(bx - x, by - y), np.arctan2(by - y, bx - x)
        aside = radius * ((2 * np.arange(STRIPS) + 1) / STRIPS - 1)
        length, angles = np.hypot(away, aside), bearing + np.arctan2(aside, away)
        walls = ranges_between(solid, RESOLUTION, ORIGIN, x, y, angles, NOBODY).touching
        others = cast_rays(np.zeros((1, 1), bool), 1e4, -5e3, -5e3, x, y, angles, 99.0, np.delete(bodies, i, axis=0))
        expected = ((walls > length) & (others >= length - radius)).mean() if away <= 2.5 else 0.0
        assert shares[i] == pytest.approx(expected)


def test_bodies_hide_each_other_and_walls_hide_parts():
    solid = np.zeros((100, 100), dtype=bool)
    two = np.array([[3.0, 2.5, 0.2], [4.0, 2.5, 0.2]])
    assert visible_shares(solid, 0.05, 0.0, 0.0, 1.0, 2.5, 6.0, two).tolist() == [1.0, 0.0]
    solid[50:, 40] = True  # from y = 2.5 up
    half = visible_shares(solid, 0.05, 0.0, 0.0, 1.0, 2.5001, 6.0, two[:1])[0]
    assert half == pytest.approx(0.5, abs=0.5 / STRIPS + 1e-9)
    assert visible_shares(solid, 0.05, 0.0, 0.0, 1.0, 2.5, 6.0, np.full((1, 3), np.nan))[0] == 0.0
