"""The closed loop: one drive through the flat with people, and what holds on every tick and every plan of it."""

from __future__ import annotations

import numpy as np
import pytest

from pavane import Follow, GoTo, Navigator, Pose, RobotProfile, Status, Stop, load_map
from pavane.arrays import Bools, Floats
from pavane.bench.metrics import arrival
from pavane.drive import drive
from pavane.navigator import TICK
from pavane.run import Run
from pavane.sim import World, crowd

TINY = 1e-4  # limits are float32 in the kernels
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


def test_the_drive_with_people_touches_nobody(run: Run) -> None:
    assert run.duration > 15.0
    assert not [contact for contact in run.contacts if contact.caused_by_robot]


def test_same_seed_same_drive_to_the_bit(run: Run) -> None:
    part = make_run(6.0)
    ticks = int(6.0 / TICK)
    for name in ("times", "poses", "v", "omega", "commands_v", "commands_omega", "emergency", "pan", "people"):
        np.testing.assert_array_equal(getattr(part, name)[:ticks], getattr(run, name)[:ticks], err_msg=name)
    for one, other in zip(part.plans[:50], run.plans[:50], strict=True):
        np.testing.assert_array_equal(one.plan.poses, other.plan.poses)
        np.testing.assert_array_equal(one.plan.decision, other.plan.decision)


def test_another_seed_is_another_drive(run: Run) -> None:
    assert not np.array_equal(make_run(3.0, seed=4).poses[-1], run.poses[149])


def within(values: Floats, low: float, high: float) -> Bools:
    inside: Bools = (values >= low - TINY) & (values <= high + TINY)
    return inside


def test_every_plan_keeps_every_limit(run: Run) -> None:
    limits, wheels = run.robot.limits, run.robot.wheels
    assert len(run.plans) > 100
    for record in run.plans:
        plan = record.plan
        assert within(plan.v, limits.vx_min, limits.vx_max).all()
        assert within(plan.omega, -limits.wz_max, limits.wz_max).all()
        assert (np.abs(plan.v) + 0.5 * wheels.track_width * np.abs(plan.omega) <= wheels.speed_max + TINY).all()
        assert within(plan.a, limits.ax_min, limits.ax_max).all()
        assert within(plan.alpha, -limits.az_max, limits.az_max).all()
        assert (np.abs(np.diff(plan.a)) / plan.dt <= limits.jx_max + 1e-2).all()
        assert (np.abs(np.diff(plan.alpha)) / plan.dt <= limits.jz_max + 1e-2).all()


def test_every_plan_ends_at_rest(run: Run) -> None:
    for record in run.plans:
        plan = record.plan
        assert abs(plan.v[-1]) < 1e-2
        assert abs(plan.omega[-1]) < 1e-2


def test_every_command_keeps_every_limit(run: Run) -> None:
    limits, wheels, emergency = run.robot.limits, run.robot.wheels, run.robot.emergency
    v, omega = run.commands_v, run.commands_omega
    assert within(v, limits.vx_min, limits.vx_max).all()
    assert within(omega, -limits.wz_max, limits.wz_max).all()
    assert (np.abs(v) + 0.5 * wheels.track_width * np.abs(omega) <= wheels.speed_max + TINY).all()
    a, alpha = np.diff(v) / TICK, np.diff(omega) / TICK
    # an emergency may change the speed on its own tick; how fast is seen in that change and in the next
    gentle = ~(run.emergency[1:] | run.emergency[:-1])
    slows = np.diff(np.abs(v)) / TICK
    assert within(slows, limits.ax_min, max(limits.ax_max, -limits.ax_min))[gentle].all()
    assert within(a, limits.ax_min, -limits.ax_min)[gentle].all()
    assert within(a, emergency.ax_min, -emergency.ax_min).all()
    assert within(alpha, -limits.az_max, limits.az_max)[gentle].all()
    assert within(alpha, -emergency.az_max, emergency.az_max).all()
    smooth = gentle[1:] & gentle[:-1]
    assert (np.abs(np.diff(a)) / TICK <= limits.jx_max + 2e-2)[smooth].all()
    assert (np.abs(np.diff(alpha)) / TICK <= limits.jz_max + 2e-2)[smooth].all()


def test_plans_join_what_is_commanded(run: Run) -> None:
    delay = run.robot.latency.actuation_delay
    for record in run.plans:
        plan = record.plan
        k = int(np.searchsorted(run.times, plan.start - delay - 1e-9))
        if k >= len(run.times) or guarded(run, plan.start - 0.2 - delay, run.times[k]):
            continue
        wanted = plan.at(run.times[k] + delay)
        assert abs(wanted.v - run.commands_v[k]) < 1e-3, plan.start
        assert abs(wanted.omega - run.commands_omega[k]) < 1e-3, plan.start


def test_plans_join_the_plan_before_them_exactly(run: Run) -> None:
    delay = run.robot.latency.actuation_delay
    joined = 0
    for before, after in zip(run.plans[:-1], run.plans[1:], strict=True):
        start = after.plan.start
        k = run.index(start - delay - 1e-6)  # the last command of the plan before
        wanted = before.plan.at(run.times[k] + delay)
        left = max(abs(wanted.v - run.commands_v[k]), abs(wanted.omega - run.commands_omega[k]))
        if guarded(run, start - 0.4 - delay, start - delay) or left > 1e-4:
            continue  # the commands had left that plan: then the new one joins the commands, as tested above
        scheduled, plan = before.plan.at(start), after.plan
        ours = (plan.v[0], plan.omega[0], plan.a[0], plan.alpha[0])
        theirs = (scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        np.testing.assert_allclose(ours, theirs, atol=1e-6, err_msg=f"plan of {start:.2f} s")
        joined += 1
    assert joined > 0.8 * len(run.plans)


def guarded(run: Run, since: float, until: float) -> bool:
    """Whether the guard changed a command between two moments."""
    first, last = run.index(since), run.index(until)
    return any(run.reasons[first : last + 1])


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
    assert not [contact for contact in short.contacts if contact.caused_by_robot]


def test_a_goal_is_a_pose_or_a_place() -> None:
    home = load_map("flat")
    navigator = Navigator(RobotProfile.load("round"), home)
    assert navigator.goal_pose(GoTo("bed")) == home.place("bed")
    assert navigator.goal_pose(GoTo(Pose(3.0, 2.0))) == Pose(3.0, 2.0)
