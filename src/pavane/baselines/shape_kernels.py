"""A rival of the calibrated chance of touching somebody: cheap shapes that order candidates and mean no chance.

Survival decays by them, as it does by walls, and who is near is unpleasant because the shapes reach far: there is no
comfort beside them.
"""

from __future__ import annotations

from pavane.motion.rollout import TurnedPose
from pavane.numerics.jit import exact_kernel, inline, kernel
from pavane.numerics.lanes import HALF, ZERO, F, absolute, chain, maximum, store
from pavane.planning.local_planner.objective.arguments import Situation, take_apart
from pavane.planning.local_planner.objective.cost import (
    WIDTH,
    WIDTH_GRADIENT,
    candidates,
    decision_cost,
    differentiated,
    store_slopes,
)
from pavane.planning.local_planner.objective.hazards import Hazards, hazards
from pavane.planning.local_planner.objective.people import PERSON, approach, beside_person, contact_harm
from pavane.planning.local_planner.objective.shapes import shape_bell, shape_exp

NEAR, NEAR_PER_SPEED = 0.15, 0.15  # m of the shape that reaches far at rest when sensed, and more for each m/s
TOUCH = 0.04  # m, of the thin one


@inline
def shaped_rate(d, v, closing, reach, touch):
    """Return the rate of harm beside somebody, 1/s: a shape that reaches far, and a thin one for touching them.

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
    """Fill in :func:`shaped_rate` (N,) of what it takes, (5, N)."""
    for i in range(len(out)):
        out[i] = shaped_rate(what[0, i], what[1, i], what[2, i], what[3, i], what[4, i])


@inline
def shaped_hazards(pose, v, w, look, situation):
    """Return what is met as ``hazards.hazards``, with shapes beside people.

    In their rows, precision and velocity_gain are the widths of both shapes, m, chance is what their rate is multiplied
    by.

    Args:
        pose: of the base.
        v, w: its speeds.
        look: number of the look.
        situation: all that is met.
    """
    s, people, weights, body = situation, situation.people, situation.weights, situation.body
    nobody = Situation(s.start, s.bounds, weights, s.fields, s.goal, s.discs, body, people[:, :0], s.discount)
    still, moving, harm, harm_moving, clearance, speed = hazards(pose, v, w, look, nobody)
    cos, sin = chain(pose.yaw, pose.cos, -pose.sin), chain(pose.yaw, pose.sin, pose.cos)
    for i in range(people.shape[1]):
        at = TurnedPose(pose.x, pose.y, ZERO, cos, sin)  # made here: made before, last bits of slopes differ
        gap, beside = beside_person(at, people, look, i, body)
        nearing, _, own = approach(beside, at, v, people, look, i)
        closing = maximum(nearing, ZERO)
        rate = people[look, i, PERSON.chance] * shaped_rate(
            gap, v, closing, people[look, i, PERSON.precision], people[look, i, PERSON.velocity_gain]
        )
        still = still + rate
        harm = harm + rate * people[look, i, PERSON.harm] * contact_harm(v, closing, own, weights)
    return Hazards(still, moving, harm, harm_moving, clearance, speed)


@kernel
def evaluate_shapes(decisions, figures, words, numbers, discs, people, discount, costs):
    """Fill in costs (N,) of decisions (8, N), N >= 32, with shapes beside people: as ``evaluate``."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    count = decisions.shape[1]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        store(costs, i, decision_cost(shaped_hazards, candidates(decisions, i), situation))


@kernel
def gradient_shapes(decisions, figures, words, numbers, discs, people, discount, costs, slopes):
    """Fill in costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    for i in range(0, decisions.shape[1], WIDTH_GRADIENT):
        store_slopes(decision_cost(shaped_hazards, differentiated(decisions, i), situation), i, costs, slopes)
