"""Perception: scan layers forget what rays pass through, windows are the map's, people keep their identity."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beliefs import look, plain, with_box
from pavane.core.belief import Track
from pavane.core.geometry import Pose
from pavane.core.messages import Detections
from pavane.core.robot import Detector, RobotProfile
from pavane.maps.clearance import clearance_grid
from pavane.perception.local_map import EXPLAINED, MEMORY, SIDE, local_map
from pavane.perception.near_map import MEMORY as NEAR_MEMORY
from pavane.perception.near_map import SCALE, near_map
from pavane.perception.near_map import SIDE as NEAR_SIDE
from pavane.perception.scan_layer import ScanLayer
from pavane.perception.tracker import FORGET, PeopleTracker
from sim_scenes import room

NOBODY = np.zeros((0, 3))
HOME = room(6.0, 4.0)
BOXED = with_box(HOME, 3.5, 2.0, 0.3, 0.3)
AT = Pose(2.0, 2.0, 0.3)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_new_obstacle_is_marked_and_forgotten_when_a_ray_passes_through(scale: int) -> None:
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED, scale)
    layer.add(look(BOXED, AT, 1.0), AT, NOBODY)
    rows, columns = np.nonzero(np.isfinite(layer.hits))
    x = layer.origin.x + (columns + 0.5) * layer.resolution
    y = layer.origin.y + (rows + 0.5) * layer.resolution
    assert len(x) >= 5  # the near faces of the box
    assert ((x > 3.45) & (x < 3.85) & (y > 1.95) & (y < 2.35)).all()
    assert (layer.hits[rows, columns] == 1.0).all() and layer.stamp == 1.0
    layer.add(look(HOME, AT, 1.1), AT, NOBODY)
    assert not np.isfinite(layer.hits).any()


def test_what_no_ray_reaches_stays() -> None:
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED)
    layer.add(look(BOXED, AT, 1.0), AT, NOBODY)
    marked = np.isfinite(layer.hits)
    hidden = with_box(HOME, 2.9, 1.5, 0.1, 1.5)  # a screen in front of the box
    layer.add(look(hidden, AT, 2.0), AT, NOBODY)
    assert (layer.hits[marked] == 1.0).all()


@pytest.mark.parametrize("scale", [1, 2])
def test_walls_of_the_map_are_not_marked_under_range_noise(scale: int) -> None:
    rng = np.random.default_rng(1)
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED, scale)
    for k in range(20):
        at = Pose(2.0 + 0.05 * k, 2.0, 0.1 * k)
        layer.add(look(HOME, at, 0.05 * k, noise=rng.normal(0.0, 0.01, 360)), at, NOBODY)
    assert not np.isfinite(layer.hits).any()


def test_returns_from_people_are_left_out() -> None:
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED)
    layer.add(look(BOXED, AT, 1.0), AT, np.array([[3.65, 2.15, 0.35]]))
    assert not np.isfinite(layer.hits).any()
    layer.add(look(BOXED, AT, 1.1), AT, np.array([[3.65, 3.15, 0.35]]))  # somebody else, elsewhere
    assert np.isfinite(layer.hits).any()


@pytest.mark.parametrize("profile", ["round", "astro_like"])
def test_where_the_robot_stands_nothing_else_is(profile: str) -> None:
    """Somebody ran into it and is gone: what was seen of them where the robot now is would hold it for seconds."""
    shape = RobotProfile.load(profile).shape
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED)
    layer.add(look(BOXED, AT, 1.0), AT, NOBODY)
    marked = layer.hits.copy()
    layer.stand(shape, Pose(1.0, 2.0, 0.0))
    layer.stand(shape, Pose(-9.0, 99.0, 0.0))
    assert (layer.hits == marked).all()
    here = Pose(3.6, 2.1, 0.7)
    layer.stand(shape, here)
    for row, column in np.argwhere(np.isfinite(marked)):
        centre = layer.origin.transform((np.array([[column, row]]) + 0.5) * layer.resolution)
        inside = shape.signed_distance(here.inverse().transform(centre))[0] < 0.0
        assert np.isfinite(layer.hits[row, column]) != inside


def test_no_answer_and_nothing_within_range_mark_nothing() -> None:
    layer = ScanLayer(clearance_grid(HOME), EXPLAINED)
    scan = look(HOME, AT, 1.0)
    scan.ranges[::2], scan.ranges[1::4] = np.inf, np.nan
    layer.add(scan, AT, NOBODY)
    assert not np.isfinite(layer.hits).any()


PLACES = [(3.0, 2.0), (0.3, 0.3), (5.9, 3.9), (0.02, 3.0), (-1.0, 2.0), (30.0, 30.0)]


def coarse_home(resolution: float) -> np.ndarray:
    """Walls and boxes on a lattice of 10 cm, written at a resolution that divides it."""
    solid = np.zeros((40, 60), np.uint8)
    solid[[0, -1], :] = solid[:, [0, -1]] = 1
    solid[10:12, 5:30] = solid[20:30, 40] = solid[25, 10] = 1
    split = round(0.1 / resolution)
    return np.kron(solid, np.ones((split, split), np.uint8))


@pytest.mark.parametrize("resolution", [0.02, 0.05, 0.10])
@pytest.mark.parametrize("place", PLACES)
def test_the_windows_are_the_map_where_nothing_is_new(resolution: float, place: tuple[float, float]) -> None:
    home = plain(coarse_home(resolution), resolution)
    static = clearance_grid(home)
    here = Pose(*place, 1.0)
    window = local_map(static, ScanLayer(static, EXPLAINED), here, 0.0)
    near = near_map(static, ScanLayer(static, EXPLAINED, SCALE), here, 0.0)
    assert window.clearance.shape == (SIDE, SIDE) and near.solid.shape == (NEAR_SIDE, NEAR_SIDE)
    assert near.stamp == -math.inf
    for grid, resolution_, solid in (
        (window.origin, window.resolution, window.clearance < 0.0),
        (near.origin, near.resolution, near.solid),
    ):
        n = len(solid)
        assert grid.yaw == 0.0
        middle = grid @ Pose(0.5 * n * resolution_, 0.5 * n * resolution_)
        assert middle.distance(Pose(*place)) <= 1.5 * resolution_
        r, c = np.mgrid[:n, :n]
        x, y = grid.x + (c + 0.5) * resolution_, grid.y + (r + 0.5) * resolution_
        row, column = np.floor(y / 0.1).astype(int), np.floor(x / 0.1).astype(int)
        on = (row >= 0) & (row < 40) & (column >= 0) & (column < 60)
        truth = np.ones((n, n), bool)
        truth[on] = coarse_home(0.1)[row[on], column[on]] > 0
        missing, extra = truth & ~solid, solid & ~truth
        assert not missing.any()
        # inner corners may be filled by one near cell: interpolation rounds them, on the safe side
        assert extra.sum() <= 12


def test_the_local_map_takes_in_what_was_seen_and_forgets_it() -> None:
    static = clearance_grid(HOME)
    layer = ScanLayer(static, EXPLAINED)
    layer.add(look(BOXED, AT, 1.0), AT, NOBODY)
    seen = local_map(static, layer, AT, 1.0)
    column, row = ((np.array([3.525, 2.125]) - (seen.origin.x, seen.origin.y)) / seen.resolution).astype(int)
    assert seen.clearance[row, column] < 0.0 and seen.stamp == 1.0
    later = local_map(static, layer, AT, 1.0 + MEMORY + 0.1)
    assert later.clearance[row, column] > 0.5


def test_the_near_map_forgets_sooner() -> None:
    static = clearance_grid(HOME)
    layer = ScanLayer(static, EXPLAINED, SCALE)
    at = Pose(3.0, 2.0)
    layer.add(look(BOXED, at, 1.0), at, NOBODY)
    empty = near_map(static, ScanLayer(static, EXPLAINED, SCALE), at, 1.0)
    assert (near_map(static, layer, at, 1.0).solid & ~empty.solid).sum() > 5
    assert (near_map(static, layer, at, 1.1 + NEAR_MEMORY).solid == empty.solid).all()


# -- people ----------------------------------------------------------------------------------------------

ORIGIN = Pose(0.0, 0.0)


def frame(stamp: float, *points: tuple[float, float]) -> Detections:
    return Detections(stamp, np.array(points, dtype=np.float64).reshape(-1, 2), 0.05)


def nearest(tracks: tuple[Track, ...], x: float, y: float) -> Track:
    return min(tracks, key=lambda t: math.hypot(t.position[0] - x, t.position[1] - y))


def test_nobody_seen_gives_no_track() -> None:
    tracker = PeopleTracker(None)
    assert tracker.update(frame(0.0), ORIGIN) == ()
    assert len(tracker.update(frame(0.1, (2.0, 0.0)), ORIGIN)) == 1
    assert len(tracker.update(frame(0.2), ORIGIN)) == 1  # missed once


def test_velocity_converges_and_is_in_odom_whatever_the_robot_does() -> None:
    rng = np.random.default_rng(2)
    tracker = PeopleTracker(None)
    robot = Pose(0.0, 0.0)
    for k in range(30):
        robot = robot.advance(0.5, 0.6, 0.1)
        point = np.array([[4.0 - 0.08 * k, 1.0 + 0.03 * k]]) + rng.normal(0.0, 0.05, (1, 2))
        base = robot.inverse().transform(point)
        tracks = tracker.update(Detections(0.1 * k, base, 0.05), robot)
    assert len(tracks) == 1
    assert np.abs(tracks[0].velocity - (-0.8, 0.3)).max() < 0.1
    assert np.abs(tracks[0].position - (4.0 - 2.32, 1.0 + 0.87)).max() < 0.08
    assert tracks[0].age == pytest.approx(2.9) and tracks[0].sensed == pytest.approx(2.9)


def test_identity_is_kept_through_a_crossing_and_misses() -> None:
    rng = np.random.default_rng(3)
    tracker = PeopleTracker(None)
    first: dict[str, int] = {}
    for k in range(60):
        t = 0.1 * k
        a, b = (1.0 + 0.7 * t, 0.0), (5.0 - 0.7 * t, 0.25)
        seen = [p for p in (a, b) if rng.random() > 0.1]
        noisy = [(x + rng.normal(0.0, 0.05), y + rng.normal(0.0, 0.05)) for x, y in seen]
        rng.shuffle(noisy)
        tracks = tracker.update(frame(t, *noisy), ORIGIN)
        if k == 10:
            first = {"a": nearest(tracks, *a).identity, "b": nearest(tracks, *b).identity}
    assert first["a"] != first["b"]
    assert nearest(tracks, *a).identity == first["a"] and nearest(tracks, *b).identity == first["b"]
    assert len(tracks) == 2


def test_a_false_start_is_forgotten_and_its_number_not_used_again() -> None:
    tracker = PeopleTracker(None)
    (ghost,) = tracker.update(frame(0.0, (3.0, 0.0)), ORIGIN)
    assert tracker.update(frame(FORGET + 0.01), ORIGIN) == ()
    (person,) = tracker.update(frame(FORGET + 0.1, (3.0, 0.0)), ORIGIN)
    assert person.identity != ghost.identity and person.age == 0.0


def test_a_stranger_far_away_does_not_swap_two_who_stand_together() -> None:
    tracker = PeopleTracker(None)
    for k in range(20):
        tracks = tracker.update(frame(0.1 * k, (2.0, 0.0), (2.0, 0.25)), ORIGIN)
    left, right = nearest(tracks, 2.0, 0.0), nearest(tracks, 2.0, 0.25)
    tracks = tracker.update(frame(2.0, (2.0, 0.05), (2.0, -4.0)), ORIGIN)  # one is missed, a stranger turns up
    after = {t.identity: t for t in tracks}
    assert after[left.identity].sensed == 2.0 and after[right.identity].sensed == pytest.approx(1.9)


def test_who_leaves_the_view_is_remembered_where_they_were() -> None:
    tracker = PeopleTracker(Detector(range_max=6.0, field_of_view_deg=120.0))
    for k in range(10):
        tracks = tracker.update(frame(0.1 * k, (2.0, 0.06 * k)), ORIGIN)
    away = Pose(0.0, 0.0, math.pi)
    for k in range(10, 50):
        tracks = tracker.update(frame(0.1 * k), away)
    assert len(tracks) == 1 and tracks[0].sensed == pytest.approx(0.9)
    assert 0.5 < tracks[0].position[1] < 1.6  # not walked off to nowhere
    for k in range(50, 150):
        tracks = tracker.update(frame(0.1 * k), away)
    assert tracks == ()


def test_who_is_looked_for_and_not_there_is_forgotten_soon() -> None:
    tracker = PeopleTracker(Detector(range_max=6.0, field_of_view_deg=120.0))
    tracker.update(frame(0.0, (2.0, 0.0)), ORIGIN)
    for k in range(1, 13):
        tracks = tracker.update(frame(0.1 * k), ORIGIN)
    assert tracks == ()


@given(
    st.lists(
        st.tuples(
            st.floats(0.02, 0.5),
            st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), max_size=4),
            st.floats(0.01, 0.5),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_covariances_stay_positive_definite(frames: list[tuple[float, list[tuple[float, float]], float]]) -> None:
    tracker, stamp = PeopleTracker(None), 0.0
    for gap, points, std in frames:
        stamp += gap
        tracks = tracker.update(Detections(stamp, np.array(points).reshape(-1, 2), std), ORIGIN)
        assert len({t.identity for t in tracks}) == len(tracks)
        for t in tracks:
            assert np.allclose(t.state.covariance, t.state.covariance.T, atol=1e-12)
            assert np.linalg.eigvalsh(t.state.covariance).min() > 0.0
