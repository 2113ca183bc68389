"""drive: couples a navigator with a simulated world, in lock-step, and keeps what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from pavane.navigator import TICK, Navigator
from pavane.plan import Plan, Status
from pavane.run import Contact, GoalRecord, PlanRecord, Run, Snapshot
from pavane.sim import World
from pavane.snapshot import take_snapshot
from pavane.tasks import GoTo, Task

ENDED = (Status.REACHED, Status.NO_ROUTE, Status.STOPPED)


def drive(
    navigator: Navigator,
    world: World,
    tasks: Sequence[Task],
    *,
    seconds: float,
    snapshot_every: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Carry out tasks one after another; ends when the last has ended, or after a time.

    Args:
        navigator: drives; it gets nothing but messages.
        world: the truth, at time 0.
        tasks: a task follows as soon as the one before has ended; one that does not end by itself lasts until the end.
        seconds: most simulated seconds for each task.
        snapshot_every: how often a planning cycle is kept in full, s; 0 never.
        progress: called now and then with the simulated time.
    """
    log = _Log()
    tick = 0
    for task in tasks:
        started = world.time
        navigator.request(task)
        while True:
            for message in world.receive():
                navigator.observe(message)
            command = navigator.step(world.time)
            world.send(command)
            log.keep(navigator, world, command.v, command.omega, command.emergency, command.reason, snapshot_every)
            tick += 1
            world.advance(tick * TICK)
            if progress is not None and tick % 50 == 0:
                progress(world.time)
            if navigator.status in ENDED or world.time - started >= seconds - 1e-9:
                break
        log.end_goal(navigator, world, task, started)
    return log.run(navigator, world)


class _Log:
    """Collects a run."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []
        self.people: list[np.ndarray] = []
        self.reasons: list[str] = []
        self.plans: list[PlanRecord] = []
        self.goals: list[GoalRecord] = []
        self.snapshots: list[Snapshot] = []
        self._plan: Plan | None = None

    def keep(
        self, navigator: Navigator, world: World, v: float, omega: float, emergency: bool, reason: str, every: float
    ) -> None:
        """One tick."""
        truth = world.truth
        pose = truth.pose
        self.rows.append((world.time, pose.x, pose.y, pose.yaw, truth.v, truth.omega, v, omega, emergency, truth.pan))
        self.people.append(truth.people)
        self.reasons.append(reason)
        if navigator.plan is None or navigator.plan is self._plan:
            return
        self._plan = navigator.plan
        belief = navigator.belief
        assert belief is not None
        self.plans.append(PlanRecord(replace(navigator.plan, candidates=None), belief.map_from_odom))
        if every > 0.0 and (not self.snapshots or world.time - self.snapshots[-1].time >= every - 1e-9):
            objective = navigator.config.planner.objective
            self.snapshots.append(take_snapshot(navigator.robot, objective, belief, navigator.plan, truth.pan))

    def end_goal(self, navigator: Navigator, world: World, task: Task, started: float) -> None:
        """A task has ended, or its time is over."""
        pose, name = world.truth.pose, type(task).__name__.lower()
        if isinstance(task, GoTo):
            pose = navigator.goal_pose(task)
            name = task.target if isinstance(task.target, str) else f"{pose.x:.2f},{pose.y:.2f}"
        self.goals.append(GoalRecord(started, name, pose, navigator.status, world.time))

    def run(self, navigator: Navigator, world: World) -> Run:
        """Everything as arrays."""
        table = np.array(self.rows, dtype=np.float64)
        contacts = tuple(Contact(c.time, c.kind, c.robot_speed, c.caused_by_robot) for c in world.contacts)
        return Run(
            navigator.home, navigator.robot, table[:, 0], table[:, 1:4], table[:, 4], table[:, 5], table[:, 6],
            table[:, 7], table[:, 8].astype(np.bool_), tuple(self.reasons), table[:, 9], np.array(self.people),
            tuple(self.goals), contacts, tuple(self.plans), tuple(self.snapshots),
        )  # fmt: skip
