"""Does survival depend on how often the world is looked at? One problem, many motions, steps of all lengths."""

from __future__ import annotations

import numpy as np

from pavane.bench.contest.contest import ROBOT, house_problem, scattered
from pavane.core.arrays import Floats
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import DT, STEPS
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.objective.hazards import LOOKS, STRIDE
from pavane.planning.local_planner.objective.reference import danger, plain_situation, touching, unpacked
from pavane.prediction.contact_risk import ENTRIES, survival

FINEST = 0.00625  # s
STEP_LENGTHS = (0.0125, 0.025, 0.05, 0.1, 0.2)  # s
MOTIONS = 300


def survivals(count: int = MOTIONS) -> Floats:
    """Survival (count, 1 + len(STEP_LENGTHS)) of motions through the house among four people, by length of the steps.

    The first is that of steps of ``FINEST``. In between people move evenly and accelerations are linear.
    """
    problem, limits = house_problem(), bounds(RobotProfile.load(ROBOT))
    times = np.arange(round(STEPS * DT / FINEST) + 1) * FINEST
    looks = np.arange(LOOKS + 1) * STRIDE * DT
    people = np.empty((len(times), *problem.people.shape[1:]))
    for i, column in np.ndindex(problem.people.shape[1:]):
        people[:, i, column] = np.interp(times, looks, problem.people[: LOOKS + 1, i, column])
    around = plain_situation(
        limits,
        problem.weights,
        unpacked(problem.fields),
        problem.goal,
        problem.discs,
        problem.body,
        people,
        problem.discount,
    )
    out = np.empty((count, 1 + len(STEP_LENGTHS)))
    states = np.empty((STEPS + 1, 7))
    for n, decision in enumerate(scattered(limits, count).T.astype(np.float64)):
        rollout(decision, problem.start, limits, 0, states)
        finely = np.stack([np.interp(times, np.arange(STEPS + 1) * DT, column) for column in states.T], axis=1)
        met = np.array([danger(x, y, yaw, v, w, k, around) for k, (x, y, yaw, v, w, _, _) in enumerate(finely)])
        out[n] = [survival_of(met[:: round(dt / FINEST)], dt, around.weights) for dt in (FINEST, *STEP_LENGTHS)]
    return out


def survival_of(met: Floats, dt: float, weights: object) -> float:
    """Survival, as kernels take it, of a motion with dangers (K, 6) (``reference.danger``) known every ``dt`` s."""
    near, moving = (0.5 * dt * float((part[1:] + part[:-1]).sum()) for part in (met[:, 0], met[:, 1]))
    pairs = zip(met[:-1, 4], met[1:, 4], met[:-1, 5], met[1:, 5], strict=True)
    touch = dt * sum(float(touching(d0, d1, s0, s1, weights)[0]) for d0, d1, s0, s1 in pairs)
    return float(np.exp(-near - touch) * survival(np.array(moving / ENTRIES)))


def spread(found: Floats) -> tuple[float, float, float]:
    """How far mean survival moves, as a share of it, with steps up to 0.1 s, and with 0.2 s; 99 % of what a single
    motion's moves by with 0.1 s."""
    mean = found.mean(axis=0)
    off = np.abs(mean[1:] / mean[0] - 1.0)
    single = float(np.percentile(np.abs(found[:, 4] - found[:, 0]), 99))
    return float(off[:4].max()), float(off[4]), single
