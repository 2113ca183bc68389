"""The base and the screen as they really move."""

from pavane.sim.plant.base import Base, FirstOrder, Motion, Twist
from pavane.sim.plant.config import PlantSettings
from pavane.sim.plant.plant import Plant

__all__ = ["Base", "FirstOrder", "Motion", "Plant", "PlantSettings", "Twist"]
