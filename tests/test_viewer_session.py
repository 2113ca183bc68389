"""The live drive behind the page: it repeats, it can be poked and switched, and nonsense changes nothing."""

import dataclasses
import math

import numpy as np
import pytest

from pavane.core.errors import BadFile, BadMap, BadProfile, BadSetting
from pavane.core.robot import RobotProfile
from pavane.viewer import timeline
from pavane.viewer.frame import Frame
from pavane.viewer.live_navigator import latencies
from pavane.viewer.session import Session
from pavane.viewer.settings import OBJECTIVES, Settings

FLAT = Settings(home="flat", people=2, latency=0.4)


def values(thing):
    """Everything in a frame as nested tuples, arrays as bytes: equal when the frames are equal to the bit."""
    if isinstance(thing, np.ndarray):
        return thing.shape, thing.tobytes()
    if dataclasses.is_dataclass(thing):
        return tuple(values(getattr(thing, field.name)) for field in dataclasses.fields(thing))
    return tuple(map(values, thing)) if isinstance(thing, tuple) else thing


def ahead(frame: Frame, distance: float) -> tuple[float, float]:
    x, y, yaw = frame.robot.pose.tolist()
    return x + distance * math.cos(yaw), y + distance * math.sin(yaw)


def in_corridor(**settings) -> Session:
    """A drive along the corridor of the house, at full speed where it is straight."""
    session = Session(Settings(home="house", people=0, **settings))
    assert session.send_to(13.5, 5.4) == ""
    while session.frame().robot.pose[0] < 8.5 and session.time < 12.0:
        session.advance(0.1)
    return session


# -- it repeats ----------------------------------------------------------------------------------------------------


def poked(step: float) -> Frame:
    """A drive with all that can be done to it."""
    session = Session(FLAT)

    def until(time):
        while session.time < time - 1e-9:
            session.advance(step)

    until(1.2)
    assert session.grab(0) == ""
    x, y = session.frame().people.states[0, :2]
    for i in range(10):
        session.drag(0, x + 0.05 * i, y)
        until(1.2 + 0.12 * (i + 1))
    assert session.release(0) == ""
    assert session.set_door(session.doors().index("bath_door"), False) == ""
    toy = session.drop_toy(*ahead(session.frame(), 1.0))
    assert toy == "" or "stands" in toy
    until(3.0)
    assert session.change(dataclasses.replace(FLAT, objective="weighted_sum", latency=0.2, gaze=False)) == ""
    until(4.2)
    session.drop_box(*ahead(session.frame(), 1.5))
    until(6.0)
    return session.frame()


def test_the_same_pokes_give_the_same_drive_in_whatever_steps_it_goes():
    assert values(poked(0.04)) == values(poked(0.06)) != values(Session(FLAT).frame())


def test_a_restart_is_the_same_drive_and_looking_changes_nothing():
    session = Session(FLAT)
    session.advance(3.0)
    first = values(session.frame())
    assert session.restart() == "" and session.time == 0.0
    for _ in range(30):
        session.advance(0.1)
        session.frame()
    assert values(session.frame()) == first


def test_time_that_is_left_over_counts_the_next_time():
    session = Session(FLAT)
    for _ in range(10):
        session.advance(0.033)
    assert session.time == pytest.approx(0.32, abs=1e-9)
    for nonsense in (-1.0, math.nan, math.inf, "x"):
        with pytest.raises(BadSetting):
            session.advance(nonsense)


def test_two_drives_side_by_side_meet_the_same_people_and_the_same_noise():
    one, other = Session(FLAT), Session(dataclasses.replace(FLAT, gaze=False))  # its cameras are on the base
    panned = 0.0
    for _ in range(12):
        one.advance(0.5)
        other.advance(0.5)
        a, b = one.frame(), other.frame()
        assert (
            a.people.states.tobytes() == b.people.states.tobytes() and a.robot.pose.tobytes() == b.robot.pose.tobytes()
        )
        panned = max(panned, abs(a.robot.pan))
        assert b.robot.pan == 0.0 and b.fan.gaze[:, 2].tolist() != a.fan.gaze[:, 2].tolist()
    assert panned > 0.3
    late = Session(dataclasses.replace(FLAT, latency=0.8))
    assert late.frame().people.states.tobytes() == Session(FLAT).frame().people.states.tobytes()


# -- what is to be seen --------------------------------------------------------------------------------------------


def test_a_frame_before_the_first_plan_is_whole():
    frame = Session(FLAT).frame()
    assert frame.fan is None and frame.near is None and len(frame.series.time) == 0
    assert (
        frame.people.states.shape == (2, 6)
        and frame.people.names == ("Ada", "Ben")
        and frame.people.kinds == ("yielding", "yielding")
    )
    assert not frame.people.held.any() and frame.contacts == () and frame.goals == 0


def test_a_frame_holds_what_it_says():
    session = Session(FLAT)
    known = 0
    for _ in range(16):
        session.advance(0.5)
        frame, fan = session.frame(), session.frame().fan
        assert fan.curves.shape == (len(fan.costs), 31, 2) and fan.curves.dtype == np.float32
        np.testing.assert_allclose(fan.curves[:, 0], np.broadcast_to(fan.effect[:2], fan.curves[:, 0].shape), atol=1e-4)
        np.testing.assert_allclose(fan.curves[fan.chosen, ::1], fan.path[:61:2, :2], atol=2e-3)
        assert fan.costs[fan.chosen] == fan.costs.min() and fan.path[-1, 3] == pytest.approx(0.0, abs=1e-3)
        assert 0.0 <= fan.survival <= 1.0 and fan.gaze.shape == (13, 3)
        assert fan.time > session.time - 0.2
        np.testing.assert_allclose(np.hypot(fan.arrows[:, 2], fan.arrows[:, 3]), 1.0, rtol=1e-6)
        x, y, edge = fan.local.window
        assert x < frame.robot.pose[0] < x + edge and y < frame.robot.pose[1] < y + edge and edge == pytest.approx(6.0)
        x, y, edge = frame.near.window
        assert x < frame.robot.pose[0] < x + edge and y < frame.robot.pose[1] < y + edge and edge == pytest.approx(2.0)
        for person in fan.people:
            assert person.places.shape == (*person.sigma.shape, 2) and person.sigma.shape[1] == len(fan.times) == 7
            assert person.weights.sum() == pytest.approx(1.0) and (np.diff(person.weights) <= 0.0).all()
            assert (np.diff(person.sigma, axis=1) > 0.0).all()
            off = np.hypot(*(frame.people.states[:, :2] - person.place).T)
            known += off.min() < 0.5
        assert frame.status and frame.doing.startswith("on an errand: ")
    assert known > 3  # who is tracked is near somebody who is there
    series = frame.series
    assert (np.diff(series.time) > 0.0).all() and series.v.max() > 0.3
    total = series.perception[-1] + series.planning[-1] + series.actuation[-1]
    assert total == pytest.approx(FLAT.latency, abs=0.06)  # waiting for the next tick and cycle comes on top


def test_the_timeline_keeps_the_newest(monkeypatch):
    monkeypatch.setattr(timeline, "REMEMBERED", 20)
    session = Session(dataclasses.replace(FLAT, people=0))
    session.advance(3.0)
    times = session.frame().series.time
    np.testing.assert_allclose(times, np.arange(1.0, 2.95, 0.1), atol=1e-6)


# -- what the robot is asked ---------------------------------------------------------------------------------------


def test_a_click_sends_the_robot_and_errands_go_on_afterwards():
    session = Session(dataclasses.replace(FLAT, people=0))
    session.advance(1.0)
    start = session.frame().robot.pose
    goal = next(p for p in session.home.places.values() if 1.0 < math.dist(start[:2], (p.x, p.y)) < 4.0)
    assert session.send_to(goal.x, goal.y) == ""
    frame = session.frame()
    assert "as asked" in frame.doing and frame.goal[:2].tolist() == [goal.x, goal.y]
    while session.frame().goals == 0 and session.time < 40.0:
        session.advance(0.5)
    assert math.dist(session.frame().robot.pose[:2], (goal.x, goal.y)) < 0.12
    session.advance(5.0)
    assert "errand" in session.frame().doing


def test_it_stops_on_request_and_goes_on_on_request():
    session = Session(FLAT)
    session.advance(4.0)
    assert session.stop() == ""
    session.advance(6.0)
    frame = session.frame()
    assert abs(frame.robot.v) < 1e-3 and abs(frame.robot.omega) < 1e-2
    assert frame.status == "stopped on request" and "staying" in frame.doing
    assert session.go_on() == "" and "errand" in session.frame().doing


def test_it_follows_whom_it_sees_and_nobody_else():
    session = Session(FLAT)
    for _ in range(60):
        session.advance(0.25)
        seen = [person for person in (0, 1) if session.follow(person) == ""]
        if seen:
            break
    assert seen, "nobody came into view"
    session.advance(1.0)
    assert "following" in session.frame().doing
    fresh = Session(FLAT)
    assert fresh.follow(0) == "The robot cannot follow Ada: it does not see them now."


# -- what is done to its world -------------------------------------------------------------------------------------


def test_who_is_dragged_moves_with_their_true_velocity_and_goes_on_when_let_go():
    session = Session(dataclasses.replace(FLAT, people=1))
    session.advance(0.5)
    assert session.grab(0) == ""
    before = session.frame().people.states[0]
    target = max(
        ((before[0] + dx, before[1] + dy) for dx in (-1.0, 0.0, 1.0) for dy in (-1.0, 0.0, 1.0)),
        key=lambda p: math.dist(p, before[:2]) * (session.drag(0, *p) == ""),
    )
    assert session.drag(0, *target) == "" and session.frame().people.held.tolist() == [True]
    for _ in range(50):
        session.advance(0.02)
        after = session.frame().people.states[0]
        np.testing.assert_allclose(after[3:5], (after[:2] - before[:2]) / 0.02, atol=1e-9)
        assert np.hypot(*after[3:5]) <= 4.0 + 1e-9
        before = after
    assert math.dist(after[:2], target) < 0.05
    assert session.release(0) == "" and not session.frame().people.held.any()
    session.advance(12.0)
    assert math.dist(session.frame().people.states[0, :2], target) > 0.5


def test_who_is_dragged_into_its_way_changes_the_plan():
    def drive(dragged):
        session = in_corridor_with_somebody()
        if dragged:
            assert session.drag(0, *ahead(session.frame(), 2.2)) == ""
        session.advance(1.6)
        return session.frame()

    alone, met = drive(False), drive(True)
    assert met.contacts == ()
    assert met.fan.path[20:60, 3].mean() < 0.75 * alone.fan.path[20:60, 3].mean() or (
        np.abs(met.fan.path[:60, 1] - alone.fan.path[:60, 1]).max() > 0.3
    )
    assert met.fan.survival < alone.fan.survival


def in_corridor_with_somebody() -> Session:
    """As :func:`in_corridor`, with one person who is held elsewhere."""
    session = Session(Settings(home="house", people=1, latency=0.4))
    assert session.grab(0) == ""
    assert session.drag(0, 13.0, 5.2) == ""
    assert session.send_to(12.0, 5.4) == ""
    while session.frame().robot.pose[0] < 8.0 and session.time < 12.0:
        session.advance(0.1)
    return session


def test_a_closed_door_is_seen_and_another_way_is_taken():
    session = Session(Settings(home="house", people=0, latency=0.3))
    door, kitchen = session.doors().index("kitchen_door"), session.home.places["kitchen"]
    assert session.set_door(door, False) == "" and session.send_to(kitchen.x, kitchen.y) == ""
    west = math.inf
    while session.frame().goals == 0 and session.time < 40.0:
        session.advance(0.5)
        west = min(west, session.frame().robot.pose[0])
    frame = session.frame()
    assert frame.goals == 1 and west < 4.0 and frame.contacts == ()  # round through the living room
    leaf = frame.movables.doors[door]
    assert leaf.openness == 0.0 and leaf.angle == 0.0 and not leaf.wanted
    assert session.set_door(door, True) == ""
    session.advance(1.5)
    leaf = session.frame().movables.doors[door]
    assert leaf.openness == 1.0 and leaf.angle == pytest.approx(0.5 * math.pi) and leaf.wanted


def test_a_box_in_its_way_is_met_without_the_guard_and_not_with_it():
    def drive(reflex):
        session = in_corridor(latency=0.3, reflex=reflex)
        assert session.frame().robot.v > 0.8
        assert session.drop_box(*ahead(session.frame(), 0.95)) == ""
        guarded, alarm = 0, np.zeros((0, 2))
        for _ in range(75):
            session.advance(0.02)
            frame = session.frame()
            guarded += frame.reason != ""
            alarm = frame.near.cells if len(frame.near.cells) else alarm
            assert len(frame.near.cells) == 0 or frame.reason
        return session.frame(), guarded, alarm

    (kept, guarded, alarm), (free, unguarded, _) = drive(True), drive(False)
    assert kept.contacts == () and guarded > 5
    assert [contact.kind for contact in free.contacts] == ["wall"] and unguarded == 0
    box = kept.movables.boxes[0]
    assert box.shape == (4, 2) and np.hypot(*(alarm[0] - box.mean(axis=0))) < 0.35


def test_a_toy_lies_where_it_was_dropped_and_is_driven_around():
    session = in_corridor(latency=0.3)
    x, y = ahead(session.frame(), 2.0)
    assert session.drop_toy(x, y) == ""
    session.advance(4.0)
    frame = session.frame()
    assert frame.movables.toys.tolist() == [[x, y, 0.08]]
    assert not [contact for contact in frame.contacts if contact.robot_speed > 0.2]


# -- settings ------------------------------------------------------------------------------------------------------


def test_latency_is_shared_out_as_the_profile_does():
    promised = RobotProfile.load("astro_like").latency
    usual = promised.perception + promised.planning + promised.actuation_delay
    assert latencies(promised, usual).perception == pytest.approx(promised.perception)
    for total in (0.1, 0.5, 0.8):
        out = latencies(promised, total)
        assert out.perception + out.planning + out.actuation_delay == pytest.approx(total)
    none = latencies(promised, 0.0)
    assert none.perception == none.planning == none.actuation == none.scan == 0.0


def test_latency_without_fast_forward_costs_most_of_the_way():
    def way(forwarding):
        session = Session(Settings(home="flat", latency=0.5, forwarding=forwarding, people=2))
        places = []
        for _ in range(50):
            session.advance(0.5)
            places.append(session.frame().robot.pose[:2])
        return np.hypot(*np.diff(places, axis=0).T).sum()

    assert way(False) < 0.8 * way(True)


def test_a_switch_moves_nothing_and_the_drive_goes_on():
    session = Session(FLAT)
    session.advance(2.0)
    switches = [{"latency": 0.8}, {"latency": 0.0}, {"forwarding": False}, {"gaze": False}, {"reflex": False}]
    for switch in [*switches, *({"objective": name} for name in reversed(OBJECTIVES))]:
        before = session.frame()
        assert session.change(dataclasses.replace(FLAT, **switch)) == ""
        after = session.frame()
        assert (
            after.robot.pose.tobytes() == before.robot.pose.tobytes()
            and after.people.states.tobytes() == before.people.states.tobytes()
        )
        assert after.goals == before.goals and after.doing == before.doing and after.robot.v == before.robot.v
        number = before.fan.number
        for _ in range(40):
            session.advance(0.02)
            now = session.frame()
            assert np.hypot(*(now.robot.pose - before.robot.pose)[:2]) < 0.025
            before = now
        assert now.fan.number > number + 1


def test_measured_latency_follows_the_slider():
    session = Session(dataclasses.replace(FLAT, people=0))
    for latency in (0.8, 0.2):
        assert session.change(dataclasses.replace(FLAT, latency=latency)) == ""
        session.advance(6.4)
        series = session.frame().series
        assert series.perception[-1] + series.planning[-1] + series.actuation[-1] == pytest.approx(latency, abs=0.06)


def test_settings_out_of_range_are_refused():
    for wrong in (
        {"latency": -0.1}, {"latency": 0.81}, {"latency": math.nan}, {"objective": "luck"}, {"people": -1},
        {"people": 21}, {"seed": -1},
    ):  # fmt: skip
        with pytest.raises(BadSetting):
            dataclasses.replace(FLAT, **wrong)
    for wrong, error in (({"home": "castle"}, BadMap), ({"robot": "r2d2"}, BadProfile), ({"home": "a.yaml"}, BadFile)):
        with pytest.raises(error):
            Session(dataclasses.replace(FLAT, **wrong))


def test_a_restart_that_cannot_be_driven_says_so_and_the_old_drive_goes_on():
    session = Session(FLAT)
    session.advance(1.0)
    assert session.change(dataclasses.replace(FLAT, home="castle")) == ""
    text = session.restart()
    assert "castle" in text and session.time == pytest.approx(1.0)
    session.advance(1.0)
    assert session.change(dataclasses.replace(FLAT, people=0, seed=3)) == "" and session.restart() == ""
    assert session.frame().people.states.shape == (0, 6)


# -- nonsense ------------------------------------------------------------------------------------------------------


def test_nonsense_gives_one_clear_sentence_and_changes_nothing():
    session, twin = Session(FLAT), Session(FLAT)
    for each in (session, twin):
        each.advance(2.0)
    here = session.frame().robot.pose[:2].tolist()
    somebody = session.frame().people.states[0, :2].tolist()
    wall = (0.02, 0.02)
    points = [(math.nan, 1.0), (1.0, math.inf), (1e9, 1.0), (-50.0, 2.0), wall, ("x", None)]
    texts = [session.send_to(*p) for p in points] + [session.drop_box(*p) for p in [*points, tuple(here)]]
    texts += [session.drop_toy(*p) for p in [*points, tuple(here), tuple(somebody)]]
    texts += [session.drag(0, *p) for p in [*points, (1.0, 1.0)]]  # nobody is held
    for person in (-1, 2, 99, 1.5, math.nan, "Ada", None):
        texts += [session.grab(person), session.drag(person, 1.0, 1.0), session.release(person)]
        texts += [session.follow(person), session.set_door(person if person != 2 else 99, True)]
    for text in texts:
        assert text and text.endswith(".") and "\n" not in text and "Traceback" not in text, text
        assert len(text) < 160, text
    for each in (session, twin):
        each.advance(1.0)
    assert values(session.frame()) == values(twin.frame())


def test_who_is_held_is_not_led_into_walls_or_off_the_map():
    session = Session(FLAT)
    assert session.grab(1) == ""
    place = session.frame().people.states[1, :2].tolist()
    for point in ((math.nan, 1.0), (0.02, 0.02), (-50.0, 3.0), (1e12, 1.0)):
        text = session.drag(1, *point)
        assert text.startswith("Ben cannot be led there: ") and text.endswith(".")
    session.advance(0.5)
    np.testing.assert_allclose(session.frame().people.states[1, :2], place, atol=0.02)
