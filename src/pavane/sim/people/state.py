"""PersonState: a person's place, motion and purpose, which is all that others can see of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Mode(Enum):
    """The activity of a person."""

    WALK = "walking to a goal"
    STAY = "staying"
    ASIDE = "making room"


@dataclass(slots=True, eq=False)
class PersonState:
    """One person in ``map``.

    Args:
        x: of the body's centre, m.
        y: likewise.
        radius: of the body, m.
        yaw: heading, rad.
        vx: velocity, m/s.
        vy: likewise.
        mode: what they are doing.
        trips: how often they have set out.
        goal: where they set out to last, m; None before the first trip.
    """

    x: float
    y: float
    radius: float
    yaw: float
    vx: float = 0.0
    vy: float = 0.0
    mode: Mode = Mode.STAY
    trips: int = 0
    goal: tuple[float, float] | None = None

    @property
    def speed(self) -> float:
        """Speed over the ground, m/s."""
        return math.hypot(self.vx, self.vy)

    def distance(self, x: float, y: float) -> float:
        """Return the distance of a point in ``map`` from the body's centre, m."""
        return math.hypot(x - self.x, y - self.y)
