"""Gaussians over positions in the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry.se2 import Pose


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """A normal distribution over a vector.

    Args:
        mean: (n,) mean.
        covariance: (n, n) symmetric positive semi-definite covariance.
    """

    mean: Floats
    covariance: Floats

    def transformed(self, parent_from_child: Pose) -> Gaussian:
        """The same planar distribution seen from the parent frame (mean (2,), covariance (2, 2))."""
        rotation = parent_from_child.rotate(np.eye(2)).T  # (2, 2)
        mean = parent_from_child.transform(self.mean[None, :2])[0]
        return Gaussian(mean, rotation @ self.covariance @ rotation.T)

    def mahalanobis(self, point: Floats) -> float:
        """Distance of a point (n,) from the mean in standard deviations."""
        offset = np.asarray(point, dtype=np.float64) - self.mean
        return float(np.sqrt(offset @ np.linalg.solve(self.covariance, offset)))
