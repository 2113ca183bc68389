"""Poses, grids, footprints and Gaussians: values without behaviour of their own (REP-103 frames, SI units)."""

from pavane.geometry.cover import cover, passage_radius
from pavane.geometry.footprint import Footprint
from pavane.geometry.gaussian import Gaussian
from pavane.geometry.grid import Grid
from pavane.geometry.se2 import Pose, transform_poses, wrap_angle

__all__ = ["Footprint", "Gaussian", "Grid", "Pose", "cover", "passage_radius", "transform_poses", "wrap_angle"]
