"""The manoeuvres that could have avoided a contact, rolled out from the states that the robot was in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.robot import RobotProfile
from pavane.drive_log import Run

AFTER = 1.5  # s after the contact


class Manoeuvre(NamedTuple):
    """A bang-bang control: a speed and a yaw rate, as shares of ``vx_max`` (-1: ``vx_min``) and ``wz_max``."""

    name: str
    v: float
    omega: float


FAMILY = (
    Manoeuvre("brake", 0.0, 0.0),
    *(Manoeuvre(f"brake, turn {share:+g}", 0.0, share) for share in (-1.0, -0.5, 0.5, 1.0)),
    Manoeuvre("speed up", 1.0, 0.0),
    *(Manoeuvre(f"speed up, turn {share:+g}", 1.0, share) for share in (-0.5, -0.25, 0.25, 0.5)),
    Manoeuvre("back off", -1.0, 0.0),
    *(Manoeuvre(f"back off, turn {share:+g}", -1.0, share) for share in (-0.5, 0.5)),
)


class ManoeuvrePaths(NamedTuple):
    """What every manoeuvre leads to, one row for each and each moment at which it begins.

    Args:
        x: (N, K) of map_from_base at each tick from the one at which it moves the wheels, m; the last pose stays.
        y: likewise.
        yaw: likewise, rad.
        ticks: (N, K) which tick of the run that is; it may be one after the run's last.
    """

    x: Floats
    y: Floats
    yaw: Floats
    ticks: Ints


def roll(run: Run, family: Sequence[Manoeuvre], starts: Ints, contact: int) -> ManoeuvrePaths:
    """Where manoeuvres lead from every tick at which they may move the wheels, until ``AFTER`` s after a contact.

    Speed and yaw rate are first-order responses, no quicker than the emergency limits; the yaw rate takes what speed
    of the wheels the forward speed leaves. From the contact on both go to rest.

    Args:
        run: gives poses and speeds at the start.
        family: what is tried, each from every tick.
        starts: (B,) ticks.
        contact: the tick of the contact.
    """
    robot, dt = run.robot, run.duration / (len(run.times) - 1)
    emergency, lag = robot.emergency, robot.latency.actuation_lag
    first = np.tile(starts, len(family))
    v, omega = run.v[first], run.omega[first]
    x, y, yaw = run.poses[first].T
    goal_v, goal_w = (np.repeat(goal, len(starts)) for goal in _goals(robot, family))
    end = contact + round(AFTER / dt)
    ticks = np.minimum(first[:, None] + np.arange(end - int(starts.min()) + 1), end)  # (N, K)
    out = np.empty((3, *ticks.shape))
    out[:, :, 0] = x, y, yaw
    for k in range(1, ticks.shape[1]):
        goes, brakes = ticks[:, k] > ticks[:, k - 1], ticks[:, k - 1] >= contact
        next_v, mean_v = _follow(v, np.where(brakes, 0.0, goal_v), lag, -emergency.ax_min, dt)
        next_w, mean_w = _follow(omega, np.where(brakes, 0.0, goal_w), lag, emergency.az_max, dt)
        most = _spare_turn(robot, next_v)
        next_w, mean_w = np.clip(next_w, -most, most), np.clip(mean_w, -most, most)
        middle = yaw + 0.5 * mean_w * dt
        x, y = x + goes * mean_v * dt * np.cos(middle), y + goes * mean_v * dt * np.sin(middle)
        yaw, v, omega = yaw + goes * mean_w * dt, next_v, next_w
        out[:, :, k] = x, y, yaw
    return ManoeuvrePaths(out[0], out[1], out[2], ticks)


def _goals(robot: RobotProfile, family: Sequence[Manoeuvre]) -> tuple[Floats, Floats]:
    """Return the speeds and yaw rates (M,) that the manoeuvres aim at, within what the wheels can do."""
    limits = robot.limits
    v = np.array([m.v * (limits.vx_max if m.v >= 0.0 else -limits.vx_min) for m in family])
    most = np.minimum(limits.wz_max, _spare_turn(robot, v))
    return v, np.clip([m.omega * limits.wz_max for m in family], -most, most)


def _spare_turn(robot: RobotProfile, v: Floats) -> Floats:
    """Yaw rates (N,) for which the wheels have speed to spare at forward speeds (N,), rad/s."""
    wheels = robot.wheels
    most: Floats = np.maximum(wheels.speed_max - np.abs(v), 0.0) / (0.5 * wheels.track_width)
    return most


def _follow(now: Floats, target: Floats, lag: float, limit: float, dt: float) -> tuple[Floats, Floats]:
    """Values (N,) after ``dt`` s and their means over it, of first-order responses whose slope is limited."""
    decay = math.exp(-dt / lag) if lag > 0.0 else 0.0
    after = target + (now - target) * decay
    mean = target + (now - target) * (1.0 - decay) * lag / dt
    steep = np.abs(after - now) > limit * dt
    after = np.where(steep, now + np.clip(after - now, -limit * dt, limit * dt), after)
    return after, np.where(steep, 0.5 * (now + after), mean)
