"""LiveNavigator: drives a live session. It can be switched while it drives, and shows what it has in mind."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np

from pavane.baselines.objectives import Tuning, maker
from pavane.core.arrays import Floats
from pavane.core.belief import NearMap, ScreenState
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import Latencies, RobotProfile, Screen
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.motion.model import Bounds
from pavane.navigator import Navigator, NavigatorConfig, Strategies
from pavane.planning.reactive import Proposal, Verdict, guard
from pavane.planning.reactive.safety_filter import by_what_moves
from pavane.planning.screen import plan_gaze
from pavane.prediction import Forwarding
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


class LiveNavigator:
    """A navigator in lock-step, and the switches that change it while it drives.

    Args:
        robot: its profile; the settings' latency takes the place of its own.
        home: the map.
        settings: see there.

    Attributes:
        navigator: drives.
        known: clearance of its map, m.
    """

    def __init__(self, robot: RobotProfile, home: OccupancyMap, settings: Settings) -> None:
        self._promised, self._settings = robot.latency, settings
        told = msgspec.structs.replace(robot, latency=latencies(robot.latency, settings.latency))
        config = NavigatorConfig(forwarding=_forwarding(settings))
        strategies = Strategies(maker(settings.objective, Tuning()), self._gaze, self._guard)
        self.navigator = Navigator(told, home, config=config, strategies=strategies, seed=settings.seed)
        self.known = clearance_grid(home)

    def switch(self, settings: Settings) -> None:
        """Go on with other settings from whatever the robot is doing."""
        before, self._settings = self._settings, settings
        navigator = self.navigator
        navigator.config = replace(navigator.config, forwarding=_forwarding(settings))
        if settings.latency != before.latency:  # nobody has to find out first what the base is like now
            navigator.expect(latencies(self._promised, settings.latency))
        if settings.objective != before.objective:
            make = maker(settings.objective, Tuning())
            navigator.planner = make(navigator.robot, navigator.config.planner, np.random.default_rng(settings.seed))

    def _gaze(self, plan: Plan, state: ScreenState, screen: Screen, person: Floats | None) -> ScreenPlan:
        if self._settings.gaze:
            return plan_gaze(plan, state, screen, person)
        ahead = np.zeros(2)
        return ScreenPlan(plan.start, 3.0, ahead, ahead, ahead)

    def _guard(self, near: NearMap, proposal: Proposal, robot: RobotProfile, bounds: Bounds) -> Verdict:
        return guard(near, proposal, robot, bounds) if self._settings.reflex else Verdict(proposal.wanted)

    # -- what it has in mind ----------------------------------------------------------------------------------------

    def alarm(self, near: NearMap, reason: str) -> Floats:
        """(A, 2) in ``map``, m: middles of the solid cells nearest to the path on which the robot would stop, or what
        moves if that is the guard's reason."""
        navigator, robot, plan = self.navigator, self.navigator.robot, self.navigator.plan
        if plan is None or not navigator.senses.is_located:
            return np.empty((0, 2))
        newest, map_from_odom = navigator.senses.known
        here = map_from_odom @ newest.pose
        v, omega, brakes = newest.v, newest.omega, -robot.limits.ax_min
        wanted = plan.commanded(navigator.inbox.now + navigator.delay)
        v, omega = (a if abs(a) > abs(b) else b for a, b in ((v, wanted[0]), (omega, wanted[1])))
        seconds = navigator.delay + abs(v) / brakes
        if by_what_moves(reason):
            cells = near.moving[:, :2]
        else:
            row, column = np.nonzero(near.solid)
            cells = near.origin.transform(near.resolution * (np.stack([column, row], axis=1) + 0.5).astype(np.float64))
        gaps = np.full(len(cells), np.inf)
        shape = robot.shape
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            place = here.advance(v, omega, share * seconds)
            close = np.hypot(cells[:, 0] - place.x, cells[:, 1] - place.y) < shape.circumscribed_radius + 0.1
            gaps[close] = np.minimum(gaps[close], shape.signed_distance(place.inverse().transform(cells[close])))
        nearest = np.argsort(gaps, kind="stable")[:ALARMS]
        nearest = nearest[np.isfinite(gaps[nearest])]
        return cells[nearest[gaps[nearest] < gaps[nearest[0]] + SKIN]] if len(nearest) else np.empty((0, 2))


def _forwarding(settings: Settings) -> Forwarding:
    return Forwarding(robot=settings.forwarding, people=settings.forwarding)
