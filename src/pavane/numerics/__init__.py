"""Compiled loops: the only home of numba. Everything here takes and gives plain arrays and numbers."""
