"""Which kinds of entities there are in a home, how each is to be treated, and where the map shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.errors import BadSetting


@dataclass(frozen=True, slots=True)
class KindCost:
    """How a kind of entity is treated: what it is like to be near it, how bad a touch is, how sure its place is.

    Args:
        comfort: clearance over which the hazard beside it falls by e, for a robot at rest, m.
        harm: how much worse it is to touch it than to touch a wall.
        sigma: standard deviation of its place beyond what the comfort holds, m: spreads the hazard.
        growth: growth of that per second since it was sensed, m/s, for what walks.
        touch: clearance at which a touch begins to count, m; what moves is touched by chance.
        radius: of its body where only its middle is known, m.
        moves: whether it walks or rolls by itself: then it is predicted; else it is drawn into the fields.
        solid: whether the robot cannot be there at all.
    """

    comfort: float
    harm: float = 1.0
    sigma: float = 0.0
    growth: float = 0.0
    touch: float = 0.008
    radius: float = 0.1
    moves: bool = False
    solid: bool = True

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            flag, number = item.type == "bool", isinstance(value, int | float) and not isinstance(value, bool)
            if not (isinstance(value, bool) if flag else number and 0.0 <= value < 100.0):
                raise BadSetting(
                    f"{item.name} of a kind cannot be right",
                    value=value,
                    limit="true or false" if flag else "0 to 100, SI units",
                )
        least = {"comfort": 0.05, "touch": 0.002}  # m; steeper hazards than these fit into no field and no step
        for name, low in least.items():
            if getattr(self, name) < low:
                raise BadSetting(f"{name} of a kind is too small", value=getattr(self, name), limit=f">= {low} m")

    @property
    def reach(self) -> float:
        """Clearance over which the hazard falls by e when it is sensed, m."""
        return self.comfort + self.sigma


KINDS: Mapping[str, KindCost] = {
    "wall": KindCost(comfort=0.06),  # everything solid that has no kind of its own, furniture and scan returns too
    "glass": KindCost(comfort=0.12, harm=1.5, sigma=0.05),  # the lidar misses it: only the map knows
    "stairs": KindCost(comfort=0.2, harm=10.0, sigma=0.05),  # down
    "cable": KindCost(comfort=0.15, harm=2.0, radius=0.05),
    "toy": KindCost(comfort=0.1, radius=0.08),
    "zone": KindCost(comfort=0.2, harm=0.3, solid=False),  # where it would rather not be: a bed of flowers, a play mat
    "person": KindCost(comfort=0.25, harm=1.5, growth=0.15, radius=0.25, moves=True),
    "pet": KindCost(comfort=0.12, harm=1.2, growth=0.25, radius=0.15, moves=True),
    "thing": KindCost(comfort=0.08, harm=0.8, growth=0.2, radius=0.2, moves=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """Something that stays where it is: all that lies within half the width of a point, a line or an area.

    Args:
        kind: one of ``KINDS``, or of those that an objective adds.
        points: (N, 2) in ``map``, m: one is a disc, more are a line, or the corners of an area.
        width: diameter of the disc, width of the line, rounding of the area twice over, m.
        area: whether the points enclose an area.
        name: what to call it; may be empty.
    """

    kind: str
    points: Floats
    width: float = 0.0
    area: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        points = self.points
        if points.ndim != 2 or points.shape[1:] != (2,) or not len(points) or not np.isfinite(points).all():
            raise BadSetting("an entity is nowhere", value=points.tolist(), limit="(N, 2) finite points, N >= 1")
        if not 0.0 <= self.width < math.inf:
            raise BadSetting("width of an entity is wrong", value=self.width, limit=">= 0 m")

    def along(self, step: float) -> Floats:
        """Return points (M, 2) along its lines, at most ``step`` m from one to the next."""
        ends = np.concatenate([self.points, self.points[:1]]) if self.area else self.points
        pieces = [ends[:1]]
        for a, b in pairwise(ends):
            shares = np.linspace(0.0, 1.0, math.ceil(float(np.hypot(*(b - a))) / step) + 1)
            pieces.append(a + shares[:, None] * (b - a))
        return np.concatenate(pieces)

    def distance(self, places: Floats) -> Floats:
        """Return the distances (M,) of places (M, 2) in ``map`` from it, negative inside, m; exact."""
        x, y = places[:, 0], places[:, 1]
        nearest = np.full(len(places), np.inf)
        inside: Bools = np.zeros(len(places), np.bool_)
        starts = self.points if self.area or len(self.points) == 1 else self.points[:-1]
        ends = np.roll(self.points, -1, axis=0)[: len(starts)]
        for (ax, ay), (bx, by) in zip(starts.tolist(), ends.tolist(), strict=True):
            ex, ey = bx - ax, by - ay
            along = np.clip(((x - ax) * ex + (y - ay) * ey) / max(ex * ex + ey * ey, 1e-12), 0.0, 1.0)
            nearest = np.minimum(nearest, np.hypot(x - ax - along * ex, y - ay - along * ey))
            if self.area and ey != 0.0:
                inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * ex / ey)
        signed: Floats = np.where(inside, -nearest, nearest) - 0.5 * self.width
        return signed

    def bounds(self, margin: float) -> tuple[Floats, Floats]:
        """Return the lowest and highest corner (2,) of a box that holds it and ``margin`` m around it."""
        room = margin + 0.5 * self.width
        return self.points.min(axis=0) - room, self.points.max(axis=0) + room


def discomfort(clearance: Floats, cost: KindCost) -> Floats:
    """Return the discomfort at clearances (M,) m from an entity: the harm of a touch at 0, e times less each ``reach``.

    Inside it rises to twice that, so that there is a way out and none is too far.
    """
    reach = cost.reach
    share = np.maximum(clearance, 0.0) / reach
    shape = np.exp(-share) + np.clip(-clearance / reach, 0.0, 1.0)
    return cost.harm * cost.comfort / reach * shape


def faded(cost: KindCost) -> float:
    """Return the clearance beyond which nothing of an entity's discomfort is left, m."""
    return cost.reach * math.log(max(cost.harm, 1e-3) * 1e5)
