"""The study of the planner's parts in the closed loop: the same drives with one of them replaced, in pairs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pavane.baselines.planner_variants import OURS, VARIANTS
from pavane.bench.metrics.smoothness import log_dimensionless_jerk, rms_jerk
from pavane.bench.metrics.statistics import Estimate, cluster_interval, mcnemar
from pavane.bench.runner.checkpoint import Checkpoint, go_on, state_of, state_of_code
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.runner.study import Findings, StudyTable, Terminal, data_folder, watched
from pavane.bench.runner.timed_drive import conditions
from pavane.bench.scenes.pairs import Pair
from pavane.bench.studies.homes import ROBOT, HomeDrive, drive_pair, judge, list_jobs
from pavane.bench.studies.optimize import AHEAD
from pavane.core.arrays import Floats
from pavane.core.options import check_people
from pavane.core.robot import RobotProfile
from pavane.drive_log import Run

NEAR_GOAL = 0.5  # m

Row = Mapping[str, Figure]
# of drives that reached their goal; a difference is of drives in which both did
DRIVEN = {
    "time_ratio": "time_ratio", "time": "seconds", "rms_jerk": "rms_jerk", "rms_turn_jerk": "rms_turn_jerk",
    "sparc": "sparc", "log_jerk": "log_jerk", "log_turn_jerk": "log_turn_jerk", "omega_jump": "omega_jump",
    "near_goal": "near_goal",
}  # fmt: skip
# of all drives, for each drive
COUNTED = {
    "reached": "reached", "contacts": "contacts", "contacts_by_robot": "contacts_by_robot", "guard_ticks": "guard_ticks"
}  # fmt: skip
TAKEN = (
    "reached", "status", "people", "seconds", "path_length_m", "distance_m", "time_ratio", "contacts",
    "contacts_by_robot", "guard_ticks", "emergency_ticks", "limit_violations", "rms_jerk", "sparc",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlannerStudy:
    """Drive the same pairs, there and back, with one part of the planner replaced: lattice, one stage, no warm start.

    Example: pavane bench planner --data path/to/data --people 2 --keep planner.jsonl --json planner.json

    Args:
        data: homes as for ``bench homes``.
        json: file for the figures (docs/guides/studies.md).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        people: how many walk around in each home; they make room for the robot.
        quick: one pair of each home, less than two minutes.
        pairs: how many pairs of each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    keep: str | None = None
    people: int = 0
    quick: bool = False
    pairs: int = 20
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        check_people(self.people)
        data = data_folder(self.data)
        drives = list_drives(data, min(self.pairs, 1) if self.quick else self.pairs, self.people, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data, self.people, self.seed))
        with watched(terminal, f"{len(drives)} drives", len(drives), _progress) as done:
            driven = study(drives, self.jobs, kept, done)
        summary, rows = report(driven, self.people)
        return Findings(None, summary, rows, (table_of_figures(summary), table_of_differences(summary)))


def _progress(rows: Sequence[Row]) -> str:
    return f", {sum(int(row['reached']) for row in rows)} reached, last {rows[-1]['home']}"


class VariantKey(NamedTuple):
    """Which drive it is: the variant, the map, the number of the pair, and 1 for the way back."""

    variant: str
    home: str
    pair: int
    back: int


@dataclass(frozen=True, slots=True)
class VariantDrive:
    """One drive of the study."""

    key: VariantKey
    job: HomeDrive


def list_drives(data: Path | None, pairs: int, people: int, seed: int) -> list[VariantDrive]:
    """Return every pair in both directions by every variant; the first pair of all homes comes before the second.

    On the way back the two poses change places and keep their headings; all variants have the same seeds.

    Raises:
        BadFile, BadSetting: as :func:`pavane.bench.studies.homes.list_jobs`.
    """
    jobs = sorted(list_jobs(data, pairs, people, None, seed), key=lambda job: job.number)
    drives = []
    for job in jobs:
        for back, way in enumerate((job, returning(job, seed))):
            drives += [VariantDrive(VariantKey(variant, job.home, job.number, back), way) for variant in VARIANTS]
    return drives


def returning(job: HomeDrive, seed: int) -> HomeDrive:
    """Return the way back, with a seed of its own."""
    pair = Pair(job.pair.goal, job.pair.start, job.pair.path_length)
    return replace(job, pair=pair, seed=zlib.crc32(f"{job.home}/{job.number}/back".encode()) + seed)


def settings(data: Path | None, people: int, seed: int) -> dict[str, Figure]:
    """Return what the rows depend on, beyond their key."""
    homes = "stock" if data is None else state_of((data / "homes").iterdir())
    return {"homes": homes, "people": people, "seed": seed, "code": state_of_code()}


def study(
    drives: Sequence[VariantDrive], workers: int, kept: Checkpoint | None, done: Callable[[Row], None]
) -> list[dict[str, Figure]]:
    """Return a row for each drive: see :func:`pavane.bench.runner.checkpoint.go_on`."""
    return go_on({drive.key: drive for drive in drives}, carry_through, key_of, workers, kept, done)


def key_of(row: Row) -> VariantKey:
    """Return which drive a row is of."""
    return VariantKey(str(row["variant"]), str(row["home"]), int(row["pair"]), int(row["back"]))


def carry_through(drive: VariantDrive) -> dict[str, Figure]:
    """Drive and measure."""
    outcome = drive_pair(drive.job, VARIANTS[drive.key.variant])
    row, run = judge(drive.job, outcome).row, outcome.run
    return {
        **drive.key._asdict(),
        "seed": drive.job.seed,
        **{key: row[key] for key in TAKEN},
        "rms_turn_jerk": figure(rms_jerk(run.times, run.omega), 3),
        "log_jerk": figure(log_dimensionless_jerk(run.times, run.v), 3),
        "log_turn_jerk": figure(log_dimensionless_jerk(run.times, run.omega), 3),
        "omega_jump": figure(omega_jump(run)),
        "near_goal": figure(near_goal(run), 2),
        "cycle_mean_ms": figure(float(outcome.cycle_ms.mean()), 2),
    }


def near_goal(run: Run) -> float:
    """Return how long the robot was within NEAR_GOAL of its goal, s."""
    goal = run.goals[0].pose
    away = np.hypot(run.poses[:, 0] - goal.x, run.poses[:, 1] - goal.y)
    return float((away < NEAR_GOAL).mean()) * run.duration


def omega_jump(run: Run) -> float:
    """Return how much the yaw rate planned for 1 s later differs from that of the plan before, mean, rad/s."""
    plans = [record.plan for record in run.plans]
    times = [plan.start + AHEAD for plan in plans]
    jumps = [abs(b.at(t).omega - a.at(t).omega) for a, b, t in zip(plans, plans[1:], times[1:], strict=False)]
    return float(np.mean(jumps)) if jumps else 0.0


def home_of(name: str) -> str:
    """Return the home that a map shows: what its name begins with, up to the first underscore."""
    return name.split("_")[0]


def report(rows: Sequence[Row], people: int) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, and a row for each variant and map."""
    by_key = {key_of(row): row for row in rows}
    ways = [key for key in by_key if key.variant == OURS]
    pairs = {v: [(by_key[key], by_key[key._replace(variant=v)]) for key in ways] for v in VARIANTS}
    summary: dict[str, Figure] = {"goals": len(ways), "maps": len({key.home for key in ways})}
    summary["homes"] = len({home_of(key.home) for key in ways})
    for variant, both in pairs.items():
        summary |= _figures(variant, [row for _, row in both])
    for variant, both in pairs.items():
        if variant != OURS:
            summary |= _differences(variant, both)
    summary |= {"robot": ROBOT, "people": people, **conditions(RobotProfile.load(ROBOT))}
    table = [
        _row(variant, home, [pair for pair in both if pair[0]["home"] == home])
        for home in dict.fromkeys(key.home for key in ways)
        for variant, both in pairs.items()
    ]
    return summary, table


def _figures(variant: str, rows: Sequence[Row]) -> dict[str, Figure]:
    """Of one variant: the means of its homes, each counted once; contacts are counted out."""
    out: dict[str, Figure] = {}
    reached = [row for row in rows if row["reached"]]
    out[f"reached_share_{variant}"] = figure(len(reached) / len(rows))
    for name, key in DRIVEN.items():
        out[f"{name}_{variant}"] = figure(_over_homes(reached, _column(reached, key)).mean)
    for name in ("contacts", "contacts_by_robot", "guard_ticks", "limit_violations"):
        out[f"{name}_{variant}"] = sum(int(row[name]) for row in rows)
    return out


def _differences(variant: str, both: Sequence[tuple[Row, Row]]) -> dict[str, Figure]:
    """Ours minus the variant, drive by drive, with 95 % intervals."""
    out: dict[str, Figure] = {}
    arrived = [(ours, other) for ours, other in both if ours["reached"] and other["reached"]]
    out[f"both_reached_{variant}"] = len(arrived)
    for figures, drives in ((DRIVEN, arrived), (COUNTED, both)):
        for name, key in figures.items():
            found = _over_homes([ours for ours, _ in drives], _difference(drives, key))
            for end, value in zip(("", "_low", "_high"), found, strict=True):
                out[f"{name}_difference_{variant}{end}"] = figure(value)
    for name, key in (("reached", "reached"), ("contacts", "contacts"), ("contacts_by_robot", "contacts_by_robot")):
        ours, other = (np.array([int(pair[i][key]) > 0 for pair in both]) for i in (0, 1))
        only = int((ours & ~other).sum()), int((other & ~ours).sum())
        out[f"{name}_only_ours_{variant}"], out[f"{name}_only_{variant}"] = only
        out[f"{name}_p_{variant}"] = figure(mcnemar(*only))
    return out


def _row(variant: str, home: str, both: Sequence[tuple[Row, Row]]) -> dict[str, Figure]:
    """Of one variant on one map: plain means, and ours minus it."""
    rows = [row for _, row in both]
    arrived = [(ours, other) for ours, other in both if ours["reached"] and other["reached"]]
    out: dict[str, Figure] = {"variant": variant, "map": home, "home": home_of(home), "drives": len(rows)}
    for name in (*COUNTED, "emergency_ticks", "limit_violations"):
        out[name] = sum(int(row[name]) for row in rows)
    reached = [row for row in rows if row["reached"]]
    for name, key in DRIVEN.items():
        out[name] = _mean(_column(reached, key))
        out[f"{name}_difference"] = _mean(_difference(arrived, key))
    return out


def _over_homes(rows: Sequence[Row], values: Floats) -> Estimate:
    return cluster_interval(values, [home_of(str(row["home"])) for row in rows])


def _difference(drives: Sequence[tuple[Row, Row]], key: str) -> Floats:
    return _column([ours for ours, _ in drives], key) - _column([other for _, other in drives], key)


def _column(rows: Sequence[Row], key: str) -> Floats:
    return np.array([float(row[key]) for row in rows])


def _mean(values: Floats) -> Figure:
    return figure(float(values.mean())) if len(values) else NONE


def table_of_figures(summary: Mapping[str, Figure]) -> StudyTable:
    """Return what each variant did."""
    names = ("reached_share", "contacts", "contacts_by_robot", *DRIVEN)
    rows = [(name, *(summary[f"{name}_{variant}"] for variant in VARIANTS)) for name in names]
    return StudyTable(f"{summary['goals']} goals", ("figure", *VARIANTS), rows)


def table_of_differences(summary: Mapping[str, Figure]) -> StudyTable:
    """Return ours minus each other variant, with intervals."""

    def interval(key: str) -> str:
        mean, low, high = (
            v if isinstance(v := summary[key + end], str) else f"{v:.3g}" for end in ("", "_low", "_high")
        )
        return f"{mean} [{low}, {high}]"

    rivals = [variant for variant in VARIANTS if variant != OURS]
    names = ("reached", *DRIVEN, *[name for name in COUNTED if name != "reached"])
    rows = [(name, *(interval(f"{name}_difference_{rival}") for rival in rivals)) for name in names]
    return StudyTable(f"Ours minus each, 95 % over {summary['homes']} homes", ("figure", *rivals), rows)
