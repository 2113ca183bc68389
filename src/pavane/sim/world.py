"""The simulated world: it holds the truth, takes commands, and gives out messages when they would arrive.

It knows nothing of the planner. Everything repeats to the bit for the same home, robot, people, seed and commands.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pavane.arrays import Bools, Floats
from pavane.errors import BadGoal, BadSetting
from pavane.geometry import Pose
from pavane.kernels.overlap import cell_clearance
from pavane.maps import OccupancyMap
from pavane.messages import Message, ScreenFeedback
from pavane.plan import Command
from pavane.robot import RobotProfile
from pavane.sim.config import WorldSettings
from pavane.sim.contacts import PARTED, Body, Contact, PersonContacts
from pavane.sim.people import PersonSpec
from pavane.sim.plant import Plant
from pavane.sim.population import STEP, Population
from pavane.sim.sensors import Sensors

_AS_PROMISED = WorldSettings()
TICK = 0.005  # s between the moments at which contacts are judged and sensors may sample
STRIDE = round(STEP / TICK)  # ticks per step of the people


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is really so.

    Args:
        pose: map_from_base.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        pan: angle of the screen, rad.
        people: (N, 6) x, y, yaw, vx, vy, radius in ``map``.
    """

    pose: Pose
    v: float
    omega: float
    pan: float
    people: Floats


@dataclass(slots=True)
class _Schedule:
    """One sensor: how often it samples, how late it reports, and how it is read."""

    period: float
    latency: float
    read: Callable[[float], Message]
    samples: int = 0

    def due(self, time: float) -> bool:
        return self.samples * self.period <= time + 1e-9


class World:
    """A home with one robot and the people in it.

    Args:
        home: the true home; free cells are where the robot can be.
        robot: its profile.
        start: map_from_base at time 0; the odometry frame starts here too.
        people: who else is there.
        seed: of all noise, and of all that people choose.
        settings: latencies, noise and plant where they differ from the profile.

    Raises:
        BadGoal: the robot's start, or a person's start or goal, is not on free ground.
        BadSetting: no room for everybody.
    """

    def __init__(
        self,
        home: OccupancyMap,
        robot: RobotProfile,
        start: Pose,
        people: Sequence[PersonSpec] = (),
        *,
        seed: int,
        settings: WorldSettings = _AS_PROMISED,
    ) -> None:
        streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
        self.time = 0.0
        self.contacts: list[Contact] = []
        self._robot, self._shape = robot, robot.shape
        self._reach = self._shape.circumscribed_radius
        self._solid: Bools = np.ascontiguousarray(home.solid)
        self._frame = (home.grid.resolution, home.grid.origin.x, home.grid.origin.y)
        if home.grid.origin.yaw != 0.0:
            raise BadSetting("the home's axes are turned", value=home.grid.origin.yaw, limit="origin yaw 0")
        if self._clearance(start, 0.0) < 0.0:
            raise BadGoal("the robot does not fit at its start", value=start, remedy="Start it on free ground.")
        self._plant = Plant(robot, settings, start)
        self._population = Population(home, people, start, streams[0])
        self._sensors = Sensors(home, robot, settings, streams[1:])
        self._person_contacts = PersonContacts()
        self._at_wall = False
        self._ticks = 0
        self._clock = 0.0  # of the plant: what is integrated so far
        self._schedules = self._plan_sensors(settings)
        self._mail: list[tuple[float, int, Message]] = []
        self._posted = 0
        self._sense(0.0)

    @property
    def truth(self) -> Truth:
        """The state of everything now."""
        plant = self._plant
        return Truth(plant.pose, plant.v, plant.omega, plant.pan, self._population.states())

    @property
    def clock(self) -> float:
        """What the robot's clock says now, s."""
        return self.time

    def send(self, command: Command, *, delay: float = 0.0) -> None:
        """Give the robot a command; it moves the wheels after the dead time that starts ``delay`` s after its stamp."""
        self._plant.send(replace(command, stamp=command.stamp + delay) if delay > 0.0 else command)

    def advance(self, until: float) -> None:
        """Let the truth run on to a time, s; people move and sensors sample on the world's own ticks."""
        while True:
            tick = (self._ticks + 1) * TICK
            if tick > until + 1e-9:
                break
            self._drive(tick)
            self._ticks += 1
            self._on_tick(tick)
        self._drive(until)
        self.time = max(self.time, until)

    def receive(self) -> list[Message]:
        """The messages that have arrived by now and were not given out before, in the order they arrived."""
        arrived = []
        while self._mail and self._mail[0][0] <= self.time + 1e-9:
            arrived.append(heapq.heappop(self._mail)[2])
        return arrived

    def _drive(self, until: float) -> None:
        """Integrate the plant, exactly from one command's effect to the next."""
        while self._clock < until - 1e-12:
            due = self._plant.obey(self._clock)
            end = min(due, until)
            self._step(end - self._clock)
            self._clock = end

    def _step(self, step: float) -> None:
        plant = self._plant
        plant.pan_by(step)
        motion = plant.propose(step)
        if motion.pose == plant.pose or self._clearance(motion.pose, 0.0) >= 0.0:
            plant.accept(motion, step)
            if self._at_wall and self._clearance(plant.pose, PARTED) >= PARTED:
                self._at_wall = False
            return
        if not self._at_wall:
            self._at_wall = True
            speed = abs(motion.v)
            self.contacts.append(Contact(self._clock + step, "wall", -1, speed, speed, True))
        plant.stop()

    def _on_tick(self, tick: float) -> None:
        body = Body(self._plant.pose, self._plant.v, self._plant.omega, self._shape, self._reach)
        if self._ticks % STRIDE == 0:
            self._population.step(tick, body)
        people = [(p.x, p.y, p.vx, p.vy, p.spec.radius) for p in self._population.persons]
        self.contacts += self._person_contacts.update(tick, body, people)
        self._sense(tick)

    def _sense(self, tick: float) -> None:
        for schedule in self._schedules:
            if schedule.due(tick):
                schedule.samples += 1
                self._posted += 1
                heapq.heappush(self._mail, (tick + schedule.latency, self._posted, schedule.read(tick)))

    def _plan_sensors(self, settings: WorldSettings) -> list[_Schedule]:
        robot, plant, sensors, latency = self._robot, self._plant, self._sensors, self._robot.latency
        scan = latency.scan if settings.scan_latency is None else settings.scan_latency
        perception = latency.perception if settings.perception_latency is None else settings.perception_latency

        def bodies() -> Floats:
            return np.ascontiguousarray(self._population.states()[:, [0, 1, 5]])

        schedules = [
            _Schedule(
                1.0 / settings.odometry_rate,
                settings.odometry_latency,
                lambda t: sensors.odometry(t, plant.odom, plant.v, plant.omega),
            ),
            _Schedule(
                1.0 / settings.localization_rate,
                settings.localization_latency,
                lambda t: sensors.localization(t, plant.pose, plant.odom),
            ),
            _Schedule(1.0 / robot.lidar.rate, scan, lambda t: sensors.scan(t, plant.pose, bodies())),
        ]
        if robot.detector is not None:
            period = 1.0 / robot.detector.rate
            schedules.append(_Schedule(period, perception, lambda t: sensors.detections(t, plant.pose, bodies())))
        if robot.screen is not None:
            schedules.append(
                _Schedule(
                    1.0 / settings.odometry_rate,
                    settings.odometry_latency,
                    lambda t: ScreenFeedback(t, plant.pan, plant.pan_rate),
                )
            )
        return schedules

    def _clearance(self, pose: Pose, reach: float) -> float:
        shape = self._shape
        return cell_clearance(shape.vertices, shape.radius, pose.x, pose.y, pose.yaw, self._solid, *self._frame, reach)
