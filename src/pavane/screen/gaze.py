"""Gaze: from a plan of the base (and a person to look at) to a plan of the screen."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Floats
from pavane.belief import ScreenState
from pavane.kernels.track import track_pan
from pavane.plan import Plan, ScreenPlan
from pavane.robot import Screen

LEAD = 1.4  # s ahead that the screen looks; with its own lag the look comes 0.3 to 0.5 s before the turn
HORIZON = 3.0  # s
GAIN = 6.0  # 1/s
OVERSHOOT = 0.03  # rad by which the screen may pass the angle it aims for: it never aims for its stop
CLOSE = 0.2  # m; for shorter ways the turn itself says where the robot goes


def plan_gaze(plan: Plan, state: ScreenState, screen: Screen, person: Floats | None = None) -> ScreenPlan:
    """The screen over the plan's three seconds, from its state at the plan's start.

    Args:
        plan: the base.
        state: the screen at ``plan.start``.
        screen: its limits.
        person: (K, 2) places in ``odom`` of a person to keep in the camera, K = 61, or None to show intent.
    """
    steps = round(HORIZON / plan.dt)
    ahead = round(LEAD / plan.dt)
    index = np.arange(1, steps + 1)
    poses = plan.poses[np.minimum(index, len(plan.poses) - 1)]  # (steps, 3)
    if person is None:
        wanted = _intent(poses, plan.poses[np.minimum(index + ahead, len(plan.poses) - 1)])
    else:
        offset = person[index] - poses[:, :2]
        wanted = _wrapped(np.arctan2(offset[:, 1], offset[:, 0]) - poses[:, 2])
    out = np.empty((steps + 1, 3))
    track_pan(
        wanted, state.pan, state.rate, state.acceleration, screen.pan_limit - OVERSHOOT, screen.rate_max,
        screen.acceleration_max, screen.jerk_max, GAIN, plan.dt, out,
    )  # fmt: skip
    return ScreenPlan(plan.start, plan.dt, out[:, 0].copy(), out[:, 1].copy(), out[:, 2].copy())


def _intent(now: Floats, then: Floats) -> Floats:
    """Bearings (K,) in base from poses ``now`` (K, 3) to where the robot will be ``then`` (K, 3)."""
    offset = then[:, :2] - now[:, :2]
    distance = np.hypot(*offset.T)
    bearing = _wrapped(np.arctan2(offset[:, 1], offset[:, 0]) - now[:, 2])
    turn = _wrapped(then[:, 2] - now[:, 2])
    # a way backwards is announced by its turn: a screen does not look over its shoulder
    share = distance**2 / (distance**2 + CLOSE**2) * (np.abs(bearing) < 0.6 * np.pi)
    x = share * np.cos(bearing) + (1 - share) * np.cos(turn)
    y = share * np.sin(bearing) + (1 - share) * np.sin(turn)
    bearing_wanted: Floats = np.arctan2(y, x)
    return bearing_wanted


def _wrapped(angles: Floats) -> Floats:
    wrapped: Floats = np.remainder(angles + np.pi, 2 * np.pi) - np.pi
    return wrapped
