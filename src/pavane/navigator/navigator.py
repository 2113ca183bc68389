"""Navigator: sense, believe, fast-forward, plan, act, on one page; the same in simulation and in real time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from pavane.core.belief import Belief
from pavane.core.executor import Executor, LockStep
from pavane.core.geometry import Pose
from pavane.core.messages import Message, Odometry
from pavane.core.plan import Command, Guidance, Plan, Status
from pavane.core.robot import Latencies, RobotProfile
from pavane.core.tasks import GoTo, Task
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.navigator.base import Base
from pavane.navigator.config import NavigatorConfig
from pavane.navigator.inbox import Inbox
from pavane.navigator.listener import WARNED, Audience, Listener
from pavane.navigator.mission import Mission
from pavane.navigator.reflex import Reflex
from pavane.navigator.schedule import PLAN, ROUTE, Planned, Schedule, as_point
from pavane.navigator.senses import Senses
from pavane.navigator.strategies import OURS, Strategies, look
from pavane.navigator.warm_up import exercise
from pavane.planning.global_planner import RoutePlanner
from pavane.planning.local_planner import covering_discs, discomfort_field
from pavane.prediction import LatencyMonitor, PlantModel, fast_forward

CYCLE = 5  # ticks from one plan to the next: 10 Hz
LEARN = 3  # tick after that of a cycle on which the base is learned


class Navigator:
    """Drives one robot through one home.

    Args:
        robot: its profile.
        home: the map.
        config: of the layers.
        executor: where planning and routing run: inside ``step`` by default (LockStep); Threads in real time.
        strategies: who plans, turns the screen and checks; others take their part in studies.
        listeners: are told what happens; by default warnings become Python's.
        seed: of everything that is drawn at random.

    Attributes:
        robot, home, config, planner: as they are; the last two may be exchanged between two ticks.
        latencies: how long each stage takes, as measured from stamps; plans that were late or missing.
        inbox, senses, base, mission, schedule, reflex: its parts, to be looked at.
    """

    def __init__(
        self,
        robot: RobotProfile,
        home: OccupancyMap,
        *,
        config: NavigatorConfig | None = None,
        executor: Executor | None = None,
        strategies: Strategies = OURS,
        listeners: Sequence[Listener] = WARNED,
        seed: int = 0,
    ) -> None:
        self.robot, self.home, self.config = robot, home, config or NavigatorConfig()
        self._gaze, self._audience = strategies.gaze, Audience(listeners)
        self.planner = strategies.make_planner(robot, self.config.planner, np.random.default_rng(seed))
        executor, kinds, static = executor or LockStep(), self.config.planner.objective.kinds, clearance_grid(home)
        discomfort = discomfort_field(home.entities, kinds, static, float(covering_discs(robot.shape)[0, 2]))
        self.latencies = LatencyMonitor()
        self.inbox = Inbox(robot, kinds, self.latencies, self._audience.warn)
        self.senses = Senses(robot, static, discomfort, kinds, executor)
        self.base = Base(robot)
        self.mission = Mission(robot, home, RoutePlanner(static, robot, discomfort))
        self.schedule = Schedule(robot, executor, self.latencies)
        self.reflex = Reflex(robot, strategies.guard)
        self._ticks = 0

    # -- what it is asked and told ----------------------------------------------------------------------------------

    def request(self, task: Task) -> None:
        """Take on a task; it takes effect in the next cycle.

        Raises:
            BadGoal: it is none of GoTo, Follow and Stop; the place is unknown, or the robot cannot stand there.
        """
        with self._audience.request(task):
            self.mission.request(task)
            self.schedule.drop(ROUTE)

    def observe(self, message: Message) -> None:
        """Take in a sensor message, stamped, in any order; one from the future waits, see :class:`Inbox`.

        Raises:
            BadMessage: it is not one of messages.Message, or something of an unknown kind was detected.
        """
        with self._audience.observation(message):
            if (believed := self.inbox.put(message)) is not None:
                self._dispatch(believed)

    def step(self, now: float) -> Command:
        """The reactive tick: hand it the time every 20 ms, send what it returns.

        Asked early, it gives the newest command again. When the clock was set back, what is known would look as if from
        the future: it is forgotten with a warning, the robot eases off within its limits, and goes on with a GoTo when
        the sensors have spoken again. A Follow ends in a stop.

        Args:
            now: s, of the clock that stamps the messages.

        Raises:
            BadSetting: the time is not finite. Nothing has changed.
        """
        return self._audience.step(self, now, self._step)

    def _step(self, now: float) -> Command:
        if self.inbox.is_set_back(now):
            self._start_anew(now)
        early = self.base.is_early(now)  # what holds now still holds
        return replace(self.base.command, stamp=now) if early else self._tick(now)

    # -- the cycle: sense, believe, fast-forward, plan, act ---------------------------------------------------------

    def _tick(self, now: float) -> Command:
        for message in self.inbox.tick(now):
            self._dispatch(message)
        self._collect(now)
        if self._ticks % CYCLE == 0 and self.senses.is_ready(now):
            with self._audience.cycle():
                self._start_cycle(now)
            self._collect(now)  # what took no time
        elif self._ticks % CYCLE == LEARN:  # here nobody waits for it: a cycle is planned the sooner
            self.base.find()
        self._ticks += 1
        return self._act(now)

    def _dispatch(self, message: Message) -> None:
        """Sense: hand a message to the parts that it is for."""
        self.senses.take(message)
        if isinstance(message, Odometry):
            self.base.measured(message)

    def _collect(self, now: float) -> None:
        """Take over what background work has finished."""
        self.senses.collect(now, self.latencies)
        for name, result, error in self.schedule.finished(now):
            if error is not None:
                self._audience.warn(f"{name}: {type(error).__name__}: {error}")
            if name == ROUTE:
                self.mission.take_way(result) if error is None else self.mission.way_failed()

    def _start_cycle(self, now: float) -> None:
        """Believe, fast-forward to where a new plan takes effect, and begin to make it."""
        mission, schedule, base, what = self.mission, self.schedule, self.base, self.config.forwarding
        belief = self.senses.belief_at(now, base, what, mission.guidance)
        if not schedule.is_under_way(ROUTE) and (search := mission.look_for_way(belief, now, self.delay)) is not None:
            schedule.submit(ROUTE, search, now)
        mission.update_status(belief, base.state, now)
        if schedule.overruns(now):
            return
        plant = base.update(now)  # until this cycle's plan is in use it stays as it is: no seam
        use = schedule.reserve(now)
        effect, committed = use + self.delay, self.plan
        ahead = base.ahead(committed, now, use, self.delay)
        start = schedule.command_at(effect, ahead.state) if what.robot else as_point(base.state)
        belief = replace(belief, guidance=mission.guidance)
        future = fast_forward(belief, ahead.commands, schedule.screen_plan, plant, effect, what)
        window = self.senses.local_map(future.map_from_odom @ future.robot.pose, now)
        future, person = replace(future, local_map=window), mission.followed_in(future)
        overdue = schedule.overdue()

        def job() -> Planned:
            plan = self.planner.plan(future, start, committed, overdue)
            screen = self.robot.screen
            return Planned(plan, None if screen is None else look(self._gaze, plan, future, screen, person), future)

        schedule.submit(PLAN, job, now)

    def _act(self, now: float) -> Command:
        """Send what the guard lets through of the plan; notice when what is needed to drive stops coming."""
        self.mission.update_sight(self.senses.is_sighted(now), self.inbox.driving)
        return self.reflex.act(now, self.schedule, self.senses, self.base, self.delay)

    # -- what goes wrong, and what changes --------------------------------------------------------------------------

    def _start_anew(self, now: float) -> None:
        """Go on from what is commanded now, with the task and without anything that was sensed."""
        times = f"from {self.inbox.now:.3f} to {now:.3f} s"
        self._audience.warn(f"the clock was set back {times}: the robot eases off and senses anew")
        for part in (self.inbox, self.senses, self.base, self.schedule, self.reflex):
            part.reset()
        self.mission.start_anew()

    def expect(self, latency: Latencies) -> None:
        """Go on with other latencies than the profile's: what was learned of the base is forgotten."""
        self.robot = msgspec.structs.replace(self.robot, latency=latency)
        for part in (self.inbox, self.senses, self.base, self.mission, self.schedule, self.reflex):
            part.robot = self.robot
        self.base.expect()

    def warm_up(self) -> None:
        """Compile or load every kernel: the first time on a machine this takes a while, then a second.

        Another navigator like this one drives for half a second in a place of its own; this one is not touched.
        """
        exercise(Navigator(self.robot, self.home, config=self.config))

    # -- what is to be seen -----------------------------------------------------------------------------------------

    @property
    def task(self) -> Task | None:
        """What is being done; None when there is nothing."""
        return self.mission.task

    @property
    def status(self) -> Status:
        """What the task has come to."""
        return self.mission.status

    @property
    def guidance(self) -> Guidance | None:
        """The way; None while there is none."""
        return self.mission.guidance

    def goal_pose(self, task: GoTo) -> Pose:
        """The pose in ``map`` that a task means."""
        return self.mission.goal_pose(task)

    @property
    def plan(self) -> Plan | None:
        """The plan in use; None before the first."""
        return self.schedule.plan

    @property
    def belief(self) -> Belief | None:
        """What the plan in use was made from, at its effect time."""
        return None if self.schedule.planned is None else self.schedule.planned.belief

    @property
    def plant(self) -> PlantModel:
        """The base as it has been found to answer to commands; as the profile says, until there is evidence."""
        return self.base.plant

    @property
    def delay(self) -> float:
        """From a command to what the wheels make of it, s, as it is reckoned with."""
        return self.base.delay(self.config.forwarding)
