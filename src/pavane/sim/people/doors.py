"""Doors as people see them, and how people use them: walk up, wait until one is open, go through, perhaps close it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats
from pavane.numerics.raycast import cast_rays

ENOUGH = 0.8  # of the way open at which people go through
WAITS = 0.35  # m before a door at which they wait
HANDLE = 0.5  # m before a door within which they open it
BACK = 1.25  # m before it, when it does not open: its leaf may need the room
SOON = 1.0  # s after which they step back
PASSED = 0.5  # m behind a door at which they close it
BEHIND = 1.0  # m around a door within which nobody else must be when they do
FORGOTTEN = 2.5  # m from a door beyond which they have no business with it
WIDEST = 1.6  # m of an opening


class DoorService(Protocol):
    """The doors of a home, whose leaves somebody else moves."""

    @property
    def count(self) -> int:
        """How many there are."""

    def middle(self, index: int) -> tuple[float, float]:
        """Return the middle of a door's opening in ``map``, m."""

    def openness(self, index: int) -> float:
        """Return how far it is open, 0 shut to 1 wide open."""

    def locked(self, index: int) -> bool:
        """Return whether nobody can open it."""

    def request(self, index: int, open: bool) -> None:
        """Ask for it to be opened, or shut, as somebody at the door does."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """The line between two jambs.

    Args:
        index: number of the door.
        x: of its middle in ``map``, m.
        y: likewise.
        along: direction of the line, rad.
        half: half its length, m.
    """

    index: int
    x: float
    y: float
    along: float
    half: float

    def side(self, x: float, y: float) -> float:
        """Return the signed distance of a point in ``map`` from the line, m."""
        return math.cos(self.along) * (y - self.y) - math.sin(self.along) * (x - self.x)

    def crossed_by(self, places: Floats) -> bool:
        """Return whether a way (K, 2) in ``map`` leads through."""
        cosine, sine = math.cos(self.along), math.sin(self.along)
        dx, dy = places[:, 0] - self.x, places[:, 1] - self.y
        side = cosine * dy - sine * dx
        inside = np.abs(cosine * dx + sine * dy) <= self.half
        return bool(((side[1:] > 0.0) != (side[:-1] > 0.0))[inside[1:] | inside[:-1]].any())

    def before(self, x: float, y: float, distance: float) -> tuple[float, float]:
        """Return the place ``distance`` m before the door's middle, on the side of a point (x, y) in ``map``."""
        sign = math.copysign(distance, self.side(x, y))
        return self.x - math.sin(self.along) * sign, self.y + math.cos(self.along) * sign


def doorways(doors: DoorService, walls: Bools, frame: tuple[float, float, float]) -> list[Doorway]:
    """Return the lines of the doors of a home whose doors all stand open: each the shortest through the middle.

    Args:
        doors: of the home.
        walls: (rows, columns) True where a cell is wall.
        frame: resolution m, and x, y of the corner of cell (0, 0), m.
    """
    angles = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    nobody = np.empty((0, 3))
    found = []
    for index in range(doors.count):
        x, y = doors.middle(index)
        reach = np.minimum(cast_rays(walls, *frame, x, y, angles, WIDEST, nobody), WIDEST)
        widths = reach[:36] + reach[36:]
        best = int(np.argmin(widths))
        found.append(Doorway(index, x, y, float(angles[best]), max(float(reach[best]), float(reach[best + 36]))))
    return found


class DoorUser:
    """One person's dealings with doors.

    Args:
        doors: of the home; None when it has none.
        ways: their lines.
        closes: probability that this person closes one behind them.
        rng: the person's stream.
    """

    def __init__(self, doors: DoorService | None, ways: list[Doorway], closes: float, rng: Generator) -> None:
        self._doors, self._ways, self._closes, self._rng = doors, ways, closes, rng
        self._came_to: Doorway | None = None  # the door that they are about to use
        self._from = 0.0  # the side they came from
        self._since = math.inf  # when they were there
        self.waiting = False

    @property
    def reach(self) -> float:
        """How far ahead on their way they look for doors, m."""
        return BACK + HANDLE if self._ways else 0.0

    @property
    def busy(self) -> bool:
        """Whether they are about to use a door, or have just done."""
        return self._came_to is not None

    def wait_at(self, time: float, x: float, y: float, places: Floats) -> tuple[float, float] | None:
        """Return where to wait for a door, in ``map``, m; None where there is nothing to wait for.

        Args:
            time: s.
            x: where they are in ``map``, m.
            y: likewise.
            places: (K, 2) the way they mean to go next.
        """
        self.waiting = False
        if self._doors is None:
            return None
        for way in self._ways:
            if math.hypot(way.x - x, way.y - y) > FORGOTTEN or not way.crossed_by(np.vstack([[x, y], places])):
                continue
            if self._came_to is not way:
                self._came_to, self._since = way, math.inf
            self._from = way.side(x, y)
            if self._doors.openness(way.index) >= ENOUGH:
                return None
            if abs(self._from) < HANDLE:
                self._since = min(self._since, time)
            if self._since < math.inf:
                self._doors.request(way.index, True)
            self.waiting = True
            return way.before(x, y, BACK if time - self._since > SOON else WAITS)
        return None

    def leave(self, x: float, y: float, others: Floats) -> None:
        """Close a door that is behind them now, if that is their habit and nobody (M, 2) stands in it."""
        way = self._came_to
        if self._doors is None or way is None:
            return
        if math.hypot(way.x - x, way.y - y) > FORGOTTEN:
            self._came_to = None
        elif way.side(x, y) * self._from < 0.0 and abs(way.side(x, y)) > PASSED:
            self._came_to = None
            alone = not (np.hypot(others[:, 0] - way.x, others[:, 1] - way.y) < BEHIND).any()
            if self._rng.random() < self._closes and alone:
                self._doors.request(way.index, False)
