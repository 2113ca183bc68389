"""When a robot had first been told of what it was going to touch."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.geometry import Pose
from pavane.drive_log import ContactRecord, Run
from pavane.numerics.raycast import in_sight

BESIDE = 0.05  # m from the place of a contact that still show what stands there
AROUND = 0.3  # m around the outline in which the wall that was touched is looked for


class Spot(NamedTuple):
    """A disc in ``map`` that a lidar may see: centre, radius, and how near it must be to its edge, m."""

    x: float
    y: float
    radius: float
    within: float


def first_known(run: Run, contact: ContactRecord) -> float:
    """Return when the robot first had data of what it touched, s; inf if never.

    A person: the first arrival of a message that really shows them, whoever was taken for it. A wall on the robot's
    map: the start of the run. Other walls, and what lies on the floor: one scan latency after the first tick at which
    the lidar had them in range, field of view and line of sight; a place counts as seen with any point within
    ``BESIDE`` of it. That is worked out from the truth: from where the robot really was, with the walls of the end of
    the run, glass seen, nothing lost and nobody in the way. A contact has no place of its own: it is the point of the
    solid cells nearest to the outline at the tick of the contact.
    """
    if contact.kind == "person":
        arrivals = run.sightings[run.sightings[:, 2] == contact.index, 0]
        return float(arrivals.min(initial=np.inf))
    if contact.kind == "object" and 0 <= contact.index < len(run.low):
        return _sighted(run, Spot(*run.low[contact.index].tolist()))
    x, y = _touched(run, _pose(run, run.index(contact.time)))
    rows, columns = run.home.solid.shape
    beside = run.home.grid.resolution * 1e-3  # a point of an edge belongs to the cells on either side of it
    points = [[x + dx, y + dy] for dx in (-beside, beside) for dy in (-beside, beside)]
    for column, row in run.home.grid.indices(np.array(points)).tolist():
        if not (0 <= row < rows and 0 <= column < columns) or run.home.solid[row, column]:
            return float(run.times[0])
    return _sighted(run, Spot(x, y, BESIDE, math.inf))


def _touched(run: Run, pose: Pose) -> tuple[float, float]:
    """Return the point of the solid cells that is nearest to the outline, in ``map``, to a quarter of a cell.

    Without one within ``AROUND`` it is the pose's own place: what stood there has moved since.
    """
    shape, home = run.robot.shape, run.true_home
    grid, solid = home.grid, home.solid
    reach = math.ceil((shape.circumscribed_radius + AROUND) / grid.resolution)
    span = np.arange(-reach, reach + 1)
    middle = grid.indices(np.array([[pose.x, pose.y]]))
    cells = (middle + np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2)).astype(np.int64)
    on: Bools = np.all((cells >= 0) & (cells < solid.shape[::-1]), axis=1)
    filled = ~on  # what lies outside the map is solid
    filled[on] = solid[cells[on, 1], cells[on, 0]]
    steps = np.linspace(-0.5, 0.5, 5) * grid.resolution
    points = (grid.centres(cells[filled])[:, None, :] + _square(steps)).reshape(-1, 2)
    gaps = shape.signed_distance(pose.inverse().transform(points))
    if not gaps.min(initial=np.inf) < AROUND:
        return pose.x, pose.y
    x, y = points[int(np.argmin(gaps))]
    return float(x), float(y)


def _square(steps: Floats) -> Floats:
    """Points (N, 2) on a lattice of steps along both axes."""
    return np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)


def _sighted(run: Run, spot: Spot) -> float:
    """Return when a scan that shows a spot has first arrived, s; inf if never."""
    lidar, home, latency = run.robot.lidar, run.true_home, run.robot.latency.scan
    grid, solid = home.grid, np.ascontiguousarray(home.solid)
    cosine, sine = np.cos(run.poses[:, 2]), np.sin(run.poses[:, 2])
    eye_x = run.poses[:, 0] + cosine * lidar.x - sine * lidar.y
    eye_y = run.poses[:, 1] + sine * lidar.x + cosine * lidar.y
    dx, dy = spot.x - eye_x, spot.y - eye_y
    away = np.maximum(np.hypot(dx, dy), 1e-9)
    bearing = np.remainder(np.arctan2(dy, dx) - run.poses[:, 2] - lidar.mount.yaw + np.pi, 2.0 * np.pi) - np.pi
    half = 0.5 * lidar.field_of_view + np.arcsin(np.minimum(spot.radius / away, 1.0))
    near = away - spot.radius <= min(lidar.range_max, spot.within)
    for k in np.flatnonzero(near & (np.abs(bearing) <= half)):
        ahead = np.array([dx[k], dy[k]]) * (spot.radius / away[k])
        for aside in (-ahead, np.array([-ahead[1], ahead[0]]), np.array([ahead[1], -ahead[0]])):
            x, y = (spot.x + aside[0], spot.y + aside[1]) if away[k] > spot.radius else (eye_x[k], eye_y[k])
            frame = (grid.resolution, grid.origin.x, grid.origin.y)
            if in_sight(solid, *frame, float(eye_x[k]), float(eye_y[k]), float(x), float(y)):
                return float(run.times[k]) + latency
    return math.inf


def _pose(run: Run, k: int) -> Pose:
    x, y, yaw = run.poses[k].tolist()
    return Pose(x, y, yaw)
