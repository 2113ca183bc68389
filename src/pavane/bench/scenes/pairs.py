"""Where a study starts and where it goes: pairs from files, or drawn by a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from pavane.core.arrays import Bools, Floats32, Ints
from pavane.core.errors import BadFile, BadMap
from pavane.core.geometry import Grid, Pose
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.numerics.fast_marching import cost_to_go

ROOM = 0.22  # m of clearance that a drawn pose has
APART = 4.0  # m of way between the two of a drawn pair, where the home is large enough


@dataclass(frozen=True, slots=True)
class Pair:
    """A start and a goal in ``map``, and the length of the shortest way between them, m."""

    start: Pose
    goal: Pose
    path_length: float


class _PairOnFile(Struct):
    start: tuple[float, float, float]
    goal: tuple[float, float, float]
    path_length_m: float


class _File(Struct):
    pairs: list[_PairOnFile]


def read_pairs(path: Path, count: int) -> list[Pair]:
    """The first pairs of a ``*.pairs.json`` file.

    Raises:
        BadFile: it cannot be read or is not such a file.
    """
    try:
        content = msgspec.json.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise BadFile("cannot read pairs", value=path, limit="a readable JSON file") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise BadFile(f"{path.name} does not hold pairs", value=error, limit="start, goal, path_length_m") from error
    return [Pair(Pose(*p.start), Pose(*p.goal), p.path_length_m) for p in content.pairs[:count]]


def draw_pairs(home: OccupancyMap, count: int, seed: int) -> list[Pair]:
    """Pairs of random poses between which a way leads, mostly more than 4 m long.

    Raises:
        BadMap: the home is too narrow to stand anywhere.
    """
    rng = np.random.default_rng(seed)
    free, cells = _standing_room(home)
    pairs: list[Pair] = []
    for attempt in range(50 * count):
        row, column = cells[rng.integers(len(cells))]
        field = _lengths(free, int(row), int(column))
        apart = APART if attempt < 25 * count else 0.0
        starts = np.argwhere(np.isfinite(field) & (field > apart))
        if len(starts):
            r, c = starts[rng.integers(len(starts))]
            (x, y), (gx, gy) = free.centres(np.array([[c, r], [column, row]]))
            yaw, goal_yaw = rng.uniform(-math.pi, math.pi, 2)
            pairs.append(Pair(Pose(x, y, yaw), Pose(gx, gy, goal_yaw), float(field[r, c])))
        if len(pairs) == count:
            break
    return pairs


def draw_chain(home: OccupancyMap, count: int, seed: int) -> list[Pose]:
    """Random poses that can all be reached from each other, with room around them.

    Raises:
        BadMap: the home is too narrow to stand anywhere.
    """
    rng = np.random.default_rng(seed)
    free, cells = _standing_room(home)
    parts = [_lengths(free, *(int(i) for i in cells[rng.integers(len(cells))])) for _ in range(8)]
    largest = np.argwhere(np.isfinite(max(parts, key=lambda part: int(np.isfinite(part).sum()))))
    chosen = largest[rng.integers(len(largest), size=count)]
    return [Pose(x, y, rng.uniform(-math.pi, math.pi)) for x, y in free.centres(chosen[:, ::-1])]


def way_length(home: OccupancyMap, radius: float, start: Pose, goal: Pose) -> float:
    """Length of the shortest way of a disc of ``radius`` between two poses, m; inf where none leads."""
    free = _roomy(clearance_grid(home), radius)
    points = np.array([[start.x, start.y], [goal.x, goal.y]])
    if not free.inside(points).all():
        return math.inf
    (c, r), (column, row) = free.indices(points)
    return float(_lengths(free, int(row), int(column))[r, c])


def _standing_room(home: OccupancyMap) -> tuple[Grid[np.bool_], Ints]:
    """Where there is room around the robot, and the (row, column) (N, 2) of those cells."""
    free = _roomy(clearance_grid(home), ROOM)
    cells = np.argwhere(free.data)
    if len(cells) < 2:
        raise BadMap("no room to drive in this home", value=home.name, limit=f"{ROOM} m of clearance somewhere")
    return free, cells


def _roomy(clearance: Grid[np.float32], radius: float) -> Grid[np.bool_]:
    free: Bools = clearance.data >= radius
    return Grid(free, clearance.resolution, clearance.origin, clearance.frame)


def _lengths(free: Grid[np.bool_], row: int, column: int) -> Floats32:
    """(rows, columns) metres from a cell."""
    lengths: Floats32 = cost_to_go(free.data.astype(np.float32), row, column, free.resolution)
    return lengths
