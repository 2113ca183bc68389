"""People: they walk, keep out of walls and of each other, and make room for a robot."""

import math

import numpy as np
import pytest

from pavane.core.errors import BadGoal, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Command
from pavane.maps import OccupancyMap
from pavane.sim import PersonSpec, World, crowd
from pavane.sim.people.navigation import WalkableSpace, exact_clearance
from sim_scenes import ROBOT, corridor, drive_to, hold, house, room

START = Pose(2.0, 6.0, 0.0)


def walk(world, until, step=0.05):
    states = []
    while world.time < until - 1e-9:
        world.advance(world.time + step)
        world.receive()
        states.append(world.truth.people)
    return np.array(states)  # (T, N, 6)


def clearances(home, states):
    """Exact distance of bodies from walls, by every wall cell near."""
    walls = np.argwhere(home.grid.data == 1)[:, ::-1] * 0.05 + (home.grid.origin.x, home.grid.origin.y)
    points = states[..., :2].reshape(-1, 2)
    out = np.abs(points[:, None] - walls - 0.025) - 0.025  # (P, W, 2)
    return np.hypot(*np.maximum(out, 0.0).transpose(2, 0, 1)).min(axis=1) - states[..., 5].ravel()


@pytest.mark.parametrize("seed", range(3))
def test_wanderers_walk_like_people(seed):
    home = house()
    world = World(home, ROBOT, START, crowd(home, 4, seed, avoid=START), seed=seed)
    states = walk(world, 40.0)
    assert clearances(home, states[::10]).min() >= -1e-9
    speeds = np.hypot(states[..., 3], states[..., 4])
    assert (speeds.max(axis=0) > 0.4).all() and speeds.max() < 1.4
    assert (np.hypot(*np.ptp(states[..., :2], axis=0).T) > 1.0).all()
    accelerations = np.hypot(*(np.diff(states[..., 3:5], axis=0) / 0.05).transpose(2, 0, 1))
    assert np.percentile(accelerations, 99) < 1.6 and np.percentile(accelerations, 99.9) <= 3.0
    for i in range(4):
        for j in range(i):
            apart = np.hypot(*(states[:, i, :2] - states[:, j, :2]).T)
            assert apart.min() > 0.25  # shoulders may brush, nobody walks through anybody


def test_people_beside_a_driving_robot_keep_to_what_legs_give():
    """It drives to and fro through the rooms; between one step and the next, touching nobody."""
    home = house()
    world = World(home, ROBOT, START, crowd(home, 4, 5, avoid=START), seed=5)
    velocities = []
    while world.time < 40.0:
        world.send(Command(world.time, 0.5 * math.sin(0.4 * world.time), 0.3))
        world.advance(world.time + 0.02)
        world.receive()
        velocities.append(world.truth.people[:, 3:5])
    change = np.hypot(*(np.diff(velocities, axis=0) / 0.02).transpose(2, 0, 1))
    jerk = np.hypot(*(np.diff(velocities, 2, axis=0) / 0.02**2).transpose(2, 0, 1))
    assert change.max() <= 3.0 + 1e-6
    assert np.percentile(change, 99) <= 1.5 + 1e-6
    assert np.percentile(jerk, 99) <= 12.0 + 1e-3


def test_goals_are_walked_to_in_turn_and_the_last_is_kept():
    person = PersonSpec(start=(0.5, 0.5), goals=((5.0, 0.5), (5.0, 3.5)))
    states = walk(World(room(), ROBOT, Pose(1.0, 3.0), [person], seed=0), 20.0)[:, 0]
    assert np.hypot(states[:, 0] - 5.0, states[:, 1] - 0.5).min() < 0.3
    assert np.hypot(states[-40:, 0] - 5.0, states[-40:, 1] - 3.5).max() < 0.25


def test_two_people_pass_each_other_in_a_room():
    people = [PersonSpec(start=(0.5, 2.0), goals=((5.5, 2.0),)), PersonSpec(start=(5.5, 2.0), goals=((0.5, 2.0),))]
    states = walk(World(room(), ROBOT, Pose(3.0, 0.4), people, seed=0), 15.0)
    assert np.hypot(*(states[:, 0, :2] - states[:, 1, :2]).T).min() > 0.4
    assert states[-1, 0, 0] > 5.0 and states[-1, 1, 0] < 1.0


def test_two_people_get_past_each_other_where_only_one_fits():
    people = [PersonSpec(start=(1.0, 1.5), goals=((11.0, 1.5),)), PersonSpec(start=(11.0, 1.5), goals=((1.0, 1.5),))]
    states = walk(World(corridor(0.6), ROBOT, Pose(0.3, 0.3), people, seed=0), 90.0)
    assert states[-1, 0, 0] > 10.0 and states[-1, 1, 0] < 2.0


@pytest.mark.parametrize("width", [0.6, 0.9, 1.2])
@pytest.mark.parametrize("keep", [0.25, 0.8])
def test_a_person_lets_the_robot_through_a_corridor(width, keep):
    """Both want through from opposite ends; both get there, and nobody touches anybody."""
    person = PersonSpec(start=(3.6, 1.5), goals=((10.5, 1.5),), speed=0.8)
    world = World(corridor(width), ROBOT, Pose(10.5, 1.5, math.pi), [person], seed=0)
    assert drive_to(world, (1.5, 1.5), 40.0, keep=keep)
    hold(world, 0.0, 0.0, world.time + 25.0)
    assert world.truth.people[0, 0] > 10.0
    assert world.contacts == []


def test_a_person_in_a_dead_end_goes_back_and_comes_out_when_the_robot_has_gone():
    person = PersonSpec(start=(4.5, 1.5), goals=((1.0, 0.6),), speed=0.7)
    world = World(corridor(0.9, 3.0, dead_end=True), ROBOT, Pose(1.5, 1.5), [person], seed=0)
    assert drive_to(world, (4.0, 1.5), 20.0)
    assert world.truth.people[0, 0] > 4.7
    assert drive_to(world, (1.0, 2.3), 40.0)
    hold(world, 0.0, 0.0, world.time + 15.0)
    assert math.hypot(world.truth.people[0, 0] - 1.0, world.truth.people[0, 1] - 0.6) < 0.4
    assert world.contacts == []


@pytest.mark.parametrize("width", [0.6, 0.9, 2.0])
def test_a_yielding_person_never_walks_into_a_robot_that_stands(width):
    person = PersonSpec(start=(1.5, 1.5), goals=((10.5, 1.5),), speed=1.1)
    world = World(corridor(width), ROBOT, Pose(6.0, 1.5, math.pi), [person], seed=0)
    states = walk(world, 40.0)[:, 0]
    gap = np.hypot(states[:, 0] - 6.0, states[:, 1] - 1.5) - 0.17 - 0.2
    assert gap.min() >= 0.1
    assert world.contacts == []
    if width < 1.0:  # no way past: after a while the person does not press on
        assert gap[-100:].min() > 0.5


def test_a_stubborn_person_walks_as_if_there_was_no_robot():
    person = PersonSpec(start=(1.5, 1.5), goals=((10.5, 1.5),), speed=1.0, kind="stubborn")
    world = World(corridor(0.9), ROBOT, Pose(6.0, 1.5, math.pi), [person], seed=0)
    states = walk(world, 15.0)[:, 0]
    assert states[-1, 0] > 10.0
    assert [c.caused_by_robot for c in world.contacts] == [False]


def test_a_person_steps_over_unknown_specks_but_not_through_walls():
    """A passage narrowed to 0.3 m by unknown cells, the same by a wall: only the first lets a person through."""
    for filler, passes in ((2, True), (1, False)):
        cells = corridor(0.6).grid.data.copy()
        cells[25:34, 100:104] = filler
        home = OccupancyMap(Grid(cells, 0.05, Pose(-0.05, -0.05)))
        person = PersonSpec(start=(1.5, 1.5), goals=((10.5, 1.5),))
        states = walk(World(home, ROBOT, Pose(0.5, 0.5), [person], seed=0), 25.0)
        assert bool(states[-1, 0, 0] > 10.0) is passes


def test_crowds_are_drawn_by_their_seed_away_from_the_robot():
    home = house()
    people = crowd(home, 6, 3, avoid=START)
    assert people == crowd(home, 6, 3, avoid=START) != crowd(home, 6, 4, avoid=START)
    places = np.array([p.start for p in people])
    assert np.hypot(*(places - (START.x, START.y)).T).min() >= 1.5
    assert all(0.5 <= p.speed <= 1.1 for p in people)
    unplaced = World(home, ROBOT, START, [PersonSpec(), PersonSpec()], seed=3).truth.people
    assert np.hypot(*(unplaced[:, :2] - (START.x, START.y)).T).min() >= 1.5


def test_people_who_cannot_be_placed_are_refused():
    with pytest.raises(BadSetting):
        crowd(room(2.0, 2.0), 3, 0, avoid=Pose(1.0, 1.0))
    with pytest.raises(BadSetting):
        PersonSpec(speed=-1.0)
    for spec in (PersonSpec(start=(-3.0, 0.0)), PersonSpec(start=(1.0, 1.0), goals=((9.0, 9.0),))):
        with pytest.raises(BadGoal):
            World(room(), ROBOT, Pose(3.0, 2.0), [spec], seed=0)


def test_clearance_of_cells_is_exact():
    rng = np.random.default_rng(0)
    solid = rng.random((25, 30)) < 0.05
    ours = exact_clearance(solid, 0.1)
    padded = np.pad(solid, 1, constant_values=True)
    squares = np.argwhere(padded) - 1
    cells = np.argwhere(~solid)
    out = np.maximum(np.abs(cells[:, None] - squares) - 0.5, 0.0)
    np.testing.assert_allclose(ours[~solid], 0.1 * np.hypot(*out.transpose(2, 0, 1)).min(axis=1), atol=1e-12)
    assert (ours[solid] == 0.0).all()


def test_where_a_person_leaves_room_for_a_robot():
    ground = WalkableSpace(corridor(0.9), 0.2)
    assert not ground.lets_pass(ground.graph.node(6.0, 1.5), 0.2, 0.2)  # in the corridor's middle
    assert not ground.lets_pass(ground.graph.node(3.0, 1.5), 0.2, 0.2)  # in its mouth
    assert ground.lets_pass(ground.graph.node(0.5, 0.5), 0.2, 0.2)
    assert ground.lets_pass(ground.graph.node(2.7, 0.4), 0.2, 0.2)  # beside its mouth
