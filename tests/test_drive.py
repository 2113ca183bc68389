"""The closed loop: one drive through the flat with people, and what holds on every tick and every plan of it."""

from __future__ import annotations

import numpy as np
import pytest

from pavane import Follow, GoTo, Navigator, Pose, RobotProfile, Status, Stop, load_map
from pavane.bench.metrics.drive_metrics import arrival
from pavane.bench.metrics.violations import find_violations, follows
from pavane.core.compute import Compute, ComputeTimes, Constant
from pavane.drive import Errand, drive
from pavane.drive_log import Run
from pavane.navigator import TICK
from pavane.sim import World, crowd

PEOPLE = 2


def make_run(seconds: float, seed: int = 3) -> Run:
    """Two errands in the flat with two people."""
    home, robot = load_map("flat"), RobotProfile.load("astro_like")
    start = home.place("dock")
    people = crowd(home, PEOPLE, np.random.default_rng(seed), avoid=start)
    world = World(home, robot, start, people, seed=seed)
    return drive(Navigator(robot, home, seed=seed), world, [GoTo("kitchen"), GoTo("bed")], seconds=seconds)


@pytest.fixture(scope="session")
def run() -> Run:
    return make_run(30.0)


def test_a_short_drive_reaches_its_goal_without_a_touch() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")
    goal = home.place("dining")
    world = World(home, robot, home.place("sofa"), [], seed=1)
    short = drive(Navigator(robot, home), world, [GoTo("dining")], seconds=30.0)
    assert short.goals[0].status is Status.REACHED
    assert arrival(short, short.goals[0]).reached
    assert world.truth.pose.distance(goal) < 0.10
    assert not short.contacts
    assert find_violations(short) == ()


def test_the_drive_with_people_touches_nobody(run: Run) -> None:
    assert run.duration > 15.0
    assert not [contact for contact in run.contacts if contact.caused_by_robot]


def test_same_seed_same_drive_to_the_bit(run: Run) -> None:
    part = make_run(6.0)
    ticks = int(6.0 / TICK)
    for name in ("times", "poses", "v", "omega", "pan", "people"):
        np.testing.assert_array_equal(getattr(part, name)[:ticks], getattr(run, name)[:ticks], err_msg=name)
    for name in ("v", "omega", "emergency", "reasons"):
        same, other = getattr(part.commands, name)[:ticks], getattr(run.commands, name)[:ticks]
        np.testing.assert_array_equal(same, other, err_msg=f"commands.{name}")
    for one, other in zip(part.plans[:50], run.plans[:50], strict=True):
        np.testing.assert_array_equal(one.plan.poses, other.plan.poses)
        np.testing.assert_array_equal(one.plan.decision, other.plan.decision)


def test_another_seed_is_another_drive(run: Run) -> None:
    assert not np.array_equal(make_run(3.0, seed=4).poses[-1], run.poses[149])


def test_every_plan_command_and_join_keeps_every_limit(run: Run) -> None:
    assert len(run.plans) > 100
    assert find_violations(run) == ()
    joined = sum(follows(run, a, b.plan.start) for a, b in zip(run.plans[:-1], run.plans[1:], strict=True))
    assert joined > 0.8 * len(run.plans)


def test_stop_ends_at_rest_and_follow_keeps_its_distance() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")
    start = home.place("dock")
    world = World(home, robot, start, crowd(home, 1, 5, avoid=start), seed=5)
    navigator = Navigator(robot, home)
    short = drive(navigator, world, [GoTo("kitchen"), Stop(), Follow()], seconds=2.5)
    assert short.goals[1].status is Status.STOPPED
    k = short.index(short.goals[1].ended)
    assert abs(short.v[k]) < 0.02
    assert navigator.status in (Status.FOLLOWING, Status.LOST)
    assert find_violations(short) == ()
    assert not [contact for contact in short.contacts if contact.caused_by_robot]


def test_an_errand_with_a_time_comes_at_its_time() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")
    world = World(home, robot, home.place("sofa"), seed=1)
    errands = [Errand(GoTo("bed"), at=0.5), Errand(GoTo("dining"), at=2.0), Errand(Stop(), at=9.0)]
    switched = drive(Navigator(robot, home), world, errands, seconds=20.0)
    assert [goal.requested for goal in switched.goals] == pytest.approx([0.5, 2.0, 9.0])
    assert switched.goals[0].ended == pytest.approx(2.0)
    assert np.abs(switched.commands.v[switched.times < 0.5]).max() < 1e-3
    assert switched.goals[2].status is Status.STOPPED
    assert find_violations(switched) == ()


def test_a_slow_reactive_tick_sends_its_commands_later() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")

    def moves_at(delay: float) -> float:
        world = World(home, robot, home.place("sofa"), seed=1)
        compute = Compute(ComputeTimes(reflex=Constant(delay)), rng=np.random.default_rng(0))
        slow = drive(Navigator(robot, home), world, [GoTo("dining")], seconds=2.0, compute=compute)
        return float(slow.times[np.argmax(np.abs(slow.v) > 1e-6)])

    assert moves_at(0.1) - moves_at(0.0) == pytest.approx(0.1, abs=TICK)


def test_a_goal_is_a_pose_or_a_place() -> None:
    home = load_map("flat")
    navigator = Navigator(RobotProfile.load("round"), home)
    assert navigator.goal_pose(GoTo("bed")) == home.place("bed")
    assert navigator.goal_pose(GoTo(Pose(3.0, 2.0))) == Pose(3.0, 2.0)
