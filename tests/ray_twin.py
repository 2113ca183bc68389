"""Rays against every square and every disc, one after the other, in plain NumPy: slow and exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HAIR = 1e-9  # m by which squares are larger or smaller: rays may graze edges and corners


@dataclass(frozen=True)
class Between:
    """The true range lies between these, (N,) m: of squares with their edges, and without."""

    touching: np.ndarray
    through: np.ndarray


def _to_squares(low: np.ndarray, high: np.ndarray, x: float, y: float, angles: np.ndarray) -> np.ndarray:
    """(N,) m to the first of the boxes (M, 2) to (M, 2) on each ray; inf if it misses all."""
    out = np.full(len(angles), np.inf)
    low, high = low - (x, y), high - (x, y)
    for i, angle in enumerate(angles):
        direction = np.array([np.cos(angle), np.sin(angle)])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            a, b = low / direction, high / direction
            enter, leave = np.minimum(a, b), np.maximum(a, b)
        for axis in (0, 1):  # 0 / 0: along an edge, which belongs to the box
            enter[:, axis] = np.where(np.isnan(enter[:, axis]), -np.inf, enter[:, axis])
            leave[:, axis] = np.where(np.isnan(leave[:, axis]), np.inf, leave[:, axis])
        first, last = enter.max(axis=1), leave.min(axis=1)
        hit = (first <= last) & (last >= 0.0)
        if hit.any():
            out[i] = np.maximum(first[hit], 0.0).min()
    return out


def _to_discs(discs: np.ndarray, x: float, y: float, angles: np.ndarray) -> np.ndarray:
    out = np.full(len(angles), np.inf)
    for cx, cy, radius in discs:
        ahead = (cx - x) * np.cos(angles) + (cy - y) * np.sin(angles)
        gap = (cx - x) ** 2 + (cy - y) ** 2 - ahead**2
        with np.errstate(invalid="ignore"):
            near = ahead - np.sqrt(radius**2 - gap)
        inside = np.hypot(cx - x, cy - y) <= radius
        distance = np.where((gap <= radius**2) & (ahead > 0.0), near, np.inf)
        out = np.minimum(out, 0.0 if inside else distance)
    return out


def ranges_between(
    solid: np.ndarray, resolution: float, origin: tuple[float, float], x: float, y: float, angles: np.ndarray,
    discs: np.ndarray,
) -> Between:  # fmt: skip
    """How far rays come, without a limit to their range; what lies outside the grid is solid."""
    rows, columns = np.nonzero(solid)
    low = np.stack([columns, rows], axis=1) * resolution + origin
    far = 1e3
    (x0, y0), (x1, y1) = origin, np.array(solid.shape[::-1]) * resolution + origin
    outside = np.array([
        [x0 - far, y0 - far, x0, y1 + far], [x1, y0 - far, x1 + far, y1 + far],
        [x0 - far, y0 - far, x1 + far, y0], [x0 - far, y1, x1 + far, y1 + far],
    ])  # fmt: skip
    lows = np.concatenate([low, outside[:, :2]])
    highs = np.concatenate([low + resolution, outside[:, 2:]])
    round_ = _to_discs(discs, x, y, angles)
    touching, through = (
        np.minimum(round_, _to_squares(lows - hair, highs + hair, x, y, angles)) for hair in (HAIR, -HAIR)
    )
    return Between(touching, through)
