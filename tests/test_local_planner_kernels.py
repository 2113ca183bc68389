"""The search: downhill, inside the box, the same twice; seeds that lead to the goal; choices that differ."""

import numpy as np
import pytest

from cost_twin import make
from motion_twin import STOCK
from pavane.motion.model import STEPS
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.bfgs import Descent
from pavane.planning.local_planner.kernels import distinct, flow_seeds
from pavane.planning.local_planner.seeds import box
from test_objective_cost import costs_of, decisions


def refined(u, scene, rounds=6):
    low, high = box(scene.b)
    u = u.copy()
    descent = Descent(u, low, high, scene.context())
    best = [descent.costs.min()]
    for _ in range(rounds):
        assert descent.round() == 4 * u.shape[1]
        best.append(descent.costs.min())
    return descent.u, descent.costs, np.array(best)


@pytest.mark.parametrize("seed", range(4))
def test_refining_never_makes_worse_and_stays_in_the_box(seed):
    scene = make(seed, "round")
    u = decisions(scene, seed)
    after, costs, best = refined(u, scene)
    np.testing.assert_allclose(costs, costs_of(after, scene), rtol=1e-4, atol=1e-4)
    before = costs_of(u, scene)
    assert (costs <= before + 1e-4 * (1 + np.abs(before))).all()
    assert costs.mean() < before.mean() - 0.05
    low, high = box(scene.b)
    assert ((after >= low[:, None]) & (after <= high[:, None])).all()
    assert (np.diff(best) <= 1e-4).all()
    assert best[-1] == costs.min()


def test_refining_gives_the_same_twice():
    scene = make(9, "astro_like")
    u = decisions(scene, 9)
    first, second = refined(u, scene), refined(u, scene)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_more_rounds_are_never_worse():
    scene = make(2, "round")
    u = decisions(scene, 2)
    lowest = [refined(u, scene, rounds)[1] for rounds in (1, 3, 6)]
    assert (np.diff(lowest, axis=0) <= 1e-4 * (1 + np.abs(lowest[0]))).all()


def test_a_few_go_on_as_they_would_have_among_all():
    scene = make(3, "astro_like")
    low, high = box(scene.b)
    every, few = (Descent(decisions(scene, 3), low, high, scene.context()) for _ in range(2))
    for descent in (every, few):
        descent.round()
    columns = np.array([5, 2, 11, 8])
    few.narrow(columns)
    for _ in range(3):
        every.round()
        few.round()
    np.testing.assert_allclose(few.costs, every.costs[columns], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(few.u, every.u[:, columns], atol=2e-2)


@pytest.mark.parametrize("yaw", [-2.0, 0.5, 1.5])
def test_flow_seeds_turn_to_the_heading_of_a_goal_that_they_reach(yaw):
    n, per_metre, b = 120, 20.0, STOCK["round"]
    axis = (np.arange(n) - 0.5 * (n - 1)) / per_metre
    field = np.hypot(axis[None, :] - 0.4, axis[:, None]).astype(np.float32)
    speeds, turns, out = np.array([0.6, 0.3]), np.full(2, float(b.w_high)), np.zeros((8, 2), np.float32)
    flow_seeds(field.ravel(), n, n, axis[0], axis[0], per_metre, np.zeros(7), speeds, turns, 1.0, -0.3, 0.12, yaw, out)
    bare = np.zeros((8, 2), np.float32)
    flow_seeds(field.ravel(), n, n, axis[0], axis[0], per_metre, np.zeros(7), speeds, turns, 1.0, -0.3, 0.0, yaw, bare)

    def ends(decisions):
        states = np.zeros((2, STEPS + 1, 7))
        for k in range(2):
            rollout(decisions[:, k].astype(float), np.zeros(7), b, 0, states[k])
        return states[:, -1]

    there, without = ends(out), ends(bare)
    assert (np.hypot(there[:, 0] - 0.4, there[:, 1]) < 0.35).all()
    assert np.abs(there[:, 2] - yaw).mean() < np.abs(without[:, 2] - yaw).mean()
    assert np.abs(there[:, 2] - yaw).min() < 0.8


@pytest.mark.parametrize("bearing", np.arange(-3, 4) * np.pi / 4)
def test_flow_seeds_go_downhill_to_the_goal(bearing):
    b = STOCK["round"]
    n, per_metre = 120, 20.0
    axis = (np.arange(n) - 0.5 * (n - 1)) / per_metre
    goal = 1.2 * np.array([np.cos(bearing), np.sin(bearing)])
    field = np.hypot(axis[None, :] - goal[0], axis[:, None] - goal[1]).astype(np.float32)
    speeds, turns = np.array([1.0, 0.6, 0.3]), np.full(3, 0.8 * float(b.w_high))
    out = np.zeros((8, 3), np.float32)
    flow_seeds(field.ravel(), n, n, axis[0], axis[0], per_metre, np.zeros(7), speeds, turns, 1.0, -0.3, 0.0, 0.0, out)
    low, high = box(b)
    assert ((out >= low[:, None]) & (out <= high[:, None])).all()
    ends = []
    for k in range(3):
        states = np.zeros((STEPS + 1, 7))
        rollout(out[:, k].astype(float), np.zeros(7), b, 0, states)
        ends.append(np.hypot(*(states[-1, :2] - goal)))
    assert min(ends) < 0.6  # a goal behind takes a turn first
    assert max(ends) < 1.0


def test_the_chosen_differ_and_keep_the_warm_start():
    rng = np.random.default_rng(1)
    u = rng.uniform(-1, 1, (8, 60)).astype(np.float32)
    u[:, 30:] = u[:, :30] + 0.01  # near twins
    costs = rng.random(60).astype(np.float32)
    costs[0] = 9.0
    chosen = np.empty(16, np.int64)
    distinct(u, np.argsort(costs, kind="stable"), np.ones(8, np.float32), 0.25, chosen)
    assert len(set(chosen)) == 16
    assert chosen[0] == np.argmin(costs)
    assert 0 in chosen
    gaps = np.abs(u[:, chosen][:, :, None] - u[:, chosen][:, None, :]).max(axis=0) + np.eye(16)
    assert gaps.min() > 0.25


def test_where_too_few_differ_the_next_best_fill_up():
    u, costs = np.zeros((8, 20), np.float32), np.arange(20, 0, -1).astype(np.float32)
    chosen = np.empty(5, np.int64)
    distinct(u, np.argsort(costs, kind="stable"), np.ones(8, np.float32), 0.25, chosen)
    assert sorted(chosen) == [0, 16, 17, 18, 19]
