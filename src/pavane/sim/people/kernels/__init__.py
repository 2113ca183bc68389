"""Compiled loops of the crowd."""
