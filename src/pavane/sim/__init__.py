"""The simulated world: it holds the truth and knows nothing of the planner."""

from pavane.sim.config import WorldSettings
from pavane.sim.contacts import Contact
from pavane.sim.people import PersonSpec, crowd
from pavane.sim.plant import PlantSettings
from pavane.sim.sensors import (
    DetectorSettings,
    LidarSettings,
    LocalizationSettings,
    OdometrySettings,
    ScreenSettings,
)
from pavane.sim.world import Truth, World

__all__ = [
    "Contact",
    "DetectorSettings",
    "LidarSettings",
    "LocalizationSettings",
    "OdometrySettings",
    "PersonSpec",
    "PlantSettings",
    "ScreenSettings",
    "Truth",
    "World",
    "WorldSettings",
    "crowd",
]
