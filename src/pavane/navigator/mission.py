"""Mission: the task, the way to it, and what it has come to, as a state machine."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

import numpy as np

from pavane.core.belief import Belief, Track
from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.core.plan import Guidance, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.maps import OccupancyMap
from pavane.planning.global_planner import RoutePlanner, descend
from pavane.planning.reactive import CommandState
from pavane.prediction import walk

START_UP = 1.0  # s within which the sensors may begin to speak
REROUTE = 0.5  # s between routes to a person
SAME_PERSON = 1.0  # m from where the followed person should be within which a new track is taken for them
STUCK = 4.0  # s at rest on the way after which another way is looked for
BLOCKED_RADIUS, BLOCKED_FOR = 0.4, 40.0  # m, s: what is taken to be in the way, and for how long
AHEAD = 0.5  # m along the way where that is
REST, TURN_REST = 0.02, 0.05  # m/s, rad/s: slower is at rest
REACHED_AFTER, STOPPED_AFTER, WAITING_AFTER = 0.2, 0.1, 2.0  # s at rest


class MissionEvent(Enum):
    """What can happen to a mission."""

    REQUESTED = auto()  # a task was asked for, or begins anew because the clock was set back
    ROUTE_FOUND = auto()
    NO_ROUTE_FOUND = auto()
    PERSON_SEEN = auto()
    PERSON_LOST = auto()
    MOVES = auto()  # or stands for no longer than a moment
    STANDS = auto()  # on the way
    ARRIVED = auto()  # and at rest
    STOPPED = auto()  # came to rest, wherever that is
    BLINDED = auto()  # what is needed to drive has stopped coming
    SIGHTED = auto()  # it comes


def next_status(status: Status, event: MissionEvent, task: Task | None) -> Status:
    """The status after an event; what is not listed changes nothing."""
    match event, task, status:
        case MissionEvent.BLINDED, GoTo() | Follow() | Stop(), _:
            return Status.BLIND
        case (MissionEvent.REQUESTED, Stop(), _) | (MissionEvent.SIGHTED, Stop(), Status.BLIND):
            return Status.DRIVING
        case (MissionEvent.REQUESTED, GoTo() | Follow(), _) | (MissionEvent.SIGHTED, _, Status.BLIND):
            return Status.ROUTING
        case MissionEvent.ROUTE_FOUND, GoTo(), _:
            return Status.DRIVING
        case MissionEvent.NO_ROUTE_FOUND, GoTo(), _:
            return Status.NO_ROUTE
        case MissionEvent.MOVES, GoTo(), Status.WAITING:
            return Status.DRIVING
        case MissionEvent.STANDS, GoTo(), Status.DRIVING:
            return Status.WAITING
        case MissionEvent.ARRIVED, GoTo(), Status.DRIVING | Status.WAITING:
            return Status.REACHED
        case MissionEvent.PERSON_SEEN, Follow(), _:
            return Status.FOLLOWING
        case MissionEvent.PERSON_LOST, Follow(), _:
            return Status.LOST
        case MissionEvent.STOPPED, Stop(), _:
            return Status.STOPPED
    return status


class _Blocked(NamedTuple):
    """A disc that is taken to be in the way: x, y and radius in ``map``, m, until a time, s."""

    x: float
    y: float
    radius: float
    until: float


class Mission:
    """What is to be done, by which way, and how far it has come.

    Args:
        robot: its profile.
        home: the map, with the places that a task may name.
        route_planner: finds ways.

    Attributes:
        robot: see above.
        task: what is being done; None when there is nothing.
        status: what it has come to.
        guidance: the way; None while there is none.
        person: who is followed, as they were last; None before somebody was found.
    """

    def __init__(self, robot: RobotProfile, home: OccupancyMap, route_planner: RoutePlanner) -> None:
        self.robot, self.route_planner = robot, route_planner
        self._home = home
        self.task: Task | None = None
        self.status = Status.IDLE
        self._blocked: list[_Blocked] = []
        self._begin()

    def _begin(self) -> None:
        """Begin a task with neither a way nor anybody to follow."""
        self.guidance: Guidance | None = (
            None  # an old way must not pull any more: the robot eases off until one is there
        )
        self.person: Track | None = None
        self._person_at = -math.inf  # s, when they were so
        self._routed = -math.inf  # s, when a way was last asked for; -inf when one is due
        self._stood_since = math.inf  # s; inf while it moves

    def _happens(self, event: MissionEvent) -> None:
        """Let an event change the status; a task that has ended is none any more."""
        self.status = next_status(self.status, event, self.task)
        if self.status in (Status.REACHED, Status.STOPPED):
            self.task, self.guidance = None, None

    # -- what is asked ----------------------------------------------------------------------------------------------

    def request(self, task: Task) -> None:
        """Take on a task in place of the one before.

        Raises:
            BadGoal: it is none of GoTo, Follow and Stop; the place is unknown, or the robot cannot stand there.
        """
        if not isinstance(task, Task):
            raise BadGoal("no such task", value=repr(task), limit="GoTo, Follow or Stop of pavane.core.tasks")
        if isinstance(task, GoTo):
            self.route_planner.check("goal", self.goal_pose(task), match_heading=task.match_heading)
        self.task = task
        self._begin()
        self._happens(MissionEvent.REQUESTED)

    def goal_pose(self, task: GoTo) -> Pose:
        """The pose in ``map`` that a task means."""
        return self._home.place(task.target) if isinstance(task.target, str) else task.target

    def start_anew(self) -> None:
        """Go on after the clock was set back. A Follow ends in a stop: it is no more known who was followed."""
        self._begin()
        self._blocked.clear()
        match self.task:
            case GoTo():
                self._happens(MissionEvent.REQUESTED)
            case Follow():
                self.request(Stop())

    # -- the way ----------------------------------------------------------------------------------------------------

    def look_for_way(self, belief: Belief, now: float, delay: float) -> Callable[[], Guidance | None] | None:
        """The search for a way, where the task needs one now; None where it does not.

        Args:
            belief: at ``now``.
            now: s.
            delay: from a command to what the wheels make of it, s.
        """
        here = belief.map_from_odom @ belief.robot.pose
        match self.task:
            case GoTo() as task if self._routed == -math.inf:
                goal = self.goal_pose(task)
                return self._search(here, goal, now, match_heading=task.match_heading, tolerance=task.tolerance)
            case GoTo() if self.status is Status.WAITING and now - max(self._stood_since, self._routed) > STUCK:
                self._report_blocked(here, now)
            case Follow() as task if now - self._routed >= REROUTE:
                person = self._followed(belief, task)
                if person is None:  # go on to where they were seen last, and look there
                    self._happens(MissionEvent.PERSON_LOST)
                    return None
                self.person, self._person_at = person, now
                self._happens(MissionEvent.PERSON_SEEN)
                lead = self.robot.latency.routing + 0.5 * REROUTE + delay
                place = belief.map_from_odom.transform(walk(person, np.array([lead]))[0])[0]
                return self._search(here, Pose(*place), now, tolerance=0.1, stand_off=task.distance)
        return None

    def _search(
        self,
        here: Pose,
        goal: Pose,
        now: float,
        *,
        match_heading: bool = True,
        tolerance: float,
        stand_off: float = 0.0,
    ) -> Callable[[], Guidance | None]:
        self._blocked = [b for b in self._blocked if b.until > now]
        slow = np.array([b[:3] for b in self._blocked]).reshape(-1, 3)
        self._routed = now
        return lambda: self.route_planner.plan(
            goal, here, match_heading=match_heading, tolerance=tolerance, stand_off=stand_off, slow=slow
        )

    def take_way(self, guidance: Guidance | None) -> None:
        """A search has ended; with None, no way leads there."""
        match self.task:
            case Follow():  # a person out of reach is still followed as far as the way goes
                self.guidance = guidance or self.guidance
            case GoTo():
                self.guidance = guidance
                self._happens(MissionEvent.ROUTE_FOUND if guidance is not None else MissionEvent.NO_ROUTE_FOUND)

    def way_failed(self) -> None:
        """A search has raised something: the way is looked for again."""
        self._routed = -math.inf

    def _report_blocked(self, here: Pose, now: float) -> None:
        """News for the route: the way just ahead does not work now; is there another?"""
        if self.guidance is None or here.distance(self.guidance.goal) < 0.5:
            return
        ahead = descend(self.guidance.cost_to_go, here)
        if ahead is None:
            return
        gone = np.cumsum(np.hypot(*np.diff(ahead, axis=0, prepend=ahead[:1]).T))
        x, y = ahead[min(int(np.searchsorted(gone, AHEAD)), len(ahead) - 1)]
        self._blocked.append(_Blocked(float(x), float(y), BLOCKED_RADIUS, now + BLOCKED_FOR))
        self._routed = -math.inf

    def _followed(self, belief: Belief, task: Follow) -> Track | None:
        """The person to follow: the one named, or chosen before, or else the nearest.

        A track that broke off goes on under another number where that one is now.
        """
        tracks = {t.identity: t for t in belief.tracks if t.kind == "person"}
        last = self.person
        if last is None and task.person is None:
            here, reach = np.array([belief.robot.pose.x, belief.robot.pose.y]), np.inf
        else:
            same = tracks.get(last.identity if last is not None else task.person or 0)
            if same is not None or last is None:
                return same
            here, reach = walk(last, np.array([belief.stamp - self._person_at]))[0][0], SAME_PERSON
        near = {float(np.hypot(*(t.position - here))): t for t in tracks.values()}
        return near[min(near)] if near and min(near) < reach else None

    def followed_in(self, belief: Belief) -> Track | None:
        """Who is followed, as a belief has them."""
        return None if self.person is None else {t.identity: t for t in belief.tracks}.get(self.person.identity)

    # -- how far it has come ----------------------------------------------------------------------------------------

    def update_status(self, belief: Belief, command: CommandState, now: float) -> None:
        """Say what the task has come to.

        Args:
            belief: at ``now``.
            command: the newest: what is measured is noisy, what is commanded is still to come.
            now: s.
        """
        robot = belief.robot
        speed, turning = max(abs(robot.v), abs(command.v)), max(abs(robot.omega), abs(command.omega))
        resting = speed < REST and turning < TURN_REST
        self._stood_since = min(self._stood_since, now) if resting else math.inf
        stood = max(now - self._stood_since, 0.0)
        match self.task:
            case GoTo() as task if self.guidance is not None:
                if stood >= REACHED_AFTER and _is_there(belief.map_from_odom @ robot.pose, self.guidance.goal, task):
                    self._happens(MissionEvent.ARRIVED)
                else:
                    self._happens(MissionEvent.STANDS if stood > WAITING_AFTER else MissionEvent.MOVES)
            case Stop() if stood >= STOPPED_AFTER:
                self._happens(MissionEvent.STOPPED)

    def update_sight(self, sighted: bool, driving: float) -> None:
        """Say so when what is needed to drive stops coming, and go on by itself when it comes again.

        Args:
            sighted: whether it comes.
            driving: s since the first tick.
        """
        if sighted:
            if self.status is Status.BLIND:
                self._routed = -math.inf
            self._happens(MissionEvent.SIGHTED)
        elif driving > START_UP:
            self._happens(MissionEvent.BLINDED)


def _is_there(here: Pose, goal: Pose, task: GoTo) -> bool:
    """Whether a pose is as near to the goal as a task asks for."""
    turned = abs(np.remainder(goal.yaw - here.yaw + np.pi, 2 * np.pi) - np.pi)
    near = here.distance(goal) < task.tolerance
    return near and bool(turned < task.heading_tolerance or not task.match_heading)
