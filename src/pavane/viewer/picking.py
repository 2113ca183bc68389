"""pick: the person, door or floor that a ray from the eye through a click meets first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.viewer.frame import Frame
from pavane.viewer.home_view import LEAF

PERSON = 1.6  # m: as tall as people are clicked
HALF_LEAF = 0.06  # m: half of a leaf's thickness, and a little
STEP = 0.02  # m of height along the ray


@dataclass(frozen=True, slots=True)
class Picked:
    """A person, a door or a place on the floor that was clicked.

    Args:
        kind: ``person``, ``door`` or ``floor``.
        index: of the person or door in the frame; -1 for the floor.
        x: where, in ``map``, m; on the floor the ray goes through walls and furniture, which are cut off anyway.
        y: likewise.
    """

    kind: str
    index: int
    x: float
    y: float


def pick(origin: Floats, direction: Floats, frame: Frame) -> Picked | None:
    """Return what a ray meets first on its way down to the floor; None if it never comes down.

    Args:
        origin: (3,) in ``map``, with z up, m.
        direction: (3,) of any length.
        frame: with people and doors.
    """
    if direction[2] > -1e-3 or origin[2] <= 0.0:
        return None
    heights = np.arange(min(PERSON, float(origin[2])), 0.0, -STEP)
    points = origin[:2] + np.outer((heights - origin[2]) / direction[2], direction[:2])  # (H, 2)
    met: list[tuple[float, str, int]] = []  # height, kind, index
    for index, state in enumerate(frame.people.states):
        near = np.hypot(*(points - state[:2]).T) < max(float(state[5]), 0.2)
        met += [(float(heights[near.argmax()]), "person", index)] if near.any() else []
    for index, door in enumerate(frame.movables.doors):
        near = (_distance(points, door.corners) < HALF_LEAF) & (heights < LEAF)
        met += [(float(heights[near.argmax()]), "door", index)] if near.any() else []
    if met:
        height, kind, index = max(met)
        at = points[int(np.argmin(np.abs(heights - height)))]
        return Picked(kind, index, float(at[0]), float(at[1]))
    floor = origin[:2] - origin[2] / direction[2] * direction[:2]
    return Picked("floor", -1, float(floor[0]), float(floor[1]))


def meet_height(origin: Floats, through: Floats, height: float) -> Floats | None:
    """Return where the ray from ``origin`` (3,) through a point (3,) comes to a height (2,); None if it does not."""
    drop = float(through[2] - origin[2])
    if abs(drop) < 1e-6 or (height - origin[2]) / drop <= 0.0:
        return None
    share = (height - float(origin[2])) / drop
    met: Floats = origin[:2] + share * (through[:2] - origin[:2])
    return met


def _distance(points: Floats, corners: Floats) -> Floats:
    """Return the distances (N,) of points to the middle line of a leaf, which is parallel to its longer sides, m."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    k = 0 if sides[0] < sides[1] else 1
    a, b = 0.5 * (corners[k] + corners[k + 1]), 0.5 * (corners[(k + 2) % 4] + corners[(k + 3) % 4])
    along = b - a
    share = np.clip((points - a) @ along / max(float(along @ along), 1e-12), 0.0, 1.0)
    found: Floats = np.linalg.norm(points - a - share[:, None] * along, axis=1)
    return found
