"""The study of the simulator; and that it repeats to the bit, however many processes share the work."""

from __future__ import annotations

import hashlib
import math
from dataclasses import asdict
from types import SimpleNamespace

import numpy as np
import pytest

from pavane.bench.runner.report import write_report
from pavane.bench.runner.workers import in_workers
from pavane.bench.studies.simulator import (  # fmt: skip
    FOLDER,
    HERE,
    LIDAR,
    PEOPLE,
    REST,
    ROOMS,
    ROUND,
    SENSORS,
    Steering,
    Timing,
    drive_round,
    report,
    way_round,
)
from pavane.bench.studies.simulator import _part as part_of
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Scan
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.maps import load_map
from pavane.maps.clearance import clearance_grid
from pavane.sim import LidarSettings, LocalizationSettings, World, WorldSettings, crowd

NAMED = {"steps_per_second", "realtime_factor_no_planner", "peak_memory_mb"}


def test_the_report_has_the_promised_keys(tmp_path):
    samples = {"people": 60, LIDAR: 30, HERE: 10}
    timing = Timing(
        seconds=10.0, wall_seconds=0.1, ticks=2000, peak_mb=200.0, imports_mb=120.0, contacts=0, distance=4.8,
        samples=samples,
    )  # fmt: skip
    summary, rows = report(timing)
    assert set(summary) >= NAMED
    assert summary["steps_per_second"] == 20000.0
    assert summary["realtime_factor_no_planner"] == 100.0
    assert (summary["people"], summary["lidar_rays"], summary["lidar_hz"]) == (6, 180, 20.0)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1.0)
    assert sum(float(row["ms_per_second"]) for row in rows) == pytest.approx(10.0)  # the wall time of a second
    assert {row["part"]: row["samples"] for row in rows} == dict.fromkeys([*ROOMS.values(), HERE], 0) | samples
    write_report(tmp_path / "sim.json", summary, rows)


def test_a_round_is_driven_and_timed():
    timing = drive_round(6.0)
    assert timing.ticks == 1200
    assert timing.distance > 1.5  # of 3 m at full speed
    assert timing.wall_seconds > 0.0
    assert 50.0 < timing.imports_mb <= timing.peak_mb
    assert set(timing.samples) <= {*ROOMS.values(), HERE}
    assert sum(timing.samples.values()) > 0


def stack(*files: str) -> SimpleNamespace | None:
    """Frames as an interpreter has them, from the outermost file to the innermost."""
    frame = None
    for file in files:
        frame = SimpleNamespace(f_code=SimpleNamespace(co_filename=file), f_back=frame)
    return frame


@pytest.mark.parametrize(
    ("inside", "part"),
    [
        (("world.py", "people/population.py", "people/person.py"), "people"),
        (("world.py", "people/population.py", "contacts.py"), "people"),  # people ask how near the robot is
        (("world.py", "contacts.py"), "contacts"),
        (("world.py", "sensors/suite.py", "sensors/channel.py", "sensors/lidar.py"), LIDAR),
        (("world.py", "sensors/suite.py", "sensors/odometry.py"), SENSORS),
        (("world.py", "sensors/suite.py", "world.py", "people/population.py"), SENSORS),
        (("world.py", "plant.py"), "plant"),
        (("world.py", "home/home.py"), "home"),
        (("world.py",), REST),
        ((), HERE),
    ],
)
def test_time_is_booked_on_the_part_that_the_world_called(inside, part):
    files = ["/bench/simulator.py", *(FOLDER + file for file in inside), "/numpy/core.py"]
    assert part_of(stack(*files)) == part


def test_the_way_keeps_off_the_walls_and_comes_back():
    home, robot = load_map("house"), RobotProfile.load("round")
    places = [home.place(name) for name in ROUND]
    way = way_round(home, robot, places)
    assert clearance_grid(home).sample(way).min() >= robot.shape.circumscribed_radius
    assert np.hypot(*np.diff(way, axis=0).T).max() < 0.0708  # from cell to cell
    for place in places:
        assert np.hypot(*(way - (place.x, place.y)).T).min() < 0.05
    np.testing.assert_array_equal(way[0], way[-1])


def test_steering_goes_round():
    angles = np.linspace(0.0, 2.0 * math.pi, 400)
    wheel, pose = Steering(2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)), Pose(2.0, 0.0, 0.5 * math.pi)
    off = []
    for k in range(3000):
        command = wheel.command(0.02 * k, pose)
        pose = pose.advance(command.v, command.omega, 0.02)
        off.append(abs(math.hypot(pose.x, pose.y) - 2.0))
    assert max(off) < 0.15
    assert wheel.distance > 25.0


# -- the same seed, the same world ------------------------------------------------------------------------------------


def whole_episode(seed: int) -> str:
    """A digest of all that is true and all that is said in four seconds of a noisy world."""
    home, robot = load_map("flat"), RobotProfile.load("round")
    start = home.place("dock")
    noisy = WorldSettings(
        localization=LocalizationSettings(std=0.02, yaw_std=0.01), lidar=LidarSettings(jitter=0.02, dropout=0.1)
    )
    people = crowd(home, 2, np.random.default_rng(seed), avoid=start)
    world = World(home, robot, start, people, seed=seed, settings=noisy)
    said = hashlib.sha256()
    for k in range(200):
        world.send(Command(world.time, 0.3, 0.8 * math.sin(0.05 * k)))
        world.advance(0.02 * (k + 1))
        truth = world.truth
        said.update(truth.people.tobytes() + repr((truth.pose, truth.v, truth.omega, truth.pan)).encode())
        for message in world.receive():
            if isinstance(message, Scan):
                said.update(message.ranges.tobytes())
            elif isinstance(message, Detections):
                said.update(message.positions.tobytes())
            else:
                said.update(repr(asdict(message)).encode())
    said.update(repr(world.contacts).encode())
    return said.hexdigest()


def test_the_number_of_workers_changes_no_episode():
    seeds = [3, 1, 4, 1, 5]
    told: list[str] = []
    alone = in_workers(whole_episode, seeds, 1, told.append)
    assert alone[1] == alone[3]  # the same seed, also within one process
    assert len(set(alone)) == 4
    assert told == alone
    for workers in (2, 3):
        assert in_workers(whole_episode, seeds, workers, told.append) == alone


def test_the_house_has_room_for_all():
    home = load_map("house")
    assert len(crowd(home, PEOPLE, np.random.default_rng(1), avoid=home.place(ROUND[0]))) == PEOPLE
