"""What fails in service: jobs that raise, sensors that fall silent, a clock that is off, a map that has slipped."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from pavane import BadGoal, Follow, GoTo, Navigator, Pose, RobotProfile, Status
from pavane.core.messages import FARTHEST, Detections, Localization, Odometry, Scan
from pavane.motion.limits import bounds
from pavane.motion.model import STEPS
from pavane.motion.rollout import rollout
from pavane.navigator import TICK
from pavane.perception.kernels.ray_marking import mark_rays
from pavane.planning.local_planner.planner import TrajectoryPlanner
from test_navigator import FAR, HOME, ROBOT, Drive, hold_comfort, under_way


def test_a_route_that_raises_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Drive()
    drive.navigator.request(GoTo(FAR, match_heading=False))
    plan, calls = drive.navigator.mission.route_planner.plan, []

    def once(*args: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("not now")
        return plan(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(drive.navigator.mission.route_planner, "plan", once)
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


def test_after_a_stall_of_the_caller_the_drive_goes_on_as_if_the_messages_had_come_in_time() -> None:
    drive = under_way(seconds=2.0)
    drive.ticks += 100
    drive.world.advance(drive.ticks * TICK)  # two seconds in which nobody calls; the wheels keep turning as told
    before = len(drive.commands)
    drive.run(1.0)  # a stamp that is ahead of the newest tick is no error
    stale = [c for c in drive.commands[before:] if c.reason == "no fresh odometry or localization"]
    assert not stale
    hold_comfort(drive, since=before)
    drive.run(15.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED and not drive.world.contacts


@pytest.mark.parametrize("by", [-10.0, -0.8, 10.0, 1e9])
def test_a_clock_that_jumps_for_a_while_makes_it_stop_and_go_on(by: float) -> None:
    drive, offset = under_way(seconds=2.0), 0.0
    navigator, step = drive.navigator, drive.navigator.step
    send = drive.world.send
    drive.world.send = lambda command: send(replace(command, stamp=command.stamp - offset))  # type: ignore[method-assign, assignment, misc]
    navigator.step = lambda now: step(now + offset)  # type: ignore[method-assign]
    before = len(drive.commands)
    offset = by  # of the robot's computer: all sensors keep their own time
    with pytest.warns(RuntimeWarning) as said:
        drive.run(2.5)
        assert abs(drive.v[-1]) < 0.02
        offset = 0.0
        drive.run(6.0)
    assert sum("the clock was set back" in str(w.message) for w in said) == 1
    hold_comfort(drive, since=before)
    assert navigator.status is Status.REACHED or drive.v[-1] > 0.3
    assert not drive.world.contacts


def test_all_clocks_set_back_together_it_eases_off_and_goes_on() -> None:
    drive = under_way(seconds=2.0)
    navigator, observe, step, by = drive.navigator, drive.navigator.observe, drive.navigator.step, -7.0
    observed = lambda m: observe(replace(m, stamp=m.stamp + by))  # noqa: E731
    navigator.observe, navigator.step = observed, lambda now: step(now + by)  # type: ignore[method-assign, assignment]
    send = drive.world.send
    drive.world.send = lambda command: send(replace(command, stamp=command.stamp - by))  # type: ignore[method-assign, assignment]
    before = len(drive.commands)
    with pytest.warns(RuntimeWarning, match="the clock was set back"):
        drive.run(1.0)
    drive.run(10.0, until=lambda: navigator.status is Status.REACHED)
    assert navigator.status is Status.REACHED
    hold_comfort(drive, since=before)


def test_odometry_whose_clock_is_set_back_for_a_while_makes_it_stop_and_go_on() -> None:
    drive, by = under_way(seconds=2.0), -2.0
    observe = drive.navigator.observe

    def shifted(message: object) -> None:
        off = isinstance(message, Odometry)
        observe(replace(message, stamp=message.stamp + by) if off else message)  # type: ignore[type-var, arg-type]

    drive.navigator.observe = shifted  # type: ignore[method-assign, assignment]
    drive.run(3.0)
    assert drive.navigator.status is Status.BLIND and abs(drive.v[-1]) < 0.02
    by = 0.0
    assert drive.run(3.0).v[-1] > 0.3
    assert not drive.world.contacts


@pytest.mark.parametrize("far", [FARTHEST, -FARTHEST])
def test_a_localization_far_beyond_the_map_stops_it_and_the_next_good_one_makes_it_go_on(far: float) -> None:
    drive = under_way(seconds=2.0)
    good = drive.heard
    drive.heard = lambda message: not isinstance(message, Localization)
    drive.navigator.observe(Localization(drive.world.time, Pose(far, far)))
    drive.run(2.5)
    assert abs(drive.v[-1]) < 0.06  # beyond the map all is solid
    drive.heard = good
    assert drive.run(4.0).v[-1] > 0.3
    assert not drive.world.contacts


def test_odometry_may_jump_as_far_as_a_message_may_say() -> None:
    drive = under_way(seconds=1.0)
    drive.navigator.observe(Odometry(drive.world.time, Pose(-FARTHEST, FARTHEST), 0.0, 0.0))
    drive.run(2.0)
    assert not drive.world.contacts


def test_scans_in_single_precision_and_of_a_lidar_that_sees_a_thousand_kilometres_are_as_quick() -> None:
    drive, calm = under_way(seconds=1.0), under_way(seconds=2.0)
    observe = drive.navigator.observe

    def far(message: object) -> None:
        if isinstance(message, Scan):
            ranges = np.repeat(message.ranges.astype(np.float32), 2)[::2]  # neither float64 nor contiguous
            message = replace(message, ranges=ranges, range_max=1e6)
        observe(message)  # type: ignore[arg-type]

    compiled = len(mark_rays.signatures)
    drive.navigator.observe = far  # type: ignore[method-assign, assignment]
    drive.run(1.0)
    assert len(mark_rays.signatures) == compiled
    assert np.abs(drive.v - calm.v).max() < 0.02


@pytest.mark.parametrize(
    "make",
    [
        lambda: GoTo(None),  # type: ignore[arg-type]
        lambda: GoTo(5),  # type: ignore[arg-type]
        lambda: GoTo(Pose(math.nan, 0.0)),
        lambda: GoTo(Pose(0.0, 0.0, math.inf)),
        lambda: GoTo(Pose("a", 0.0)),  # type: ignore[arg-type]
        lambda: GoTo(Pose(1e308, 0.0)),
        lambda: GoTo("dock", tolerance=math.nan),
        lambda: GoTo("dock", tolerance=-1.0),
        lambda: GoTo("dock", tolerance="near"),  # type: ignore[arg-type]
        lambda: GoTo("dock", heading_tolerance=0.0),
        lambda: Follow(distance=-1.0),
        lambda: Follow(distance=math.inf),
        lambda: Follow("Ann"),  # type: ignore[arg-type]
    ],
)
def test_a_task_that_makes_no_sense_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(BadGoal):
        make()


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

    observe = drive.navigator.observe

    def slipped(message: object) -> None:
        if isinstance(message, Localization):
            true = message.map_from_odom
            message = replace(message, map_from_odom=Pose(true.x, true.y + 0.06, true.yaw))
        observe(message)  # type: ignore[arg-type]

    drive.navigator.observe = slipped  # type: ignore[method-assign, assignment]
    drive.navigator.request(GoTo(replace(goal, y=goal.y - 0.2), match_heading=False))
    drive.run(12.0)
    assert not drive.world.contacts


@pytest.mark.parametrize("jerk", [0.5, 1.0, 2.0, 30.0])
def test_every_plan_ends_at_rest_however_slowly_turning_may_change(jerk: float) -> None:
    limits = msgspec.structs.replace(RobotProfile.load("round").limits, jz_max=jerk, jx_max=max(jerk / 5, 0.5))
    robot = msgspec.structs.replace(RobotProfile.load("round"), limits=limits)
    planner = TrajectoryPlanner(robot, Navigator(ROBOT, HOME).config.planner, np.random.default_rng(0))
    rng, b = np.random.default_rng(1), bounds(robot)
    states = np.zeros((STEPS + 1 + planner.tail, 7))
    for _ in range(50):
        u = np.concatenate([rng.uniform(b.v_low, b.v_high, 4), rng.choice([-1.0, 1.0], 4) * b.w_high])
        rollout(u, np.array([0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0]), b, planner.tail, states)
        assert np.abs(states[-1, 3:5]).max() < 1e-3


def test_a_robot_without_reverse_reaches_a_goal_close_behind() -> None:
    robot = RobotProfile.load("turtlebot4")
    drive = Drive(start=Pose(5.0, 3.0), robot=robot)
    drive.navigator.request(GoTo(Pose(4.8, 3.0)))
    drive.run(15.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED
