"""The study of scenarios: whoever drives, through each of them, judged on the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pavane.baselines.reactive_baselines import BASELINES, make_baseline
from pavane.bench.metrics.drive_metrics import Metrics, arrival, measure
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.workers import in_workers
from pavane.core.compute import Compute
from pavane.core.errors import BadScenario, BadSetting
from pavane.core.executor import LockStep
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop
from pavane.drive import Driver, Errand, drive
from pavane.drive_log import Run
from pavane.maps import OccupancyMap
from pavane.navigator import MakePlanner, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record import Journal, recorded_navigator
from pavane.sim.scenario import Request, Scenario, load_scenario, pose_of

NAVIGATOR = "navigator"


class Failure(NamedTuple):
    """One way in which a drive fell short: ``contact``, ``not_reached`` or ``figure``, and in words."""

    by: str
    text: str


class Trial(NamedTuple):
    """One drive of the study: everything that a worker needs to know."""

    scenario: str  # name, or path of a file
    driver: str  # navigator, or a baseline
    seed: int
    record: str = ""  # file to record the navigator's drive in; empty for none


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """What became of a trial.

    Args:
        trial: which.
        failures: in what it fell short; none is a pass.
        row: its figures, for a report.
    """

    trial: Trial
    failures: tuple[Failure, ...]
    row: dict[str, Figure]


def list_trials(names: Sequence[str], drivers: Sequence[str], seed: int = 0) -> list[Trial]:
    """Return every scenario with each driver and each of its seeds; ``seed`` shifts these.

    Raises:
        BadSetting: no such driver.
        BadScenario: no such scenario, or one that cannot be used.
    """
    for driver in drivers:
        if driver != NAVIGATOR and driver not in BASELINES:
            raise BadSetting("no such driver", value=driver, limit=", ".join([NAVIGATOR, *BASELINES]))
    return [Trial(n, d, seed + own) for n in names for d in drivers for own in load_scenario(n).seeds]


def run_trials(trials: Sequence[Trial], workers: int, done: Callable[[TrialVerdict], None]) -> list[TrialVerdict]:
    """Drive all trials in worker processes; their number changes no result."""
    return in_workers(run_trial, trials, workers, done)


def run_trial(trial: Trial) -> TrialVerdict:
    """Drive one trial and judge it."""
    scenario = load_scenario(trial.scenario)
    run = _drive(scenario, trial)
    metrics = measure(run)
    failures = judge(scenario, run, metrics)
    row: dict[str, Figure] = {
        "scenario": scenario.name,
        "driver": trial.driver,
        "seed": trial.seed,
        "passed": int(not failures),
        "failed_by": ", ".join(sorted({failure.by for failure in failures})) or "none",
        "seconds": figure(run.duration, 2),
        "distance_m": figure(metrics.distance, 2),
        "contacts": metrics.contacts,
        "contacts_by_robot": metrics.contacts_by_robot,
        "contacts_avoidable": metrics.contacts_avoidable,
        "person_distance_m": figure(metrics.person_distance, 3),
        "rms_jerk": figure(metrics.rms_jerk, 3),
        "why": "; ".join(failure.text for failure in failures) or "none",
    }
    return TrialVerdict(trial, failures, row)


def _drive(scenario: Scenario, trial: Trial) -> Run:
    if not trial.record or trial.driver != NAVIGATOR:
        return drive_scenario(scenario, trial.driver, trial.seed)
    from pavane.record import Recorder

    with Recorder(trial.record) as recorder:
        return drive_scenario(scenario, trial.driver, trial.seed, journal=recorder)


def drive_scenario(
    scenario: Scenario,
    driver: str,
    seed: int,
    *,
    planner: MakePlanner = TrajectoryPlanner,
    snapshot_every: float = 0.0,
    progress: Callable[[float], None] | None = None,
    journal: Journal | None = None,
) -> Run:
    """Let somebody drive a scenario.

    Args:
        scenario: which.
        driver: ``navigator``, or the name of a baseline.
        seed: of everything that is drawn.
        planner: makes the navigator's trajectory planner.
        snapshot_every: how often a planning cycle of the navigator is kept in full, s; 0 never.
        progress: called now and then with the simulated time.
        journal: keeps the drive of the navigator.
    """
    home, robot, compute = scenario.make_home(), scenario.make_profile(), scenario.make_compute(seed)
    world = scenario.make_world(home, robot, seed)
    return drive(
        make_driver(driver, robot, home, compute, seed, planner, journal), world,
        [_errand(task, home) for task in scenario.tasks], seconds=scenario.seconds, compute=compute,
        snapshot_every=snapshot_every, progress=progress,
    )  # fmt: skip


def make_driver(
    name: str,
    robot: RobotProfile,
    home: OccupancyMap,
    compute: Compute,
    seed: int,
    planner: MakePlanner = TrajectoryPlanner,
    journal: Journal | None = None,
) -> Driver:
    """Return the navigator, or a baseline by its name."""
    if name == NAVIGATOR:
        return recorded_navigator(
            robot, home, journal=journal, executor=LockStep(compute), strategies=Strategies(planner), seed=seed
        )
    return make_baseline(name, robot, home)


def judge(scenario: Scenario, run: Run, metrics: Metrics) -> tuple[Failure, ...]:
    """In what a drive fell short of what its scenario expects."""
    return (*_contacts(scenario, run, metrics), *_goals(scenario, run), *_figures(scenario, metrics))


def _contacts(scenario: Scenario, run: Run, metrics: Metrics) -> list[Failure]:
    if metrics.contacts_by_robot <= scenario.expect.contacts_by_robot:
        return []
    first = next(contact for contact in run.contacts if contact.caused_by_robot)
    return [Failure("contact", f"{first.kind} hit at {first.time:.1f} s with {first.robot_speed:.2f} m/s")]


def _goals(scenario: Scenario, run: Run) -> list[Failure]:
    failures = []
    for i, (task, goal) in enumerate(zip(scenario.tasks, run.goals, strict=True)):
        replaced = i + 1 < len(run.goals) and scenario.tasks[i + 1].at is not None
        if replaced or task.follow is not None:
            continue
        if task.stop:
            if goal.status is not Status.STOPPED:
                failures.append(Failure("not_reached", f"did not stop: {goal.status.value}"))
            continue
        end = arrival(run, goal, match_heading=task.match_heading)
        if not end.reached:
            off = f"{end.error:.2f} m, {math.degrees(end.turn_error):.0f} degrees off"
            failures.append(
                Failure("not_reached", f"{goal.name}: {goal.status.value}, {off} after {end.seconds:.0f} s")
            )
    return failures


def _figures(scenario: Scenario, metrics: Metrics) -> list[Failure]:
    failures = []
    for name, limit in scenario.expect.at_most.items():
        if (value := _figure(metrics, name)) > limit:
            failures.append(Failure("figure", f"{name} {value:.3g} > {limit:g}"))
    for name, limit in scenario.expect.at_least.items():
        if (value := _figure(metrics, name)) < limit:
            failures.append(Failure("figure", f"{name} {value:.3g} < {limit:g}"))
    return failures


def _figure(metrics: Metrics, name: str) -> float:
    value = getattr(metrics, name, None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        known = [each for each in metrics.__dataclass_fields__ if isinstance(getattr(metrics, each), int | float)]
        raise BadScenario("no such figure", value=name, limit=", ".join(known))
    return float(value)


def _errand(task: Request, home: OccupancyMap) -> Errand:
    if task.go_to is not None:
        target = task.go_to if isinstance(task.go_to, str) else pose_of(task.go_to, home)
        return Errand(GoTo(target, match_heading=task.match_heading), task.at)
    return Errand(Follow() if task.follow else Stop(), task.at)


def summarise(verdicts: Sequence[TrialVerdict]) -> dict[str, Figure]:
    """Return how many drives each driver passed, of how many."""
    summary: dict[str, Figure] = {"drives": len(verdicts)}
    for driver in dict.fromkeys(verdict.trial.driver for verdict in verdicts):
        ours = [verdict for verdict in verdicts if verdict.trial.driver == driver]
        summary[f"{driver}_passed"] = sum(not verdict.failures for verdict in ours)
        summary[f"{driver}_contacts_by_robot"] = sum(int(verdict.row["contacts_by_robot"]) for verdict in ours)
    return summary
