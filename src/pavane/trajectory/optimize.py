"""Stages 2 and 3: projected quasi-Newton steps on many candidates at once, with exact gradients."""

from __future__ import annotations

import numpy as np

from pavane.arrays import Floats32
from pavane.kernels.evaluate import evaluate, gradient
from pavane.kernels.model import Body, Bounds, Fields, Goal, Weights
from pavane.kernels.search import FIRST_STEP, accept, propose

SHRINK = 0.35  # the step lengths of one line search are 1, 0.35, 0.12, 0.04 … of the full step

Context = tuple[Floats32, Bounds, Weights, Fields, Goal, Floats32, Body, Floats32, Floats32]


def refine(
    u: Floats32, low: Floats32, high: Floats32, context: Context, rounds: int, lengths: int
) -> tuple[Floats32, Floats32]:
    """Improve the columns of ``u`` (8, M) in place; costs (M,) and the best cost before each round and at the end.

    In every round all candidates get their exact gradients in one call, and ``lengths`` points along each one's
    direction are judged in another. What is best is kept, so costs never rise, and it may stop after any round.

    Args:
        u: decisions, M a multiple of 16.
        low, high: the box (8,).
        context: what the kernels evaluate and gradient take between decisions and costs.
        rounds: how often to look.
        lengths: points tried per candidate and round; M * lengths >= 32.
    """
    m = u.shape[1]
    scale = 0.5 * (high - low)
    costs, slopes = np.empty(m, np.float32), np.empty((8, m), np.float32)
    old_slopes, step = np.zeros((8, m)), np.zeros((8, m))
    memory = np.tile(np.eye(8) * FIRST_STEP, (m, 1, 1))
    moved = np.zeros(m, np.bool_)
    tried, values = np.empty((8, m * lengths), np.float32), np.empty(m * lengths, np.float32)
    best = np.empty(rounds + 1, np.float32)
    for turn in range(rounds):
        gradient(u, *context, costs, slopes)
        best[turn] = costs.min()
        propose(u, costs, slopes, memory, moved, old_slopes, step, low, high, scale, SHRINK, tried)
        evaluate(tried, *context, values)
        accept(u, costs, memory, moved, step, scale, tried, values)
    best[rounds] = costs.min()
    return costs, best
