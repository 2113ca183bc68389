"""The base and the screen as they really move.

Begin with ``plant``: commands reach the wheels after a dead time; ``base`` and ``mujoco`` make a motion of them.
"""

from pavane.sim.plant.base import BaseMotion, FirstOrder, SimulatedBase, Twist
from pavane.sim.plant.config import PlantSettings
from pavane.sim.plant.plant import Plant

__all__ = ["BaseMotion", "FirstOrder", "Plant", "PlantSettings", "SimulatedBase", "Twist"]
