"""The objective as one writes it first, against the fast kernel and the twins of its motion."""

import numpy as np
import pytest

from cost_twin import make
from motion_twin import roll as twin_of_roll
from pavane.motion.model import STEPS
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.objective.reference import evaluate_naive, plain_situation, roll, unpacked
from pavane.planning.local_planner.seeds import box


def decisions(problem, count):
    low, high = box(problem.b)
    return np.random.default_rng(7).uniform(low[:, None], high[:, None], (8, count)).astype(np.float32)


@pytest.mark.parametrize("name", ["astro_like", "round", "jackal"])
@pytest.mark.parametrize("near_goal", [False, True])
def test_costs_equal_the_fast_kernels(name, near_goal):
    problem = make(5, name, people=4, near_goal=near_goal)
    u = decisions(problem, 128)
    fast, plain = np.empty(128, np.float32), np.empty(128)
    _, bounds, weights, fields, goal, discs, body, people, discount, _ = context = problem.context()
    evaluate(u, *context.arguments, fast)
    naive = plain_situation(bounds, weights, unpacked(fields), goal, discs, body, people, discount)
    evaluate_naive(u.astype(float), problem.start, naive, plain)
    np.testing.assert_allclose(fast, plain, rtol=1e-3, atol=1e-3)


def test_the_motion_equals_the_twins():
    problem = make(6, "turtlebot3_burger")  # its wheels limit it
    bounds = plain_situation(
        *problem.context()[1:3], None, problem.goal, problem.discs, problem.body, problem.people, problem.discount
    ).bounds
    for decision in decisions(problem, 8).T:
        states = np.empty((STEPS + 1, 7))
        roll(decision.astype(float), problem.start, bounds, states)
        np.testing.assert_allclose(states, twin_of_roll(decision, problem.start, problem.b), atol=1e-6)
