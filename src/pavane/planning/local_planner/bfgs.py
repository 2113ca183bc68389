"""Stages 2 and 3: projected quasi-Newton steps on many candidates at once, with exact gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pavane.core.arrays import Floats, Floats32, Ints
from pavane.planning.local_planner.kernels import FIRST_STEP, accept, propose
from pavane.planning.local_planner.objective.arguments import Context
from pavane.planning.local_planner.objective.cost import gradient

LENGTHS = 4  # points tried along each candidate's direction
SHRINK = 0.25  # they are 1, 1/4, 1/16 and 1/64 of the full step
UNCURVED = FIRST_STEP * np.eye(8)  # the inverse Hessian before anything is known


class Descent:
    """Candidates on their way down. One round is one call of the kernel: each trial brings its own slope.

    Costs never rise and each candidate stays in the box, so it may end after any round.

    Args:
        u: decisions (8, M), changed in place; M a multiple of 16.
        low, high: the box (8,).
        context: what they are judged by.
        judge: the kernel that gives costs and slopes.
    """

    def __init__(
        self, u: Floats32, low: Floats32, high: Floats32, context: Context, judge: Callable[..., None] = gradient
    ) -> None:
        m = u.shape[1]
        self.u = u
        self._judge = judge
        self.costs = np.empty(m, np.float32)
        self._low, self._high, self._scale, self._arguments = low, high, 0.5 * (high - low), context.arguments
        self._slopes, self._old, self._step = (
            np.empty((8, m), np.float32),
            np.zeros((8, m), np.float32),
            np.zeros((8, m)),
        )
        self._memory: Floats = np.empty((m, 8, 8))
        self._memory[:] = UNCURVED
        self._moved = np.zeros(m, np.bool_)
        judge(u, *context.arguments, self.costs, self._slopes)

    def narrow(self, columns: Ints) -> None:
        """Go on with these candidates alone, a multiple of 4 of them, with what is known of their curvature."""
        self.u, self.costs = np.ascontiguousarray(self.u[:, columns]), self.costs[columns]
        self._slopes = np.ascontiguousarray(self._slopes[:, columns])
        self._old = np.ascontiguousarray(self._old[:, columns])
        self._step = np.ascontiguousarray(self._step[:, columns])
        self._memory, self._moved = self._memory[columns], self._moved[columns]

    def round(self) -> int:
        """Try ``LENGTHS`` points along each candidate's direction and keep what is better; how many were weighed."""
        m: int = self.u.shape[1] * LENGTHS
        tried, values, slopes = np.empty((8, m), np.float32), np.empty(m, np.float32), np.empty((8, m), np.float32)
        propose(
            self.u, self._slopes, self._memory, self._moved, self._old, self._step,
            self._low, self._high, self._scale, SHRINK, tried,
        )  # fmt: skip
        self._judge(tried, *self._arguments, values, slopes)
        accept(
            self.u, self.costs, self._slopes, self._memory, self._moved, self._step, self._scale, tried, values, slopes
        )
        return m
