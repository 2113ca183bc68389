"""Tasks as values, checked when they are made; the navigator carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.core.messages import FARTHEST, is_finite


@dataclass(frozen=True, slots=True)
class GoTo:
    """Drive to a named place or a pose in ``map`` and end at rest there.

    Args:
        target: name of a place on the map, or a pose.
        match_heading: whether the final yaw matters.
        tolerance: how near is "there", m.
        heading_tolerance: and how well turned, rad.

    Raises:
        BadGoal: the target is neither, or not finite; or a tolerance is not positive.
    """

    target: str | Pose
    match_heading: bool = True
    tolerance: float = 0.08
    heading_tolerance: float = 0.14

    def __post_init__(self) -> None:
        if isinstance(self.target, Pose):
            _require_numbers(self.target)
        elif not isinstance(self.target, str):
            raise BadGoal("goal is no place", value=repr(self.target), limit="the name of a place, or a pavane.Pose")
        for name, unit in (("tolerance", "m"), ("heading_tolerance", "rad")):
            value = getattr(self, name)
            if not is_finite(value) or value <= 0.0:
                raise BadGoal(f"{name} of a goal is wrong", value=value, limit=f"{unit} > 0")


@dataclass(frozen=True, slots=True)
class Follow:
    """Walk behind a person at a comfortable distance.

    Args:
        person: identity of the track, or None for the nearest person.
        distance: how far to stay behind, m.

    Raises:
        BadGoal: the person is not a whole number, or the distance is not positive.
    """

    person: int | None = None
    distance: float = 1.2

    def __post_init__(self) -> None:
        if self.person is not None and not _is_whole(self.person):
            raise BadGoal("nobody can be followed by that", value=repr(self.person), limit="the number of a track")
        if not is_finite(self.distance) or self.distance <= 0.0:
            raise BadGoal("distance to stay behind is wrong", value=self.distance, limit="m > 0")


@dataclass(frozen=True, slots=True)
class Stop:
    """Come to rest smoothly and stay."""


Task = GoTo | Follow | Stop


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral)  # NumPy's are too


def _require_numbers(pose: Pose) -> None:
    at = (pose.x, pose.y, pose.yaw)
    if not all(map(is_finite, at)):
        raise BadGoal("goal is not finite", value=at, limit="numbers in metres and radians")
    if max(abs(pose.x), abs(pose.y)) > FARTHEST:
        raise BadGoal("goal is too far away", value=at, limit=f"within {FARTHEST:g} m of the map frame's origin")
