"""Bodies: the robot and the people, which must not be hit by a leaf or by a piece that comes down."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.sim.contacts import RobotBody

AIR = 0.02  # m that a moving leaf or piece keeps from a body


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Robot and people at one moment.

    Args:
        robot: None when there is none.
        people: (N, 3) x, y, radius in ``map``, m.
    """

    robot: RobotBody | None
    people: Floats

    def at_disc(self, x: float, y: float, radius: float) -> bool:
        """Return whether somebody is within ``AIR`` of a disc in ``map``, m."""
        away = np.hypot(self.people[:, 0] - x, self.people[:, 1] - y) - self.people[:, 2]
        if (away < radius + AIR).any():
            return True
        return self.robot is not None and self.robot.gap_to(x, y)[0] < radius + AIR

    def at_cells(self, centres: Floats, edge: float) -> bool:
        """Return whether somebody is within ``AIR`` of one of some cells.

        Args:
            centres: (K, 2) of the cells in ``map``, m.
            edge: of a cell, m.
        """
        for x, y, radius in self.people.tolist():
            out = np.maximum(np.abs(centres - (x, y)) - 0.5 * edge, 0.0)
            if (np.hypot(out[:, 0], out[:, 1]) < radius + AIR).any():
                return True
        robot = self.robot
        if robot is None:
            return False
        keep = math.sqrt(0.5) * edge + AIR  # as far as a cell's corner
        near = np.hypot(centres[:, 0] - robot.pose.x, centres[:, 1] - robot.pose.y) < robot.reach + keep
        return any(robot.gap_to(x, y)[0] < keep for x, y in centres[near].tolist())
