"""All sensors of one robot, each with its channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from numpy.random import Generator

from pavane.core.robot import Detector, RobotProfile
from pavane.sim.sensors.channel import Channel
from pavane.sim.sensors.config import DetectorSettings, SensorSettings
from pavane.sim.sensors.detector import DetectorSensor, on_screen
from pavane.sim.sensors.lidar import LidarSensor
from pavane.sim.sensors.localization import LocalizationSensor
from pavane.sim.sensors.odometry import OdometrySensor, ScreenSensor
from pavane.sim.sensors.scene import Delivery, Reading, Scene

Read = Callable[[Scene, float], Reading | None]


@dataclass(frozen=True, slots=True)
class _Line:
    """A sensor with its channel."""

    channel: Channel
    read: Read


class Sensors:
    """The sensors of one robot by name; each draws from streams of its own, whichever others there are.

    Names: ``odometry``, ``localization``, ``lidar``, ``detector`` (if the profile has one), ``screen`` (if it has one)
    and ``screen_detector`` (if the screen has one).

    Args:
        robot: what it carries, and the latencies, rates and noise that the settings leave open.
        settings: how they really are.
        rng: of all noise.

    Raises:
        BadSetting: settings contradict each other.
    """

    def __init__(self, robot: RobotProfile, settings: SensorSettings, rng: Generator) -> None:
        self._perception = robot.latency.perception
        wheels, places, rays, base, pan, top = rng.spawn(6)
        self.odometry = OdometrySensor(settings.odometry, wheels)
        self.detectors: dict[str, DetectorSensor] = {}
        self._lines: dict[str, _Line] = {}
        self._next = 0.0  # s, when the first of them samples again
        odometry, localization, lidar = settings.odometry, settings.localization, settings.lidar
        self._add("odometry", Channel(odometry, odometry.rate, odometry.latency, wheels), self.odometry.read)
        where = LocalizationSensor(localization, self.odometry, places)
        self._add("localization", Channel(localization, localization.rate, localization.latency, places), where.read)
        rate = robot.lidar.rate if lidar.rate is None else lidar.rate
        latency = robot.latency.scan if lidar.latency is None else lidar.latency
        self._add("lidar", Channel(lidar, rate, latency, rays), LidarSensor(robot.lidar, lidar, rays).read)
        if robot.detector is not None:
            eye = DetectorSensor(robot.detector, settings.detector, base)
            self._add_detector("detector", robot.detector, settings.detector, eye, base)
        if robot.screen is not None:
            screen = ScreenSensor(settings.screen, pan)
            self._add(
                "screen", Channel(settings.screen, settings.screen.rate, settings.screen.latency, pan), screen.read
            )
            if robot.screen.detector is not None:
                mount = on_screen(robot.screen.x, robot.screen.y, screen.pan_of_camera)
                eye = DetectorSensor(robot.screen.detector, settings.screen_detector, top, mount)
                self._add_detector("screen_detector", robot.screen.detector, settings.screen_detector, eye, top)

    @property
    def names(self) -> tuple[str, ...]:
        """The sensors that this robot has."""
        return tuple(self._lines)

    def channel(self, name: str) -> Channel | None:
        """Return the channel of a sensor, to make it fail; None if the robot has no such sensor."""
        line = self._lines.get(name)
        return None if line is None else line.channel

    def sense(self, time: float, scene: Callable[[], Scene]) -> list[Delivery]:
        """Read every sensor whose time has come.

        Args:
            time: true time, s.
            scene: gives what there is to see; called at most once.
        """
        now = time + 1e-9
        if now < self._next:
            return []
        view, deliveries = scene(), []
        for line in self._lines.values():
            if line.channel.next <= now:
                delivery = line.channel.sample(time, partial(line.read, view))
                if delivery is not None:
                    deliveries.append(delivery)
        self._next = min(line.channel.next for line in self._lines.values())
        return deliveries

    def _add(self, name: str, channel: Channel, read: Read) -> None:
        """Add a sensor."""
        self._lines[name] = _Line(channel, read)

    def _add_detector(
        self, name: str, detector: Detector, settings: DetectorSettings, eye: DetectorSensor, rng: Generator
    ) -> None:
        """Add a person detector.

        Args:
            name: of the sensor.
            detector: as the profile has it.
            settings: what is really so.
            eye: reads it.
            rng: of the channel's jitter and losses.
        """
        rate = detector.rate if settings.rate is None else settings.rate
        latency = self._perception if settings.latency is None else settings.latency
        self.detectors[name] = eye
        self._add(name, Channel(settings, rate, latency, rng), eye.read)
