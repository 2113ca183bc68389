"""Gaussians: the state of a track, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.core.arrays import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """A normal distribution over a vector.

    Args:
        mean: (n,) mean.
        covariance: (n, n) symmetric positive semi-definite covariance.
    """

    mean: Floats
    covariance: Floats
