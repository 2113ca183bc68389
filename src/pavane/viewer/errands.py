"""Errands: where a live drive starts, and where it goes when nobody asks for anything."""

from __future__ import annotations

import numpy as np

from pavane.core.errors import BadMap
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.maps.ways import draw_chain
from pavane.planning.global_planner import RoutePlanner

DRAWN = 60  # poses in a home that names no places
DOCK = "dock"  # where robots start, in a home that has one


class Errands:
    """The places of a home in an order by the seed, again and again; poses in a home that names none.

    Args:
        home: the map.
        robot: that must be able to stand there, turned as they say.
        seed: of the order.

    Attributes:
        start: map_from_base at the start.

    Raises:
        BadMap: nowhere is there room for the robot.
    """

    def __init__(self, home: OccupancyMap, robot: RobotProfile, seed: int) -> None:
        planner = RoutePlanner(clearance_grid(home), robot)
        places = {name: pose for name, pose in home.places.items() if planner.can_stand(pose)}
        self._rng = np.random.default_rng([seed, 1])
        self._targets: list[str | Pose]
        if len(places) >= 2:
            name = DOCK if DOCK in places else sorted(places)[0]
            self.start = places[name]
            self._targets = [other for other in places if other != name]
        else:
            poses = [pose for pose in draw_chain(home, DRAWN, seed) if planner.can_stand(pose)]
            if len(poses) < 2:
                raise BadMap(
                    f"{home.name} has hardly any room for the robot", value=f"{len(poses)} poses", limit=">= 2"
                )
            self.start, self._targets = poses[0], list(poses[1:])
        self._order: list[str | Pose] = []

    def next(self) -> str | Pose:
        """Return the next place; all others come before it comes again."""
        if not self._order:
            self._order = [self._targets[i] for i in self._rng.permutation(len(self._targets))]
        return self._order.pop()
