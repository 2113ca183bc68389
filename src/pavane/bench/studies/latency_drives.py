"""One drive with latency, and with parts of the fast-forward left out: who is met, what is late, what is measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from pavane.bench.metrics.drive_metrics import arrival, measure
from pavane.bench.metrics.violations import follows
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.timed_drive import most_people
from pavane.bench.studies.homes import ROBOT
from pavane.core.arrays import Floats
from pavane.core.compute import Compute, ComputeTimes, Constant
from pavane.core.executor import LockStep
from pavane.core.geometry import Pose
from pavane.core.plan import Command
from pavane.core.robot import Latencies, RobotProfile
from pavane.core.tasks import GoTo
from pavane.drive import Errand, drive
from pavane.drive_log import Run
from pavane.maps import OccupancyMap, load_map
from pavane.maps.ways import draw_chain
from pavane.navigator import Navigator, NavigatorConfig
from pavane.prediction import Forwarding
from pavane.sim import (
    DetectorSettings,
    LidarSettings,
    OdometrySettings,
    PersonSpec,
    PlantSettings,
    World,
    WorldSettings,
    crowd,
)

# How the total divides; a raw scan, which takes a way of its own to the guard, is this share of it old.
PERCEPTION, PLANNING, DEAD_TIME, LAG, SCAN = 0.40, 0.20, 0.25, 0.15, 0.10
USUAL = 250  # ms, what the profile of ``unlearned`` says whatever is true
HALL, START, GOAL = "homes/hall.yaml", Pose(1.5, 4.0), Pose(10.5, 4.0)
ALONG, ACROSS = (4.5, 7.5), (3.7, 4.3)  # m in ``map``, where the ways of people and robot meet
EDGE = 0.5  # m from the walls at which people start and end
PACE, SETTING_OUT = 0.9, 0.9  # m/s, s: about when the robot will be there
PEOPLE = 2  # in homes
HOUSE, WITHIN, SLOWER = "house", 12.0, 0.2  # where bases are learned; s until it becomes slower; by how much, s
LEARN = 10.0  # s of driving in which a delay is to be learned
TASKS, EACH = 4, 6.0  # goals while learning, s for each
IDENTIFY = "identify"

Row = Mapping[str, Figure]


class Variant(NamedTuple):
    """What is fast-forwarded, and whether the profile tells the true latencies."""

    forwarding: Forwarding
    learned: bool = True


ALL = "all"
NOTHING = "none"
VARIANTS = {
    ALL: Variant(Forwarding()),
    NOTHING: Variant(Forwarding(robot=False, people=False)),
    "robot": Variant(Forwarding(people=False)),
    "people": Variant(Forwarding(robot=False)),
    "unlearned": Variant(Forwarding(), learned=False),
}


class LatencyKey(NamedTuple):
    """Which drive it is; ``scene`` is ``encounter`` or a home, ``variant`` also ``identify``."""

    variant: str
    latency_ms: int
    scene: str
    number: int


@dataclass(frozen=True, slots=True)
class LatencyDrive:
    """One drive of the study: everything that a worker needs to know."""

    key: LatencyKey
    seed: int
    source: str
    start: Pose
    goal: Pose
    seconds: float


def key_of(row: Row) -> LatencyKey:
    """Return which drive a row is of."""
    return LatencyKey(str(row["variant"]), int(row["latency_ms"]), str(row["scene"]), int(row["number"]))


def carry_through(job: LatencyDrive) -> dict[str, Figure]:
    """Drive and measure."""
    if job.key.variant == IDENTIFY:
        return {**job.key._asdict(), **_learn(job.seed)}
    run, navigator = drive_late(job)
    metrics, end = measure(run), arrival(run, run.goals[0])
    jump, slope_jump = join_jumps(run)
    delay = run.robot.latency.actuation_delay
    return {
        **job.key._asdict(),
        "reached": int(end.reached),
        "success": int(end.reached and metrics.contacts_avoidable == 0),
        "seconds": figure(run.duration, 2),
        "contacts": metrics.contacts,
        "contacts_by_robot": metrics.contacts_by_robot,
        "contacts_avoidable": metrics.contacts_avoidable,
        "rms_jerk": figure(metrics.rms_jerk),
        "rms_turn_jerk": figure(metrics.rms_turn_jerk),
        "heading_reversals": metrics.heading_reversals,
        "guard_ticks": metrics.guard_ticks,
        "join_jump": figure(jump, 9),
        "join_jump_slope": figure(slope_jump, 9),
        "late_plans": navigator.latencies.late,
        "missing_plans": navigator.latencies.missing,
        "delay_error_ms": figure(1e3 * abs(navigator.plant.delay - delay), 2),
    }


def drive_late(job: LatencyDrive) -> tuple[Run, Navigator]:
    """Return the drive itself, with the true latencies in the run's profile, and who drove."""
    variant = VARIANTS[job.key.variant]
    true = sharing(job.key.latency_ms)
    robot = RobotProfile.load(ROBOT)
    honest = msgspec.structs.replace(robot, latency=true)
    told = honest if variant.learned else msgspec.structs.replace(robot, latency=sharing(USUAL))
    home = load_map(job.source if job.source.count("/") == 0 else Path(job.source))
    people = _people(job, home)
    perceiving = Constant(max(true.perception - told.latency.scan, 0.0))  # begins when the profile has a scan arrive
    times = ComputeTimes(planning=Constant(true.planning), perception=perceiving)
    compute = Compute(times, rng=np.random.default_rng(job.seed))
    navigator = Navigator(
        told, home, config=NavigatorConfig(forwarding=variant.forwarding), executor=LockStep(compute), seed=job.seed
    )
    settings = WorldSettings(
        plant=PlantSettings(dead_time=true.actuation, lag=true.actuation_lag),
        lidar=LidarSettings(latency=true.scan),
        detector=DetectorSettings(latency=true.perception),
    )
    world = World(home, told, job.start, people, seed=job.seed, settings=settings)
    run = drive(navigator, world, [GoTo(job.goal)], seconds=job.seconds)
    return replace(run, robot=honest), navigator  # what could have been avoided depends on what was true


def sharing(total_ms: int) -> Latencies:
    """Return the latencies of each stage that come to a total."""
    total = 1e-3 * total_ms
    return Latencies(
        scan=SCAN * total, perception=PERCEPTION * total, planning=PLANNING * total, actuation=DEAD_TIME * total,
        actuation_lag=LAG * total,
    )  # fmt: skip


def join_jumps(run: Run) -> tuple[float, float]:
    """Return the largest discontinuities from plan to plan while the commands follow them: of speeds, of their slopes.

    In m/s or rad/s, and m/s^2 or rad/s^2. Where the guard or a new delay led the commands off a plan, the next one
    starts from the commands.
    """
    jump = slope_jump = 0.0
    for before, after in zip(run.plans[:-1], run.plans[1:], strict=True):
        if before.delay != after.delay or not follows(run, before, after.plan.start):
            continue
        old, new = before.plan.at(after.plan.start), after.plan.at(after.plan.start)
        jump = max(jump, abs(old.v - new.v), abs(old.omega - new.omega))
        slope_jump = max(slope_jump, abs(old.a - new.a), abs(old.alpha - new.alpha))
    return jump, slope_jump


def _people(job: LatencyDrive, home: OccupancyMap) -> list[PersonSpec]:
    if job.key.scene == "encounter":
        return list(encounter(np.random.default_rng(job.seed)))
    count = most_people(home, PEOPLE, job.start, job.seed)
    return crowd(home, count, np.random.default_rng([job.seed, count]), avoid=job.start)


def encounter(rng: np.random.Generator) -> Iterator[PersonSpec]:
    """One or two people in the hall who come from any side and are where the robot is when it gets there, nearly."""
    for _ in range(1 + int(rng.random() < 0.4)):
        x, y = rng.uniform(*ALONG), rng.uniform(*ACROSS)
        towards, speed = rng.uniform(-math.pi, math.pi), rng.uniform(0.6, 1.4)
        step = np.array([math.cos(towards), math.sin(towards)])
        before, after = (_to_edge(x, y, sign * step) for sign in (-1.0, 1.0))
        before, after = min(before, 3.5), min(after, 3.5)
        meets = SETTING_OUT + (x - START.x) / PACE + rng.normal(0.0, 0.4)
        here = np.array([x, y])
        yield PersonSpec(
            start=_pair(here - before * step),
            goals=(_pair(here + after * step),),
            speed=speed,
            kind="stubborn" if rng.random() < 0.5 else "yielding",
            departs=max(meets - before / speed, 0.0),
        )


def _to_edge(x: float, y: float, step: Floats) -> float:
    """Return how far it is to ``EDGE`` from the walls of the hall, 12 x 8 m."""
    ways = ((x, float(step[0]), 12.0), (y, float(step[1]), 8.0))
    return min(((size - EDGE if d > 0.0 else EDGE) - at) / d for at, d, size in ways if abs(d) > 1e-9)


def _pair(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(point[1])


class _Tiring(World):
    """A world in which the base becomes slower to obey."""

    def send(self, command: Command, *, delay: float = 0.0) -> None:
        """See :class:`pavane.sim.World`."""
        super().send(command, delay=delay + (SLOWER if self.time >= WITHIN else 0.0))


def _learn(seed: int) -> dict[str, Figure]:
    """Return how far off the delay is after ten seconds of driving an unknown base, and ten after it became slower."""
    rng, home, robot = np.random.default_rng(seed), load_map(HOUSE), RobotProfile.load(ROBOT)
    plant = PlantSettings(dead_time=rng.uniform(0.0, 0.3), lag=rng.uniform(0.0, 0.2))
    assert plant.dead_time is not None and plant.lag is not None
    start, *goals = draw_chain(home, 1 + TASKS, seed)
    people = crowd(home, PEOPLE, rng, avoid=start)
    settings = WorldSettings(plant=plant, odometry=OdometrySettings(v_std=0.01, omega_std=0.01))
    world = _Tiring(home, robot, start, people, seed=seed, settings=settings)
    navigator = Navigator(robot, home, seed=seed)
    true, errors = plant.dead_time + plant.lag, [math.inf, math.inf]

    def look(now: float) -> None:
        if now <= WITHIN:
            errors[0] = abs(navigator.plant.delay - true)
        elif now <= WITHIN + LEARN:
            errors[1] = abs(navigator.plant.delay - true - SLOWER)

    errands = [Errand(GoTo(goal), EACH * i) for i, goal in enumerate(goals)]
    drive(navigator, world, errands, seconds=EACH, progress=look)
    return {
        "dead_time_ms": figure(1e3 * plant.dead_time, 1),
        "lag_ms": figure(1e3 * plant.lag, 1),
        "error_ms": figure(1e3 * errors[0], 2),
        "error_after_change_ms": figure(1e3 * errors[1], 2),
    }
