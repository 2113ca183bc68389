"""The sum: the cost of a candidate over its motion, and the kernels that weigh many candidates side by side.

A candidate is a decision of 8 variables, see ``motion.rollout``.
"""

from __future__ import annotations

from pavane.motion.model import DT, SEGMENTS, Rates
from pavane.motion.rollout import TurnedPose, knots_at, move, references
from pavane.numerics.jit import inline, kernel, spliced
from pavane.numerics.lanes import (
    ONE,
    TWO,
    ZERO,
    F,
    cos,
    exp,
    load,
    primal,
    sin,
    store,
    tangent,
    variable,
)
from pavane.planning.local_planner.objective.arguments import take_apart
from pavane.planning.local_planner.objective.effort import effort
from pavane.planning.local_planner.objective.hazards import FAINT, STRIDE, hazards, survivor_factor
from pavane.planning.local_planner.objective.progress import end_penalties, to_go
from pavane.planning.local_planner.objective.stop import StopStart, final_stop
from pavane.planning.local_planner.objective.walls import touching

WIDTH = 32  # candidates side by side
WIDTH_GRADIENT = 16


@spliced
def start_of(start, zero):
    """Return pose and rates of a start (7,) of x, y, yaw, v, omega, a, alpha; ``zero`` is 0 of their kind."""
    yaw = zero + start[2]
    pose = TurnedPose(zero + start[0], zero + start[1], yaw, cos(primal(yaw)), sin(primal(yaw)))
    return pose, Rates(zero + start[3], zero + start[4], zero + start[5], zero + start[6])


@inline
def drive_step(target, pose, rates, bounds, weights, dt):
    """Advance by one step towards a target; return pose and rates after it, and the effort.

    Args:
        target: at the end of the step.
        pose, rates: at its beginning.
        bounds: limits of the base.
        weights: of the objective.
        dt: length of the step, s.
    """
    pose, after = move(target, pose, rates, bounds, dt)
    return pose, after, effort(rates, after, weights, dt)


@inline
def trajectory_cost(reference_at, hazards_of, plan, zero, situation):
    """Return the cost of one candidate in metres, lower is better: minus its uncertainty-adjusted progress.

        J =   sum_k D_k S_k-1 (Phi_k - Phi_k-1 + effort_k)                  way still to go and effort, if unharmed
            + sum_k D_k S_k-1 (1 - e^-Lambda_k) H_k / Lambda_k              harm, when it happens
            + D_T * harm of the final stop                                  see ``stop``
            + undiscounted_harm * sum_k D_k H_k                             so that hopeless cases are still ranked
            - D_T S_stop (survival_bonus - end penalties)                   what it is worth to be there, well placed

    over looks k, with survival S_k = S_k-1 e^-Lambda_k, Lambda_k and H_k the hazard and the harm of the way there.

    Args:
        reference_at: called with plan, step, segment and step within it, gives what the motion follows.
        hazards_of: what it is exposed to, as ``hazards``.
        plan: the first argument of ``reference_at``.
        zero: 0 of the candidates' kind.
        situation: all that they are judged by.
    """
    bounds, weights, discount, dt = situation.bounds, situation.weights, situation.discount, F(DT)
    fields, goal, half_look = situation.fields, situation.goal, F(0.5 * STRIDE * DT)
    pose, rates = start_of(situation.start, zero)
    survival, cost, undiscounted_harm, person_hazard = zero + ONE, zero, zero, zero
    phi = to_go(pose.x, pose.y, pose.yaw, fields, goal, weights)
    rate, moving, harm, harm_moving, clearance, speed = hazards_of(pose, rates.v, rates.w, 0, situation)
    rate, harm = rate + moving, harm + harm_moving
    row = 0
    for segment in range(4):
        looks = SEGMENTS[segment] // STRIDE
        for j in range(looks):
            target = reference_at(plan, STRIDE * row, segment, STRIDE * j)
            pose, rates, first = drive_step(target, pose, rates, bounds, weights, dt)
            target = reference_at(plan, STRIDE * row + 1, segment, STRIDE * j + 1)
            pose, rates, second = drive_step(target, pose, rates, bounds, weights, dt)
            now = discount[row]
            row = row + 1
            here = hazards_of(pose, rates.v, rates.w, row, situation)
            person_hazard = person_hazard + half_look * (moving + here.moving)
            factor = survivor_factor(person_hazard)
            rate_next, harm_next = here.rate + factor * here.moving, here.harm + factor * here.harm_moving
            phi_next = to_go(pose.x, pose.y, pose.yaw, fields, goal, weights)
            touch, touch_harm = touching(clearance, here.clearance, speed, here.speed, weights)
            cumulative_hazard = half_look * (rate + rate_next + TWO * touch)
            expected_harm = half_look * (harm + harm_next + TWO * touch_harm)
            e = exp(-cumulative_hazard)
            harmed = (ONE - e + FAINT) * expected_harm / (cumulative_hazard + FAINT)
            cost = cost + now * survival * (phi_next - phi + first + second + harmed)
            undiscounted_harm = undiscounted_harm + now * expected_harm
            survival = survival * e
            phi, rate, harm, moving = phi_next, rate_next, harm_next, here.moving
            clearance, speed = here.clearance, here.speed
    now = discount[row]
    stop = StopStart(rates.v, rates.w, clearance, speed, survival, person_hazard, now)
    survival, late = final_stop(hazards_of, pose, stop, situation, row + 1)
    turned_away, too_fast = end_penalties(pose, rates.v, phi, situation)
    end = weights.survival_bonus - turned_away - too_fast
    return cost + late + weights.undiscounted_harm * undiscounted_harm - now * survival * end


@inline
def decision_cost(hazards_of, u, situation):
    """Return the cost of a decision of 8 variables."""
    zero = ZERO * u[0] + ZERO * u[4] + ZERO * (u[1] + u[2] + u[3] + u[5] + u[6] + u[7])
    return trajectory_cost(knots_at, hazards_of, references(situation.start, u), zero, situation)


@spliced
def candidates(decisions, i):
    """Return the variables of WIDTH candidates from column i of decisions (8, N) on."""
    u = decisions
    return (
        load(u[0], i, WIDTH), load(u[1], i, WIDTH), load(u[2], i, WIDTH), load(u[3], i, WIDTH),
        load(u[4], i, WIDTH), load(u[5], i, WIDTH), load(u[6], i, WIDTH), load(u[7], i, WIDTH),
    )  # fmt: skip


@spliced
def differentiated(decisions, i):
    """Return the variables of WIDTH_GRADIENT candidates from column i on, each to be differentiated by."""
    u = decisions
    return (
        variable(load(u[0], i, WIDTH_GRADIENT), 0, 8), variable(load(u[1], i, WIDTH_GRADIENT), 1, 8),
        variable(load(u[2], i, WIDTH_GRADIENT), 2, 8), variable(load(u[3], i, WIDTH_GRADIENT), 3, 8),
        variable(load(u[4], i, WIDTH_GRADIENT), 4, 8), variable(load(u[5], i, WIDTH_GRADIENT), 5, 8),
        variable(load(u[6], i, WIDTH_GRADIENT), 6, 8), variable(load(u[7], i, WIDTH_GRADIENT), 7, 8),
    )  # fmt: skip


@inline
def store_slopes(cost, i, costs, slopes):
    """Store costs of candidates from i on, and their derivatives by each of the eight variables."""
    store(costs, i, primal(cost))
    store(slopes[0], i, tangent(cost, 0))
    store(slopes[1], i, tangent(cost, 1))
    store(slopes[2], i, tangent(cost, 2))
    store(slopes[3], i, tangent(cost, 3))
    store(slopes[4], i, tangent(cost, 4))
    store(slopes[5], i, tangent(cost, 5))
    store(slopes[6], i, tangent(cost, 6))
    store(slopes[7], i, tangent(cost, 7))


@kernel
def evaluate(decisions, figures, words, numbers, discs, people, discount, costs):
    """Fill in costs (N,) of decisions (8, N) float32, N >= 32; between them ``Context.arguments``."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    count = decisions.shape[1]
    for block in range(0, count, WIDTH):
        i = min(block, count - WIDTH)
        store(costs, i, decision_cost(hazards, candidates(decisions, i), situation))


@kernel
def gradient(decisions, figures, words, numbers, discs, people, discount, costs, slopes):
    """Fill in costs (N,) and their derivatives (8, N) by each decision; N a multiple of 16."""
    situation = take_apart(figures, words, numbers, discs, people, discount)
    for i in range(0, decisions.shape[1], WIDTH_GRADIENT):
        store_slopes(decision_cost(hazards, differentiated(decisions, i), situation), i, costs, slopes)
