"""The study of speed: how long computing takes on this machine, on one core, and beside others."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pavane.bench.contest.arena import cores, in_turns, on_one_core
from pavane.bench.contest.contest import CANDIDATES, HOME, PEOPLE, RIVALS, ROBOT, Contest, contest
from pavane.bench.runner.planner_queries import PlannerQuery, recorder
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.runner.study import Findings, Terminal, data_folder, table_of
from pavane.bench.runner.timed_drive import Outcome, carry_out
from pavane.bench.studies.homes import ROBOT as HOMES_ROBOT
from pavane.bench.studies.homes import HomeDrive, drive_job, list_jobs
from pavane.bench.studies.speed_deadline import DeadlinePlans, busy, replay
from pavane.bench.studies.speed_startup import FirstPlans, first_plans
from pavane.core.arrays import Floats
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import load_map
from pavane.maps.clearance import clearance_grid
from pavane.planning.global_planner import RoutePlanner

PLACES = ("kitchen", "bed", "sofa")  # of the house; driven to in turn, from the dock
PAIRS = 5  # of each home, before they are driven again with other seeds
EVERY = 3  # of the cycles of a drive so manyth ones are kept, to be asked again


@dataclass(frozen=True, slots=True)
class SpeedStudy:
    """Measure how long computing takes on this machine, on one core: candidates, beside plain numba, C and peers that
    are installed, planning cycles, plans with a deadline, reactive ticks, routes, the first plan and its memory.

    Example: pavane bench speed --data path/to/data --json speed.json

    Args:
        data: homes as for ``bench homes``; planning cycles of drives among four people in them are timed.
        json: file for the figures (docs/guides/studies.md).
        quick: less of the same, under two minutes.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        with terminal.progress("getting ready", None) as bar:
            effort = QUICK if self.quick else SpeedEffort()
            timings = study(effort, data_folder(self.data), lambda text: bar.show(0, text))
        summary, rows = report(timings)
        columns = {
            "part": "part", "samples": "samples", "min": "min_ms", "p50": "p50_ms", "p99": "p99_ms", "max": "max_ms",
            "us each": "us_per_candidate", "of ours": "ratio_min",
        }  # fmt: skip
        return Findings("This machine", summary, rows, (table_of("Time, ms", columns, rows),))


@dataclass(frozen=True, slots=True)
class SpeedEffort:
    """How much is measured.

    Args:
        turns: of the contest.
        cycles: at least so many planning cycles.
        plans: with a deadline, beside each kind of load.
        starts: of processes with everything compiled.
        routes: over the house.
        seconds: simulated, for each place of the drive through the house.
    """

    turns: int = 400
    cycles: int = 5000
    plans: int = 2500
    starts: int = 5
    routes: int = 40
    seconds: float = 60.0


QUICK = SpeedEffort(turns=40, cycles=400, plans=200, starts=1, routes=10, seconds=15.0)


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """Planning cycles of drives through homes.

    Args:
        ms: (C,) belief in to plan out.
        homes: that were driven in.
        moments: what the planner was asked in some of them.
        share: of the time of these drives in which this process had the processor.
    """

    ms: Floats
    homes: int
    moments: list[PlannerQuery]
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Timings:
    """Times, one for each repetition.

    Args:
        contest: weighing candidates, beside others.
        cycles: planning cycles in homes.
        reflex_ms: reactive ticks of a drive through the house.
        realtime_factor: simulated seconds for each second of that drive.
        route_ms: routes over the whole house.
        first: from the start of a process to its first plan.
        beside: plans with a deadline while a process loads another core.
        against: the same while it loads the planner's own.
    """

    contest: Contest
    cycles: Cycles
    reflex_ms: Floats
    realtime_factor: float
    route_ms: Floats
    first: FirstPlans
    beside: DeadlinePlans
    against: DeadlinePlans


def study(effort: SpeedEffort, data: Path | None, tell: Callable[[str], None]) -> Timings:
    """Measure everything.

    Args:
        effort: how much.
        data: homes as for the study of homes; None for those that come with Pavane.
        tell: told what is measured next.
    """
    jobs = in_turn(data)
    tell("compiling, in a fresh process")
    first = first_plans(effort.starts)
    allowed = cores()
    with on_one_core() as own:
        tell("candidates, in turns with others")
        weighed = contest(effort.turns)
        tell("routes")
        route = route_ms(effort.routes)
        tell("a drive through the house")
        outcome = house_drive(effort.seconds)
        cycles = drive_cycles(jobs, effort.cycles, tell)
        robot = RobotProfile.load(HOMES_ROBOT)
        tell("plans with a deadline, another core loaded")
        with busy([core for core in allowed if core != own] or allowed):
            beside = replay(robot, cycles.moments, effort.plans)
        tell("plans with a deadline, the same core loaded")
        with busy([] if own is None else [own]):
            against = replay(robot, cycles.moments, effort.plans)
    factor = outcome.run.duration / outcome.wall_seconds
    return Timings(weighed, cycles, outcome.reflex_ms, factor, route, first, beside, against)


def report(timings: Timings) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Return the summary and rows; a ratio is one of minima."""
    ours, rivals, beside, against = (
        timings.contest.ours, timings.contest.rivals, timings.beside, timings.against
    )  # fmt: skip
    weighed = ours[CANDIDATES]
    rows = [_row(f"evaluate {count} x 60", times, candidates=count) for count, times in ours.items()]
    rows.append(_row("gradient of 16", timings.contest.gradients, candidates=16))
    rows += [_row(name, times, candidates=CANDIDATES, ours=weighed) for name, times in rivals.items()]
    samples = {
        "planning cycle": timings.cycles.ms,
        "plan, another core loaded": beside.plan_ms,
        "plan, the same core loaded": against.plan_ms,
        "reactive tick": timings.reflex_ms,
        "route over the house": timings.route_ms,
        "first plan, nothing compiled": np.array([1e3 * timings.first.compile_s]),
        "first plan, compiled before": 1e3 * timings.first.warm_s,
    }
    return _summary(timings), rows + [_row(name, values) for name, values in samples.items()]


def _summary(timings: Timings) -> dict[str, Figure]:
    """Return what is said of all; a ratio is one of minima."""
    ours, gradients, cycles = timings.contest.ours, timings.contest.gradients, timings.cycles
    weighed, rivals, beside, against = ours[CANDIDATES], timings.contest.rivals, timings.beside, timings.against
    ratios = {name: figure(_least(rivals.get(name)) / _least(weighed), 2) for name in RIVALS}
    each = {count: _least(times) / count for count, times in ours.items()}
    return {
        "evaluate_600x60_people4_ms": figure(_least(weighed)),
        "evaluate_600x60_people4_ms_median": figure(float(np.median(weighed))),
        "gradients_16_ms": figure(_least(gradients)),
        "gradients_16_ms_median": figure(float(np.median(gradients))),
        "speedup_vs_naive": ratios.pop("naive"),
        **{f"ratio_vs_{name}": ratio for name, ratio in ratios.items()},
        **{f"{name}_difference": figure(timings.contest.differences.get(name, math.inf), 6) for name in ("naive", "c")},
        "scaling_worst": figure(max(each.values()) / each[CANDIDATES], 3),
        "cycle_p50_ms": figure(float(np.percentile(cycles.ms, 50)), 3),
        "cycle_p99_ms": figure(float(np.percentile(cycles.ms, 99)), 3),
        "cycles": len(cycles.ms),
        "homes": cycles.homes,
        "processor_share": figure(cycles.share, 3),
        "deadline_missed_share": figure(float(beside.missed.mean()), 5),
        "cut_short_share": figure(float(beside.cut.mean()), 5),
        "deadline_missed_share_same_core": figure(float(against.missed.mean()), 5),
        "cut_short_share_same_core": figure(float(against.cut.mean()), 5),
        "legal_plans_share": figure(float(np.concatenate([beside.legal, against.legal]).mean()), 5),
        "plans": len(beside.plan_ms),
        "reflex_p50_ms": figure(float(np.percentile(timings.reflex_ms, 50)), 3),
        "reflex_p99_ms": figure(float(np.percentile(timings.reflex_ms, 99)), 3),
        "route_ms": figure(float(np.median(timings.route_ms)), 3),
        "first_run_compile_s": figure(timings.first.compile_s, 2),
        "warm_start_s": figure(float(np.median(timings.first.warm_s)), 2),
        "peak_memory_mb": figure(timings.first.peak_mb, 1),
        "realtime_factor": figure(timings.realtime_factor, 1),
        "people": PEOPLE,
        "robot": ROBOT,
        "home": HOME,
    }


def _least(times: Floats | None) -> float:
    return math.inf if times is None else float(times.min())


def _row(part: str, values: Floats, candidates: int = 0, ours: Floats | None = None) -> dict[str, Figure]:
    p50, p99 = np.percentile(values, [50, 99])
    row: dict[str, Figure] = {"part": part, "samples": len(values)}
    for key, value in (("min_ms", values.min()), ("p50_ms", p50), ("p99_ms", p99), ("max_ms", values.max())):
        row[key] = figure(float(value))
    row["us_per_candidate"] = figure(1e3 * float(values.min()) / candidates) if candidates else NONE
    row["ratio_min"] = NONE if ours is None else figure(float(values.min() / ours.min()), 2)
    row["ratio_p50"] = NONE if ours is None else figure(float(p50 / np.median(ours)), 2)
    return row


def in_turn(data: Path | None) -> Iterator[HomeDrive]:
    """Drives among people without an end: a pair of each home, then the next pair, then all with other seeds.

    Raises:
        BadFile: there is no such data.
    """
    first = list_jobs(data, PAIRS, PEOPLE, None, 0)  # refused here, before anything is measured

    def endless() -> Iterator[HomeDrive]:
        for seed in itertools.count():
            jobs = list_jobs(data, PAIRS, PEOPLE, None, seed) if seed else first
            yield from sorted(jobs, key=lambda job: job.number)

    return endless()


def drive_cycles(jobs: Iterator[HomeDrive], least: int, tell: Callable[[str], None]) -> Cycles:
    """Drive until there are so many planning cycles.

    Args:
        jobs: the drives.
        least: how many cycles.
        tell: told how many there are.
    """
    parts: list[Floats] = []
    homes: set[str] = set()
    moments: list[PlannerQuery] = []
    began, used = time.perf_counter(), time.process_time()
    while (count := sum(map(len, parts))) < least:
        tell(f"planning cycles in homes, {count} of {least}")
        job = next(jobs)
        parts.append(drive_job(job, recorder(moments, EVERY, job.seed)).cycle_ms)
        homes.add(job.home)
    share = (time.process_time() - used) / (time.perf_counter() - began)
    return Cycles(np.concatenate(parts), len(homes), moments, share)


def route_ms(repeats: int) -> Floats:
    """(repeats,) times of a cost-to-go over the whole house with its path, ms."""
    robot, home = RobotProfile.load(ROBOT), load_map(HOME)
    planner = RoutePlanner(clearance_grid(home), robot)
    goal, start = home.place("bed"), home.place("kitchen")
    plan = "route"
    return in_turns({plan: lambda: planner.plan(goal, start, match_heading=True, tolerance=0.1)}, repeats)[plan]


def house_drive(seconds: float) -> Outcome:
    """Return a drive through the house with four people; at most ``seconds`` for each of three places."""
    home, robot = load_map(HOME), RobotProfile.load(ROBOT)
    tasks = [GoTo(place) for place in PLACES]
    return carry_out(home, robot, home.place("dock"), tasks, seed=1, seconds=seconds, people=PEOPLE)
