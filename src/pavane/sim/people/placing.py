"""Placing people: where those without a start of their own start, and where wanderers go."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Ints
from pavane.core.errors import BadGoal, BadSetting
from pavane.core.geometry import Pose
from pavane.maps import OccupancyMap
from pavane.sim.people.navigation import WalkableSpace, ground_of
from pavane.sim.people.spec import Kind, PersonSpec

RADIUS = 0.20  # m, of a person's body
SPEEDS = (0.5, 1.1)  # m/s, between which people walk at home
APART = 1.5  # m from the robot's start within which nobody starts
ELBOWS = 0.7  # m between two people who are placed by the seed
WANDER_GOALS = 12  # places between which the wanderers of one home walk; few, so that their ways are worked out once


def crowd(
    home: OccupancyMap,
    count: int,
    seed: int | Generator,
    *,
    avoid: Pose,
    radius: float = RADIUS,
    kind: Kind = "yielding",
) -> list[PersonSpec]:
    """Draw people who wander, at random places that can be reached from the robot, at least 1.5 m away from it.

    Args:
        home: the home they live in.
        count: how many.
        seed: what draws places and speeds.
        avoid: map_from_base at the robot's start.
        radius: of each body, m.
        kind: of each.

    Raises:
        BadSetting: the home has no room for so many.
    """
    if count < 0:
        raise BadSetting("number of people is negative", value=count, limit=">= 0")
    rng = np.random.default_rng(seed)
    ground = ground_of(home, radius)
    taken: list[tuple[float, float]] = []
    people = []
    for _ in range(count):
        start = free_place(ground, rng, avoid, taken)
        taken.append(start)
        speed = round(float(rng.uniform(*SPEEDS)), 2)
        people.append(PersonSpec(start=start, speed=speed, radius=radius, kind=kind))
    return people


def free_place(
    ground: WalkableSpace,
    rng: Generator,
    avoid: Pose,
    taken: Sequence[tuple[float, float]],
    *,
    beside: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """Draw a place, m in ``map``, connected with the robot and away from it and from those who are ``taken``.

    Args:
        ground: where they walk.
        rng: what draws it.
        avoid: map_from_base of the robot.
        taken: where others are.
        beside: somebody whom they are with: within 1.5 m of them if there is room.
    """
    nodes = connected(ground, avoid)
    places = ground.graph.places[nodes]
    clear = np.hypot(places[:, 0] - avoid.x, places[:, 1] - avoid.y) >= APART
    for x, y in taken:
        clear &= np.hypot(places[:, 0] - x, places[:, 1] - y) >= ELBOWS
    if beside is not None:
        close = clear & (np.hypot(places[:, 0] - beside[0], places[:, 1] - beside[1]) <= APART)
        clear = close if close.any() else clear
    if not clear.any():
        raise BadSetting(
            "no room in this home for so many people", value=f"{len(taken)} fit", remedy="Ask for fewer people."
        )
    x, y = places[clear][int(rng.integers(int(clear.sum())))]
    return float(x), float(y)


def connected(ground: WalkableSpace, pose: Pose) -> Ints:
    """Return the nodes (N,) between which people can walk, around a pose or else the largest such part of the home.

    Raises:
        BadSetting: there are none.
    """
    graph = ground.graph
    if len(graph.nodes) == 0:
        raise BadSetting("nobody fits into this home", remedy="Give people a smaller radius, or none at all.")
    sizes = np.bincount(graph.parts)
    part = int(graph.parts[graph.node(pose.x, pose.y)])
    if sizes[part] * ground.resolution**2 < 1.0:
        part = int(np.argmax(sizes))
    return np.flatnonzero(graph.parts == part)


def wander_goals(ground: WalkableSpace, rng: Generator, start: int) -> Ints:
    """Draw the nodes (at most 12) that a wanderer who starts at a node goes to, rather open than narrow."""
    graph = ground.graph
    nodes = np.flatnonzero(graph.parts == graph.parts[start])
    column, row = graph.nodes[nodes].T
    roomy = nodes[ground.clearance[row, column] >= 0.3]
    nodes = roomy if len(roomy) >= WANDER_GOALS else nodes
    return rng.choice(nodes, size=min(WANDER_GOALS, len(nodes)), replace=False)


def stand_on(ground: WalkableSpace, point: tuple[float, float], what: str) -> int:
    """Return the node of a point where a person can stand.

    Raises:
        BadGoal: the point lies in a wall, off the map, or nearer to a wall than the body is wide.
    """
    graph = ground.graph
    if len(graph.nodes) == 0:
        raise BadGoal(f"nobody fits where a person's {what} is", value=point)
    node = graph.node(*point)
    x, y = graph.places[node]
    if math.hypot(x - point[0], y - point[1]) > 2.0 * ground.resolution:
        raise BadGoal(
            f"a person's {what} is not on free ground", value=point, remedy=f"The nearest place is {x:.2f}, {y:.2f}."
        )
    return node
