"""Gaze: from a plan of the base (and a person to look at) to a plan of the screen."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import ScreenState
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import Screen
from pavane.motion.tracker import intended, track_pan

LEAD = 1.4  # s ahead that the screen looks; with its own lag the look comes 0.3 to 0.5 s before the turn
HORIZON = 3.0  # s
GAIN = 6.0  # 1/s
OVERSHOOT = 0.03  # rad by which the screen may pass the angle it aims for: it never aims for its stop
CLOSE = 0.2  # m; for shorter ways the turn itself says where the robot goes
WIDEST = 0.6 * np.pi  # rad; what lies further round is a way backwards


def plan_gaze(plan: Plan, state: ScreenState, screen: Screen, person: Floats | None = None) -> ScreenPlan:
    """Return the screen over the plan's three seconds, from its state at the plan's start.

    Args:
        plan: the base.
        state: the screen at ``plan.start``.
        screen: its limits.
        person: (K, 2) places in ``odom`` of a person to keep in the camera, K = 61, or None to show intent.
    """
    steps = round(HORIZON / plan.dt)
    ahead = round(LEAD / plan.dt)
    if person is None:
        # a way backwards is announced by its turn: a screen does not look over its shoulder
        wanted: Floats = intended(plan.poses, steps, ahead, CLOSE, WIDEST)
    else:
        index = np.arange(1, steps + 1)
        poses = plan.poses[np.minimum(index, len(plan.poses) - 1)]  # (steps, 3)
        offset = person[index] - poses[:, :2]
        wanted = np.arctan2(offset[:, 1], offset[:, 0]) - poses[:, 2]
        wanted = np.remainder(wanted + np.pi, 2 * np.pi) - np.pi
    out = np.empty((steps + 1, 3))
    track_pan(
        wanted, state.pan, state.rate, state.acceleration, screen.pan_limit - OVERSHOOT, screen.rate_max,
        screen.acceleration_max, screen.jerk_max, GAIN, plan.dt, out,
    )  # fmt: skip
    return ScreenPlan(plan.start, plan.dt, out[:, 0].copy(), out[:, 1].copy(), out[:, 2].copy())
