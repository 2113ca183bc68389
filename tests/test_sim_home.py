"""The true home: changed as it is written, cell for cell, and nothing comes down on anybody."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from pavane.core.errors import BadSetting
from pavane.core.geometry import Footprint, Pose
from pavane.maps import FREE, OCCUPIED, OccupancyMap, load_map, stock_homes
from pavane.maps.floor_plan import FloorPlan
from pavane.maps.load import HOMES
from pavane.maps.rasterise import covered_cells, rasterise
from pavane.sim.contacts import ObjectContacts, RobotBody, stopped_by_object
from pavane.sim.home import Bodies, Change, DoorSpec, TrueHome

SQUARE = {"points": [[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]], "thickness": 0.2}
DISC = Footprint.disc(0.2)
NOBODY = Bodies(None, np.empty((0, 3)))


def plan(**fields: Any) -> OccupancyMap:
    return rasterise(msgspec.convert({"schema": 1, "name": "test", "walls": [SQUARE]} | fields, FloorPlan))


def changed(home: OccupancyMap, *changes: dict[str, Any], seed: int = 0, doors: tuple[DoorSpec, ...] = ()) -> TrueHome:
    parsed = msgspec.convert(list(changes), list[Change])
    return TrueHome(home, changes=parsed, doors=doors, rng=np.random.default_rng(seed))


def rectangle(
    name: str, at: tuple[float, float], size: tuple[float, float] = (0.4, 0.4), **more: Any
) -> dict[str, Any]:
    return {"shape": "rectangle", "name": name, "at": list(at), "size": list(size)} | more


def at(cells: np.ndarray, home: OccupancyMap, x: float, y: float) -> Any:
    column, row = home.grid.indices(np.array([[x, y]]))[0]
    return cells[row, column]


def robot(x: float, y: float, shape: Footprint = DISC) -> RobotBody:
    return RobotBody(Pose(x, y), 0.0, 0.0, shape, shape.circumscribed_radius)


def stock(name: str) -> dict[str, Any]:
    return msgspec.yaml.decode((HOMES / f"{name}.yaml").read_bytes())


def same_as_map(home: OccupancyMap) -> None:
    true = changed(home)
    np.testing.assert_array_equal(true.solid, home.solid)
    np.testing.assert_array_equal(true.opaque, home.solid)
    np.testing.assert_array_equal(true.walls, home.grid.data == OCCUPIED)
    np.testing.assert_array_equal(true.snapshot().grid.data, home.grid.data)
    assert all(cells.flags.c_contiguous for cells in (true.solid, true.opaque, true.walls))
    assert true.low.shape == (0, 4)
    assert true.grip(1.0, 1.0) == 1.0


@pytest.mark.parametrize("name", stock_homes())
def test_nothing_changed_is_the_map(name: str) -> None:
    same_as_map(load_map(name))


def test_nothing_changed_is_the_map_for_scans_and_ros_maps(data) -> None:
    same_as_map(load_map(data / "homes" / "homeC_s6.yaml"))
    same_as_map(load_map(data / "ros_maps" / "aws_small_house.yaml"))


@pytest.mark.parametrize("name", stock_homes())
def test_a_piece_taken_away_leaves_the_home_drawn_without_it(name: str) -> None:
    """And put back, the home is as it was."""
    home, drawn = load_map(name), stock(name)
    for number, item in list(enumerate(drawn["furniture"]))[::4]:
        others = drawn["furniture"][:number] + drawn["furniture"][number + 1 :]
        without = rasterise(msgspec.convert(drawn | {"furniture": others}, FloorPlan))
        middle = item["at"] if "at" in item else np.mean(item["points"], axis=0).tolist()
        remove = {"kind": "remove", "name": item["name"], "near": middle}
        np.testing.assert_array_equal(changed(home, remove).solid, without.solid)
        restored = changed(home, remove, {"kind": "add", "piece": item})
        np.testing.assert_array_equal(restored.solid, home.solid)
        np.testing.assert_array_equal(restored.opaque, home.solid)


@given(
    x=st.floats(0.5, 3.5), y=st.floats(0.5, 2.5), yaw=st.floats(-180, 180), width=st.floats(0.1, 0.9),
    shape=st.sampled_from(["rectangle", "disc", "polygon"]),
)  # fmt: skip
def test_a_piece_added_or_moved_is_as_if_drawn(x: float, y: float, yaw: float, width: float, shape: str) -> None:
    piece: dict[str, Any] = {
        "rectangle": rectangle("box", (x, y), (width, 0.3), yaw_deg=yaw),
        "disc": {"shape": "disc", "name": "box", "at": [x, y], "radius": 0.5 * width},
        "polygon": {"shape": "polygon", "name": "box", "points": [[x, y], [x + width, y], [x, y + 0.4]]},
    }[shape]
    drawn, added = plan(furniture=[piece]), changed(plan(), {"kind": "add", "piece": piece})
    np.testing.assert_array_equal(added.solid, drawn.solid)
    if shape == "rectangle":
        start = plan(furniture=[rectangle("box", (2.0, 1.5), (width, 0.3))])
        move = {"kind": "move", "name": "box", "to": [x, y], "turn_deg": yaw}
        assert (changed(start, move).solid != drawn.solid).sum() <= 2  # rounding at a cell's very centre


def test_a_thing_smaller_than_a_cell_is_one_cell() -> None:
    home = plan()
    box = changed(home, {"kind": "add", "piece": rectangle("tin", (1.0, 1.0), (0.02, 0.02))})
    assert (box.solid & ~home.solid).sum() == 1


def test_overlapping_pieces_are_counted() -> None:
    home = plan(furniture=[rectangle("a", (1.0, 1.0)), rectangle("b", (1.2, 1.0))])
    left = changed(home, {"kind": "remove", "name": "a"})
    assert at(left.solid, home, 1.1, 1.0)
    assert not at(left.solid, home, 0.9, 1.0)


def test_a_lidar_sees_a_table_by_its_legs() -> None:
    home = plan()
    table = changed(home, {"kind": "table", "top": rectangle("table", (2.0, 1.5), (1.0, 0.6))})
    top = plan(furniture=[rectangle("table", (2.0, 1.5), (1.0, 0.6))])
    np.testing.assert_array_equal(table.solid, top.solid)
    np.testing.assert_array_equal(table.walls, top.grid.data == OCCUPIED)
    legs = table.opaque & ~home.solid
    assert ndimage.label(legs)[1] == 4
    assert not (legs & ~top.solid).any()
    moved = changed(home, {"kind": "table", "top": rectangle("table", (2.0, 1.5))}, {"kind": "remove", "name": "table"})
    np.testing.assert_array_equal(moved.solid, home.solid)
    np.testing.assert_array_equal(moved.opaque, home.solid)


def test_rays_pass_glass_and_the_robot_does_not() -> None:
    home = plan()
    glass = changed(home, {"kind": "glass", "points": [[4.0, 1.0], [4.0, 2.0]]})
    np.testing.assert_array_equal(glass.solid, home.solid)
    assert not at(glass.opaque, home, 4.0, 1.5)
    assert at(glass.opaque, home, 4.0, 0.5)
    assert at(glass.walls, home, 4.0, 1.5)


def test_a_cleared_region_loses_walls_and_specks_but_no_piece() -> None:
    home = plan(furniture=[rectangle("box", (3.7, 1.5))])
    cleared = changed(home, {"kind": "clear", "points": [[3.3, 1.0], [4.2, 1.0], [4.2, 2.0], [3.3, 2.0]]})
    assert not at(cleared.solid, home, 4.0, 1.1)
    assert not at(cleared.solid, home, 4.15, 1.5)
    assert at(cleared.solid, home, 3.7, 1.5)
    assert at(cleared.solid, home, 4.0, 0.5)


def test_carpets_slip_where_they_lie() -> None:
    carpet = changed(plan(), {"kind": "carpet", "points": [[1, 1], [2, 1], [2, 2], [1, 2]], "grip": 0.85})
    assert (carpet.grip(1.5, 1.5), carpet.grip(2.5, 1.5), carpet.grip(-9.0, 99.0)) == (0.85, 1.0, 1.0)


def test_toys_are_low_and_on_no_cell() -> None:
    home = plan()
    toys = changed(
        home, {"kind": "toy", "at": [1, 1]}, {"kind": "toy", "at": [2, 1], "radius": 0.1, "seen_within": 0.5}
    )
    np.testing.assert_allclose(toys.low, [[1, 1, 0.08, 0.8], [2, 1, 0.1, 0.5]])
    np.testing.assert_array_equal(toys.solid, home.solid)


def test_changes_come_in_their_time_and_arrays_stay_the_same_objects() -> None:
    home = plan(furniture=[rectangle("chair", (1.0, 1.0))])
    true = changed(
        home,
        {"kind": "move", "name": "box", "to": [3.0, 2.0], "at_time": 3.0},
        {"kind": "add", "piece": rectangle("box", (2.0, 1.5)), "at_time": 1.0},
        {"kind": "remove", "name": "chair", "at_time": 2.0},
        {"kind": "toy", "at": [0.5, 0.5], "at_time": 2.0},
    )
    solid, version = true.solid, true.version
    seen = []
    for time in (0.5, 1.0, 2.0, 3.0):
        true.step(time, lambda: NOBODY)
        places = ((2.0, 1.5), (1.0, 1.0), (3.0, 2.0))
        seen.append((*(bool(at(solid, home, *place)) for place in places), len(true.low)))
        assert time < 1.0 or true.version > version
        version = true.version
    assert seen == [(False, True, False, 0), (True, True, False, 0), (True, False, False, 1), (False, False, True, 1)]


@pytest.mark.parametrize("kind", ["add", "toy", "move"])
@pytest.mark.parametrize("who", ["robot", "person"])
def test_nothing_comes_down_on_anybody(kind: str, who: str) -> None:
    home = plan(furniture=[rectangle("chair", (1.0, 1.0))])
    change = {
        "add": {"kind": "add", "piece": rectangle("box", (2.0, 1.5))},
        "toy": {"kind": "toy", "at": [2.0, 1.5], "radius": 0.2},
        "move": {"kind": "move", "name": "chair", "to": [2.0, 1.5]},
    }[kind]
    true = changed(home, change | {"at_time": 1.0})

    def bodies(x: float) -> Bodies:
        return Bodies(robot(x, 1.5), NOBODY.people) if who == "robot" else Bodies(None, np.array([[x, 1.5, 0.25]]))

    def there() -> bool:
        return bool(at(true.solid, home, 2.0, 1.5)) or len(true.low) > 0

    true.step(1.0, lambda: bodies(2.3))
    assert not there()
    true.step(5.0, lambda: bodies(2.3))
    assert not there()
    true.step(5.2, lambda: bodies(2.5))
    assert there()


def test_a_piece_that_waits_is_not_taken_away_before_it_has_come() -> None:
    home = plan()
    true = changed(
        home,
        {"kind": "add", "piece": rectangle("box", (2.0, 1.5)), "at_time": 1.0},
        {"kind": "remove", "name": "box", "at_time": 2.0},
    )
    for time in (1.0, 2.0, 3.0):
        true.step(time, lambda: Bodies(robot(2.0, 1.5), NOBODY.people))
    assert not at(true.walls, home, 2.0, 1.5)
    for time in (4.0, 5.0):
        true.step(time, lambda: NOBODY)
    np.testing.assert_array_equal(true.solid, home.solid)


def test_a_quiet_home_asks_nobody() -> None:
    true = changed(load_map("flat"), doors=(DoorSpec(name="bath_door"),))
    version = true.version
    for k in range(1000):
        true.step(0.005 * k, lambda: pytest.fail("asked for bodies"))
    assert true.version == version


def is_chair(name: str) -> bool:
    return "chair" in name or "stool" in name


def parts(home: OccupancyMap, solid: np.ndarray) -> list[int]:
    """Which part of the floor that a small robot can drive on each place belongs to; 0 none."""
    drivable = ndimage.distance_transform_edt(~solid) * home.grid.resolution >= 0.25
    labels = ndimage.label(drivable)[0]
    found = [int(at(labels, home, place.x, place.y)) for place in home.places.values()]
    return [found.index(part) if part else -1 for part in found]


@pytest.mark.parametrize("name", stock_homes())
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_chairs_left_out_stand_free_and_block_no_place(name: str, seed: int) -> None:
    home = load_map(name)
    shuffle = {"kind": "shuffle", "within": 0.7}
    true = changed(home, shuffle, seed=seed)
    chairs = [piece for piece in changed(home).pieces if is_chair(piece.name)]
    moved = [piece for piece in true.pieces if is_chair(piece.name)]
    assert len(moved) == len(chairs)
    assert sum(a.middle != b.middle for a, b in zip(chairs, moved, strict=True)) > len(chairs) / 2
    taken = changed(home, *({"kind": "remove", "name": c.name, "near": c.middle} for c in chairs)).solid.copy()
    for old, new in zip(chairs, moved, strict=True):
        assert math.dist(old.middle, new.middle) <= 0.7 + 1e-9
        columns, rows = covered_cells(home.grid, new.corners).T
        if old.middle != new.middle:  # one that stays may touch the table, as drawn
            assert not taken[rows, columns].any()
        taken[rows, columns] = True
    np.testing.assert_array_equal(true.solid, taken)
    assert parts(home, home.solid) == parts(home, true.solid)
    for place in home.places.values():
        assert not at(true.solid, home, place.x, place.y)
    np.testing.assert_array_equal(changed(home, shuffle, seed=seed).solid, true.solid)
    assert (changed(home, shuffle, seed=seed + 1).solid != true.solid).any()


def test_a_changed_scan(data) -> None:
    home = load_map(data / "homes" / "homeC_s6.yaml")
    region = [[8.0, 3.1], [8.5, 3.1], [8.5, 3.7], [8.0, 3.7]]
    true = changed(home, {"kind": "clear", "points": region}, {"kind": "add", "piece": rectangle("box", (5.5, 2.0))})
    assert not at(true.solid, home, 8.2, 3.2)
    assert at(home.solid, home, 8.2, 3.2)
    assert at(true.solid, home, 5.5, 2.0)
    differs = np.argwhere(true.solid != home.solid)[:, ::-1]
    x, y = home.grid.centres(differs).T
    region = (abs(x - 8.25) < 0.26) & (abs(y - 3.4) < 0.31)
    assert (region | (np.hypot(x - 5.5, y - 2.0) < 0.3)).all()


def test_a_changed_ros_map(data) -> None:
    home = load_map(data / "ros_maps" / "aws_small_house.yaml")
    true = changed(home, {"kind": "table", "top": rectangle("table", (0.0, 1.0), (1.2, 0.8), yaw_deg=30)})
    added = true.solid & ~home.solid
    assert added.sum() * home.grid.resolution**2 == pytest.approx(1.2 * 0.8, rel=0.05)
    assert 4 <= (true.opaque & ~home.solid).sum() <= 16


def test_a_snapshot_is_a_map_of_the_truth() -> None:
    home = load_map("flat")
    doors = (DoorSpec(name="bath_door", state="closed"),)
    true = changed(home, {"kind": "add", "piece": rectangle("box", (5.2, 5.0))}, doors=doors)
    np.testing.assert_array_equal(true.snapshot().grid.data == OCCUPIED, true.walls)
    people = true.snapshot(leaves=False)
    assert at(people.grid.data, home, 2.4, 1.85) == FREE
    assert at(people.grid.data, home, 5.2, 5.0) == OCCUPIED
    assert "box" in [outline.name for outline in people.outlines]
    assert people.places == home.places


WRITTEN = """
changes:
  - {kind: add, piece: {shape: rectangle, name: box, at: [6.3, 3.2], size: [0.4, 0.3], yaw_deg: 20}, at_time: 8}
  - {kind: table, top: {shape: disc, name: side table, at: [1.2, 4.6], radius: 0.4}, leg: 0.08}
  - {kind: remove, name: cat tree}
  - {kind: move, name: chair, near: [1.3, 7.9], to: [0.8, 7.7], turn_deg: 30, at_time: 12}
  - {kind: clear, points: [[5.3, 2.0], [5.5, 2.0], [5.5, 3.0], [5.3, 3.0]]}
  - {kind: toy, at: [11.5, 5.2], radius: 0.08, seen_within: 0.8, at_time: 5}
  - {kind: glass, points: [[9.0, 0.0], [12.0, 0.0]], width: 0.3}
  - {kind: carpet, points: [[1, 1], [3, 1], [3, 4], [1, 4]], grip: 0.9}
  - {kind: shuffle, names: [chair, stool], within: 0.6}
doors:
  - {name: bath_door, state: ajar}
  - {name: kitchen_door, state: 0.3, hinge: [6.2, 6], opens_to: [6, 7]}
  - {name: living_door, schedule: [{hour: 7.5, state: open}, {hour: 22, state: closed}]}
  - {name: child_door, pattern: {7: 0.9, 13: 0.3, 20: 0.05}}
  - {name: study_door, locked: true}
  - {name: utility_door, leaf: sliding, glass: true, seconds: 2}
  - {name: arch_curtain, jambs: [[5.4, 2.0], [5.4, 3.0]], leaf: sliding}
"""


class Written(msgspec.Struct):
    changes: list[Change]
    doors: list[DoorSpec]


def test_what_people_write_is_read() -> None:
    home, written = load_map("house"), msgspec.yaml.decode(WRITTEN, type=Written)
    true = TrueHome(home, changes=written.changes, doors=written.doors, rng=np.random.default_rng(0))
    assert true.doors.count == 7
    assert len(true.pieces) == len(changed(home).pieces)  # a table more, a cat tree less
    assert not at(true.solid, home, 5.4, 2.5)
    for time in (4.0, 9.0, 13.0):
        true.step(time, lambda: NOBODY)
    assert len(true.pieces) == len(changed(home).pieces) + 1
    assert len(true.low) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "remove", "name": "piano"}, "no piece of this name.*'?piano.*chair, sofa"),
        ({"kind": "move", "name": "piano", "to": [1, 1]}, "no piece of this name"),
        ({"kind": "remove", "name": "chair"}, "2 pieces have this name.*near.*1.00, 1.00"),
        ({"kind": "move", "name": "sofa", "to": [9, 1]}, "'sofa', moved, lies outside of the map.*8.80"),
        ({"kind": "add", "piece": rectangle("box", (9.0, 1.0))}, "'box' lies outside of the map"),
        ({"kind": "table", "top": rectangle("desk", (2.0, -3.0))}, "'desk' lies outside of the map"),
        ({"kind": "toy", "at": [1, 99]}, "a toy lies outside of the map.*x in .* y in"),
        ({"kind": "clear", "points": [[0, 0], [99, 0], [99, 9]]}, "a region to clear lies outside"),
        ({"kind": "glass", "points": [[0, 0], [99, 0]]}, "glass lies outside"),
        ({"kind": "carpet", "points": [[0, 0], [99, 0], [99, 9]]}, "a carpet lies outside"),
        ({"kind": "shuffle", "names": ["lamp"]}, "no piece to shuffle.*lamp.*chair, sofa"),
        ({"kind": "shuffle", "at_time": 3.0}, "a shuffle during the drive"),
        ({"kind": "toy", "at": [math.inf, 1]}, "not finite"),
        ({"kind": "remove", "name": "chair", "near": [math.nan, 1]}, "not finite"),
    ],
)
def test_changes_that_cannot_be_are_refused_before_the_drive(change: dict[str, Any], message: str) -> None:
    furniture = [rectangle("chair", (1.0, 1.0)), rectangle("chair", (2.0, 1.0)), rectangle("sofa", (3.0, 2.0))]
    with pytest.raises(BadSetting) as caught:
        changed(plan(furniture=furniture), {"at_time": 0.0} | change)
    assert re.search(message, str(caught.value))


def test_a_map_without_names_says_what_to_do(data) -> None:
    with pytest.raises(BadSetting, match="no piece of this name") as caught:
        changed(load_map(data / "homes" / "homeC_s6.yaml"), {"kind": "remove", "name": "sofa"})
    assert "kind: clear" in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "explode"},
        {"kind": "toy"},
        {"kind": "toy", "at": [1]},
        {"kind": "toy", "at": [1, 1], "size": 3},
        {"kind": "toy", "at": [1, 1], "radius": -1},
        {"kind": "toy", "at": [1, 1], "at_time": -1.0},
        {"kind": "carpet", "points": [[0, 0]], "grip": 0.5},
    ],
)
def test_a_slip_of_the_pen_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, Change)


BOX = Footprint.polygon(np.array([[-0.2, -0.15], [0.25, -0.15], [0.25, 0.15], [-0.2, 0.15]]))


@given(
    x=st.floats(-0.6, 0.6), y=st.floats(-0.6, 0.6), yaw=st.floats(-4, 4), radius=st.floats(0.02, 0.2),
    shape=st.sampled_from([DISC, BOX]),
)  # fmt: skip
def test_contact_with_a_toy_is_exact(x: float, y: float, yaw: float, radius: float, shape: Footprint) -> None:
    pose, low = Pose(1.0, 2.0, yaw), np.array([[1.0 + x, 2.0 + y, radius, 0.8]])
    body = RobotBody(pose, 0.3, 0.0, shape, shape.circumscribed_radius)
    gap = shape.signed_distance(pose.inverse().transform(low[:, :2]))[0] - radius
    if abs(gap) > 1e-9:
        contacts = ObjectContacts().update(4.0, body, low)
        touch = (4.0, "object", 0, 0.3)
        assert [(c.time, c.kind, c.index, c.robot_speed) for c in contacts] == [touch] * int(gap < 0.0)
        away = RobotBody(Pose(9.0, 9.0), 0.0, 0.0, shape, shape.circumscribed_radius)
        assert stopped_by_object(away, body, low) == (gap < 0.0)
        assert not stopped_by_object(body, away, low) and not stopped_by_object(body, body, low)


def test_one_touch_is_one_contact() -> None:
    low, contacts = np.array([[1.0, 0.0, 0.1, 0.8]]), ObjectContacts()
    places = (0.6, 0.71, 0.71, 0.695, 0.71, 0.6, 0.71)
    seen = [contacts.update(0.0, RobotBody(Pose(x, 0.0), 0.2, 0.0, DISC, 0.2), low) for x in places]
    assert [len(new) for new in seen] == [0, 1, 0, 0, 0, 0, 1]
    assert seen[1][0].caused_by_robot
    assert seen[1][0].closing_speed == pytest.approx(0.2)
    assert contacts.update(0.0, robot(0.0, 0.0), np.empty((0, 4))) == []
