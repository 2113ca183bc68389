"""Navigator: sense, believe, fast-forward, plan, act, on one page.

The same object runs in simulation and in real time; only the executor and the clock it is given differ.
"""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import Belief, LocalMap, NearMap, RobotState, ScreenState, Track
from pavane.core.errors import BadGoal, BadMessage, BadSetting
from pavane.core.executor import Executor, LockStep, Pending
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan, ScreenFeedback, is_finite
from pavane.core.plan import Command, Guidance, Plan, PlanPoint, ScreenPlan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.motion.limits import bounds
from pavane.perception.local_map import EXPLAINED, local_map
from pavane.perception.near_map import near_layer, near_map
from pavane.perception.odometry import OdometryLog
from pavane.perception.scan_layer import ScanLayer
from pavane.perception.scan_motion import Movers
from pavane.perception.tracker import PeopleTracker
from pavane.planning.global_planner import RoutePlanner, descend
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner, covering_discs, discomfort_field
from pavane.planning.reactive import CommandState, Proposal, Verdict, blind_after, follow, guard
from pavane.planning.screen import plan_gaze
from pavane.prediction import (
    Finding,
    Forwarding,
    LatencyMonitor,
    PlantIdentifier,
    PlantModel,
    fast_forward,
    later,
    roll,
    walk,
)

TICK = 0.02  # s, reactive control: 50 Hz
SEARCH_SHARE = 0.8  # of the planning time: what follows the search needs the rest
EARLY = 2e-3  # s before its time that a tick is taken
CYCLE = 5  # ticks from one plan to the next: 10 Hz
LEARN = 3  # tick after that of a cycle on which the base is learned
HISTORY = 2.0  # s of commands that are kept
AHEAD = 0.5  # s that a stamp may be ahead of the navigator's clock
HELD = 500  # messages of each kind ahead of it that are held until the next tick: some seconds
SET_BACK = 0.1  # s by which the time may be before the newest tick's; more, and the clock was set back
START_UP = 1.0  # s within which the sensors may begin to speak
STALE = 0.3  # s without odometry after which the robot is blind
REROUTE = 0.5  # s between routes to a person
SAME_PERSON = 1.0  # m from where the followed person should be within which a new track is taken for them
FRESH, WALKING = 0.2, 0.3  # s since somebody was detected, m/s: then what was hit around them was them
SEAM = 3e-3  # m/s and rad/s by which the commands may leave the plan before the next one starts from the commands
STUCK = 4.0  # s at rest on the way after which another way is looked for
BLOCKED_RADIUS, BLOCKED_FOR = 0.4, 40.0  # m, s: what is taken to be in the way, and for how long
REST, TURN_REST = 0.02, 0.05  # m/s, rad/s: slower is at rest


@dataclass(frozen=True, slots=True, eq=False)
class Reaction:
    """What the guard looked at on a tick: kept for explanations.

    Args:
        near: the near map.
        at: where the robot will be when the command takes effect, in ``map``.
        wanted: the command that the plan asks for.
        command: what was sent.
    """

    near: NearMap
    at: Pose
    wanted: CommandState
    command: Command


MakePlanner = Callable[[RobotProfile, PlannerConfig, np.random.Generator], TrajectoryPlanner]


@dataclass(frozen=True, slots=True)
class NavigatorConfig:
    """Configuration of all layers that have one, and what is fast-forwarded."""

    planner: PlannerConfig = field(default_factory=PlannerConfig)
    forwarding: Forwarding = field(default_factory=Forwarding)


class Navigator:
    """Drives one robot through one home.

    Args:
        robot: its profile.
        home: the map.
        config: of the layers.
        executor: where planning and routing run: inside ``step`` by default (LockStep); Threads in real time.
        planner: makes the trajectory planner; others take their part in studies.
        seed: of everything that is drawn at random.

    Attributes:
        latencies: how long each stage takes, as measured from stamps; plans that were late or missing.
        reaction: of the newest tick on which the guard could look.
        held_back: of the newest tick on which the guard changed the command.
    """

    def __init__(
        self,
        robot: RobotProfile,
        home: OccupancyMap,
        *,
        config: NavigatorConfig | None = None,
        executor: Executor | None = None,
        planner: MakePlanner = TrajectoryPlanner,
        seed: int = 0,
    ) -> None:
        self.robot, self.home, self.config = robot, home, config or NavigatorConfig()
        self.status = Status.IDLE
        self.task: Task | None = None
        self._executor = executor or LockStep()
        self._bounds = bounds(robot)
        self._static = clearance_grid(home)
        objective = self.config.planner.objective
        self._kinds = objective.kinds
        self._discomfort = discomfort_field(
            home.entities, self._kinds, self._static, float(covering_discs(robot.shape)[0, 2])
        )
        self._route = RoutePlanner(self._static, robot, self._discomfort)
        self._planner = planner(robot, self.config.planner, np.random.default_rng(seed))
        self._tick = 0
        self._held: dict[
            str, deque[tuple[int, Message]]
        ] = {}  # by kind, numbered: ahead, as all is before the first tick
        self._arrivals = 0
        self._dropped: set[str] = set()  # kinds of messages that were said to be ahead
        self._command = CommandState()
        self._last = Command(-np.inf, 0.0, 0.0)
        self.latencies = LatencyMonitor()
        self._identifier = PlantIdentifier(robot.latency)
        self._learned: Finding | None = None  # since the last cycle
        self._know_nothing()

    def _know_nothing(self) -> None:
        """The state before the first tick: without anything that carries a stamp."""
        self.plan: Plan | None = None
        self.screen_plan: ScreenPlan | None = None
        self.guidance: Guidance | None = None
        self.belief: Belief | None = None  # the one the newest plan was made from, at its effect time
        self.reaction: Reaction | None = None
        self.held_back: Reaction | None = None
        self._layer = ScanLayer(self._static, EXPLAINED)
        self._near_layer = near_layer(self._static, self.robot.lidar.range_std)
        self._movers = Movers(self.robot.lidar.range_std)
        self._tracker = PeopleTracker(self.robot.detector, self._kinds)
        self._tracks: tuple[Track, ...] = ()
        self._tracks_stamp = -np.inf
        self._local: LocalMap | None = None
        self._odometry = OdometryLog()
        self._sent: deque[tuple[float, float, float]] = deque()
        self._map_from_odom: Localization | None = None
        self._screen: ScreenFeedback | None = None
        self._jobs: dict[str, Pending] = {}
        self._scans: deque[Pending] = deque()
        self._use = -np.inf  # the tick that is to read the plan under way first
        self._arrived: list[tuple[str, float]] = []  # kind and stamp of messages since the last tick
        self._began: float | None = None
        self._now = -np.inf  # of the newest tick
        self._person: Track | None = None  # who is followed, as they were
        self._person_at = -np.inf  # at this time
        self._routed = -np.inf
        self._stood_since = np.inf  # inf while it moves
        self._blocked: list[tuple[float, float, float, float]] = []  # x, y, radius in map, until

    def warm_up(self) -> None:
        """Compile or load every kernel before the drive: the first time on a machine this takes a while, then a second.

        A copy of this navigator plans and reacts for half a second in a place of its own; this one is not touched.
        """
        copy = Navigator(self.robot, self.home, config=self.config)
        row, column = np.unravel_index(int(np.argmax(self._static.data)), self._static.data.shape)
        x, y = self._static.centres(np.array([[column, row]]))[0]
        lidar = self.robot.lidar
        turn = lidar.field_of_view / max(lidar.rays - 1, 1)
        copy.task = GoTo(Pose(float(x), float(y)))
        for tick in range(25):
            now = tick * TICK
            copy.observe(Odometry(now, Pose(0.0, 0.0), 0.0, 0.0))
            copy.observe(Localization(now, Pose(float(x), float(y))))
            ranges = np.full(lidar.rays, np.inf)
            copy.observe(Scan(now, -0.5 * lidar.field_of_view, turn, ranges, lidar.range_max, lidar.mount))
            copy.observe(Detections(now, np.array([[1.0, 0.0]]), 0.05))
            copy.step(now)
        identifier = PlantIdentifier(self.robot.latency)  # looks for the base only after seconds of changing speeds
        for tick in range(150):
            now = tick * TICK
            identifier.sent(now, math.sin(now), 0.0)
            identifier.measured(Odometry(now, Pose(0.0, 0.0), math.sin(now), 0.0))
        identifier.find()

    @property
    def plant(self) -> PlantModel:
        """The base as it has been found to answer to commands; as the profile says, until there is evidence."""
        return self._identifier.plant

    @property
    def delay(self) -> float:
        """From a command to what the wheels make of it, s, as it is reckoned with."""
        return self.plant.delay if self.config.forwarding.robot else 0.0

    @property
    def planner(self) -> TrajectoryPlanner:
        """The trajectory planner; it keeps nothing from one plan to the next."""
        return self._planner

    @property
    def sent(self) -> tuple[tuple[float, float, float], ...]:
        """The commands of the last ``HISTORY`` seconds: stamp, v, omega."""
        return tuple(self._sent)

    @property
    def command(self) -> Command:
        """The newest command; its stamp is -inf before the first."""
        return self._last

    @property
    def stamps(self) -> dict[str, float]:
        """Of the newest of each kind that was sensed, s: -inf before the first."""
        odometry, place = self._odometry.newest, self._map_from_odom
        return {
            "odometry": -np.inf if odometry is None else odometry.stamp,
            "localization": -np.inf if place is None else place.stamp,
            "scan": self._near_layer.stamp,
            "detections": self._tracks_stamp,
        }

    # -- what the robot is asked and told ---------------------------------------------------------------------------

    def request(self, task: Task) -> None:
        """Take on a task; it takes effect in the next cycle.

        Raises:
            BadGoal: it is none of GoTo, Follow and Stop; the place is unknown, or the robot cannot stand there.
        """
        if not isinstance(task, Task):
            raise BadGoal("no such task", value=repr(task), limit="GoTo, Follow or Stop of pavane.core.tasks")
        if isinstance(task, GoTo):
            self._route.check("goal", self.goal_pose(task), match_heading=task.match_heading)
        self.task = task
        self._jobs.pop("route", None)
        self._routed, self._person, self._stood_since = -np.inf, None, np.inf
        self.guidance = None  # the old way must not pull any more; the robot eases off until the new one is there
        self.status = Status.ROUTING if not isinstance(task, Stop) else Status.DRIVING

    def goal_pose(self, task: GoTo) -> Pose:
        """The pose in ``map`` that a task means."""
        return self.home.place(task.target) if isinstance(task.target, str) else task.target

    def observe(self, message: Message) -> None:
        """Take in a sensor message, stamped, in any order.

        A message whose stamp is more than ``AHEAD`` after the newest ``step`` is held: the caller's loop may have
        stalled, and the next ``step`` tells the time. It is taken in there if it is not ahead of that; else it is
        dropped with a warning, the first time for each kind, for believed, it would make all that follows look old.
        Of the messages that are held the newest ``HELD`` of each kind are kept.

        Raises:
            BadMessage: it is not one of messages.Message.
        """
        if not isinstance(message, Message):
            raise BadMessage("no such message", value=type(message).__name__, limit="a pavane.core.messages type")
        unknown = set(message.kinds or ()) - set(self._kinds) if isinstance(message, Detections) else set()
        if unknown:
            raise BadMessage(
                "unknown kind of thing was detected", value=min(unknown), limit=", ".join(sorted(self._kinds))
            )
        if message.stamp > self._now + AHEAD:  # before the first tick nobody knows what time it is
            self._arrivals += 1
            self._held.setdefault(type(message).__name__, deque(maxlen=HELD)).append((self._arrivals, message))
        else:
            self._take_in(message)

    def _take_in(self, message: Message) -> None:
        kind = type(message).__name__
        self._arrived.append((kind, message.stamp))
        ahead = self.latencies.ahead(kind, self._promised(message))
        if ahead > 0.0:
            message = replace(message, stamp=message.stamp - ahead)
        match message:
            case Odometry():
                self._odometry.add(message)
                self._identifier.measured(message)
            case Localization():
                if self._map_from_odom is None or message.stamp >= self._map_from_odom.stamp:
                    self._map_from_odom = message
            case ScreenFeedback():
                if self._screen is None or message.stamp >= self._screen.stamp:
                    self._screen = message
            case Scan():
                self._take_scan(message)
            case Detections():
                pose = self._odometry.pose_at(message.stamp)
                if pose is not None:
                    self._tracks = self._tracker.update(message, pose)
                    self._tracks_stamp = self._tracker.stamp

    def _promised(self, message: Message) -> float:
        """What the profile says of the way from sensing to here, s."""
        latency = self.robot.latency
        return latency.scan if isinstance(message, Scan) else latency.perception * isinstance(message, Detections)

    def step(self, now: float) -> Command:
        """The reactive tick: hand it the time every 20 ms, send what it returns.

        Asked early, it gives the command of the newest tick again. A clock that is set back by more than ``SET_BACK``
        makes all that is known look as if from the future: it is forgotten with a warning, the robot eases off within
        its limits, and goes on with a GoTo when the sensors have spoken again. A Follow ends in a stop, for it is no
        more known who was followed.

        Args:
            now: s, of the clock that stamps the messages.

        Raises:
            BadSetting: the time is not finite. Nothing has changed.
        """
        if not is_finite(now):
            raise BadSetting(
                "the time of a step is not finite", value=repr(now), limit="seconds of the clock that stamps messages"
            )
        if now < self._now - SET_BACK:
            text = f"the clock was set back from {self._now:.3f} to {now:.3f} s: the robot eases off and senses anew"
            self._warn(text)
            self._start_anew()
        if now < self._last.stamp + TICK - EARLY:  # asked early: what holds now still holds
            return replace(self._last, stamp=now)
        self._now = now
        if self._began is None:
            self._began = now
        self._take_held(now)
        for kind, stamp in self._arrived:
            self.latencies.add(kind, now - stamp)
        self._arrived.clear()
        self._collect(now)
        if self._tick % CYCLE == 0 and self._ready(now):
            self._start_cycle(now)
            self._collect(now)  # what took no time
        elif self._tick % CYCLE == LEARN:  # here nobody waits for it: a cycle is planned the sooner
            self._learned = self._identifier.find()
        self._tick += 1
        return self._react(now)

    def _warn(self, text: str) -> None:
        """Tell whoever drives; a recording notes it too."""
        warnings.warn(text, RuntimeWarning, stacklevel=3)

    def _start_anew(self) -> None:
        """Go on from what is commanded now, with the task and without anything that was sensed."""
        self._know_nothing()
        self._last = replace(self._last, stamp=-np.inf)
        if isinstance(self.task, Follow):
            self.request(Stop())
        elif isinstance(self.task, GoTo):
            self.status = Status.ROUTING

    def _take_held(self, now: float) -> None:
        """Take in what was ahead of the clock and is no more; drop the rest and say so."""
        held = sorted((entry for kind in self._held.values() for entry in kind), key=lambda entry: entry[0])
        self._held.clear()
        for _, message in held:
            if message.stamp <= now + AHEAD:
                self._take_in(message)
                continue
            name, seconds = type(message).__name__, message.stamp - now
            if name not in self._dropped:
                self._dropped.add(name)
                text = f"{name} is stamped {seconds:.3f} s in the future and dropped, as are others like it"
                remedy = "Check that sensor and robot share one clock."
                self._warn(f"{text}. {remedy}")

    # -- one planning cycle -----------------------------------------------------------------------------------------

    def _start_cycle(self, now: float) -> None:
        belief = self._believe(now)
        self._guide(belief, now)
        self._judge_progress(belief, now)
        if "plan" in self._jobs:  # the last cycle overran; its plan is still to come
            self.latencies.missing += now > self._use + EARLY
            return
        latency, what = self.robot.latency, self.config.forwarding
        # until this cycle's plan is in use the plant stays as it is: no seam
        plant, self._learned = self._identifier.update(now, self._learned), None
        budget = self.latencies.budget(latency.planning)
        self._use = use = now + TICK * math.ceil(budget / TICK - 1e-6)  # the first tick that reads the new plan
        effect = use + self.delay
        commands, state = self._ahead(now, use)
        scheduled = self._scheduled(effect, state) if what.robot else _commanded(self._command)
        belief = replace(belief, guidance=self.guidance)
        future = fast_forward(belief, commands, self.screen_plan, plant, effect, what)
        here = future.map_from_odom @ future.robot.pose
        self._local = local_map(self._static, self._layer, here, now, self._discomfort)
        future = replace(future, local_map=self._local)
        committed = self.plan
        person = None if self._person is None else {t.identity: t for t in future.tracks}.get(self._person.identity)

        overdue = self._executor.overdue(SEARCH_SHARE * latency.planning)

        def job() -> tuple[Plan, ScreenPlan | None, Belief]:
            plan = self._planner.plan(future, scheduled, committed, overdue)
            return plan, self._gaze(plan, future, person), future

        self._jobs["plan"] = self._executor.submit("planning", job, now, latency.planning)

    def _believe(self, now: float) -> Belief:
        """Everything known, brought to ``now``."""
        newest = self._odometry.newest
        assert newest is not None
        plant, what = self.plant, self.config.forwarding
        covariance = np.diag([0.0, 0.0, 0.0, plant.v_std**2, plant.omega_std**2])
        robot = RobotState(newest.pose, newest.v, newest.omega, self._command.a, self._command.alpha, covariance)
        if what.robot:
            robot = roll(robot, newest.stamp, list(self._sent), now, plant)
        since = now - self._tracks_stamp
        known = (t for t in self._tracks if now - t.sensed < self._tracker.memory(t.kind))
        tracks = tuple(later(t, since) if what.people else t for t in known)
        assert self._local is not None and self._map_from_odom is not None
        screen = ScreenState(0.0, 0.0) if self._screen is None else ScreenState(self._screen.pan, self._screen.rate)
        return Belief(now, robot, screen, tracks, self._local, self._map_from_odom.map_from_odom, self.guidance)

    def _ahead(self, now: float, until: float) -> tuple[list[tuple[float, float, float]], CommandState]:
        """Commands sent and still to be sent before the tick at ``until``, and what would be commanded on that tick."""
        commands, state = list(self._sent), self._command
        for i in range(round((until - now) / TICK) + 1):
            time = now + i * TICK
            state = follow(state, self.plan, time + self.delay, self._bounds, TICK)
            commands.append((time, state.v, state.omega))
        return commands[:-1], state

    def _scheduled(self, effect: float, state: CommandState) -> PlanPoint:
        """What the committed plan commands at the effect time; what will really be commanded where the two differ."""
        if self.plan is not None:
            point = self.plan.at(effect)
            if max(abs(point.v - state.v), abs(point.omega - state.omega)) < SEAM:
                return point
        return _commanded(state)

    def _gaze(self, plan: Plan, belief: Belief, person: Track | None) -> ScreenPlan | None:
        if self.robot.screen is None:
            return None
        places = None if person is None else walk(person, plan.dt * np.arange(61, dtype=np.float64))[0]
        return plan_gaze(plan, belief.screen, self.robot.screen, places)

    # -- guidance and tasks -----------------------------------------------------------------------------------------

    def _guide(self, belief: Belief, now: float) -> None:
        """Ask for a route where the task needs one; routing runs in the background."""
        here = belief.map_from_odom @ belief.robot.pose
        if "route" in self._jobs:
            return
        match self.task:
            case GoTo() as task if self._routed == -np.inf:
                goal = self.goal_pose(task)
                self._submit_route(here, goal, now, task.match_heading, task.tolerance, 0.0)
            case GoTo() if self.status is Status.WAITING and now - max(self._stood_since, self._routed) > STUCK:
                self._report_blocked(here, now)
            case Follow() as task if now - self._routed >= REROUTE:
                person = self._followed(belief, task)
                if person is None:  # go on to where they were seen last, and look there
                    self.status = Status.LOST
                    return
                self._person, self._person_at = person, now
                lead = self.robot.latency.routing + 0.5 * REROUTE + self.delay
                place = belief.map_from_odom.transform(walk(person, np.array([lead]))[0])[0]
                self.status = Status.FOLLOWING
                self._submit_route(here, Pose(*place), now, True, 0.1, task.distance)

    def _submit_route(
        self, here: Pose, goal: Pose, now: float, match_heading: bool, tolerance: float, stand_off: float
    ) -> None:
        self._blocked = [b for b in self._blocked if b[3] > now]
        slow = np.array([b[:3] for b in self._blocked]).reshape(-1, 3)

        def job() -> Guidance | None:
            return self._route.plan(
                goal, here, match_heading=match_heading, tolerance=tolerance, stand_off=stand_off, slow=slow
            )

        self._routed = now
        self._jobs["route"] = self._executor.submit("routing", job, now, self.robot.latency.routing)

    def _report_blocked(self, here: Pose, now: float) -> None:
        """News for the route: the way just ahead does not work now; is there another?"""
        if self.guidance is None or here.distance(self.guidance.goal) < 0.5:
            return
        ahead = descend(self.guidance.cost_to_go, here)
        if ahead is None:
            return
        gone = np.cumsum(np.hypot(*np.diff(ahead, axis=0, prepend=ahead[:1]).T))
        x, y = ahead[min(int(np.searchsorted(gone, 0.5)), len(ahead) - 1)]
        self._blocked.append((float(x), float(y), BLOCKED_RADIUS, now + BLOCKED_FOR))
        self._routed = -np.inf

    def _followed(self, belief: Belief, task: Follow) -> Track | None:
        """The person to follow: the one named, or chosen before, or else the nearest.

        A track that broke off goes on under another number where that one is now.
        """
        tracks = {t.identity: t for t in belief.tracks if t.kind == "person"}
        last = self._person
        if last is None and task.person is None:
            here, reach = np.array([belief.robot.pose.x, belief.robot.pose.y]), np.inf
        else:
            same = tracks.get(last.identity if last is not None else task.person or 0)
            if same is not None or last is None:
                return same
            here, reach = walk(last, np.array([belief.stamp - self._person_at]))[0][0], SAME_PERSON
        near = {float(np.hypot(*(t.position - here))): t for t in tracks.values()}
        return near[min(near)] if near and min(near) < reach else None

    def _judge_progress(self, belief: Belief, now: float) -> None:
        """Say what the task has come to."""
        robot = belief.robot
        speed = max(abs(robot.v), abs(self._command.v))  # what is measured is noisy, what is commanded is still to come
        turning = max(abs(robot.omega), abs(self._command.omega))
        resting = speed < REST and turning < TURN_REST
        self._stood_since = min(self._stood_since, now) if resting else np.inf
        stood = max(now - self._stood_since, 0.0)
        match self.task:
            case GoTo() as task if self.guidance is not None and self.status in (Status.DRIVING, Status.WAITING):
                here, goal = belief.map_from_odom @ robot.pose, self.guidance.goal
                turned = abs(np.remainder(goal.yaw - here.yaw + np.pi, 2 * np.pi) - np.pi)
                there = here.distance(goal) < task.tolerance
                if there and (turned < task.heading_tolerance or not task.match_heading) and stood >= 0.2:
                    self.status, self.task, self.guidance = Status.REACHED, None, None
                else:
                    self.status = Status.WAITING if stood > 2.0 else Status.DRIVING
            case Stop() if stood >= 0.1:
                self.status, self.task = Status.STOPPED, None

    # -- acting -----------------------------------------------------------------------------------------------------

    def _react(self, now: float) -> Command:
        ready = self._ready(now)
        self._notice_blindness(now, ready)
        if not ready:  # stop as gently as the brakes allow
            self._command = follow(self._command, None, now, self._bounds, TICK)
            return self._send(now, False, "no fresh odometry or localization")
        wanted = follow(self._command, self.plan, now + self.delay, self._bounds, TICK)
        newest = self._odometry.newest
        assert newest is not None
        state = RobotState(newest.pose, newest.v, newest.omega)
        assert self._map_from_odom is not None
        place = self._map_from_odom.map_from_odom
        plant = self.plant
        acts = now + plant.dead_time
        at = roll(state, newest.stamp, list(self._sent), acts, plant.certain)
        near = near_map(self._static, self._near_layer, place @ newest.pose, now, self._movers.at(acts, place))
        verdict = self._checked(near, place @ at.pose, wanted, now)
        self._command = verdict.state
        command = self._send(now, verdict.emergency, verdict.reason)
        self.reaction = Reaction(near, place @ at.pose, wanted, command)
        self.held_back = self.reaction if verdict.reason else self.held_back
        return command

    def _checked(self, near: NearMap, at: Pose, wanted: CommandState, now: float) -> Verdict:
        """What the guard lets through of a command that takes effect at ``at``, in ``map``."""
        reaction = TICK + max(self.plant.lag, self.robot.latency.actuation_lag) + 2.0 * self.plant.spread
        return guard(near, Proposal(wanted, self._command, at, now, TICK, reaction), self.robot, self._bounds)

    def _send(self, now: float, emergency: bool, reason: str) -> Command:
        pan = self._last.pan
        if self.screen_plan is not None:
            pan = self.screen_plan.at(now + self.delay)[0]
        self._sent.append((now, self._command.v, self._command.omega))
        self._identifier.sent(*self._sent[-1])
        while self._sent[0][0] < now - HISTORY:
            self._sent.popleft()
        self._last = Command(now, self._command.v, self._command.omega, pan, emergency, reason)
        return self._last

    # -- keeping what was sensed ------------------------------------------------------------------------------------

    def _ready(self, now: float) -> bool:
        newest = self._odometry.newest
        if newest is None or now - newest.stamp > STALE or self._map_from_odom is None:
            return False
        if self._local is None:
            here = self._map_from_odom.map_from_odom @ newest.pose
            self._local = local_map(self._static, self._layer, here, now, self._discomfort)
        return True

    def _notice_blindness(self, now: float, ready: bool) -> None:
        """Say so when what is needed to drive stops coming, and go on by itself when it comes again."""
        assert self._began is not None
        sighted = ready and now - self._near_layer.stamp < blind_after(self.robot)
        if sighted:
            if self.status is Status.BLIND:
                self.status = Status.DRIVING if isinstance(self.task, Stop) else Status.ROUTING
                self._routed = -np.inf
        elif self.task is not None and now - self._began > START_UP:
            self.status = Status.BLIND

    def _take_scan(self, scan: Scan) -> None:
        """The near map takes a scan at once; the local map when the perception pipeline has worked on it."""
        pose = self._odometry.pose_at(scan.stamp)
        if pose is None or self._map_from_odom is None or scan.stamp < self._near_layer.stamp:
            return
        at = self._map_from_odom.map_from_odom @ pose
        scan = self._without_itself(scan)
        self._near_layer.stand(self.robot.shape, at)  # before what the scan says, which is newer
        self._near_layer.add(scan, at, np.zeros((0, 3)))
        self._movers.add(scan, pose)
        latency = self.robot.latency
        start, seconds = scan.stamp + latency.scan, latency.perception - latency.scan
        job = self._executor.submit("perception", lambda: (scan, at), start, seconds)
        self._scans.append(job)

    def _without_itself(self, scan: Scan) -> Scan:
        """The scan without what it saw inside the robot's outline, where nothing else can be."""
        shape, mount = self.robot.shape, scan.mount
        near = np.flatnonzero(scan.ranges < shape.circumscribed_radius + math.hypot(mount.x, mount.y))
        if len(near) == 0:
            return scan
        angles, ranges = scan.angles[near], scan.ranges[near, None]
        points = mount.transform(ranges * np.stack([np.cos(angles), np.sin(angles)], axis=1))
        inside = near[shape.signed_distance(points) < 0.0]
        if len(inside) in (0, len(scan.ranges)):  # a lidar that sees nothing else is broken: let the guard stop
            return scan
        kept = scan.ranges.copy()
        kept[inside] = np.nan
        return replace(scan, ranges=kept)

    def _bodies(self, stamp: float, walking: bool = False) -> Floats:
        """(P, 3) x, y, radius in ``map`` of what a scan may have hit of the tracked people.

        With ``walking``, of those who were just detected and walk: they have left where they were hit before.
        """
        assert self._map_from_odom is not None
        moving = [track for track in self._tracks if self._kinds[track.kind].moves]
        if walking:
            moving = [t for t in moving if stamp - t.sensed < FRESH and float(np.hypot(*t.velocity)) > WALKING]
        out = np.empty((len(moving), 3))
        for i, track in enumerate(moving):
            moved = walk(track, np.array([max(stamp - self._tracks_stamp, 0.0)]))[0]
            out[i, :2] = self._map_from_odom.map_from_odom.transform(moved)[0]
            out[i, 2] = track.radius + 0.25
        return out

    def _collect(self, now: float) -> None:
        """Take over what background work has finished."""
        while self._scans and self._scans[0].done(now):
            scan, at = self._scans.popleft().result()
            self._layer.stand(self.robot.shape, at)
            self._layer.add(scan, at, self._bodies(scan.stamp))
            self._layer.forget(self._bodies(scan.stamp, walking=True))
            self.latencies.add("perception", now - scan.stamp)
        for name in [name for name, job in self._jobs.items() if job.done(now)]:
            if name == "plan" and now < self._use - EARLY:  # it is early; until then the old one holds
                continue
            job = self._jobs.pop(name)
            self.latencies.add("planning" if name == "plan" else "routing", job.took())
            self.latencies.late += name == "plan" and now > self._use + EARLY
            try:
                result = job.result()
            except Exception as error:  # the robot must go on being steered: the old plan ends in a stop
                self._warn(f"{name}: {type(error).__name__}: {error}")
                self._routed = -np.inf if name == "route" else self._routed
                self.latencies.missing += name == "plan"
                continue
            if name == "plan":
                self.plan, self.screen_plan, self.belief = result
            elif isinstance(self.task, Follow):
                # a person out of reach is still followed as far as the way goes
                self.guidance = result or self.guidance
            elif self.task is not None and not isinstance(self.task, Stop):
                self.guidance = result
                if result is None:
                    self.status = Status.NO_ROUTE
                elif self.status is not Status.FOLLOWING:
                    self.status = Status.DRIVING


def _commanded(state: CommandState) -> PlanPoint:
    """A command as the point that a plan may start from; its pose is not asked for."""
    return PlanPoint(Pose(0.0, 0.0), state.v, state.omega, state.a, state.alpha)
