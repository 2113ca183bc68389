"""The whole cycle: bad and late messages, new tasks in mid-drive, stopping, following, and what is told to people."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pavane import BadGoal, BadMessage, Follow, GoTo, Navigator, Pose, RobotProfile, Status, Stop
from pavane.core.geometry import Grid
from pavane.core.messages import Detections, Localization, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command
from pavane.maps import OccupancyMap
from pavane.navigator import STALE, TICK
from pavane.sim import PersonSpec, World
from sim_scenes import RESOLUTION, room

ROBOT = RobotProfile.load("astro_like")
HOME = room(10.0, 6.0)
START, FAR = Pose(1.5, 3.0), Pose(8.5, 3.0)


class Drive:
    """A navigator in a world; ``heard`` decides which messages reach it."""

    def __init__(
        self, home: OccupancyMap = HOME, start: Pose = START, people: tuple[PersonSpec, ...] = (),
        robot: RobotProfile = ROBOT, seed: int = 1,
    ) -> None:  # fmt: skip
        self.world = World(home, robot, start, people, seed=seed)
        self.navigator = Navigator(robot, home)
        self.commands: list[Command] = []
        self.ticks = 0
        self.heard: Callable[[object], bool] = lambda _: True

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> Drive:
        for _ in range(round(seconds / TICK)):
            for message in self.world.receive():
                if self.heard(message):
                    self.navigator.observe(message)
            self.commands.append(self.navigator.step(self.world.time))
            self.world.send(self.commands[-1])
            self.ticks += 1
            self.world.advance(self.ticks * TICK)
            if until():
                break
        return self

    @property
    def v(self) -> np.ndarray:
        return np.array([c.v for c in self.commands])

    @property
    def omega(self) -> np.ndarray:
        return np.array([c.omega for c in self.commands])


def hold_comfort(drive: Drive, since: int = 0) -> None:
    limits = ROBOT.limits
    a, alpha = np.diff(drive.v[since:]) / TICK, np.diff(drive.omega[since:]) / TICK
    assert a.max(initial=0.0) <= limits.ax_max + 1e-3 and a.min(initial=0.0) >= limits.ax_min - 1e-3
    assert np.abs(alpha).max(initial=0.0) <= limits.az_max + 1e-3
    assert np.abs(np.diff(a)).max(initial=0.0) <= limits.jx_max * TICK + 1e-2
    assert not any(c.emergency for c in drive.commands[since:])


def under_way(target: Pose = FAR, seconds: float = 3.0) -> Drive:
    drive = Drive()
    drive.navigator.request(GoTo(target, match_heading=False))
    return drive.run(seconds)


# -- messages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [None, "scan", {"stamp": 1.0}, Pose(0.0, 0.0)])
def test_what_is_no_message_is_refused_and_the_drive_goes_on(message: object) -> None:
    drive = under_way(seconds=1.0)
    with pytest.raises(BadMessage):
        drive.navigator.observe(message)  # type: ignore[arg-type]
    assert drive.run(1.0).v[-1] > 0.3
    hold_comfort(drive)


NAN = math.nan
BAD: list[Callable[[], object]] = [
    lambda: Odometry(1.0, Pose(NAN, 0.0), 0.0, 0.0),
    lambda: Odometry(1.0, Pose(0.0, 0.0), math.inf, 0.0),
    lambda: Localization(NAN, Pose(0.0, 0.0)),
    lambda: Scan(1.0, 0.0, 0.1, np.full(3, NAN), 5.0, Pose(0.0, 0.0)),
    lambda: Scan(1.0, 0.0, 0.1, np.array([1.0, -2.0]), 5.0, Pose(0.0, 0.0)),
    lambda: Detections(1.0, np.array([[NAN, 1.0]]), 0.05),
    lambda: Detections(1.0, np.zeros((2, 3)), 0.05),
    lambda: ScreenFeedback(1.0, NAN, 0.0),
]


@pytest.mark.parametrize("make", BAD)
def test_a_bad_message_never_gets_as_far_as_the_navigator(make: Callable[[], object]) -> None:
    drive = under_way(seconds=0.6)
    with pytest.raises(BadMessage):
        drive.navigator.observe(make())  # type: ignore[arg-type]
    drive.run(0.4)
    assert drive.navigator.status is Status.DRIVING


def test_messages_may_come_in_any_order() -> None:
    ordered, shuffled = under_way(seconds=0.0), under_way(seconds=0.0)
    rng = np.random.default_rng(0)
    for drive, mix in ((ordered, False), (shuffled, True)):
        for _ in range(150):
            messages = drive.world.receive()
            if mix:
                rng.shuffle(messages)  # type: ignore[arg-type]
            for message in messages:
                drive.navigator.observe(message)
            drive.commands.append(drive.navigator.step(drive.world.time))
            drive.world.send(drive.commands[-1])
            drive.ticks += 1
            drive.world.advance(drive.ticks * TICK)
    hold_comfort(shuffled)
    assert np.abs(shuffled.v - ordered.v).max() < 0.05
    assert shuffled.world.truth.pose.distance(ordered.world.truth.pose) < 0.05


def test_old_messages_that_come_late_change_nothing() -> None:
    drive, calm = under_way(seconds=2.0), under_way(seconds=2.0)
    old = [Odometry(0.1, Pose(5.0, 5.0, 2.0), -1.0, 1.0), Localization(0.05, Pose(3.0, 3.0, 1.0))]
    old += [ScreenFeedback(0.1, 1.0, 0.0), Detections(0.05, np.array([[0.5, 0.0]]), 0.05)]
    old += [Scan(0.1, -1.0, 0.02, np.full(100, 0.3), 5.0, Pose(0.0, 0.0))]
    for message in old:
        drive.navigator.observe(message)
    assert (drive.run(1.0).v == calm.run(1.0).v).all()


def test_without_messages_it_stands_and_says_nothing_rash() -> None:
    navigator = Navigator(ROBOT, HOME)
    navigator.request(GoTo(Pose(8.0, 3.0)))
    for k in range(100):
        command = navigator.step(k * TICK)
        assert (command.v, command.omega) == (0.0, 0.0) and command.reason


def test_stale_odometry_stops_it_smoothly_and_it_drives_on_afterwards() -> None:
    drive = under_way(seconds=3.0)
    assert drive.v[-1] > 0.7
    since = len(drive.commands)
    drive.heard = lambda message: not isinstance(message, Odometry)
    drive.run(STALE + 0.1)
    assert drive.navigator.status is Status.BLIND
    drive.run(2.0)
    hold_comfort(drive)
    assert abs(drive.v[-1]) < 1e-3 and abs(drive.world.truth.v) < 0.01
    stopped = since + round((STALE + 0.1 + 2.0) / TICK)
    drive.heard = lambda _: True
    drive.run(8.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED
    hold_comfort(drive, stopped)


def test_without_scans_it_slows_to_rest_and_says_why() -> None:
    drive = under_way(seconds=2.0)
    drive.heard = lambda message: not isinstance(message, Scan)
    drive.run(2.0)
    assert abs(drive.v[-1]) < 0.01 and "scan" in drive.commands[-1].reason
    drive.heard = lambda _: True
    drive.run(9.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED


# -- tasks ---------------------------------------------------------------------------------------------------


def test_unknown_places_and_blocked_goals_are_refused_and_the_drive_goes_on() -> None:
    drive = under_way(seconds=1.5)
    for target in ("moon", Pose(50.0, 50.0), Pose(0.05, 3.0), Pose(math.nan, 1.0)):
        with pytest.raises(BadGoal):
            drive.navigator.request(GoTo(target))
    assert drive.navigator.task == GoTo(Pose(8.5, 3.0), match_heading=False)
    drive.run(10.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED


def test_a_goal_behind_a_closed_wall_has_no_route() -> None:
    solid = np.zeros((80, 120), np.uint8)
    solid[[0, -1], :] = solid[:, [0, -1]] = solid[:, 60] = 1
    home = OccupancyMap(Grid(solid, RESOLUTION, Pose(0.0, 0.0)))
    drive = Drive(home, Pose(1.0, 2.0))
    drive.navigator.request(GoTo(Pose(5.0, 2.0)))
    drive.run(1.0)
    assert drive.navigator.status is Status.NO_ROUTE
    assert np.abs(drive.v).max() < 0.02
    drive.navigator.request(GoTo(Pose(2.0, 2.0), match_heading=False))  # and it is of use afterwards
    drive.run(6.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED


def test_a_new_task_takes_effect_in_the_next_cycles_without_a_halt() -> None:
    straight, turned = under_way(seconds=3.0), under_way(seconds=3.0)
    since = len(turned.commands)
    turned.navigator.request(GoTo(Pose(6.0, 5.2), match_heading=False))
    straight.run(1.5)
    turned.run(1.5)
    latency = ROBOT.latency
    changed = np.abs(turned.omega - straight.omega) > 0.02
    first = int(np.argmax(changed)) - since
    assert changed.any() and first >= 0
    # one cycle to ask for the way, routing, one cycle to plan it; then the wheels turn
    assert first * TICK <= 0.1 + latency.routing + 0.1 + latency.planning + 0.1
    assert turned.v[since:].min() > 0.3
    hold_comfort(turned)
    turned.run(8.0, until=lambda: turned.navigator.status is Status.REACHED)
    assert turned.world.truth.pose.distance(Pose(6.0, 5.2)) < 0.1


def test_stop_comes_to_rest_smoothly_and_soon() -> None:
    drive = under_way(seconds=3.0)
    since = len(drive.commands)
    assert drive.v[-1] > 0.8
    drive.navigator.request(Stop())
    drive.run(4.0, until=lambda: drive.navigator.status is Status.STOPPED)
    assert drive.navigator.status is Status.STOPPED and drive.navigator.task is None
    slow = since + int(np.argmax(drive.v[since:] < 0.05))
    assert (slow - since) * TICK < 2.5
    hold_comfort(drive)
    drive.run(1.0)
    assert np.abs(drive.v[-40:]).max() < 0.02


def test_reached_is_reached_and_at_rest() -> None:
    drive = Drive()
    goal = Pose(4.0, 4.0, 1.2)
    drive.navigator.request(GoTo(goal))
    drive.run(15.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED
    truth = drive.world.truth
    assert truth.pose.distance(goal) < 0.08 and abs(math.remainder(truth.pose.yaw - goal.yaw, math.tau)) < 0.14
    assert abs(truth.v) < 0.03
    drive.run(1.0)
    assert drive.world.truth.pose.distance(goal) < 0.09  # and it stays


def test_at_the_goal_already() -> None:
    drive = Drive()
    drive.navigator.request(GoTo(Pose(1.52, 3.0), match_heading=False))
    drive.run(3.0, until=lambda: drive.navigator.status is Status.REACHED)
    assert drive.navigator.status is Status.REACHED


def test_it_follows_somebody_and_keeps_its_distance() -> None:
    person = PersonSpec((3.5, 3.0), ((8.5, 3.0),), 0.6, kind="stubborn")
    drive = Drive(start=Pose(1.5, 3.0), people=(person,))
    drive.navigator.request(Follow(distance=1.2))
    distances = []

    def measure() -> bool:
        truth = drive.world.truth
        distances.append(math.hypot(truth.people[0, 0] - truth.pose.x, truth.people[0, 1] - truth.pose.y))
        return False

    drive.run(13.0, until=measure)
    assert drive.navigator.status is Status.FOLLOWING
    assert not drive.world.contacts
    assert min(distances) > 0.9
    assert distances[-1] < 1.5
    truth = drive.world.truth
    assert truth.pose.x > 6.0
    # they stand, and so does it, facing them, where it came to rest
    bearing = math.atan2(truth.people[0, 1] - truth.pose.y, truth.people[0, 0] - truth.pose.x)
    assert abs(math.remainder(truth.pose.yaw - bearing, math.tau)) < 0.2
    assert np.abs(drive.v[-50:]).max() < 0.05


def test_nobody_to_follow_is_said() -> None:
    drive = Drive()
    drive.navigator.request(Follow())
    drive.run(1.0)
    assert drive.navigator.status is Status.LOST
    assert np.abs(drive.v).max() < 0.02


def test_the_screen_looks_at_who_is_followed() -> None:
    person = PersonSpec((3.5, 4.5), (), 0.3, kind="stubborn")
    drive = Drive(start=Pose(1.5, 3.0), people=(PersonSpec(person.start, (person.start,), 0.3),))  # type: ignore[arg-type]
    drive.navigator.request(Follow(distance=1.2))
    drive.run(4.0)
    truth = drive.world.truth
    bearing = math.atan2(truth.people[0, 1] - truth.pose.y, truth.people[0, 0] - truth.pose.x) - truth.pose.yaw
    assert abs(math.remainder(truth.pan - bearing, math.tau)) < 0.25
