"""The simulated world: it holds the truth, takes commands, and gives out messages when they would arrive.

It knows nothing of the planner. Everything repeats to the bit for the same home, robot, people, seed and commands.
"""

from __future__ import annotations

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
from pavane.sim.contact_monitor import ContactMonitor
from pavane.sim.contacts import Contact, RobotBody
from pavane.sim.faults import Failing, Kidnap
from pavane.sim.home import Add, Bodies, Toy, TrueHome
from pavane.sim.people import STEP, PersonSpec, Population, TrackReplay
from pavane.sim.plant import Plant
from pavane.sim.sensors import Mailbox, Scene, Sensors

_AS_PROMISED = WorldSettings()
TICK = 0.005  # s between the moments at which contacts are judged and sensors may sample
STRIDE = round(STEP / TICK)  # ticks per step of the people


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The state of robot and people, as it really is.

    Args:
        pose: map_from_base.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        pan: angle of the screen, rad.
        people: (N, 6) x, y, yaw, vx, vy, radius in ``map``; NaN for somebody who is not there.
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
        self.sightings: list[tuple[float, float, int]] = []
        self.home = TrueHome(
            home, changes=settings.changes, doors=settings.doors, hour=settings.hour, rng=streams[2]
        )  # fmt: skip
        places = [("its start", start)]
        places += [("where it is carried", fault.pose) for fault in settings.faults if isinstance(fault, Kidnap)]
        for where, pose in places:
            _require_free(self.home, robot, where, pose)
        self._plant = Plant(robot, settings.plant, start, streams[3])
        as_mapped = not settings.changes and not settings.doors  # then people's ways on the map are worked out once
        walked = home if as_mapped else self.home.snapshot(leaves=False)
        doors = self.home.doors if self.home.doors.count else None
        self._population = Population(walked, people, start, streams[0], replay=replay, doors=doors)
        self._sensors = Sensors(robot, settings, streams[1])
        self._failing = Failing(settings.faults, self._sensors, self._carry_to)
        self._losses = streams[4]
        self._monitor = ContactMonitor(self.home, self._plant, robot.shape)
        self._mail = Mailbox()
        self._ticks = 0
        self._driven = 0.0  # s up to which the plant is integrated
        self._failing.step(0.0)
        self._sense(0.0)

    @property
    def truth(self) -> Truth:
        """The state of everything now."""
        plant = self._plant
        return Truth(plant.pose, plant.v, plant.omega, plant.pan, self._population.states(self.time))

    @property
    def contacts(self) -> list[Contact]:
        """Every touch so far."""
        return self._monitor.contacts

    @property
    def clock(self) -> float:
        """The time that the robot's clock shows, s."""
        return self.time + self._failing.clock_offset

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the people, in the order of their rows."""
        return self._population.names

    def send(self, command: Command, *, delay: float = 0.0) -> None:
        """Give the robot a command; it moves the wheels after the dead time that starts ``delay`` s after its stamp.

        The stamp is of the robot's clock.
        """
        lost = self._failing.loss > 0.0 and self._losses.random() < self._failing.loss
        if not lost:
            shift = delay - self._failing.clock_offset
            self._plant.send(replace(command, stamp=command.stamp + shift) if shift != 0.0 else command)

    # -- interventions during the drive -----------------------------------------------------------------------------

    def lead(self, person: int, x: float, y: float) -> None:
        """Lead somebody by the hand to a place in ``map``: see :meth:`pavane.sim.people.Population.lead`."""
        self._population.lead(person, x, y)

    def let_go(self, person: int) -> None:
        """Let go of somebody who is led: they go on from where they are."""
        self._population.let_go(person)

    @property
    def led(self) -> Bools:
        """(N,) True for those who are led by the hand."""
        return self._population.led()

    def put_down(self, change: Add | Toy) -> bool:
        """Put something down now; False, and nothing happens, if somebody is there. People go round what stands.

        Raises:
            BadSetting: it lies outside of the map.
        """
        done = self.home.put_down(change, self.time, partial(self._bodies, self._monitor.robot))
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
        """Return the messages that have arrived by now and were not given out before, in the order they arrived."""
        arrived = self._mail.collect(self.time)
        for delivery in arrived:
            self.sightings += [(delivery.arrival, delivery.sensed, index) for index in delivery.seen]
        return [delivery.message for delivery in arrived]

    def _drive(self, until: float) -> None:
        """Integrate the plant, exactly from one command's effect to the next."""
        while self._driven < until - 1e-12:
            due = self._plant.obey(self._driven)
            end = min(due, until)
            self._step(end - self._driven)
            self._driven = end

    def _step(self, step: float) -> None:
        """Let the base and the screen move on by ``step`` s; the base stops before what is solid."""
        plant = self._plant
        plant.pan_by(step)
        grip = self._failing.grip * self.home.grip(plant.pose.x, plant.pose.y)
        motion = plant.propose(step, grip)
        if motion.pose == plant.pose:
            plant.accept(motion, step)
            return
        if self._monitor.stops(self._driven + step, motion):
            plant.stop()
            return
        plant.accept(motion, step)
        self._monitor.leave_wall()

    def _on_tick(self, tick: float) -> None:
        """Let everything happen that happens on the world's own ticks, at ``tick``, s."""
        self._failing.step(tick)
        body = self._monitor.robot
        self.home.step(tick, partial(self._bodies, body))
        moved = self._ticks % STRIDE == 0
        if moved:
            self._population.step(tick, body)
        if moved or self._monitor.people_near:  # while nobody is near, it is enough to ask when people have moved
            self._monitor.judge_people(tick, body, self._population.states(tick))
        self._sense(tick)

    def _bodies(self, body: RobotBody) -> Bodies:
        """Return robot and people, where they are now."""
        people = self._population.states()
        return Bodies(body, people[np.isfinite(people[:, 0])][:, [0, 1, 5]])

    def _sense(self, tick: float) -> None:
        """Let every sensor sample whose time has come."""
        for delivery in self._sensors.sense(tick, lambda: self._scene(tick)):
            self._mail.post(delivery)

    def _scene(self, stamp: float) -> Scene:
        """Return what there is to sense at ``stamp``, true time, s."""
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

    def _carry_to(self, pose: Pose) -> None:
        """Put the robot elsewhere, map_from_base; its odometry does not notice."""
        self._plant.carry_to(pose)
        self._monitor.people_near = True


def _require_free(home: TrueHome, robot: RobotProfile, where: str, pose: Pose) -> None:
    """Refuse a pose of the robot, map_from_base, at which it overlaps what stands.

    Args:
        home: what stands.
        robot: whose outline it is.
        where: what the pose is, for the error's text.
        pose: the pose.

    Raises:
        BadGoal: it overlaps.
    """
    if home.clearance(robot.shape, pose, 0.0) < 0.0:
        at = f"({pose.x:.2f}, {pose.y:.2f})"
        raise BadGoal(f"the robot does not fit {where}", value=at, remedy="Choose free ground.")
