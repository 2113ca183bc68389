"""The task, the way to it, and every status that it can have."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from beliefs import track
from pavane import BadGoal, Follow, GoTo, Navigator, Pose, Status, Stop
from pavane.core.belief import Belief, RobotState
from pavane.navigator.mission import STUCK, Mission, MissionEvent, next_status
from pavane.planning.reactive import CommandState
from test_navigator import FAR, HOME, ROBOT, START, under_way

TASKS = (None, GoTo(FAR), Follow(), Stop())
REST = CommandState()


def make() -> Mission:
    return Navigator(ROBOT, HOME).mission


def believe(here: Pose = START, v: float = 0.0) -> Belief:
    drive = under_way(seconds=0.3)
    belief = drive.navigator.belief
    assert belief is not None
    robot = RobotState(here, v, 0.0)
    return replace(belief, stamp=0.0, robot=robot, tracks=(), map_from_odom=Pose(0.0, 0.0))


BELIEF = believe()


# -- the state machine ------------------------------------------------------------------------------------------------


def test_nothing_but_a_request_and_the_sensors_change_the_status_without_a_task() -> None:
    for status, event in product(Status, MissionEvent):
        expected = Status.ROUTING if (event, status) == (MissionEvent.SIGHTED, Status.BLIND) else status
        assert next_status(status, event, None) is expected


def test_a_request_begins_anew_from_any_status() -> None:
    for status in Status:
        assert next_status(status, MissionEvent.REQUESTED, GoTo(FAR)) is Status.ROUTING
        assert next_status(status, MissionEvent.REQUESTED, Follow()) is Status.ROUTING
        assert next_status(status, MissionEvent.REQUESTED, Stop()) is Status.DRIVING


def test_a_blind_robot_says_so_whatever_it_does_and_goes_on_by_itself() -> None:
    for status, task in product(Status, TASKS[1:]):
        assert next_status(status, MissionEvent.BLINDED, task) is Status.BLIND
    assert [next_status(Status.BLIND, MissionEvent.SIGHTED, task) for task in TASKS[1:]] == [
        Status.ROUTING, Status.ROUTING, Status.DRIVING
    ]  # fmt: skip
    for status in set(Status) - {Status.BLIND}:
        assert next_status(status, MissionEvent.SIGHTED, GoTo(FAR)) is status


def test_a_goal_is_reached_only_on_the_way() -> None:
    on_the_way = {Status.DRIVING, Status.WAITING}
    for status in Status:
        reached = next_status(status, MissionEvent.ARRIVED, GoTo(FAR))
        assert reached is (Status.REACHED if status in on_the_way else status)
    assert next_status(Status.DRIVING, MissionEvent.STANDS, GoTo(FAR)) is Status.WAITING
    assert next_status(Status.WAITING, MissionEvent.MOVES, GoTo(FAR)) is Status.DRIVING
    assert next_status(Status.NO_ROUTE, MissionEvent.MOVES, GoTo(FAR)) is Status.NO_ROUTE


def test_events_of_one_task_are_nothing_to_another() -> None:
    own = {
        GoTo: {
            MissionEvent.ROUTE_FOUND,
            MissionEvent.NO_ROUTE_FOUND,
            MissionEvent.MOVES,
            MissionEvent.STANDS,
            MissionEvent.ARRIVED,
        },
        Follow: {MissionEvent.PERSON_SEEN, MissionEvent.PERSON_LOST},
        Stop: {MissionEvent.STOPPED},
    }
    for kind, events in own.items():
        for task, event, status in product(TASKS, events, set(Status) - {Status.BLIND}):
            if not isinstance(task, kind):
                assert next_status(status, event, task) is status


# -- the mission ------------------------------------------------------------------------------------------------------


def test_a_goal_that_cannot_be_is_refused_and_nothing_changes() -> None:
    mission = make()
    mission.request(GoTo(FAR))
    for task in ("dock", GoTo("moon"), GoTo(Pose(50.0, 50.0))):
        with pytest.raises(BadGoal):
            mission.request(task)  # type: ignore[arg-type]
    assert mission.task == GoTo(FAR) and mission.status is Status.ROUTING


def test_a_way_is_looked_for_once_and_again_when_the_search_failed() -> None:
    mission = make()
    assert mission.look_for_way(BELIEF, 0.0, 0.1) is None
    mission.request(GoTo(FAR, match_heading=False))
    search = mission.look_for_way(BELIEF, 0.0, 0.1)
    assert search is not None and mission.look_for_way(BELIEF, 0.1, 0.1) is None
    mission.way_failed()
    assert mission.look_for_way(BELIEF, 0.2, 0.1) is not None
    mission.take_way(search())
    assert mission.status is Status.DRIVING and mission.guidance is not None
    mission.take_way(None)
    assert mission.status is Status.NO_ROUTE and mission.guidance is None


def test_it_waits_where_it_stands_looks_for_another_way_and_arrives_at_rest() -> None:
    mission = make()
    mission.request(GoTo(FAR, match_heading=False))
    search = mission.look_for_way(BELIEF, 0.0, 0.1)
    assert search is not None
    mission.take_way(search())
    mission.update_status(BELIEF, REST, 0.0)
    assert mission.status is Status.DRIVING
    mission.update_status(BELIEF, REST, 2.1)
    assert mission.status is Status.WAITING
    assert mission.look_for_way(BELIEF, STUCK - 0.1, 0.1) is None
    assert mission.look_for_way(BELIEF, STUCK + 0.1, 0.1) is None  # the way just ahead is noted as blocked
    assert mission.look_for_way(BELIEF, STUCK + 0.2, 0.1) is not None
    mission.update_status(BELIEF, CommandState(0.5), 5.0)
    assert mission.status is Status.DRIVING
    there = believe(FAR)
    mission.update_status(there, REST, 6.0)
    assert mission.status is Status.DRIVING  # not yet at rest
    mission.update_status(there, REST, 6.3)
    assert mission.status is Status.REACHED and mission.task is None and mission.guidance is None


def test_it_is_blind_only_after_the_start_and_with_something_to_do() -> None:
    mission = make()
    mission.update_sight(False, 9.0)
    assert mission.status is Status.IDLE
    mission.request(GoTo(FAR))
    mission.update_sight(False, 0.5)
    assert mission.status is Status.ROUTING
    mission.update_sight(False, 1.5)
    assert mission.status is Status.BLIND
    assert mission.look_for_way(BELIEF, 0.0, 0.1) is not None
    mission.update_sight(True, 2.0)
    assert mission.status is Status.ROUTING and mission.look_for_way(BELIEF, 0.1, 0.1) is not None


def test_after_the_clock_was_set_back_a_goal_is_kept_and_a_person_is_not() -> None:
    mission = make()
    mission.request(GoTo(FAR))
    assert mission.look_for_way(BELIEF, 100.0, 0.1) is not None
    mission.start_anew()
    assert mission.task == GoTo(FAR) and mission.status is Status.ROUTING
    assert mission.look_for_way(BELIEF, 0.0, 0.1) is not None
    mission.request(Follow(7))
    mission.start_anew()
    assert mission.task == Stop() and mission.status is Status.DRIVING
    mission.update_status(BELIEF, REST, 0.0)
    mission.update_status(BELIEF, REST, 0.2)
    assert mission.status is Status.STOPPED and mission.task is None
    mission.start_anew()
    assert mission.status is Status.STOPPED


def test_the_nearest_person_is_followed_and_goes_on_under_another_number() -> None:
    mission = make()
    mission.request(Follow())
    assert mission.look_for_way(BELIEF, 0.0, 0.1) is None and mission.status is Status.LOST
    person = track(3.0, 3.0, identity=1)
    seen = replace(BELIEF, tracks=(track(5.0, 3.0, identity=2), person))
    assert mission.look_for_way(seen, 0.1, 0.1) is not None and mission.status is Status.FOLLOWING
    assert mission.person is person and mission.followed_in(seen) is person
    assert mission.look_for_way(seen, 0.2, 0.1) is None  # a moment ago
    other = replace(BELIEF, stamp=0.7, tracks=(track(3.1, 3.0, identity=9), track(5.0, 3.0, identity=2)))
    assert mission.followed_in(other) is None
    assert mission.look_for_way(other, 0.7, 0.1) is not None
    assert mission.person is other.tracks[0]
    mission.take_way(None)  # out of reach: followed as far as the way goes
    assert mission.status is Status.FOLLOWING


# -- and so the whole navigator ---------------------------------------------------------------------------------------


def test_who_was_followed_is_not_known_after_the_clock_was_set_back() -> None:
    drive = under_way(seconds=1.0)
    drive.navigator.request(Follow())
    with pytest.warns(RuntimeWarning, match="the clock was set back"):
        drive.navigator.step(-5.0)
    assert isinstance(drive.navigator.task, Stop)


@pytest.mark.parametrize("task", [None, "dock", Pose(1.0, 1.0), GoTo])
def test_what_is_no_task_is_refused_and_the_old_one_goes_on(task: object) -> None:
    drive = under_way(seconds=1.0)
    with pytest.raises(BadGoal, match="no such task"):
        drive.navigator.request(task)  # type: ignore[arg-type]
    assert drive.run(1.0).v[-1] > 0.3
