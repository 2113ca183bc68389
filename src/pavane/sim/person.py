"""One person: where they are, what they are about, and what they do about those in their way."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum

import numpy as np
from numpy.random import Generator

from pavane.arrays import Ints
from pavane.sim.forces import Vector
from pavane.sim.ground import Ground, Ways
from pavane.sim.people import PersonSpec
from pavane.sim.yielding import AIR, NEAR, WIDE, Other, faces, in_each_others_way, refuge

ARRIVED = 0.20  # m from a goal at which a person is there
PAUSE = (1.0, 6.0)  # s that a wanderer stays
AHEAD = 0.7  # m of the way that a person looks along
RELIEF = 1.0  # s for which the way must be clear before they go on
RETHINK = 1.0  # s before they look for another place to step aside to
MEMORY = 4.0  # s for which they remember a robot that is out of sight
STANDOFF = 2.0  # s of a robot standing in front after which they go back
AGAIN = 6.0  # s within which making room again is the same encounter
PATIENCE = (6.0, 10.0)  # s after which they give up waiting and go somewhere else
STUCK = 2.5  # s without getting on after which something is in the way
BRAKING = 1.0  # m/s^2 with which they come to rest at a goal


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
        node: where they start.
        goals: (N,) nodes they go to.
        ways_to: the ways to a node, remembered by whoever hands this in.
        rng: their own stream.
    """

    def __init__(
        self,
        spec: PersonSpec,
        index: int,
        ground: Ground,
        start: tuple[float, float],
        goals: Ints,
        ways_to: Callable[[int], Ways],
        rng: Generator,
    ) -> None:
        self.spec, self.index, self.ground = spec, index, ground
        self.x, self.y = start
        self.vx = self.vy = 0.0
        self.yaw = float(rng.uniform(-math.pi, math.pi))
        self.mode = Mode.STAY
        self.sees_robot = False
        self._goals, self._ways_to, self._rng = goals, ways_to, rng
        self._wanders = not spec.goals
        self._next = 0
        self._ways: Ways | None = None  # to the goal
        self._aside: Ways | None = None  # to where they make room
        self._for: int | None = None  # the person they make room for; None is the robot
        self._until = float(rng.uniform(0.0, 2.0)) if self._wanders else 0.0  # end of the stay, or of patience
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
        return Other(self.x, self.y, self.vx, self.vy, self.yaw, 0.75 * self.spec.radius)

    def wanted(self) -> Vector:
        """The velocity they want to walk with now."""
        dx, dy = self._waypoint[0] - self.x, self._waypoint[1] - self.y
        distance = math.hypot(dx, dy)
        if distance < 1e-3:
            return Vector(0.0, 0.0)
        speed = min(self.spec.speed, math.sqrt(2.0 * BRAKING * max(self._rest, 0.0)), 1.5 * max(self._rest, distance))
        return Vector(speed * dx / distance, speed * dy / distance)

    def decide(self, time: float, robot: Other | None, people: list[Person]) -> None:
        """Think again, ten times a second; ``robot`` is None when it is not seen or not heeded."""
        known = self._remember(time, robot)
        if self.mode is Mode.STAY and time >= self._until:
            self._set_out(time)
        if self.mode is Mode.ASIDE:
            self._make_room(time, known if self._for is None else people[self._for].other)
        elif known is not None and self._meets(time, known):
            self._step_aside(time, known, None)
        elif self.mode is Mode.WALK:
            self._get_on(time, people)
        self._look_ahead(time)

    def _remember(self, time: float, robot: Other | None) -> Other | None:
        """The robot as they know it: seen now, or a moment ago."""
        if robot is not None:
            self._robot, self._robot_seen = robot, time
        elif time - self._robot_seen > MEMORY:
            self._robot = None
        walking = self.mode is Mode.WALK
        if self._robot is None or not faces(self.ground, self.spec.radius, self.x, self.y, self._robot, walking):
            self._apart_at = time
        if time - self._aside_at > AGAIN:
            self._air = AIR
        return self._robot

    def _stands_off(self, time: float) -> bool:
        return time - self._apart_at > STANDOFF and math.hypot(self.vx, self.vy) < 0.3

    def _set_out(self, time: float) -> None:
        """Choose the next goal; who has none left stays at the last, or goes back there."""
        if not self._wanders:
            node = int(self._goals[min(self._next, len(self._goals) - 1)])
            x, y = self.ground.places[node]
            if self._next >= len(self._goals) and math.hypot(x - self.x, y - self.y) < 2.0 * ARRIVED:
                self.mode, self._ways, self._waypoint, self._until = Mode.STAY, None, (float(x), float(y)), math.inf
                return
            self._next += 1
        else:
            away = np.hypot(*(self.ground.places[self._goals] - (self.x, self.y)).T)
            far = self._goals[away > 1.5]
            choice = far if len(far) else self._goals
            node = int(choice[int(self._rng.integers(len(choice)))])
        self._ways = self._ways_to(node)
        self.mode = Mode.WALK
        self._progress, self._progress_at = math.inf, time

    def _meets(self, time: float, other: Other) -> bool:
        if other is self._robot and self._stands_off(time):
            return True
        course: Ints = np.empty(0, dtype=np.int64)
        if self._ways is not None and self.mode is not Mode.STAY:
            course = self.ground.course(self._ways, self.x, self.y, NEAR + (1.0 if self.mode is Mode.ASIDE else 0.0))
        return in_each_others_way(self.ground, self.spec.radius, self.x, self.y, course, other, self._air)

    def _step_aside(self, time: float, other: Other, person: int | None) -> None:
        if self._stands_off(time) or self.mode is Mode.ASIDE:
            self._air = WIDE
        self._aside = refuge(self.ground, self.spec.radius, self.x, self.y, other, self._air)
        if self.mode is not Mode.ASIDE and time - self._aside_at > AGAIN:
            self._until = time + float(self._rng.uniform(*PATIENCE))
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
                self._until = time + float(self._rng.uniform(*PATIENCE))
                self._change_plan(time)
        elif time - self._clear_since >= RELIEF:
            self._aside = None
            self._set_out(time) if self._ways is None else self._resume(time)

    def _resume(self, time: float) -> None:
        self.mode = Mode.WALK
        self._progress, self._progress_at = math.inf, time

    def _change_plan(self, time: float) -> None:
        """Go somewhere else, rather where the robot is not in the way, as soon as that way is clear."""
        if self._wanders or self._next < len(self._goals):
            for _ in range(4 if self._wanders else 1):
                self._set_out(time)
                self.mode = Mode.ASIDE
                if self._robot is None or not self._meets(time, self._robot):
                    break

    def _get_on(self, time: float, people: list[Person]) -> None:
        """Notice when walking leads nowhere: make room for somebody in front, or change the plan."""
        assert self._ways is not None
        rest = float(self._ways.length[self.ground.node(self.x, self.y)])
        if rest < self._progress - 0.15:
            self._progress, self._progress_at = rest, time
        elif time - self._progress_at > STUCK:
            self._progress, self._progress_at = math.inf, time
            near = [p for p in people if p is not self and math.hypot(p.x - self.x, p.y - self.y) < 1.2]
            before = [p for p in near if p.index < self.index]
            if before:
                self._step_aside(time, before[0].other, before[0].index)
            elif not near and self._wanders:
                self._set_out(time)

    def _look_ahead(self, time: float) -> None:
        """Where to walk now, and whether a goal is reached."""
        ways = self._aside if self.mode is Mode.ASIDE else self._ways
        if ways is None or self.mode is Mode.STAY:
            self._rest = math.hypot(self._waypoint[0] - self.x, self._waypoint[1] - self.y)
            return
        course = self.ground.course(ways, self.x, self.y, AHEAD)
        self._waypoint = self.ground.waypoint(course, self.x, self.y)
        end = self.ground.places[course[-1]]
        beeline = math.hypot(end[0] - self.x, end[1] - self.y)
        ended = ways.length[course[-1]] == 0.0
        self._rest = beeline if ended else AHEAD + 1.0
        if self.mode is Mode.WALK and ended and beeline < ARRIVED:
            self.mode = Mode.STAY
            self._until = time + (float(self._rng.uniform(*PAUSE)) if self._wanders else 0.0)
            self._ways = None
