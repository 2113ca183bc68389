"""Small homes, a robot and a simple driver for the tests of the simulator."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from pavane.core.geometry import Grid, Pose, wrap_angle
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.sim import World

ROBOT = RobotProfile.load("round")
RESOLUTION = 0.05


def blind(robot: RobotProfile = ROBOT) -> RobotProfile:
    """The robot without detector and screen, for tests that count messages."""
    return msgspec.structs.replace(robot, detector=None, screen=None)


def room(width: float = 6.0, depth: float = 4.0) -> OccupancyMap:
    """A free rectangle from (0, 0), one cell of wall around it."""
    cells = np.ones((round(depth / RESOLUTION) + 2, round(width / RESOLUTION) + 2), np.uint8)
    cells[1:-1, 1:-1] = 0
    return OccupancyMap(Grid(cells, RESOLUTION, Pose(-RESOLUTION, -RESOLUTION)))


def corridor(width: float, length: float = 6.0, *, dead_end: bool = False) -> OccupancyMap:
    """Two rooms of 3 x 3 m, from (0, 0) on, joined by a corridor whose middle is y = 1.5; or one and a dead end."""
    side, run, half = 60, round(length / RESOLUTION), round(width / RESOLUTION / 2)
    cells = np.ones((side + 2, side * (1 if dead_end else 2) + run + 2), np.uint8)
    cells[1:-1, 1 : side + 1] = 0
    cells[31 - half : 31 + half, side + 1 : side + 1 + run] = 0
    if not dead_end:
        cells[1:-1, side + 1 + run : -1] = 0
    return OccupancyMap(Grid(cells, RESOLUTION, Pose(-RESOLUTION, -RESOLUTION)))


def house() -> OccupancyMap:
    """15 x 12 m: four rooms around a hall, doors of 0.9 m, a table in each room."""
    cells = np.zeros((240, 300), np.uint8)
    cells[[0, -1], :] = 1
    cells[:, [0, -1]] = 1
    cells[[100, 140], :] = 1
    cells[:100, 150] = cells[140:, 120] = 1
    for row, column in ((100, 70), (100, 220), (140, 50), (140, 200)):
        cells[row, column : column + 18] = 0
    for row, column in ((40, 60), (50, 220), (180, 60), (200, 220)):
        cells[row : row + 16, column : column + 24] = 1
    return OccupancyMap(Grid(cells, RESOLUTION, Pose(0.0, 0.0)))


def hold(world: World, v: float, omega: float, until: float) -> None:
    """Command one speed and let the world run."""
    world.send(Command(world.time, v, omega))
    world.advance(until)


def drive_to(world: World, goal: tuple[float, float], until: float, keep: float = 0.4, speed: float = 0.5) -> bool:
    """Steer straight at a goal, stopping for whoever is in front; gives whether the robot came there."""
    while world.time < until:
        truth = world.truth
        pose = truth.pose
        distance = math.hypot(goal[0] - pose.x, goal[1] - pose.y)
        if distance < 0.15:
            return True
        bearing = wrap_angle(math.atan2(goal[1] - pose.y, goal[0] - pose.x) - pose.yaw)
        v = speed if abs(bearing) < 0.5 else 0.0
        for x, y, _, _, _, radius in truth.people:
            ahead, aside = pose.inverse().transform(np.array([[x, y]]))[0]
            if ahead > 0.0 and abs(aside) < 0.2 + radius and ahead - 0.17 - radius < keep + 0.3 * truth.v:
                v = 0.0
        world.send(Command(world.time, v, min(max(2.5 * bearing, -2.0), 2.0)))
        world.advance(world.time + 0.05)
        world.receive()
    return False
