"""blocker: the place that the guard reacts to, the first one met on the stopping path of the wanted command."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Grid, Pose
from pavane.core.robot import RobotProfile
from pavane.navigator import Reaction
from pavane.planning.reactive.safety_filter import AIR, by_what_moves

MARGIN = 0.03  # m of air below which a cell is in the way
POSES = 40  # along the stopping path


def blocker(reaction: Reaction, robot: RobotProfile) -> Floats | None:
    """Return the place (2,) in ``map``, m, that is met first on the stopping path; None if that is the near map's edge.

    Whatever moves is met where it will be by then, and its place is told as of when the command takes effect.
    """
    near, wanted, limits = reaction.near, reaction.wanted, robot.limits
    if by_what_moves(reaction.command.reason):
        places, steps, air = near.moving[:, :2], near.moving[:, 2:], AIR
    else:
        solid = np.argwhere(near.solid)[:, ::-1]  # (N, 2) column, row
        places = Grid(near.solid, near.resolution, near.origin).centres(solid)
        steps, air = np.zeros_like(places), MARGIN + 0.5 * near.resolution
    if len(places) == 0:
        return None
    held = robot.latency.actuation_lag - 0.5 * limits.ax_min / limits.jx_max
    stop = max(abs(wanted.v) / -limits.ax_min, abs(wanted.omega) / limits.az_max)
    for share in np.linspace(0.0, 1.0, POSES):
        seconds = float(share) * (held + stop)
        braking = max(seconds - held, 0.0)
        at = reaction.at.advance(wanted.v, wanted.omega, seconds - 0.5 * braking**2 / max(stop, 1e-9))
        gaps = robot.shape.signed_distance(at.inverse().transform(places + seconds * steps)) - air
        if gaps.min() < 0.0:
            place: Floats = places[int(np.argmin(gaps))]
            return place
    return None


def gap(robot: RobotProfile, at: Pose, place: Floats) -> float:
    """Return the air between the robot's outline at a pose and a place (2,), both in ``map``, m."""
    return float(robot.shape.signed_distance(at.inverse().transform(place[None]))[0])
