"""What a drive is reported as: a summary, and a row for each goal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pavane.cli.show import figures, table

if TYPE_CHECKING:
    from pavane.bench.runner.report import Figure
    from pavane.bench.runner.timed_drive import Outcome


def summarise(outcome: Outcome, limit: float) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Return the summary and rows, for a report, of a drive with a time limit for each goal, s."""
    import numpy as np

    from pavane.bench.metrics.drive_metrics import arrival, measure
    from pavane.bench.runner.report import figure
    from pavane.bench.runner.timed_drive import conditions

    run = outcome.run
    metrics, ends = measure(run), [arrival(run, goal) for goal in run.goals]
    rows: list[dict[str, Figure]] = [
        {
            "goal": goal.name,
            "reached": int(end.reached),
            "status": goal.status.name,
            "seconds": figure(end.seconds, 2),
            "error_m": figure(end.error, 4),
            "error_deg": figure(math.degrees(end.turn_error), 2),
        }
        for goal, end in zip(run.goals, ends, strict=True)
    ]
    summary: dict[str, Figure] = {
        "goals": len(ends),
        "reached": sum(end.reached for end in ends),
        "seconds": figure(metrics.seconds, 2),
        "time_limit_s": figure(limit, 2),
        "distance_m": figure(metrics.distance, 2),
        "mean_speed": figure(metrics.mean_speed, 3),
        "contacts": metrics.contacts,
        "contacts_by_robot": metrics.contacts_by_robot,
        "person_distance_m": figure(metrics.person_distance, 3),
        "wall_clearance_m": figure(metrics.wall_clearance, 3),
        "rms_jerk": figure(metrics.rms_jerk, 3),
        "sparc": figure(metrics.sparc, 3),
        "guard_ticks": metrics.guard_ticks,
        "emergency_ticks": metrics.emergency_ticks,
        "limit_violations": metrics.limit_violations,
        "cycle_p99_ms": figure(float(np.percentile(outcome.cycle_ms, 99)) if len(outcome.cycle_ms) else math.inf, 3),
        "realtime_factor": figure(run.duration / max(outcome.wall_seconds, 1e-9), 1),
        "robot": run.robot.name,
        "home": run.home.name,
        **conditions(run.robot),
    }
    return summary, rows


def show(summary: dict[str, Figure], rows: list[dict[str, Figure]]) -> None:
    """Print both as tables; a goal that did not end by itself was ended by the time limit."""
    from pavane.drive import ENDED

    ended, limit = {status.name for status in ENDED}, f"time limit of {summary['time_limit_s']} s reached"
    table(
        "Goals", ("goal", "reached", "time s", "off by m", "off by deg", "status"),
        [
            (r["goal"], "yes" if r["reached"] else "NO", r["seconds"], r["error_m"], r["error_deg"],
             r["status"] if r["status"] in ended else f"{limit} ({r['status']})")
            for r in rows
        ],
    )  # fmt: skip
    named = {
        "goals reached": f"{summary['reached']} of {summary['goals']}",
        "time": f"{summary['seconds']} s",
        "distance": f"{summary['distance_m']} m",
        "mean speed": f"{summary['mean_speed']} m/s",
        "contacts": f"{summary['contacts']}, by the robot {summary['contacts_by_robot']}",
        "closest to a person": _metres(summary["person_distance_m"]),
        "closest to a wall": _metres(summary["wall_clearance_m"]),
        "rms jerk": f"{summary['rms_jerk']} m/s^3",
        "guard ticks": f"{summary['guard_ticks']}, with emergency braking {summary['emergency_ticks']}",
        "limits not kept": summary["limit_violations"],
        "planning cycle, p99": f"{summary['cycle_p99_ms']} ms",
        "faster than real time": f"{summary['realtime_factor']} times",
    }
    figures(f"{summary['robot']} in {summary['home']}", named)


def _metres(value: Figure) -> str:
    return value if isinstance(value, str) else f"{value} m"
