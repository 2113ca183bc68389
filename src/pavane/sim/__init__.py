"""The simulated world: it holds the truth and knows nothing of the planner."""

from pavane.sim.config import WorldSettings
from pavane.sim.contacts import Contact
from pavane.sim.people import PersonSpec, crowd
from pavane.sim.world import Truth, World

__all__ = ["Contact", "PersonSpec", "Truth", "World", "WorldSettings", "crowd"]
