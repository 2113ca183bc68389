"""Doors of the true home: leaves shut, swing in their time, keep their day, and stop before whoever is in the way."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.stats import binom

from pavane.core.errors import BadSetting
from pavane.core.geometry import Footprint, Pose
from pavane.maps import FREE, OccupancyMap, load_map, stock_homes
from pavane.maps.floor_plan import FloorPlan
from pavane.maps.rasterise import rasterise
from pavane.numerics.overlap import cell_clearance
from pavane.sim.contacts import RobotBody
from pavane.sim.home import Bodies, Change, DoorSpec, TrueHome
from pavane.sim.home.leaf import HALF_GAP
from pavane.sim.home.opening import drawn_openings

SQUARE = {"points": [[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]], "thickness": 0.2}
MIDDLE = {"points": [[2, 0.1], [2, 2.9]], "thickness": 0.1}
DOOR = {"name": "door", "at": [2, 1.5], "width": 0.8}
NOBODY = Bodies(None, np.empty((0, 3)))
POINT = np.zeros((1, 2))


def plan(**fields: Any) -> OccupancyMap:
    base = {"schema": 1, "name": "test", "walls": [SQUARE, MIDDLE], "doors": [DOOR]}
    return rasterise(msgspec.convert(base | fields, FloorPlan))


def with_doors(home: OccupancyMap, *doors: dict[str, Any], changes: Any = (), hour: float = 12.0, seed: int = 0):
    specs = msgspec.convert(list(doors), list[DoorSpec])
    parsed = msgspec.convert(list(changes), list[Change])
    return TrueHome(home, changes=parsed, doors=specs, hour=hour, rng=np.random.default_rng(seed))


def run(true: TrueHome, until: float, bodies: Bodies = NOBODY, start: float = 0.0, step: float = 0.005) -> None:
    for k in range(round((until - start) / step) + 1):
        true.step(start + k * step, lambda: bodies)


def person(x: float, y: float, radius: float = 0.25) -> Bodies:
    return Bodies(None, np.array([[x, y, radius]]))


def at(cells: np.ndarray, home: OccupancyMap, x: float, y: float) -> Any:
    column, row = home.grid.indices(np.array([[x, y]]))[0]
    return cells[row, column]


def rooms_in(home: OccupancyMap, true: TrueHome) -> int:
    """Parts of the floor between which no ray finds a way, not even between two corners of cells."""
    floor = ~true.opaque & (ndimage.binary_dilation(home.grid.data != 2))
    labels, count = ndimage.label(floor, np.ones((3, 3)))
    return int((np.bincount(labels.ravel())[1:] > 20).sum()) if count else 0


def freed(home: OccupancyMap) -> np.ndarray:
    """The cells of all openings as they are drawn, by number."""
    return np.concatenate([opening.strip(home.grid) for opening in drawn_openings(home)])


@settings(max_examples=40)
@given(
    angle=st.floats(0, 2 * math.pi), shift=st.floats(0, 1), width=st.floats(0.5, 1.1), place=st.floats(0.32, 0.68),
    leaf=st.sampled_from(["hinged", "sliding"]), hinge=st.booleans(), side=st.booleans(),
)  # fmt: skip
def test_a_shut_door_is_tight_and_an_open_one_as_wide_as_drawn(
    angle: float, shift: float, width: float, place: float, leaf: str, hinge: bool, side: bool
) -> None:
    turn = Pose(shift, 0.7 * shift, angle)

    def turned(points: list[list[float]]) -> list[list[float]]:
        return turn.transform(np.array(points)).tolist()

    walls = [{"points": turned(w["points"]), "thickness": w["thickness"]} for w in (SQUARE, MIDDLE)]
    middle = 0.1 + 2.8 * place
    (door_at, jamb, room) = turned(
        [[2, middle], [2, middle + (0.5 if hinge else -0.5) * width], [3.0 if side else 1.0, 1]]
    )
    home = plan(walls=walls, doors=[{"name": "door", "at": door_at, "width": width}])
    spec = {"name": "door", "leaf": leaf, "hinge": jamb, "opens_to": room}
    assert rooms_in(home, with_doors(home, spec | {"state": "closed"})) == 2
    true = with_doors(home, spec | {"state": "open"})
    assert true.doors.openness(0) == 1.0
    assert not true.solid.reshape(-1)[freed(home)].any()
    assert rooms_in(home, true) == 1


def test_an_open_leaf_stands_where_it_was_said() -> None:
    home = plan()
    true = with_doors(home, {"name": "door", "hinge": [2, 1.9], "opens_to": [3, 1]})
    added = np.argwhere(true.solid & ~home.solid)[:, ::-1]
    x, y = home.grid.centres(added).T
    assert x.min() > 2.0
    assert x.max() == pytest.approx(2.85, abs=0.06)
    assert (y > 1.9).all()
    assert (y < 2.05).all()
    assert true.doors.middle(0) == pytest.approx((2.0, 1.5))


def test_doors_without_a_spec_stay_as_drawn_and_with_one_start_as_drawn() -> None:
    for state in ("open", "closed", "ajar"):
        home = plan(doors=[DOOR | {"state": state}])
        np.testing.assert_array_equal(with_doors(home).solid, home.solid)
        openness = with_doors(home, {"name": "door"}).doors.openness(0)
        assert openness == pytest.approx({"open": 1.0, "closed": 0.0, "ajar": HALF_GAP}[state], abs=0.01)


def test_ajar_leaves_a_gap_of_half_the_width() -> None:
    home = plan()
    true = with_doors(home, {"name": "door", "state": "ajar", "hinge": [2, 1.1], "opens_to": [3, 1]})
    tip = true.doors.corners(0)[1:3].mean(axis=0)
    assert math.dist(tip, (2.0, 1.9)) == pytest.approx(0.4, abs=0.05)
    slid = with_doors(home, {"name": "door", "state": "ajar", "leaf": "sliding"})
    column = home.grid.indices(np.array([[2.0 - 1e-6, 0.0]]))[0, 0]
    assert (~slid.solid[:, column]).sum() * 0.05 == pytest.approx(0.4, abs=0.051)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("step", [0.005, 0.02])
def test_a_leaf_takes_its_time(seconds: float, step: float) -> None:
    true = with_doors(plan(), {"name": "door", "state": "closed", "seconds": seconds})
    true.doors.request(0, True)
    run(true, 0.5 * seconds, step=step)
    assert true.doors.openness(0) == pytest.approx(0.5, abs=0.03 + step / seconds)
    run(true, 0.98 * seconds, start=0.5 * seconds, step=step)
    assert true.doors.openness(0) < 1.0
    run(true, seconds + 2 * step, start=seconds, step=step)
    assert true.doors.openness(0) == 1.0
    version = true.version
    run(true, seconds + 2.0, start=seconds + 1.0)
    assert true.version == version


def test_leaves_leave_no_trace() -> None:
    home = plan()
    true = with_doors(home, {"name": "door"})
    before = true.solid.copy(), true.opaque.copy(), true.walls.copy()
    for k in range(6):
        true.doors.request(0, k % 2 == 1)
        run(true, 2.0 * k + 1.9, start=2.0 * k)
    for one, other in zip(before, (true.solid, true.opaque, true.walls), strict=True):
        np.testing.assert_array_equal(one, other)


DAY = {"name": "door", "schedule": [{"hour": 12.001, "state": "closed"}, {"hour": 12.002, "state": 0.4},
                                    {"hour": 12.0022, "state": "open"}]}  # fmt: skip


@settings(max_examples=25)
@given(steps=st.lists(st.floats(0.001, 4.0), min_size=1, max_size=30))
def test_where_a_leaf_is_does_not_depend_on_how_often_one_asks(steps: list[float]) -> None:
    often, seldom = with_doors(plan(), DAY), with_doors(plan(), DAY)
    time = 0.0
    for step in steps:
        time += step
        often.step(time, lambda: NOBODY)
    seldom.step(time, lambda: NOBODY)
    assert often.doors.openness(0) == seldom.doors.openness(0)
    np.testing.assert_array_equal(often.solid, seldom.solid)


@pytest.mark.parametrize("swing", [[3.0, 1.0], [1.0, 1.0]])
@pytest.mark.parametrize("y", [1.4, 1.6])
@pytest.mark.parametrize("x", [1.65, 2.0, 2.35])
def test_a_leaf_stops_before_a_person_and_goes_on_when_they_have_left(x: float, y: float, swing: list[float]) -> None:
    home = plan()
    true = with_doors(home, {"name": "door", "hinge": [2, 1.1], "opens_to": swing})
    true.doors.request(0, False)
    for k in range(600):
        true.step(0.005 * k, lambda: person(x, y))
        assert cell_clearance(POINT, 0.25, x, y, 0.0, true.walls, *true.frame, 0.0) >= 0.0
    met = true.doors.openness(0)
    assert (met == 0.0) == ((x - 2.0) * (swing[0] - 2.0) < 0.0 and x != 2.0)
    run(true, 4.5, start=3.0)
    assert true.doors.openness(0) == 0.0


BOX = Footprint.polygon(np.array([[-0.3, -0.2], [0.25, -0.2], [0.25, 0.2], [-0.3, 0.2]]))


@given(x=st.floats(1.6, 2.7), y=st.floats(1.2, 1.8), yaw=st.floats(-3.2, 3.2), opening=st.booleans())
@settings(max_examples=30)
def test_a_leaf_never_moves_into_the_robot(x: float, y: float, yaw: float, opening: bool) -> None:
    home = plan()
    state = "closed" if opening else "open"
    true = with_doors(home, {"name": "door", "state": state, "hinge": [2, 1.1], "opens_to": [3, 1]})

    def clearance() -> float:
        return cell_clearance(BOX.vertices, 0.0, x, y, yaw, true.solid, *true.frame, 0.0)

    if clearance() < 0.0:
        return
    true.doors.request(0, opening)
    body = RobotBody(Pose(x, y, yaw), 0.0, 0.0, BOX, BOX.circumscribed_radius)
    for k in range(120):
        true.step(0.02 * k, lambda: Bodies(body, NOBODY.people))
        assert clearance() >= 0.0


def test_a_leaf_stops_at_furniture_and_goes_on_when_it_is_gone() -> None:
    box = {"kind": "add", "piece": {"shape": "rectangle", "name": "box", "at": [2.6, 1.6], "size": [0.3, 0.3]}}
    gone = {"kind": "remove", "name": "box", "at_time": 5.0}
    true = with_doors(plan(), {"name": "door", "hinge": [2, 1.9], "opens_to": [3, 1]}, changes=[box, gone])
    assert 0.2 < true.doors.openness(0) < 0.9
    version = true.version
    run(true, 4.9)
    assert true.version == version
    run(true, 7.0, start=5.0)
    assert true.doors.openness(0) == 1.0


def test_a_sliding_leaf_stops_at_a_box_in_the_doorway() -> None:
    home = plan()
    box = {"kind": "add", "piece": {"shape": "disc", "name": "box", "at": [2.0, 1.5], "radius": 0.1}}
    true = with_doors(home, {"name": "door", "leaf": "sliding", "hinge": [2, 1.1]}, changes=[box])
    true.doors.request(0, False)
    run(true, 3.0)
    assert 0.55 < true.doors.openness(0) < 0.75
    cells = true.doors.leaf_cells()
    assert not at(np.isin(np.arange(home.grid.data.size), cells).reshape(home.grid.data.shape), home, 2.0, 1.5)


def test_glass_leaves_stop_robots_and_not_rays() -> None:
    home = plan()
    true = with_doors(home, {"name": "door", "state": "closed", "glass": True, "leaf": "sliding"})
    assert at(true.solid, home, 2.0, 1.5)
    assert at(true.walls, home, 2.0, 1.5)
    assert not at(true.opaque, home, 2.0, 1.5)


@pytest.mark.parametrize(
    ("hour", "expected"), [(0.0, 0.0), (8.4, 0.0), (8.5, 1.0), (12.0, 1.0), (18.0, 0.25), (23.0, 0.0), (33.0, 1.0)]
)
def test_the_day_has_begun_before_the_drive(hour: float, expected: float) -> None:
    schedule = [{"hour": 22, "state": "closed"}, {"hour": 8.5, "state": "open"}, {"hour": 17, "state": 0.25}]
    true = with_doors(plan(), {"name": "door", "schedule": schedule}, hour=hour)
    assert true.doors.openness(0) == expected


def test_a_request_holds_until_the_timetable_says_otherwise() -> None:
    true = with_doors(plan(), {"name": "door", "schedule": [{"hour": 13, "state": "open"}]})
    assert true.doors.openness(0) == 1.0
    true.doors.request(0, False)
    run(true, 10.0)
    assert true.doors.openness(0) == 0.0
    true.step(3599.0, lambda: NOBODY)
    assert true.doors.openness(0) == 0.0
    true.step(3602.0, lambda: NOBODY)
    assert true.doors.openness(0) == 1.0


def test_locked_doors_stay_shut() -> None:
    true = with_doors(plan(), {"name": "door", "locked": True})
    assert true.doors.locked(0)
    true.doors.request(0, True)
    run(true, 3.0)
    assert true.doors.openness(0) == 0.0


GATE = {"name": "door", "pattern": {7: 0.9, 22: 0.1}}


def test_a_pattern_is_drawn_as_often_as_it_says_and_the_days_differ() -> None:
    days = 2000
    timetable = msgspec.convert(GATE, DoorSpec).timetable(5)
    assert timetable is not None
    for clock, chance in ((12.0, 0.9), (23.0, 0.1), (3.0, 0.1)):
        drawn = [timetable.entry(timetable.latest(24.0 * day + clock)).openness for day in range(days)]
        low, high = binom.interval(0.99, days, chance)
        assert low <= sum(drawn) <= high
        repeats = sum(a == b for a, b in pairwise(drawn))
        low, high = binom.interval(0.99, days - 1, chance**2 + (1.0 - chance) ** 2)
        assert low <= repeats <= high


def test_a_pattern_does_not_depend_on_how_time_runs_or_who_else_is_there() -> None:
    home = plan(doors=[DOOR, {"name": "front", "at": [0, 1], "width": 0.8}])
    long = with_doors(home, GATE)
    for day in range(12):
        for hour in (12.0, 23.0):
            time = (24.0 * day + hour - 12.0) * 3600.0
            long.step(time, lambda: NOBODY)
            fresh = with_doors(home, {"name": "front", "pattern": {0: 0.5}}, GATE, hour=24.0 * day + hour)
            assert fresh.doors.openness(1) == long.doors.openness(0)


@pytest.mark.parametrize("name", stock_homes())
def test_all_doors_of_a_stock_home_open_wide_and_every_place_stays_in_reach(name: str) -> None:
    home = load_map(name)
    names = [door.name for door in home.doors if math.dist(door.start, door.end) < 1.2]
    true = with_doors(home, *({"name": door, "state": "open"} for door in names))
    assert [true.doors.openness(i) for i in range(true.doors.count)] == [1.0] * len(names)
    assert not true.solid.reshape(-1)[freed(home)].any()
    drivable = ndimage.distance_transform_edt(~true.solid) * home.grid.resolution >= 0.25
    labels = ndimage.label(drivable)[0]
    assert len({int(at(labels, home, place.x, place.y)) for place in home.places.values()} - {0}) == 1
    shut = with_doors(home, *({"name": door, "state": "closed"} for door in names))
    assert not shut.walls.all()
    for i in range(shut.doors.count):
        assert at(shut.solid, home, *shut.doors.middle(i))


def test_two_doors_that_meet_do_not_pass_through_each_other() -> None:
    home = plan(doors=[DOOR, {"name": "front", "at": [2.6, 0], "width": 0.8}], walls=[SQUARE, MIDDLE])
    true = with_doors(
        home,
        {"name": "door", "state": "closed", "hinge": [2, 1.9], "opens_to": [3, 1]},
        {"name": "front", "state": "closed", "hinge": [3.0, 0], "opens_to": [3, 1]},
        changes=[],
    )
    for index in (0, 1):
        true.doors.request(index, True)
    run(true, 3.0)
    cells = true.doors.leaf_cells()
    beyond = home.grid.data.reshape(-1)[cells] == FREE
    assert len(np.unique(cells[beyond])) == beyond.sum()


def test_a_door_in_a_scan(data) -> None:
    home = load_map(data / "homes" / "homeC_s6.yaml")
    jambs = [[3.73, 1.98], [3.73, 2.73]]
    open_, shut = (with_doors(home, {"name": "hall", "jambs": jambs, "state": s}) for s in ("open", "closed"))

    def apart(true: TrueHome) -> bool:
        labels = ndimage.label(~true.opaque, np.ones((3, 3)))[0]
        return bool(at(labels, home, 3.0, 2.3) != at(labels, home, 4.4, 2.3))

    assert not apart(open_)
    assert apart(shut)
    assert open_.doors.openness(0) == 1.0
    shut.doors.request(0, True)
    run(shut, 2.0)
    np.testing.assert_array_equal(shut.solid, open_.solid)


def test_a_door_that_was_shut_when_the_map_was_made(data) -> None:
    home = load_map(data / "ros_maps" / "aws_small_house.yaml")
    # a stretch of the wall between bedroom and living room that is a sliding door in truth
    true = with_doors(home, {"name": "hidden", "jambs": [[-2.5, -4.9], [-2.5, -4.0]], "leaf": "sliding"})
    assert (home.solid & ~true.solid).any()
    true.doors.request(0, False)
    run(true, 2.0)
    assert true.doors.openness(0) == 0.0


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"name": "gate"}, "no door of this name.*gate.*door"),
        ({"name": "gate", "jambs": [[1, 1], [1, 2]]}, "a jamb of door 'gate' is not at a wall.*1.0, 1.0"),
        ({"name": "gate", "jambs": [[2, 2.2], [2, 9]]}, "lies outside of the map"),
        ({"name": "gate", "jambs": [[2, 2.2], [2, 2.3]]}, "too narrow.*0.10"),
        ({"name": "door", "jambs": [[2, 2], [2, 2.8]]}, "is on the map already"),
        ({"name": "door", "locked": True, "state": "open"}, "locked, and to be opened"),
        ({"name": "door", "locked": True, "pattern": {7: 0.5}}, "locked, and to be opened"),
        ({"name": "door", "pattern": {7: 0.5}, "schedule": [{"hour": 7, "state": "open"}]}, "a schedule and a pattern"),
        ({"name": "door", "schedule": [{"hour": 7, "state": "open"}, {"hour": 7, "state": 0}]}, "twice at one hour"),
        ({"name": "door", "hinge": [99, 1]}, "outside of the map"),
        ({"name": "door", "seconds": math.inf}, "seconds is not finite"),
    ],
)
def test_doors_that_cannot_be_are_refused(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting) as caught:
        with_doors(plan(), spec)
    assert re.search(message, str(caught.value))


def test_what_else_is_refused() -> None:
    with pytest.raises(BadSetting, match="two specs for one door"):
        with_doors(plan(), {"name": "door"}, {"name": "door"})
    with pytest.raises(BadSetting, match="hour of the day"):
        with_doors(plan(), hour=-1.0)
    for bad in ({"state": 1.5}, {"state": "half"}, {"pattern": {25: 0.5}}, {"pattern": {7: 2}}, {"seconds": 0}):
        with pytest.raises(msgspec.ValidationError):
            with_doors(plan(), {"name": "door"} | bad)
