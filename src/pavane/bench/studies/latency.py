"""The study of latency: the same drives with more of it, and with parts of the fast-forward left out."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from pavane.bench.metrics.drive_metrics import arrival, measure
from pavane.bench.metrics.statistics import mcnemar, wilson
from pavane.bench.metrics.violations import follows
from pavane.bench.runner.checkpoint import Checkpoint, go_on
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.runner.timed_drive import most_people
from pavane.bench.studies.homes import GRACE, PATIENCE, ROBOT, list_jobs
from pavane.core.arrays import Floats
from pavane.core.compute import Compute, ComputeTimes, Constant
from pavane.core.errors import BadSetting
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
from pavane.sim.scenario import SCENARIOS

LATENCIES = (0, 100, 250, 500, 800)  # ms from sensing to wheels
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


def list_drives(
    data: Path | None, encounters: int, pairs: int, bases: int, latencies: Sequence[int], seed: int
) -> list[LatencyDrive]:
    """Every encounter and every pair of poses with each latency and variant, and the bases to be learned.

    Encounters, pairs and bases take turns, each whole, so that a study that is stopped has a bit of everything.

    Raises:
        BadFile, BadSetting: as :func:`pavane.bench.studies.homes.list_jobs`; a latency out of range.
    """
    for name, number in (("encounters", encounters), ("bases", bases)):
        if number < 1:
            raise BadSetting(f"number of {name} is too small", value=number, limit=">= 1")
    for latency in latencies:
        if not 0 <= latency <= 1000:
            raise BadSetting("latency is out of range", value=latency, limit="0 to 1000 ms")
    vx_max = RobotProfile.load(ROBOT).limits.vx_max
    seconds = PATIENCE * START.distance(GOAL) / vx_max + GRACE
    scenes: list[tuple[float, list[LatencyDrive]]] = []

    def scene(part: float, name: str, number: int, source: str, start: Pose, goal: Pose, most: float) -> None:
        own = zlib.crc32(f"{name}/{number}".encode()) + seed
        keys = [LatencyKey(variant, latency, name, number) for latency in latencies for variant in VARIANTS]
        scenes.append((part, [LatencyDrive(key, own, source, start, goal, most) for key in keys]))

    for number in range(encounters):
        scene((number + 0.5) / encounters, "encounter", number, str(SCENARIOS / HALL), START, GOAL, seconds)
    jobs = sorted(list_jobs(data, pairs, PEOPLE, None, seed), key=lambda job: job.number)
    for i, job in enumerate(jobs):
        most = PATIENCE * job.pair.path_length / vx_max + GRACE
        scene((i + 0.5) / len(jobs), job.home, job.number, job.source, job.pair.start, job.pair.goal, most)
    for number in range(bases):
        learned = LatencyDrive(LatencyKey(IDENTIFY, 0, HOUSE, number), number + seed, HOUSE, START, GOAL, TASKS * EACH)
        scenes.append(((number + 0.5) / bases, [learned]))
    return [each for _, drives in sorted(scenes, key=lambda entry: entry[0]) for each in drives]


def study(
    drives: Sequence[LatencyDrive], workers: int, kept: Checkpoint | None, done: Callable[[Row], None]
) -> list[dict[str, Figure]]:
    """A row for each drive: see :func:`pavane.bench.runner.checkpoint.go_on`."""
    return go_on({each.key: each for each in drives}, carry_through, key_of, workers, kept, done)


def key_of(row: Row) -> LatencyKey:
    """Which drive a row is of."""
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
    """The drive itself, with the true latencies in the run's profile, and who drove."""
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
    """The latencies of each stage that come to a total."""
    total = 1e-3 * total_ms
    return Latencies(
        scan=SCAN * total, perception=PERCEPTION * total, planning=PLANNING * total, actuation=DEAD_TIME * total,
        actuation_lag=LAG * total,
    )  # fmt: skip


def join_jumps(run: Run) -> tuple[float, float]:
    """The largest discontinuities from plan to plan while the commands follow them: of speeds, of their slopes.

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
    """How far it is to ``EDGE`` from the walls of the hall, 12 x 8 m."""
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
    """How far off the delay is after ten seconds of driving an unknown base, and ten after it became slower."""
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


# -- report ---------------------------------------------------------------------------------------------------------


def _cell(drives: Sequence[Row], latency: int, variant: str, scenes: str) -> dict[str, Figure]:
    ours = [
        row
        for row in drives
        if row["latency_ms"] == latency
        and row["variant"] == variant
        and (scenes == "both" or (row["scene"] == "encounter") == (scenes == "encounters"))
    ]
    seconds, jerk, turn = (
        np.array([float(row[key]) for row in ours]) for key in ("seconds", "rms_jerk", "rms_turn_jerk")
    )
    successes, count = sum(int(row["success"]) for row in ours), len(ours)
    low, high = wilson(successes, count)

    def total(key: str) -> int:
        return sum(int(row[key]) for row in ours)

    def mean_square(values: Floats) -> Figure:
        return figure(math.sqrt(float((seconds * values**2).sum() / seconds.sum())) if count else math.inf)

    return {
        "latency_ms": latency,
        "variant": variant,
        "scenes": scenes,
        "drives": count,
        "success": figure(successes / count if count else math.inf),
        "success_low": figure(low),
        "success_high": figure(high),
        "reached": total("reached"),
        "contacts": total("contacts"),
        "contacts_by_robot": total("contacts_by_robot"),
        "contacts_avoidable": total("contacts_avoidable"),
        "seconds": figure(float(seconds.mean()) if count else math.inf, 2),
        "rms_jerk": mean_square(jerk),
        "rms_turn_jerk": mean_square(turn),
        "heading_reversals": total("heading_reversals"),
        "guard_ticks": total("guard_ticks"),
        "late_plans": total("late_plans"),
    }


def _paired(drives: Sequence[Row]) -> Figure:
    """McNemar's chance that success at 500 ms, all fast-forwarded or nothing, splits so unevenly."""
    by_key = {key_of(row): int(row["success"]) for row in drives if row["latency_ms"] == 500}
    pairs = [(won, by_key.get(key._replace(variant=NOTHING))) for key, won in by_key.items() if key.variant == ALL]
    only_all = sum(won > other for won, other in pairs if other is not None)
    only_none = sum(won < other for won, other in pairs if other is not None)
    return figure(mcnemar(only_all, only_none))


def report(rows: Sequence[Row]) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, and a row for each latency, variant, and encounters, homes or both."""
    drives = [row for row in rows if row["variant"] != IDENTIFY]
    bases = [row for row in rows if row["variant"] == IDENTIFY]
    cells = {(int(row["latency_ms"]), str(row["variant"])) for row in drives}
    table = [
        _cell(drives, latency, variant, scenes)
        for latency in sorted({latency for latency, _ in cells})
        for variant in VARIANTS
        if (latency, variant) in cells
        for scenes in ("encounters", "homes", "both")
    ]
    found = {(row["latency_ms"], row["variant"]): row for row in table if row["scenes"] == "both"}
    summary: dict[str, Figure] = {}
    for suffix, variant in (("", ALL), ("_no_forward", NOTHING)):
        for latency in (0, 500):
            row = found.get((latency, variant), {})
            summary[f"success_{latency}{suffix}"] = row.get("success", NONE)
            summary[f"rms_jerk_{latency}{suffix}"] = row.get("rms_jerk", NONE)
    for key in ("error_ms", "error_after_change_ms"):
        errors = np.array([float(row[key]) for row in bases if row[key] != NONE])
        name = "identified_latency_error_ms" if key == "error_ms" else "identified_latency_error_after_change_ms"
        summary[name] = figure(float(np.quantile(errors, 0.95)) if len(errors) else math.inf, 2)
        summary[f"{name}_max"] = figure(float(errors.max()) if len(errors) else math.inf, 2)
    joined = [row for row in drives if VARIANTS[str(row["variant"])].forwarding.robot]
    for key in ("join_jump", "join_jump_slope"):
        summary[key] = figure(max((float(row[key]) for row in joined), default=math.inf), 9)
    summary["success_p"] = _paired(drives)
    summary |= {"drives": len(drives), "bases": len(bases), "robot": ROBOT}
    return summary, table
