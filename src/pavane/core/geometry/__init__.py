"""Poses, grids, footprints and Gaussians: values without behaviour of their own (REP-103 frames, SI units)."""

from pavane.core.geometry.cover import cover, passage_radius
from pavane.core.geometry.footprint import Footprint
from pavane.core.geometry.gaussian import Gaussian
from pavane.core.geometry.grid import Grid
from pavane.core.geometry.se2 import Pose, transform_poses, wrap_angle

__all__ = ["Footprint", "Gaussian", "Grid", "Pose", "cover", "passage_radius", "transform_poses", "wrap_angle"]
