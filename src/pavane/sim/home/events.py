"""Events: changes worked out against the pieces that will stand, so that a wrong name is refused before the drive."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.geometry import Grid, Pose
from pavane.sim.home.changes import Add, Carpet, Change, Clear, Glass, Move, Remove, Shuffle, Table, Toy
from pavane.sim.home.pieces import Piece, cell_numbers, find, require_inside


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A change that happens at one time; cells (K,) by number.

    Args:
        time: the earliest time, s.
        gone: the piece that is taken away.
        new: the piece that comes to stand.
        low: (4,) x, y, radius, seen_within of a low object that comes to lie, m.
        cleared: cells that become free.
        glazed: cells that rays pass from now on.
        covered: cells with a carpet.
        grip: of that carpet.
    """

    time: float
    gone: Piece | None = None
    new: Piece | None = None
    low: Floats | None = None
    cleared: Ints = field(default_factory=_none)
    glazed: Ints = field(default_factory=_none)
    covered: Ints = field(default_factory=_none)
    grip: float = 1.0


def work_out(change: Change, pieces: list[Piece], grid: Grid[np.uint8]) -> Event:
    """Return the event of a change.

    Args:
        change: anything but a shuffle, which is several events by chance.
        pieces: what will stand in the home by then.
        grid: the map's cells.

    Raises:
        BadSetting: it names what will not be there, or lies outside of the map.
    """
    time = change.at_time
    match change:
        case Add() | Table():
            new = Piece.of(change.piece) if isinstance(change, Add) else Piece.table(change)
            require_inside(f"{new.name!r}", grid, new.corners)
            return Event(time, new=new)
        case Remove():
            return Event(time, gone=find(pieces, change.name, change.near))
        case Move():
            gone = find(pieces, change.name, change.near)
            new = gone.moved(change.to, math.radians(change.turn_deg))
            require_inside(f"{new.name!r}, moved,", grid, new.corners)
            return Event(time, gone=gone, new=new)
        case Toy():
            require_inside("a toy", grid, [change.at])
            return Event(time, low=np.array([*change.at, change.radius, change.seen_within]))
        case Clear():
            return Event(time, cleared=_region("a region to clear", grid, np.array(change.points)))
        case Glass():
            return Event(time, glazed=_region("glass", grid, _glass_region(change)))
        case Carpet():
            return Event(time, covered=_region("a carpet", grid, np.array(change.points)), grip=change.grip)
        case Shuffle():
            raise ValueError("a shuffle is drawn, not worked out")


def _region(what: str, grid: Grid[np.uint8], corners: Floats) -> Ints:
    """Return the numbers (K,) of the cells of a region with corners (N, 2) in ``map``, m."""
    require_inside(what, grid, corners)
    return cell_numbers(grid, corners)


def _glass_region(glass: Glass) -> Floats:
    """Return the corners (N, 2) of a region of glass; of two points a strip between them."""
    if len(glass.points) > 2:
        return np.array(glass.points)
    (ax, ay), (bx, by) = glass.points
    half, length = 0.5 * glass.width, math.dist((ax, ay), (bx, by))
    strip = np.array([[0.0, -half], [length, -half], [length, half], [0.0, half]])
    return Pose(ax, ay, math.atan2(by - ay, bx - ax)).transform(strip)
