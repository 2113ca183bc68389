"""Compiled loops of perception."""
