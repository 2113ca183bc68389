"""Rival objectives behind ours' protocol: a chance constraint, a weighted sum with constant weights, and cheap shapes.

The space of motions, seeds, stages of the search with exact gradients, people's tracks and their predicted means, and
the taste for clearance from walls are ours; what a risk is worth is theirs. Each has three figures to be tuned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from pavane.baselines.kernels import evaluate_constrained, gradient_constrained
from pavane.baselines.shape_kernels import NEAR, TOUCH, evaluate_shapes, gradient_shapes
from pavane.core.arrays import Floats, Floats32
from pavane.core.robot import RobotProfile
from pavane.navigator import MakePlanner
from pavane.planning.local_planner import Objective, PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.objective.people import PERSON
from pavane.planning.local_planner.problem import PlanningProblem
from pavane.planning.local_planner.search import CostFunction
from pavane.prediction.contact_risk import ENTRIES

PRICE = 200.0  # m for each unit of probability beyond what is allowed: 1 % more for 2 m is no bargain
TOUCHES_GROW = 0.4  # m by which the shape of touch grows with a metre of the other's growth
NOTHING = 1e-4  # share of their size to which hazards are taken, so that survival stays 1


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is tuned of a rival, each a multiple of a plain choice.

    Args:
        people: of a weighted sum, the weight of harm to people; of shapes, that of their rates; of a chance constraint,
            of the spread of where they will be.
        walls: weight of clearance from walls.
        effort: weight of acceleration, turning and jerk.
    """

    people: float = 1.0
    walls: float = 1.0
    effort: float = 1.0


def chance_constrained(
    allowed: float, tuning: Tuning, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator
) -> TrajectoryPlanner:
    """Make a planner of the most progress among motions whose risk is at most ``allowed``; else of the least risk.

    Args:
        allowed: probability of touching somebody or something over the horizon and the stop after it.
        tuning: see there.
        robot, config, rng: as :class:`TrajectoryPlanner`.
    """
    objective = replace(_with_effort(config.objective, tuning.effort), undiscounted_harm=tuning.walls)
    cost = CostFunction(
        evaluate_constrained,
        gradient_constrained,
        lambda problem: replace(problem, people=spread(problem.people, tuning.people)),
        (np.array([allowed, PRICE], np.float32),),
    )
    return TrajectoryPlanner(robot, replace(config, objective=objective), rng, cost=cost)


def spread(people: Floats32, share: float) -> Floats32:
    """What the kernels read of people, (looks, P, PERSON_COLUMNS), so many times as unsure."""
    out = people.copy()
    out[:, :, PERSON.precision] /= share**2
    out[:, :, PERSON.residual_velocity_var] *= share**2
    return out


def weighted_sum(
    tuning: Tuning, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator
) -> TrajectoryPlanner:
    """Make a planner of progress minus effort minus constant weights times harm: ours with a survival always 1.

    Hazards are all but nothing and harms as much larger, so that their products stay.
    """
    ours = config.objective
    objective = replace(
        _with_effort(ours, tuning.effort),
        wall_scale=ours.wall_scale * NOTHING,
        touch_scale=ours.touch_scale * NOTHING,
        harm_base=ours.harm_base * tuning.walls / NOTHING,
        harm_speed=ours.harm_speed * tuning.walls / NOTHING,
        undiscounted_harm=0.0,
    )

    def adapt(problem: PlanningProblem) -> PlanningProblem:
        people = problem.people.copy()
        people[:, :, [PERSON.chance, PERSON.discomfort_gain]] *= NOTHING
        people[:, :, PERSON.harm] *= tuning.people / tuning.walls
        return replace(problem, people=people)

    return TrajectoryPlanner(robot, replace(config, objective=objective), rng, cost=CostFunction(adapt=adapt))


def cheap_shapes(
    tuning: Tuning, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator
) -> TrajectoryPlanner:
    """Make a planner of our objective with cheap shapes beside people for the chance of touching them, and for comfort.

    Walls, harm, effort and survival are ours.
    """
    ours = config.objective
    objective = replace(
        _with_effort(ours, tuning.effort),
        wall_scale=ours.wall_scale * tuning.walls,
        touch_scale=ours.touch_scale * tuning.walls,
    )
    cost = CostFunction(
        evaluate_shapes,
        gradient_shapes,
        lambda problem: replace(problem, people=shaped(problem, objective, tuning.people)),
    )
    return TrajectoryPlanner(robot, replace(config, objective=objective), rng, cost=cost)


def shaped(problem: PlanningProblem, objective: Objective, share: float) -> Floats32:
    """What the kernels of shapes read of people: how wide the shapes are, and their share of the rate.

    Both widths grow with time since sensing and pace, as the reach of our comfort does; behind blind corners the first
    is how unsure the place is.
    """
    out = problem.people.copy()
    person = objective.kinds["person"]
    reaches, unsure = out[:, :, PERSON.discomfort_reach], out[:, :, PERSON.precision] ** -0.5
    grown = np.where(problem.whose > 0, np.maximum(reaches - person.reach, 0.0), unsure - NEAR)
    # the kernel of shapes reads their widths where ours reads how sure a place is
    out[:, :, PERSON.precision], out[:, :, PERSON.velocity_gain] = widths(grown)
    out[:, :, PERSON.chance] *= share / ENTRIES
    return out


def widths(grown: Floats) -> tuple[Floats, Floats]:
    """Widths of both shapes beside people, m, of which the first has grown by so much since sensing."""
    return NEAR + grown, TOUCH + TOUCHES_GROW * grown


def _with_effort(objective: Objective, share: float) -> Objective:
    """The objective with another weight of everything that makes motion rough."""
    efforts = ("effort_a", "effort_al", "effort_w", "effort_jerk", "effort_jerk_w")
    return replace(objective, **{name: share * getattr(objective, name) for name in efforts})


OURS = "ours"
RIVALS: dict[str, Callable[..., TrajectoryPlanner]] = {
    "chance_5": partial(chance_constrained, 0.05),
    "chance_20": partial(chance_constrained, 0.20),
    "weighted_sum": weighted_sum,
    "shapes": cheap_shapes,
}
KNOB = {"brisk": 0.25, "cautious": 4.0}  # ours with so many times its ``harm_speed``


def maker(name: str, tuning: Tuning) -> MakePlanner:
    """What makes the planner of this name; ours is as it is, or with its knob turned."""
    if name in KNOB:
        return partial(turned, KNOB[name])
    return TrajectoryPlanner if name == OURS else partial(RIVALS[name], tuning)


def turned(share: float, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> TrajectoryPlanner:
    """Ours with another ``harm_speed``, the knob from brisk to cautious."""
    objective = replace(config.objective, harm_speed=share * config.objective.harm_speed)
    return TrajectoryPlanner(robot, replace(config, objective=objective), rng)
