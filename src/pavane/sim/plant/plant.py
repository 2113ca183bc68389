"""Plant: commands that arrive after a dead time, the base that obeys them, its odometry, and the screen."""

from __future__ import annotations

import math
from bisect import insort

from numpy.random import Generator

from pavane.core.errors import BadMessage
from pavane.core.geometry import Pose
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile, Screen
from pavane.sim.plant.base import BaseMotion, FirstOrder, SimulatedBase, Twist
from pavane.sim.plant.config import PlantSettings


class Plant:
    """The base and the screen, driven by commands.

    No wheel turns faster than ``wheels.speed_max`` and no change is quicker than the emergency limits of the profile;
    MuJoCo's base, whose tyres give, may turn up quicker than those.

    Args:
        robot: whose limits hold.
        settings: what differs from the profile.
        pose: map_from_base at the start; ``odom`` starts here.
        rng: of the dead time's jitter and of the odometry's noise.

    Attributes:
        odom: odom_from_base as the encoders count it.
        pan: angle of the screen, rad.
        pan_rate: rad/s.

    Raises:
        BadSetting: an engine that is not installed.
    """

    def __init__(self, robot: RobotProfile, settings: PlantSettings, pose: Pose, rng: Generator) -> None:
        self._robot, self._settings = robot, settings
        self._dead_time = robot.latency.actuation if settings.dead_time is None else settings.dead_time
        self._jitter, self._noise = rng.spawn(2)
        self._noisy = settings.way_noise > 0.0 or settings.turn_noise > 0.0 or settings.drift_noise > 0.0
        self._queue: list[tuple[float, int, Command]] = []
        self._count, self._newest = 0, -math.inf
        self._wanted = Twist(0.0, 0.0)
        self._target_pan = 0.0
        self._base = make_base(robot, settings, pose)
        self.odom = Pose(0.0, 0.0, 0.0)
        self.pan = self.pan_rate = 0.0

    @property
    def pose(self) -> Pose:
        """map_from_base."""
        return self._base.pose

    @property
    def v(self) -> float:
        """True forward speed, m/s."""
        return self._base.motion.base.v

    @property
    def omega(self) -> float:
        """True yaw rate, rad/s."""
        return self._base.motion.base.omega

    @property
    def wheels(self) -> Twist:
        """Speed and yaw rate as the encoders have them."""
        return self._base.motion.wheels

    def send(self, command: Command) -> None:
        """Queue a command; it takes effect the dead time after its stamp.

        Raises:
            BadMessage: the command is not finite.
        """
        if not all(map(math.isfinite, (command.stamp, command.v, command.omega, command.pan))):
            raise BadMessage("command is not finite", value=command, limit="finite stamp, v, omega and pan")
        self._count += 1
        due = command.stamp + self._dead_time
        if self._settings.dead_time_jitter > 0.0:
            late = float(self._jitter.exponential(self._settings.dead_time_jitter))
            due = self._newest = max(due + late, self._newest)
        insort(self._queue, (due, self._count, command))

    def obey(self, time: float) -> float:
        """Take on every command whose dead time is over at ``time``, and return when the next one is due, s."""
        while self._queue and self._queue[0][0] <= time + 1e-12:
            command = self._queue.pop(0)[2]
            self._wanted = self._reachable(command)
            if self._robot.screen is not None:
                limit = self._robot.screen.pan_limit
                self._target_pan = min(max(command.pan, -limit), limit)
        return self._queue[0][0] if self._queue else math.inf

    def propose(self, step: float, grip: float = 1.0) -> BaseMotion:
        """Return where the base comes within ``step`` s if nothing is in its way.

        Args:
            step: s.
            grip: share of the wheels' motion that the base makes.
        """
        return self._base.propose(step, self._wanted, grip)

    def accept(self, motion: BaseMotion, step: float) -> None:
        """Make the step."""
        self._base.accept(motion)
        v, omega = motion.counted
        if v == 0.0 and omega == 0.0:
            return
        self.odom = self.odom.advance(v, omega, step)
        if self._noisy:
            self._blur(abs(v) * step, abs(omega) * step)

    def stop(self) -> None:
        """Stand still where the base is: something solid is in its way."""
        self._base.stop()

    def carry_to(self, pose: Pose) -> None:
        """Put the robot elsewhere; its odometry does not notice."""
        self._base.place(pose)

    def pan_by(self, step: float) -> None:
        """Turn the screen towards the angle asked for, as fast as its rate and acceleration let it."""
        screen = self._robot.screen
        if screen is not None and (self.pan_rate != 0.0 or self.pan != self._target_pan):
            self._turn_screen(screen, step)

    def _turn_screen(self, screen: Screen, step: float) -> None:
        """Turn the screen for ``step`` s."""
        error = self._target_pan - self.pan
        # the fastest rate from which the screen can still stop at its target, and does not pass it within this step
        rate = min(screen.rate_max, math.sqrt(2.0 * screen.acceleration_max * abs(error)), abs(error) / step)
        change = math.copysign(rate, error) - self.pan_rate
        most = screen.acceleration_max * step
        before = self.pan_rate
        self.pan_rate += min(max(change, -most), most)
        limit = screen.pan_limit
        self.pan = min(max(self.pan + 0.5 * (before + self.pan_rate) * step, -limit), limit)

    def _reachable(self, command: Command) -> Twist:
        """Return what the wheels do: slowed together until none is too fast, and at rest below the deadband."""
        settings, wheels = self._settings, self._robot.wheels
        v, omega = command.v * settings.speed_gain, command.omega * settings.turn_gain
        half = 0.5 * wheels.track_width
        rim = abs(v) + half * abs(omega)
        slow = min(1.0, wheels.speed_max / rim) if rim > 0.0 else 1.0
        v, omega = v * slow, omega * slow
        if settings.deadband > 0.0:
            left, right = (w if abs(w) >= settings.deadband else 0.0 for w in (v - half * omega, v + half * omega))
            v, omega = 0.5 * (left + right), 0.5 * (right - left) / half
        return Twist(v, omega)

    def _blur(self, way: float, turn: float) -> None:
        """Let the odometry be wrong by the noise of a way, m, and a turn, rad."""
        settings = self._settings
        along, across = self._noise.standard_normal(2)
        yaw = math.sqrt(settings.turn_noise**2 * turn + settings.drift_noise**2 * way)
        wrong = Pose(settings.way_noise * math.sqrt(way) * float(along), 0.0, yaw * float(across))
        self.odom = self.odom @ wrong


def make_base(robot: RobotProfile, settings: PlantSettings, pose: Pose) -> SimulatedBase:
    """Return the base of the engine that the settings name."""
    if settings.engine == "mujoco":
        from pavane.sim.plant.mujoco import MujocoBase

        return MujocoBase(robot, settings, pose)
    return FirstOrder(robot, settings, pose)
