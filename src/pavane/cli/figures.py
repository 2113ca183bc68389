"""``pavane figures``: pictures of the ideas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pavane.cli.show import say

if TYPE_CHECKING:
    from pavane.arrays import Floats
    from pavane.robot import RobotProfile

SAMPLES = 600
SPEED = 0.35  # share of full speed at which the robot is shown


@dataclass(frozen=True, slots=True)
class Figures:
    """Draw the space of trajectories: what the robot can do in the next three seconds.

    Example: pavane figures --out out/figures

    Args:
        out: folder for trajectories.png; made where it is missing.
        robot: name or file of a profile.
        seed: of the samples.
    """

    out: str = "out/figures"
    robot: str = "astro_like"
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.figures import space_picture
        from pavane.files import make_folder
        from pavane.robot import RobotProfile

        robot = RobotProfile.load(self.robot)
        folder = make_folder(self.out)
        path = Path(folder) / "trajectories.png"
        space_picture(sample_trajectories(robot, SAMPLES, self.seed), robot, path)
        say(f"written: {path}")
        return True


def sample_trajectories(robot: RobotProfile, count: int, seed: int) -> Floats:
    """Places (count, 61, 3) along random trajectories from a slow forward motion: x, y, yaw in the base frame."""
    import numpy as np

    from pavane.kernels.evaluate import rollout
    from pavane.kernels.model import STEPS
    from pavane.limits import bounds
    from pavane.trajectory.seeds import Seeds

    limits = bounds(robot)
    decisions = Seeds(limits, count, 0, np.random.default_rng(seed)).scattered
    start = np.array([0.0, 0.0, 0.0, SPEED * float(limits.v_high), 0.0, 0.0, 0.0])
    states = np.empty((count, STEPS + 1, 7))
    for i in range(count):
        rollout(decisions[:, i].astype(np.float64), start, limits, 0, states[i])
    return states[:, :, :3]
