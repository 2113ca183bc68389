"""From a belief at one stamp to the belief at a later one."""

from pavane.predict.fast_forward import fast_forward
from pavane.predict.motion import roll
from pavane.predict.people import Forecast, hypotheses, later, rooms_ahead, walk

__all__ = ["Forecast", "fast_forward", "hypotheses", "later", "roll", "rooms_ahead", "walk"]
