"""Things with a kind of their own: where they are, how uneasy they make, and how they are met on the way."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pavane import GoTo, Navigator, RobotProfile
from pavane.core.arrays import Floats
from pavane.core.entities import KINDS, Entity, KindCost, discomfort
from pavane.core.errors import BadMap, BadMessage, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.messages import Detections
from pavane.drive import drive
from pavane.maps import FREE, OCCUPIED, OccupancyMap, load_map, make_map, write_ros_map
from pavane.maps.clearance import clearance_grid
from pavane.navigator import NavigatorConfig
from pavane.perception.tracker import PeopleTracker
from pavane.planning.global_planner import RoutePlanner
from pavane.planning.local_planner import Objective, PlannerConfig, covering_discs, discomfort_field
from pavane.sim import World

ROOM: dict[str, Any] = {
    "schema": 1,
    "name": "room",
    "walls": [{"points": [[0, 0], [8, 0], [8, 4], [0, 4], [0, 0]], "thickness": 0.2}],
    "places": [{"name": "west", "x": 1, "y": 2}, {"name": "east", "x": 7, "y": 2}],
}


def room(*entities: dict[str, Any]) -> OccupancyMap:
    return make_map(ROOM | {"entities": list(entities)}, "room")


def shape_of(entity: Entity) -> Any:
    points = entity.points.tolist()
    plain = (
        shapely.Polygon(points)
        if entity.area
        else shapely.LineString(points)
        if len(points) > 1
        else shapely.Point(points[0])
    )
    return plain, 0.5 * entity.width


coordinate = st.floats(-2.0, 2.0, width=32)
ENTITIES = [
    Entity("toy", np.array([[0.3, -0.2]]), 0.3),
    Entity("cable", np.array([[-1.0, 0.0], [0.5, 0.4], [0.6, 1.0]]), 0.02),
    Entity("zone", np.array([[0.0, 0.0], [1.0, 0.0], [1.2, 1.0], [-0.2, 0.8]]), 0.0, area=True),
    Entity("stairs", np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 0.2]]), 0.2, area=True),  # not convex
]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda e: e.kind)
@given(x=coordinate, y=coordinate)
def test_distances_are_exact(entity: Entity, x: float, y: float) -> None:
    plain, round_by = shape_of(entity)
    point = shapely.Point(x, y)
    inside = entity.area and plain.contains(point)
    expected = -plain.exterior.distance(point) if inside else plain.distance(point)
    assert entity.distance(np.array([[x, y]]))[0] == pytest.approx(expected - round_by, abs=1e-9)


@given(d=st.floats(-1.0, 2.0), nearer=st.floats(0.0, 1.0), kind=st.sampled_from(sorted(KINDS)))
def test_nearer_is_never_easier(d: float, nearer: float, kind: str) -> None:
    kind_cost = KINDS[kind]
    far, near = discomfort(np.array([d, d - nearer]), kind_cost)
    assert near >= far > 0.0


def test_what_is_less_sure_reaches_further_and_weighs_less_at_its_middle() -> None:
    sure, unsure = KindCost(comfort=0.1), KindCost(comfort=0.1, sigma=0.1)
    at, off = discomfort(np.array([0.0, 0.5]), sure), discomfort(np.array([0.0, 0.5]), unsure)
    assert off[0] == pytest.approx(0.5 * at[0]) and off[1] > at[1]


@pytest.mark.parametrize("name", ["astro_like", "round", "jackal", "turtlebot3_burger"])
def test_spots_cover_the_outline_closely(name: str) -> None:
    shape = RobotProfile.load(name).shape
    discs = covering_discs(shape).astype(float)
    turn = np.linspace(0, 2 * math.pi, 60)
    edge: Floats
    if shape.is_disc:
        edge = shape.radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    else:
        ends = np.roll(shape.vertices, -1, axis=0)
        edge = np.concatenate(
            [a + np.linspace(0, 1, 30)[:, None] * (b - a) for a, b in zip(shape.vertices, ends, strict=True)]
        )
    beyond = np.min([np.hypot(*(edge - d[:2]).T) - d[2] for d in discs], axis=0)
    assert beyond.max() < 0.02 and len(set(discs[:, 2])) == 1


def test_the_field_is_the_sum_over_things_and_none_without_them() -> None:
    lattice = Grid(np.zeros((60, 60), np.float32), 0.05, Pose(-1.5, -1.5))
    field = discomfort_field(ENTITIES[:3], KINDS, lattice, 0.17)
    assert field is not None and discomfort_field([], KINDS, lattice, 0.17) is None
    row, column = 41, 17
    place = lattice.centres(np.array([[column, row]]))
    expected = sum(float(discomfort(e.distance(place) - 0.17, KINDS[e.kind])[0]) for e in ENTITIES[:3])
    assert field.data[row, column] == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_solid_things_are_occupied_and_zones_are_not() -> None:
    home = room(
        {"kind": "stairs", "points": [[2, 1], [3, 1], [3, 2], [2, 2]], "area": True},
        {"kind": "cable", "points": [[4, 1], [5, 1.7]], "width": 0.01},
        {"kind": "zone", "points": [[6, 1], [6.5, 1], [6.5, 2]], "area": True},
        {"kind": "zone", "points": [[6.5, 3]], "width": 0.3, "solid": True, "name": "no go"},
    )

    def at(x: float, y: float) -> int:
        column, row = home.grid.indices(np.array([[x, y]]))[0]
        return int(home.grid.data[row, column])

    assert at(2.5, 1.5) == OCCUPIED and at(6.4, 1.2) == FREE and at(6.5, 3.0) == OCCUPIED
    along = np.linspace(0, 1, 200)[:, None] * (np.array([5, 1.7]) - (4, 1)) + (4, 1)
    columns, rows = home.grid.indices(along).T
    assert (home.grid.data[rows, columns] == OCCUPIED).mean() > 0.98  # thinner than a cell, and yet a barrier
    assert [e.kind for e in home.entities] == ["stairs", "cable", "zone", "zone"]


def test_ros_maps_keep_things_of_a_kind(tmp_path: Path) -> None:
    home = room(
        {"kind": "stairs", "points": [[2, 1], [3, 1], [3, 2]], "area": True},
        {"kind": "zone", "points": [[5, 2]], "width": 1},
    )
    write_ros_map(home, tmp_path / "room.yaml")
    back = load_map(tmp_path / "room.yaml")
    assert np.array_equal(back.grid.data, home.grid.data)
    for one, other in zip(back.entities, home.entities, strict=True):
        assert (one.kind, one.width, one.area) == (other.kind, other.width, other.area)
        assert np.array_equal(one.points, other.points)


@pytest.mark.parametrize(
    ("entity", "message"),
    [
        ({"kind": "toy", "points": [[1, 1]]}, "no extent"),
        ({"kind": "toy", "points": []}, "points"),
        ({"kind": "", "points": [[1, 1]], "width": 0.1}, "kind"),
        ({"kind": "zone", "points": [[1, 1], [2, 2]], "area": True}, "no area"),
        ({"kind": "toy", "points": [[1, math.nan]], "width": 0.1}, "not finite"),
        ({"kind": "toy", "points": [[1, 1]], "width": -0.1}, "width"),
        ({"kind": "toy", "points": [[1, 1]], "width": 0.1, "colour": "red"}, "colour"),
        ({"kind": "toy", "points": [[99, 1]], "width": 0.1}, "outside the map"),
    ],
)
def test_what_is_no_thing_is_refused(entity: dict[str, Any], message: str) -> None:
    with pytest.raises(BadMap, match=message):
        room(entity)


def test_kinds_nobody_knows_are_refused() -> None:
    robot = RobotProfile.load("round")
    with pytest.raises(BadSetting, match="unknown kind of thing; got dragon"):
        Navigator(robot, room({"kind": "dragon", "points": [[4, 2]], "width": 0.2}))
    kinds = dict(KINDS) | {"dragon": KindCost(comfort=0.3, harm=5.0)}
    config = NavigatorConfig(PlannerConfig(Objective(kinds=kinds)))
    nav = Navigator(robot, room({"kind": "dragon", "points": [[4, 2]], "width": 0.2}), config=config)
    with pytest.raises(BadMessage, match="unknown kind"):
        nav.observe(Detections(0.0, np.zeros((1, 2)), 0.05, kinds=("unicorn",)))
    with pytest.raises(BadSetting, match="person"):
        Objective(kinds={"wall": KINDS["wall"]})
    with pytest.raises(BadSetting, match="comfort"):
        KindCost(comfort=0.0)
    with pytest.raises(BadSetting, match="harm"):
        KindCost(comfort=0.1, harm=math.nan)


def test_the_tracker_keeps_kinds_apart_and_remembers_what_stays() -> None:
    tracker = PeopleTracker(None)
    for i in range(10):
        places = np.array([[1.0, 0.0], [1.0 + 0.05 * i, 0.3]])
        tracks = tracker.update(Detections(0.1 * i, places, 0.05, kinds=("toy", "pet")), Pose(0.0, 0.0))
    assert sorted((t.kind, t.radius) for t in tracks) == [("pet", 0.15), ("toy", 0.08)]
    toy, pet = sorted(tracks, key=lambda t: t.kind, reverse=True)
    assert np.array_equal(toy.velocity, [0.0, 0.0]) and pet.velocity[0] > 0.2
    assert tracker.memory("toy") > 60.0 > tracker.memory("pet")


def test_the_route_keeps_off_what_is_uneasy_where_it_can() -> None:
    robot = RobotProfile.load("round")
    middle = {"kind": "zone", "points": [[4, 2]], "width": 1.0}
    ways = []
    for home in (room(), room(middle)):
        static = clearance_grid(home)
        field = discomfort_field(home.entities, KINDS, static, float(covering_discs(robot.shape)[0, 2]))
        guidance = RoutePlanner(static, robot, field).plan(
            home.place("east"), home.place("west"), match_heading=False, tolerance=0.1
        )
        assert guidance is not None
        ways.append(float(np.abs(np.hypot(*(guidance.path - (4, 2)).T)).min()))
    assert ways[0] < 0.1 and ways[1] > 0.5


@pytest.mark.parametrize("detected", [False, True])
def test_what_is_worse_to_touch_gets_more_room(detected: bool) -> None:
    """A robot passes a thing beside its straight way: the worse, the further off; on the map, or only detected."""
    robot = RobotProfile.load("round")
    gaps = {}
    for kind, kind_cost in (
        ("easy", KindCost(0.06, harm=0.5)),
        ("toy", KINDS["toy"]),
        ("awful", KindCost(0.25, harm=8.0)),
    ):
        spot = np.array([4.0, 2.22])
        home = room() if detected else room({"kind": kind, "points": [spot.tolist()], "width": 0.2, "solid": True})
        kinds = dict(KINDS) | {kind: replace(kind_cost, radius=0.1)}
        nav = Navigator(robot, home, config=NavigatorConfig(PlannerConfig(Objective(kinds=kinds))))
        world = World(home, robot, home.place("west"), [], seed=0)

        def tell(now: float, nav: Navigator = nav, kind: str = kind, spot: Floats = spot) -> None:
            if detected and nav.senses.is_located:
                pose, map_from_odom = nav.senses.known
                base = map_from_odom @ pose.pose
                nav.observe(Detections(pose.stamp, base.inverse().transform(spot[None]), 0.02, kinds=(kind,)))

        run = drive(nav, world, [GoTo("east")], seconds=30.0, progress=tell)
        assert run.goals[0].status.name == "REACHED"
        gaps[kind] = float(np.hypot(*(run.poses[:, :2] - spot).T).min()) - 0.17 - 0.1
    assert 0.0 < gaps["easy"] < gaps["toy"] < gaps["awful"]
    assert gaps["awful"] > gaps["easy"] + 0.1


@pytest.mark.parametrize("at", [(4.025, 2.025), (4.05, 2.025), (4.05, 2.05), (4.001, 2.001)])
@pytest.mark.parametrize("width", [0.005, 0.03, 0.07])
def test_nothing_solid_is_too_small_for_the_map(at: tuple[float, float], width: float) -> None:
    cells = room({"kind": "toy", "points": [at], "width": width}).grid.data == OCCUPIED
    assert 1 <= cells.sum() - (room().grid.data == OCCUPIED).sum() <= 4


def test_an_area_drawn_on_the_raster_is_exact() -> None:
    corners = [[2, 1], [3, 1], [3, 2], [2, 2]]
    more = (room({"kind": "stairs", "points": corners, "area": True}).grid.data == OCCUPIED).sum()
    assert more - (room().grid.data == OCCUPIED).sum() == 400
    edge = room({"kind": "zone", "points": [[8.35, 1.0]], "width": 0.1})  # on the rim of the map
    assert len(edge.entities) == 1


def test_a_zone_may_be_as_large_as_a_home() -> None:
    """Deep inside, discomfort does not grow for ever: the robot goes on through, slowly."""
    side = {"walls": [{"points": [[0, 0], [24, 0], [24, 6], [0, 6], [0, 0]], "thickness": 0.2}]}
    places = {"places": [{"name": "west", "x": 4, "y": 3}, {"name": "east", "x": 20, "y": 3}]}
    zone = {"kind": "zone", "points": [[0.2, 0.2], [23.8, 0.2], [23.8, 5.8], [0.2, 5.8]], "area": True}
    home = make_map(ROOM | side | places | {"entities": [zone]}, "hall")
    robot = RobotProfile.load("round")
    world = World(home, robot, home.place("west"), [], seed=0)
    run = drive(Navigator(robot, home), world, [GoTo("east")], seconds=8.0)
    assert 0.15 < float(run.v[150:].mean()) < 0.9


def test_a_thing_detected_where_the_robot_stands_does_not_hold_it() -> None:
    robot, home = RobotProfile.load("round"), room()
    nav = Navigator(robot, home)
    world = World(home, robot, home.place("west"), [], seed=0)

    def tell(now: float) -> None:
        stamp = max(now - 0.1, 0.0)
        if now < 1.0:
            nav.observe(Detections(stamp, np.array([[-0.1, 0.18]]), 0.03, kinds=("toy",)))

    run = drive(nav, world, [GoTo("east")], seconds=30.0, progress=tell)
    assert run.goals[0].status.name == "REACHED"


def test_what_stays_may_be_pushed_and_is_found_again() -> None:
    tracker = PeopleTracker(None)
    for i in range(700):
        place = np.array([[2.0 if i < 600 else 2.3, 0.0]])
        tracks = tracker.update(Detections(0.1 * i, place, 0.1, kinds=("toy",)), Pose(0.0, 0.0))
    assert [round(float(t.position[0]), 1) for t in tracks] == [2.3]


@pytest.mark.parametrize("kinds", [np.array(["toy"] * 2), ("a", 1), ([], []), 5, "to", (None, None), ("toy",)])
def test_kinds_that_are_no_names_are_refused(kinds: Any) -> None:
    with pytest.raises(BadMessage, match="kinds"):
        Detections(0.0, np.zeros((2, 2)), 0.05, kinds=kinds)


@pytest.mark.parametrize(
    "make",
    [
        lambda: KindCost(comfort="x"),  # type: ignore[arg-type]
        lambda: KindCost(comfort=0.1, moves="no"),  # type: ignore[arg-type]
        lambda: Entity("toy", np.zeros(2), 0.1),
        lambda: Entity("toy", np.array([[math.nan, 1.0]]), 0.1),
        lambda: Entity("toy", np.zeros((1, 2)), -0.1),
        lambda: Objective(kinds={"wall": 1, "person": 2}),  # type: ignore[dict-item]
        lambda: Objective(kinds=dict(KINDS) | {"wall": KindCost(comfort=0.06, harm=3.0)}),
    ],
)
def test_values_that_mean_nothing_are_refused(make: Any) -> None:
    with pytest.raises(BadSetting):
        make()
