"""Sources: whatever may be a reason for what the robot does, by kind, name and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Bools
from pavane.core.belief import Belief, Track
from pavane.core.entities import Entity
from pavane.core.geometry import Pose

MOVING_KINDS = ("person", "pet", "thing")
ALWAYS_THERE = ("wall", "corner", "way", "goal")  # whatever the map shows


@dataclass(frozen=True, slots=True)
class Source:
    """Something that may be a reason.

    Args:
        kind: one of ``MOVING_KINDS``, ``wall``, ``obstacle`` (solid, not on the map), ``door``, ``corner``, another of
            ``entities.KINDS`` (those do not move), ``goal`` or ``way``; or what needs no planning: ``sensor``,
            ``edge``, ``task``, ``planner`` or ``route``.
        name: what to call it.
        place: x, y in ``map``, m, of the part of it that matters; None where it is everywhere.
        number: identity of a track; else which one of its kind.
        velocity: of whatever moves, in ``map``, m/s.
        age: time since it was detected, s; 0 for whatever no detector reports.
    """

    kind: str
    name: str
    place: tuple[float, float] | None = None
    number: int = 0
    velocity: tuple[float, float] = (0.0, 0.0)
    age: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """Kind and number, which tell it apart from all other sources of the moment."""
        return self.kind, self.number


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Every source of one moment.

    Args:
        moving: tracks that move by themselves, and with which the plan reckons.
        detected: tracks of kinds that do not move.
        seen: solid cells that scans added to the map, in pieces, each with its mask (rows, columns) over the local map.
        wall: the mapped walls, all together.
        entities: mapped entities other than walls near the robot.
        corners: blind corners, from behind which somebody may come.
        beside: all that is unpleasant to be near, together.
        goal: where the route ends, if the robot is near it.
        way: the direction of the route; None without one.
    """

    moving: tuple[Source, ...]
    detected: tuple[Source, ...]
    seen: tuple[tuple[Source, Bools], ...]
    wall: Source
    entities: tuple[Source, ...]
    corners: tuple[Source, ...]
    beside: Source
    goal: Source | None = None
    way: Source | None = None

    @property
    def obstacles(self) -> tuple[Source, ...]:
        """Solid sources that the map does not show: seen by scans alone, without their masks."""
        return tuple(source for source, _ in self.seen)

    @property
    def all(self) -> list[Source]:
        """Every source that can be left out."""
        ends = [s for s in (self.goal, self.way) if s is not None]
        return [*self.moving, *self.detected, *self.obstacles, self.wall, *self.entities, *self.corners, *ends]


def track_source(track: Track, belief: Belief, now: float) -> Source:
    """Return a track as a source, with its place and velocity in ``map``; ``now`` is the time, s."""
    x, y = belief.map_from_odom.transform(track.position[None])[0]
    u, v = belief.map_from_odom.rotate(track.velocity[None])[0]
    name = f"{track.kind} {track.identity}"
    return Source(track.kind, name, (float(x), float(y)), track.identity, (float(u), float(v)), now - track.sensed)


def entity_source(entity: Entity, place: tuple[float, float], number: int) -> Source:
    """Return a mapped entity as a source; ``number`` counts the map's entities from 1."""
    article = "an" if entity.kind[0] in "aeiou" else "a"
    name = f"the {entity.name}" if entity.name else f"{article} {entity.kind}"
    return Source(entity.kind, name, place, number)


def nearest_of(entity: Entity, here: Pose) -> tuple[float, float]:
    """Return the place on an entity's lines that is nearest to a pose, x, y in ``map``, m."""
    points = entity.along(0.1)
    x, y = points[int(np.argmin(np.hypot(*(points - (here.x, here.y)).T)))]
    return float(x), float(y)
