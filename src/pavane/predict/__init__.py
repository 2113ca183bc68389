"""From a belief at one stamp to the belief at a later one, and what that takes: latencies and the base as it is."""

from pavane.predict.fast_forward import Forwarding, fast_forward
from pavane.predict.latency import LatencyMonitor, Lateness
from pavane.predict.motion import roll
from pavane.predict.people import Forecast, hypotheses, later, rooms_ahead, walk
from pavane.predict.plant import Finding, Plant, PlantIdentifier

__all__ = [
    "Finding",
    "Forecast",
    "Forwarding",
    "LatencyMonitor",
    "Lateness",
    "Plant",
    "PlantIdentifier",
    "fast_forward",
    "hypotheses",
    "later",
    "roll",
    "rooms_ahead",
    "walk",
]
