"""One drive through a simulated home, with a stop-watch on what the robot's computer does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from pavane.bench.runner.report import Figure, figure
from pavane.core.arrays import Floats
from pavane.core.compute import Compute, ComputeTimes, Job
from pavane.core.errors import BadSetting
from pavane.core.executor import LockStep, Pending
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Task
from pavane.drive import drive
from pavane.drive_log import Run
from pavane.maps import OccupancyMap
from pavane.navigator import WARNED, Listener, MakePlanner, Navigator, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record import Journal, recorded_navigator
from pavane.sim import PersonSpec, World, WorldSettings, crowd

SETTINGS = WorldSettings()  # of every world that is driven in: localization and odometry are exact
WARM = 50  # reactive ticks that are not timed: they load compiled code


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A drive and how long its computing took, wall time.

    Args:
        run: what happened.
        cycle_ms: (C,) each planning cycle, belief in to plan out; the first, which may compile, is left out.
        reflex_ms: (R,) each reactive tick, messages in to command out, without the cycles; not the first second.
        wall_seconds: the whole loop, simulator included.
    """

    run: Run
    cycle_ms: Floats
    reflex_ms: Floats
    wall_seconds: float


def perceiving(robot: RobotProfile, latency: float | None) -> RobotProfile:
    """The profile with another perception latency, s; None leaves it as it is."""
    if latency is None:
        return robot
    if not 0.0 <= latency <= 1.0:
        raise BadSetting("latency is out of range", value=latency, limit="0 to 1 s")
    changed = msgspec.structs.replace(robot.latency, perception=latency)
    return msgspec.structs.replace(robot, latency=changed)


def carry_out(
    home: OccupancyMap,
    robot: RobotProfile,
    start: Pose,
    tasks: Sequence[Task],
    *,
    seed: int,
    seconds: float,
    people: int = 0,
    snapshot_every: float = 0.0,
    progress: Callable[[Navigator, float], None] | None = None,
    planner: MakePlanner = TrajectoryPlanner,
    journal: Journal | None = None,
) -> Outcome:
    """Drive through a home with wandering people who make room.

    Args:
        home: the map, and the truth: what is unknown is solid.
        robot: its latencies are the true ones.
        start: map_from_base.
        tasks: one after another.
        seed: of all noise, of the people and of the planner.
        seconds: most simulated seconds for each task.
        people: how many.
        snapshot_every: how often a planning cycle is kept in full, s; 0 never.
        progress: called now and then with the navigator and the simulated time.
        planner: makes the trajectory planner.
        journal: keeps the drive.

    Raises:
        BadGoal: start or goal cannot be stood on.
        BadSetting: the home has no room for so many people.
    """
    cycles = _Cycles()
    reflexes = _Reflexes(cycles)
    navigator = recorded_navigator(
        robot, home, journal=journal, executor=cycles.background, strategies=Strategies(planner),
        listeners=(*WARNED, cycles), seed=seed,
    )  # fmt: skip
    world = World(home, robot, start, _present(home, people, start, seed), seed=seed, settings=SETTINGS)
    began = time.perf_counter()
    run = drive(
        navigator, world, tasks, seconds=seconds, compute=reflexes, snapshot_every=snapshot_every,
        progress=None if progress is None else lambda now: progress(navigator, now),
    )  # fmt: skip
    wall = time.perf_counter() - began
    return Outcome(run, np.array(cycles.cycle_ms[1:]), np.array(reflexes.reflex_ms[WARM:]), wall)


def most_people(home: OccupancyMap, wanted: int, start: Pose, seed: int) -> int:
    """How many people, of those that are wanted, ``carry_out`` finds room for.

    Args:
        home: the map.
        wanted: at least 0.
        start: map_from_base of the robot.
        seed: that the drive will have.
    """
    for people in range(wanted, 0, -1):
        try:
            _present(home, people, start, seed)
        except BadSetting:  # of a number that is not negative it says nothing but that there is no room
            continue
        return people
    return 0


def conditions(robot: RobotProfile) -> dict[str, Figure]:
    """What a drive is made easy or hard by, for a report."""
    late = SETTINGS.detector.latency
    perception = robot.latency.perception if late is None else late
    return {
        "perception_latency_s": figure(perception, 3),
        "localization_std_m": figure(SETTINGS.localization.std),
        "odometry_scale": figure(2.0 / (SETTINGS.plant.left_scale + SETTINGS.plant.right_scale)),
    }


def _present(home: OccupancyMap, people: int, start: Pose, seed: int) -> list[PersonSpec]:
    return crowd(home, people, np.random.default_rng([seed, people]), avoid=start)


class _Cycles(Listener):
    """Notes the wall time of each planning cycle of a navigator in lock-step, ms.

    A cycle is everything between the newest messages and the plan (belief, window, fast-forward, search, gaze) but
    not routing, which runs in the background: the navigator's executor.
    """

    def __init__(self) -> None:
        self.background = _Routing()
        self.cycle_ms: list[float] = []
        self.in_tick = 0.0  # ms of the cycle in this tick, routing included
        self._began = 0.0

    def cycle_began(self) -> None:
        """See :class:`pavane.navigator.Listener`."""
        self.background.seconds = 0.0
        self._began = time.perf_counter()

    def cycle_ended(self) -> None:
        """See :class:`pavane.navigator.Listener`."""
        self.in_tick = 1e3 * (time.perf_counter() - self._began)
        self.cycle_ms.append(self.in_tick - 1e3 * self.background.seconds)


class _Reflexes(Compute):
    """Has reactive ticks computed in no simulated time, and notes the wall time of each, ms.

    That is everything that runs in the navigator's thread but the cycles: taking in the messages since the tick
    before, the scan into the near map among them; taking over what background work has finished, the scan into the
    local map among it; following the plan, cutting out the near map, the guard; and recording where there is a journal.
    """

    def __init__(self, cycles: _Cycles) -> None:
        super().__init__(ComputeTimes(), rng=np.random.default_rng(0))
        self._cycles = cycles
        self.reflex_ms: list[float] = []

    def run(self, lane: str, job: Callable[[], Any], now: float, promised: float) -> Job:
        """See :class:`pavane.core.compute.Compute`."""

        def timed() -> Any:
            self._cycles.in_tick = 0.0
            began = time.perf_counter()
            command = job()
            self.reflex_ms.append(1e3 * (time.perf_counter() - began) - self._cycles.in_tick)
            return command

        return super().run(lane, timed, now, promised)


class _Routing(LockStep):
    """Lock-step that notes the wall time of routing, s."""

    seconds = 0.0

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """See :class:`pavane.core.executor.Executor`."""
        began = time.perf_counter()
        pending = super().submit(lane, job, now, seconds)
        if lane == "routing":
            self.seconds += time.perf_counter() - began
        return pending
