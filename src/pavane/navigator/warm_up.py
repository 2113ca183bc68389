"""exercise: half a second of driving in which every kernel is compiled or loaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Odometry, Scan
from pavane.core.tasks import GoTo
from pavane.maps.clearance import clearance_grid
from pavane.navigator.base import TICK
from pavane.prediction import PlantIdentifier

if TYPE_CHECKING:
    from pavane.navigator import Navigator

TICKS = 25
LEARNING = 150  # ticks: the base is looked for only after seconds of changing speeds


def exercise(navigator: Navigator) -> None:
    """Let a navigator that drives nothing plan and react where its map is widest, among somebody who is detected."""
    robot, static = navigator.robot, clearance_grid(navigator.home)
    row, column = np.unravel_index(int(np.argmax(static.data)), static.data.shape)
    place = Pose(*static.centres(np.array([[column, row]]))[0].tolist())
    lidar = robot.lidar
    turn = lidar.field_of_view / max(lidar.rays - 1, 1)
    navigator.mission.task = GoTo(place)  # not requested: nobody has to be able to stand there
    for tick in range(TICKS):
        now = tick * TICK
        navigator.observe(Odometry(now, Pose(0.0, 0.0), 0.0, 0.0))
        navigator.observe(Localization(now, place))
        ranges = np.full(lidar.rays, np.inf)
        navigator.observe(Scan(now, -0.5 * lidar.field_of_view, turn, ranges, lidar.range_max, lidar.mount))
        navigator.observe(Detections(now, np.array([[1.0, 0.0]]), 0.05))
        navigator.step(now)
    identifier = PlantIdentifier(robot.latency)
    for tick in range(LEARNING):
        now = tick * TICK
        identifier.sent(now, math.sin(now), 0.0)
        identifier.measured(Odometry(now, Pose(0.0, 0.0), math.sin(now), 0.0))
    identifier.find()
