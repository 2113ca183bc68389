"""Shapes: how a price falls with distance. Each goes on growing below zero, so that slopes lead out of what is hit."""

from __future__ import annotations

from pavane.numerics.jit import inline
from pavane.numerics.lanes import HALF, ONE, ZERO, F, exp, maximum, minimum, where_greater


@inline
def shape_exp(x):
    """Return e^-x for x >= 0 that goes on as 1 - x below."""
    return where_greater(x, ZERO, exp(-maximum(x, ZERO)), ONE - x)


@inline
def shape_bell(d, width):
    """Return about e^(-d^2 / 2 width^2), exactly 0 beyond 2.45 widths; below zero it goes on growing linearly."""
    q = maximum(d, ZERO) / width
    hump = maximum(ONE - F(1.0 / 6.0) * q * q, ZERO)
    return hump * hump * hump + maximum(-d, ZERO) / width


@inline
def bell_area(d, width):
    """Return the integral of :func:`shape_bell` from 0 to d, m."""
    q = minimum(maximum(d, ZERO) / width, F(6.0**0.5))
    square = q * q
    rising = q * (ONE + square * (F(-1.0 / 6.0) + square * (F(1.0 / 60.0) + square * F(-1.0 / 1512.0))))
    inside = minimum(d, ZERO)
    return width * rising + inside - inside * inside * (HALF / width)
