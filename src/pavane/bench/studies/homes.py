"""The study of homes: drive between pairs of poses in every home, in worker processes."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pavane.bench.metrics.drive_metrics import arrival, measure
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, StudyTable, Terminal, data_folder, watched
from pavane.bench.runner.timed_drive import Outcome, carry_out, conditions, most_people, perceiving
from pavane.bench.runner.workers import in_workers
from pavane.bench.scenes.pairs import Pair, draw_pairs, read_pairs
from pavane.core.arrays import Floats
from pavane.core.errors import BadFile, BadSetting
from pavane.core.options import check_people
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import load_map, stock_homes
from pavane.navigator import MakePlanner
from pavane.planning.local_planner import TrajectoryPlanner

ROBOT = "round"  # radius 0.17 m, 1 m/s
QUICK_PAIRS = 2  # of each home
PATIENCE, GRACE = 4.0, 10.0  # a goal may take PATIENCE * path length / v_max + GRACE s


@dataclass(frozen=True, slots=True)
class HomesStudy:
    """Drive between pairs of poses in every home and say how it went: the robot is round, 0.17 m, 1 m/s.

    Example: pavane bench homes --data path/to/data --people 2 --latency 0.3 --json homes.json

    Args:
        data: folder with homes/NAME.yaml and homes/NAME.pairs.json; default: $PAVANE_DATA, else the homes that come
            with Pavane and pairs drawn by the seed.
        json: file for the figures (docs/guides/studies.md).
        people: how many walk around in each home; they make room for the robot.
        latency: from sensing to perceived, s; default: the profile's.
        quick: two pairs of each home, less than two minutes.
        pairs: how many pairs of each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    people: int = 0
    latency: float | None = None
    quick: bool = False
    pairs: int = 5
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        check_people(self.people)
        pairs = min(self.pairs, QUICK_PAIRS) if self.quick else self.pairs
        drives = list_jobs(data_folder(self.data), pairs, self.people, self.latency, self.seed)
        text = f"{len(drives)} drives (the first time compiles, about half a minute)"
        with watched(terminal, text, len(drives), _progress) as done:
            results = in_workers(drive_job, drives, self.jobs, done)
        rows = [result.row for result in results]
        return Findings("All homes", summarise(results), rows, (table_of_homes(results),))


def _progress(results: Sequence[HomeResult]) -> str:
    return f", {sum(int(each.row['reached']) for each in results)} reached, last {results[-1].job.home}"


@dataclass(frozen=True, slots=True)
class HomeDrive:
    """One drive of the study: everything that a worker needs to know."""

    home: str
    source: str
    number: int
    pair: Pair
    people: int
    latency: float | None
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class HomeResult:
    """What a worker sends back: a row of the report, and what the summary is made of beyond it."""

    job: HomeDrive
    row: dict[str, Figure]
    seconds: float
    wall_seconds: float
    jerk: float
    cycle_ms: Floats


def list_jobs(data: Path | None, pairs: int, people: int, latency: float | None, seed: int) -> list[HomeDrive]:
    """Return the drives of the study.

    Args:
        data: folder with ``homes/*.pairs.json`` and the maps they belong to; None for the homes that come with Pavane.
        pairs: how many of each home.
        people: in each home.
        latency: of perception, s; None for the profile's.
        seed: shifts all seeds.

    Raises:
        BadFile: there is no such data.
    """
    perceiving(RobotProfile.load(ROBOT), latency)  # a wrong latency is refused here, not in each worker
    for name, number, least in (("pairs", pairs, 1), ("people", people, 0), ("seed", seed, 0)):
        if number < least:
            raise BadSetting(f"{name} is too small", value=number, limit=f">= {least}")
    jobs = []
    for name, source, chosen in _homes(data, pairs, seed):
        for number, pair in enumerate(chosen):
            own = zlib.crc32(f"{name}/{number}".encode()) + seed  # the same whatever else is driven
            jobs.append(HomeDrive(name, source, number, pair, people, latency, own))
    return jobs


def _homes(data: Path | None, pairs: int, seed: int) -> Iterator[tuple[str, str, list[Pair]]]:
    if data is None:
        for name in stock_homes():
            yield name, name, draw_pairs(load_map(name), pairs, seed)
        return
    files = sorted((data / "homes").glob("*.pairs.json"))
    if not files:
        raise BadFile(
            "no homes in the data folder", value=data, limit="homes/NAME.pairs.json beside homes/NAME.yaml",
            remedy="Without --data the homes that come with Pavane are driven.",
        )  # fmt: skip
    for file in files:
        name = file.name.removesuffix(".pairs.json")
        source = file.with_name(f"{name}.yaml")
        load_map(source)  # a broken map is refused before the work begins
        yield name, str(source), read_pairs(file, pairs)


def drive_job(job: HomeDrive, planner: MakePlanner = TrajectoryPlanner) -> HomeResult:
    """Drive one pair and measure it."""
    return judge(job, drive_pair(job, planner))


def drive_pair(job: HomeDrive, planner: MakePlanner = TrajectoryPlanner) -> Outcome:
    """Drive one pair; fewer people where the home has no room for all."""
    robot = perceiving(RobotProfile.load(ROBOT), job.latency)
    home, pair = load_map(job.source if job.source == job.home else Path(job.source)), job.pair
    people = most_people(home, job.people, pair.start, job.seed)
    seconds = PATIENCE * pair.path_length / robot.limits.vx_max + GRACE
    return carry_out(
        home, robot, pair.start, [GoTo(pair.goal)], seed=job.seed, people=people, seconds=seconds, planner=planner
    )


def judge(job: HomeDrive, outcome: Outcome) -> HomeResult:
    """Measure a drive."""
    run, pair = outcome.run, job.pair
    fair = pair.path_length / run.robot.limits.vx_max
    end, metrics = arrival(run, run.goals[0]), measure(run)
    row: dict[str, Figure] = {
        "home": job.home,
        "pair": job.number,
        "seed": job.seed,
        "people": run.people.shape[1],
        "reached": int(end.reached),
        "status": run.goals[0].status.name,
        "seconds": figure(end.seconds, 2),
        "path_length_m": figure(pair.path_length, 3),
        "distance_m": figure(metrics.distance, 3),
        "time_ratio": figure(end.seconds / fair if end.reached else math.inf, 3),
        "contacts": metrics.contacts,
        "contacts_by_robot": metrics.contacts_by_robot,
        "wall_clearance_m": figure(metrics.wall_clearance, 3),
        "person_distance_m": figure(metrics.person_distance, 3),
        "guard_ticks": metrics.guard_ticks,
        "emergency_ticks": metrics.emergency_ticks,
        "limit_violations": metrics.limit_violations,
        "rms_jerk": figure(metrics.rms_jerk, 3),
        "sparc": figure(metrics.sparc, 3),
        "error_m": figure(end.error, 4),
        "error_deg": figure(math.degrees(end.turn_error), 2),
    }
    return HomeResult(job, row, run.duration, outcome.wall_seconds, metrics.rms_jerk, outcome.cycle_ms)


def summarise(results: Sequence[HomeResult]) -> dict[str, Figure]:
    """Return the summary of a study; a time ratio counts the goals that were reached."""
    rows = [result.row for result in results]
    ratios = np.array([row["time_ratio"] for row in rows if row["reached"] == 1], dtype=np.float64)
    cycles = np.concatenate([result.cycle_ms for result in results])
    seconds = np.array([result.seconds for result in results])
    jerks = np.array([result.jerk for result in results])
    present = [int(row["people"]) for row in rows]

    def total(key: str) -> int:
        return sum(int(row[key]) for row in rows)

    def least(key: str) -> float:
        return min((float(row[key]) for row in rows if not isinstance(row[key], str)), default=math.inf)

    return {
        "goals": len(rows),
        "reached_share": figure(total("reached") / len(rows)),
        "contacts": total("contacts"),
        "contacts_by_robot": total("contacts_by_robot"),
        "time_ratio": figure(float(ratios.mean()) if len(ratios) else math.inf, 3),
        "time_ratio_median": figure(float(np.median(ratios)) if len(ratios) else math.inf, 3),
        "rms_jerk": figure(float(np.sqrt((seconds * jerks**2).sum() / seconds.sum())), 3),
        "cycle_p50_ms": figure(float(np.percentile(cycles, 50)) if len(cycles) else math.inf, 3),
        "cycle_p99_ms": figure(float(np.percentile(cycles, 99)) if len(cycles) else math.inf, 3),
        "guard_ticks": total("guard_ticks"),
        "emergency_ticks": total("emergency_ticks"),
        "limit_violations": total("limit_violations"),
        "wall_clearance_m": figure(least("wall_clearance_m"), 3),
        "person_distance_m": figure(least("person_distance_m"), 3),
        "homes": len({row["home"] for row in rows}),
        "people": results[0].job.people,
        "people_min": min(present),
        "people_mean": figure(sum(present) / len(present), 3),
        "robot": ROBOT,
        **conditions(perceiving(RobotProfile.load(ROBOT), results[0].job.latency)),
        "simulated_seconds": figure(float(seconds.sum()), 1),
        "realtime_factor": figure(float(seconds.sum()) / sum(r.wall_seconds for r in results), 1),
    }


def table_of_homes(results: Sequence[HomeResult]) -> StudyTable:
    """Return a row for each home."""
    rows = []
    for home in dict.fromkeys(result.job.home for result in results):
        ours = [result for result in results if result.job.home == home]
        s = summarise(ours)
        reached = sum(int(result.row["reached"]) for result in ours)
        contacts = f"{s['contacts']} / {s['contacts_by_robot']}"
        guarded = f"{s['guard_ticks']} / {s['emergency_ticks']}"
        figures = (s[key] for key in ("time_ratio", "rms_jerk", "wall_clearance_m", "person_distance_m"))
        rows.append((home, f"{reached}/{len(ours)}", contacts, *figures, guarded, s["limit_violations"]))
    columns = ("home", "reached", "contacts", "ratio", "jerk", "wall m", "person m", "guard ticks", "beyond")
    title = "Homes (contacts: all / by the robot; guard ticks: all / emergency; beyond: limits not kept)"
    return StudyTable(title, columns, rows)
