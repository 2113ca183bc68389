"""What has been commanded, what will be, and what the base makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pavane import Forwarding, Pose
from pavane.core.belief import RobotState
from pavane.navigator.base import EARLY, HISTORY, TICK, Base
from pavane.planning.reactive import CommandState
from test_navigator import ROBOT, under_way


def test_a_tick_is_early_until_its_time() -> None:
    base = Base(ROBOT)
    assert not base.is_early(-1e9)
    base.send(1.0, CommandState(), 0.0, False, "")
    assert base.is_early(1.0) and base.is_early(1.0 + TICK - 1.1 * EARLY)
    assert not base.is_early(1.0 + TICK - 0.9 * EARLY)


def test_commands_of_the_last_seconds_are_kept() -> None:
    base = Base(ROBOT)
    for k in range(300):
        base.send(k * TICK, CommandState(0.1, 0.2), 0.3, k == 299, "why")
    assert base.sent[-1] == (299 * TICK, 0.1, 0.2)
    assert base.sent[0][0] == pytest.approx(299 * TICK - HISTORY, abs=TICK)
    command = base.command
    assert (command.v, command.omega, command.pan, command.emergency, command.reason) == (0.1, 0.2, 0.3, True, "why")


def test_after_a_reset_it_goes_on_from_what_is_commanded() -> None:
    base = Base(ROBOT)
    base.send(5.0, CommandState(0.4), 0.0, False, "")
    base.reset()
    assert base.sent == () and base.state.v == 0.4 and base.command.v == 0.4
    assert base.command.stamp == -math.inf and not base.is_early(0.0)


def test_without_a_plan_it_comes_to_rest_within_the_limits() -> None:
    base, speeds = Base(ROBOT), []
    base.send(0.0, CommandState(0.5), 0.0, False, "")
    for k in range(1, 200):
        speeds.append(base.send(k * TICK, base.follow(None, k * TICK), 0.0, False, "").v)
    assert abs(speeds[-1]) < 1e-6
    assert np.diff(speeds).min() >= ROBOT.limits.ax_min * TICK - 1e-9


def test_what_will_be_commanded_is_what_is_commanded_then() -> None:
    drive = under_way(seconds=2.5)
    base, plan, now = drive.navigator.base, drive.navigator.plan, drive.world.time
    ahead = base.ahead(plan, now, now + 3 * TICK, drive.navigator.delay)
    assert ahead.commands[:-3] == list(base.sent)
    sent = [base.send(now + k * TICK, base.follow(plan, now + k * TICK + drive.navigator.delay), 0.0, False, "")
            for k in range(4)]  # fmt: skip
    assert [(c.stamp, c.v, c.omega) for c in sent[:3]] == ahead.commands[-3:]
    assert (ahead.state.v, ahead.state.omega) == (sent[3].v, sent[3].omega)


def test_where_the_base_will_be_follows_from_the_commands_and_its_delay() -> None:
    base = Base(ROBOT)
    base.send(0.0, CommandState(0.5), 0.0, False, "")
    still = RobotState(Pose(0.0, 0.0), 0.0, 0.0)
    assert base.moved(still, 0.0, 0.9 * base.plant.dead_time, base.plant).pose.x == 0.0
    assert base.moved(still, 0.0, 2.0, base.plant).pose.x == pytest.approx(0.5 * (2.0 - base.plant.delay), abs=0.01)


def test_the_delay_counts_as_far_as_it_is_forwarded() -> None:
    base = Base(ROBOT)
    assert base.delay(Forwarding()) == base.plant.delay == pytest.approx(ROBOT.latency.actuation_delay)
    assert base.delay(Forwarding(robot=False)) == 0.0


def test_what_was_learned_is_forgotten_when_something_else_is_to_be_expected() -> None:
    drive = under_way(seconds=4.0)
    base = drive.navigator.base
    assert base.find().lively > 0.0
    base.expect()
    assert base.find().lively == 0.0 and base.plant.delay == pytest.approx(ROBOT.latency.actuation_delay)
