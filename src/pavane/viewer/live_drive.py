"""LiveDrive: a simulated home and the robot's navigator in lock-step, as they were made from settings."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from pavane.core.arrays import Floats
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.drive import as_recorded
from pavane.drive_log import ContactRecord
from pavane.maps import OccupancyMap, load_map
from pavane.navigator import TICK, Navigator
from pavane.sim import DetectorSettings, LidarSettings, PlantSettings, World, WorldSettings, crowd
from pavane.sim.home import DoorSpec
from pavane.sim.home.leaf import SWING
from pavane.viewer.assignment import Assignment
from pavane.viewer.errands import Errands
from pavane.viewer.frame import Doorleaf, Frame, MapWindow, Movables, PeopleTruth, RobotTruth
from pavane.viewer.live_navigator import LiveNavigator
from pavane.viewer.planning_view import PlanningView
from pavane.viewer.settings import Settings
from pavane.viewer.timeline import Timeline

NAMES = (
    "Ada", "Ben", "Cleo", "Dan", "Ella", "Finn", "Gus", "Hana", "Ivo", "Jo", "Kim", "Leo", "Mia", "Nils", "Olga", "Pia",
    "Quinn", "Rosa", "Sam", "Tess",
)  # fmt: skip
WIDEST = 1.4  # m of an opening that a leaf hangs in; a wider one is an archway
SAMPLE = 5  # ticks between samples of the timeline, and between looks at the status of the task


class LiveDrive:
    """One drive from its beginning: world, navigator, and what they have come to.

    Args:
        settings: see there.

    Attributes:
        home: the map to draw: walls, furniture and rooms; the leaves of doors that move are in the frames.
        robot: its profile: outline, screen, camera; the settings' latency takes the place of its own in ``live``.
        world: the simulated home.
        live: the navigator, which can be switched.
        assignment: what the robot is doing.
        boxes: outlines (C, 2) in ``map`` of the boxes that were dropped, m.

    Raises:
        BadFile, BadMap, BadProfile, BadSetting: a home, robot or setting that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.home, self.robot = load_map(settings.home), RobotProfile.load(settings.robot)
        errands = Errands(self.home, self.robot, settings.seed)
        rng = np.random.default_rng([settings.seed, settings.people])
        people = [
            msgspec.structs.replace(spec, name=name, closes_doors=0.0)  # doors are for clicks
            for spec, name in zip(crowd(self.home, settings.people, rng, avoid=errands.start), NAMES, strict=False)
        ]
        doors = _doors_of(self.home)
        at_once = DetectorSettings(latency=0.0)  # how late all that is comes from the settings, while driving
        true = WorldSettings(
            doors=doors, plant=PlantSettings(dead_time=0.0), lidar=LidarSettings(latency=0.0), detector=at_once,
            screen_detector=at_once,
        )  # fmt: skip
        self.world = World(self.home, self.robot, errands.start, people, seed=settings.seed, settings=true)
        known = self.world.home.snapshot() if doors else self.home  # the robot's map shows the doors as they stand
        self.live = LiveNavigator(self.robot, known, settings)
        self.boxes: list[Floats] = []
        self._kinds = tuple(spec.kind for spec in people)
        self._ticks = self._guarded = 0
        self._command, self._due = Command(0.0, 0.0, 0.0), 0.0  # the newest, and when the wheels take it, s
        self._contacts: list[ContactRecord] = []
        self._leaves: dict[int, Doorleaf] = {}
        self._timeline, self._view = Timeline(), PlanningView(self.live.known)
        self.delay_sensing()
        self.assignment = Assignment(self.navigator, errands)

    @property
    def navigator(self) -> Navigator:
        """The navigator that drives."""
        return self.live.navigator

    def delay_sensing(self) -> None:
        """Let sensing be as late as the robot expects; the way to the wheels is added where commands are sent."""
        latency = self.navigator.robot.latency
        self.world.delay_sensing("lidar", latency.scan)
        for sensor in ("detector", "screen_detector"):
            self.world.delay_sensing(sensor, latency.perception)

    def tick(self) -> None:
        """Hand messages to the navigator and its command to the wheels, and let the world go on by 20 ms."""
        world, navigator = self.world, self.navigator
        for message in world.receive():
            navigator.observe(message)
        self._command = command = navigator.step(world.clock)
        self._due = max(self._due, command.stamp + navigator.robot.latency.actuation)  # commands do not overtake
        world.send(command, delay=self._due - command.stamp)
        self._guarded += bool(command.reason)
        self._view.update(navigator)
        if self._ticks % SAMPLE == 0:
            self.assignment.judge(world.time)
            self._timeline.add(world, navigator, self._guarded / SAMPLE, self._view.survival)
            self._guarded = 0
        self._ticks += 1
        world.advance(self._ticks * TICK)

    def frame(self) -> Frame:
        """Return what is to be seen now."""
        world, navigator, command = self.world, self.navigator, self._command
        truth, doors = world.truth, range(world.home.doors.count)
        self._contacts += map(as_recorded, world.contacts[len(self._contacts) :])
        return Frame(
            time=world.time,
            robot=RobotTruth(truth.pose.array(), truth.v, truth.omega, truth.pan),
            people=PeopleTruth(truth.people, world.names, self._kinds, world.led),
            fan=self._view.fan(navigator),
            goal=self._goal(),
            near=self._near(),
            status=navigator.status.value,
            doing=self.assignment.doing,
            reason=command.reason,
            emergency=command.emergency,
            contacts=tuple(self._contacts),
            goals=self.assignment.goals,
            movables=Movables(tuple(self._leaf(i) for i in doors), world.home.low[:, :3], tuple(self.boxes)),
            series=self._timeline.series(),
        )

    def _goal(self) -> Floats | None:
        """Return where the robot is to end (3,), in ``map``; None while there is no such place."""
        navigator = self.navigator
        if isinstance(navigator.task, GoTo):
            return navigator.goal_pose(navigator.task).array()
        return None if navigator.guidance is None else navigator.guidance.stand.array()

    def _near(self) -> MapWindow | None:
        """Return the guard's map with the cells that it reacts to; None before the first scan."""
        reaction, reason = self.navigator.reflex.reaction, self._command.reason
        if reaction is None:
            return None
        near = reaction.near
        alarm = self.live.alarm(near, reason) if reason else np.empty((0, 2))
        edge = near.resolution * len(near.solid)
        return MapWindow((near.origin.x, near.origin.y, edge), alarm, near.resolution)

    def _leaf(self, index: int) -> Doorleaf:
        """Return a door as it stands; made anew when it moves."""
        doors = self.world.home.doors
        openness, wanted = doors.openness(index), doors.wanted(index) > 0.5
        known = self._leaves.get(index)
        if known is None or known.openness != openness or known.wanted != wanted:
            corners = doors.corners(index)
            known = self._leaves[index] = Doorleaf(
                doors.names[index], 0.5 * (corners[0] + corners[3]), np.array(doors.middle(index)), corners,
                SWING * openness, openness, wanted,
            )  # fmt: skip
        return known


def _doors_of(home: OccupancyMap) -> tuple[DoorSpec, ...]:
    """Return a leaf for each door that the map names, archways left out."""
    widths = {door.name: math.dist(door.start, door.end) for door in home.doors}
    return tuple(DoorSpec(name=name) for name, width in widths.items() if width <= WIDEST)
