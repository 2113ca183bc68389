"""The cost of a candidate against a float64 twin, its derivatives, and that dying never pays."""

import dataclasses
import re

import numpy as np
import pytest

from cost_twin import TIMES, Twin, make, more, walkers
from pavane.core.entities import KINDS
from pavane.planning.local_planner import Objective
from pavane.planning.local_planner.objective.cost import evaluate, gradient
from pavane.planning.local_planner.objective.people import PERSON
from pavane.planning.local_planner.objective.weights import Weights
from pavane.planning.local_planner.seeds import box

TABLE = re.findall(r"^ +\| (\w+) \| (.+?) \| (.+?) \| (.+?) \| (.+) \|$", Objective.__doc__ or "", re.MULTILINE)
PROFILES = ["astro_like", "round", "turtlebot3_burger"]


def decisions(problem, seed, count=32):
    low, high = box(problem.b)
    return np.random.default_rng(seed).uniform(low[:, None], high[:, None], (8, count)).astype(np.float32)


def costs_of(u, problem):
    costs = np.empty(u.shape[1], np.float32)
    evaluate(u, *problem.context().arguments, costs)
    return costs.astype(float)


def slopes_of(u, problem):
    costs, slopes = np.empty(u.shape[1], np.float32), np.empty(u.shape, np.float32)
    gradient(u, *problem.context().arguments, costs, slopes)
    return costs.astype(float), slopes.astype(float)


def test_the_table_of_weights_has_all_of_them_with_their_defaults():
    (_, *rows) = TABLE
    defaults = {field.name: field.default for field in dataclasses.fields(Objective)}
    assert [name for name, *_ in rows] == list(defaults)
    for name, _, unit, default, meaning in rows:
        assert unit and meaning
        assert default == "KINDS" if name == "kinds" else float(default) == defaults[name]
    assert Objective().kinds == KINDS
    assert {name for name in Weights._fields if name not in defaults} == {"wall_length", "touch_width"}


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("people", [0, 2])
def test_costs_equal_the_twins(name, people):
    problem = make(people, name, people=people, near_goal=people > 0)
    u = decisions(problem, 1)
    twin = Twin(problem)
    expected = np.array([twin(u[:, i]) for i in range(12)])
    np.testing.assert_allclose(costs_of(u, problem)[:12], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", PROFILES)
def test_unease_beside_things_equals_the_twins(name):
    problem = make(4, name, people=1, uneasy=True)
    u = decisions(problem, 1)
    twin = Twin(problem)
    expected = np.array([twin(u[:, i]) for i in range(12)])
    np.testing.assert_allclose(costs_of(u, problem)[:12], expected, rtol=1e-3, atol=1e-3)
    assert (
        costs_of(u, problem)
        > costs_of(u, more(problem, discomfort=None, discs=problem.discs[problem.discs[:, 3] == 0])) - 1e-3
    ).all()


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_equal_differences_of_the_twin(seed):
    problem = make(seed, "round", uneasy=seed == 2)
    u = decisions(problem, seed, 16)
    costs, slopes = slopes_of(u, problem)
    np.testing.assert_allclose(costs, costs_of(np.concatenate([u, u], axis=1), problem)[:16], rtol=1e-4, atol=1e-4)
    twin, h = Twin(problem), 1e-5
    close = []
    for c in range(4):
        for i in range(8):
            up, down = u[:, c].astype(float), u[:, c].astype(float)
            up[i] += h
            down[i] -= h
            expected = (twin(up) - twin(down)) / (2 * h)
            close.append(abs(slopes[i, c] - expected) <= 0.01 * abs(expected) + 0.01)
    assert np.mean(close) >= 0.95, np.mean(close)  # the rest lies on the seam of two cells or of two limits


def test_a_count_that_no_block_divides_is_judged_to_the_last():
    problem = make(3, "round")
    u = decisions(problem, 3, 77)
    np.testing.assert_allclose(costs_of(u, problem)[45:], costs_of(u[:, 45:].copy(), problem), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_dying_never_pays(seed):
    """What is dangerous on the way never lowers the cost of a motion, whether it makes way, stands or retreats.

    Held against the world without any danger. Between two dangers there is no such order: who dies early at a low speed
    is spared a harder contact later, so among hopeless candidates a further hazard may cost less.
    """
    problem = make(seed, "round", near_goal=False)
    rng = np.random.default_rng(seed)
    u = decisions(problem, seed, 512)
    wide = np.full_like(problem.clearance, 1.5)
    safe = more(problem, people=problem.people[:, :0].copy(), clearance=wide)
    before = costs_of(u, safe)
    dangers = {
        "a person": more(safe, people=walkers(rng, 1)),
        "three people": more(safe, people=walkers(rng, 3)),
        "walls": more(safe, clearance=problem.clearance),
        "nearer walls": more(safe, clearance=problem.clearance - 0.2),
    }
    for what, danger in dangers.items():
        assert (costs_of(u, danger) - before).min() > -1e-3, what


@pytest.mark.parametrize("seed", range(4))
def test_larger_people_are_never_better(seed):
    problem = more(make(seed, "round", near_goal=False), clearance=np.full((60, 60), 1.5))
    large = problem.people.copy()
    large[:, :, PERSON.radius] += 0.2
    u = decisions(problem, seed, 256)
    gain = costs_of(u, more(problem, people=large)) - costs_of(u, problem)
    assert np.quantile(gain, 0.02) > -1e-3
    assert gain.max() > 0.0


def test_nothing_is_gained_from_a_person_far_away():
    problem = make(4, "round", people=1)
    people = problem.people.copy()
    people[:, :, [PERSON.x, PERSON.y]] = 50.0
    u = decisions(problem, 4)
    empty = more(problem, people=problem.people[:, :0].copy())
    np.testing.assert_allclose(costs_of(u, more(problem, people=people)), costs_of(u, empty), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("standing", "times"), [(0.1, 2.0), (Objective().harm_standing, 1.75)])
def test_who_is_walked_into_at_rest_or_going_away_is_hardly_to_blame(standing, times):
    problem = more(make(5, "round", people=1), clearance=np.full((60, 60), 1.5), start=np.zeros(7))
    people = problem.people.copy()
    people[:, 0, PERSON.x], people[:, 0, PERSON.y] = 2.0 - TIMES, 0.0
    people[:, 0, [PERSON.vx, PERSON.vy]] = -1.0, 0.0
    little, equal = (problem.k._replace(harm_standing=np.float32(share)) for share in (standing, 1.0))
    met = more(problem, people=people, k=little)
    u = np.zeros((8, 32), np.float32)
    u[:4, 1] = 0.8  # drives at them
    u[:4, 2] = -0.15  # backs off, too slow to get away
    alone = costs_of(u, more(met, people=people[:, :0].copy()))
    left = (costs_of(u, met) - alone) / (costs_of(u, more(met, k=equal)) - alone)
    assert left[0] < 0.5 and times * left[0] < left[1] < 1.0
    assert left[2] < 0.5


@pytest.mark.parametrize("people", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_moving_and_looking_twice_as_often_changes_no_cost_by_one_percent(seed, people):
    problem = make(seed, "round", people=people)
    twin = Twin(problem)
    for decision in decisions(problem, seed).T[:8]:
        once = twin(decision)
        if once < 1.0:  # the others touch something: what they meet there is sharper than a look
            assert twin(decision, finer=2) == pytest.approx(once, rel=0.01, abs=0.003)
