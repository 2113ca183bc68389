"""The moving base: from wheel speeds that are asked for to a motion."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.sim.plant.config import PlantSettings


class Twist(NamedTuple):
    """Forward speed in m/s and yaw rate in rad/s."""

    v: float
    omega: float


class BaseMotion(NamedTuple):
    """A step that the base is about to make.

    Args:
        pose: map_from_base at its end.
        base: of the base at its end.
        wheels: the same as the wheels' encoders have it, with the nominal radii and track.
        counted: mean over the step of what the encoders have.
    """

    pose: Pose
    base: Twist
    wheels: Twist
    counted: Twist


class SimulatedBase(Protocol):
    """A base that is told what its wheels should do."""

    @property
    def pose(self) -> Pose:
        """map_from_base."""
        ...

    @property
    def motion(self) -> BaseMotion:
        """The step it made last."""
        ...

    def propose(self, step: float, wanted: Twist, grip: float) -> BaseMotion:
        """Return where the base comes if nothing is in its way.

        Args:
            step: time, s.
            wanted: speeds that its wheels should make.
            grip: share of their motion that the base makes.
        """
        ...

    def accept(self, motion: BaseMotion) -> None:
        """Make the step that was proposed last."""
        ...

    def stop(self) -> None:
        """Stand still instead: something solid is in the way."""
        ...

    def place(self, pose: Pose) -> None:
        """Put the base elsewhere, map_from_base, at rest."""
        ...


class FirstOrder:
    """Speed and yaw rate follow what is wanted as first-order lags, no quicker than the emergency limits.

    Args:
        robot: whose limits hold; a command that keeps them is never distorted.
        settings: what differs from its profile.
        pose: map_from_base at the start.
    """

    def __init__(self, robot: RobotProfile, settings: PlantSettings, pose: Pose) -> None:
        self._emergency, self._track = robot.emergency, robot.wheels.track_width
        self._lag = robot.latency.actuation_lag if settings.lag is None else settings.lag
        self._left, self._right = settings.left_scale, settings.right_scale
        self._true_track = settings.track_scale * self._track
        self.pose = pose
        self.motion = _still(pose)

    def propose(self, step: float, wanted: Twist, grip: float) -> BaseMotion:
        """See :class:`SimulatedBase`."""
        now, emergency = self.motion.wheels, self._emergency
        if now == wanted == (0.0, 0.0):
            return _still(self.pose)
        v, mean_v = _follow(now.v, wanted.v, self._lag, -emergency.ax_min, step)
        omega, mean_omega = _follow(now.omega, wanted.omega, self._lag, emergency.az_max, step)
        wheels, counted = Twist(v, omega), Twist(mean_v, mean_omega)
        made = self._made(counted, grip)
        return BaseMotion(self.pose.advance(made.v, made.omega, step), self._made(wheels, grip), wheels, counted)

    def accept(self, motion: BaseMotion) -> None:
        """See :class:`SimulatedBase`."""
        self.pose, self.motion = motion.pose, motion

    def stop(self) -> None:
        """See :class:`SimulatedBase`."""
        self.motion = _still(self.pose)

    def place(self, pose: Pose) -> None:
        """See :class:`SimulatedBase`."""
        self.pose, self.motion = pose, _still(pose)

    def _made(self, wheels: Twist, grip: float) -> Twist:
        """Return what the base makes of its wheels' motion with a ``grip`` of 0 to 1."""
        half = 0.5 * self._track * wheels.omega
        left, right = (wheels.v - half) * self._left, (wheels.v + half) * self._right
        return Twist(0.5 * grip * (left + right), grip * (right - left) / self._true_track)


def _still(pose: Pose) -> BaseMotion:
    """Return the step of a base that stands."""
    rest = Twist(0.0, 0.0)
    return BaseMotion(pose, rest, rest, rest)


def _follow(now: float, target: float, lag: float, limit: float, step: float) -> tuple[float, float]:
    """Return the value after a step, and the mean over it, of a first-order response whose slope is limited.

    Args:
        now: the value before.
        target: that it tends to.
        lag: time constant, s.
        limit: most change, 1/s.
        step: length of the step, s.
    """
    decay = math.exp(-step / lag) if lag > 0.0 else 0.0
    after = target + (now - target) * decay
    if abs(after - now) > limit * step:
        after = now + math.copysign(limit * step, after - now)
        return after, 0.5 * (now + after)
    return after, target + (now - target) * (1.0 - decay) * lag / step
