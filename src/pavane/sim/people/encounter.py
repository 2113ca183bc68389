"""Encounters: a person's memory of a robot, and the state of making room for it or for somebody else."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pavane.sim.people.navigation import WalkableSpace
from pavane.sim.people.spec import PersonSpec
from pavane.sim.people.state import PersonState
from pavane.sim.people.walk_graph import ShortestWays
from pavane.sim.people.yielding import AIR, NEAR, Other, faces

MEMORY = 4.0  # s for which they remember a robot that is out of sight
STANDOFF = 2.0  # s of a robot standing in front after which they go back
AGAIN = 6.0  # s within which making room again is the same encounter
RETHINK = 1.0  # s before they look for another place to step aside to
RELIEF = 1.5  # s for which the way must be clear before they go on


def notices(spec: PersonSpec, here: PersonState, robot: Other) -> bool:
    """Return whether a person makes out, and heeds, a robot that no wall hides."""
    traits = spec.traits
    dx, dy = robot.x - here.x, robot.y - here.y
    if not spec.heeds_robot or math.hypot(dx, dy) > min(traits.notices, NEAR):
        return False
    return abs(math.remainder(math.atan2(dy, dx) - here.yaw, 2.0 * math.pi)) <= traits.view


class RobotMemory:
    """The robot as one person knows it.

    Attributes:
        robot: as last seen; None when they know of none.
    """

    def __init__(self) -> None:
        self.robot: Other | None = None
        self._seen = self._apart = -math.inf

    def update(self, time: float, robot: Other | None, ground: WalkableSpace, here: PersonState) -> Other | None:
        """Take in what they see, and return the robot as they know it: seen now, or a moment ago.

        Args:
            time: s.
            robot: as they see it now; None when they do not.
            ground: where they walk.
            here: the person.
        """
        if robot is not None:
            self.robot, self._seen = robot, time
        elif time - self._seen > MEMORY:
            self.robot = None
        if self.robot is None or not faces(ground, here, self.robot):
            self._apart = time
        return self.robot

    def stands_off(self, time: float, here: PersonState) -> bool:
        """Return whether the robot and the person have been standing in front of each other for a while."""
        return time - self._apart > STANDOFF and here.speed < 0.3


@dataclass(slots=True, eq=False)
class Evasion:
    """The state of a person who makes room.

    Args:
        refuge: ways to where they stand aside; None: they stay where they are.
        person: number of the person they make room for; None: it is the robot.
        air: that it takes to pass each other, m.
        planned: when they last chose the refuge, s.
        clear_since: when the other was last in their way, s.
        last: when they last made room, s.
    """

    refuge: ShortestWays | None = None
    person: int | None = None
    air: float = AIR
    planned: float = 0.0
    clear_since: float = 0.0
    last: float = -math.inf

    def is_new(self, time: float) -> bool:
        """Return whether making room at ``time``, s, is another encounter than the last."""
        return time - self.last > AGAIN

    def plan(self, time: float, refuge: ShortestWays | None, person: int | None) -> None:
        """Choose a refuge at ``time``, s, from a person of this number or the robot."""
        self.refuge, self.person = refuge, person
        self.planned = self.clear_since = time

    def may_rethink(self, time: float) -> bool:
        """Return whether it is time to look for another refuge."""
        return time - self.planned >= RETHINK

    def is_relieved(self, time: float) -> bool:
        """Return whether the way has been clear for long enough to go on."""
        return time - self.clear_since >= RELIEF
