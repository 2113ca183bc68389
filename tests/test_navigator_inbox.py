"""Which messages are believed, when, and with which stamp; and what time it is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pavane import BadMessage, BadSetting, GoTo, Navigator, Pose, Status
from pavane.core.entities import KINDS
from pavane.core.messages import Detections, Localization, Odometry, Scan, ScreenFeedback
from pavane.navigator import TICK
from pavane.navigator.inbox import AHEAD, HELD, SET_BACK, Inbox
from pavane.prediction import LatencyMonitor
from test_navigator import FAR, HOME, ROBOT, START, Drive, under_way


def make(said: list[str] | None = None, latencies: LatencyMonitor | None = None) -> Inbox:
    return Inbox(ROBOT, KINDS, latencies or LatencyMonitor(), [].append if said is None else said.append)


def odometry(stamp: float) -> Odometry:
    return Odometry(stamp, Pose(0.0, 0.0), 0.0, 0.0)


def test_what_is_no_message_or_of_an_unknown_kind_is_refused() -> None:
    inbox = make()
    with pytest.raises(BadMessage, match="no such message"):
        inbox.put("scan")  # type: ignore[arg-type]
    with pytest.raises(BadMessage, match="unknown kind"):
        inbox.put(Detections(0.0, np.array([[1.0, 0.0]]), 0.05, kinds=("dragon",)))
    assert inbox.held == 0


def test_before_the_first_tick_all_is_held_and_handed_out_in_the_order_of_arrival() -> None:
    inbox = make()
    came = [odometry(0.02), ScreenFeedback(0.01, 0.0, 0.0), odometry(0.0), Localization(0.03, Pose(0.0, 0.0))]
    assert [inbox.put(message) for message in came] == [None] * 4 and inbox.held == 4
    assert inbox.tick(0.04) == came and inbox.held == 0
    assert inbox.tick(0.06) == []


def test_what_is_not_ahead_is_handed_out_at_once_and_what_is_when_its_time_has_come() -> None:
    inbox = make()
    inbox.tick(1.0)
    now, later = odometry(1.0 + AHEAD), odometry(1.01 + AHEAD)
    assert inbox.put(now) is now
    assert inbox.put(later) is None
    assert inbox.tick(1.02) == [later]


def test_what_is_ahead_of_the_tick_too_is_dropped_with_a_word_for_each_kind() -> None:
    said: list[str] = []
    inbox = make(said)
    inbox.tick(1.0)
    for _ in range(3):
        inbox.put(odometry(5.0))
        inbox.put(ScreenFeedback(5.0, 0.0, 0.0))
        assert inbox.tick(inbox.now + TICK) == []
    assert [text.split()[0] for text in said] == ["Odometry", "ScreenFeedback"]
    assert "one clock" in said[0]


def test_of_each_kind_the_newest_are_held() -> None:
    inbox = make()
    for i in range(HELD + 5):
        inbox.put(odometry(1e-4 * i))
    first = inbox.tick(1.0)[0]
    assert first.stamp == pytest.approx(5e-4)


def test_a_clock_that_is_set_back_is_noticed_and_a_little_is_not_taken_for_it() -> None:
    inbox = make()
    assert not inbox.is_set_back(-1e9)
    inbox.tick(10.0)
    assert not inbox.is_set_back(10.0 - 0.9 * SET_BACK) and inbox.is_set_back(10.0 - 1.1 * SET_BACK)
    for nonsense in (math.nan, math.inf, None):
        with pytest.raises(BadSetting):
            inbox.is_set_back(nonsense)  # type: ignore[arg-type]
    assert inbox.driving == 0.0
    inbox.tick(12.0)
    assert inbox.driving == 2.0
    inbox.put(odometry(20.0))
    inbox.reset()
    assert inbox.now == -math.inf and inbox.driving == 0.0 and inbox.held == 1


def test_the_age_of_messages_is_noted_on_the_first_tick_that_can_use_them() -> None:
    latencies = LatencyMonitor()
    inbox = make(latencies=latencies)
    inbox.tick(1.0)
    inbox.put(odometry(0.97))
    assert latencies.of("Odometry") is None
    inbox.tick(1.02)
    noted = latencies.of("Odometry")
    assert noted is not None and noted.median == pytest.approx(0.05)


def test_stamps_of_a_fast_clock_are_set_right() -> None:
    inbox, now = make(), 1.0
    for _ in range(60):
        inbox.tick(now)
        believed = inbox.put(Scan(now + 0.2, 0.0, 0.1, np.ones(3), 5.0, Pose(0.0, 0.0)))
        now += TICK
    assert believed is not None
    assert believed.stamp == pytest.approx(now - ROBOT.latency.scan, abs=TICK)


# -- and so the whole navigator ---------------------------------------------------------------------------------------


def test_a_message_from_the_future_before_the_first_tick_is_dropped() -> None:
    drive = Drive()
    drive.navigator.observe(Odometry(1000.0, Pose(0.0, 0.0), 0.0, 0.0))
    drive.navigator.request(GoTo(FAR, match_heading=False))
    with pytest.warns(RuntimeWarning, match=r"Odometry is stamped 1000.000 s in the future"):
        drive.run(TICK)
    assert drive.run(3.0).v[-1] > 0.5


def test_a_sensor_that_is_always_ahead_is_left_out_with_one_warning() -> None:
    drive, ahead = under_way(seconds=1.0), 2.0
    observe = drive.navigator.observe

    def shifted(message: object) -> None:
        late = isinstance(message, Odometry)
        observe(replace(message, stamp=message.stamp + ahead) if late else message)  # type: ignore[type-var, arg-type]

    drive.navigator.observe = shifted  # type: ignore[method-assign, assignment]
    with pytest.warns(RuntimeWarning, match=r"Odometry is stamped .* in the future and dropped") as said:
        drive.run(2.0)
    assert len(said) == 1
    assert drive.navigator.status is Status.BLIND and abs(drive.v[-1]) < 0.02
    ahead = 0.0
    assert drive.run(3.0).v[-1] > 0.3


def test_messages_ahead_of_the_clock_do_not_fill_the_memory() -> None:
    navigator = Navigator(ROBOT, HOME)
    navigator.observe(Localization(0.0, START))
    for i in range(3 * HELD):
        navigator.observe(Odometry(0.001 * i, Pose(0.0, 0.0), 0.0, 0.0))
    assert navigator.inbox.held == HELD + 1
    assert navigator.step(0.003 * HELD).reason != "no fresh odometry or localization"  # said once, and not pushed out


@pytest.mark.parametrize("now", [math.nan, math.inf, -math.inf, None, "now"])
def test_a_step_at_no_time_is_refused_and_changes_nothing(now: object) -> None:
    drive, calm = under_way(seconds=1.0), under_way(seconds=1.0)
    with pytest.raises(BadSetting, match="time of a step"):
        drive.navigator.step(now)  # type: ignore[arg-type]
    assert (drive.run(0.5).v == calm.run(0.5).v).all()
