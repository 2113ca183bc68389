"""Where a study starts and where it goes: pairs from files, or drawn by a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from pavane.core.errors import BadFile
from pavane.core.geometry import Pose
from pavane.maps import OccupancyMap
from pavane.maps.ways import standing_room, way_lengths

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
    """Return the first pairs of a ``*.pairs.json`` file.

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
    """Return the pairs of random poses between which a way leads, mostly more than 4 m long.

    Raises:
        BadMap: the home is too narrow to stand anywhere.
    """
    rng = np.random.default_rng(seed)
    free, cells = standing_room(home)
    pairs: list[Pair] = []
    for attempt in range(50 * count):
        row, column = cells[rng.integers(len(cells))]
        field = way_lengths(free, int(row), int(column))
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
