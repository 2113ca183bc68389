"""A rival of the calibrated chance of touching somebody: cheap shapes that order candidates and mean no chance.

Survival decays by them, as it does by walls, and who is near is unpleasant because the shapes reach far: there is no
comfort beside them.
"""

from __future__ import annotations

from pavane.motion.model import HALF, ZERO, shape_bell, shape_exp
from pavane.numerics.jit import exact_kernel, inline, kernel
from pavane.numerics.lanes import F, absolute, chain, load, maximum, store, variable
from pavane.planning.local_planner.objective.arguments import take_apart
from pavane.planning.local_planner.objective.cost import (
    WIDTH,
    WIDTH_GRADIENT,
    approach,
    beside_person,
    harm_of,
    hazards,
    knots_cost,
    store_slopes,
)

NEAR, NEAR_PER_SPEED = 0.15, 0.15  # m of the shape that reaches far at rest when sensed, and more for each m/s
TOUCH = 0.04  # m, of the thin one


@inline
def shaped_rate(d, v, closing, reach, touch):
    """Rate of harm beside somebody, 1/s: one shape that reaches far, and a thin one that counts as touching them.

    Args:
        d: clearance, m.
        v: speed of the robot, m/s.
        closing: how fast both come nearer, m/s; 0 where they part.
        reach, touch: widths of the shapes by now, m: NEAR and TOUCH when they were sensed.
    """
    pace = absolute(v)
    near = (v * v + HALF * closing * closing) * (F(2.5 * NEAR) / reach)
    thin = (pace + closing + F(0.02)) * (F(TOUCH / 0.3) / touch)
    return near * shape_exp(d / (reach + F(NEAR_PER_SPEED) * pace)) + thin * shape_bell(d, touch)


@exact_kernel
def shaped_rates(what, out):
    """:func:`shaped_rate` (N,) of what it takes, (5, N)."""
    for i in range(len(out)):
        out[i] = shaped_rate(what[0, i], what[1, i], what[2, i], what[3, i], what[4, i])


@inline
def shaped_hazards(x, y, yaw, c, s, v, w, row, people, discs, body, g, k):
    """As ``evaluate.hazards`` with shapes beside ``people``.

    Columns 5, 6 and 8 of a row of them are the widths of both shapes, m, and what their rate is multiplied by.
    """
    still, moving, harm, harm_moving, d, speed = hazards(x, y, yaw, c, s, v, w, row, people[:, :0], discs, body, g, k)
    cos, sin = chain(yaw, c, -s), chain(yaw, s, c)
    for i in range(people.shape[1]):
        gap, beside = beside_person(x, y, cos, sin, people, row, i, body)
        nearing, _, own = approach(beside, cos, sin, v, people, row, i)
        closing = maximum(nearing, ZERO)
        rate = people[row, i, 8] * shaped_rate(gap, v, closing, people[row, i, 5], people[row, i, 6])
        still = still + rate
        harm = harm + rate * people[row, i, 11] * harm_of(v, closing, own, k)
    return still, moving, harm, harm_moving, d, speed


@kernel
def evaluate_shapes(decisions, figures, words, numbers, discs, people, discount, costs):
    """Costs (N,) of decisions (8, N), N >= 32, with shapes beside people: as ``evaluate``."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    count = decisions.shape[1]
    u = decisions
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        cost = knots_cost(
            shaped_hazards, load(u[0], i, WIDTH), load(u[1], i, WIDTH), load(u[2], i, WIDTH), load(u[3], i, WIDTH),
            load(u[4], i, WIDTH), load(u[5], i, WIDTH), load(u[6], i, WIDTH), load(u[7], i, WIDTH),
            start, b, k, g, goal, discs, body, people, discount,
        )  # fmt: skip
        store(costs, i, cost)


@kernel
def gradient_shapes(decisions, figures, words, numbers, discs, people, discount, costs, slopes):
    """Costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    start, b, k, g, goal, body = take_apart(figures, words, numbers)
    u = decisions
    for i in range(0, decisions.shape[1], WIDTH_GRADIENT):
        cost = knots_cost(
            shaped_hazards,
            variable(load(u[0], i, WIDTH_GRADIENT), 0, 8), variable(load(u[1], i, WIDTH_GRADIENT), 1, 8),
            variable(load(u[2], i, WIDTH_GRADIENT), 2, 8), variable(load(u[3], i, WIDTH_GRADIENT), 3, 8),
            variable(load(u[4], i, WIDTH_GRADIENT), 4, 8), variable(load(u[5], i, WIDTH_GRADIENT), 5, 8),
            variable(load(u[6], i, WIDTH_GRADIENT), 6, 8), variable(load(u[7], i, WIDTH_GRADIENT), 7, 8),
            start, b, k, g, goal, discs, body, people, discount,
        )  # fmt: skip
        store_slopes(cost, i, costs, slopes)
