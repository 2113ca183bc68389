"""The base under commands: dead time, then a first-order response, then the unicycle."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from pavane.core.belief import RobotState
from pavane.core.geometry import Pose
from pavane.prediction.actuation import PlantModel
from pavane.prediction.kernels.actuation import roll_on

SUBSTEP = 0.01  # s
TOGETHER = 0.05  # s within which the speeds deviate from the model alike, at least


def roll(
    robot: RobotState, stamp: float, commands: Sequence[tuple[float, float, float]], until: float, plant: PlantModel
) -> RobotState:
    """Return the base at ``until`` from its state at ``stamp`` under commands.

    The wheels aim for the newest command sent at least the dead time ago, times the scale, and approach it with the
    lag's time constant; the pose is exact for the mean twist of each substep. Before the first command they aim for the
    twist they have.

    The covariance grows by deviations of the speeds from this model, which fade and come anew within the lag (an
    Ornstein-Uhlenbeck process), of the plant's ``v_std`` and ``omega_std`` and, where commands change, of the change
    within the ``spread`` of the delay. A plant without deviations moves what covariance there is.

    Args:
        robot: its state at ``stamp``.
        stamp: s.
        commands: each (stamp sent, v, omega), s, m/s, rad/s, in order of stamps.
        until: s.
        plant: what the base makes of commands.
    """
    steps = max(0, math.ceil((until - stamp) / SUBSTEP - 1e-9))
    if not steps:
        return robot
    dt = (until - stamp) / steps
    keep = math.exp(-dt / max(plant.lag, TOGETHER))
    first = max(bisect_right(commands, stamp - plant.dead_time, key=itemgetter(0)) - 1, 0)
    under_way = np.array(commands[first:], np.float64).reshape(-1, 3)
    base = plant.dead_time, plant.lag, plant.gain_v, plant.gain_omega, plant.spread, plant.v_std, plant.omega_std
    state, covariance = (robot.pose.x, robot.pose.y, robot.pose.yaw, robot.v, robot.omega), robot.covariance.copy()
    x, y, yaw, v, omega = roll_on(state, under_way, base, keep, (stamp, dt, steps), covariance)
    return RobotState(Pose(x, y, yaw), v, omega, robot.a, robot.alpha, covariance)
