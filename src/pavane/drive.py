"""drive: couples a driver with a simulated world, in lock-step, and keeps what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from pavane import sim
from pavane.core.belief import Belief
from pavane.core.compute import Compute, ComputeTimes
from pavane.core.geometry import Pose
from pavane.core.messages import Message
from pavane.core.plan import Command, Plan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo, Task
from pavane.drive_log import CommandSeries, ContactRecord, GoalRecord, PlanRecord, Run
from pavane.maps import OccupancyMap
from pavane.navigator import TICK, Navigator
from pavane.navigator.snapshot import take_snapshot
from pavane.sim import World

ENDED = (Status.REACHED, Status.NO_ROUTE, Status.STOPPED)


class Driver(Protocol):
    """Drives a robot: the Navigator, or a baseline. It gets tasks and messages and gives commands, nothing else."""

    @property
    def robot(self) -> RobotProfile:
        """The robot as it knows itself."""
        ...

    @property
    def home(self) -> OccupancyMap:
        """The map it was given."""
        ...

    @property
    def status(self) -> Status:
        """What the task has come to."""
        ...

    @property
    def plan(self) -> Plan | None:
        """The newest plan; None for a driver that does not plan."""
        ...

    @property
    def belief(self) -> Belief | None:
        """What that plan was made from."""
        ...

    def request(self, task: Task) -> None:
        """Take on a task, whatever the robot is doing."""
        ...

    def observe(self, message: Message) -> None:
        """Take in a message."""
        ...

    def step(self, now: float) -> Command:
        """Return the command of the reactive tick, every 20 ms."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """A task and when it is asked for.

    Args:
        task: what to do.
        at: s, whatever the robot is doing then; None as soon as the task before has ended.
    """

    task: Task
    at: float | None = None


def drive(
    driver: Driver,
    world: World,
    tasks: Sequence[Task | Errand],
    *,
    seconds: float,
    compute: Compute | None = None,
    snapshot_every: float = 0.0,
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Carry out tasks one after another; ends when the last has ended, or after a time.

    Args:
        driver: drives; it gets nothing but messages.
        world: the truth, at time 0.
        tasks: a task follows as soon as the one before has ended, an errand with a time at its time; a task that does
            not end by itself lasts until the next one's time, or the end.
        seconds: most simulated seconds for each task.
        compute: how long a reactive tick takes before its command leaves; by default no time.
        snapshot_every: how often a planning cycle of a Navigator is kept in full, s; 0 never.
        progress: called now and then with the simulated time.
    """
    errands = [task if isinstance(task, Errand) else Errand(task) for task in tasks]
    coupling = _Coupling(driver, world, compute, snapshot_every, progress)
    for errand, after in zip(errands, [*errands[1:], None], strict=True):
        while errand.at is not None and world.time < errand.at - 1e-9:
            coupling.tick()
        started = world.time
        driver.request(errand.task)
        end = started + seconds if after is None or after.at is None else min(started + seconds, after.at)
        while True:
            coupling.tick()
            if driver.status in ENDED or world.time >= end - 1e-9:
                break
        coupling.log.end_goal(driver, world, errand.task, started)
    return coupling.log.run(driver, world)


class _Coupling:
    """One driver in one world."""

    def __init__(
        self,
        driver: Driver,
        world: World,
        compute: Compute | None,
        snapshot_every: float,
        progress: Callable[[float], None] | None,
    ) -> None:
        self.log = _Log(snapshot_every)
        self._driver, self._world, self._progress = driver, world, progress
        self._compute = compute or Compute(ComputeTimes(), rng=np.random.default_rng(0))
        self._ticks = 0

    def tick(self) -> None:
        """Take messages in, send the command out, and let the world go on."""
        world, now = self._world, self._world.time
        messages = world.receive()
        step = self._compute.run("reflex", lambda: self._react(messages), now, 0.0)
        command: Command = step.result()
        world.send(command, delay=step.seconds)
        self.log.keep(self._driver, world, command)
        self._ticks += 1
        world.advance(self._ticks * TICK)
        if self._progress is not None and self._ticks % 50 == 0:
            self._progress(world.time)

    def _react(self, messages: Sequence[Message]) -> Command:
        for message in messages:
            self._driver.observe(message)
        return self._driver.step(self._world.clock)


class _Log:
    """Collects a run."""

    def __init__(self, snapshot_every: float) -> None:
        self._every = snapshot_every
        self.rows: list[tuple[float, ...]] = []
        self.people: list[np.ndarray] = []
        self.reasons: list[str] = []
        self.plans: list[PlanRecord] = []
        self.goals: list[GoalRecord] = []
        self._plan: Plan | None = None
        self._kept = -np.inf  # time of the newest planning cycle that was kept in full, s

    def keep(self, driver: Driver, world: World, command: Command) -> None:
        """Keep one tick."""
        truth = world.truth
        pose = truth.pose
        asked = (command.v, command.omega, command.emergency)
        self.rows.append((world.time, pose.x, pose.y, pose.yaw, truth.v, truth.omega, *asked, truth.pan))
        self.people.append(truth.people)
        self.reasons.append(command.reason)
        plan, belief = driver.plan, driver.belief
        if plan is None or belief is None or plan is self._plan:
            return
        self._plan = plan
        delay = driver.delay if isinstance(driver, Navigator) else driver.robot.latency.actuation_delay
        snapshot = None
        due = self._every > 0.0 and world.time - self._kept >= self._every - 1e-9
        if isinstance(driver, Navigator) and due:
            snapshot = take_snapshot(driver.robot, driver.config.planner.objective, belief, plan, truth.pan)
            self._kept = snapshot.time
        self.plans.append(PlanRecord(replace(plan, candidates=None), belief.map_from_odom, delay, snapshot))

    def end_goal(self, driver: Driver, world: World, task: Task, started: float) -> None:
        """Keep what became of a task that has ended, or whose time is over.

        Args:
            driver: its status tells.
            world: the truth.
            task: that was asked for.
            started: when, s.
        """
        pose, name = world.truth.pose, type(task).__name__.lower()
        if isinstance(task, GoTo):
            pose = _goal_pose(driver.home, task)
            name = task.target if isinstance(task.target, str) else f"{pose.x:.2f},{pose.y:.2f}"
        self.goals.append(GoalRecord(started, name, pose, driver.status, world.time))

    def run(self, driver: Driver, world: World) -> Run:
        """Return everything as arrays."""
        table = np.array(self.rows, dtype=np.float64)
        commands = CommandSeries(table[:, 6], table[:, 7], table[:, 8].astype(np.bool_), tuple(self.reasons))
        contacts = tuple(map(as_recorded, world.contacts))
        changed = world.home.version > 0
        return Run(
            driver.home, driver.robot, table[:, 0], table[:, 1:4], table[:, 4], table[:, 5], commands, table[:, 9],
            np.array(self.people), tuple(self.goals), contacts, tuple(self.plans),
            np.array(world.sightings, dtype=np.float64).reshape(-1, 3), world.home.snapshot() if changed else None,
            world.home.low.copy(),
        )  # fmt: skip


def as_recorded(contact: sim.Contact) -> ContactRecord:
    """Return a touch in the simulator as a run keeps it."""
    c = contact
    return ContactRecord(c.time, c.kind, c.robot_speed, c.caused_by_robot, c.index, c.closing_speed)


def _goal_pose(home: OccupancyMap, task: GoTo) -> Pose:
    return home.place(task.target) if isinstance(task.target, str) else task.target
