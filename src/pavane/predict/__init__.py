"""From a belief at one stamp to the belief at a later one."""

from pavane.predict.fast_forward import fast_forward
from pavane.predict.motion import roll
from pavane.predict.people import later, walk

__all__ = ["fast_forward", "later", "roll", "walk"]
