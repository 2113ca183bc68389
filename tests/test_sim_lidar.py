"""The simulated lidar: its noise, what it leaves out, whom it shows; its ranges are those of the map's walls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from intervals import mean_fits, rms_fits, share_fits, variance_fits
from pavane.core.geometry import Pose
from pavane.core.robot import Lidar
from pavane.maps import FREE, OccupancyMap, load_map
from pavane.numerics.raycast import cast_rays
from pavane.sim.sensors import LidarSettings, Scene, StillHome
from pavane.sim.sensors.lidar import LidarSensor
from ray_twin import ranges_between
from sensor_scenes import ABSENT, ROOM, scene

AROUND = Lidar(range_max=5.0, field_of_view_deg=360.0, rays=180, x=0.1, yaw_deg=20.0)
NOBODY = np.zeros((0, 3))


def lidar(mount: Lidar = AROUND, seed: int = 1, **settings: object) -> LidarSensor:
    return LidarSensor(mount, LidarSettings(**{"range_std": 0.0, **settings}), np.random.default_rng(seed))


def ranges(sensor: LidarSensor, view: Scene) -> np.ndarray:
    reading = sensor.read(view, view.stamp)
    assert reading is not None
    return reading.message.ranges


def true_ranges(view: Scene, mount: Lidar = AROUND) -> np.ndarray:
    return ranges(lidar(mount), view)


def test_a_fan_looks_where_it_is_mounted() -> None:
    fan = Lidar(range_max=9.0, field_of_view_deg=90.0, rays=3, x=0.1, yaw_deg=-45.0)
    reading = lidar(fan).read(scene(pose=Pose(2.0, 2.0, np.pi / 2)), 1.5)
    assert reading is not None and reading.message.stamp == 1.5
    np.testing.assert_allclose(reading.message.ranges, [4.0, 1.9 * np.sqrt(2.0), 1.9], atol=1e-9)


@pytest.mark.parametrize(("std", "share"), [(0.02, 0.0), (0.0, 0.02), (0.01, 0.03)])
def test_noise_has_the_stated_spread_and_no_bias(std: float, share: float) -> None:
    view = scene()
    sensor, true = lidar(range_std=std, range_std_share=share), true_ranges(view)
    errors = np.concatenate([(ranges(sensor, view) - true) / np.hypot(std, share * true) for _ in range(60)])
    assert mean_fits(errors, 0.0)
    assert variance_fits(errors, 1.0)


def test_a_bias_shifts_every_range() -> None:
    view = scene()
    errors = ranges(lidar(range_std=0.02, range_bias=0.05), view) - true_ranges(view)
    assert mean_fits(errors, 0.05)


def test_ranges_come_in_steps_of_the_resolution() -> None:
    view = scene()
    coarse = ranges(lidar(range_resolution=0.05), view)
    assert np.abs(coarse / 0.05 - np.round(coarse / 0.05)).max() < 1e-9
    assert np.abs(coarse - true_ranges(view)).max() <= 0.025 + 1e-9


def test_what_is_too_near_gives_no_answer() -> None:
    view = scene(pose=Pose(0.3, 2.0, 0.0))
    true, seen = true_ranges(view), ranges(lidar(range_min=0.8), view)
    assert (true < 0.8).any() and (np.isnan(seen) == (true < 0.8)).all()


def test_what_is_too_far_is_infinite_and_stays_so_under_noise() -> None:
    short = Lidar(range_max=1.5, field_of_view_deg=360.0, rays=180)
    seen = ranges(lidar(short, range_std=0.05, range_bias=0.1), scene())
    assert (np.isinf(seen) == np.isinf(true_ranges(scene(), short))).all() and np.isinf(seen).any()


def test_the_stated_share_of_rays_has_no_answer() -> None:
    view, sensor = scene(), lidar(ray_dropout=0.07)
    lost = np.isnan([ranges(sensor, view) for _ in range(60)])
    assert share_fits(lost.sum(), lost.size, 0.07)


def test_a_scan_without_any_answer_is_not_sent() -> None:
    assert lidar(ray_dropout=1.0).read(scene(), 0.0) is None


def test_dark_clothes_swallow_the_stated_share() -> None:
    view, sensor = scene(people=[(3.0, 2.3)]), lidar(absorbed=0.3)
    on_person = true_ranges(view) < true_ranges(scene()) - 1e-9
    scans = np.array([ranges(sensor, view) for _ in range(1000)])
    assert share_fits(np.isinf(scans[:, on_person]).sum(), scans[:, on_person].size, 0.3)
    assert np.isfinite(scans[:, ~on_person]).all()


def test_glass_lets_rays_through() -> None:
    opaque = ROOM.opaque.copy()
    opaque[:, 81] = True
    wall = scene(home=StillHome(opaque, ROOM.frame))
    opaque = opaque.copy()
    opaque[30:60, 81] = False  # a pane
    pane = scene(home=StillHome(opaque, ROOM.frame))
    assert true_ranges(wall).max() < true_ranges(pane).max()
    ahead = np.isclose(true_ranges(pane), true_ranges(scene()))
    assert ahead.sum() > np.isclose(true_ranges(wall), true_ranges(scene())).sum()


@pytest.mark.parametrize(("away", "seen"), [(0.7, True), (0.95, True), (1.05, False), (2.0, False)])
def test_low_things_are_seen_from_near_only(away: float, seen: bool) -> None:
    view = Pose(2.0, 2.0, 0.3)
    eye = view @ AROUND.mount
    toy = np.array([[eye.x + away + 0.1, eye.y, 0.1, 1.0]])  # its near edge is `away` from the lidar
    with_toy = scene(pose=view, home=StillHome(ROOM.opaque, ROOM.frame, toy))
    nearer = true_ranges(with_toy) < true_ranges(scene(pose=view)) - 1e-9
    assert nearer.any() == seen
    reading = lidar().read(with_toy, 0.0)
    assert reading is not None and reading.seen == ()


def test_a_scan_names_those_whom_two_rays_or_more_show() -> None:
    people = [(3.0, 2.3), ABSENT, (3.9, 2.6), (1.0, 2.0), (2.1, 3.9)]  # the third stands behind the first
    view = scene(people=people)
    reading = lidar().read(view, 0.0)
    assert reading is not None and reading.seen == (0, 3, 4)
    for person in (0, 3, 4):
        without = scene(people=[ABSENT if i == person else p for i, p in enumerate(people)])
        assert (true_ranges(without) != true_ranges(view)).sum() >= 2
    few = Lidar(range_max=5.0, field_of_view_deg=360.0, rays=12)
    once = lidar(few).read(scene(pose=Pose(2.0, 2.0), people=[(4.0, 2.0)]), 0.0)
    assert once is not None and once.message.ranges[6] == pytest.approx(1.8) and once.seen == ()


def test_rays_that_are_lost_show_nobody() -> None:
    view = scene(people=[(3.0, 2.3)])
    dark = lidar(absorbed=1.0).read(view, 0.0)
    assert dark is not None and dark.seen == ()
    near = lidar(range_min=2.0).read(view, 0.0)
    assert near is not None and near.seen == ()


def test_somebody_in_view_does_not_change_the_noise_of_the_rest() -> None:
    settings = {"range_std": 0.02, "ray_dropout": 0.1, "absorbed": 0.5}
    one, two = lidar(**settings), lidar(**settings)
    alone, joined = scene(), scene(people=[(3.0, 2.3)])
    rest = true_ranges(alone) == true_ranges(joined)
    for _ in range(5):
        np.testing.assert_array_equal(ranges(one, alone)[rest], ranges(two, joined)[rest])


def test_a_sweep_sees_each_ray_from_where_the_lidar_was() -> None:
    pose, v, omega = Pose(2.0, 2.0, 0.3), 0.8, 1.7
    sensor = lidar(sweep=True, rate=10.0)
    swept = ranges(sensor, scene(pose=pose, v=v, omega=omega))
    angles = 2 * np.pi * np.arange(180) / 180 - np.pi
    for i, age in enumerate(np.linspace(0.1, 0.0, 180)):
        eye = pose.advance(v, omega, -age) @ AROUND.mount
        expected = cast_rays(ROOM.opaque, *ROOM.frame, eye.x, eye.y, eye.yaw + angles[i : i + 1], 5.0, NOBODY)
        assert swept[i] == pytest.approx(expected[0], abs=1e-9)
    np.testing.assert_allclose(ranges(sensor, scene(pose=pose)), true_ranges(scene(pose=pose)), atol=1e-9)


# -- real homes and maps ---------------------------------------------------------------------------------------------


def places(home: OccupancyMap, count: int, rng: np.random.Generator) -> list[Pose]:
    """Free places at least 0.3 m from what is solid, not on the lattice of the cells."""
    resolution, origin = home.grid.resolution, home.grid.origin
    wide = ndimage.distance_transform_edt(home.grid.data == FREE) * resolution > 0.3
    cells = rng.permutation(np.argwhere(wide))[:count] + rng.random((count, 2))
    return [
        Pose(origin.x + c * resolution, origin.y + r * resolution, rng.uniform(-np.pi, np.pi)) for r, c in cells
    ]  # fmt: skip


def to_the_walls(home: OccupancyMap, eye: Pose, angles: np.ndarray, range_max: float) -> np.ndarray:
    """What the twin says of the solid cells of the map within reach."""
    resolution, origin = home.grid.resolution, home.grid.origin
    reach = int(range_max / resolution) + 2
    solid = np.pad(home.grid.data != FREE, reach, constant_values=True)
    column, row = (int((a - o) / resolution) for a, o in ((eye.x, origin.x), (eye.y, origin.y)))
    window = solid[row : row + 2 * reach + 1, column : column + 2 * reach + 1]
    # only the rim of what is solid can stop a ray from outside
    window = window & ~ndimage.binary_erosion(window, np.ones((3, 3)))
    corner = (origin.x + (column - reach) * resolution, origin.y + (row - reach) * resolution)
    between = ranges_between(window, resolution, corner, eye.x, eye.y, eye.yaw + angles, NOBODY)
    return between.through


MAPS = [
    "homes/flatA_s8", "homes/homeB_s5_large", "homes/homeC_s6", "homes/homeD_1c",
    "ros_maps/aws_small_house", "ros_maps/iai_apartment", "ros_maps/willow_2010",
]  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_scans_in_real_homes_fit_the_map_s_walls_up_to_the_set_noise(data: Path, name: str) -> None:
    home = load_map(data / f"{name}.yaml")
    rng = np.random.default_rng(7)
    fan = Lidar(range_max=4.0, field_of_view_deg=360.0, rays=90)
    sensor, still, errors = lidar(fan, range_std=0.013), StillHome.of(home), []
    for pose in places(home, 8, rng):
        reading = sensor.read(scene(pose=pose, home=still), 0.0)
        assert reading is not None
        true = to_the_walls(home, pose, reading.message.angles, fan.range_max)
        assert (np.isinf(reading.message.ranges) == (true > fan.range_max)).all()
        errors.append((reading.message.ranges - true)[true <= fan.range_max])
    found = np.concatenate(errors)
    assert len(found) > 300
    assert rms_fits(found, 0.013)
