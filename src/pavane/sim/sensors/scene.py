"""The scene that sensors look at, and the readings they give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.geometry import Pose
from pavane.core.messages import Message
from pavane.maps import OccupancyMap


class Surroundings(Protocol):
    """The home as sensors see it."""

    @property
    def opaque(self) -> Bools:
        """(rows, columns) True where a cell stops light: glass does not, a closed door does."""
        ...

    @property
    def frame(self) -> tuple[float, float, float]:
        """Edge of a cell, x and y of the outer corner of cell (0, 0), m in ``map``."""
        ...

    @property
    def low(self) -> Floats:
        """(M, 4) x, y, radius of low objects in ``map``, and how near the lidar must be to see them, m."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class StillHome:
    """Surroundings that never change; arguments as in :class:`Surroundings`."""

    opaque: Bools
    frame: tuple[float, float, float]
    low: Floats = field(default_factory=lambda: np.zeros((0, 4)))

    @classmethod
    def of(cls, home: OccupancyMap) -> StillHome:
        """Return a map taken for the truth: what is solid is opaque."""
        grid = home.grid
        return cls(np.ascontiguousarray(home.solid), (grid.resolution, grid.origin.x, grid.origin.y))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The truth at one moment.

    Args:
        stamp: true time, s.
        map_from_base: where the robot is.
        odom_from_base: where its wheels say it is.
        v: forward speed as the wheels measure it, m/s.
        omega: yaw rate, likewise, rad/s.
        pan: true angle of the screen, rad.
        pan_rate: rad/s.
        people: (N, 6) x, y, yaw, vx, vy, radius in ``map``; a row of NaN is somebody who is not here.
        detectable: (N,) False for those whom no person detector makes out, as dogs.
        home: what hides and reflects.
    """

    stamp: float
    map_from_base: Pose
    odom_from_base: Pose
    v: float
    omega: float
    pan: float
    pan_rate: float
    people: Floats
    detectable: Bools
    home: Surroundings


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as a sensor makes it, and the people (their rows in the scene) that it really shows."""

    message: Message
    seen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to the robot.

    Args:
        arrival: when it is there, true time, s.
        sensed: when its content was sensed, true time, s; its stamp may say something else.
        message: the message.
        seen: rows of the people that it really shows.
    """

    arrival: float
    sensed: float
    message: Message
    seen: tuple[int, ...]
