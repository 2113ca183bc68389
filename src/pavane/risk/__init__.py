"""From who is believed to be where, and what is hidden, to the chance of touching them."""

from pavane.risk.occlusion import Hidden, blind_corners
from pavane.risk.people import ENTRIES, contact_probability, entry_rate, survival

__all__ = ["ENTRIES", "Hidden", "blind_corners", "contact_probability", "entry_rate", "survival"]
