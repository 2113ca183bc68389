"""The robot's own encoders: of the wheels, and of the screen."""

from __future__ import annotations

from numpy.random import Generator

from pavane.core.geometry import Pose
from pavane.core.messages import Odometry, ScreenFeedback
from pavane.sim.sensors.config import OdometrySettings, ScreenSettings
from pavane.sim.sensors.scene import Reading, Scene


class OdometrySensor:
    """The pose as the wheels integrate it, and the speeds with a little noise.

    Args:
        settings: noise.
        rng: of it.
    """

    def __init__(self, settings: OdometrySettings, rng: Generator) -> None:
        self._settings = settings
        self._rng = rng
        self._jumped: Pose | None = None  # new from old odometry frame
        self._pending: list[Pose] = []

    def jump(self, offset: Pose) -> None:
        """Let the pose jump before it is next read: as if the base had moved by ``offset``, in the base frame."""
        self._pending.append(offset)

    def pose(self, scene: Scene) -> Pose:
        """Return odom_from_base as it is published, jumps included."""
        for offset in self._pending:
            here = self._apply(scene.odom_from_base)
            self._jumped = here @ offset @ scene.odom_from_base.inverse()
        self._pending.clear()
        return self._apply(scene.odom_from_base)

    def _apply(self, pose: Pose) -> Pose:
        """Return a pose of the wheels' frame in the published one."""
        return pose if self._jumped is None else self._jumped @ pose

    def read(self, scene: Scene, stamp: float) -> Reading:
        """Return one message, stamped ``stamp``, s."""
        v = scene.v + self._settings.v_std * self._rng.standard_normal()
        omega = scene.omega + self._settings.omega_std * self._rng.standard_normal()
        return Reading(Odometry(stamp, self.pose(scene), v, omega))


class ScreenSensor:
    """Measured pan and rate of the screen.

    Args:
        settings: noise.
        rng: of it.
    """

    def __init__(self, settings: ScreenSettings, rng: Generator) -> None:
        self._settings = settings
        self._feedback, self._camera = rng.spawn(2)

    def read(self, scene: Scene, stamp: float) -> Reading:
        """Return one message, stamped ``stamp``, s."""
        settings = self._settings
        pan = scene.pan + settings.pan_offset + settings.pan_std * self._feedback.standard_normal()
        rate = scene.pan_rate + settings.rate_std * self._feedback.standard_normal()
        return Reading(ScreenFeedback(stamp, pan, rate))

    def pan_of_camera(self, scene: Scene) -> float:
        """Return the pan by which the camera's driver places what it sees, rad."""
        settings = self._settings
        noise = settings.pan_std * self._camera.standard_normal()
        return scene.pan - scene.pan_rate * settings.pan_lag + settings.pan_offset + noise
