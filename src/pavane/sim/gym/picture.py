"""Pictures of an episode, quick enough for videos of training: the home is painted once, the rest over it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from pavane.core.arrays import Bytes, Floats
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.maps import UNKNOWN, OccupancyMap
from pavane.sim.home import TrueHome
from pavane.sim.world import Truth

LONGER_SIDE = 640  # pixels
FINER = 2  # times finer than the picture everything is painted, for smooth edges
MARGIN = 0.15  # m around what is known of the home
PAPER, FLOOR, WALL, FURNITURE, EDGE = "#fbfaf7", "#f1ece2", "#434a57", "#ddd2c0", "#b9ab95"
MOVED = "#c9b48f"
ROBOT, GOAL, WAY = "#b0258a", "#2f7d5b", "#b0258a80"
SEEN, RAY = "#3f74c924", "#3f74c9"
PEOPLE = ("#cf6a45", "#5f7fa8", "#7d9154", "#96679e", "#b8923a", "#5b9693", "#b3606f", "#77736b")


class Painter:
    """Paints one home with one robot.

    Args:
        home: its walls and furniture as drawn, or as cells.
        robot: its outline.
        goal_radius: of the ring around the goal, m.
    """

    def __init__(self, home: OccupancyMap, robot: RobotProfile, goal_radius: float) -> None:
        self.home = home
        self._solid = home.solid
        self._goal_radius = goal_radius
        rows, columns = np.nonzero(home.grid.data != UNKNOWN)
        low = home.grid.centres(np.array([[columns.min(), rows.min()]]))[0] - MARGIN
        high = home.grid.centres(np.array([[columns.max(), rows.max()]]))[0] + MARGIN
        self._left, self._top = float(low[0]), float(high[1])
        self._scale = FINER * LONGER_SIDE / float((high - low).max())  # fine pixels for each metre
        self._size = tuple(FINER * math.ceil(side * self._scale / FINER) for side in high - low)
        shape = robot.shape
        self._outline = _circle(0.0, 0.0, shape.radius) if shape.is_disc else shape.vertices
        self._still = self._paint_home(home)

    def paint(
        self, truth: Truth, home: TrueHome, goal: Pose, trail: Sequence[tuple[float, float]], scan: Floats
    ) -> Bytes:
        """Paint the picture (rows, columns, 3) of one moment.

        Args:
            truth: robot and people.
            home: as it is now: what is other than on the map is painted over it.
            goal: map_from_goal.
            trail: where the robot was, in ``map``.
            scan: (N, 2) the lidar and where its rays end, in ``map``; empty: none.
        """
        picture = self._still.copy()
        brush = ImageDraw.Draw(picture, "RGBA")  # colours with an alpha are blended
        self._change(brush, home)
        if len(scan):
            brush.polygon(self._pixels(scan), fill=SEEN)
            for x, y in self._pixels(scan[1:]):
                brush.ellipse((x - 2, y - 2, x + 2, y + 2), fill=RAY)
        if len(trail) > 1:
            brush.line(self._pixels(np.array(trail)), fill=WAY, width=3 * FINER)
        self._ring(brush, goal)
        for index, (x, y, yaw, _, _, radius) in enumerate(truth.people):
            if math.isfinite(x):
                colour = PEOPLE[index % len(PEOPLE)]
                brush.polygon(self._pixels(_circle(x, y, radius)), fill=colour, outline=PAPER, width=FINER)
                self._nose(brush, Pose(x, y, yaw), radius)
        pose = truth.pose
        brush.polygon(self._pixels(pose.transform(self._outline)), fill=ROBOT, outline=PAPER, width=FINER)
        self._nose(brush, pose, float(self._outline[:, 0].max()))
        small: Bytes = np.asarray(picture.reduce(FINER), dtype=np.uint8)
        return small

    def _paint_home(self, home: OccupancyMap) -> Image.Image:
        """Paint what the map knows: floor, furniture, walls."""
        grid = home.grid
        drawn = any(outline.wall for outline in home.outlines)
        colours = np.array([_rgb(FLOOR), _rgb(FLOOR if drawn else WALL), _rgb(PAPER)], np.uint8)
        cells = Image.fromarray(colours[grid.data[::-1]])
        per_cell = grid.resolution * self._scale
        rows, _ = grid.data.shape
        x0 = (self._left - grid.origin.x) / grid.resolution
        y0 = rows - (self._top - grid.origin.y) / grid.resolution  # of the picture's corner, in cells of the image
        picture = cells.transform(
            self._size, Image.Transform.AFFINE, (1.0 / per_cell, 0.0, x0, 0.0, 1.0 / per_cell, y0), fillcolor=PAPER
        )
        brush = ImageDraw.Draw(picture)
        for outline in home.outlines:
            if not outline.wall:
                brush.polygon(self._pixels(outline.corners), fill=FURNITURE, outline=EDGE, width=FINER)
        for outline in home.outlines:
            if outline.wall:
                brush.polygon(self._pixels(outline.corners), fill=WALL)
        return picture

    def _change(self, brush: ImageDraw.ImageDraw, home: TrueHome) -> None:
        """Paint what is other than on the map: cells that changed, and low objects."""
        grid = self.home.grid
        cells = np.argwhere(home.solid != self._solid)
        corners = grid.centres(cells[:, ::-1]) + 0.5 * grid.resolution * np.array([-1.0, 1.0])  # the upper left ones
        side = grid.resolution * self._scale
        for (row, column), (x, y) in zip(cells, self._pixels(corners), strict=True):
            brush.rectangle((x, y, x + side, y + side), fill=MOVED if home.solid[row, column] else FLOOR)
        for x, y, radius, _ in home.low:
            brush.polygon(self._pixels(_circle(x, y, radius)), fill=MOVED)

    def _ring(self, brush: ImageDraw.ImageDraw, goal: Pose) -> None:
        """Paint the goal with its heading."""
        for radius, fill in ((self._goal_radius, GOAL + "40"), (0.05, GOAL)):
            points = self._pixels(_circle(goal.x, goal.y, radius))
            brush.polygon(points, fill=fill, outline=GOAL, width=FINER)
        arrow = goal.transform(np.array([[0.0, 0.0], [0.3, 0.0]]))
        brush.line(self._pixels(arrow), fill=GOAL, width=2 * FINER)

    def _nose(self, brush: ImageDraw.ImageDraw, pose: Pose, reach: float) -> None:
        """Paint which way somebody looks, on a body that reaches ``reach`` m ahead."""
        tip = pose.transform(reach * np.array([[0.85, 0.0], [0.35, 0.35], [0.35, -0.35]]))
        brush.polygon(self._pixels(tip), fill=PAPER)

    def _pixels(self, points: Floats) -> list[tuple[float, float]]:
        """Return points (N, 2) in ``map``, m, as fine pixels from the upper left."""
        x = (points[:, 0] - self._left) * self._scale
        y = (self._top - points[:, 1]) * self._scale
        return list(zip(x.tolist(), y.tolist(), strict=True))


def _circle(x: float, y: float, radius: float) -> Floats:
    """Return a circle as a polygon, (36, 2)."""
    angles = np.linspace(0.0, 2.0 * math.pi, 36, endpoint=False)
    return np.array([x, y]) + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
