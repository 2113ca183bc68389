"""One person: where they are, what they are about, and what they do about those in their way."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Ints
from pavane.numerics.raycast import in_sight
from pavane.sim.people.behaviour import Behaviour
from pavane.sim.people.doors import DoorUser
from pavane.sim.people.groups import Group
from pavane.sim.people.navigation import ShortestWays, WalkableSpace
from pavane.sim.people.spec import PersonSpec
from pavane.sim.people.yielding import AIR, NEAR, WIDE, Other, faces, in_each_others_way, refuge

ARRIVED = 0.20  # m from a goal at which a person is there
AHEAD = 0.7  # m of the way that a person looks along
RELIEF = 1.5  # s for which the way must be clear before they go on
UNHURRIED = 0.6  # m/s, at most, with which they step aside: a short way, soon walked
RETHINK = 1.0  # s before they look for another place to step aside to
MEMORY = 4.0  # s for which they remember a robot that is out of sight
STANDOFF = 2.0  # s of a robot standing in front after which they go back
AGAIN = 6.0  # s within which making room again is the same encounter
PATIENCE = (6.0, 10.0)  # s after which they give up waiting and go somewhere else
STUCK = 2.5  # s without getting on after which something is in the way
AT_DOOR = 8.0  # s, likewise before a door that does not open
SHUFFLE = 0.25  # m from their place up to which those who stay do not correct it
LATECOMERS = 10.0  # s for which the first of a group waits for the others
GATHER = 1.5  # m from a common goal at which those of a group go to their own place around it


class Mode(Enum):
    """What a person is doing."""

    WALK = "walking to a goal"
    STAY = "staying"
    ASIDE = "making room"


class Person:
    """A person in ``map``.

    Args:
        spec: who it is.
        index: their number; of two who block each other, the higher makes room.
        ground: where they can walk.
        start: where they start.
        goals: (N,) nodes they go to.
        ways_to: the ways to a node, remembered by whoever hands this in.
        rng: their own stream.
    """

    def __init__(
        self,
        spec: PersonSpec,
        index: int,
        ground: WalkableSpace,
        start: tuple[float, float],
        goals: Ints,
        ways_to: Callable[[int], ShortestWays],
        rng: Generator,
    ) -> None:
        self.spec, self.index, self.ground = spec, index, ground
        self.x, self.y = start
        self.radius = spec.body_radius
        self.vx = self.vy = 0.0
        self.yaw = float(rng.uniform(-math.pi, math.pi))
        self.mode = Mode.STAY
        self.sees_robot = False
        self.group: Group | None = None
        self.doors = DoorUser(None, [], 0.0, rng)
        self.trips = 0  # how often they have set out
        self.goal: int | None = None  # node of the last
        self._goals, self._ways_to, self.rng = goals, ways_to, rng
        self._wanders = not spec.goals
        self._behaviour = Behaviour(spec, rng)
        self._next = 0
        self._ways: ShortestWays | None = None  # to the goal
        self._spot: tuple[float, float] | None = None  # their own place near it
        self._aside: ShortestWays | None = None  # to where they make room
        self._for: int | None = None  # the person they make room for; None is the robot
        self._until = self._behaviour.departure  # end of the stay, or of patience
        self._thought = self._clear_since = self._progress_at = 0.0
        self._progress = math.inf
        self._waypoint = start
        self._rest = 0.0  # m of way still to go
        self._robot: Other | None = None  # as last seen
        self._air = AIR  # m that it takes to pass each other
        self._robot_seen = self._apart_at = -math.inf
        self._aside_at = -math.inf  # when they last made room

    @property
    def other(self) -> Other:
        """This person as somebody else in a narrow place sees them: with turned shoulders."""
        return Other(self.x, self.y, self.vx, self.vy, self.yaw, 0.75 * self.radius)

    def wish(self, time: float) -> tuple[float, ...]:
        """What they want of the next moments: a row of ``wishes`` of ``kernels.step.step_crowd``."""
        halts = self._behaviour.halts(time)
        pace = self._behaviour.pace
        if halts or (self.mode is Mode.STAY and self._rest < SHUFFLE):
            pace = 0.0
        elif self.mode is Mode.ASIDE:
            pace = min(pace, UNHURRIED)
        face = self.group.facing(self) if self.group is not None and self.mode is Mode.STAY else math.nan
        return (
            *self._waypoint, self._rest, pace, self._behaviour.sway(time), face,
            halts, self.sees_robot, self.mode is Mode.WALK,
        )  # fmt: skip

    def notices(self, robot: Other) -> bool:
        """Whether they make out, and heed, a robot that no wall hides."""
        traits = self.spec.traits
        dx, dy = robot.x - self.x, robot.y - self.y
        if not self.spec.heeds_robot or math.hypot(dx, dy) > min(traits.notices, NEAR):
            return False
        return abs(math.remainder(math.atan2(dy, dx) - self.yaw, 2.0 * math.pi)) <= traits.view

    def decide(self, time: float, robot: Other | None, people: list[Person]) -> None:
        """Think again, ten times a second; ``robot`` is None when it is not seen or not heeded."""
        known = self._remember(time, robot)
        guide = self._guide()
        changes = self.mode is Mode.WALK and self._wanders and guide is None and self._behaviour.changes(time)
        if guide is not None and guide.trips > self.trips:
            self._follow(time, guide)
        elif changes or (self.mode is Mode.STAY and time >= self._until and not self._waits_for_others(time)):
            self._set_out(time, people)
        if self.mode is Mode.ASIDE:
            self._make_room(time, known if self._for is None else people[self._for].other)
        elif known is not None and self._meets(time, known):
            self._step_aside(time, known, None)
        elif self.mode is Mode.WALK:
            self._get_on(time, people)
        self._look_ahead(time)

    def depart(self, time: float) -> None:
        """Set out now if they still wait for their departure."""
        if self.trips == 0 and self.mode is Mode.STAY:
            self._until = min(self._until, time)

    def stand_in(self, ground: WalkableSpace, ways_to: Callable[[int], ShortestWays]) -> None:
        """What stands in the home has changed: the same goals, other ways."""
        places = self.ground.places
        self._goals = np.array([ground.node(*places[node].tolist()) for node in self._goals], dtype=np.int64)
        self.goal = None if self.goal is None else ground.node(*places[self.goal].tolist())
        self.ground, self._ways_to = ground, ways_to
        if self._ways is not None and self.goal is not None:
            self._ways = ways_to(self.goal)

    def carry_on(self, time: float) -> None:
        """Go on from wherever they are now: to their goal, or stay here."""
        self._aside, self._waypoint = None, (self.x, self.y)
        if self._ways is None:
            self.mode = Mode.STAY
        else:
            self._resume(time)

    def _guide(self) -> Person | None:
        """Whom they follow: the first of their group, if they have no goals of their own."""
        if self.group is None or not self._wanders or self.group.members[0] is self:
            return None
        return self.group.members[0]

    def _remember(self, time: float, robot: Other | None) -> Other | None:
        """The robot as they know it: seen now, or a moment ago."""
        if robot is not None:
            self._robot, self._robot_seen = robot, time
        elif time - self._robot_seen > MEMORY:
            self._robot = None
        walking = self.mode is Mode.WALK
        if self._robot is None or not faces(self.ground, self.radius, self.x, self.y, self._robot, walking):
            self._apart_at = time
        if time - self._aside_at > AGAIN:
            self._air = AIR
        return self._robot

    def _stands_off(self, time: float) -> bool:
        return time - self._apart_at > STANDOFF and math.hypot(self.vx, self.vy) < 0.3

    def _set_out(self, time: float, people: list[Person]) -> None:
        """Choose the next goal; who has none left stays at the last, or goes back there."""
        guide = self._guide()
        if guide is not None:
            self._follow(time, guide)
            return
        ways = None
        if not self._wanders:
            node = int(self._goals[min(self._next, len(self._goals) - 1)])
            x, y = self.ground.places[node]
            if self._next >= len(self._goals) and math.hypot(x - self.x, y - self.y) < 2.0 * ARRIVED:
                self.mode, self._ways, self._waypoint, self._until = Mode.STAY, None, (float(x), float(y)), math.inf
                return
            self._next += 1
        else:
            somebody = self._behaviour.visits([p for p in people if p is not self and p.spec.traits.detectable])
            away = np.hypot(*(self.ground.places[self._goals] - (self.x, self.y)).T)
            far = self._goals[away > 1.5]
            choice = far if len(far) else self._goals
            node = int(choice[int(self.rng.integers(len(choice)))])
            if somebody is not None and self.ground.connects(self.x, self.y, *somebody):
                node = self.ground.node(*somebody)
                ways = self.ground.ways_to(node)
        self.trips += 1
        self._go(time, node, self._ways_to(node) if ways is None else ways)

    def _follow(self, time: float, guide: Person) -> None:
        """Go where the group's first goes, or has gone."""
        self.trips = guide.trips
        if guide.goal is not None:
            x, y = guide.ground.places[guide.goal].tolist()
            node = self.ground.node(x, y)
            self._go(time, node, self._ways_to(node))

    def _go(self, time: float, node: int, ways: ShortestWays) -> None:
        self.goal, self._ways, self._spot = node, ways, None
        self.mode = Mode.WALK
        self._behaviour.begin(time)
        self._progress, self._progress_at = math.inf, time
        if self.group is not None and self._wanders:
            self._spot = self.group.spot(self, self.ground.places[node].tolist(), float(node))

    def _waits_for_others(self, time: float) -> bool:
        """Whether some of their group are still on their way here, for a while."""
        if self.group is None or not self._wanders or time > self._until + LATECOMERS:
            return False
        return any(m.mode is not Mode.STAY and m.trips == self.trips for m in self.group.members if m is not self)

    def _meets(self, time: float, other: Other) -> bool:
        if other is self._robot and self._stands_off(time):
            return True
        course: Ints = np.empty(0, dtype=np.int64)
        if self._ways is not None and self.mode is not Mode.STAY:
            course = self.ground.course(self._ways, self.x, self.y, NEAR + (1.0 if self.mode is Mode.ASIDE else 0.0))
        return in_each_others_way(self.ground, self.radius, self.x, self.y, course, other, self._air)

    def _step_aside(self, time: float, other: Other, person: int | None) -> None:
        if self._stands_off(time) or self.mode is Mode.ASIDE:
            self._air = WIDE
        self._aside = refuge(self.ground, self.radius, self.x, self.y, other, self._air)
        if self.mode is not Mode.ASIDE and time - self._aside_at > AGAIN:
            self._until = time + float(self.rng.uniform(*PATIENCE))
        self.mode, self._for = Mode.ASIDE, person
        self._thought = self._clear_since = time

    def _make_room(self, time: float, other: Other | None) -> None:
        """Go on when the way has been clear for a while; else wait, look for a better place, or change the plan."""
        self._aside_at = time
        if other is not None and self._meets(time, other):
            self._clear_since = time
            close = math.hypot(other.x - self.x, other.y - self.y) < NEAR / 2
            if close and time - self._thought >= RETHINK and math.hypot(self.vx, self.vy) < 0.1:
                self._step_aside(time, other, self._for)
            if time >= self._until:
                self._until = time + float(self.rng.uniform(*PATIENCE))
                self._change_plan(time)
        elif time - self._clear_since >= RELIEF:
            self._aside = None
            self._set_out(time, []) if self._ways is None else self._resume(time)

    def _resume(self, time: float) -> None:
        self.mode = Mode.WALK
        self._progress, self._progress_at = math.inf, time

    def _change_plan(self, time: float) -> None:
        """Go somewhere else, rather where the robot is not in the way, as soon as that way is clear."""
        if self._wanders or self._next < len(self._goals):
            for _ in range(4 if self._wanders else 1):
                self._set_out(time, [])
                self.mode = Mode.ASIDE
                if self._robot is None or not self._meets(time, self._robot):
                    break

    def _get_on(self, time: float, people: list[Person]) -> None:
        """Notice when walking leads nowhere: make room for somebody in front, or change the plan."""
        assert self._ways is not None
        rest = float(self._ways.length[self.ground.node(self.x, self.y)])
        if rest < self._progress - 0.15 or self._behaviour.halts(time):
            self._progress, self._progress_at = rest, time
        elif time - self._progress_at > (AT_DOOR if self.doors.waiting else STUCK):
            self._progress, self._progress_at = math.inf, time
            if self._spot is not None and rest < GATHER:  # their place around the goal is taken
                self._arrive(time)
                return
            near = [p for p in people if p is not self and math.hypot(p.x - self.x, p.y - self.y) < 1.2]
            before = [p for p in near if p.index < self.index]
            if before and not self.doors.waiting:
                self._step_aside(time, before[0].other, before[0].index)
            elif not near and self._wanders:
                self._set_out(time, people)

    def _look_ahead(self, time: float) -> None:
        """Where to walk now, and whether a goal is reached."""
        ways = self._aside if self.mode is Mode.ASIDE else self._ways
        if ways is None or self.mode is Mode.STAY:
            self._rest = math.hypot(self._waypoint[0] - self.x, self._waypoint[1] - self.y)
            return
        course = self.ground.course(ways, self.x, self.y, max(AHEAD, self.doors.reach))
        wait = self.doors.wait_at(time, self.x, self.y, self.ground.places[course])
        if wait is not None:
            self._waypoint, self._rest = wait, math.hypot(wait[0] - self.x, wait[1] - self.y)
            return
        course = course[: 1 + int(AHEAD / self.ground.resolution)]
        self._waypoint = self.ground.waypoint(course, self.x, self.y)
        end = self.ground.places[course[-1]]
        beeline = math.hypot(end[0] - self.x, end[1] - self.y)
        ended = ways.length[course[-1]] == 0.0
        if self.mode is Mode.WALK and self._spot is not None and self._gathers(ways):
            self._waypoint, ended = self._spot, True
            beeline = math.hypot(self._spot[0] - self.x, self._spot[1] - self.y)
        self._rest = beeline if ended else AHEAD + 1.0
        if self.mode is Mode.WALK and ended and beeline < ARRIVED:
            self._arrive(time)

    def _gathers(self, ways: ShortestWays) -> bool:
        """Whether they are near the common goal and see their own place around it."""
        assert self._spot is not None
        if ways.length[self.ground.node(self.x, self.y)] > GATHER:
            return False
        ground = self.ground
        frame = (ground.resolution, ground.origin_x, ground.origin_y)
        return in_sight(ground.blocked, *frame, self.x, self.y, *self._spot)

    def _arrive(self, time: float) -> None:
        self.mode, self._ways = Mode.STAY, None
        self._until = math.inf if self._guide() is not None else time + self._behaviour.stay()
