"""A home of ours in ir-sim, a simulator that nobody here wrote: it moves the robot and the person, casts the rays and
judges contacts. Here its state becomes messages with the profile's rates and latencies, and commands become its actions
after the profile's dead time and lag, which ir-sim does not have."""

from __future__ import annotations

import contextlib
import heapq
import io
import math
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import yaml

from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.navigator import TICK

ODOMETRY, LOCALIZATION = 0.01, 0.05  # s of latency
SEED = 1  # of the noise of lidar and detector
Walk = tuple[tuple[float, float], tuple[float, float], float]  # from, to, m/s


class IrSimWorld:
    """One robot, and at most one person who walks straight from a place to another.

    Args:
        home: a floor plan; its outlines become ir-sim's obstacles.
        robot: a round one.
        start: map_from_base.
        walk: of the person.
        folder: where ir-sim's file is written.
    """

    def __init__(self, home: OccupancyMap, robot: RobotProfile, start: Pose, walk: Walk | None, folder: Path) -> None:
        self.time, self.contacts, self._ticks = 0.0, 0, 0
        self._robot, self._start = robot, start
        file = folder / "world.yaml"
        file.write_text(yaml.safe_dump(describe(home, robot, start, walk)))
        self._env = _irsim().make(str(file), display=False, disable_all_plot=True, log_level="ERROR", seed=SEED)
        self._noise = np.random.default_rng(SEED)
        self._mail: list[tuple[float, int, Message]] = []
        self._queue: list[Command] = []
        self._wanted = self._v = self._omega = 0.0
        self._wanted_omega = 0.0
        self._walks = walk is not None
        self._in_contact = False
        self._sense()

    @property
    def pose(self) -> Pose:
        """map_from_base."""
        x, y, yaw = self._env.robot.state[:3, 0].tolist()
        return Pose(x, y, yaw)

    @property
    def speeds(self) -> tuple[float, float]:
        """Forward speed and yaw rate."""
        return self._v, self._omega

    @property
    def person(self) -> np.ndarray | None:
        """(2,) where the person is."""
        return self._env.obstacle_list[-1].state[:2, 0].copy() if self._walks else None

    def send(self, command: Command) -> None:
        """It takes effect after the dead time."""
        self._queue.append(command)

    def receive(self) -> list[Message]:
        """What has arrived."""
        arrived = []
        while self._mail and self._mail[0][0] <= self.time + 1e-9:
            arrived.append(heapq.heappop(self._mail)[2])
        return arrived

    def step(self) -> None:
        """Go on by one tick."""
        latency = self._robot.latency
        while self._queue and self._queue[0].stamp + latency.actuation <= self.time + 1e-9:
            command = self._queue.pop(0)
            self._wanted, self._wanted_omega = command.v, command.omega
        share = 1.0 - math.exp(-TICK / latency.actuation_lag)
        self._v += share * (self._wanted - self._v)
        self._omega += share * (self._wanted_omega - self._omega)
        self._env.step(np.array([[self._v], [self._omega]]))
        self._ticks += 1
        self.time = self._ticks * TICK
        touching = bool(self._env.robot.collision)
        self.contacts += int(touching and not self._in_contact)
        self._in_contact = touching
        self._sense()

    def _sense(self) -> None:
        robot, pose, now = self._robot, self.pose, self.time
        odom = self._start.inverse() @ pose
        self._post(ODOMETRY, Odometry(now, odom, self._v, self._omega))
        self._post(ODOMETRY, ScreenFeedback(now, 0.0, 0.0))
        if self._ticks % 5 == 0:
            self._post(LOCALIZATION, Localization(now, self._start))
            self._detect(pose)
        if self._ticks % round(1.0 / (robot.lidar.rate * TICK)) == 0:
            scan = self._env.get_lidar_scan()
            ranges = np.where(scan["valid"], scan["ranges"], np.inf)
            message = Scan(
                now, scan["angle_min"], scan["angle_increment"], ranges, robot.lidar.range_max, robot.lidar.mount
            )
            self._post(robot.latency.scan, message)

    def _detect(self, pose: Pose) -> None:
        person, detector = self.person, self._robot.detector
        if detector is None:
            return
        seen = np.zeros((0, 2))
        if person is not None:
            local = pose.inverse().transform(person[None])
            bearing, away = math.atan2(local[0, 1], local[0, 0]), math.hypot(*local[0])
            if away < detector.range_max and abs(bearing) < detector.field_of_view / 2:
                seen = local + self._noise.normal(0.0, detector.position_std, local.shape)
        self._post(self._robot.latency.perception, Detections(self.time, seen, detector.position_std))

    def _post(self, latency: float, message: Message) -> None:
        heapq.heappush(self._mail, (self.time + latency, len(self._mail) + 1000 * self._ticks, message))


def _irsim() -> Any:
    with contextlib.redirect_stdout(io.StringIO()):  # it tells of every kind of window that it cannot have
        import irsim
    matplotlib.use("Agg")  # which it takes away as it is imported
    return irsim


def describe(home: OccupancyMap, robot: RobotProfile, start: Pose, walk: Walk | None) -> dict[str, object]:
    """The world in ir-sim's YAML."""
    width, height = home.grid.size
    lidar = robot.lidar
    around = min(lidar.field_of_view, 2.0 * math.pi * (1.0 - 1.0 / lidar.rays))
    sensor = {
        "name": "lidar2d", "range_min": 0.0, "range_max": lidar.range_max, "angle_range": around, "number": lidar.rays,
        "noise": True, "std": lidar.range_std, "offset": [lidar.x, lidar.y, math.radians(lidar.yaw_deg)],
    }  # fmt: skip
    machine = {
        "kinematics": {"name": "diff"}, "shape": {"name": "circle", "radius": robot.robot_radius},
        "state": [start.x, start.y, start.yaw], "goal": [1e3, 1e3, 0.0], "vel_min": [-2.0, -9.0], "vel_max": [2.0, 9.0],
        "acce": [100.0, 100.0], "sensors": [sensor],
    }  # fmt: skip
    things: list[dict[str, object]] = [
        {"shape": {"name": "polygon", "vertices": outline.corners.tolist()}, "state": [0.0, 0.0, 0.0]}
        for outline in home.outlines
    ]
    if walk is not None:
        begin, end, speed = walk
        yaw = math.atan2(end[1] - begin[1], end[0] - begin[0])
        things.append(
            {
                "kinematics": {"name": "diff"}, "shape": {"name": "circle", "radius": 0.2}, "state": [*begin, yaw],
                "goal": [[*end, yaw]], "vel_max": [speed, 6.0], "behavior": {"name": "dash"},
            }
        )  # fmt: skip
    world = {
        "width": width, "height": height, "offset": [home.grid.origin.x, home.grid.origin.y], "step_time": TICK,
        "sample_time": TICK, "collision_mode": "stop", "control_mode": "auto",
    }  # fmt: skip
    return {"world": world, "robot": [machine], "obstacle": things}
