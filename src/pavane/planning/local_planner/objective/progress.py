"""Progress: how far it still is from a pose, and what it costs to end badly placed.

to go       Phi(x, y) + goal_pose e^(-(r / 0.8)^2) * turns still owed near a goal pose       :func:`to_go`
the end     heading away misled + overspeed over                                              :func:`end_penalties`
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from pavane.numerics.jit import inline, spliced
from pavane.numerics.lanes import (
    HALF,
    ONE,
    ZERO,
    F,
    absolute,
    atan2,
    chain,
    exp,
    inner,
    maximum,
    minimum,
    outer,
    sqrt,
    wrap,
)
from pavane.planning.local_planner.objective.fields import cost_at


class Goal(NamedTuple):
    """Where to end, in the window frame; ``back`` is what a metre in reverse towards it costs, rad."""

    x: Any
    y: Any
    yaw: Any
    back: Any


@inline
def smooth_abs(x):
    """Return |x| with a rounded tip of 0.05 rad."""
    return sqrt(x * x + F(0.0025)) - F(0.05)


@inline
def goal_pose_cost(x, y, yaw, goal, weight):
    """Return the metres still owed for the heading near a goal pose: turn to it, drive, turn there; or backwards.

    With r the distance and q = r^2 / (r^2 + 0.06^2) it is
    weight e^(-(r / 0.8)^2) (q softmin(forward, reverse) + (1 - q) |goal yaw - yaw|).

    Args:
        x, y, yaw: the pose.
        goal: its goal.
        weight: goal_pose, m/rad.
    """
    dx, dy = goal.x - x, goal.y - y
    q = dx * dx + dy * dy
    bearing = atan2(dy, dx)
    ahead, back = wrap(bearing - yaw), wrap(bearing - yaw + F(np.pi))
    there, there_back = wrap(goal.yaw - bearing), wrap(goal.yaw - bearing - F(np.pi))
    forward = smooth_abs(ahead) + smooth_abs(there)
    reverse = smooth_abs(back) + smooth_abs(there_back) + F(0.3) + goal.back * sqrt(q + F(1e-6))
    gap = forward - reverse
    softmin = HALF * (forward + reverse - sqrt(gap * gap + F(0.01)))
    share = q / (q + F(0.0036))
    turn = smooth_abs(wrap(goal.yaw - yaw))
    return weight * exp(q * F(-1.5625)) * (share * softmin + (ONE - share) * turn)


@inline
def to_go(x, y, yaw, fields, goal, weights):
    """Return the metres still to go from a pose: the cost-to-go, and near a goal pose what its heading costs."""
    at_x, at_y, turn = inner(x, 0, 3), inner(y, 1, 3), inner(yaw, 2, 3)
    phi = cost_at(at_x, at_y, fields)
    if weights.goal_pose > ZERO:
        phi = phi + goal_pose_cost(at_x, at_y, turn, goal, weights.goal_pose)
    return outer(phi, (x, y, yaw))


@spliced
def end_penalties(pose, v, phi, situation):
    """Return what ending turned away from the way costs, m, and what ending too fast for the rest of it costs.

    The first is heading away misled: away = (2 (phi - 0.15)) in 0..1, misled = (1 - (phi - phi ahead) / look_ahead) in
    0..2.5. The second is overspeed (|v| - 1.2 phi - 0.1), at least 0.
    """
    fields, goal, weights, c, s = situation.fields, situation.goal, situation.weights, pose.cos, pose.sin
    x, y = pose.x + weights.look_ahead * chain(pose.yaw, c, -s), pose.y + weights.look_ahead * chain(pose.yaw, s, c)
    ahead = to_go(x, y, pose.yaw, fields, goal, weights)
    away = maximum(ZERO, minimum(ONE, (phi - F(0.15)) * F(2.0)))
    misled = maximum(ZERO, minimum(F(2.5), ONE - (phi - ahead) / weights.look_ahead))
    over = maximum(ZERO, absolute(v) - F(1.2) * maximum(phi, ZERO) - F(0.1))
    return weights.heading * away * misled, weights.overspeed * over
