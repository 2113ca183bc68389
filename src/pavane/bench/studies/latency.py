"""The study of latency: the same drives with more of it, and with parts of the fast-forward left out."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pavane.bench.metrics.statistics import mcnemar, wilson
from pavane.bench.runner.checkpoint import Checkpoint, go_on
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.runner.study import Findings, Terminal, data_folder, table_of, watched
from pavane.bench.studies.homes import GRACE, PATIENCE, ROBOT, list_jobs
from pavane.bench.studies.latency_drives import (
    ALL,
    EACH,
    GOAL,
    HALL,
    HOUSE,
    IDENTIFY,
    NOTHING,
    PEOPLE,
    START,
    TASKS,
    VARIANTS,
    LatencyDrive,
    LatencyKey,
    Row,
    carry_through,
    key_of,
)
from pavane.bench.studies.planner import settings
from pavane.core.arrays import Floats
from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.core.options import at_least
from pavane.core.robot import RobotProfile
from pavane.sim.scenario import SCENARIOS

LATENCIES = (0, 100, 250, 500, 800)  # ms from sensing to wheels
QUICK_LATENCIES, QUICK_SCENES = (0, 500), ("encounter", "house", "flat")


@dataclass(frozen=True, slots=True)
class LatencyStudy:
    """Drive among people with 0 to 800 ms from sensing to wheels, and with parts of the fast-forward left out.

    Example: pavane bench latency --keep latency.jsonl --json latency.json

    Args:
        data: homes as for ``bench homes``.
        json: file for the figures (docs/guides/studies.md).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        quick: two encounters, and one pair of one home, with 0 and 500 ms; about two minutes.
        encounters: how many encounters with people in a hall.
        pairs: how many pairs of each home.
        bases: how many unknown bases are learned.
        latencies: totals, ms.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    keep: str | None = None
    quick: bool = False
    encounters: int = 240
    pairs: int = 5
    bases: int = 40
    latencies: tuple[int, ...] = LATENCIES
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        at_least("seed", self.seed, 0)
        data = data_folder(self.data)
        if self.quick:
            drives = list_drives(None, 2, 1, 2, QUICK_LATENCIES, self.seed)
            drives = [drive for drive in drives if drive.key.scene in QUICK_SCENES]
        else:
            drives = list_drives(data, self.encounters, self.pairs, self.bases, self.latencies, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data, 0, self.seed))
        with watched(terminal, f"{len(drives)} drives", len(drives), _progress) as done:
            driven = study(drives, self.jobs, kept, done)
        summary, rows = report(driven)
        columns = {
            "ms": "latency_ms", "forwarded": "variant", "drives": "drives", "success": "success",
            "contacts by robot": "contacts_by_robot", "avoidable": "contacts_avoidable", "jerk": "rms_jerk",
        }  # fmt: skip
        both = [row for row in rows if row["scenes"] == "both"]
        return Findings("All drives", summary, rows, (table_of("Encounters and homes", columns, both),))


def _progress(rows: Sequence[Row]) -> str:
    return f", last {rows[-1]['scene']}"


def list_drives(
    data: Path | None, encounters: int, pairs: int, bases: int, latencies: Sequence[int], seed: int
) -> list[LatencyDrive]:
    """Return every encounter and every pair of poses with each latency and variant, and the bases to be learned.

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
    """Return a row for each drive: see :func:`pavane.bench.runner.checkpoint.go_on`."""
    return go_on({each.key: each for each in drives}, carry_through, key_of, workers, kept, done)


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
