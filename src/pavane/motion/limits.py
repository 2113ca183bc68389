"""The robot's limits as the kernels take them."""

from __future__ import annotations

import numpy as np

from pavane.core.robot import RobotProfile
from pavane.motion.model import Bounds

TRACKING_GAIN = 8.0  # 1/s, with which a motion closes in on its reference


def bounds(robot: RobotProfile) -> Bounds:
    """Comfort limits of a profile for rollouts and for commands: one source, so that they cannot disagree.

    A robot that does not see behind itself reverses no faster than it may creep: somebody may stand there.
    """
    limits, wheels = robot.limits, robot.wheels
    reverse = limits.vx_min if robot.sees_behind else max(limits.vx_min, -robot.creep_speed)
    half = 0.5 * wheels.track_width
    binding = max(limits.vx_max, -reverse) + half * limits.wz_max > wheels.speed_max
    figures = (
        reverse, limits.vx_max, limits.wz_max, limits.ax_min, limits.ax_max, limits.az_max, limits.jx_max,
        limits.jz_max, half if binding else 0.0, wheels.speed_max, TRACKING_GAIN,
    )  # fmt: skip
    return Bounds(*(np.float32(f) for f in figures))
