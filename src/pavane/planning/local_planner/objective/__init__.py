"""Uncertainty-adjusted progress: its terms, its cost, and a readable twin."""
