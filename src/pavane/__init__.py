"""Pavane: graceful, predictive motion planning for home robots."""
