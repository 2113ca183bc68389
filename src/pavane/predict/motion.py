"""The base under commands: dead time, then a first-order response, then the unicycle."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from pavane.belief import RobotState
from pavane.geometry import Pose
from pavane.robot import Latencies

SUBSTEP = 0.01  # s


def roll(
    robot: RobotState, stamp: float, commands: Sequence[tuple[float, float, float]], until: float, latency: Latencies
) -> RobotState:
    """The base at ``until`` from its state at ``stamp`` under commands of (stamp sent, v, omega), in order of stamps.

    The wheels aim for the newest command sent at least the dead time ago and approach it with the lag's time constant;
    the pose is exact for the mean twist of each substep. Before the first command they aim for the twist they have.
    """
    pose, v, omega = robot.pose, robot.v, robot.omega
    sent = [c[0] for c in commands]
    time = stamp
    steps = max(0, math.ceil((until - stamp) / SUBSTEP - 1e-9))
    dt = (until - stamp) / steps if steps else 0.0
    gain = 1.0 - math.exp(-dt / latency.actuation_lag) if latency.actuation_lag > 0.0 else 1.0
    x, y, yaw = pose.x, pose.y, pose.yaw
    for _ in range(steps):
        i = bisect_right(sent, time + 0.5 * dt - latency.actuation) - 1
        goal_v, goal_omega = (commands[i][1], commands[i][2]) if i >= 0 else (v, omega)
        v1, omega1 = v + gain * (goal_v - v), omega + gain * (goal_omega - omega)
        heading = yaw + 0.25 * (omega + omega1) * dt
        x += 0.5 * (v + v1) * dt * math.cos(heading)
        y += 0.5 * (v + v1) * dt * math.sin(heading)
        yaw += 0.5 * (omega + omega1) * dt
        v, omega = v1, omega1
        time += dt
    return RobotState(Pose(x, y, yaw), v, omega, robot.a, robot.alpha, robot.covariance)
