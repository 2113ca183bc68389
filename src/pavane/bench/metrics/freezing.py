"""Freezing: a robot that gets no nearer to its goal for ten seconds although a way there is open."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Grid
from pavane.drive_log import GoalRecord, Run
from pavane.maps.clearance import clearance_grid
from pavane.numerics.fast_marching import cost_to_go

PATIENCE = 10.0  # s without progress
PROGRESS = 0.1  # m of way that are progress
AIR = 0.05  # m that an open way leaves on both sides of the robot
BESIDE = 0.15  # m: a way that begins this near begins at the robot
STEP = 0.5  # s between the moments at which this is asked


def freezes(run: Run) -> int:
    """Return how many spans of ``PATIENCE`` s there are, none overlapping, in which the robot froze before its goals.

    The way still to go is that on the map, for a disc as wide as the robot is at its narrowest. In a span that begins
    more than ``PROGRESS`` m before the goal it never falls by as much, and at every moment that is asked a way is open
    past everybody as they stand then.
    """
    static = clearance_grid(run.true_home)
    return sum(_freezes(run, goal, static) for goal in run.goals)


def _freezes(run: Run, goal: GoalRecord, static: Grid[np.float32]) -> int:
    times = np.arange(goal.requested, goal.ended + 1e-9, STEP)
    ticks = np.array([run.index(float(time)) for time in times])
    radius = run.robot.shape.inscribed_radius
    rest = _way_left(static, static.data >= radius - 0.5 * static.resolution, goal, run.poses[ticks, :2])
    span, count, k = round(PATIENCE / STEP), 0, 0
    while k + span < len(times):
        stuck = rest[k] > PROGRESS and not (rest[k : k + span + 1] < rest[k] - PROGRESS).any()
        if stuck and all(_is_open(run, goal, static, int(tick)) for tick in ticks[k : k + span + 1 : 2]):
            count += 1
            k += span
        k += 1
    return count


def _is_open(run: Run, goal: GoalRecord, static: Grid[np.float32], tick: int) -> bool:
    """Return whether a way leads to the goal past everybody."""
    rows, columns = static.data.shape
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    places = static.centres(cells)
    gap = static.data.astype(np.float64).ravel()
    for x, y, radius in run.people[tick][:, [0, 1, 5]]:
        if math.isfinite(x):
            np.minimum(gap, np.hypot(places[:, 0] - x, places[:, 1] - y) - radius, out=gap)
    free = (gap >= run.robot.shape.inscribed_radius + AIR).reshape(rows, columns)
    here = run.poses[tick, :2]
    around = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) * BESIDE
    return bool(np.isfinite(_way_left(static, free, goal, here + around)).any())


def _way_left(static: Grid[np.float32], free: np.ndarray, goal: GoalRecord, places: Floats) -> Floats:
    """Metres (N,) from places (N, 2) to the goal; inf where none leads there."""
    rows, columns = free.shape
    (column, row), *_ = static.indices(np.array([[goal.pose.x, goal.pose.y]]))
    field = cost_to_go(free.astype(np.float32), float(row), float(column), static.resolution)
    cells = np.clip(static.indices(places), 0, (columns - 1, rows - 1))
    left: Floats = field[cells[:, 1], cells[:, 0]].astype(np.float64)
    return left
