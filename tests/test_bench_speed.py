"""The study of speed: that it measures, and says it in the keys that are promised; never how fast."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pavane.bench.report import write_report
from pavane.bench.speed import Timings, evaluate_ms, plan_once, report, route_ms
from pavane.bench.trial import WARM, carry_out
from pavane.maps import load_map
from pavane.robot import RobotProfile
from pavane.tasks import GoTo

NAMED = {
    "evaluate_600x60_ms", "evaluate_600x60_ms_median", "cycle_p50_ms", "cycle_p99_ms", "reflex_p99_ms", "route_ms",
    "first_run_compile_s", "realtime_factor",
}  # fmt: skip


def test_the_report_has_the_promised_keys(tmp_path: Path) -> None:
    times = np.arange(1.0, 101.0)
    summary, rows = report(Timings(times, times, times, times, np.array([20.0, 1.0]), 12.0))
    assert set(summary) >= NAMED
    assert summary["evaluate_600x60_ms"] == 1.0
    assert summary["evaluate_600x60_ms_median"] == 50.5
    assert summary["first_run_compile_s"] == 20.0
    assert [row["samples"] for row in rows] == [100, 100, 100, 100, 1, 1]
    write_report(tmp_path / "speed.json", summary, rows)


def test_the_parts_can_be_timed() -> None:
    assert (evaluate_ms(2) > 0.0).all()
    assert (route_ms(1) > 0.0).all()
    plan_once()


def test_a_drive_is_timed_without_being_changed() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")
    told: list[float] = []
    outcome = carry_out(
        home, robot, home.place("dock"), [GoTo("bath")], seed=0, seconds=2.0, people=1,
        progress=lambda navigator, now: told.append(now),
    )  # fmt: skip
    assert 17 <= len(outcome.cycle_ms) < 20  # 10 Hz, without the first, which may compile
    assert len(outcome.reflex_ms) + WARM == len(outcome.run.times)
    assert (outcome.reflex_ms > 0.0).all()
    assert told == [1.0, 2.0]
