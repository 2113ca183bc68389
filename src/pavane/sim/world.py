"""The simulated world: it holds the truth, takes commands, and gives out messages when they would arrive.

It knows nothing of the planner. Everything repeats to the bit for the same home, robot, people, seed and commands.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.core.messages import Message
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.sim.config import WorldSettings
from pavane.sim.contacts import PARTED, Contact, ObjectContacts, PersonContacts, RobotBody, stopped_by_object
from pavane.sim.faults import Failing, Kidnap
from pavane.sim.home import Add, Bodies, Toy, TrueHome
from pavane.sim.people import STEP, PersonSpec, Population, TrackReplay
from pavane.sim.plant import BaseMotion, Plant
from pavane.sim.sensors import Delivery, Scene, Sensors

_AS_PROMISED = WorldSettings()
TICK = 0.005  # s between the moments at which contacts are judged and sensors may sample
STRIDE = round(STEP / TICK)  # ticks per step of the people
NEAR = 0.4  # m of air that nobody crosses between two steps of the people


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is really so.

    Args:
        pose: map_from_base.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        pan: angle of the screen, rad.
        people: (N, 6) x, y, yaw, vx, vy, radius in ``map``; NaN for who is not there.
    """

    pose: Pose
    v: float
    omega: float
    pan: float
    people: Floats


class World:
    """A home with one robot and the people in it.

    Args:
        home: the map that the robot has; what is different in truth stands in the settings.
        robot: its profile.
        start: map_from_base at time 0; the odometry frame starts here too.
        people: who else is there.
        seed: of all noise, and of all that people choose.
        settings: how the truth differs from what map and profile promise.
        replay: people besides, who walk as they were recorded.

    Attributes:
        time: true time, s.
        home: what is really there.
        contacts: every touch so far.
        sightings: (arrival, sensed, index) for each person whom a message that was received really shows, s.

    Raises:
        BadGoal: the robot's start, or a person's start or goal, is not on free ground.
        BadSetting: no room for everybody, or settings that name what is not there.
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
        replay: TrackReplay | None = None,
    ) -> None:
        streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
        self.time = 0.0
        self.contacts: list[Contact] = []
        self.sightings: list[tuple[float, float, int]] = []
        self._shape = robot.shape
        self._reach = self._shape.circumscribed_radius
        self.home = TrueHome(
            home, changes=settings.changes, doors=settings.doors, hour=settings.hour, rng=streams[2]
        )  # fmt: skip
        self._require_free("its start", start)
        for fault in settings.faults:
            if isinstance(fault, Kidnap):
                self._require_free("where it is carried", fault.pose)
        self._plant = Plant(robot, settings.plant, start, streams[3])
        as_mapped = not settings.changes and not settings.doors  # then people's ways on the map are worked out once
        walked = home if as_mapped else self.home.snapshot(leaves=False)
        doors = self.home.doors if self.home.doors.count else None
        self._population = Population(walked, people, start, streams[0], replay=replay, doors=doors)
        self._sensors = Sensors(robot, settings, streams[1])
        self._failing = Failing(settings.faults, self._sensors, self._carry_to)
        self._losses = streams[4]
        self._person_contacts, self._object_contacts = PersonContacts(), ObjectContacts()
        self._at_wall = False
        self._close = True
        self._ticks = 0
        self._driven = 0.0  # s up to which the plant is integrated
        self._mail: list[tuple[float, int, Delivery]] = []
        self._posted = 0
        self._failing.step(0.0)
        self._sense(0.0)

    @property
    def truth(self) -> Truth:
        """The state of everything now."""
        plant = self._plant
        return Truth(plant.pose, plant.v, plant.omega, plant.pan, self._population.states(self.time))

    @property
    def clock(self) -> float:
        """What the robot's clock says now, s."""
        return self.time + self._failing.clock_offset

    @property
    def names(self) -> tuple[str, ...]:
        """Of the people, in the order of their rows."""
        return self._population.names

    def send(self, command: Command, *, delay: float = 0.0) -> None:
        """Give the robot a command; it moves the wheels after the dead time that starts ``delay`` s after its stamp.

        The stamp is of the robot's clock.
        """
        lost = self._failing.loss > 0.0 and self._losses.random() < self._failing.loss
        if not lost:
            shift = delay - self._failing.clock_offset
            self._plant.send(replace(command, stamp=command.stamp + shift) if shift != 0.0 else command)

    # -- what somebody outside does during the drive ----------------------------------------------------------------

    def lead(self, person: int, x: float, y: float) -> None:
        """Lead somebody by the hand to a place in ``map``: see :meth:`pavane.sim.people.Population.lead`."""
        self._population.lead(person, x, y)

    def let_go(self, person: int) -> None:
        """Let go of who is led: they go on from where they are."""
        self._population.let_go(person)

    @property
    def led(self) -> Bools:
        """(N,) who is led by the hand."""
        return self._population.led()

    def put_down(self, change: Add | Toy) -> bool:
        """Put something down now; False, and nothing happens, if somebody is there. People go round what stands.

        Raises:
            BadSetting: it lies outside of the map.
        """
        body = RobotBody(self._plant.pose, self._plant.v, self._plant.omega, self._shape, self._reach)
        done = self.home.put_down(change, self.time, partial(self._bodies, body))
        if done and isinstance(change, Add):
            self._population.find_ways(self.home.snapshot(leaves=False))
        return done

    def delay_sensing(self, sensor: str, extra: float) -> None:
        """Let what a sensor senses from now on arrive ``extra`` s later than its settings say; faults do likewise.

        Nothing happens where the robot has no such sensor.
        """
        channel = self._sensors.channel(sensor)
        if channel is not None:
            channel.delay(extra)

    # -- time -------------------------------------------------------------------------------------------------------

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
            delivery = heapq.heappop(self._mail)[2]
            arrived.append(delivery.message)
            self.sightings += [(delivery.arrival, delivery.sensed, index) for index in delivery.seen]
        return arrived

    def _drive(self, until: float) -> None:
        """Integrate the plant, exactly from one command's effect to the next."""
        while self._driven < until - 1e-12:
            due = self._plant.obey(self._driven)
            end = min(due, until)
            self._step(end - self._driven)
            self._driven = end

    def _step(self, step: float) -> None:
        plant = self._plant
        plant.pan_by(step)
        grip = self._failing.grip * self.home.grip(plant.pose.x, plant.pose.y)
        motion = plant.propose(step, grip)
        if motion.pose == plant.pose:
            plant.accept(motion, step)
            return
        time = self._driven + step
        stopped = len(self.home.low) > 0 and self._meets_object(time, motion)
        if self._clearance(motion.pose, 0.0) < 0.0:
            stopped = True
            if not self._at_wall:
                self._at_wall = True
                speed = abs(motion.base.v)
                self.contacts.append(Contact(time, "wall", -1, speed, speed, True))
        if stopped:
            plant.stop()
            return
        plant.accept(motion, step)
        if self._at_wall and self._clearance(plant.pose, PARTED) >= PARTED:
            self._at_wall = False

    def _meets_object(self, time: float, motion: BaseMotion) -> bool:
        """Whether a low object stops the robot."""
        low = self.home.low
        there = RobotBody(motion.pose, *motion.base, self._shape, self._reach)
        self.contacts += self._object_contacts.update(time, there, low)
        here = RobotBody(self._plant.pose, 0.0, 0.0, self._shape, self._reach)
        return stopped_by_object(here, there, low)

    def _on_tick(self, tick: float) -> None:
        self._failing.step(tick)
        body = RobotBody(self._plant.pose, self._plant.v, self._plant.omega, self._shape, self._reach)
        self.home.step(tick, partial(self._bodies, body))
        moved = self._ticks % STRIDE == 0
        if moved:
            self._population.step(tick, body)
        if moved or self._close:
            self._judge_people(tick, body)
        self._sense(tick)

    def _judge_people(self, tick: float, body: RobotBody) -> None:
        """Who touches the robot now; while nobody is near, that is asked only when people have moved."""
        people = self._population.states(tick)
        away = np.hypot(people[:, 0] - body.pose.x, people[:, 1] - body.pose.y) - people[:, 5]
        self._close = bool((away < self._reach + NEAR).any())
        self.contacts += self._person_contacts.update(tick, body, people[:, [0, 1, 3, 4, 5]].tolist())

    def _bodies(self, body: RobotBody) -> Bodies:
        people = self._population.states()
        return Bodies(body, people[np.isfinite(people[:, 0])][:, [0, 1, 5]])

    def _sense(self, tick: float) -> None:
        for delivery in self._sensors.sense(tick, lambda: self._scene(tick)):
            self._posted += 1
            heapq.heappush(self._mail, (delivery.arrival, self._posted, delivery))

    def _scene(self, stamp: float) -> Scene:
        plant, population = self._plant, self._population
        return Scene(
            stamp=stamp,
            map_from_base=plant.pose,
            odom_from_base=plant.odom,
            v=plant.wheels.v,
            omega=plant.wheels.omega,
            pan=plant.pan,
            pan_rate=plant.pan_rate,
            people=population.states(stamp),
            detectable=population.detectable,
            home=self.home,
        )

    def _require_free(self, where: str, pose: Pose) -> None:
        if self._clearance(pose, 0.0) < 0.0:
            at = f"({pose.x:.2f}, {pose.y:.2f})"
            raise BadGoal(f"the robot does not fit {where}", value=at, remedy="Choose free ground.")

    def _clearance(self, pose: Pose, reach: float) -> float:
        return self.home.clearance(self._shape, pose, reach)

    def _carry_to(self, pose: Pose) -> None:
        self._plant.carry_to(pose)
        self._close = True
