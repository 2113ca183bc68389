"""Cluttered rooms, drawn by a seed: furniture here and there, and still a way from one end to the other."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

PASSAGE = 0.62  # m, the narrowest that the way between furniture may be
CELL = 0.05  # m, of the grid on which that is asked


class ClutteredRoom(NamedTuple):
    """A room and the drive through it, in ``map``.

    Args:
        outline: of its walls, m.
        furniture: as in a floor plan.
        start: x, y, degrees.
        goal: x, y.
    """

    outline: list[tuple[float, float]]
    furniture: list[dict[str, Any]]
    start: tuple[float, float, float]
    goal: tuple[float, float]


def draw_room(rng: Generator) -> ClutteredRoom:
    """Return a room of 5 to 7 by 4 to 6 m with 6 to 12 pieces of furniture between start and goal."""
    width, depth = float(rng.uniform(5.0, 7.0)), float(rng.uniform(4.0, 6.0))
    start = 0.6, float(rng.uniform(0.6, depth - 0.6)), float(rng.uniform(-180.0, 180.0))
    goal = width - 0.6, float(rng.uniform(0.6, depth - 0.6))
    outline = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth), (0.0, 0.0)]
    wanted, pieces = int(rng.integers(6, 13)), list[dict[str, Any]]()
    for number in range(4 * wanted):
        piece = _piece(rng, number, width, depth)
        if _leaves_way([*pieces, piece], width, depth, start[:2], goal):
            pieces.append(piece)
        if len(pieces) == wanted:
            break
    return ClutteredRoom(outline, pieces, start, goal)


def _piece(rng: Generator, number: int, width: float, depth: float) -> dict[str, Any]:
    at = float(rng.uniform(1.0, width - 1.0)), float(rng.uniform(0.2, depth - 0.2))
    if rng.random() < 0.4:
        return {"shape": "disc", "name": f"{number}", "at": at, "radius": float(rng.uniform(0.12, 0.35))}
    size = float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.3, 1.2))
    turned = float(rng.uniform(0.0, 180.0))
    return {"shape": "rectangle", "name": f"{number}", "at": at, "size": size, "yaw_deg": turned}


def _leaves_way(
    pieces: list[dict[str, Any]], width: float, depth: float, start: tuple[float, float], goal: tuple[float, float]
) -> bool:
    """Return whether a disc as wide as ``PASSAGE`` gets from start to goal, and neither is beside a piece."""
    reach = 0.5 * PASSAGE
    x = np.arange(reach, width - reach, CELL)
    y = np.arange(reach, depth - reach, CELL)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)  # (X, Y, 2)
    free = np.ones(grid.shape[:2], np.bool_)
    for piece in pieces:
        away = grid - np.array(piece["at"])
        if piece["shape"] == "disc":
            gap = np.hypot(away[..., 0], away[..., 1]) - piece["radius"]
        else:
            c, s = math.cos(math.radians(piece["yaw_deg"])), math.sin(math.radians(piece["yaw_deg"]))
            along = np.abs(away[..., 0] * c + away[..., 1] * s) - 0.5 * piece["size"][0]
            across = np.abs(away[..., 1] * c - away[..., 0] * s) - 0.5 * piece["size"][1]
            gap = np.hypot(np.maximum(along, 0.0), np.maximum(across, 0.0)) + np.minimum(np.maximum(along, across), 0.0)
        free &= gap > reach
    from scipy.ndimage import label

    parts = label(free)[0]
    a, b = (parts[int((p[0] - reach) / CELL), int((p[1] - reach) / CELL)] for p in (start, goal))
    return bool(a != 0 and a == b)
