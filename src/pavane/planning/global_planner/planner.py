"""RoutePlanner: cost-to-go over the whole map, and a path for people to look at."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats, Floats32
from pavane.core.errors import BadGoal
from pavane.core.geometry import Grid, Pose, cover, passage_radius
from pavane.core.plan import Guidance
from pavane.core.robot import RobotProfile
from pavane.numerics.fast_marching import cost_to_go
from pavane.numerics.pace import paces, slowed_in

SNAP = 0.6  # m
SLOW_BAND = 0.3  # m of clearance over which the pace rises from half to full
IN_USE = 0.05  # pace where the way is known to be blocked for now
TIGHT = 0.02  # m; passages tighter than this stay open, at a tenth of the pace
DISCOMFORT_COST = 0.7  # m that a metre counts more where discomfort is 1: what the objective charges at 0.4 m/s


def pace(clearance: Floats32, radius: float, discomfort: Floats32 | None = None) -> Floats32:
    """Return the share of full speed (float32, 0 blocks) at cells whose distance to solid cells is ``clearance``, m.

    Inflation is mild: strong inflation would reward speed in tight gaps. ``discomfort`` is what mapped entities add
    (``local_planner.discomfort_field``).
    """
    none = np.zeros((0, 0), np.float32)
    out: Floats32 = paces(
        clearance, none if discomfort is None else discomfort, radius, SLOW_BAND, TIGHT, DISCOMFORT_COST
    )
    return out


def slowed(speed: Floats32, grid: Grid[np.float32], places: Floats, pace: float = IN_USE) -> Floats32:
    """Return paces cut down inside discs.

    Args:
        speed: share of full speed (rows, columns).
        grid: tells where its cells are.
        places: (N, 3) x, y, radius in ``map``, m.
        pace: the most inside them.
    """
    if len(places) == 0:
        return speed
    discs = np.empty_like(places)
    discs[:, :2], discs[:, 2] = grid.cells(places[:, :2]), places[:, 2] / grid.resolution
    out: Floats32 = slowed_in(speed, discs, pace)
    return out


class RoutePlanner:
    """Plans over one map for one robot.

    Args:
        clearance: distance from each cell to the nearest solid cell, m, in ``map``.
        robot: the radius of the discs that cover it decides what is passable.
        discomfort: on the same lattice, what mapped entities add; None where there are none.
    """

    def __init__(
        self, clearance: Grid[np.float32], robot: RobotProfile, discomfort: Grid[np.float32] | None = None
    ) -> None:
        self.clearance = clearance
        self.shape = robot.shape
        self.radius = passage_radius(robot.shape)
        self._pace = pace(clearance.data, self.radius, None if discomfort is None else discomfort.data)

    def can_stand(self, pose: Pose) -> bool:
        """Return whether the robot can stand at a pose in ``map``, turned as it says."""
        try:
            self.check("pose", pose, match_heading=True)
        except BadGoal:
            return False
        return True

    def check(self, what: str, pose: Pose, *, match_heading: bool = False) -> None:
        """Refuse a pose the robot cannot stand on; with ``match_heading``, turned as the pose says.

        Raises:
            BadGoal: outside the map, or too close to something solid.
        """
        at = f"({pose.x:.2f}, {pose.y:.2f})"
        if not np.isfinite(pose.array()).all():
            raise BadGoal(f"{what} is not finite", value=at, limit="numbers in metres and radians")
        point = np.array([[pose.x, pose.y]])
        if not self.clearance.inside(point)[0]:
            width, height = self.clearance.size
            x, y = self.clearance.origin.x, self.clearance.origin.y
            extent = f"x {x:.2f}..{x + width:.2f}, y {y:.2f}..{y + height:.2f} m"
            raise BadGoal(f"{what} is outside the map", value=at, limit=extent)
        gap = float(self.clearance.sample(point)[0])
        if gap < self.radius:
            raise BadGoal(
                f"{what} is inside or too close to something solid or unknown",
                value=f"{at} with {max(gap, 0.0):.2f} m of room",
                limit=f">= {self.radius:.2f} m",
                remedy="Choose a point in free space.",
            )
        discs = cover(self.shape)
        if match_heading and (self.clearance.sample(pose.transform(discs[:, :2])) < discs[:, 2]).any():
            raise BadGoal(
                f"{what} leaves no room for the robot turned that way",
                value=f"{at} at yaw {pose.yaw:.2f} rad",
                limit="the whole outline in free space",
                remedy="Turn the goal or move it away from the wall.",
            )

    def plan(
        self, goal: Pose, start: Pose, *, match_heading: bool, tolerance: float, stand_off: float = 0.0,
        slow: Floats | None = None,
    ) -> Guidance | None:  # fmt: skip
        """Return the way to a goal; None when none leads there.

        Args:
            goal: in ``map``.
            start: where the robot is.
            match_heading: whether the goal's yaw matters.
            tolerance: how near is "there", m.
            stand_off: metres of the way that need not be travelled.
            slow: (N, 3) x, y, radius of places that are in use or blocked for now: there a way counts many times.
        """
        slow = np.zeros((0, 3)) if slow is None else slow
        if not self.clearance.inside(np.array([[goal.x, goal.y]]))[0]:
            return None
        goal = self._standable(goal)
        column, row = self.clearance.cell(goal.x, goal.y)
        pace = slowed(self._pace, self.clearance, slow)
        field = cost_to_go(pace, row, column, self.clearance.resolution)
        grid = Grid(field, self.clearance.resolution, self.clearance.origin, self.clearance.frame)
        path = descend(grid, start)
        if path is None:
            return None
        stand = goal if stand_off <= 0.0 else stand_point(path, start, goal, stand_off)
        return Guidance(goal, stand, grid, path, match_heading, tolerance, stand_off, slow, pace)

    def _standable(self, goal: Pose) -> Pose:
        """Return the goal, or the nearest place within ``SNAP`` to stand at (a person may be beside a wall)."""
        column, row = self.clearance.indices(np.array([[goal.x, goal.y]]))[0]
        reach = round(SNAP / self.clearance.resolution)
        r0, c0 = max(row - reach, 0), max(column - reach, 0)
        block = self._pace[r0 : row + reach + 1, c0 : column + reach + 1] >= 0.5
        inside = 0 <= row < self._pace.shape[0] and 0 <= column < self._pace.shape[1]
        if not block.any() or (inside and self._pace[row, column] > 0.0):
            return goal
        cells = np.argwhere(block)[:, ::-1] + (c0, r0)  # (N, 2) column, row
        nearest = cells[np.argmin(np.hypot(*(cells - (column, row)).T))]
        x, y = self.clearance.centres(nearest[None, :])[0]
        return Pose(float(x), float(y), goal.yaw)


def stand_point(path: Floats, start: Pose, goal: Pose, stand_off: float) -> Pose:
    """Return where a way comes within ``stand_off`` of its end, turned to the goal; the start if it is that near.

    Args:
        path: (N, 2) the way in ``map``, m.
        start: its beginning.
        goal: its end.
        stand_off: m.
    """
    left = np.cumsum(np.hypot(*np.diff(path[::-1], axis=0).T))  # from the end backwards
    place = start
    if len(left) and left[-1] > stand_off:
        x, y = path[::-1][int(np.searchsorted(left, stand_off)) + 1]
        place = Pose(float(x), float(y))
    return Pose(place.x, place.y, float(np.arctan2(goal.y - place.y, goal.x - place.x)))


def descend(field: Grid[np.float32], start: Pose) -> Floats | None:
    """Follow a cost-to-go downhill from ``start``: path (N, 2) in ``map``, or None where the field is infinite."""
    rows, columns = field.data.shape
    point = np.array([[start.x, start.y]])
    if not field.inside(point)[0]:
        return None
    column, row = field.indices(point)[0]
    reach = 4  # a start in a tight spot may stand on a blocked cell; its neighbourhood counts
    block = field.data[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
    if block.size == 0 or not np.isfinite(block).any():
        return None
    r, c = np.unravel_index(int(np.argmin(np.where(np.isfinite(block), block, np.inf))), block.shape)
    if not np.isfinite(field.data[row, column]):
        row, column = max(row - reach, 0) + int(r), max(column - reach, 0) + int(c)
    ring = [(dr, dc) for dr in range(-2, 3) for dc in range(-2, 3) if (dr, dc) != (0, 0)]
    cells = [(int(column), int(row))]
    value = float(field.data[row, column])
    for _ in range(rows * columns):
        best, step = 0.0, None
        for dr, dc in ring:
            rr, cc = row + dr, column + dc
            if 0 <= rr < rows and 0 <= cc < columns and np.isfinite(field.data[rr, cc]):
                drop = (value - float(field.data[rr, cc])) / float(np.hypot(dr, dc))
                if drop > best:
                    best, step = drop, (rr, cc)
        if step is None:
            break
        row, column = step
        value = float(field.data[row, column])
        cells.append((int(column), int(row)))
    return field.centres(np.array(cells))
