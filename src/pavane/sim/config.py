"""Settings of the simulated world: how the truth differs from map and profile."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pavane.sim.faults import Fault
from pavane.sim.home import Change, DoorSpec
from pavane.sim.plant import PlantSettings
from pavane.sim.sensors import SensorSettings


class WorldSettings(SensorSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The differences of the truth from map and profile: home, sensors, plant, and what goes wrong."""

    changes: tuple[Change, ...] = ()  # of the home, which the map does not know
    doors: tuple[DoorSpec, ...] = ()  # whose leaves move
    hour: Annotated[float, Meta(ge=0.0)] = 12.0  # of the day at time 0
    plant: PlantSettings = PlantSettings()
    faults: tuple[Fault, ...] = ()
