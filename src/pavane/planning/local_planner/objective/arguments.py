"""What candidates are judged by, as the kernels take it: a few bare arrays.

numba takes 12 microseconds to take named tuples of seventy figures apart at each call, as long as sixteen candidates
take; it takes one for arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.np.unsafe.ndarray import to_fixed_tuple

from pavane.core.arrays import Floats32
from pavane.motion.model import Body, Bounds, Fields, Goal, Weights
from pavane.numerics.jit import inline

Arguments = tuple[Floats32, Any, Any, Floats32, Floats32, Floats32]

LATTICE = tuple(name for name in Fields._fields if name not in ("clearance", "cost"))
START, BOUNDS, WEIGHTS, FIGURES, GOAL, BODY = 7, len(Bounds._fields), len(Weights._fields), len(LATTICE), 4, 5
B = START + BOUNDS  # where each group ends in the figures
W = B + WEIGHTS
L = W + FIGURES
G = L + GOAL
END = G + BODY


class Context(NamedTuple):
    """What candidates are judged by.

    Args:
        start: (7,) float32 x, y, yaw, v, omega, a, alpha at the effect time, in the window frame.
        bounds: limits of the base.
        weights: of the objective.
        fields: clearance and cost-to-go.
        goal: where to end.
        discs: (D, 4) float32, see ``cost.clearances``.
        body: the outline as people meet it.
        people: (looks, P, PERSON_COLUMNS) float32.
        discount: (LOOKS + 1,) float32.
        arguments: all of it, as the kernels take it between decisions and costs.
    """

    start: Floats32
    bounds: Bounds
    weights: Weights
    fields: Fields
    goal: Goal
    discs: Floats32
    body: Body
    people: Floats32
    discount: Floats32
    arguments: Arguments


def gather(
    start: Floats32, bounds: Bounds, weights: Weights, fields: Fields, goal: Goal, discs: Floats32, body: Body,
    people: Floats32, discount: Floats32,
) -> Context:  # fmt: skip
    """A context with its arguments."""
    lattice = [getattr(fields, name) for name in LATTICE]
    figures = np.array([*start, *bounds, *weights, *lattice, *goal, *body], np.float32)
    arguments = (figures, fields.clearance, fields.cost, discs, people, discount)
    return Context(start, bounds, weights, fields, goal, discs, body, people, discount, arguments)


@inline
def take_apart(figures, words, numbers):
    """Start, bounds, weights, fields, goal and body from the figures of :func:`gather`."""
    start = to_fixed_tuple(figures[:START], START)
    bounds = Bounds(*to_fixed_tuple(figures[START:B], BOUNDS))
    weights = Weights(*to_fixed_tuple(figures[B:W], WEIGHTS))
    clearance_scale, cost_scale, columns, rows, x, y, per_metre = to_fixed_tuple(figures[W:L], FIGURES)
    fields = Fields(words, clearance_scale, numbers, cost_scale, columns, rows, x, y, per_metre)
    return (
        start,
        bounds,
        weights,
        fields,
        Goal(*to_fixed_tuple(figures[L:G], GOAL)),
        Body(*to_fixed_tuple(figures[G:END], BODY)),
    )
