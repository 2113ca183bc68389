"""What decisions do: motions for pictures and explanations, and random ones of the whole space."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats, Floats32
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import STEPS, Bounds
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.seeds import Seeds


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
    return motions(decisions, np.array([0.0, 0.0, 0.0, speed, 0.0, 0.0, 0.0]), limits)[:, :, :5]


def motions(decisions: Floats32, start: Floats, limits: Bounds) -> Floats:
    """What decisions (8, N) do in 3 s from a state: (N, 61, 7) x, y, yaw, v, omega, a, alpha in the start's frame."""
    states = np.empty((decisions.shape[1], STEPS + 1, 7))
    for decision, out in zip(np.ascontiguousarray(decisions.T, dtype=np.float64), states, strict=True):
        rollout(decision, start, limits, 0, out)
    return states
