"""Compiled loops of perception: scans on lattices, the filter of modes, what moves."""
