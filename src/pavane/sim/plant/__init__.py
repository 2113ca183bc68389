"""The base and the screen as they really move.

Begin with ``plant``: commands reach the wheels after a dead time; ``base`` and ``mujoco`` make a motion of them.
"""

from pavane.sim.plant.base import Base, BaseMotion, FirstOrder, Twist
from pavane.sim.plant.config import PlantSettings
from pavane.sim.plant.plant import Plant

__all__ = ["Base", "BaseMotion", "FirstOrder", "Plant", "PlantSettings", "Twist"]
