"""SE(2): poses in the plane, x forward, y left, yaw counter-clockwise (REP-103)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats


def wrap_angle(angle: float) -> float:
    """Bring an angle in rad into (-pi, pi]; what is not finite becomes ``nan``, for the message's own check to find."""
    if not math.isfinite(angle):
        return math.nan
    wrapped = math.remainder(angle, 2.0 * math.pi)
    return math.pi if wrapped == -math.pi else wrapped


@dataclass(frozen=True, slots=True)
class Pose:
    """An element of SE(2): where a child frame stands in its parent.

    Written ``parent_from_child`` where it is used as a transform: ``map_from_base @ base_from_lidar``.

    Args:
        x: position along the parent's x axis, m.
        y: position along the parent's y axis, m.
        yaw: rotation of the child in the parent, rad, kept in (-pi, pi].
    """

    x: float
    y: float
    yaw: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "yaw", wrap_angle(self.yaw))

    def __matmul__(self, other: Pose) -> Pose:
        """Compose: ``a_from_b @ b_from_c`` is ``a_from_c``."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return Pose(self.x + c * other.x - s * other.y, self.y + s * other.x + c * other.y, self.yaw + other.yaw)

    def inverse(self) -> Pose:
        """Return the transform the other way round: ``a_from_b.inverse()`` is ``b_from_a``."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return Pose(-c * self.x - s * self.y, s * self.x - c * self.y, -self.yaw)

    def transform(self, points: Floats) -> Floats:
        """Bring points (N, 2) from the child frame into the parent frame."""
        turned = self.rotate(points)
        turned += (self.x, self.y)
        return turned

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Bring one point from the child frame into the parent frame, as plain numbers."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        return self.x + c * x - s * y, self.y + s * x + c * y

    def rotate(self, vectors: Floats) -> Floats:
        """Turn vectors (N, 2) from the child frame into the parent frame, without moving them."""
        c, s = math.cos(self.yaw), math.sin(self.yaw)
        rotation = np.array([[c, s], [-s, c]])  # transposed: the vectors are rows
        turned: Floats = np.asarray(vectors, dtype=np.float64) @ rotation
        return turned

    def advance(self, v: float, omega: float, dt: float) -> Pose:
        """Return the pose after driving the arc (v m/s, omega rad/s) for dt seconds; exact for constant twist."""
        turn = omega * dt
        half = 0.5 * turn
        chord = v * dt * (math.sin(half) / half if abs(half) > 1e-9 else 1.0)
        return Pose(
            self.x + chord * math.cos(self.yaw + half), self.y + chord * math.sin(self.yaw + half), self.yaw + turn
        )

    def distance(self, other: Pose) -> float:
        """Return the distance between the two positions, m."""
        return math.hypot(self.x - other.x, self.y - other.y)

    def array(self) -> Floats:
        """Return x, y, yaw, (3,)."""
        return np.array([self.x, self.y, self.yaw])


def transform_poses(parent_from_child: Pose, poses: Floats) -> Floats:
    """Bring poses (N, 3) of x, y, yaw from the child frame into the parent frame; yaw stays continuous."""
    out = np.empty_like(poses)
    out[:, :2] = parent_from_child.transform(poses[:, :2])
    out[:, 2] = poses[:, 2] + parent_from_child.yaw
    return out
