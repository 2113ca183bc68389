"""Moments of drives: what the trajectory planner was asked there, kept so that others can be asked the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pavane.bench.studies.homes import HomeDrive, drive_job
from pavane.core.belief import Belief
from pavane.core.plan import Plan, PlanPoint
from pavane.core.robot import RobotProfile
from pavane.navigator import LocalPlanner, MakePlanner
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.search import never


@dataclass(frozen=True, slots=True, eq=False)
class PlannerQuery:
    """One planning cycle's question: the belief at the effect time, the scheduled command, the committed plan."""

    belief: Belief
    scheduled: PlanPoint
    previous: Plan | None


def record(job: HomeDrive, every: int) -> list[PlannerQuery]:
    """Drive one pair of a home and keep every so manyth cycle of it, shifted from pair to pair."""
    moments: list[PlannerQuery] = []
    drive_job(job, recorder(moments, every, job.seed))
    return moments


def recorder(moments: list[PlannerQuery], every: int, seed: int) -> MakePlanner:
    """Makes a planner that adds every so manyth cycle of a drive to ``moments``, shifted by the drive's seed."""

    def make(robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> LocalPlanner:
        return _Asked(TrajectoryPlanner(robot, config, rng), moments, every, first=seed % every)

    return make


class _Asked:
    """Lets a planner plan and keeps what it was asked."""

    def __init__(self, planner: LocalPlanner, moments: list[PlannerQuery], every: int, *, first: int) -> None:
        self._planner, self._moments = planner, moments
        self._every, self._count = every, -first

    def plan(
        self, belief: Belief, scheduled: PlanPoint, previous: Plan | None, overdue: Callable[[], bool] = never
    ) -> Plan:
        """See :class:`TrajectoryPlanner`."""
        if self._count % self._every == 0:
            kept = None if previous is None else replace(previous, candidates=None)
            self._moments.append(PlannerQuery(belief, scheduled, kept))
        self._count += 1
        return self._planner.plan(belief, scheduled, previous, overdue)
