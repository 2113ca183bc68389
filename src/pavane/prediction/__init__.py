"""From a belief at one stamp to the belief at a later one, and what that takes: latencies and the base as it is.

Begin with ``fast_forward``; ``robot_motion`` moves the robot on, ``forecast`` people; ``actuation`` and ``latency``
learn the base and the delays.
"""

from pavane.prediction.actuation import Finding, PlantIdentifier, PlantModel
from pavane.prediction.fast_forward import Forwarding, fast_forward
from pavane.prediction.forecast import Forecast, hypotheses, later, rooms_ahead, walk
from pavane.prediction.latency import LatencyMonitor, Lateness
from pavane.prediction.robot_motion import roll

__all__ = [
    "Finding",
    "Forecast",
    "Forwarding",
    "LatencyMonitor",
    "Lateness",
    "PlantIdentifier",
    "PlantModel",
    "fast_forward",
    "hypotheses",
    "later",
    "roll",
    "rooms_ahead",
    "walk",
]
