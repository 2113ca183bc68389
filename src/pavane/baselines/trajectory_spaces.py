"""Spaces of trajectories behind one protocol: ours, and those that other planners search."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from pavane.baselines.kernels import (
    acceleration_references,
    evaluate_references,
    follow_references,
    knot_references,
    steering_references,
)
from pavane.core.arrays import Floats, Floats32
from pavane.motion.model import STEPS, Bounds
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.objective.arguments import Context
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.seeds import box

REACH = 4.0  # m: farthest target of the steering law
LATTICE_SPEEDS, LATTICE_TURNS = 5, 5  # steps from 0 to the highest


class Space(Protocol):
    """A space of trajectories; all keep the limits, since the same tracker follows every reference."""

    name: str

    def box(self, b: Bounds) -> tuple[Floats32, Floats32]:
        """Lowest and highest decisions (D,)."""
        ...

    def costs(self, decisions: Floats32, context: Context) -> Floats32:
        """Costs (N,) of decisions (D, N), N >= 32, m."""
        ...

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """What the tracker follows (4, STEPS, N): v, its slope, omega and its slope at the end of each step."""
        ...

    def states(self, decision: Floats, start: Floats, b: Bounds, tail: int) -> Floats:
        """The motion (61 + tail, 7) of one decision (D,): x, y, yaw, v, omega, a, alpha; it ends in a stop."""
        ...


class KnotSpace:
    """Speed and yaw rate at four knots, joined by Hermite cubics: ours."""

    name = "knots"

    def box(self, b: Bounds) -> tuple[Floats32, Floats32]:
        """See :class:`Space`."""
        return box(b)

    def costs(self, decisions: Floats32, context: Context) -> Floats32:
        """See :class:`Space`."""
        out = np.empty(decisions.shape[1], np.float32)
        evaluate(np.ascontiguousarray(decisions), *context.arguments, out)
        return out

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """See :class:`Space`."""
        out = np.empty((4, STEPS, decisions.shape[1]), np.float32)
        knot_references(decisions, np.asarray(start, np.float64), out)
        return out

    def states(self, decision: Floats, start: Floats, b: Bounds, tail: int) -> Floats:
        """See :class:`Space`."""
        out = np.empty((STEPS + 1 + tail, 7))
        rollout(np.ascontiguousarray(decision, dtype=np.float64), start, b, tail, out)
        return out


class LatticeSpace(KnotSpace):
    """A state lattice: one of a few pairs of speed and yaw rate for the first 1.1 s, another one for the rest.

    Decisions (v, omega, v, omega) are taken to the nearest values of the lattice.
    """

    name = "lattice"

    def box(self, b: Bounds) -> tuple[Floats32, Floats32]:
        """See :class:`Space`."""
        low, high = np.array([b.v_low, -b.w_high] * 2, np.float32), np.array([b.v_high, b.w_high] * 2, np.float32)
        return low, high

    def costs(self, decisions: Floats32, context: Context) -> Floats32:
        """See :class:`Space`."""
        return super().costs(self._knots(decisions, context.bounds), context)

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """See :class:`Space`."""
        return super().references(self._knots(decisions, b), start, b)

    def states(self, decision: Floats, start: Floats, b: Bounds, tail: int) -> Floats:
        """See :class:`Space`."""
        return super().states(self._knots(decision[:, None], b)[:, 0].astype(np.float64), start, b, tail)

    def _knots(self, decisions: Floats | Floats32, b: Bounds) -> Floats32:
        speeds = np.maximum(np.rint(decisions[::2] / b.v_high * LATTICE_SPEEDS) / LATTICE_SPEEDS * b.v_high, b.v_low)
        turns = np.rint(decisions[1::2] / b.w_high * LATTICE_TURNS) / LATTICE_TURNS * b.w_high
        return np.ascontiguousarray(np.concatenate([speeds[[0, 0, 1, 1]], turns[[0, 0, 1, 1]]]), dtype=np.float32)


class _Referenced:
    """A space whose candidates follow sampled references."""

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """See :class:`Space`."""
        raise NotImplementedError

    def costs(self, decisions: Floats32, context: Context) -> Floats32:
        """See :class:`Space`."""
        out = np.empty(decisions.shape[1], np.float32)
        references = self.references(decisions, context.start, context.bounds)
        evaluate_references(references, *context.arguments, out)
        return out

    def states(self, decision: Floats, start: Floats, b: Bounds, tail: int) -> Floats:
        """See :class:`Space`."""
        references = self.references(decision[:, None].astype(np.float32), start, b)
        out = np.empty((STEPS + 1 + tail, 7))
        follow_references(np.ascontiguousarray(references[:, :, 0]), start, b, tail, out)
        return out


class SteeringSpace(_Referenced):
    """Targets, speeds and gains of the steering law of Park & Kuipers (2011)."""

    name = "steering law"

    def box(self, b: Bounds) -> tuple[Floats32, Floats32]:
        """See :class:`Space`."""
        low = np.array([0.1, -math.pi, -1.8, 0.0, 0.2, 1.0], np.float32)
        return low, np.array([REACH, math.pi, 1.8, b.v_high, 3.0, 8.0], np.float32)

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """See :class:`Space`."""
        out = np.empty((4, STEPS, decisions.shape[1]), np.float32)
        steering_references(decisions, np.asarray(start, np.float64), b, out)
        return out


class AccelerationSpace(_Referenced):
    """Accelerations at four knots, linear in between."""

    name = "acceleration knots"

    def box(self, b: Bounds) -> tuple[Floats32, Floats32]:
        """See :class:`Space`."""
        low = np.array([b.a_low] * 4 + [-b.al_high] * 4, np.float32)
        return low, np.array([b.a_high] * 4 + [b.al_high] * 4, np.float32)

    def references(self, decisions: Floats32, start: Floats32 | Floats, b: Bounds) -> Floats32:
        """See :class:`Space`."""
        out = np.empty((4, STEPS, decisions.shape[1]), np.float32)
        acceleration_references(decisions, np.asarray(start, np.float64), b, out)
        return out


SPACES: tuple[Space, ...] = (KnotSpace(), SteeringSpace(), AccelerationSpace(), LatticeSpace())
