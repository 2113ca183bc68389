"""Localization: where the odometry frame stands, from a base pose that is known up to noise, bias and jumps."""

from __future__ import annotations

import math

from numpy.random import Generator

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.messages import Localization
from pavane.sim.sensors.config import LocalizationSettings
from pavane.sim.sensors.odometry import OdometrySensor
from pavane.sim.sensors.scene import Reading, Scene


class LocalizationSensor:
    """Believes a pose of the base and gives map_from_odom by it, so it is right however the odometry drifts or jumps.

    The wandering bias b of each coordinate is an Ornstein-Uhlenbeck process, sampled exactly: after dt it is
    b e^(-dt/T) + s sqrt(1 - e^(-2 dt/T)) n with n ~ N(0, 1), and its distribution is N(0, s^2) at all times (Gillespie,
    "Exact numerical simulation of the Ornstein-Uhlenbeck process", Phys. Rev. E 54, 1996, eq. 2.9).

    Args:
        settings: noise, bias and jumps.
        odometry: whose frame is placed.
        rng: of all noise.
    """

    def __init__(self, settings: LocalizationSettings, odometry: OdometrySensor, rng: Generator) -> None:
        self._settings = settings
        self._odometry = odometry
        self._white, self._wandering, self._jumping = rng.spawn(3)
        self._bias: Floats = self._wandering.standard_normal(3)  # in standard deviations
        self._jump = (0.0, 0.0, 0.0)  # x, y, yaw by which it is wrong until then
        self._wrong_until = -math.inf
        self._stamp = -math.inf  # true time of the last reading

    def read(self, scene: Scene, stamp: float) -> Reading:
        """Return one message, stamped ``stamp``, s."""
        settings = self._settings
        passed = 0.0 if self._stamp == -math.inf else scene.stamp - self._stamp
        self._stamp = scene.stamp
        kept = math.exp(-passed / settings.wander_time)
        self._bias = kept * self._bias + math.sqrt(1.0 - kept**2) * self._wandering.standard_normal(3)
        self._perhaps_jump(scene.stamp, passed)
        noise, bias, jump = self._white.standard_normal(3), self._bias, self._jump
        true = scene.map_from_base
        believed = Pose(
            true.x + settings.std * float(noise[0]) + settings.wander_std * float(bias[0]) + jump[0],
            true.y + settings.std * float(noise[1]) + settings.wander_std * float(bias[1]) + jump[1],
            true.yaw + settings.yaw_std * float(noise[2]) + settings.wander_yaw_std * float(bias[2]) + jump[2],
        )
        return Reading(Localization(stamp, believed @ self._odometry.pose(scene).inverse()))

    def _perhaps_jump(self, time: float, passed: float) -> None:
        """Draw whether it is wrong from ``time`` on, ``passed`` s after the last draw."""
        settings = self._settings
        chance, direction, side = self._jumping.random(3)
        if time < self._wrong_until - 1e-9:
            return
        self._jump = (0.0, 0.0, 0.0)
        if chance < -math.expm1(-settings.jump_rate * passed):
            angle = 2.0 * math.pi * float(direction)
            yaw = math.copysign(settings.jump_yaw, float(side) - 0.5)
            self._jump = (settings.jump * math.cos(angle), settings.jump * math.sin(angle), yaw)
            self._wrong_until = time + settings.jump_time
