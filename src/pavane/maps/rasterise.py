"""From a drawn floor plan to cells.

The rules: a cell is occupied when a wall or a piece of furniture covers its centre, its edge included. An opening
frees every wall cell that it touches, so a door is never narrower on the grid than drawn. What the outer walls enclose
is free, what lies outside of them is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.entities import Entity
from pavane.core.errors import BadMap
from pavane.core.geometry import Grid, Pose
from pavane.maps.entities import EDGE, cells_covered, place_entities
from pavane.maps.floor_plan import Disc, DoorOpening, FloorPlan, Furniture, Rectangle
from pavane.maps.occupancy import FREE, OCCUPIED, UNKNOWN, Door, OccupancyMap, Outline, Room, check_lattice

MARGIN_CELLS = 5  # unknown cells kept around the outer walls
PLACE_CLEARANCE = 0.2  # m
ON_WALL = 0.02  # m a door may stand beside the centre line


@dataclass(frozen=True, slots=True)
class _Piece:
    """A straight piece of wall: start and end of the centre line, thickness."""

    start: tuple[float, float]
    end: tuple[float, float]
    thickness: float

    @property
    def frame(self) -> Pose:
        """Origin at the start, x along the piece."""
        return Pose(*self.start, math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0]))

    @property
    def length(self) -> float:
        """m"""
        return math.dist(self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Cut:
    """An opening in a piece of wall, from ``low`` to ``high`` along it."""

    door: DoorOpening
    piece: _Piece
    low: float
    high: float


def rasterise(plan: FloorPlan) -> OccupancyMap:
    """Draw a floor plan into an occupancy map.

    Raises:
        BadMap: the walls enclose nothing, a door stands on no wall, a place is not clear, or the plan is too large.
    """
    pieces = [_Piece(a, b, w.thickness) for w in plan.walls for a, b in zip(w.points, w.points[1:], strict=False)]
    cuts = [_cut(door, pieces) for door in plan.doors]
    grid = _blank(plan, pieces)
    walls = np.zeros(grid.data.shape, dtype=np.bool_)
    for piece in pieces:
        half = piece.thickness / 2
        _cover(walls, grid, _box(piece, -half, piece.length + half))
    outside = _outside(walls)
    for cut in cuts:
        _open(walls, grid, cut)
    solid = walls  # from here on leaves and furniture are solid too
    for cut in cuts:
        leaf = {"open": 0.0, "ajar": 0.5, "closed": 1.0}[cut.door.state]
        if leaf:
            _cover(solid, grid, _box(cut.piece, cut.low, cut.low + leaf * (cut.high - cut.low)))
    furniture = [Outline(drawn.name, shape_corners(drawn), wall=False) for drawn in plan.furniture]
    for item in furniture:
        _cover(solid, grid, item.corners)
    data = np.where(solid, OCCUPIED, np.where(outside, UNKNOWN, FREE))
    grid = Grid(data, grid.resolution, grid.origin)
    if not (data == FREE).any():
        raise BadMap(
            f"{plan.name} has no free cell", limit="walls that enclose free floor",
            remedy="Close the outer walls: end the polyline at its first point.",
        )  # fmt: skip
    entities = place_entities(grid, plan.entities)
    home = OccupancyMap(
        grid,
        places={place.name: Pose(place.x, place.y, math.radians(place.yaw_deg)) for place in plan.places},
        doors=tuple(_door(cut) for cut in cuts),
        name=plan.name,
        rooms=tuple(Room(room.name, *room.at) for room in plan.rooms),
        outlines=tuple(_wall_outlines(pieces, cuts)) + tuple(furniture),
        entities=entities,
    )
    for name, pose in home.places.items():
        _require_clear(home, name, pose)
    return home


def _blank(plan: FloorPlan, pieces: list[_Piece]) -> Grid[np.uint8]:
    """Return an empty grid around the walls, its cell edges on whole multiples of the resolution."""
    ends = np.array([point for piece in pieces for point in (piece.start, piece.end)])
    reach = max(piece.thickness for piece in pieces)
    low = np.floor((ends.min(axis=0) - reach) / plan.resolution) - MARGIN_CELLS
    high = np.ceil((ends.max(axis=0) + reach) / plan.resolution) + MARGIN_CELLS
    wide, tall = (high - low).tolist()
    check_lattice(plan.name, wide, tall, plan.resolution)
    columns, rows = int(wide), int(tall)
    x, y = (float(n) for n in low * plan.resolution)
    return Grid(np.full((rows, columns), UNKNOWN), plan.resolution, Pose(x, y))


def _cover(solid: Bools, grid: Grid[np.uint8], corners: Floats) -> None:
    """Mark the cells whose centre lies in or on a polygon (N, 2)."""
    part, covered = cells_covered(grid, Entity("wall", corners, area=True))
    solid[part] |= covered


def _outside(walls: Bools) -> Bools:
    """Return where the border of the grid can be reached without crossing a wall, doors shut: (rows, columns) bool."""
    labels, _ = ndimage.label(~walls)
    outside: Bools = labels == labels[0, 0]  # the margin makes the border one piece
    return outside & ~walls


def _cut(door: DoorOpening, pieces: list[_Piece]) -> _Cut:
    """Find the wall that a door stands on; BadMap if there is none."""
    for piece in pieces:
        along, beside = piece.frame.inverse().transform(np.array([door.at]))[0]
        low, high = float(along) - door.width / 2, float(along) + door.width / 2
        if abs(beside) <= ON_WALL and low >= -EDGE and high <= piece.length + EDGE:
            return _Cut(door, piece, low, high)
    raise BadMap(
        f"door {door.name!r} is not on a wall", value=f"{list(door.at)}, {door.width} m wide",
        limit=f"its middle within {ON_WALL} m of a wall's centre line, its whole width on one straight piece",
        remedy="Move the door, make it narrower or draw the wall longer.",
    )  # fmt: skip


def _open(walls: Bools, grid: Grid[np.uint8], cut: _Cut) -> None:
    """Free the cells that an opening touches."""
    frame = cut.piece.frame
    touch = 0.5 * grid.resolution * (abs(math.cos(frame.yaw)) + abs(math.sin(frame.yaw)))
    rows, columns = np.nonzero(walls)
    along, beside = frame.inverse().transform(grid.centres(np.stack([columns, rows], axis=1))).T
    inside = (along > cut.low - touch + EDGE) & (along < cut.high + touch - EDGE)
    inside &= np.abs(beside) <= cut.piece.thickness / 2 + EDGE
    walls[rows[inside], columns[inside]] = False


def _box(piece: _Piece, low: float, high: float) -> Floats:
    """Return the corners (4, 2) of a stretch of wall."""
    half = piece.thickness / 2
    return piece.frame.transform(np.array([[low, -half], [high, -half], [high, half], [low, half]]))


def _wall_outlines(pieces: list[_Piece], cuts: list[_Cut]) -> Iterator[Outline]:
    """Yield the walls with their openings cut out."""
    for piece in pieces:
        half = piece.thickness / 2
        low = -half
        for cut in sorted((c for c in cuts if c.piece is piece), key=lambda c: c.low):
            if cut.low > low:
                yield Outline("wall", _box(piece, low, cut.low), wall=True)
            low = max(low, cut.high)
        yield Outline("wall", _box(piece, low, piece.length + half), wall=True)


def _door(cut: _Cut) -> Door:
    ends = cut.piece.frame.transform(np.array([[cut.low, 0.0], [cut.high, 0.0]]))
    (ax, ay), (bx, by) = ends.tolist()
    return Door(cut.door.name, (ax, ay), (bx, by))


def shape_corners(item: Furniture) -> Floats:
    """Return the outline (N, 2) in ``map`` of a piece as it is drawn; a disc as 32 corners that lie around it."""
    if isinstance(item, Rectangle):
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (np.array(item.size) / 2)
        return Pose(*item.at, math.radians(item.yaw_deg)).transform(half)
    if isinstance(item, Disc):
        angles = np.arange(32) * (2 * math.pi / 32)
        around = item.radius / math.cos(math.pi / 32)
        return np.array(item.at) + around * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.array(item.points, dtype=np.float64)


def _require_clear(home: OccupancyMap, name: str, pose: Pose) -> None:
    """Refuse a place without room to stand: a solid cell within ``PLACE_CLEARANCE``."""
    grid = home.grid
    point = np.array([[pose.x, pose.y]])
    if not grid.inside(point)[0]:
        raise BadMap(f"place {name!r} is outside of the home", value=f"{pose.x}, {pose.y}", limit="inside the walls")
    rows, columns = np.nonzero(home.solid)
    offset = np.abs(grid.centres(np.stack([columns, rows], axis=1)) - point)
    clearance = float(np.hypot(*np.maximum(offset - grid.resolution / 2, 0.0).T).min())
    if clearance < PLACE_CLEARANCE - EDGE:
        raise BadMap(
            f"place {name!r} is too close to a wall or furniture", value=f"{clearance:.2f} m at {pose.x}, {pose.y}",
            limit=f">= {PLACE_CLEARANCE} m", remedy="Move the place to where a robot can stand.",
        )  # fmt: skip


def covered_cells(grid: Grid[np.uint8], corners: Floats) -> Ints:
    """Return the cells (K, 2) as (column, row) whose centre lies in or on a polygon (N, 2) in ``map``."""
    covered = np.zeros(grid.data.shape, dtype=np.bool_)
    _cover(covered, grid, corners)
    rows, columns = np.nonzero(covered)
    return np.stack([columns, rows], axis=1)
