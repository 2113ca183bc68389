"""Shuffle: chairs pulled out and left there, where they fit and where every place can still be reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from pavane.core.arrays import Bools, Ints
from pavane.maps import OccupancyMap
from pavane.sim.home.cells import Cells
from pavane.sim.home.doors import Doors
from pavane.sim.home.opening import cells_around, drawn_openings
from pavane.sim.home.pieces import Piece, Stand, stand

TRIES = 30
PLACE_ROOM = 0.4  # m kept free around the places of the map
DOOR_ROOM = 0.3  # m kept free beyond half the width of a door
ROBOT_ROOM = 0.25  # m of clearance by which all places stay in reach of each other


@dataclass(frozen=True, slots=True, eq=False)
class ShuffleLimits:
    """The cells that a shuffle leaves alone, and the ways that it leaves open.

    Args:
        cells: the true cells, with every piece that is not being moved.
        keep_free: (rows, columns) where no piece may come to stand.
        meeting: (M, 2) points as (column, row) between which the ways stay open.
    """

    cells: Cells
    keep_free: Bools
    meeting: Ints


def limits_for(home: OccupancyMap, doors: Doors, cells: Cells) -> ShuffleLimits:
    """Return what is to be left alone in a home: places, doors, and what leaves pass over."""
    keep = np.zeros(home.grid.data.shape, dtype=np.bool_)
    flat = keep.reshape(-1)
    flat[doors.swept_cells()] = True
    middles = [(place.x, place.y) for place in home.places.values()]
    for middle in middles:
        flat[cells_around(home.grid, middle, PLACE_ROOM).numbers] = True
    for opening in (*drawn_openings(home), *doors.openings):
        flat[cells_around(home.grid, opening.middle, 0.5 * opening.width + DOOR_ROOM).numbers] = True
        middles.append(opening.middle)
    meeting = home.grid.indices(np.array(middles, dtype=np.float64).reshape(-1, 2))
    return ShuffleLimits(cells, keep, meeting)


def find_room(piece: Piece, within: float, limits: ShuffleLimits, rng: Generator) -> Piece:
    """Draw a piece moved and turned; as it stood where nothing fits.

    Args:
        piece: which must not stand on the cells of ``limits`` meanwhile.
        within: how far it moves at most, m.
        limits: what is left alone.
        rng: draws.
    """
    cells, (x, y) = limits.cells, piece.middle
    before = stand(piece, cells.grid)
    ways = _parts(limits, before)
    for _ in range(TRIES):
        distance, bearing, turn = rng.random(3)
        distance, bearing = within * math.sqrt(distance), 2.0 * math.pi * bearing
        there = (x + distance * math.cos(bearing), y + distance * math.sin(bearing))
        moved = piece.moved(there, math.pi * (2.0 * float(turn) - 1.0))
        if not cells.grid.inside(moved.corners).all():
            continue
        after = stand(moved, cells.grid)
        if cells.solid.reshape(-1)[after.cells].any() or limits.keep_free.reshape(-1)[after.cells].any():
            continue
        if _keeps(ways, _parts(limits, after)):
            return moved
    return piece


def _parts(limits: ShuffleLimits, extra: Stand) -> Ints:
    """Return which part of the drivable floor each meeting point (M,) is on, 0 none, with one more piece standing."""
    solid = limits.cells.solid.copy()
    solid.reshape(-1)[extra.cells] = True
    clearance = (ndimage.distance_transform_edt(~solid) - 0.5) * limits.cells.grid.resolution
    labels, _ = ndimage.label(clearance >= ROBOT_ROOM)
    parts: Ints = labels[limits.meeting[:, 1], limits.meeting[:, 0]].astype(np.int64)
    return parts


def _keeps(before: Ints, after: Ints) -> bool:
    """Return whether points that were on one part still are."""
    return all(
        after[before == part].min() > 0 and len(set(after[before == part].tolist())) == 1
        for part in set(before.tolist()) - {0}
    )
