"""What fails in service: jobs that raise, sensors that fall silent, a clock that is off, a map that has slipped."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from pavane import Follow, GoTo, Navigator, Pose, RobotProfile, Status
from pavane.kernels.evaluate import rollout
from pavane.kernels.model import STEPS
from pavane.limits import bounds
from pavane.messages import Detections, Localization, Odometry, Scan
from pavane.navigator import TICK
from pavane.trajectory.planner import TrajectoryPlanner
from test_navigator import FAR, HOME, ROBOT, Drive, hold_comfort, under_way


def test_a_plan_that_raises_is_said_and_the_robot_comes_to_rest_on_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drive = under_way(seconds=3.0)
    assert drive.v[-1] > 0.5

    def fail(*_: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(drive.navigator._planner, "plan", fail)
    with pytest.warns(RuntimeWarning, match="plan: RuntimeError: no memory"):
        drive.run(6.0)
    assert abs(drive.v[-1]) < 1e-3
    hold_comfort(drive)


def test_a_route_that_raises_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Drive()
    drive.navigator.request(GoTo(FAR, match_heading=False))
    plan, calls = drive.navigator._route.plan, []

    def once(*args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("not now")
        return plan(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(drive.navigator._route, "plan", once)
    with pytest.warns(RuntimeWarning, match="route: RuntimeError"):
        drive.run(3.0)
    assert len(calls) == 2 and drive.v[-1] > 0.5


@pytest.mark.parametrize("sensor", [Scan, Odometry])
def test_a_silent_sensor_makes_it_stop_and_say_so_and_it_goes_on_by_itself(sensor: type) -> None:
    drive = under_way(seconds=2.0)
    drive.heard = lambda message: not isinstance(message, sensor)
    drive.run(3.0)
    assert drive.navigator.status is Status.BLIND
    assert abs(drive.v[-1]) < 0.02
    drive.heard = lambda _: True
    drive.run(3.0)
    assert drive.navigator.status is Status.DRIVING and drive.v[-1] > 0.3


def test_people_seen_long_ago_are_let_go_when_the_detector_falls_silent() -> None:
    drive = under_way(seconds=1.0)
    now = drive.world.time
    drive.navigator.observe(Detections(now, np.array([[2.0, 1.5]]), 0.05))
    drive.heard = lambda message: not isinstance(message, Detections)
    drive.run(0.4)
    assert drive.navigator.belief is not None and drive.navigator.belief.tracks
    drive.run(9.0)
    assert not drive.navigator.belief.tracks


def test_a_message_from_the_future_before_the_first_tick_is_dropped() -> None:
    drive = Drive()
    drive.navigator.observe(Odometry(1000.0, Pose(0.0, 0.0), 0.0, 0.0))
    drive.navigator.request(GoTo(FAR, match_heading=False))
    assert drive.run(3.0).v[-1] > 0.5


def test_asked_five_times_as_often_it_keeps_the_same_limits() -> None:
    drive, commands = Drive(), []
    drive.navigator.request(GoTo(FAR, match_heading=False))
    for tick in range(1500):
        for message in drive.world.receive():
            drive.navigator.observe(message)
        commands.append(drive.navigator.step(drive.world.time))
        drive.world.send(commands[-1])
        drive.world.advance((tick + 1) * TICK / 5)
    v = np.array([c.v for c in commands[::5]])
    a = np.diff(v) / TICK
    assert v.max() > 0.9
    assert a.max() <= ROBOT.limits.ax_max + 1e-3 and a.min() >= ROBOT.limits.ax_min - 1e-3
    assert np.abs(np.diff(a)).max() <= ROBOT.limits.jx_max * TICK + 1e-2


def test_following_nobody_does_not_go_where_the_last_task_wanted() -> None:
    drive = under_way(seconds=2.0)
    drive.navigator.request(Follow(99))
    drive.run(3.0)
    before = drive.world.truth.pose
    drive.run(3.0)
    assert drive.navigator.status is Status.LOST
    assert drive.world.truth.pose.distance(before) < 0.02


def test_a_map_that_has_slipped_six_centimetres_does_not_lead_into_the_wall() -> None:
    drive = Drive()
    goal = Pose(5.0, 0.3 + ROBOT.shape.circumscribed_radius)

    class Slipped(Navigator):
        def observe(self, message: object) -> None:
            if isinstance(message, Localization):
                true = message.map_from_odom
                message = replace(message, map_from_odom=Pose(true.x, true.y + 0.06, true.yaw))
            super().observe(message)  # type: ignore[arg-type]

    drive.navigator = Slipped(ROBOT, HOME)
    drive.navigator.request(GoTo(replace(goal, y=goal.y - 0.2), match_heading=False))
    drive.run(12.0)
    assert not drive.world.contacts


@pytest.mark.parametrize("jerk", [0.5, 1.0, 2.0, 30.0])
def test_every_plan_ends_at_rest_however_slowly_turning_may_change(jerk: float) -> None:
    limits = msgspec.structs.replace(RobotProfile.load("round").limits, jz_max=jerk, jx_max=max(jerk / 5, 0.5))
    robot = msgspec.structs.replace(RobotProfile.load("round"), limits=limits)
    planner = TrajectoryPlanner(robot, Navigator(ROBOT, HOME).config.planner, np.random.default_rng(0))
    rng, b = np.random.default_rng(1), bounds(robot)
    states = np.zeros((STEPS + 1 + planner._tail, 7))
    for _ in range(50):
        u = np.concatenate([rng.uniform(b.v_low, b.v_high, 4), rng.choice([-1.0, 1.0], 4) * b.w_high])
        rollout(u, np.array([0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0]), b, planner._tail, states)
        assert np.abs(states[-1, 3:5]).max() < 1e-3


def test_a_robot_without_reverse_reaches_a_goal_close_behind() -> None:
    robot = RobotProfile.load("turtlebot4")
    drive = Drive(start=Pose(5.0, 3.0), robot=robot)
    drive.navigator.request(GoTo(Pose(4.8, 3.0)))
    drive.run(15.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED
