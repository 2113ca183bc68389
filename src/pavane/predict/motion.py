"""The base under commands: dead time, then a first-order response, then the unicycle."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from pavane.arrays import Floats
from pavane.belief import RobotState
from pavane.geometry import Pose
from pavane.predict.plant import Plant

SUBSTEP = 0.01  # s
TOGETHER = 0.05  # s within which the speeds deviate from the model alike, at least


def roll(
    robot: RobotState, stamp: float, commands: Sequence[tuple[float, float, float]], until: float, plant: Plant
) -> RobotState:
    """The base at ``until`` from its state at ``stamp`` under commands of (stamp sent, v, omega), in order of stamps.

    The wheels aim for the newest command sent at least the dead time ago, times the scale, and approach it with the
    lag's time constant; the pose is exact for the mean twist of each substep. Before the first command they aim for the
    twist they have.

    The covariance grows by deviations of the speeds from this model, which fade and come anew within the lag (an
    Ornstein-Uhlenbeck process), of the plant's ``v_std`` and ``omega_std`` and, where commands change, of the change
    within the ``spread`` of the delay. A plant without deviations moves what covariance there is.
    """
    pose, v, omega = robot.pose, robot.v, robot.omega
    sent = [c[0] for c in commands]
    time = stamp
    steps = max(0, math.ceil((until - stamp) / SUBSTEP - 1e-9))
    dt = (until - stamp) / steps if steps else 0.0
    gain = 1.0 - math.exp(-dt / plant.lag) if plant.lag > 0.0 else 1.0
    ways = []  # of each substep: heading, length, change of v and of omega
    x, y, yaw = pose.x, pose.y, pose.yaw
    for _ in range(steps):
        i = bisect_right(sent, time + 0.5 * dt - plant.dead_time) - 1
        if i >= 0:
            goal_v, goal_omega = plant.gain_v * commands[i][1], plant.gain_omega * commands[i][2]
        else:
            goal_v, goal_omega = v, omega
        v1, omega1 = v + gain * (goal_v - v), omega + gain * (goal_omega - omega)
        heading, way = yaw + 0.25 * (omega + omega1) * dt, 0.5 * (v + v1) * dt
        ways.append((heading, way, v1 - v, omega1 - omega))
        x += way * math.cos(heading)
        y += way * math.sin(heading)
        yaw += 0.5 * (omega + omega1) * dt
        v, omega = v1, omega1
        time += dt
    unsure = plant.v_std > 0.0 or plant.omega_std > 0.0 or plant.spread > 0.0 or bool(robot.covariance.any())
    covariance = _grown(robot.covariance, np.array(ways), dt, plant) if unsure and ways else robot.covariance
    return RobotState(Pose(x, y, yaw), v, omega, robot.a, robot.alpha, covariance)


def _grown(covariance: Floats, ways: Floats, dt: float, plant: Plant) -> Floats:
    """Covariance (5, 5) of x, y, yaw, v, omega after substeps (N, 4): heading, length, change of v and of omega."""
    keep = math.exp(-dt / max(plant.lag, TOGETHER))
    heading, way, *changes = ways.T
    step = np.tile(np.eye(5), (len(ways), 1, 1))
    step[:, 0, 2], step[:, 1, 2] = -way * np.sin(heading), way * np.cos(heading)
    step[:, 0, 3], step[:, 1, 3], step[:, 2, 4] = dt * np.cos(heading), dt * np.sin(heading), dt
    step[:, 3, 3] = step[:, 4, 4] = keep
    fresh = np.zeros((len(ways), 5, 5))
    for i, std, change in zip((3, 4), (plant.v_std, plant.omega_std), changes, strict=True):
        fresh[:, i, i] = (1.0 - keep * keep) * (std**2 + (plant.spread / dt * change) ** 2)
    for k in range(len(ways)):
        covariance = step[k] @ covariance @ step[k].T + fresh[k]
    return covariance
