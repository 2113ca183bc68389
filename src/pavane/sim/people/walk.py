"""Walk: a person on their way to a goal: the waypoint they head for, and whether they get on."""

from __future__ import annotations

import math

from pavane.core.arrays import Ints
from pavane.sim.people.itinerary import ARRIVED
from pavane.sim.people.navigation import WalkableSpace
from pavane.sim.people.state import PersonState
from pavane.sim.people.walk_graph import ShortestWays

AHEAD = 0.7  # m of the way that a person looks along
GATHER = 1.5  # m from a common goal at which those of a group go to their own place around it
ADVANCE = 0.15  # m of the way that must be done with for a person to get on


class Walk:
    """The way of one person.

    Args:
        start: where they stand at first, m in ``map``.

    Attributes:
        ways: to the goal; None for somebody who stays.
        own_place: where they go near a goal that is their group's, m in ``map``; None: to the goal itself.
        waypoint: where they head for now, m in ``map``.
        rest: way still to go, m; more than ``AHEAD`` while the goal is not in sight.
    """

    def __init__(self, start: tuple[float, float]) -> None:
        self.ways: ShortestWays | None = None
        self.own_place: tuple[float, float] | None = None
        self.waypoint = start
        self.rest = 0.0
        self._left, self._since = math.inf, 0.0

    def begin(self, time: float) -> None:
        """Set out, or go on, at ``time``, s."""
        self._left, self._since = math.inf, time

    def has_advanced(self, left: float) -> bool:
        """Return whether less of the way is left, m, than when they last got on."""
        return left < self._left - ADVANCE

    def note(self, time: float, left: float) -> None:
        """Keep that they get on at ``time``, s, with ``left`` m of the way to go."""
        self._left, self._since = left, time

    def stands_since(self, time: float) -> float:
        """Return for how long they have not got on, s."""
        return time - self._since

    def head_for(self, place: tuple[float, float], here: PersonState) -> None:
        """Head straight for a place in ``map``, m."""
        self.waypoint, self.rest = place, here.distance(*place)

    def follow(self, ways: ShortestWays, course: Ints, ground: WalkableSpace, here: PersonState) -> bool:
        """Head along a course, and return whether its way ends within reach.

        Args:
            ways: that the course belongs to.
            course: (K,) the next nodes.
            ground: where they walk.
            here: the person.
        """
        self.waypoint = ground.waypoint(course, here.x, here.y)
        return self._approach(ground.graph.place(int(course[-1])), here, ended=bool(ways.length[course[-1]] == 0.0))

    def gather(self, ways: ShortestWays, ground: WalkableSpace, here: PersonState) -> bool | None:
        """Head for the person's own place, and return whether it is within reach; None where it is not in sight yet.

        Args:
            ways: to the common goal.
            ground: where they walk.
            here: the person.
        """
        place = self.own_place
        if place is None or ways.length[ground.graph.node(here.x, here.y)] > GATHER:
            return None
        if not ground.is_straight(here.x, here.y, place):
            return None
        self.waypoint = place
        return self._approach(place, here, ended=True)

    def _approach(self, end: tuple[float, float], here: PersonState, *, ended: bool) -> bool:
        """Note the way to the end of what they look along, and return whether that is the goal, within reach."""
        beeline = math.hypot(end[0] - here.x, end[1] - here.y)
        self.rest = beeline if ended else AHEAD + 1.0
        return ended and beeline < ARRIVED
