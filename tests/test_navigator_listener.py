"""Who is told what, and what is handed in."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from pavane import BadGoal, BadMessage, BadSetting, GoTo, Navigator, Pose
from pavane.core.belief import ScreenState
from pavane.core.messages import Odometry
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import Screen
from pavane.explain import explain
from pavane.navigator import CYCLE, Listener, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.planning.reactive import Verdict, guard
from test_navigator import FAR, HOME, ROBOT, Drive, under_way


class Notes(Listener):
    """Notes all that it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def requested(self, task: object, error: Exception | None) -> None:
        self.told.append(("requested", task, type(error)))

    def observed(self, message: object, error: Exception | None) -> None:
        self.told.append(("observed", message, type(error)))

    def warned(self, text: str) -> None:
        self.told.append(("warned", text))

    def cycle_began(self) -> None:
        self.told.append(("began",))

    def cycle_ended(self) -> None:
        self.told.append(("ended",))

    def stepped(self, navigator: Navigator, now: float, command: Any, error: Exception | None) -> None:
        self.told.append(("stepped", now, command, type(error)))


def test_a_listener_is_told_of_calls_and_of_what_is_refused() -> None:
    notes = Notes()
    navigator = Navigator(ROBOT, HOME, listeners=(notes,))
    odometry = Odometry(0.0, Pose(0.0, 0.0), 0.0, 0.0)
    navigator.request(GoTo(FAR))
    navigator.observe(odometry)
    with pytest.raises(BadGoal):
        navigator.request(GoTo("moon"))
    with pytest.raises(BadMessage):
        navigator.observe("nothing")  # type: ignore[arg-type]
    command = navigator.step(0.0)
    with pytest.raises(BadSetting):
        navigator.step(math.nan)
    none = type(None)
    assert notes.told[:5] == [
        ("requested", GoTo(FAR), none), ("observed", odometry, none), ("requested", GoTo("moon"), BadGoal),
        ("observed", "nothing", BadMessage), ("stepped", 0.0, command, none),
    ]  # fmt: skip
    assert notes.told[5][2:] == (None, BadSetting)


def test_a_listener_is_told_of_each_cycle_within_its_step() -> None:
    drive, notes = Drive(), Notes()
    drive.navigator = Navigator(ROBOT, HOME, listeners=(notes,))
    drive.run(1.0)
    names = [told[0] for told in notes.told if told[0] != "observed"]
    assert names.count("began") == names.count("ended") == pytest.approx(names.count("stepped") / CYCLE, abs=1)
    first = names.index("began")
    assert names[first : first + 3] == ["began", "ended", "stepped"]


def test_warnings_become_pythons_unless_others_listen_alone() -> None:
    for listeners in ((), (Notes(),)):
        navigator = Navigator(ROBOT, HOME, listeners=listeners)
        navigator.step(5.0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            navigator.step(0.0)
    assert any(told[0] == "warned" and "set back" in told[1] for told in listeners[0].told)
    navigator = Navigator(ROBOT, HOME)
    navigator.step(5.0)
    with pytest.warns(RuntimeWarning, match="set back"):
        navigator.step(0.0)


def test_what_the_clock_makes_it_ask_of_itself_is_no_request() -> None:
    notes = Notes()
    navigator = Navigator(ROBOT, HOME, listeners=(notes,))
    navigator.step(5.0)
    navigator.mission.request(GoTo(FAR))
    navigator.step(0.0)
    assert not any(told[0] == "requested" for told in notes.told)


def test_strategies_are_asked_in_place_of_ours() -> None:
    asked: set[str] = set()

    def gaze(plan: Plan, state: ScreenState, screen: Screen, person: Any) -> ScreenPlan:
        asked.add("gaze")
        return ScreenPlan(plan.start, 3.0, np.full(2, 0.4), np.zeros(2), np.zeros(2))

    def strict(*args: Any, **kwargs: Any) -> Verdict:
        asked.add("guard")
        verdict = guard(*args, **kwargs)
        return Verdict(verdict.state, verdict.emergency, "as I say")

    class Patient:
        def __init__(self, *args: Any) -> None:
            self._planner = TrajectoryPlanner(*args)

        def plan(self, *args: Any) -> Plan:
            asked.add("plan")
            return self._planner.plan(*args)

    drive = Drive()
    drive.navigator = Navigator(ROBOT, HOME, strategies=Strategies(Patient, gaze, strict))
    drive.navigator.request(GoTo(FAR, match_heading=False))
    drive.run(2.0)
    assert asked == {"gaze", "guard", "plan"}
    assert drive.commands[-1].reason == "as I say" and drive.commands[-1].pan == pytest.approx(0.4)
    assert (drive.v == under_way(seconds=2.0).v).all()
    assert drive.navigator.reflex.held_back is drive.navigator.reflex.reaction
    with pytest.raises(BadSetting, match="cannot explain itself"):
        explain(drive.navigator)
