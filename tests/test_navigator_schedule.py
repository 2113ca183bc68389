"""Work under way, when its results are taken over, and which plan is in use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pavane.core.compute import Compute, ComputeTimes, Constant
from pavane.core.executor import LockStep
from pavane.navigator.base import TICK
from pavane.navigator.schedule import PLAN, ROUTE, SEAM, Finished, Planned, Schedule
from pavane.planning.reactive import CommandState
from pavane.prediction import LatencyMonitor
from test_navigator import ROBOT, hold_comfort, under_way

PROMISED = ROBOT.latency.planning


def make(planning: float | None = None) -> tuple[Schedule, LatencyMonitor]:
    times = ComputeTimes() if planning is None else ComputeTimes(planning=Constant(planning))
    latencies = LatencyMonitor()
    return Schedule(ROBOT, LockStep(Compute(times, rng=np.random.default_rng(0))), latencies), latencies


def planned() -> Planned:
    made = under_way(seconds=1.0).navigator.schedule.planned
    assert made is not None
    return made


PLANNED = planned()


def fail() -> Any:
    raise RuntimeError("no memory")


def test_a_plan_comes_into_use_on_the_tick_it_was_made_for() -> None:
    schedule, latencies = make(0.001)
    use = schedule.reserve(10.0)
    assert use == pytest.approx(10.0 + PROMISED, abs=TICK) and use >= 10.0 + PROMISED - 1e-6
    schedule.submit(PLAN, lambda: PLANNED, 10.0)
    assert schedule.is_under_way(PLAN) and schedule.plan is None
    assert list(schedule.finished(use - TICK)) == [] and schedule.plan is None  # it is early
    assert list(schedule.finished(use)) == [Finished(PLAN, PLANNED, None)]
    assert schedule.plan is PLANNED.plan and schedule.screen_plan is PLANNED.screen and latencies.late == 0
    assert not schedule.is_under_way(PLAN)


def test_a_late_plan_is_counted_and_so_is_a_cycle_that_finds_it_under_way() -> None:
    schedule, latencies = make(PROMISED + 3 * TICK)
    assert not schedule.overruns(10.0)
    use = schedule.reserve(10.0)
    schedule.submit(PLAN, lambda: PLANNED, 10.0)
    assert schedule.overruns(use) and latencies.missing == 0
    assert schedule.overruns(use + TICK) and latencies.missing == 1
    assert len(list(schedule.finished(use + 4 * TICK))) == 1 and latencies.late == 1


def test_time_for_planning_is_what_it_takes_when_that_is_longer_than_promised() -> None:
    schedule, latencies = make()
    for _ in range(30):
        latencies.add("planning", 0.2)
    assert schedule.reserve(1.0) == pytest.approx(1.2)


def test_a_plan_that_fails_is_told_and_counted_and_the_old_one_stays() -> None:
    schedule, latencies = make()
    schedule.planned = PLANNED
    use = schedule.reserve(0.0)
    schedule.submit(PLAN, fail, 0.0)
    (finished,) = schedule.finished(use + 0.1)
    assert finished.name == PLAN and isinstance(finished.error, RuntimeError) and finished.result is None
    assert schedule.plan is PLANNED.plan and latencies.missing == 1


def test_routes_are_handed_over_when_they_are_done_unless_nobody_waits_for_them() -> None:
    schedule, latencies = make()
    schedule.submit(ROUTE, lambda: "way", 0.0)
    assert list(schedule.finished(0.5 * ROBOT.latency.routing)) == []
    assert list(schedule.finished(ROBOT.latency.routing)) == [Finished(ROUTE, "way", None)]
    assert latencies.stages == ("routing",)
    schedule.submit(ROUTE, lambda: "way", 1.0)
    schedule.drop(ROUTE)
    schedule.drop(ROUTE)
    assert not schedule.is_under_way(ROUTE) and list(schedule.finished(9.0)) == []


def test_a_new_plan_begins_where_the_old_one_is_or_where_the_commands_are() -> None:
    schedule, _ = make()
    off = CommandState(0.1, 0.2, 0.3, 0.4)
    alone = schedule.command_at(1.0, off)
    assert (alone.v, alone.omega, alone.a, alone.alpha) == (0.1, 0.2, 0.3, 0.4)
    schedule.planned = PLANNED
    time = PLANNED.plan.start + 0.3
    point = PLANNED.plan.at(time)
    near = schedule.command_at(time, CommandState(point.v + 0.5 * SEAM, point.omega))
    assert (near.v, near.a) == (point.v, point.a)
    assert schedule.command_at(time, CommandState(point.v + 2.0 * SEAM, point.omega)).v == point.v + 2.0 * SEAM


def test_a_reset_leaves_nothing_under_way() -> None:
    schedule, _ = make()
    schedule.planned = PLANNED
    schedule.submit(PLAN, lambda: PLANNED, 0.0)
    schedule.reset()
    assert schedule.plan is None and schedule.screen_plan is None and not schedule.is_under_way(PLAN)


# -- and so the whole navigator ---------------------------------------------------------------------------------------


def test_a_plan_that_raises_is_said_and_the_robot_comes_to_rest_on_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drive = under_way(seconds=3.0)
    assert drive.v[-1] > 0.5

    def fail(*_: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(drive.navigator.planner, "plan", fail)
    with pytest.warns(RuntimeWarning, match="plan: RuntimeError: no memory"):
        drive.run(6.0)
    assert abs(drive.v[-1]) < 1e-3
    hold_comfort(drive)
