"""What moves, told from the lidar alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pavane.core.geometry import Pose
from pavane.core.messages import Scan
from pavane.perception.scan_motion import APART, MARGIN, REACH, Movers
from ray_twin import _to_discs, _to_squares

RATE, STD = 20.0, 0.01
FIELD, RAYS = math.pi, 180
MOUNT, ORIGIN = Pose(0.1, 0.0), Pose(0.0, 0.0)
BOX = np.array([[-3.0, -3.0, -2.9, 3.0], [-3.0, -3.0, 3.0, -2.9], [2.9, -3.0, 3.0, 3.0], [-3.0, 2.9, 3.0, 3.0]])
CHAIR = np.array([[1.0, 0.6, 0.02], [1.0, 0.95, 0.02], [1.35, 0.6, 0.02], [1.35, 0.95, 0.02]])  # its legs


def scan(stamp: float, at: Pose, discs: np.ndarray, rng: np.random.Generator, *, backwards: bool = False) -> Scan:
    """A scan in a room of 6 x 6 m with discs (N, 3) in it."""
    first, step = (0.5 * FIELD, -FIELD / (RAYS - 1)) if backwards else (-0.5 * FIELD, FIELD / (RAYS - 1))
    sensor = at @ MOUNT
    angles = sensor.yaw + first + step * np.arange(RAYS)
    ranges = np.minimum(
        _to_squares(BOX[:, :2], BOX[:, 2:], sensor.x, sensor.y, angles),
        _to_discs(discs, sensor.x, sensor.y, angles),
    )
    ranges = np.where(ranges < 5.0, np.maximum(ranges + rng.normal(0.0, STD, RAYS), 0.0), np.inf)
    return Scan(stamp, first, step, ranges, 5.0, MOUNT)


def watch(
    start: tuple[float, float], velocity: tuple[float, float], *, v: float = 0.0, omega: float = 0.0,
    others: np.ndarray = CHAIR[:0], seed: int = 0, backwards: bool = False, map_from_odom: Pose = ORIGIN,
) -> np.ndarray:  # fmt: skip
    """What is found to move after 0.6 s of somebody's walk, the robot driving along an arc."""
    movers, rng = Movers(STD), np.random.default_rng(seed)
    for k in range(13):
        t = k / RATE
        somebody = np.array([[start[0] + t * velocity[0], start[1] + t * velocity[1], 0.2]])
        at = ORIGIN.advance(v, omega, t)
        movers.add(scan(t, at, np.concatenate([somebody, others]), rng, backwards=backwards), at)
    return movers.at(0.6, map_from_odom)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    "velocity", [(-1.0, 0.0), (-0.3, 0.0), (0.0, 1.0), (0.0, -1.0), (-0.8, 0.8), (-0.4, -1.2)]
)  # fmt: skip
def test_somebody_who_comes_is_found_with_their_velocity(velocity: tuple[float, float], backwards: bool) -> None:
    start = (1.4 - 0.6 * velocity[0], -0.6 * velocity[1])
    found = watch(start, velocity, backwards=backwards)
    assert len(found) >= 6
    assert np.all(np.abs(np.hypot(found[:, 0] - 1.4, found[:, 1]) - 0.2) < 5 * STD)
    assert np.hypot(*(np.median(found[:, 2:], axis=0) - velocity)) < 0.35 * np.hypot(*velocity)


@pytest.mark.parametrize(("v", "omega"), [(0.0, 0.0), (0.9, 0.0), (0.4, 1.2), (0.0, -2.0)])
def test_nothing_moves_among_what_stands(v: float, omega: float) -> None:
    """Somebody who stands, a chair and walls, seen from a robot that drives and turns, with noise."""
    for seed in range(25):
        found = watch((1.6, -0.5), (0.0, 0.0), v=v, omega=omega, others=CHAIR, seed=seed)
        assert len(found) == 0


def test_who_goes_away_is_no_matter() -> None:
    assert len(watch((0.8, 0.0), (1.0, 0.0))) == 0


def test_a_thing_that_was_not_seen_before_has_not_come() -> None:
    """A wall comes into view as the robot turns; somebody steps out of what the lidar does not see through."""
    assert len(watch((-1.0, 0.3), (0.0, 0.0), omega=-2.0)) == 0
    cupboard = np.array([[0.9, 0.0, 0.25]])
    found = watch((1.45, 0.0), (0.0, 0.0), others=cupboard)
    assert len(found) == 0


def test_returns_are_where_they_will_be_in_the_map() -> None:
    plain = watch((2.0, 0.2), (-1.0, 0.0))
    there = Pose(4.0, -1.0, 1.1)
    placed = watch((2.0, 0.2), (-1.0, 0.0), map_from_odom=there)
    assert np.allclose(placed[:, :2], there.transform(plain[:, :2]))
    assert np.allclose(placed[:, 2:], there.rotate(plain[:, 2:]))
    movers, rng = Movers(STD), np.random.default_rng(0)
    for k in range(13):
        at = np.array([[2.0 - k / RATE, 0.2, 0.2]])
        movers.add(scan(k / RATE, ORIGIN, at, rng), ORIGIN)
    now, soon = movers.at(0.6, ORIGIN), movers.at(0.8, ORIGIN)
    assert np.allclose(soon[:, :2] - now[:, :2], 0.2 * now[:, 2:])


def test_it_takes_two_scans_that_are_apart_and_no_gap_between_them() -> None:
    movers, rng = Movers(STD), np.random.default_rng(0)
    assert len(movers.at(0.0, ORIGIN)) == 0
    for stamp, x in ((0.0, 1.6), (0.1, 1.5), (3.0, 1.2)):
        movers.add(scan(stamp, ORIGIN, np.array([[x, 0.0, 0.2]]), rng), ORIGIN)
        assert len(movers.at(stamp, ORIGIN)) == 0
    assert min(APART) > 0.1


def test_a_robot_that_is_elsewhere_than_it_thinks_tells_nothing() -> None:
    movers, rng = Movers(STD), np.random.default_rng(0)
    for k in range(13):
        carried = Pose(0.9 + 0.03 * k, 0.0)  # towards a wall, and odometry knows nothing of it
        movers.add(scan(k / RATE, carried, CHAIR[:0], rng), ORIGIN)
    assert len(movers.at(0.6, ORIGIN)) == 0


@pytest.mark.parametrize("others", [CHAIR[:0], np.array([[0.75, 0.5, 0.2]])])
def test_somebody_who_is_all_that_is_near_is_found(others: np.ndarray) -> None:
    """Close up they are most of what the lidar meets, and many rays of it."""
    found = watch((0.86, 0.0), (-0.8, 0.0), others=others)
    assert len(found) > 60
    assert np.hypot(*(np.median(found[:, 2:], axis=0) - (-0.8, 0.0))) < 0.3


def test_far_things_and_rays_without_an_answer_are_left_out() -> None:
    assert len(watch((REACH + 0.9, 0.0), (-0.5, 0.0))) == 0
    movers, rng = Movers(STD), np.random.default_rng(0)
    for k in range(13):
        one = scan(k / RATE, ORIGIN, np.array([[2.0 - k / RATE, 0.0, 0.2]]), rng)
        deaf = one.ranges.copy()
        deaf[::2] = np.nan
        movers.add(Scan(one.stamp, one.angle_min, one.angle_increment, deaf, 5.0, MOUNT), ORIGIN)
    assert len(movers.at(0.6, ORIGIN)) == 0  # no three rays side by side know anything
    assert MARGIN >= 0.03
