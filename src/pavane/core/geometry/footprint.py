"""The robot's outline: a disc or a convex polygon."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.errors import BadProfile


@dataclass(frozen=True, slots=True, eq=False)
class Footprint:
    """A convex outline in the ``base`` frame: every point within ``radius`` of the polygon ``vertices``.

    A disc is the single vertex (0, 0) with its radius; a polygon has radius 0.

    Args:
        vertices: (N, 2) corners, counter-clockwise, m.
        radius: rounding of the outline, m.
    """

    vertices: Floats
    radius: float = 0.0

    @classmethod
    def disc(cls, radius: float) -> Footprint:
        """Return the outline of a round robot; its radius in m."""
        if not radius > 0.0:
            raise BadProfile("robot_radius must be positive", value=radius, limit="metres > 0")
        return cls(np.zeros((1, 2)), float(radius))

    @classmethod
    def polygon(cls, vertices: Floats) -> Footprint:
        """Return a convex outline with corners (N >= 3, 2) in either sense of rotation.

        Raises:
            BadProfile: the corners are not finite, repeat, or do not go once round a convex shape that holds (0, 0).
        """
        corners = np.asarray(vertices, dtype=np.float64)
        if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3 or not np.isfinite(corners).all():
            raise BadProfile("footprint needs at least 3 finite [x, y] corners", value=vertices)
        edges = np.roll(corners, -1, axis=0) - corners
        following = np.roll(edges, -1, axis=0)
        cross = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
        turns = np.arctan2(cross, (edges * following).sum(axis=1))  # exterior angles; a star turns more than once
        if (np.hypot(*edges.T) < 1e-6).any():
            raise BadProfile("footprint repeats a corner", value=vertices, remedy="List each corner once.")
        if abs(abs(turns.sum()) - 2.0 * math.pi) > 1e-6 or (turns * np.sign(turns.sum()) < -1e-9).any():
            raise BadProfile(
                "footprint is not convex", value=vertices, remedy="List the corners of its convex hull in order."
            )
        if turns.sum() < 0:
            corners = corners[::-1].copy()
        shape = cls(corners)
        if shape.inscribed_radius <= 0.0:
            raise BadProfile("footprint does not contain the base origin", value=vertices)
        return shape

    @property
    def is_disc(self) -> bool:
        """Whether the outline is a disc around the base origin."""
        return len(self.vertices) == 1

    def outline(self, sides: int = 48) -> Floats:
        """Return the outline (N, 2) as a polygon, a disc as one of so many sides, for pictures."""
        if not self.is_disc:
            return self.vertices
        angles = np.linspace(0.0, 2.0 * math.pi, sides, endpoint=False)
        return self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)

    @property
    def circumscribed_radius(self) -> float:
        """Radius around the base origin that holds the whole outline, m."""
        return float(np.hypot(*self.vertices.T).max()) + self.radius

    @property
    def inscribed_radius(self) -> float:
        """Radius around the base origin that the outline holds, m."""
        if self.is_disc:
            return self.radius
        edges = np.roll(self.vertices, -1, axis=0) - self.vertices
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / np.hypot(*edges.T)[:, None]
        return float((normals * self.vertices).sum(axis=1).min()) + self.radius

    def signed_distance(self, points: Floats) -> Floats:
        """Return the distance (M,) of points (M, 2) in the base frame from the outline, negative inside, m; exact."""
        points = np.asarray(points, dtype=np.float64)
        if self.is_disc:
            distance: Floats = np.hypot(*(points - self.vertices[0]).T)
            return distance - self.radius
        starts = self.vertices  # (N, 2)
        edges = np.roll(starts, -1, axis=0) - starts
        offset = points[:, None, :] - starts[None, :, :]  # (M, N, 2)
        along = np.clip((offset * edges).sum(-1) / (edges**2).sum(-1), 0.0, 1.0)
        nearest = np.sqrt(((offset - along[..., None] * edges) ** 2).sum(-1)).min(axis=1)
        inside = (edges[:, 0] * offset[..., 1] - edges[:, 1] * offset[..., 0] >= 0.0).all(axis=1)
        signed: Floats = np.where(inside, -nearest, nearest)
        return signed - self.radius

    def rounded_rectangle(self) -> tuple[float, float, float, float, float]:
        """Return x, y of the centre, half length and half width of a rectangle, and a radius, m.

        All that lies within the radius of the rectangle is as long and as wide as the outline, holds it, and has
        corners as round as that allows.
        """
        low, high = self.vertices.min(axis=0), self.vertices.max(axis=0)
        centre, half = 0.5 * (low + high), 0.5 * (high - low)
        outwards = np.abs(self.vertices - centre)
        least, most = 0.0, float(half.min())
        for _ in range(30):
            radius = 0.5 * (least + most)
            beyond = np.maximum(outwards - (half - radius), 0.0)
            held = bool((np.hypot(*beyond.T) <= radius + 1e-9).all())
            least, most = (radius, most) if held else (least, radius)
        return (*centre.tolist(), *(half - least).tolist(), least + self.radius)
