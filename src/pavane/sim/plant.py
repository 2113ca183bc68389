"""The base and the screen as they really move: dead time, first-order lag, and the limits of physics."""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass

from pavane.errors import BadMessage
from pavane.geometry import Pose
from pavane.plan import Command
from pavane.robot import RobotProfile
from pavane.sim.config import WorldSettings


@dataclass(frozen=True, slots=True)
class Motion:
    """A step that the base is about to make.

    Args:
        pose: map_from_base at its end.
        v: forward speed at its end, m/s.
        omega: yaw rate at its end, rad/s.
        mean_v: mean forward speed over the step, m/s.
        mean_omega: mean yaw rate over the step, rad/s.
    """

    pose: Pose
    v: float
    omega: float
    mean_v: float
    mean_omega: float


class Plant:
    """The base and the screen, driven by commands that arrive after a dead time.

    Speed and yaw rate follow the command as first-order lags. No wheel turns faster than ``wheels.speed_max`` and no
    change is quicker than the emergency limits of the profile: a command that keeps them is never distorted.

    Args:
        robot: whose limits hold.
        settings: what differs from the profile.
        pose: map_from_base at the start.
    """

    def __init__(self, robot: RobotProfile, settings: WorldSettings, pose: Pose) -> None:
        latency = robot.latency
        self._robot = robot
        self._settings = settings
        self._dead_time = latency.actuation if settings.actuation is None else settings.actuation
        self._lag = latency.actuation_lag if settings.actuation_lag is None else settings.actuation_lag
        self._queue: list[tuple[float, int, Command]] = []
        self._count = 0
        self._target_v = 0.0
        self._target_omega = 0.0
        self._target_pan = 0.0
        self.pose = pose
        self.odom = Pose(0.0, 0.0, 0.0)
        self.v = 0.0
        self.omega = 0.0
        self.pan = 0.0
        self.pan_rate = 0.0

    def send(self, command: Command) -> None:
        """Queue a command; it takes effect the dead time after its stamp.

        Raises:
            BadMessage: the command is not finite.
        """
        if not all(map(math.isfinite, (command.stamp, command.v, command.omega, command.pan))):
            raise BadMessage("command is not finite", value=command, limit="finite stamp, v, omega and pan")
        self._count += 1
        insort(self._queue, (command.stamp + self._dead_time, self._count, command))

    def obey(self, time: float) -> float:
        """Take on every command whose dead time is over at ``time``; gives when the next one is due, s."""
        while self._queue and self._queue[0][0] <= time + 1e-12:
            command = self._queue.pop(0)[2]
            self._target_v, self._target_omega = self._reachable(command)
            if self._robot.screen is not None:
                limit = self._robot.screen.pan_limit
                self._target_pan = min(max(command.pan, -limit), limit)
        return self._queue[0][0] if self._queue else math.inf

    def propose(self, step: float) -> Motion:
        """Where the base comes within ``step`` seconds if nothing is in its way."""
        emergency = self._robot.emergency
        v, mean_v = _follow(self.v, self._target_v, self._lag, -emergency.ax_min, step)
        omega, mean_omega = _follow(self.omega, self._target_omega, self._lag, emergency.az_max, step)
        return Motion(self.pose.advance(mean_v, mean_omega, step), v, omega, mean_v, mean_omega)

    def accept(self, motion: Motion, step: float) -> None:
        """Make the step."""
        self.pose, self.v, self.omega = motion.pose, motion.v, motion.omega
        scale, turn_scale = self._settings.odometry_scale, self._settings.odometry_turn_scale
        self.odom = self.odom.advance(motion.mean_v * scale, motion.mean_omega * turn_scale, step)

    def stop(self) -> None:
        """Stand still where the base is: something solid is in its way."""
        self.v = self.omega = 0.0

    def pan_by(self, step: float) -> None:
        """Turn the screen towards the angle asked for, as fast as its rate and acceleration let it."""
        screen = self._robot.screen
        if screen is None:
            return
        error = self._target_pan - self.pan
        # the fastest rate from which the screen can still stop at its target, and does not pass it within this step
        rate = min(screen.rate_max, math.sqrt(2.0 * screen.acceleration_max * abs(error)), abs(error) / step)
        change = math.copysign(rate, error) - self.pan_rate
        most = screen.acceleration_max * step
        before = self.pan_rate
        self.pan_rate += min(max(change, -most), most)
        limit = screen.pan_limit
        self.pan = min(max(self.pan + 0.5 * (before + self.pan_rate) * step, -limit), limit)

    def _reachable(self, command: Command) -> tuple[float, float]:
        """The command's speed and yaw rate, with gains, slowed together until no wheel is too fast."""
        v, omega = command.v * self._settings.speed_gain, command.omega * self._settings.turn_gain
        wheels = self._robot.wheels
        rim = abs(v) + 0.5 * wheels.track_width * abs(omega)
        slow = min(1.0, wheels.speed_max / rim) if rim > 0.0 else 1.0
        return v * slow, omega * slow


def _follow(now: float, target: float, lag: float, limit: float, step: float) -> tuple[float, float]:
    """Value after ``step`` s and mean over it, of a first-order response whose slope is limited."""
    decay = math.exp(-step / lag) if lag > 0.0 else 0.0
    after = target + (now - target) * decay
    if abs(after - now) > limit * step:
        after = now + math.copysign(limit * step, after - now)
        return after, 0.5 * (now + after)
    return after, target + (now - target) * (1.0 - decay) * lag / step
