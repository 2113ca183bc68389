"""What the guard reacts to: the first solid thing on the stopping path of the command that was wanted."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Floats
from pavane.geometry import Grid, Pose
from pavane.navigator import Reaction
from pavane.robot import RobotProfile

MARGIN = 0.03  # m of air below which a cell is in the way
POSES = 40  # along the stopping path


def blocker(reaction: Reaction, robot: RobotProfile) -> Floats | None:
    """The place (2,) in ``map`` that the stopping path meets first; None where it meets only the near map's edge."""
    near, wanted, limits = reaction.near, reaction.wanted, robot.limits
    solid = np.argwhere(near.solid)[:, ::-1]  # (N, 2) column, row
    if len(solid) == 0:
        return None
    cells = Grid(near.solid, near.resolution, near.origin).centres(solid)
    half = 0.5 * near.resolution
    held = robot.latency.actuation_lag - 0.5 * limits.ax_min / limits.jx_max
    stop = max(abs(wanted.v) / -limits.ax_min, abs(wanted.omega) / limits.az_max)
    for share in np.linspace(0.0, 1.0, POSES):
        at = reaction.at.advance(wanted.v, wanted.omega, float(share) * (held + 0.5 * stop))
        gaps = robot.shape.signed_distance(at.inverse().transform(cells)) - half
        if gaps.min() < MARGIN:
            place: Floats = cells[int(np.argmin(gaps))]
            return place
    return None


def gap(robot: RobotProfile, at: Pose, place: Floats) -> float:
    """Air between the outline at a pose and a place (2,), both in ``map``, m."""
    return float(robot.shape.signed_distance(at.inverse().transform(place[None]))[0])
