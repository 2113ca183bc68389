"""Each tick's command, from the plan in use, past the guard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pavane.core.messages import Scan
from pavane.navigator.base import TICK
from pavane.navigator.reflex import NO_SIGHT, Reflex
from pavane.planning.reactive import CommandState, Verdict, guard
from test_navigator import ROBOT, Drive, under_way


def act(drive: Drive, reflex: Reflex) -> Any:
    navigator = drive.navigator
    return reflex.act(drive.world.time, navigator.schedule, navigator.senses, navigator.base, navigator.delay)


def test_it_sends_what_the_guard_lets_through_and_keeps_what_the_guard_looked_at() -> None:
    drive, wanted = under_way(seconds=2.0), CommandState(0.123, 0.0)
    reflex = Reflex(ROBOT, lambda *_, **__: Verdict(wanted, True, "because"))
    command = act(drive, reflex)
    assert (command.v, command.emergency, command.reason) == (0.123, True, "because")
    assert drive.navigator.base.state is wanted and drive.navigator.base.command is command
    assert reflex.reaction is not None and reflex.reaction.command is command is not None
    assert reflex.held_back is reflex.reaction
    assert reflex.reaction.wanted.v > 0.3


def test_the_guard_is_asked_about_where_the_command_will_act_and_for_how_long() -> None:
    drive, asked = under_way(seconds=2.5), {}

    def noting(near, proposal, robot, bounds):  # type: ignore[no-untyped-def]
        asked.update(proposal._asdict())
        return guard(near, proposal, robot, bounds)

    before, plant = drive.navigator.base.state, drive.navigator.plant
    command = act(drive, Reflex(ROBOT, noting))
    assert asked["dt"] == TICK and asked["before"] is before
    assert asked["reaction"] >= TICK + max(plant.lag, ROBOT.latency.actuation_lag)
    ahead = drive.world.truth.pose.inverse() @ asked["at"]
    assert ahead.x == pytest.approx(command.v * plant.dead_time, abs=0.05)
    assert not command.reason


def test_without_knowing_where_it_is_it_eases_off_and_the_guard_is_not_asked() -> None:
    drive = under_way(seconds=2.0)
    drive.navigator.senses.reset()
    reflex = Reflex(ROBOT, guard)
    speeds = [drive.commands[-1].v]
    for _ in range(10):
        command = act(drive, reflex)
        assert command.reason == NO_SIGHT and not command.emergency
        speeds.append(command.v)
    assert (np.diff(speeds) <= 1e-9).sum() >= 8 and np.diff(speeds).min() >= ROBOT.limits.ax_min * TICK - 1e-9
    assert reflex.reaction is None and reflex.held_back is None


def test_a_stale_scan_holds_it_back_with_the_reason_of_the_newest_such_tick() -> None:
    drive = under_way(seconds=2.0)
    assert drive.navigator.reflex.held_back is None
    drive.heard = lambda message: not isinstance(message, Scan)
    drive.run(0.4)
    held_back = drive.navigator.reflex.held_back
    assert held_back is not None and "scan" in held_back.command.reason
    assert held_back.command is drive.commands[-1]
    drive.navigator.reflex.reset()
    assert drive.navigator.reflex.held_back is None and drive.navigator.reflex.reaction is None
