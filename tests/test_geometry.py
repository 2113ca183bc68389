import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pavane.core.arrays import Floats
from pavane.core.errors import BadProfile
from pavane.core.geometry import Footprint, Grid, Pose, cover, passage_radius, wrap_angle
from pavane.core.geometry.se2 import transform_poses
from pavane.core.robot import RobotProfile, stock_profiles

coordinates = st.floats(-50.0, 50.0)
angles = st.floats(-10.0, 10.0)
poses = st.builds(Pose, coordinates, coordinates, angles)
seeds = st.integers(0, 2**32 - 1)


def same(a: Pose, b: Pose, tolerance: float = 1e-9) -> bool:
    return a.distance(b) < tolerance and abs(wrap_angle(a.yaw - b.yaw)) < tolerance


def convex_polygon(rng: np.random.Generator, corners: int) -> Floats:
    """Corners on an ellipse, in order, with their mean at the base origin."""
    angle = np.sort((np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2.0 * np.pi / corners)
    vertices = np.stack([np.cos(angle) * rng.uniform(0.1, 0.4), np.sin(angle) * rng.uniform(0.1, 0.4)], axis=1)
    return vertices - vertices.mean(axis=0)


def boundary(vertices: Floats, each: int = 60) -> Floats:
    """Points on the edges of a polygon, the corners among them."""
    along = np.linspace(0.0, 1.0, each)[:, None]
    following = np.roll(vertices, -1, axis=0)
    return np.concatenate([a + along * (b - a) for a, b in zip(vertices, following, strict=True)])


# SE(2)


@given(poses, poses, poses)
def test_composition_is_associative(a: Pose, b: Pose, c: Pose) -> None:
    assert same((a @ b) @ c, a @ (b @ c), 1e-8)


@given(poses)
def test_identity_and_inverse(a: Pose) -> None:
    identity = Pose(0.0, 0.0, 0.0)
    assert same(a @ identity, a)
    assert same(identity @ a, a)
    assert same(a @ a.inverse(), identity, 1e-8)
    assert same(a.inverse() @ a, identity, 1e-8)


@given(poses, poses, seeds)
def test_transforms_compose_and_keep_distances(a: Pose, b: Pose, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(5, 2))
    np.testing.assert_allclose((a @ b).transform(points), a.transform(b.transform(points)), atol=1e-9)
    np.testing.assert_allclose(a.inverse().transform(a.transform(points)), points, atol=1e-9)
    np.testing.assert_allclose(a.rotate(points), a.transform(points) - a.transform(np.zeros((1, 2))), atol=1e-9)
    np.testing.assert_allclose(np.hypot(*a.rotate(points).T), np.hypot(*points.T), atol=1e-12)


@given(poses, poses)
def test_transform_poses_is_composition(a: Pose, b: Pose) -> None:
    x, y, yaw = transform_poses(a, b.array()[None])[0]
    assert same(Pose(x, y, yaw), a @ b, 1e-8)


def test_transform_poses_keeps_yaw_continuous() -> None:
    turning = np.stack([np.zeros(9), np.zeros(9), np.linspace(0.0, 8.0, 9)], axis=1)
    np.testing.assert_allclose(np.diff(transform_poses(Pose(1.0, 2.0, 3.0), turning)[:, 2]), 1.0)


@given(st.floats(-1e4, 1e4))
def test_wrap_angle_keeps_the_direction(angle: float) -> None:
    wrapped = wrap_angle(angle)
    assert -math.pi < wrapped <= math.pi
    assert math.isclose(math.cos(wrapped), math.cos(angle), abs_tol=1e-8)
    assert math.isclose(math.sin(wrapped), math.sin(angle), abs_tol=1e-8)


def test_wrap_angle_at_its_ends() -> None:
    assert wrap_angle(math.pi) == math.pi
    assert wrap_angle(-math.pi) == math.pi
    assert math.isnan(wrap_angle(math.inf))
    assert math.isnan(wrap_angle(math.nan))


@given(poses, st.floats(-1.5, 1.5), st.floats(-3.0, 3.0), st.floats(0.0, 1.0))
def test_arcs_add_up(start: Pose, v: float, omega: float, split: float) -> None:
    whole = start.advance(v, omega, 1.0)
    assert same(start.advance(v, omega, split).advance(v, omega, 1.0 - split), whole, 1e-7)
    assert same(whole.advance(-v, -omega, 1.0), start, 1e-7)


def test_arc_is_the_integral_of_the_twist() -> None:
    v, omega, steps = 0.8, 1.3, 20_000
    yaw = omega * (np.arange(steps) + 0.5) / steps  # midpoints of one second
    end = Pose(0.0, 0.0).advance(v, omega, 1.0)
    assert end.x == pytest.approx(v * np.cos(yaw).mean(), abs=1e-8)
    assert end.y == pytest.approx(v * np.sin(yaw).mean(), abs=1e-8)
    assert same(Pose(1.0, 2.0, math.pi / 2).advance(0.5, 0.0, 2.0), Pose(1.0, 3.0, math.pi / 2))


# Grids


@given(poses, seeds)
def test_grid_finds_its_own_cells(origin: Pose, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(rng.normal(size=(7, 11)), 0.05, origin)
    cells = np.stack([rng.integers(0, 11, 20), rng.integers(0, 7, 20)], axis=1)
    centres = grid.centres(cells)
    np.testing.assert_array_equal(grid.indices(centres), cells)
    assert grid.inside(centres).all()
    np.testing.assert_allclose(grid.sample(centres), grid.data[cells[:, 1], cells[:, 0]], atol=1e-9)


@given(poses, poses, seeds)
def test_one_point_is_taken_as_many_are(origin: Pose, other: Pose, seed: int) -> None:
    grid = Grid(np.zeros((7, 11)), 0.05, origin)
    for point in np.random.default_rng(seed).uniform(-20.0, 20.0, (5, 2)):
        np.testing.assert_allclose(grid.cell(*point), grid.cells(point[None])[0], atol=1e-7)
        np.testing.assert_allclose(other.point(*point), other.transform(point[None])[0], atol=1e-9)


@given(poses, seeds)
def test_the_part_about_a_box_holds_all_of_its_cells(origin: Pose, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(np.arange(9 * 12).reshape(9, 12), 0.1, Pose(origin.x, origin.y))
    low = rng.uniform((-0.5, -0.5), (1.5, 1.2)) + np.array([origin.x, origin.y])
    high = low + rng.uniform(0.0, 1.0, 2)
    part, centres = grid.part(low, high)
    columns, rows = np.round(grid.cells(centres)).astype(np.int64).T
    np.testing.assert_array_equal(grid.data[part].ravel(), grid.data[rows, columns])  # a centre for each value
    everywhere = grid.centres(np.argwhere(grid.data >= 0)[:, ::-1])
    within = ((everywhere >= low) & (everywhere <= high)).all(axis=1)
    assert set(grid.data.ravel()[within]) <= set(grid.data[part].ravel())
    assert ((centres >= low - 0.1 - 1e-9) & (centres <= high + 0.2 + 1e-9)).all()  # and few more


def test_row_zero_is_the_lowest_y() -> None:
    grid = Grid(np.array([[1.0, 2.0], [3.0, 4.0]]), 1.0, Pose(10.0, 20.0))
    np.testing.assert_allclose(
        grid.centres(np.array([[0, 0], [1, 0], [0, 1]])), [[10.5, 20.5], [11.5, 20.5], [10.5, 21.5]]
    )
    np.testing.assert_allclose(grid.sample(np.array([[11.0, 20.5], [10.5, 21.0], [11.0, 21.0]])), [1.5, 2.0, 2.5])
    assert grid.size == (2.0, 2.0)


def test_outside_the_grid() -> None:
    grid = Grid(np.ones((3, 4), dtype=np.float32), 0.5, Pose(0.0, 0.0))
    points = np.array([[-0.01, 0.5], [2.01, 0.5], [0.5, -0.01], [0.5, 1.51], [0.001, 0.001], [1.999, 1.499]])
    np.testing.assert_array_equal(grid.inside(points), [False, False, False, False, True, True])
    np.testing.assert_allclose(grid.sample(points, outside=-7.0), [-7.0, -7.0, -7.0, -7.0, 1.0, 1.0])


@given(seeds)
def test_sampling_a_plane_is_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=3)
    column, row = np.meshgrid(np.arange(9) + 0.5, np.arange(6) + 0.5)
    grid = Grid(a * column + b * row + c, 1.0, Pose(0.0, 0.0))
    points = np.stack([rng.uniform(0.5, 8.5, 30), rng.uniform(0.5, 5.5, 30)], axis=1)
    np.testing.assert_allclose(grid.sample(points), points @ [a, b] + c, atol=1e-9)


def test_infinite_cells_stay_infinite_and_never_turn_to_nan() -> None:
    grid = Grid(np.array([[1.0, 2.0, np.inf], [3.0, 4.0, np.inf]]), 1.0, Pose(0.0, 0.0))
    values = grid.sample(np.array([[1.5, 0.5], [1.5, 1.0], [1.6, 1.0], [2.5, 1.2]]))
    np.testing.assert_array_equal(values, [2.0, 3.0, np.inf, np.inf])


def test_a_grid_of_one_cell_can_be_sampled() -> None:
    grid = Grid(np.array([[5.0]]), 1.0, Pose(0.0, 0.0))
    np.testing.assert_array_equal(grid.sample(np.array([[0.1, 0.9], [0.5, 0.5]])), [5.0, 5.0])


# Footprints


def gap_to_discs(points: Floats, discs: Floats) -> Floats:
    gaps: Floats = (np.hypot(*(points[:, None, :] - discs[None, :, :2]).transpose(2, 0, 1)) - discs[:, 2]).min(axis=1)
    return gaps


@given(seeds, st.integers(3, 9))
@settings(max_examples=30)
def test_discs_cover_the_outline(seed: int, corners: int) -> None:
    shape = Footprint.polygon(convex_polygon(np.random.default_rng(seed), corners))
    discs = cover(shape)
    assert gap_to_discs(boundary(shape.vertices, each=400), discs).max() <= 1e-9
    assert 1 <= len(discs) <= 24


@pytest.mark.parametrize("name", stock_profiles())
def test_distances_from_the_discs_are_never_larger_and_at_most_a_centimetre_smaller(name: str) -> None:
    shape = RobotProfile.load(name).shape
    rng = np.random.default_rng(1)
    points = rng.uniform(-0.8, 0.8, (20000, 2))
    exact = shape.signed_distance(points)
    outside = exact > 0.0
    error = exact[outside] - gap_to_discs(points[outside], cover(shape))
    assert error.min() >= -1e-9
    assert error.max() <= 0.01 + 1e-9


def test_few_discs_suffice() -> None:
    """A round robot is one disc; a mirrored outline gets mirrored discs."""
    np.testing.assert_allclose(cover(Footprint.disc(0.17)), [[0.0, 0.0, 0.17]])
    box = Footprint.polygon(np.array([[0.2, 0.1], [-0.2, 0.1], [-0.2, -0.1], [0.2, -0.1]]))
    discs = cover(box)
    assert len(discs) <= 11
    assert passage_radius(box) <= 0.1 + 0.01 + 1e-9
    mirrored = sorted(map(tuple, np.round(discs * (1.0, -1.0, 1.0), 9).tolist()))
    assert mirrored == sorted(map(tuple, np.round(discs + 0.0, 9).tolist()))


@given(seeds, st.integers(3, 9))
def test_the_rounded_rectangle_holds_the_outline(seed: int, corners: int) -> None:
    shape = Footprint.polygon(convex_polygon(np.random.default_rng(seed), corners))
    x, y, half_length, half_width, radius = shape.rounded_rectangle()
    out = np.maximum(np.abs(boundary(shape.vertices) - (x, y)) - (half_length, half_width), 0.0)
    assert np.hypot(*out.T).max() <= radius + 1e-6
    low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
    np.testing.assert_allclose(2.0 * (np.array([half_length, half_width]) + radius), high - low, atol=1e-6)


@given(seeds, st.integers(3, 8))
def test_signed_distance_against_brute_force(seed: int, corners: int) -> None:
    rng = np.random.default_rng(seed)
    shape = Footprint.polygon(convex_polygon(rng, corners))
    points = rng.uniform(-0.8, 0.8, (40, 2))
    edge = boundary(shape.vertices, each=400)
    brute = np.hypot(*(points[:, None, :] - edge[None]).transpose(2, 0, 1)).min(axis=1)
    distance = shape.signed_distance(points)
    np.testing.assert_allclose(np.abs(distance), brute, atol=2e-3)
    heading = np.arctan2(*(edge[None] - points[:, None, :]).transpose(2, 0, 1)[::-1])
    winding = np.abs(((np.diff(heading, axis=1, append=heading[:, :1]) + np.pi) % (2 * np.pi) - np.pi).sum(axis=1))
    np.testing.assert_array_equal(distance < 0.0, winding > np.pi)  # the outline goes round what is inside it


def test_signed_distance_of_a_square_and_a_disc() -> None:
    square = Footprint.polygon(np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]))
    points = np.array([[0.0, 0.0], [0.5, 0.0], [3.0, 0.0], [4.0, 5.0], [1.0, 0.3]])
    np.testing.assert_allclose(square.signed_distance(points), [-1.0, -0.5, 2.0, 5.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(Footprint.disc(0.5).signed_distance(points[:3]), [-0.5, 0.0, 2.5])


@given(seeds, st.integers(3, 8))
def test_radii_hold_the_outline(seed: int, corners: int) -> None:
    shape = Footprint.polygon(convex_polygon(np.random.default_rng(seed), corners))
    distance = np.hypot(*boundary(shape.vertices).T)
    assert shape.inscribed_radius <= distance.min() + 1e-12
    assert shape.circumscribed_radius == pytest.approx(distance.max())
    assert Footprint.disc(0.3).inscribed_radius == Footprint.disc(0.3).circumscribed_radius == 0.3


def test_either_sense_of_rotation_gives_the_same_outline() -> None:
    corners = np.array([[0.2, -0.1], [0.2, 0.1], [0.0, 0.1], [-0.2, 0.1], [-0.2, -0.1]])  # one lies on an edge
    there, back = Footprint.polygon(corners), Footprint.polygon(corners[::-1])
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (50, 2))
    np.testing.assert_allclose(there.signed_distance(points), back.signed_distance(points), atol=1e-15)


STAR = [[math.cos(4 * math.pi * k / 5), math.sin(4 * math.pi * k / 5)] for k in range(5)]


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        ([[0.0, 0.0], [1.0, 0.0]], "at least 3"),
        ([[0.0, 0.0], [1.0, 0.0], [math.nan, 1.0]], "finite"),
        ([[1.0, 1.0], [-1.0, 1.0], [0.5, 0.0], [-1.0, -1.0]], "not convex"),
        (STAR, "not convex"),
        ([[1.0, 0.0], [-1.0, 0.0], [0.5, 0.0]], "not convex"),
        ([[1.0, 1.0], [1.0, 1.0], [-1.0, 1.0], [0.0, -1.0]], "repeats a corner"),
        ([[1.0, 1.0], [2.0, 1.0], [1.5, 2.0]], "does not contain the base origin"),
    ],
)
def test_bad_outlines_are_refused(corners: list[list[float]], words: str) -> None:
    with pytest.raises(BadProfile, match=words):
        Footprint.polygon(np.array(corners))


@pytest.mark.parametrize("radius", [0.0, -1.0, math.nan])
def test_bad_radii_are_refused(radius: float) -> None:
    with pytest.raises(BadProfile, match="robot_radius must be positive"):
        Footprint.disc(radius)
