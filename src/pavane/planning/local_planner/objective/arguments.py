"""What candidates are judged by: as the planner holds it, as a few bare arrays, and by name inside the kernels.

numba takes 12 microseconds to take named tuples of seventy figures apart at each call, as long as sixteen candidates
take; it takes one for arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba.np.unsafe.ndarray import to_fixed_tuple

from pavane.core.arrays import Floats32
from pavane.motion.model import Bounds
from pavane.numerics.jit import inline
from pavane.planning.local_planner.objective.fields import Fields
from pavane.planning.local_planner.objective.people import RoundedRectangle
from pavane.planning.local_planner.objective.progress import Goal
from pavane.planning.local_planner.objective.weights import Weights

Arguments = tuple[Floats32, Any, Any, Floats32, Floats32, Floats32]

LATTICE = tuple(name for name in Fields._fields if name not in ("clearance", "cost"))
START, BOUNDS, WEIGHTS, FIGURES = 7, len(Bounds._fields), len(Weights._fields), len(LATTICE)
GOAL, BODY = len(Goal._fields), len(RoundedRectangle._fields)
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
        discs: (D, 4) float32, see ``walls.clearances``.
        body: the outline as people meet it.
        people: (looks, P, PERSON_COLUMNS) float32, see ``people.PersonRow``.
        discount: (LOOKS + 1,) float32.
        arguments: all of it, as the kernels take it between decisions and costs.
    """

    start: Floats32
    bounds: Bounds
    weights: Weights
    fields: Fields
    goal: Goal
    discs: Floats32
    body: RoundedRectangle
    people: Floats32
    discount: Floats32
    arguments: Arguments


class Situation(NamedTuple):
    """A ``Context`` inside the kernels."""

    start: Any
    bounds: Any
    weights: Any
    fields: Any
    goal: Any
    discs: Any
    body: Any
    people: Any
    discount: Any


def gather(
    start: Floats32, bounds: Bounds, weights: Weights, fields: Fields, goal: Goal, discs: Floats32,
    body: RoundedRectangle, people: Floats32, discount: Floats32,
) -> Context:  # fmt: skip
    """Return a context with its arguments; see there."""
    lattice = [getattr(fields, name) for name in LATTICE]
    figures = np.array([*start, *bounds, *weights, *lattice, *goal, *body], np.float32)
    arguments = (figures, fields.clearance, fields.cost, discs, people, discount)
    return Context(start, bounds, weights, fields, goal, discs, body, people, discount, arguments)


@inline
def take_apart(figures, words, numbers, discs, people, discount):
    """Return the situation that the arguments of :func:`gather` hold."""
    start = to_fixed_tuple(figures[:START], START)
    bounds = Bounds(*to_fixed_tuple(figures[START:B], BOUNDS))
    weights = Weights(*to_fixed_tuple(figures[B:W], WEIGHTS))
    clearance_scale, cost_scale, columns, rows, x, y, per_metre = to_fixed_tuple(figures[W:L], FIGURES)
    fields = Fields(words, clearance_scale, numbers, cost_scale, columns, rows, x, y, per_metre)
    goal = Goal(*to_fixed_tuple(figures[L:G], GOAL))
    body = RoundedRectangle(*to_fixed_tuple(figures[G:END], BODY))
    return Situation(start, bounds, weights, fields, goal, discs, body, people, discount)
