"""Stage 1: where the search starts."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats, Floats32, Names
from pavane.core.plan import FRESH, Explorer, Plan
from pavane.motion.model import Bounds
from pavane.planning.local_planner.kernels import KNOTS, flow_seeds, postponed
from pavane.planning.local_planner.problem import PlanningProblem

ARRIVED = 0.12  # m of cost-to-go below which a unicycle turns to the heading that is asked for
FLOW_SPEEDS = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1)  # shares of vx_max
KNOT_TIMES = tuple(0.05 * k for k in KNOTS)
KINDS = np.array(["previous plan", "stop", "explorer", "downhill", "manoeuvre", "near the previous plan", "scattered"])

EXPLORER = 2  # column of the seeds


class Seeds:
    """Makes the candidates of stage 1; the scattered ones are drawn once.

    Args:
        bounds: limits of the base.
        spread: points over the whole space; half of them are the others' mirror images.
        nearby: points around the previous solution, likewise.
        rng: shifts the scattered ones.

    ``scattered`` (8, spread) are those over the whole space.
    """

    def __init__(self, bounds: Bounds, spread: int, nearby: int, rng: np.random.Generator) -> None:
        self.bounds = bounds
        low, high = box(bounds)
        span = (high - low)[:, None]
        cube = even((spread + nearby) // 2, rng)
        points, offsets = cube[:, : spread // 2], 2 * cube[:, spread // 2 :] - 1
        # yaw rates crowd around zero: most useful motion is nearly straight
        bent = np.concatenate([points[:4], 0.5 + 0.5 * np.sign(2 * points[4:] - 1) * np.abs(2 * points[4:] - 1) ** 1.7])
        self.scattered = with_mirror_images(low[:, None] + bent * span)
        shares = np.where(np.arange(nearby // 2) % 2 == 0, 0.25, 0.075)
        self._nearby = with_mirror_images(offsets * span * shares)
        self._fixed = fixed(bounds)
        speeds = np.array([f * float(bounds.v_high) for f in FLOW_SPEEDS])
        turn = float(bounds.w_high)
        self._flow_speeds = np.concatenate([speeds, speeds[::2]])
        counts = (1, 1, 1, len(self._flow_speeds), self._fixed.shape[1], self._nearby.shape[1], self.scattered.shape[1])
        self._kinds: Names = np.repeat(KINDS, counts)
        self._low, self._high = low[:, None], high[:, None]
        self._flow_turns = np.concatenate([np.full(len(speeds), 0.6 * turn), np.full(len(speeds[::2]), 0.95 * turn)])

    def make(self, problem: PlanningProblem, previous: Plan | None, effect_time: float) -> tuple[Floats32, Names]:
        """Decisions (8, N) float32 inside the box, and the kind of each (N,).

        Column 0 continues the previous plan, column 1 stops, EXPLORER goes on with the one of the cycle before.
        """
        flow = np.zeros((8, len(self._flow_speeds)), np.float32)
        fields, arrived = problem.fields, ARRIVED if problem.weights.goal_pose > 0.0 else 0.0
        flow_seeds(
            problem.flow, int(fields.columns), int(fields.rows), float(fields.origin_x), float(fields.origin_y),
            float(fields.per_metre), problem.start, self._flow_speeds, self._flow_turns, float(self.bounds.a_high),
            float(self.bounds.v_low), arrived, float(problem.goal.yaw), flow,
        )  # fmt: skip
        warm = np.zeros(8, np.float32) if previous is None else continued(previous, effect_time)
        stop = np.zeros((8, 1), np.float32)
        since = 0.0 if previous is None else effect_time - previous.start
        explored = later(explored_by(previous).decision, since)[:, None]
        parts = (warm[:, None], stop, explored, flow, self._fixed, warm[:, None] + self._nearby, self.scattered)
        seeds = np.concatenate(parts, axis=1, dtype=np.float32)
        np.minimum(np.maximum(seeds, self._low, out=seeds), self._high, out=seeds)
        return seeds, self._kinds


def even(count: int, rng: np.random.Generator) -> Floats:
    """Points (8, count) that fill a unit cube evenly, however many are taken, from a random one on.

    A Kronecker sequence of the powers of phi, phi ** 9 = phi + 1 (Roberts, "The Unreasonable Effectiveness of
    Quasirandom Sequences", 2018). scipy has Sobol's, but takes a third of a second to be imported, of each start.
    """
    phi = 1.0
    for _ in range(40):
        phi = (1.0 + phi) ** (1.0 / 9.0)
    steps = phi ** -np.arange(1.0, 9.0)
    points: Floats = (rng.random((8, 1)) + steps[:, None] * np.arange(count)) % 1.0
    return points


def with_mirror_images(decisions: Floats) -> Floats32:
    """Decisions (8, N) and the same to the other side, (8, 2 N): left is found as well as right."""
    sides = np.array([1.0] * 4 + [-1.0] * 4)[:, None]
    return np.concatenate([decisions, sides * decisions], axis=1).astype(np.float32)


def box(bounds: Bounds) -> tuple[Floats32, Floats32]:
    """Lowest and highest decisions (8,) float32."""
    w = float(bounds.w_high)
    low = np.array([bounds.v_low] * 4 + [-w] * 4, np.float32)
    high = np.array([bounds.v_high] * 4 + [w] * 4, np.float32)
    return low, high


def continued(plan: Plan, effect_time: float) -> Floats32:
    """The decision that goes on with a plan from a later effect time (its last targets are held, not its stop)."""
    last = plan.start + 3.0
    points = [plan.commanded(min(effect_time + t, last))[:2] for t in KNOT_TIMES]
    return np.array(points, np.float32).T.ravel()


def explored_by(plan: Plan | None) -> Explorer:
    """The explorer that the cycle of a plan left."""
    return FRESH if plan is None or plan.candidates is None else plan.candidates.explorer


def later(decision: Floats32, seconds: float) -> Floats32:
    """A decision seen from so much later."""
    out = np.empty(8, np.float32)
    postponed(decision, seconds, out)
    return out


def fixed(bounds: Bounds) -> Floats32:
    """Decisions (8, N) that are always worth a look: arcs, spins, stops, turns in the stand, steps aside, reverse."""
    v, w = float(bounds.v_high), float(bounds.w_high)
    out = [[s * v] * 4 + [t * w] * 4 for s in (0.25, 0.5, 0.8, 1.0) for t in (-0.6, -0.25, -0.08, 0.0, 0.08, 0.25, 0.6)]
    out += [[0.0] * 4 + [t * w] * 4 for t in (-0.8, -0.4, -0.15, 0.15, 0.4, 0.8)]
    for t in (-0.8, -0.4, 0.4, 0.8):  # turn in the stand, then go
        out += [[0.0, 0.0, 0.4 * v, 0.6 * v, t * w, t * w, 0.0, 0.0]]
        out += [[0.0, 0.4 * v, 0.6 * v, 0.6 * v, t * w, 0.0, 0.0, 0.0]]
        out += [[0.3 * v, 0.4 * v, 0.4 * v, 0.4 * v, t * w, -0.5 * t * w, 0.0, 0.0]]
    for t in (-w, w):  # step aside for somebody: turn away and back, from a near halt up to half the speed
        out += [[0.2 * v, 0.45 * v, 0.15 * v, 0.0, t, 0.6 * t, -0.35 * t, -0.7 * t]]
        out += [[0.3 * v, 0.4 * v, 0.35 * v, 0.1 * v, 0.5 * t, 0.4 * t, -0.2 * t, -0.5 * t]]
        out += [[0.6 * v, 0.5 * v, 0.5 * v, 0.3 * v, 0.45 * t, 0.3 * t, 0.0, -0.4 * t]]
    out += [[0.5 * v, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.2 * v, 0.1 * v, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    if bounds.v_low < 0.0:
        r = float(bounds.v_low)
        out += [[r * f] * 4 + [t * w] * 4 for f in (0.4, 1.0) for t in (-0.3, 0.0, 0.3)]
        out += [[r, 0.5 * r, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [r, 0.0, 0.3 * v, 0.5 * v, 0.4 * w, 0.0, 0.0, 0.0]]
    return np.array(out, np.float32).T
