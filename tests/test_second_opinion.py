"""The same scenes with MuJoCo's physics and in ir-sim: the navigator, unchanged, reaches its goals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pavane import GoTo, Navigator, Pose, RobotProfile, Status
from pavane.bench.metrics.drive_metrics import NEAR, TURNED, arrival, person_gaps
from pavane.core.messages import Scan
from pavane.core.plan import Command
from pavane.drive import drive
from pavane.maps import OccupancyMap, load_map, make_map
from pavane.sim import PersonSpec, PlantSettings, World, WorldSettings
from pavane.sim.scenario import SCENARIOS

pytestmark = pytest.mark.second_opinion
ROBOT = RobotProfile.load("round")
SECONDS = 45.0


class Scene(NamedTuple):
    """A home, where the robot starts and goes, and how somebody walks."""

    home: str
    start: Pose
    goals: tuple[Pose, ...]
    walk: tuple[tuple[float, float], tuple[float, float], float] | None = None

    def load(self) -> OccupancyMap:
        """Its home."""
        return CORRIDOR if self.home == "corridor" else load_map(SCENARIOS / "homes" / f"{self.home}.yaml")


CORRIDOR = make_map(
    {"schema": 1, "name": "corridor", "walls": [{"points": [[0, 0], [12, 0], [12, 2], [0, 2], [0, 0]]}]}, "corridor"
)  # 2 m wide
SCENES = {
    "door": Scene("two_rooms", Pose(1.2, 2.8, 0.0), (Pose(6.8, 3.2, 0.0),)),
    "furniture": Scene("room", Pose(1.0, 3.0, 0.0), (Pose(7.0, 3.0, 0.0), Pose(3.5, 0.8, -math.pi / 2))),
    "crossing": Scene("hall", Pose(1.5, 4.0, 0.0), (Pose(10.5, 4.0, 0.0),), ((6.5, 7.2), (6.5, 0.8), 0.6)),
    "oncoming": Scene("corridor", Pose(1.0, 1.0, 0.0), (Pose(11.0, 1.0, 0.0),), ((11.4, 1.3), (0.6, 1.3), 0.8)),
}


@pytest.mark.parametrize("name", SCENES)
def test_with_mujocos_physics(name: str) -> None:
    pytest.importorskip("mujoco", reason="needs the extra mujoco")
    scene = SCENES[name]
    home = scene.load()
    walk = scene.walk
    people = [] if walk is None else [PersonSpec(start=walk[0], goals=(walk[1],), speed=walk[2], kind="stubborn")]
    settings = WorldSettings(plant=PlantSettings(engine="mujoco"))
    world = World(home, ROBOT, scene.start, people, seed=1, settings=settings)
    run = drive(Navigator(ROBOT, home), world, [GoTo(goal) for goal in scene.goals], seconds=SECONDS)
    assert [arrival(run, goal).reached for goal in run.goals] == [True] * len(scene.goals)
    assert not run.contacts
    if people:
        assert person_gaps(run).min() > 0.0


@pytest.mark.parametrize("name", SCENES)
def test_in_ir_sim(name: str, tmp_path: Path) -> None:
    pytest.importorskip("irsim", reason="needs the extra irsim")
    from irsim_world import IrSimWorld

    scene = SCENES[name]
    home = scene.load()
    world = IrSimWorld(home, ROBOT, scene.start, scene.walk, tmp_path)
    navigator = Navigator(ROBOT, home)
    for goal in scene.goals:
        navigator.request(GoTo(goal))
        end = world.time + SECONDS
        while navigator.status is not Status.REACHED and world.time < end:
            for message in world.receive():
                navigator.observe(message)
            world.send(navigator.step(world.time))
            world.step()
        assert world.pose.distance(goal) <= NEAR
        assert abs(math.remainder(world.pose.yaw - goal.yaw, 2.0 * math.pi)) <= TURNED
        assert abs(world.speeds[0]) < 0.02
    assert world.contacts == 0


def test_ir_sim_would_tell_of_a_contact(tmp_path: Path) -> None:
    pytest.importorskip("irsim", reason="needs the extra irsim")
    from irsim_world import IrSimWorld

    world = IrSimWorld(load_map(SCENARIOS / "homes" / "room.yaml"), ROBOT, Pose(1.0, 4.2, 0.0), None, tmp_path)
    while world.time < 6.0:
        world.send(Command(world.time, 0.6, 0.0))
        world.step()
    assert world.contacts == 1
    assert world.pose.x < 4.0 - 0.35 - 0.17 + 0.03  # before the coffee table


def test_ir_sim_would_tell_of_a_contact_with_the_person(tmp_path: Path) -> None:
    pytest.importorskip("irsim", reason="needs the extra irsim")
    from irsim_world import IrSimWorld

    scene = SCENES["crossing"]
    home = scene.load()
    world = IrSimWorld(home, ROBOT, Pose(6.5, 4.0, 0.0), scene.walk, tmp_path)
    while world.time < 6.0:
        world.step()
    assert world.contacts == 1


def test_ir_sims_lidar_becomes_our_scan_and_repeats(tmp_path: Path) -> None:
    pytest.importorskip("irsim", reason="needs the extra irsim")
    from irsim_world import IrSimWorld

    home = load_map(SCENARIOS / "homes" / "hall.yaml")
    scans = []
    for _ in range(2):
        world = IrSimWorld(home, ROBOT, Pose(1.5, 5.5, 0.0), None, tmp_path)
        for _ in range(5):
            world.step()
        scans.append(next(message for message in world.receive() if isinstance(message, Scan)))
    first, again = scans
    assert np.array_equal(first.ranges, again.ranges)
    right, ahead, left = first.ranges[[0, len(first.ranges) // 2, -1]]
    assert left == pytest.approx(7.94 - 5.5, abs=0.05)  # the north wall; the south and east ones are too far away
    assert right == ahead == math.inf
