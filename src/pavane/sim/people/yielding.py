"""Yielding: whether a person and a robot are in each other's way, and where the person steps aside.

A refuge is a place where somebody who stands does not cut the ground that the robot drives on, that can be reached
without passing the robot, and sooner than the robot could. Where there is none, the person goes back, away from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.sim.contacts import RobotBody
from pavane.sim.people.navigation import WalkableSpace
from pavane.sim.people.state import Mode, PersonState
from pavane.sim.people.walk_graph import ShortestWays

NEAR = 2.5  # m within which a person heeds a robot
STILL = 0.08  # m/s below which a robot counts as standing
WAITING = 1.2  # m within which a standing robot waits for the person
ROOM = 0.03  # m that a robot needs besides its own radius to drive between walls
AIR = 0.20  # m between person and robot that lets them pass side by side
WIDE = 0.45  # m of air that it takes when the robot did not dare to pass with less
TIGHT = 0.08  # m of air in a refuge if there is no better one
DISTANCE = 0.55  # m of air to keep from a robot that is let through, where there is space
WALK = 4.0  # m that a person goes at most to make room
NEARBY = 1.2  # m within which they look for a place first
STRAY = 1.5  # m that they may stray from the way there


@dataclass(frozen=True, slots=True)
class Other:
    """A body that a person makes room for, a robot or another person, in ``map``."""

    x: float
    y: float
    vx: float
    vy: float
    facing: float  # rad
    radius: float  # the room it takes, m

    @property
    def speed(self) -> float:
        """Over the ground, m/s."""
        return math.hypot(self.vx, self.vy)

    @classmethod
    def robot(cls, body: RobotBody) -> Other:
        """Return a robot as people judge it: a disc as narrow as the way it needs."""
        vx, vy = body.velocity_at(body.pose.x, body.pose.y)
        return cls(body.pose.x, body.pose.y, vx, vy, body.pose.yaw, body.shape.inscribed_radius)

    @classmethod
    def person(cls, state: PersonState) -> Other:
        """Return a person as somebody else in a narrow place sees them: with turned shoulders."""
        return cls(state.x, state.y, state.vx, state.vy, state.yaw, 0.75 * state.radius)


def faces(ground: WalkableSpace, person: PersonState, other: Other) -> bool:
    """Return whether a robot stands near a person as if it wanted to pass: a stand-off, if it lasts.

    That is so when the person walks, or is where it cannot pass, or where it looks.
    """
    x, y = person.x, person.y
    if other.speed > STILL or person.distance(other.x, other.y) > WAITING:
        return False
    in_view = _on_lane(np.array([[x, y]]), other, person.radius, 0.0)[0] > 0.0
    walking = person.mode is Mode.WALK
    return walking or in_view or not _roomy(ground, ground.graph.node(x, y), other, AIR)


def in_each_others_way(ground: WalkableSpace, person: PersonState, course: Ints, other: Other, air: float) -> bool:
    """Return whether a person and a robot meet where there is no room for both.

    A moving robot can be met anywhere between here and there; one that stands, only where it stands.

    Args:
        ground: where people of this radius walk.
        person: who they are.
        course: (K,) nodes the person means to walk next; empty for one who stands.
        other: the robot, which the person sees or has just seen.
        air: what must be between them as they pass, m.
    """
    if _bears_on(person, other) and not _roomy(ground, ground.graph.node(person.x, person.y), other, air):
        return True
    if len(course) == 0:
        return False
    places = ground.graph.places[course]
    meeting = np.hypot(places[:, 0] - other.x, places[:, 1] - other.y) < person.radius + other.radius + 0.25
    if not meeting.any():
        return False
    meets_at = int(np.argmax(meeting))
    first = max(meets_at - 8, 0) if other.speed <= STILL else 0
    return any(not _roomy(ground, int(node), other, air) for node in course[first : meets_at + 16 : 4])


def refuge(ground: WalkableSpace, person: PersonState, other: Other, air: float) -> ShortestWays | None:
    """Return the ways to the best place to let a robot through; None where all lead past it.

    Args:
        ground: where people of this radius walk.
        person: where they are.
        other: the robot.
        air: what it should have between itself and the person when it passes, m.
    """
    distance = person.distance(other.x, other.y)
    apart = min(person.radius + other.radius + 0.15, distance - 0.05)  # somebody who stands close already may leave
    around = (other.x, other.y, apart)
    here = ground.graph.node(person.x, person.y)
    for reach in (NEARBY, WALK):
        search = _search(ground, person.radius, here, around, other, air, reach)
        found = _best(ground, search, other, air)
        if found is not None and search.cost[found] <= reach:  # nothing farther can cost less
            return search.ways(ground, found)
    found = _best(ground, search, other, air)
    found = _best(ground, search, other, TIGHT) if found is None else found
    if found is not None:
        return search.ways(ground, found)
    if len(search.nodes) == 0:
        return None
    back = int(np.argmax(np.minimum(search.gap, 3.0) - 0.2 * search.walk))
    return None if search.nodes[back] == here else search.ways(ground, back)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Places that a person could step aside to.

    Args:
        around: disc x, y, radius that no way may lead through, m in ``map``.
        nodes: (N,) of the ground.
        walk: (N,) way there, m.
        gap: (N,) air there between the person and the robot as it stands, m.
        cost: (N,) how unwelcome each is, never less than the walk, m.
    """

    around: tuple[float, float, float]
    nodes: Ints
    walk: Floats
    gap: Floats
    cost: Floats

    def ways(self, ground: WalkableSpace, k: int) -> ShortestWays:
        """Return the ways to the k-th, from everywhere that the person may come to meanwhile."""
        return ground.graph.ways_to(int(self.nodes[k]), around=self.around, limit=float(self.walk[k]) + STRAY)


def _search(
    ground: WalkableSpace,
    radius: float,
    here: int,
    around: tuple[float, float, float],
    other: Other,
    air: float,
    reach: float,
) -> _Search:
    """Return the places that a person could step aside to, every third cell along each axis.

    Args:
        ground: where people of this radius walk.
        radius: the person's, m.
        here: the node where they are.
        around: disc x, y, radius that no way may lead through, m in ``map``.
        other: the robot.
        air: what it should have between itself and the person when it passes, m.
        reach: longest way there, m.
    """
    graph = ground.graph
    length = graph.ways_to(here, around=around, limit=reach).length
    reachable = np.flatnonzero(np.isfinite(length))
    nodes = reachable[((graph.nodes[reachable] - graph.nodes[here]) % 3 == 0).all(axis=1)]
    places, walk = graph.places[nodes], length[nodes].astype(np.float64)
    gap = np.hypot(places[:, 0] - other.x, places[:, 1] - other.y) - radius - other.radius
    too_near = np.maximum(0.0, DISTANCE + 2.0 * (air - AIR) - gap)
    cost = walk + 3.0 * too_near + _on_lane(places, other, radius, air)
    if other.speed > STILL:  # the robot must not be there first
        cost = cost + 2.0 * np.maximum(0.0, 1.2 * walk - gap)
    return _Search(around, nodes, walk, gap, cost)


def _best(ground: WalkableSpace, search: _Search, other: Other, air: float) -> int | None:
    """Return the index of the cheapest place where the robot gets past; None where it does so at none.

    Args:
        ground: where people of this radius walk.
        search: the places.
        other: the robot.
        air: what it should have between itself and the person when it passes, m.
    """
    for k in np.argsort(search.cost, kind="stable").tolist():
        if search.gap[k] > air + 0.05 and _roomy(ground, int(search.nodes[k]), other, air):
            return int(k)
    return None


def _roomy(ground: WalkableSpace, node: int, other: Other, air: float) -> bool:
    """Return whether a robot gets past somebody.

    Args:
        ground: where people of this radius walk.
        node: where the person stands.
        other: the robot.
        air: what should be between the two, m.
    """
    return ground.lets_pass(node, other.radius + ROOM, air)


def _bears_on(person: PersonState, other: Other) -> bool:
    """Return whether a robot comes at a person."""
    x, y = person.x, person.y
    distance = person.distance(other.x, other.y)
    if other.speed <= STILL or distance > NEAR:
        return False
    return other.vx * (x - other.x) + other.vy * (y - other.y) > 0.5 * other.speed * distance


def _on_lane(places: Floats, other: Other, radius: float, air: float) -> Floats:
    """Return the extra cost (N,) of places that lie where the robot faces, m.

    Args:
        places: (N, 2) in ``map``, m.
        other: the robot.
        radius: the person's, m.
        air: what should be between the two as they pass, m.
    """
    heading_x, heading_y = math.cos(other.facing), math.sin(other.facing)
    offset_x, offset_y = places[:, 0] - other.x, places[:, 1] - other.y
    ahead = offset_x * heading_x + offset_y * heading_y
    aside = np.abs(offset_x * heading_y - offset_y * heading_x) - radius - other.radius
    cost: Floats = np.where((ahead > 0.0) & (ahead < NEAR), 2.0 * np.maximum(0.0, air + 0.1 - aside), 0.0)
    return cost
