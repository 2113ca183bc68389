"""Calibrated risk, readable and in float64: what the kernels' hazards are held against."""

from pavane.risk.people import contact_probability, entry_rate, survival

__all__ = ["contact_probability", "entry_rate", "survival"]
