"""sample_motions: what the space of trajectories holds, for pictures and for whoever wants to look at it."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Floats
from pavane.kernels.evaluate import rollout
from pavane.kernels.model import STEPS
from pavane.limits import bounds
from pavane.robot import RobotProfile
from pavane.trajectory.seeds import Seeds


def sample_motions(robot: RobotProfile, count: int, rng: np.random.Generator, *, speed: float = 0.0) -> Floats:
    """Random motions (count, 61, 5) of the next 3 s: x, y, yaw in the base frame at the start, v, omega.

    Args:
        robot: whose limits they keep.
        count: how many; half of them are the others' mirror images, so it is even.
        rng: draws them.
        speed: of the robot at the start, straight ahead, m/s.
    """
    limits = bounds(robot)
    decisions = Seeds(limits, count, 0, rng).scattered
    start = np.array([0.0, 0.0, 0.0, speed, 0.0, 0.0, 0.0])
    states = np.empty((count, STEPS + 1, 7))
    for i in range(count):
        rollout(decisions[:, i].astype(np.float64), start, limits, 0, states[i])
    return states[:, :, :5]
