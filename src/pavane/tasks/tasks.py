"""Tasks as values; the navigator carries them out."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.geometry import Pose


@dataclass(frozen=True, slots=True)
class GoTo:
    """Drive to a named place or a pose in ``map`` and end at rest there.

    Args:
        target: name of a place on the map, or a pose.
        match_heading: whether the final yaw matters.
        tolerance: how near is "there", m.
        heading_tolerance: and how well turned, rad.
    """

    target: str | Pose
    match_heading: bool = True
    tolerance: float = 0.08
    heading_tolerance: float = 0.14


@dataclass(frozen=True, slots=True)
class Follow:
    """Walk behind a person at a comfortable distance.

    Args:
        person: identity of the track, or None for the nearest person.
        distance: how far to stay behind, m.
    """

    person: int | None = None
    distance: float = 1.2


@dataclass(frozen=True, slots=True)
class Stop:
    """Come to rest smoothly and stay."""


Task = GoTo | Follow | Stop
