"""The crowd's step against its NumPy twin, and what holds for it whatever anybody wants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crowd_twin
from pavane.numerics.overlap import cell_clearance, point_clearance
from pavane.numerics.raycast import in_sight
from pavane.sim.people.kernels import social_force
from pavane.sim.people.kernels.acceleration import ABRUPT
from pavane.sim.people.kernels.social_force import Pedestrians
from pavane.sim.people.kernels.step import step_crowd
from pavane.sim.people.kernels.terrain import RobotOutline, disc_clearance, farthest_in_sight, robot_clearance, trace
from pavane.sim.people.navigation import WalkableSpace, terrain_of
from sim_scenes import house, room

DT = 0.02
POINT = np.zeros((1, 2))
OPEN = terrain_of([WalkableSpace(room(40.0, 40.0), 0.2)])
HOUSE = WalkableSpace(house(), 0.2)


def scene(rng, count, spread, middle=(20.0, 20.0)):
    """Random people: states, bodies, wishes, groups."""
    states = np.zeros((count, 8))
    states[:, :2] = middle + rng.uniform(-spread, spread, (count, 2))
    states[:, 2] = rng.uniform(-math.pi, math.pi, count)
    states[:, 3:5] = rng.normal(0.0, 0.5, (count, 2))
    states[:, 5:7] = rng.normal(0.0, 0.5, (count, 2))
    bodies = np.tile([0.2, 1.2, 1.5, 3.0, 4.0], (count, 1))
    wishes = np.zeros((count, 9))
    wishes[:, :2] = states[:, :2] + rng.uniform(-2.0, 2.0, (count, 2))
    wishes[:, social_force.REST] = rng.uniform(0.0, 3.0, count)
    wishes[:, social_force.PACE] = rng.choice([0.0, 0.8, 1.2], count)
    wishes[:, social_force.SWAY] = rng.choice([0.0, 0.08], count)
    wishes[:, social_force.FACE] = math.nan
    wishes[:, social_force.SUDDEN :] = rng.random((count, 3)) < (0.1, 0.5, 0.8)
    return states, bodies, wishes, rng.integers(-1, 2, count)


def test_somebody_who_stands_in_the_robot_is_moved_out_of_it():
    """Somebody who heeds no robot may walk into one, and does not stay in it."""
    outline = RobotOutline(20.0, 20.0, 0.4, 0.0, 0.0, 0.0, POINT, 0.17)
    states, bodies, wishes = np.zeros((1, 8)), np.array([[0.2, 1.2, 1.5, 3.0, 4.0]]), np.zeros((1, 9))
    states[0, :2], wishes[0, social_force.FACE] = (20.1, 20.05), math.nan
    wishes[0, :2] = states[0, :2]
    none, others = np.zeros((0, 5)), (bodies, wishes, np.array([-1]), np.zeros(1, np.int64))
    for _ in range(round(1.5 / DT)):
        states = step_crowd(Pedestrians(states, *others), none, OPEN, outline, DT)
    gap = math.hypot(states[0, 0] - 20.0, states[0, 1] - 20.0) - 0.17 - 0.2
    assert -1e-9 < gap < 0.01


@given(st.integers(0, 10**6))
def test_a_step_in_the_open_is_that_of_the_twin(seed):
    rng = np.random.default_rng(seed)
    states, bodies, wishes, groups = scene(rng, 6, 2.0)
    bystanders = np.column_stack([20 + rng.uniform(-2, 2, (2, 2)), rng.normal(0, 0.5, (2, 2)), [0.2, 0.3]])
    robot = np.array([20.0, 20.0, 0.3, -0.2, 0.17])
    outline = RobotOutline(20.0, 20.0, 0.4, 0.3, -0.2, 0.0, POINT, 0.17)
    people = Pedestrians(states, bodies, wishes, groups, np.zeros(6, np.int64))
    after = step_crowd(people, bystanders, OPEN, outline, DT)
    a = crowd_twin.accelerations(states, bodies, wishes, groups, bystanders, robot, DT)
    top = np.maximum(1.2, np.hypot(*states[:, 3:5].T))
    velocity = crowd_twin.clip(states[:, 3:5] + a * DT, top)
    place = states[:, :2] + velocity * DT
    everybody = np.vstack([place, bystanders[:, :2]])
    apart = np.hypot(*(everybody[None] - place[:, None]).transpose(2, 0, 1)) + 9.0 * np.eye(6, 8)
    stays = np.hypot(*velocity.T) < 0.1
    free = (apart.min(axis=1) > 0.7 * 0.5) & ~stays  # the twin knows no touch
    np.testing.assert_allclose(after[free, 3:5], velocity[free], atol=1e-9)
    np.testing.assert_allclose(after[free, :2], place[free], atol=1e-9)
    np.testing.assert_allclose(after[:, 5:7], (velocity - states[:, 3:5]) / DT, atol=1e-7)


@given(st.integers(0, 10**6))
def test_nobody_getsdisc_clearances_and_legs_keep_their_limits(seed):
    """Forty steps in a house, wherever they are sent, beside each other and the robot."""
    rng = np.random.default_rng(seed)
    count = 5
    states, bodies, wishes, groups = scene(rng, count, 0.0)
    nodes = rng.choice(len(HOUSE.graph.nodes), count, replace=False)
    states[:, :2], states[:, 5:7] = HOUSE.graph.places[nodes], 0.0
    states[:, 3:5] = 0.0
    wishes[:, :2] = states[:, :2] + rng.uniform(-3.0, 3.0, (count, 2))
    robot = RobotOutline(*(states[0, :2] + 0.6), 0.0, 0.3, 0.0, 0.0, POINT, 0.17)
    terrain, layers, nobody = terrain_of([HOUSE]), np.zeros(count, np.int64), np.empty((0, 5))
    for _ in range(40):
        before = states
        states = step_crowd(Pedestrians(states, bodies, wishes, groups, layers), nobody, terrain, robot, DT)
        for x, y in states[:, :2]:
            assert cell_clearance(POINT, 0.2, x, y, 0.0, HOUSE.walls, *HOUSE.frame, 0.0) >= -1e-9
        assert np.hypot(*states[:, 5:7].T).max() <= 3.0 + 1e-9
        jerk = np.hypot(*(states[:, 5:7] - before[:, 5:7]).T) / DT
        assert jerk.max() <= ABRUPT + 1.0
        turned = np.abs(crowd_twin.wrap(states[:, 2] - before[:, 2])) / DT
        assert turned.max() <= 4.0 + 1e-9


def test_avoiding_is_that_of_the_twin_and_head_on_both_step_right():
    rng = np.random.default_rng(0)
    offsets, approaches = rng.normal(0.0, 1.5, (2, 400, 2))
    ours = np.array([social_force.avoid(*o, *a) for o, a in zip(offsets, approaches, strict=True)])
    np.testing.assert_allclose(ours, crowd_twin.avoid(offsets, approaches), atol=1e-9)
    assert social_force.avoid(1.5, 0.0, 1.6, 0.0)[1] < 0.0  # walking along x: to negative y
    assert social_force.avoid(-1.5, 0.0, -1.6, 0.0)[1] > 0.0
    assert tuple(social_force.avoid(0.0, 0.0, 1.0, 0.0)) == (0.0, 0.0)


@pytest.mark.parametrize("vertices", [POINT, np.array([[-0.3, -0.2], [0.2, -0.2], [0.2, 0.2], [-0.3, 0.2]])])
def test_the_way_off_the_robot_is_that_of_the_contacts(vertices):
    rng = np.random.default_rng(1)
    for x, y in rng.uniform(-1.0, 1.0, (200, 2)):
        air = robot_clearance(RobotOutline(0.1, -0.2, 0.7, 0.0, 0.0, 0.0, vertices, 0.05), x, y)
        np.testing.assert_allclose(air, point_clearance(vertices, 0.05, 0.1, -0.2, 0.7, x, y), atol=1e-9)


def test_the_way_off_a_wall_is_exact():
    rng = np.random.default_rng(2)
    terrain = terrain_of([HOUSE])
    for x, y in rng.uniform((0.1, 0.1), (14.9, 11.9), (300, 2)):
        exact = min(cell_clearance(POINT, 0.2, x, y, 0.0, HOUSE.walls, *HOUSE.frame, 0.2), 0.0)
        assert min(disc_clearance(terrain, x, y, 0.2).gap, 0.0) == pytest.approx(max(exact, -0.2), abs=1e-9)


def test_ways_are_traced_and_seen_along():
    towards = np.array([1, 2, 3, -1], dtype=np.int64)
    assert trace(towards, 0, 2).tolist() == [0, 1, 2]
    assert trace(towards, 1, 9).tolist() == [1, 2, 3]
    rng = np.random.default_rng(3)
    start = HOUSE.graph.places[rng.integers(len(HOUSE.graph.places))]
    places = np.vstack([start, HOUSE.graph.places[rng.integers(len(HOUSE.graph.places), size=30)]])
    seen = [k for k in range(1, 31) if in_sight(HOUSE.blocked, *HOUSE.frame, *start, *places[k])]
    assert farthest_in_sight(HOUSE.blocked, *HOUSE.frame, *start, places) == max(seen, default=1)
