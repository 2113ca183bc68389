"""Senses: from scans, odometry, detections and localization to the belief and the near map."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import Belief, LocalMap, NearMap, RobotState, ScreenState, Track
from pavane.core.entities import KindCost
from pavane.core.executor import Executor, Pending
from pavane.core.geometry import Footprint, Grid, Pose
from pavane.core.messages import Detections, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Guidance
from pavane.core.robot import RobotProfile
from pavane.navigator.base import Base
from pavane.perception.local_map import EXPLAINED, local_map
from pavane.perception.near_map import near_layer, near_map
from pavane.perception.odometry import OdometryLog
from pavane.perception.scan_layer import ScanLayer
from pavane.perception.scan_motion import Movers
from pavane.perception.tracker import PeopleTracker
from pavane.planning.reactive import blind_after
from pavane.prediction import Forwarding, LatencyMonitor, later, walk

STALE = 0.3  # s without odometry after which the robot is blind
FRESH, WALKING = 0.2, 0.3  # s since somebody was detected, m/s: then what was hit around them was them
AROUND = 0.25  # m around the tracked centre of somebody, beyond their radius, that is ascribed to them


class Senses:
    """Keeps what was sensed, and says what is believed because of it.

    Args:
        robot: its profile.
        static: clearance of the map, m.
        discomfort: of mapped things, on the same lattice; None where there are none.
        kinds: of things that may be detected, by name.
        executor: where scans are worked into the local map.

    Attributes:
        robot: see above.
        odometry: the last seconds of it.
        localization: the newest; None before the first.
    """

    def __init__(
        self,
        robot: RobotProfile,
        static: Grid[np.float32],
        discomfort: Grid[np.float32] | None,
        kinds: Mapping[str, KindCost],
        executor: Executor,
    ) -> None:
        self.robot = robot
        self._static, self._discomfort, self._kinds, self._executor = static, discomfort, kinds, executor
        self.reset()

    def reset(self) -> None:
        """Forget everything that was sensed."""
        self.odometry = OdometryLog()
        self.localization: Localization | None = None
        self._screen: ScreenFeedback | None = None
        self._tracker = PeopleTracker(self.robot.detector, self._kinds)
        self._tracks: tuple[Track, ...] = ()
        self._layer = ScanLayer(self._static, EXPLAINED)
        self._near_layer = near_layer(self._static, self.robot.lidar.range_std)
        self._movers = Movers(self.robot.lidar.range_std)
        self._scans: deque[Pending] = deque()  # on their way into the local map
        self._local: LocalMap | None = None

    # -- what is fresh ----------------------------------------------------------------------------------------------

    @property
    def stamps(self) -> dict[str, float]:
        """Of the newest of each kind that was sensed, s: -inf before the first."""
        odometry, place = self.odometry.newest, self.localization
        return {
            "odometry": -np.inf if odometry is None else odometry.stamp,
            "localization": -np.inf if place is None else place.stamp,
            "scan": self._near_layer.stamp,
            "detections": self._tracker.stamp,
        }

    @property
    def is_located(self) -> bool:
        """Whether it was ever known where the robot is."""
        return self.odometry.newest is not None and self.localization is not None

    def is_ready(self, now: float) -> bool:
        """Whether it is known where the robot is."""
        newest = self.odometry.newest
        return newest is not None and now - newest.stamp <= STALE and self.localization is not None

    def is_sighted(self, now: float) -> bool:
        """Whether it is known where the robot is, and what is around it."""
        return self.is_ready(now) and now - self._near_layer.stamp < blind_after(self.robot)

    # -- taking in --------------------------------------------------------------------------------------------------

    def take(self, message: Message) -> None:
        """Take in a message; one that is older than what is known already changes little or nothing."""
        match message:
            case Odometry():
                self.odometry.add(message)
            case Localization():
                if self.localization is None or message.stamp >= self.localization.stamp:
                    self.localization = message
            case ScreenFeedback():
                if self._screen is None or message.stamp >= self._screen.stamp:
                    self._screen = message
            case Scan():
                self._take_scan(message)
            case Detections():
                pose = self.odometry.pose_at(message.stamp)
                if pose is not None:
                    self._tracks = self._tracker.update(message, pose)

    def _take_scan(self, scan: Scan) -> None:
        """The near map takes a scan at once; the local map when the perception pipeline has worked on it."""
        pose = self.odometry.pose_at(scan.stamp)
        if pose is None or self.localization is None or scan.stamp < self._near_layer.stamp:
            return
        at = self.localization.map_from_odom @ pose
        scan = without_itself(scan, self.robot.shape)
        self._near_layer.stand(self.robot.shape, at)  # before what the scan says, which is newer
        self._near_layer.add(scan, at, np.zeros((0, 3)))
        self._movers.add(scan, pose)
        latency = self.robot.latency
        start, seconds = scan.stamp + latency.scan, latency.perception - latency.scan
        self._scans.append(self._executor.submit("perception", lambda: (scan, at), start, seconds))

    def collect(self, now: float, latencies: LatencyMonitor) -> None:
        """Work the scans that have come out of the pipeline into the local map; note how long they took."""
        while self._scans and self._scans[0].done(now):
            scan, at = self._scans.popleft().result()
            self._layer.stand(self.robot.shape, at)
            self._layer.add(scan, at, self._bodies(scan.stamp))
            self._layer.forget(self._bodies(scan.stamp, walking=True))
            latencies.add("perception", now - scan.stamp)

    def _bodies(self, stamp: float, walking: bool = False) -> Floats:
        """(P, 3) x, y, radius in ``map`` of what a scan may have hit of the tracked people.

        With ``walking``, of those who were just detected and walk: they have left where they were hit before.
        """
        assert self.localization is not None
        moving = [track for track in self._tracks if self._kinds[track.kind].moves]
        if walking:
            moving = [t for t in moving if stamp - t.sensed < FRESH and float(np.hypot(*t.velocity)) > WALKING]
        out = np.empty((len(moving), 3))
        for i, track in enumerate(moving):
            moved = walk(track, np.array([max(stamp - self._tracker.stamp, 0.0)]))[0]
            out[i, :2] = self.localization.map_from_odom.transform(moved)[0]
            out[i, 2] = track.radius + AROUND
        return out

    # -- what is believed -------------------------------------------------------------------------------------------

    @property
    def known(self) -> tuple[Odometry, Pose]:
        """The newest odometry and ``map_from_odom``; to be asked for when it ``is_located``."""
        newest = self.odometry.newest
        assert newest is not None and self.localization is not None
        return newest, self.localization.map_from_odom

    def belief_at(self, now: float, base: Base, forwarding: Forwarding, guidance: Guidance | None) -> Belief:
        """Everything known, brought to ``now``; to be asked for when :meth:`is_ready`.

        Args:
            now: s.
            base: what was commanded since odometry was measured, and what the base makes of it.
            forwarding: what is brought to ``now``; the rest is as it was sensed.
            guidance: the way, handed on as it is.
        """
        newest, map_from_odom = self.known
        plant, state = base.plant, base.state
        covariance = np.diag([0.0, 0.0, 0.0, plant.v_std**2, plant.omega_std**2])
        robot = RobotState(newest.pose, newest.v, newest.omega, state.a, state.alpha, covariance)
        if forwarding.robot:
            robot = base.moved(robot, newest.stamp, now, plant)
        since = now - self._tracker.stamp
        known = (t for t in self._tracks if now - t.sensed < self._tracker.memory(t.kind))
        tracks = tuple(later(t, since) if forwarding.people else t for t in known)
        screen = ScreenState(0.0, 0.0) if self._screen is None else ScreenState(self._screen.pan, self._screen.rate)
        local = self._local
        if local is None:  # the first one: a plan gets its own, around where it begins
            local = self.local_map(map_from_odom @ newest.pose, now)
        return Belief(now, robot, screen, tracks, local, map_from_odom, guidance)

    def local_map(self, at: Pose, now: float) -> LocalMap:
        """The 6x6 m window around a place in ``map``."""
        self._local = local_map(self._static, self._layer, at, now, self._discomfort)
        return self._local

    def near_map(self, now: float, acts: float) -> NearMap:
        """The 2x2 m window around where odometry was measured last; what moves where it will be at ``acts``, s."""
        newest, place = self.known
        moving = self._movers.at(acts, place)
        return near_map(self._static, self._near_layer, place @ newest.pose, now, moving)


def without_itself(scan: Scan, shape: Footprint) -> Scan:
    """The scan without what it saw inside the robot's outline, where nothing else can be."""
    mount = scan.mount
    near = np.flatnonzero(scan.ranges < shape.circumscribed_radius + math.hypot(mount.x, mount.y))
    if len(near) == 0:
        return scan
    angles, ranges = scan.angles[near], scan.ranges[near, None]
    points = mount.transform(ranges * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    inside = near[shape.signed_distance(points) < 0.0]
    if len(inside) in (0, len(scan.ranges)):  # a lidar that sees nothing else is broken: let the guard stop
        return scan
    kept = scan.ranges.copy()
    kept[inside] = np.nan
    return replace(scan, ranges=kept)
