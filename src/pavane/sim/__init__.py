"""The simulated world: it holds the truth and knows nothing of the planner.

Begin with ``world``: one tick of it moves robot, doors and people, judges contacts and lets sensors sample. The rooms
``home``, ``people``, ``plant`` and ``sensors`` are its parts; ``scenario`` reads a test drive, ``faults`` break it.
"""

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
