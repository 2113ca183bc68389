"""Solids as meshes: outlines pulled up from the floor, turned profiles, boxes, and several meshes merged into one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats

Loop = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles.

    Args:
        vertices: (V, 3) float64, m.
        faces: (F, 3) int64, numbers of vertices, counter-clockwise from outside.
    """

    vertices: Floats
    faces: np.ndarray

    def moved(self, x: float, y: float, z: float, yaw: float = 0.0) -> Mesh:
        """Return the mesh turned about z, then moved.

        Args:
            x: m.
            y: m.
            z: m.
            yaw: rad.
        """
        c, s = math.cos(yaw), math.sin(yaw)
        turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])  # transposed: the vectors are rows
        return Mesh(self.vertices @ turn + (x, y, z), self.faces)


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """Return one mesh of many; at least one."""
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]
    return Mesh(np.vstack([mesh.vertices for mesh in meshes]), np.vstack(faces))


def prism(corners: Floats, low: float, high: float, *, bevel: float = 0.0, lid: bool = True) -> Mesh:
    """Return a simple outline pulled up from the floor.

    Args:
        corners: (N, 2) of the outline, in either sense, m.
        low: height of its foot, m.
        high: height of its top, m.
        bevel: cut from the rim of the top, m.
        lid: whether it is closed above; below it is open.
    """
    outline = np.asarray(corners, dtype=np.float64)
    if doubled_area(outline) < 0.0:
        outline = outline[::-1]
    rings = [(outline, low), (outline, high - bevel)]
    if bevel > 0.0:
        rings.append((inset(outline, bevel), high))
    count = len(outline)
    vertices = np.vstack([np.column_stack([ring, np.full(count, z)]) for ring, z in rings])
    sides = [_bands(len(rings), count)]
    if lid:
        sides.append(triangles(rings[-1][0]) + (len(rings) - 1) * count)
    return Mesh(vertices, np.vstack(sides))


def flat(corners: Floats, z: float) -> Mesh:
    """Return a simple outline (N, 2) as a sheet at a height, seen from above, m."""
    outline = np.asarray(corners, dtype=np.float64)
    if doubled_area(outline) < 0.0:
        outline = outline[::-1]
    return Mesh(np.column_stack([outline, np.full(len(outline), z)]), triangles(outline))


def box(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], *, bevel: float = 0.0) -> Mesh:
    """Return a box, closed below too.

    Args:
        x: its bounds, m.
        y: likewise.
        z: likewise.
        bevel: cut from the rim of its top, m.
    """
    corners = np.array([[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]])
    mesh = prism(corners, z[0], z[1], bevel=bevel)
    return Mesh(mesh.vertices, np.vstack([mesh.faces, [[0, 2, 1], [0, 3, 2]]]))


def turned(profile: Loop, sides: int = 24) -> Mesh:
    """Return a profile of (radius, z), from below upwards, turned about the z axis, m."""
    radius, z = np.array(profile, dtype=np.float64).T
    angles = np.linspace(0.0, 2.0 * math.pi, sides, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (S, 2)
    points = np.concatenate([radius[:, None, None] * ring, np.broadcast_to(z[:, None, None], (len(z), sides, 1))], 2)
    return Mesh(points.reshape(-1, 3), _bands(len(z), sides))


def ball(radius: float, z: float, *, squeeze: float = 1.0, sides: int = 20) -> Mesh:
    """Return a ball about (0, 0, z).

    Args:
        radius: m.
        z: of its middle, m.
        squeeze: its height by its width.
        sides: of its polygon about the z axis.
    """
    angles = np.linspace(-0.5 * math.pi, 0.5 * math.pi, sides // 2 + 1)
    loop = [(radius * math.cos(a), z + squeeze * radius * math.sin(a)) for a in angles.tolist()]
    return turned(loop, sides)


def disc(radius: float, sides: int = 32) -> Floats:
    """Return the corners (sides, 2) of a disc about (0, 0), m."""
    angles = np.linspace(0.0, 2.0 * math.pi, sides, endpoint=False)
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def inset(outline: Floats, by: float) -> Floats:
    """Return a counter-clockwise outline (N, 2) moved inwards by ``by`` m; corners are kept."""
    before, after = outline - np.roll(outline, 1, axis=0), np.roll(outline, -1, axis=0) - outline
    normals = []
    for edge in (before, after):
        length = np.maximum(np.hypot(*edge.T), 1e-9)[:, None]
        normals.append(np.column_stack([-edge[:, 1], edge[:, 0]]) / length)
    middle = normals[0] + normals[1]
    scale = np.maximum((middle * normals[0]).sum(axis=1), 0.5)[:, None]  # no long spikes at sharp corners
    moved: Floats = outline + by * middle / scale
    return moved


def ribbon(points: Floats, width: float, z: float) -> Mesh:
    """Return a strip of ``width`` m along a path (N >= 2, 2), lying at a height, m."""
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    across = 0.5 * width * np.column_stack([-along[:, 1], along[:, 0]])
    count = len(points)
    sides = np.vstack([points - across, points + across])
    i = np.arange(count - 1)
    faces = np.vstack([np.column_stack([i, i + 1, i + 1 + count]), np.column_stack([i, i + 1 + count, i + count])])
    return Mesh(np.column_stack([sides, np.full(2 * count, z)]), faces)


def triangles(outline: Floats) -> np.ndarray:
    """Return a simple counter-clockwise outline cut into triangles (N - 2, 3), ear by ear."""
    left = list(range(len(outline)))
    faces: list[list[int]] = []
    while len(left) > 3:
        ear = next((k for k in range(len(left)) if _is_ear(outline, left, k)), 0)
        faces.append([left[ear - 1], left[ear], left[(ear + 1) % len(left)]])
        del left[ear]
    faces.append(left)
    return np.array(faces)


def boxes_of(solid: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Return rectangles (row, column, rows, columns) that cover the true cells of a grid, each cell once."""
    free = np.asarray(solid, dtype=bool).copy()
    found = []
    for row, column in np.argwhere(free).tolist():
        if not free[row, column]:
            continue
        gap = np.flatnonzero(~free[row, column:])
        columns = int(gap[0]) if len(gap) else free.shape[1] - column
        full = free[row:, column : column + columns].all(axis=1)
        gap = np.flatnonzero(~full)
        rows = int(gap[0]) if len(gap) else free.shape[0] - row
        free[row : row + rows, column : column + columns] = False
        found.append((row, column, rows, columns))
    return found


def _bands(rings: int, count: int) -> np.ndarray:
    """Return the faces (F, 3) between rings of ``count`` vertices each, one above the other."""
    i = np.arange(count)
    j = (i + 1) % count
    faces = []
    for k in range(rings - 1):
        a, b = k * count, (k + 1) * count
        faces += [np.column_stack([a + i, a + j, b + j]), np.column_stack([a + i, b + j, b + i])]
    return np.vstack(faces)


def doubled_area(outline: Floats) -> float:
    """Return twice the area inside an outline (N, 2), m^2; negative where it runs clockwise."""
    x, y = outline.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def _is_ear(outline: Floats, left: list[int], k: int) -> bool:
    """Return whether the triangle at the k-th of the corners that are left lies inside and holds none of the others."""
    a, b, c = outline[left[k - 1]], outline[left[k]], outline[left[(k + 1) % len(left)]]
    if _cross(a, b, c) <= 0.0:
        return False
    others = [n for n in left if n not in (left[k - 1], left[k], left[(k + 1) % len(left)])]
    inside = [_cross(a, b, p) >= 0.0 and _cross(b, c, p) >= 0.0 and _cross(c, a, p) >= 0.0 for p in outline[others]]
    return not any(inside)


def _cross(a: Floats, b: Floats, c: Floats) -> float:
    """Return twice the area of a triangle, m^2; negative where it runs clockwise."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
