"""The fewest discs that cover a convex outline and stick out of it only a little."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pavane.core.arrays import Bools, Floats
from pavane.core.geometry.footprint import Footprint

OVERHANG = 0.01  # m
MOST = 24  # discs; where more were needed (a corner like a needle) they may stick out further
FINE = 50  # centres that are tried along the longer side of the bounding box


def cover(shape: Footprint) -> Floats:
    """Return the fewest discs (K, 3) of x, y, radius in the base frame, m, that together cover an outline.

    A distance from them is never larger than that from the outline, and at most ``OVERHANG`` smaller.

    Every disc is the largest around its centre that sticks out no further. Choosing the fewest is a small set cover,
    solved exactly (scipy's HiGHS). An outline that is its own mirror image gets discs that are.
    """
    key = tuple(map(tuple, shape.vertices.tolist()))
    return np.array(_cover(key, shape.radius))


@lru_cache(maxsize=32)
def passage_radius(shape: Footprint) -> float:
    """Return half the width of the tightest gap that the covering discs let the robot through lengthwise, m."""
    discs = cover(shape)
    return float((np.abs(discs[:, 1]) + discs[:, 2]).max())


@lru_cache(maxsize=32)
def _cover(vertices: tuple[tuple[float, float], ...], radius: float) -> tuple[tuple[float, float, float], ...]:
    if len(vertices) == 1:
        return ((*vertices[0], radius),)
    core = Footprint(np.array(vertices))
    overhang = OVERHANG
    while True:
        discs = _fewest(core, overhang)
        if len(discs) <= MOST:
            return tuple((x, y, r + radius) for x, y, r in discs.tolist())
        overhang *= 1.4


def _fewest(shape: Footprint, overhang: float) -> Floats:
    """Return the fewest discs (K, 3) that cover a polygon and stick out of it by ``overhang`` m: a set cover, exact."""
    spacing = 0.2 * overhang  # between the points of the outline that must be covered
    points = _outline(shape.vertices, spacing)
    symmetric = bool(np.abs(shape.signed_distance(shape.vertices * (1.0, -1.0))).max() < 1e-6)
    centres = _centres(shape, overhang)
    if symmetric:
        centres = centres[centres[:, 1] >= 0.0]
    radii = overhang - shape.signed_distance(centres)
    covered = _covers(centres, radii - 0.5 * spacing, points)
    price = np.ones(len(centres))
    if symmetric:
        covered |= _covers(centres * (1.0, -1.0), radii - 0.5 * spacing, points)
        price += centres[:, 1] > 0.0
    keep = _undominated(covered, price)
    centres, radii, covered, price = centres[keep], radii[keep], covered[keep], price[keep]
    demand = LinearConstraint(covered.T.astype(np.float64), 1.0, np.inf)
    whole = np.ones(len(price), np.int64)
    chosen = np.asarray(milp(price, constraints=demand, integrality=whole, bounds=Bounds(0.0, 1.0)).x) > 0.5
    discs = np.column_stack([centres[chosen], radii[chosen]])
    pairs = discs[symmetric & (discs[:, 1] > 0.0)]
    return np.concatenate([discs, pairs * (1.0, -1.0, 1.0)])


def _outline(vertices: Floats, spacing: float) -> Floats:
    """Return points (N, 2) at most ``spacing`` apart all along the outline."""
    parts = []
    for a, b in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        count = max(int(np.ceil(np.hypot(*(b - a)) / spacing)), 1)
        parts.append(a + (b - a) * np.linspace(0.0, 1.0, count, endpoint=False)[:, None])
    return np.concatenate(parts)


def _centres(shape: Footprint, overhang: float) -> Floats:
    """Return places (N, 2) inside the outline where a disc may stand: a grid, and finer towards each corner."""
    low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
    step = float((high - low).max()) / FINE
    half = np.ceil(0.5 * (high - low) / step)
    x, y = (0.5 * (low[i] + high[i]) + step * np.arange(-half[i], half[i] + 1) for i in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    before, after = (np.roll(shape.vertices, turn, axis=0) - shape.vertices for turn in (1, -1))
    inwards = before / np.hypot(*before.T)[:, None] + after / np.hypot(*after.T)[:, None]
    inwards /= np.hypot(*inwards.T)[:, None]
    depths = overhang * np.geomspace(0.5, 20.0, 40)
    corners = (shape.vertices[:, None] + depths[None, :, None] * inwards[:, None]).reshape(-1, 2)
    places = np.concatenate([grid, corners])
    return places[shape.signed_distance(places) <= 0.0]


def _covers(centres: Floats, radii: Floats, points: Floats) -> Bools:
    """Return whether a disc holds a point, (N, P)."""
    gaps = np.hypot(centres[:, 0, None] - points[None, :, 0], centres[:, 1, None] - points[None, :, 1])
    held: Bools = gaps <= radii[:, None]
    return held


def _undominated(covered: Bools, price: Floats) -> Bools:
    """Return True, (N,), for discs of which no other holds all their points at no higher price."""
    order = np.lexsort((price, -covered.sum(axis=1)))
    sets = covered[order].astype(np.float32)
    shared = sets @ sets.T
    keep = np.ones(len(order), np.bool_)
    for i in range(1, len(order)):
        within = (shared[i, :i] == sets[i].sum()) & (price[order[:i]] <= price[order[i]])
        keep[i] = not (within & keep[:i]).any()
    kept = np.zeros(len(order), np.bool_)
    kept[order[keep]] = True
    return kept & covered.any(axis=1)
