"""Where slow work runs: lock-step and threads hand out the same results at the same moments."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from beliefs import believe
from pavane import GoTo, Navigator, Pose, RobotProfile
from pavane.core.executor import Executor, LockStep, Pending, Threads
from pavane.core.plan import Command, PlanPoint
from pavane.navigator import TICK
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner
from pavane.sim import World
from sim_scenes import room

ROBOT = RobotProfile.load("round")


@pytest.fixture
def threads() -> Iterator[Threads]:
    pool = Threads()
    yield pool
    pool.close()


def test_lock_step_delivers_at_the_modelled_time() -> None:
    pending = LockStep().submit("planning", lambda: 7, 1.0, 0.05)
    assert not pending.done(1.0) and not pending.done(1.049)
    assert pending.done(1.05) and pending.done(2.0)
    assert pending.result() == 7


def test_lock_step_delivers_at_once_what_takes_no_time() -> None:
    assert LockStep().submit("planning", lambda: 7, 1.0, 0.0).done(1.0)


def test_threads_deliver_when_done_and_not_before_the_modelled_time(threads: Threads) -> None:
    gate = threading.Event()
    pending = threads.submit("planning", lambda: gate.wait(10.0), 1.0, 0.05)
    assert not pending.done(1.0) and not pending.done(99.0)  # it is late: still at work
    gate.set()
    assert pending.result() is True
    assert not pending.done(1.02)  # it is early: its plan takes effect only later
    assert pending.done(1.05)


def test_jobs_of_one_lane_run_in_order_and_lanes_run_side_by_side(threads: Threads) -> None:
    gate, order = threading.Event(), []
    first = threads.submit("planning", lambda: (gate.wait(10.0), order.append(1)), 0.0, 0.0)
    second = threads.submit("planning", lambda: order.append(2), 0.0, 0.0)
    assert threads.submit("routing", lambda: "aside", 0.0, 0.0).result() == "aside"  # not held up
    gate.set()
    first.result(), second.result()
    assert order == [1, 2]


@pytest.mark.parametrize("kind", ["lock-step", "threads"])
def test_what_a_job_raises_is_raised_with_its_result(kind: str) -> None:
    executor: Executor = LockStep() if kind == "lock-step" else Threads()
    with pytest.raises(ZeroDivisionError):
        executor.submit("planning", lambda: 1 // 0, 0.0, 0.0).result()
    if isinstance(executor, Threads):
        executor.close()


def test_threads_give_the_same_plan(threads: Threads) -> None:
    belief = believe(room(), ROBOT, Pose(1.0, 2.0), Pose(5.0, 3.0))
    rest = PlanPoint(Pose(0.0, 0.0), 0.0, 0.0, 0.0, 0.0)
    plans = []
    for executor in (LockStep(), threads):
        planner = TrajectoryPlanner(ROBOT, PlannerConfig(), np.random.default_rng(0))
        plans.append(executor.submit("planning", lambda p=planner: p.plan(belief, rest, None), 0.0, 0.05).result())
    assert (plans[0].poses == plans[1].poses).all() and plans[0].cost == plans[1].cost


class Waiting:
    """Threads that are always quick enough: each job is done before the next tick of the scripted clock."""

    def __init__(self, threads: Threads) -> None:
        self.threads = threads

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        pending = self.threads.submit(lane, job, now, seconds)
        pending.result()
        return pending

    def overdue(self, seconds: float) -> Callable[[], bool]:
        return lambda: False


def test_real_time_passes_in_threads_alone(threads: Threads) -> None:
    assert threads.overdue(0.0)() and not threads.overdue(1e6)()
    assert not LockStep().overdue(0.0)()


def commands(executor: Executor | None, seconds: float = 2.5) -> list[Command]:
    home = room()
    world = World(home, ROBOT, Pose(1.0, 2.0), seed=1)
    navigator = Navigator(ROBOT, home, executor=executor)
    navigator.request(GoTo(Pose(5.0, 3.0, 0.5)))
    out = []
    for k in range(round(seconds / TICK)):
        for message in world.receive():
            navigator.observe(message)
        out.append(navigator.step(world.time))
        world.send(out[-1])
        world.advance((k + 1) * TICK)
    return out


def test_a_drive_in_threads_that_keep_up_is_the_drive_in_lock_step(threads: Threads) -> None:
    assert commands(Waiting(threads)) == commands(LockStep())


def test_a_drive_in_threads_on_a_scripted_clock_works(threads: Threads) -> None:
    """The clock does not wait for the threads: plans may come late, and every command keeps the limits."""
    sent = commands(threads)
    speeds = np.array([c.v for c in sent])
    assert np.isfinite(speeds).all()
    assert np.abs(np.diff(speeds)).max() < (ROBOT.limits.ax_max + 0.3) * TICK
