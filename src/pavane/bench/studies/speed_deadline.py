"""Plans against the clock while something else wants the computer: how many are late, cut short, or not legal."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pavane.bench.metrics.violations import plan_violations
from pavane.bench.runner.planner_queries import PlannerQuery
from pavane.core.arrays import Bools, Floats
from pavane.core.robot import RobotProfile
from pavane.navigator import SEARCH_SHARE
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner

DEADLINE = 0.020  # s from the call to the return of a plan
# arithmetic on more memory than a cache holds
LOAD = """
import os
import numpy as np
if {cores}:
    os.sched_setaffinity(0, {cores})
values = np.ones(1 << 22)
print("busy", flush=True)
while True:
    values = 0.5 * values + 0.5
"""


@dataclass(frozen=True, slots=True, eq=False)
class DeadlinePlans:
    """What became of plans that had a deadline.

    Args:
        plan_ms: (N,) from the call to the return, the building of the problem included.
        cut: (N,) whether the search was ended by the clock.
        legal: (N,) whether the plan kept every limit.
    """

    plan_ms: Floats
    cut: Bools
    legal: Bools

    @property
    def missed(self) -> Bools:
        """(N,) whether the deadline had passed."""
        late: Bools = self.plan_ms > 1e3 * DEADLINE
        return late


def replay(robot: RobotProfile, moments: Sequence[PlannerQuery], count: int) -> DeadlinePlans:
    """Ask a planner what was asked at moments of drives, one every 20 ms of real time.

    Args:
        robot: whose moments they are.
        moments: asked one after another, again and again.
        count: how many plans to ask for.
    """
    planner = TrajectoryPlanner(robot, PlannerConfig(), np.random.default_rng(0))
    half_track = 0.5 * robot.wheels.track_width
    plan_ms, cut, legal = np.empty(count), np.empty(count, np.bool_), np.empty(count, np.bool_)
    planner.plan(moments[0].belief, moments[0].scheduled, moments[0].previous)  # loads compiled code
    due = time.perf_counter()
    for i in range(count):
        moment = moments[i % len(moments)]
        due = max(due + DEADLINE, time.perf_counter())
        time.sleep(max(due - time.perf_counter(), 0.0))
        began = time.perf_counter()
        clock = _Clock(began + SEARCH_SHARE * DEADLINE)
        plan = planner.plan(moment.belief, moment.scheduled, moment.previous, clock)
        plan_ms[i], cut[i] = 1e3 * (time.perf_counter() - began), clock.rang
        legal[i] = not any(plan_violations(plan, planner.bounds, half_track, shaken=True))
    return DeadlinePlans(plan_ms, cut, legal)


class _Clock:
    """Says that it is overdue from a moment on, and remembers having said so."""

    def __init__(self, until: float) -> None:
        self._until = until
        self.rang = False

    def __call__(self) -> bool:
        self.rang = self.rang or time.perf_counter() > self._until
        return self.rang


@contextmanager
def busy(cores: Sequence[int]) -> Iterator[None]:
    """A process that computes without a pause beside what is done here.

    Args:
        cores: on which of them; none for wherever the system puts it.
    """
    command = [sys.executable, "-c", LOAD.format(cores=list(cores))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        try:
            if child.stdout is None or not child.stdout.readline():
                raise RuntimeError("the load has not begun")
            yield
        finally:
            child.terminate()
