"""Pilot: the navigator of a live drive. It can be switched while it drives, and shows what it has in mind."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from pavane.baselines.objectives import Tuning, maker
from pavane.core.arrays import Floats
from pavane.core.belief import Belief, NearMap, Track
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import Latencies, RobotProfile
from pavane.maps import OccupancyMap
from pavane.navigator.navigator import Navigator, NavigatorConfig
from pavane.planning.reactive import CommandState, Verdict
from pavane.planning.reactive.safety_filter import by_what_moves
from pavane.prediction import Forwarding, PlantIdentifier
from pavane.viewer.settings import Settings

ALARMS = 6  # cells that are shown of what the guard reacts to
SKIN = 0.02  # m: cells that are hardly farther from the stopping path than the nearest one belong to the same thing


def latencies(promised: Latencies, total: float) -> Latencies:
    """The profile's latencies, stretched so that sensing, planning and the way to the wheels come to a total, s.

    Each keeps its share. The lag of the base itself stays, so less than that cannot be reached.
    """
    usual = promised.perception + promised.planning + promised.actuation
    share = max(total - promised.actuation_lag, 0.0) / max(usual, 1e-9)
    return msgspec.structs.replace(
        promised, scan=share * promised.scan, perception=share * promised.perception,
        planning=share * promised.planning, actuation=share * promised.actuation,
    )  # fmt: skip


class Pilot(Navigator):
    """A navigator in lock-step whose settings are changed while it drives.

    Args:
        robot: its profile; the settings' latency takes the place of its own.
        home: the map.
        settings: see there.
    """

    def __init__(self, robot: RobotProfile, home: OccupancyMap, settings: Settings) -> None:
        self._profile, self._settings = robot, settings
        config = NavigatorConfig(forwarding=_forwarding(settings))
        planner = maker(settings.objective, Tuning())
        super().__init__(self._told(settings), home, config=config, planner=planner, seed=settings.seed)

    def switch(self, settings: Settings) -> None:
        """Go on with other settings from whatever the robot is doing."""
        before, self._settings = self._settings, settings
        self.robot = self._told(settings)
        self.config = replace(self.config, forwarding=_forwarding(settings))
        if settings.latency != before.latency:  # nobody has to find out first what the base is like now
            self._identifier = PlantIdentifier(self.robot.latency)
        if settings.objective != before.objective:
            planner = maker(settings.objective, Tuning())
            self._planner = planner(self.robot, self.config.planner, np.random.default_rng(settings.seed))

    def _told(self, settings: Settings) -> RobotProfile:
        return msgspec.structs.replace(self._profile, latency=latencies(self._profile.latency, settings.latency))

    def _gaze(self, plan: Plan, belief: Belief, person: Track | None) -> ScreenPlan | None:
        if self._settings.gaze or self.robot.screen is None:
            return super()._gaze(plan, belief, person)
        ahead = np.zeros(2)
        return ScreenPlan(plan.start, 3.0, ahead, ahead, ahead)

    def _checked(self, near: NearMap, at: Pose, wanted: CommandState, now: float) -> Verdict:
        return super()._checked(near, at, wanted, now) if self._settings.reflex else Verdict(wanted)

    # -- what it has in mind ----------------------------------------------------------------------------------------

    @property
    def known(self) -> Grid[np.float32]:
        """Clearance of its map, m."""
        return self._static

    def alarm(self, near: NearMap, reason: str) -> Floats:
        """(A, 2) in ``map``, m: middles of the solid cells nearest to the path on which the robot would stop, or what
        moves if that is the guard's reason."""
        newest = self._odometry.newest
        if newest is None or self._map_from_odom is None or self.plan is None:
            return np.empty((0, 2))
        here = self._map_from_odom.map_from_odom @ newest.pose
        v, omega, brakes = newest.v, newest.omega, -self.robot.limits.ax_min
        wanted = self.plan.commanded(self._now + self.delay)
        v, omega = (a if abs(a) > abs(b) else b for a, b in ((v, wanted[0]), (omega, wanted[1])))
        seconds = self.delay + abs(v) / brakes
        if by_what_moves(reason):
            cells = near.moving[:, :2]
        else:
            row, column = np.nonzero(near.solid)
            cells = near.origin.transform(near.resolution * (np.stack([column, row], axis=1) + 0.5).astype(np.float64))
        gaps = np.full(len(cells), np.inf)
        shape = self.robot.shape
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            place = here.advance(v, omega, share * seconds)
            close = np.hypot(cells[:, 0] - place.x, cells[:, 1] - place.y) < shape.circumscribed_radius + 0.1
            gaps[close] = np.minimum(gaps[close], shape.signed_distance(place.inverse().transform(cells[close])))
        nearest = np.argsort(gaps, kind="stable")[:ALARMS]
        nearest = nearest[np.isfinite(gaps[nearest])]
        return cells[nearest[gaps[nearest] < gaps[nearest[0]] + SKIN]] if len(nearest) else np.empty((0, 2))


def _forwarding(settings: Settings) -> Forwarding:
    return Forwarding(robot=settings.forwarding, people=settings.forwarding)
