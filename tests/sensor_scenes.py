"""Scenes for tests of single sensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pavane.core.geometry import Pose
from pavane.sim.sensors import Scene, StillHome, Surroundings
from sim_scenes import room

ROOM = StillHome.of(room(6.0, 4.0))
ABSENT = (np.nan, np.nan)


def scene(
    stamp: float = 0.0,
    pose: Pose = Pose(2.0, 2.0, 0.3),  # noqa: B008
    people: Sequence[tuple[float, float]] = (),
    *,
    home: Surroundings = ROOM,
    odom: Pose | None = None,
    v: float = 0.0,
    omega: float = 0.0,
    pan: float = 0.0,
    pan_rate: float = 0.0,
    detectable: Sequence[bool] | None = None,
    radius: float = 0.2,
) -> Scene:
    """A robot, by default in a room of 6 x 4 m, and people of one size."""
    rows = np.array([(x, y, 0.0, 0.0, 0.0, radius) for x, y in people], dtype=np.float64).reshape(-1, 6)
    makes_out = np.ones(len(rows), np.bool_) if detectable is None else np.array(detectable)
    return Scene(stamp, pose, pose if odom is None else odom, v, omega, pan, pan_rate, rows, makes_out, home)
