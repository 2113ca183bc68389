"""Effort: what acceleration, turning, jerk and driving in reverse cost."""

from __future__ import annotations

from pavane.numerics.jit import spliced
from pavane.numerics.lanes import ONE, ZERO, maximum


@spliced
def effort(before, after, weights, dt):
    """Return the effort of one step from some rates to those after it, m.

    It is (effort_a a^2 + effort_al alpha^2 + effort_w omega^2 + effort_reverse max(-v, 0)) dt
    + (effort_jerk (a - a0)^2 + effort_jerk_w (alpha - alpha0)^2) / dt.
    """
    v, w, a, al = after
    ja, jal = a - before.a, al - before.al
    cost = weights.effort_a * a * a + weights.effort_al * al * al + weights.effort_w * w * w
    cost = cost + weights.effort_reverse * maximum(-v, ZERO)
    return cost * dt + (weights.effort_jerk * ja * ja + weights.effort_jerk_w * jal * jal) * (ONE / dt)
