"""Episodes: a home, people, a start and a goal between which a way leads, drawn by a generator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Floats32
from pavane.core.errors import BadGoal, BadScenario, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap, load_map
from pavane.maps.clearance import clearance_grid
from pavane.numerics.window_marching import cost_to_go_within
from pavane.sim.gym.config import EnvSettings
from pavane.sim.people import PersonSpec, crowd
from pavane.sim.world import World

AIR = 0.03  # m between the robot and the walls at a drawn start or goal, and on the way between them
TRIES = 30  # of goals, for one that is far enough from somewhere
STARTS = 5  # tried, for one that leaves room for everybody
SEEDS = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """From where to where.

    Args:
        start: map_from_base at the start.
        goal: map_from_goal.
        way: metres to the goal from each cell, for a disc around the robot, people not counted; inf: no way.
    """

    start: Pose
    goal: Pose
    way: Grid[np.float32]

    def way_from(self, pose: Pose) -> float:
        """Return the length of the shortest way from a pose to the goal, m; inf where none leads."""
        return float(self.way.sample(np.array([[pose.x, pose.y]]), outside=math.inf)[0])


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """A fresh world and what to do in it."""

    home: OccupancyMap
    robot: RobotProfile
    trip: Trip
    world: World


class Episodes:
    """The homes, people and places that one environment draws its episodes from.

    Raises:
        PavaneError: a home, a profile or a scenario that cannot be used.
    """

    def __init__(self, settings: EnvSettings) -> None:
        self._settings = settings
        self._scenario = None
        if settings.scenario is not None:
            from pavane.sim.scenario import load_scenario  # of no use to other environments

            self._scenario = load_scenario(settings.scenario)
            self._homes = [self._scenario.make_home()]
            self.robot = self._scenario.make_profile()
        else:
            self._homes = [load_home(str(source)) for source in settings.homes]
            robot = settings.robot
            self.robot = robot if isinstance(robot, RobotProfile) else RobotProfile.load(robot)
        self._radius = self.robot.shape.circumscribed_radius + AIR

    def draw(self, rng: Generator) -> Episode:
        """Draw the next episode.

        Raises:
            BadGoal: in truth something stands wherever a start was drawn.
            BadSetting: no room for so many people, or for start and goal so far apart.
        """
        home = self._homes[int(rng.integers(len(self._homes)))]
        if self._scenario is not None:
            return self._staged(home, int(rng.integers(SEEDS)))
        for _ in range(STARTS - 1):
            try:
                return self._drawn(home, rng)
            except (BadGoal, BadSetting):  # from here everybody else is too near, or something stands there in truth
                continue
        return self._drawn(home, rng)

    def _drawn(self, home: OccupancyMap, rng: Generator) -> Episode:
        """Return an episode of drawn people, start and goal."""
        settings = self._settings
        trip = draw_trip(home, self._radius, settings.apart, rng)
        people = _people(home, settings, trip.start, rng)
        seed = int(rng.integers(SEEDS))
        world = World(home, self.robot, trip.start, people, seed=seed, settings=settings.world)
        return Episode(home, self.robot, trip, world)

    def _staged(self, home: OccupancyMap, seed: int) -> Episode:
        """Return an episode of the scenario."""
        from pavane.sim.scenario import pose_of

        assert self._scenario is not None
        goal = next((task.go_to for task in self._scenario.tasks if task.go_to is not None), None)
        if goal is None:
            raise BadScenario("the scenario has no goal to go to", value=self._scenario.name, limit="a task go_to")
        world = self._scenario.make_world(home, self.robot, seed)
        place = pose_of(goal, home)
        # where a scenario starts or ends may be tighter than a disc around the robot: its narrower half decides
        way = way_to(home, self.robot.shape.inscribed_radius, place)
        return Episode(home, self.robot, Trip(world.truth.pose, place, way), world)


@lru_cache(maxsize=16)
def load_home(source: str) -> OccupancyMap:
    """Load a stock home by its name, or a map by its file; read once for all environments of a process."""
    path = Path(source)
    return load_map(path if path.suffix else source)


def draw_trip(home: OccupancyMap, radius: float, apart: float, rng: Generator) -> Trip:
    """Draw a start and a goal with a way of at least ``apart`` m between them.

    Args:
        home: where.
        radius: of the disc that stands and moves there, m.
        apart: least length of the way, m.
        rng: draws.

    Raises:
        BadSetting: there are none.
    """
    clearance = _clearance(home)
    cells = np.argwhere(clearance.data >= radius)
    for _ in range(TRIES if len(cells) else 0):
        row, column = cells[int(rng.integers(len(cells)))]
        goal = clearance.centres(np.array([[column, row]]))[0]
        place = Pose(float(goal[0]), float(goal[1]), float(rng.uniform(-math.pi, math.pi)))
        way = way_to(home, radius, place)
        starts = np.argwhere(np.isfinite(way.data) & (way.data >= apart) & (clearance.data >= radius))
        if len(starts):
            r, c = starts[int(rng.integers(len(starts)))]
            x, y = clearance.centres(np.array([[c, r]]))[0]
            return Trip(Pose(float(x), float(y), float(rng.uniform(-math.pi, math.pi))), place, way)
    raise BadSetting(
        f"{home.name} has no start and goal so far apart", value=f"apart {apart:g} m, radius {radius:.2f} m",
        remedy="Give a smaller apart, or a larger home.",
    )  # fmt: skip


def way_to(home: OccupancyMap, radius: float, goal: Pose) -> Grid[np.float32]:
    """Return the metres to a goal from each cell for a disc.

    They are carried a few cells further, to where only an oblong robot fits.

    Args:
        home: where.
        radius: of the disc, m.
        goal: map_from_goal.
    """
    clearance = _clearance(home)
    free: Floats32 = (clearance.data >= radius).astype(np.float32)
    column, row = clearance.cell(goal.x, goal.y)
    nowhere = np.full(free.shape, np.inf, np.float32)
    way = cost_to_go_within(free, nowhere, (row, column), clearance.resolution)
    return Grid(way, clearance.resolution, clearance.origin, clearance.frame)


def _people(home: OccupancyMap, settings: EnvSettings, start: Pose, rng: Generator) -> list[PersonSpec]:
    """Draw the people who walk about: those who make room have paces of their own, the others their kind's.

    Args:
        home: where.
        settings: how many, and of which kinds.
        start: map_from_base of the robot, from which they keep away.
        rng: draws.
    """
    kinds = [settings.kinds[int(i)] for i in rng.integers(len(settings.kinds), size=settings.people)]
    present = crowd(home, settings.people, rng, avoid=start)
    return [
        spec if kind == "yielding" else PersonSpec(start=spec.start, kind=kind)
        for spec, kind in zip(present, kinds, strict=True)
    ]


@lru_cache(maxsize=16)
def _clearance(home: OccupancyMap) -> Grid[np.float32]:
    """Return the distance of each cell from walls, m, worked out once for each home."""
    return clearance_grid(home)
