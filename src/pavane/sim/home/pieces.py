"""Pieces: furniture as it really stands, and the map's cells told apart into furniture, walls and drawn leaves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.errors import BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.maps import OCCUPIED, OccupancyMap
from pavane.maps.floor_plan import Disc, Furniture
from pavane.maps.rasterise import covered_cells, shape_corners
from pavane.sim.home.changes import Table
from pavane.sim.home.opening import Opening, drawn_openings

INSET = 0.7  # of a leg's width: how far its middle stands in from the corner of the top


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One piece of furniture that stands on the floor.

    Args:
        name: what it is.
        corners: (N, 2) of its outline in ``map``, m.
        legs: outlines (M, 2) of what a lidar sees of it, each in ``map``; None when it sees the whole.
    """

    name: str
    corners: Floats
    legs: tuple[Floats, ...] | None = None

    @classmethod
    def of(cls, item: Furniture) -> Piece:
        """Return a piece that is seen as it stands."""
        return cls(item.name, shape_corners(item))

    @classmethod
    def table(cls, table: Table) -> Piece:
        """Return a top above the lidar, on legs."""
        corners, top = shape_corners(table.top), table.top
        feet = np.array([top.at]) if isinstance(top, Disc) else _inset(corners, INSET * table.leg)
        legs = tuple(shape_corners(Disc(top.name, (x, y), 0.5 * table.leg)) for x, y in feet.tolist())
        return cls(top.name, corners, legs)

    @property
    def middle(self) -> tuple[float, float]:
        """Mean of the corners, in ``map``, m."""
        x, y = self.corners.mean(axis=0).tolist()
        return x, y

    def moved(self, to: tuple[float, float], turn: float) -> Piece:
        """Return the same piece with its middle at ``to``, turned by ``turn`` rad."""
        new_from_old = Pose(*to, turn) @ Pose(*self.middle).inverse()
        legs = None if self.legs is None else tuple(new_from_old.transform(leg) for leg in self.legs)
        return Piece(self.name, new_from_old.transform(self.corners), legs)


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """The cells of a piece, by number: ``cells`` (K,) it stands on, ``seen`` (L,) where a lidar sees it."""

    cells: Ints
    seen: Ints


@lru_cache(maxsize=4096)  # many worlds share a home
def stand(piece: Piece, grid: Grid[np.uint8]) -> Stand:
    """Return where a piece stands on a grid."""
    cells = cell_numbers(grid, piece.corners)
    if piece.legs is None:
        return Stand(cells, cells)
    seen: Ints = np.unique(np.concatenate([cell_numbers(grid, leg) for leg in piece.legs]))
    return Stand(np.union1d(cells, seen), seen)


def cell_numbers(grid: Grid[np.uint8], corners: Floats) -> Ints:
    """Return the cells (K,) that a polygon (N, 2) covers, by number; if no centre, the one under its middle."""
    cells = covered_cells(grid, corners)
    if len(cells) == 0:
        middle = corners.mean(axis=0)[None]
        cells = grid.indices(middle)[grid.inside(middle)]
    numbers: Ints = cells[:, 1] * grid.data.shape[1] + cells[:, 0]
    return numbers


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLeaf:
    """A leaf as the map shows it: its state, and its cells (K,) by number."""

    state: Literal["open", "closed", "ajar"]
    cells: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Fabric:
    """A map's occupied cells, told apart.

    Args:
        fixed: (K,) cells of walls, and of all that has no name.
        leaves: each door's leaf as drawn, by the door's name.
        pieces: the furniture as drawn.
        openings: the doors as drawn.
    """

    fixed: Ints
    leaves: dict[str, DrawnLeaf]
    pieces: tuple[Piece, ...]
    openings: tuple[Opening, ...]


@lru_cache(maxsize=8)
def read_fabric(home: OccupancyMap) -> Fabric:
    """Tell walls, leaves and furniture of a map apart; on a map without outlines all that is occupied is fixed."""
    grid = home.grid
    occupied = (grid.data == OCCUPIED).reshape(-1)
    openings = drawn_openings(home)
    pieces = tuple(Piece(outline.name, outline.corners) for outline in home.outlines if not outline.wall)
    walls = np.zeros_like(occupied)
    for outline in home.outlines:
        if outline.wall:
            walls[cell_numbers(grid, outline.corners)] = True
    for opening in openings:
        walls[opening.strip(grid)] = False
    named = np.zeros_like(occupied)
    leaves = {opening.name: _drawn_leaf(opening, home) for opening in openings}
    for leaf in leaves.values():
        named[leaf.cells] = True
    for piece in pieces:
        named[cell_numbers(grid, piece.corners)] = True
    fixed: Ints = np.flatnonzero(occupied & (walls | ~named))
    return Fabric(fixed, leaves, pieces, openings)


def find(pieces: Iterable[Piece], name: str, near: tuple[float, float] | None) -> Piece:
    """Return the piece of a name, and of several the nearest to a point.

    Raises:
        BadSetting: there is none, or there are several and no point is given.
    """
    pieces = list(pieces)
    matches = [piece for piece in pieces if piece.name == name]
    if not matches:
        names = ", ".join(sorted({piece.name for piece in pieces}))
        raise BadSetting(
            "no piece of this name stands in the home", value=name, limit=names or "no names on this map",
            remedy="" if names else "Take away with `kind: clear` and a region, and put down with `kind: add`.",
        )  # fmt: skip
    if near is None and len(matches) > 1:
        places = ", ".join(f"[{x:.2f}, {y:.2f}]" for x, y in (piece.middle for piece in matches))
        raise BadSetting(
            f"{len(matches)} pieces have this name", value=name, limit="one, or a point `near` the one that is meant",
            remedy=f"They stand at {places}.",
        )  # fmt: skip
    return matches[0] if near is None else min(matches, key=lambda piece: math.dist(piece.middle, near))


def require_inside(what: str, grid: Grid[np.uint8], points: Sequence[tuple[float, float]] | Floats) -> None:
    """Refuse points (N, 2) that are not on the map.

    Raises:
        BadSetting: with the first of them.
    """
    rows = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    outside = rows[~grid.inside(rows)]
    if len(outside):
        x, y = grid.origin.x, grid.origin.y
        width, height = grid.size
        raise BadSetting(
            f"{what} lies outside of the map", value=f"{outside[0, 0]:.2f}, {outside[0, 1]:.2f}",
            limit=f"x in {x:.2f} ... {x + width:.2f}, y in {y:.2f} ... {y + height:.2f}",
        )  # fmt: skip


def _drawn_leaf(opening: Opening, home: OccupancyMap) -> DrawnLeaf:
    """Return a leaf as ``rasterise`` draws it: the largest whose cells are all occupied."""
    occupied = (home.grid.data == OCCUPIED).reshape(-1)
    shares: tuple[tuple[Literal["closed", "ajar"], float], ...] = (("closed", 1.0), ("ajar", 0.5))
    for state, share in shares:
        cells = cell_numbers(home.grid, opening.box(0.0, share * opening.width))
        if occupied[cells].all():
            return DrawnLeaf(state, cells)
    return DrawnLeaf("open", np.empty(0, dtype=np.int64))


def _inset(corners: Floats, by: float) -> Floats:
    """Return corners (N, 2) moved towards their mean by ``by`` m along each axis of the way."""
    inwards = corners.mean(axis=0) - corners
    length = np.maximum(np.hypot(inwards[:, 0], inwards[:, 1]), 1e-9)
    moved: Floats = corners + inwards * np.minimum(by * math.sqrt(2.0) / length, 1.0)[:, None]
    return moved
