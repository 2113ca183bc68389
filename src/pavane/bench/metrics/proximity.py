"""How near a drive came to people and walls: gaps, times to collision, near misses."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.drive_log import Run
from pavane.numerics.overlap import cell_clearance

WALL_REACH = 0.5  # m beyond which the clearance from walls is not told apart
WALL_EVERY = 5  # ticks between the poses at which it is taken
CLOSE, CLOSING = 0.15, 0.3  # m and m/s of a near miss


def person_gaps(run: Run) -> Floats:
    """(T, N) gaps between the robot's outline and each person's body, m; inf while a person is not there."""
    ticks, people = run.people.shape[:2]
    if people == 0:
        return np.full((ticks, 0), np.inf)
    offset = run.people[..., :2] - run.poses[:, None, :2]
    cosine, sine = np.cos(run.poses[:, 2])[:, None], np.sin(run.poses[:, 2])[:, None]
    ahead = cosine * offset[..., 0] + sine * offset[..., 1]
    left = cosine * offset[..., 1] - sine * offset[..., 0]
    points = np.stack([ahead, left], axis=-1).reshape(-1, 2)
    gaps = run.robot.shape.signed_distance(points).reshape(ticks, people) - run.people[..., 5]
    return np.where(np.isfinite(gaps), gaps, np.inf)


def times_to_collision(run: Run) -> Floats:
    """(T,) s until the robot's disc meets a person's if all keep their velocities; inf if never, 0 in touch.

    The robot's disc has the circumscribed radius of its outline. Hayward, "Near miss determination through use of a
    scale of danger", Highway Research Record 384 (1972), in the plane.
    """
    if run.people.shape[1] == 0:
        return np.full(len(run.times), np.inf)
    offset = run.people[..., :2] - run.poses[:, None, :2]  # (T, N, 2)
    heading = np.stack([np.cos(run.poses[:, 2]), np.sin(run.poses[:, 2])], axis=-1)
    closing = run.people[..., 3:5] - (run.v[:, None] * heading)[:, None, :]
    radii = run.robot.shape.circumscribed_radius + run.people[..., 5]
    a = (closing**2).sum(axis=-1)
    b = (offset * closing).sum(axis=-1)
    c = (offset**2).sum(axis=-1) - radii**2
    root = b**2 - a * c
    with np.errstate(divide="ignore", invalid="ignore"):
        time = np.where((root >= 0.0) & (b < 0.0) & (a > 0.0), (-b - np.sqrt(np.maximum(root, 0.0))) / a, np.inf)
    time = np.where(c <= 0.0, 0.0, time)
    out: Floats = np.where(np.isfinite(c), time, np.inf).min(axis=1)  # c is nan for who is not there
    return out


def near_misses(run: Run, gaps: Floats) -> int:
    """How often a gap (T, N) below ``CLOSE`` was still closing faster than ``CLOSING``, and no touch followed."""
    if gaps.shape[1] == 0 or len(run.times) < 2:
        return 0
    dt = run.duration / (len(run.times) - 1)
    with np.errstate(invalid="ignore"):
        change = np.diff(gaps, axis=0, prepend=gaps[:1])  # not finite on the tick on which somebody comes or goes
    rate = -np.nan_to_num(change, nan=0.0, posinf=0.0, neginf=0.0) / dt
    touches = [  # ticks on which a touch was recorded: it may have begun and ended between two of them
        np.array([run.index(c.time) for c in run.contacts if c.kind == "person" and c.index == person])
        for person in range(gaps.shape[1])
    ]
    count = 0
    for person in range(gaps.shape[1]):
        near = np.concatenate([[0], (gaps[:, person] < CLOSE).astype(np.int8), [0]])
        edges = np.flatnonzero(np.diff(near))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            touched = (
                gaps[start:end, person].min() <= 0.0 or ((start <= touches[person]) & (touches[person] <= end)).any()
            )
            count += int(not touched and rate[start:end, person].max() > CLOSING)
    return count


def wall_clearance(run: Run) -> float:
    """Return the least gap between the robot's outline and what is solid or unknown on the map, m, at most 0.5."""
    grid, shape = run.true_home.grid, run.robot.shape
    solid = np.ascontiguousarray(run.true_home.solid)
    frame = (grid.resolution, grid.origin.x, grid.origin.y)
    return min(
        cell_clearance(shape.vertices, shape.radius, float(x), float(y), float(yaw), solid, *frame, WALL_REACH)
        for x, y, yaw in run.poses[::WALL_EVERY]
    )
