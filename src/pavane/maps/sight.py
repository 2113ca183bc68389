"""in_sight: how far one sees over the floor of a home."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.maps.occupancy import OccupancyMap


def in_sight(home: OccupancyMap, camera: Pose, field_of_view: float, reach: float, rays: int, step: float) -> Floats:
    """Return a camera and how far it sees in each direction, from right to left: (1 + rays, 2) in ``map``, m.

    Args:
        home: the map.
        camera: map_from_camera.
        field_of_view: rad.
        reach: as far as it is followed, m.
        rays: how many directions.
        step: along each of them, m.
    """
    angles = np.linspace(-0.5 * field_of_view, 0.5 * field_of_view, rays)
    distances = np.arange(0.0, reach, step)  # (D,)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = camera.transform((directions[:, None] * distances[:, None]).reshape(-1, 2))
    blocked = home.solid_at(points).reshape(rays, -1)
    seen = np.where(blocked.any(axis=1), distances[blocked.argmax(axis=1)], reach)
    return camera.transform(np.vstack([[[0.0, 0.0]], directions * seen[:, None]]))
