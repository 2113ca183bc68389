"""Topics: a drive in ROS 2's own message types, as CDR, for Foxglove, ``ros2 bag`` and ``rosbags``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from rosbags.typesys import Stores, get_typestore

from pavane.core.arrays import AnyArray
from pavane.core.belief import Belief
from pavane.core.entities import KINDS
from pavane.core.geometry import Pose
from pavane.core.messages import Localization, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command, Plan, Status
from pavane.core.tasks import GoTo
from pavane.maps.occupancy import OCCUPIED, UNKNOWN
from pavane.navigator import Navigator
from pavane.record.tick import Call, Decision, Tick

MAP, ODOM, BASE, LASER, SCREEN = "map", "odom", "base_link", "laser", "screen"
EVERY = 2  # ticks between poses
THINNED = 4  # samples of a plan between those that are shown
COSTMAP_EVERY = 5  # plans between local costmaps
COSTMAP_FADES = 0.25  # m of clearance over which a local costmap falls by e
LATEST = 2**31 - 1  # s that a stamp can hold
INFO, WARN = 20, 30  # levels of a log

TYPES = {
    "/map": "nav_msgs/msg/OccupancyGrid",
    "/tf_static": "tf2_msgs/msg/TFMessage",
    "/tf": "tf2_msgs/msg/TFMessage",
    "/scan": "sensor_msgs/msg/LaserScan",
    "/odom": "nav_msgs/msg/Odometry",
    "/joint_states": "sensor_msgs/msg/JointState",
    "/cmd_vel": "geometry_msgs/msg/TwistStamped",
    "/goal_pose": "geometry_msgs/msg/PoseStamped",
    "/plan": "nav_msgs/msg/Path",
    "/route": "nav_msgs/msg/Path",
    "/people": "geometry_msgs/msg/PoseArray",
    "/local_costmap": "nav_msgs/msg/OccupancyGrid",
    "/rosout": "rcl_interfaces/msg/Log",
}
LATCHED = ("/map", "/tf_static")


class Post(NamedTuple):
    """A message to write: its topic, the stamp of its content, s, and its CDR."""

    topic: str
    stamp: float
    data: bytes


@lru_cache
def schemas() -> dict[str, str]:
    """Return the definition of each type with all that it refers to, as ROS 2 has it in its ``.msg`` files."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    return {name: store.generate_msgdef(name, ros_version=2)[0] for name in TYPES.values()}


class Topics:
    """Makes the messages of one drive."""

    def __init__(self) -> None:
        self._store = get_typestore(Stores.ROS2_HUMBLE)
        for name in TYPES.values():
            self._store.get_msgdef(name)  # its writers are made now and not in the first tick
        self._types = {name.replace("/msg/", "/"): kind for name, kind in self._store.types.items()}
        self._ticks = self._plans = 0
        self._odometry: Odometry | None = None
        self._place = Pose(0.0, 0.0)  # map_from_odom
        self._screen = ScreenFeedback(0.0, 0.0, 0.0)
        self._route: object = None
        self._said: tuple[Status | None, str] = (None, "")
        self._none = np.zeros(0)
        self._unsure = np.zeros(36)

    def begin(self, navigator: Navigator) -> Iterator[Post]:
        """Yield the map, and where the lidar is."""
        home, lidar = navigator.home, navigator.robot.lidar.mount
        data = np.where(home.grid.data == UNKNOWN, -1, 100 * (home.grid.data == OCCUPIED)).astype(np.int8)
        yield self._post("/map", 0.0, self._grid(0.0, data, home.grid.resolution, home.grid.origin))
        yield self._post("/tf_static", 0.0, self._frames(self._frame(0.0, BASE, LASER, lidar)))

    def tick(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> Iterator[Post]:
        """Yield the messages of one tick."""
        for call in tick.calls:
            yield from self._call(navigator, call)
        if tick.command is None:
            return
        now = tick.command.stamp
        self._ticks += 1
        if self._ticks % EVERY == 0:
            yield from self._poses(navigator)
        yield self._post("/cmd_vel", now, self._command(tick.command))
        if decision is not None:
            yield from self._decision(now, decision)
        if navigator.guidance is not None and navigator.guidance is not self._route:
            self._route = navigator.guidance
            path = navigator.guidance.path
            yield self._post("/route", now, self._path(now, MAP, np.column_stack([path, np.zeros(len(path))])))
        yield from self._words(now, tick)

    # -- what was told ------------------------------------------------------------------------------------------------

    def _call(self, navigator: Navigator, call: Call) -> Iterator[Post]:
        if call.error:
            yield self._post("/rosout", 0.0, self._log(0.0, WARN, call.error))
            return
        match call.value:
            case Odometry() as odometry:
                self._odometry = odometry
            case Localization() as localization:
                self._place = localization.map_from_odom
            case Scan() as scan:
                yield self._post("/scan", scan.stamp, self._scan(scan))
            case ScreenFeedback() as screen:
                self._screen = screen
            case GoTo() as task:
                stamp = 0.0 if self._odometry is None else self._odometry.stamp
                goal = self._t("geometry_msgs/PoseStamped")(
                    self._header(stamp, MAP), self._pose(navigator.goal_pose(task))
                )
                yield self._post("/goal_pose", stamp, goal)

    def _scan(self, scan: Scan) -> Any:
        last = scan.angle_min + scan.angle_increment * (len(scan.ranges) - 1)
        return self._t("sensor_msgs/LaserScan")(
            self._header(scan.stamp, LASER), scan.angle_min, last, scan.angle_increment, 0.0, 0.0, 0.0, scan.range_max,
            scan.ranges.astype(np.float32), np.zeros(0, np.float32),
        )  # fmt: skip

    def _joint(self, screen: ScreenFeedback) -> Any:
        return self._t("sensor_msgs/JointState")(
            self._header(screen.stamp, ""), ["screen_pan"], np.array([screen.pan]), np.array([screen.rate]), self._none
        )

    # -- where things are ---------------------------------------------------------------------------------------------

    def _poses(self, navigator: Navigator) -> Iterator[Post]:
        odometry = self._odometry
        if odometry is None:
            return
        stamp = odometry.stamp
        frames = [self._frame(stamp, MAP, ODOM, self._place), self._frame(stamp, ODOM, BASE, odometry.pose)]
        screen = navigator.robot.screen
        if screen is not None:
            frames.append(self._frame(stamp, BASE, SCREEN, Pose(screen.x, screen.y, self._screen.pan)))
            yield self._post("/joint_states", self._screen.stamp, self._joint(self._screen))
        yield self._post("/tf", stamp, self._frames(*frames))
        pose = self._t("geometry_msgs/PoseWithCovariance")(self._pose(odometry.pose), self._unsure)
        twist = self._t("geometry_msgs/TwistWithCovariance")(self._twist(odometry.v, odometry.omega), self._unsure)
        yield self._post(
            "/odom", stamp, self._t("nav_msgs/Odometry")(self._header(stamp, ODOM), BASE, pose, twist)
        )  # fmt: skip

    def _command(self, command: Command) -> Any:
        return self._t("geometry_msgs/TwistStamped")(
            self._header(command.stamp, BASE), self._twist(command.v, command.omega)
        )

    # -- what was decided ---------------------------------------------------------------------------------------------

    def _decision(self, now: float, decision: Decision) -> Iterator[Post]:
        plan, belief = decision.plan, decision.belief
        yield self._post("/plan", now, self._path(now, ODOM, _thin(plan)))
        yield self._post("/people", belief.stamp, self._people(belief))
        if self._plans % COSTMAP_EVERY == 0:
            window = belief.local_map
            near = np.exp(-np.maximum(window.clearance, 0.0) / COSTMAP_FADES)
            data = np.where(window.seen, np.rint(100.0 * near), -1.0).astype(np.int8)
            yield self._post(
                "/local_costmap", window.stamp if math.isfinite(window.stamp) else now,
                self._grid(now, data, window.resolution, window.origin),
            )  # fmt: skip
        self._plans += 1

    def _people(self, belief: Belief) -> Any:
        moving = [track for track in belief.tracks if track.kind not in KINDS or KINDS[track.kind].moves]
        states = (track.state.mean.tolist() for track in moving)
        poses = [self._placed(x, y, math.atan2(vy, vx)) for x, y, vx, vy in states]
        return self._t("geometry_msgs/PoseArray")(self._header(belief.stamp, ODOM), poses)

    def _words(self, now: float, tick: Tick) -> Iterator[Post]:
        for text in tick.warnings:
            yield self._post("/rosout", now, self._log(now, WARN, text))
        assert tick.command is not None
        said, self._said = self._said, (tick.status, tick.command.reason)
        if said[0] is not tick.status:
            yield self._post("/rosout", now, self._log(now, INFO, f"{tick.status.name}: {tick.status.value}"))
        if tick.command.reason not in ("", said[1]):
            level = WARN if tick.command.emergency else INFO
            yield self._post("/rosout", now, self._log(now, level, tick.command.reason))

    # -- ROS 2's types ------------------------------------------------------------------------------------------------

    def _t(self, name: str) -> Any:
        return self._types[name]

    def _post(self, topic: str, stamp: float, message: Any) -> Post:
        return Post(topic, stamp, bytes(self._store.serialize_cdr(message, TYPES[topic])))

    def _time(self, stamp: float) -> Any:
        seconds, rest = divmod(nanoseconds(stamp), 1_000_000_000)
        return self._t("builtin_interfaces/Time")(seconds, rest)

    def _header(self, stamp: float, frame: str) -> Any:
        return self._t("std_msgs/Header")(self._time(stamp), frame)

    def _pose(self, pose: Pose) -> Any:
        return self._placed(pose.x, pose.y, pose.yaw)

    def _placed(self, x: float, y: float, yaw: float) -> Any:
        return self._t("geometry_msgs/Pose")(self._t("geometry_msgs/Point")(x, y, 0.0), self._turn(yaw))

    def _turn(self, yaw: float) -> Any:
        return self._t("geometry_msgs/Quaternion")(0.0, 0.0, math.sin(0.5 * yaw), math.cos(0.5 * yaw))

    def _twist(self, v: float, omega: float) -> Any:
        vector = self._t("geometry_msgs/Vector3")
        return self._t("geometry_msgs/Twist")(vector(v, 0.0, 0.0), vector(0.0, 0.0, omega))

    def _frame(self, stamp: float, parent: str, child: str, pose: Pose) -> Any:
        place = self._t("geometry_msgs/Vector3")(pose.x, pose.y, 0.0)
        transform = self._t("geometry_msgs/Transform")(place, self._turn(pose.yaw))
        return self._t("geometry_msgs/TransformStamped")(self._header(stamp, parent), child, transform)

    def _frames(self, *frames: Any) -> Any:
        return self._t("tf2_msgs/TFMessage")(list(frames))

    def _path(self, stamp: float, frame: str, poses: AnyArray) -> Any:
        header, stamped = self._header(stamp, frame), self._t("geometry_msgs/PoseStamped")
        return self._t("nav_msgs/Path")(header, [stamped(header, self._placed(*p)) for p in poses.tolist()])

    def _grid(self, stamp: float, data: AnyArray, resolution: float, origin: Pose) -> Any:
        rows, columns = data.shape
        info = self._t("nav_msgs/MapMetaData")(self._time(stamp), resolution, columns, rows, self._pose(origin))
        return self._t("nav_msgs/OccupancyGrid")(self._header(stamp, MAP), info, data.ravel())

    def _log(self, stamp: float, level: int, text: str) -> Any:
        return self._t("rcl_interfaces/Log")(self._time(stamp), level, "pavane", text, "", "", 0)


def nanoseconds(stamp: float) -> int:
    """Return a time as ROS and MCAP hold it; one that they cannot hold becomes the nearest that they can."""
    if math.isnan(stamp):
        return 0
    return int(min(max(stamp, 0.0), float(LATEST)) * 1e9)


def _thin(plan: Plan) -> AnyArray:
    """Return some poses (K, 3) of a plan, the last among them."""
    thin = plan.poses[::THINNED]
    return thin if (len(plan.poses) - 1) % THINNED == 0 else np.concatenate([thin, plan.poses[-1:]])
