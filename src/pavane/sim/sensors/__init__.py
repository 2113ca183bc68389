"""Sensors: measurements of the truth, as stamped messages that arrive in their own time.

Begin with ``suite``, which reads every sensor of a robot when its time has come; a ``channel`` makes messages late.
"""

from pavane.sim.sensors.channel import Channel
from pavane.sim.sensors.config import (
    ChannelSettings,
    DetectorSettings,
    Ghost,
    LidarSettings,
    LocalizationSettings,
    OdometrySettings,
    ScreenSettings,
    SensorSettings,
)
from pavane.sim.sensors.mailbox import Mailbox
from pavane.sim.sensors.scene import Delivery, Reading, Scene, StillHome, Surroundings
from pavane.sim.sensors.suite import Sensors

__all__ = [
    "Channel",
    "ChannelSettings",
    "Delivery",
    "DetectorSettings",
    "Ghost",
    "LidarSettings",
    "LocalizationSettings",
    "Mailbox",
    "OdometrySettings",
    "Reading",
    "Scene",
    "ScreenSettings",
    "SensorSettings",
    "Sensors",
    "StillHome",
    "Surroundings",
]
