"""What is met at one look: the sum over walls, things and people, and how survival counts it.

The world is looked at every second step. Rates of harm are 1/s; times their harm they are m/s.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pavane.motion.model import STEPS
from pavane.motion.rollout import TurnedPose
from pavane.numerics.jit import inline
from pavane.numerics.lanes import ONE, F, chain, inner, maximum, outer
from pavane.planning.local_planner.objective.people import beside_people
from pavane.planning.local_planner.objective.walls import beside_things, beside_walls, clearances

STRIDE = 2  # steps from one look at the world to the next: motion is finer than what is met on the way
LOOKS = STEPS // STRIDE
FAINT = F(1e-3)  # makes (1 - e^-x) / x whole at 0


class Hazards(NamedTuple):
    """What is met at one moment."""

    rate: Any  # of harm near what stays, 1/s
    moving: Any  # of touching what moves, 1/s
    harm: Any  # rate times harm, and discomfort, m/s
    harm_moving: Any  # moving times harm, m/s
    clearance: Any  # from what stays, m
    speed: Any  # of the disc that is nearest to it, m/s


@inline
def hazards(pose, v, w, look, situation):
    """Return what is met at one pose with speeds v and w: :class:`Hazards`.

    Args:
        pose: of the base.
        v, w: m/s and rad/s.
        look: number of the look, which says where people are.
        situation: all that is met.
    """
    c, s, turn = pose.cos, pose.sin, inner(pose.yaw, 2, 5)
    at = TurnedPose(inner(pose.x, 0, 5), inner(pose.y, 1, 5), turn, chain(turn, c, -s), chain(turn, s, c))
    met = hazards_at(at, inner(v, 3, 5), inner(w, 4, 5), look, situation)
    place = (pose.x, pose.y, pose.yaw, v, w)
    return Hazards(
        outer(met.rate, place), outer(met.moving, place), outer(met.harm, place), outer(met.harm_moving, place),
        outer(met.clearance, place), outer(met.speed, place),
    )  # fmt: skip


@inline
def hazards_at(pose, v, w, look, situation):
    """Return the same as a function of pose and speeds alone, whose cosine and sine carry their slopes."""
    weights = situation.weights
    clearance, speed, equivalent = clearances(pose, v, w, situation.discs, situation.fields)
    rate, harm = beside_walls(clearance, speed, weights)
    harm = harm + beside_things(equivalent, v, weights)
    harm, moving, harm_moving = beside_people(harm, pose, v, look, situation)
    return Hazards(rate, moving, harm, harm_moving, clearance, speed)


@inline
def survivor_factor(person_hazard):
    """Return how much likelier a harm is among those left: 1 / (1 - chance that people were met), at most 4."""
    return ONE / maximum(ONE - person_hazard, F(0.25))
