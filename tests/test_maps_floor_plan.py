"""Floor plans: what is drawn is what is on the grid, and what cannot be drawn is refused in plain words."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from pavane.core.errors import BadFile, BadMap, PavaneError
from pavane.maps import FREE, OCCUPIED, UNKNOWN, OccupancyMap, load_map
from pavane.maps.floor_plan import FloorPlan
from pavane.maps.rasterise import rasterise

SQUARE = {"points": [[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]], "thickness": 0.2}
MIDDLE = {"points": [[2, 0.1], [2, 2.9]], "thickness": 0.1}


def plan(**fields: Any) -> OccupancyMap:
    base: dict[str, Any] = {"schema": 1, "name": "test", "walls": [SQUARE, MIDDLE]}
    return rasterise(msgspec.convert(base | fields, FloorPlan))


def written(folder: Path, **fields: Any) -> Path:
    base: dict[str, Any] = {"schema": 1, "name": "test", "walls": [SQUARE, MIDDLE]}
    path = folder / "home.yaml"
    path.write_bytes(msgspec.yaml.encode(base | fields))
    return path


def at(home: OccupancyMap, x: float, y: float) -> int:
    column, row = home.grid.indices(np.array([[x, y]]))[0]
    return int(home.grid.data[row, column])


def rooms_in(home: OccupancyMap) -> int:
    return int(ndimage.label(home.grid.data == FREE, structure=np.ones((3, 3)))[1])


def test_inside_is_free_outside_unknown_and_walls_solid() -> None:
    home = plan()
    assert (at(home, 1, 1), at(home, 3, 1), at(home, 2, 1), at(home, 4.3, 1)) == (FREE, FREE, OCCUPIED, UNKNOWN)
    assert (home.grid.data == FREE).sum() * 0.05**2 == pytest.approx((3.8 - 0.1) * 2.8)
    assert rooms_in(home) == 2


def test_corners_of_walls_are_full() -> None:
    home = plan()
    assert at(home, -0.08, -0.08) == OCCUPIED
    assert at(home, 4.08, 3.08) == OCCUPIED


@pytest.mark.parametrize(("state", "free"), [("open", 0.7), ("ajar", 0.35), ("closed", 0.0)])
def test_a_door_frees_its_width(state: str, free: float) -> None:
    home = plan(doors=[{"name": "door", "at": [2, 1.5], "width": 0.7, "state": state}])
    column = home.grid.indices(np.array([[2.0 - 1e-6, 0.0]]))[0, 0]
    assert (home.grid.data[:, column] == FREE).sum() * 0.05 == pytest.approx(free, abs=1e-9)
    assert rooms_in(home) == (2 if state == "closed" else 1)
    (door,) = home.doors
    assert math.dist(door.start, door.end) == pytest.approx(0.7)


@given(
    angle=st.floats(0, 2 * math.pi),
    shift=st.floats(0, 1),
    width=st.floats(0.5, 1.2),
    place=st.floats(0.25, 0.75),
    thickness=st.floats(0.076, 0.3),
)
def test_turned_walls_stay_closed_and_turned_doors_as_wide_as_drawn(
    angle: float, shift: float, width: float, place: float, thickness: float
) -> None:
    def turned(points: list[list[float]]) -> list[list[float]]:
        c, s = math.cos(angle), math.sin(angle)
        return [[shift + c * x - s * y, shift / 3 + s * x + c * y] for x, y in points]

    walls = [
        {"points": turned([[0, 0], [4, 0], [4, 3], [0, 3], [0, 0]]), "thickness": thickness},
        {"points": turned([[2, 0], [2, 3]]), "thickness": thickness},
    ]
    assert rooms_in(plan(walls=walls)) == 2  # closed even for a point that squeezes between diagonal neighbours
    middle = turned([[2.0, 3 * place]])[0]
    home = plan(walls=walls, doors=[{"name": "door", "at": middle, "width": width}])
    ends = np.array([home.doors[0].start, home.doors[0].end])
    along = ends[0] + np.linspace(1e-6, 1 - 1e-6, 200)[:, None] * (ends[1] - ends[0])
    columns, rows = home.grid.indices(along).T
    assert (home.grid.data[rows, columns] == FREE).all()
    assert rooms_in(home) == 1


def test_an_opening_in_an_outer_wall_lets_nothing_out() -> None:
    home = plan(doors=[{"name": "front", "at": [1, 0], "width": 0.9}])
    assert at(home, 1, 0) == FREE
    assert at(home, 1, -0.3) == UNKNOWN


def test_furniture_of_each_shape_is_solid() -> None:
    home = plan(
        furniture=[
            {"shape": "rectangle", "name": "bed", "at": [1, 2], "size": [1.0, 0.4], "yaw_deg": 90},
            {"shape": "disc", "name": "stool", "at": [3, 1], "radius": 0.3},
            {"shape": "polygon", "name": "desk", "points": [[3, 2], [3.5, 2], [3.5, 2.7]]},
        ]
    )
    assert (at(home, 1.0, 2.45), at(home, 1.45, 2.0)) == (OCCUPIED, FREE)
    assert (at(home, 3.27, 1.0), at(home, 3.33, 1.0)) == (OCCUPIED, FREE)
    assert (at(home, 3.4, 2.2), at(home, 3.1, 2.5)) == (OCCUPIED, FREE)
    assert [outline.name for outline in home.outlines if not outline.wall] == ["bed", "stool", "desk"]


def test_wall_outlines_leave_the_doors_out() -> None:
    home = plan(doors=[{"name": "door", "at": [2, 1.5], "width": 0.7}])
    area = 0.0
    for outline in home.outlines:
        x, y = outline.corners.T
        area += 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
        assert outline.wall
    full = 2 * 4.2 * 0.2 + 2 * 3.2 * 0.2 + 2.9 * 0.1
    assert area == pytest.approx(full - 0.7 * 0.1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"schema": 2}, "another schema"),
        ({"resolution": 0}, "resolution"),
        ({"resolution": math.nan}, "resolution"),
        ({"resolution": 1e-5}, "resolution cannot be right"),
        ({"resolution": 1e9}, "resolution cannot be right"),
        ({"resolution": 0.002, "walls": [{"points": [[0, 0], [60, 0], [60, 60], [0, 60], [0, 0]]}]}, "too large"),
        ({"walls": [{"points": [[0, 0], [900, 0], [900, 60], [0, 60], [0, 0]]}]}, "too large"),
        ({"walls": [{"points": [[0, 0], [1e300, 0], [0, 5], [0, 0]]}]}, "too large"),
        ({"walls": []}, "walls"),
        ({"walls": [{"points": [[0, 0]]}]}, "points"),
        ({"walls": [{"points": [[0, 0], [0, 0]]}]}, "equal points"),
        ({"walls": [{"points": [[0, 0], [0, math.nan]]}]}, "not finite"),
        ({"walls": [{"points": [[0, 0], [0, math.inf]]}]}, "not finite"),
        ({"walls": [{"points": [[0, 0], [5, 0]]}]}, "no free cell"),
        ({"walls": [SQUARE | {"thickness": 0.06}]}, "too thin"),
        ({"walls": "brick"}, "array"),
        ({"colour": "red"}, "colour"),
        ({"doors": [{"name": "d", "at": [1, 1], "width": 0.7}]}, "not on a wall"),
        ({"doors": [{"name": "d", "at": [2, 0.3], "width": 0.7}]}, "not on a wall"),
        ({"doors": [{"name": "d", "at": [2, 1], "width": 0.7, "state": "wide"}]}, "state"),
        (
            {"doors": [{"name": "d", "at": [2, 1], "width": 0.7}, {"name": "d", "at": [2, 2], "width": 0.7}]},
            "same name",
        ),
        ({"places": [{"name": "p", "x": 2, "y": 1}]}, "too close"),
        ({"places": [{"name": "p", "x": 0.25, "y": 1}]}, "too close"),
        ({"places": [{"name": "p", "x": 9, "y": 1}]}, "outside"),
        ({"places": [{"name": "p", "x": 1, "y": 1}, {"name": "p", "x": 3, "y": 1}]}, "same name"),
        ({"furniture": [{"shape": "cube", "name": "x"}]}, "cube"),
        ({"furniture": [{"shape": "disc", "name": "x", "at": [1, 1], "radius": -1}]}, "radius"),
    ],
)
def test_what_cannot_be_drawn_is_refused(fields: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadMap, match=message):
        load_map(written(tmp_path, **fields))


def test_a_place_inside_furniture_is_refused_and_one_beside_it_is_not(tmp_path: Path) -> None:
    table = {"shape": "disc", "name": "table", "at": [1, 1.5], "radius": 0.3}
    with pytest.raises(BadMap, match="too close"):
        load_map(written(tmp_path, furniture=[table], places=[{"name": "p", "x": 1.1, "y": 1.5}]))
    home = load_map(written(tmp_path, furniture=[table], places=[{"name": "p", "x": 1.0, "y": 0.9, "yaw_deg": 90}]))
    assert home.place("p").yaw == pytest.approx(math.pi / 2)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (b"walls: [", BadFile, "not YAML"),
        (b"\xff\xfe\x00", BadFile, "not"),
        (b"- 1\n- 2\n", BadFile, "does not hold keys"),
        (b"", BadFile, "does not hold keys"),
        (b"{}", BadMap, "neither"),
        (b"rooms: []", BadMap, "neither"),
    ],
)
def test_files_that_are_no_map_are_refused(text: bytes, error: type[PavaneError], message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(text)
    with pytest.raises(error, match=message):
        load_map(path)


def test_missing_files_and_unknown_homes_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot read map"):
        load_map(tmp_path / "none.yaml")
    with pytest.raises(BadFile, match="cannot read map"):
        load_map(tmp_path)
    with pytest.raises(BadMap, match=r"castle.*flat, house"):
        load_map("castle")


@given(st.binary(max_size=80))
def test_no_bytes_lead_to_anything_but_our_own_errors(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(text)
    with pytest.raises(PavaneError):
        load_map(path)


def test_the_example_of_the_page_on_maps_is_a_map(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "start" / "your-map.md").read_text()
    example = page.split("## Floor plans")[1].split("```yaml\n")[1].split("```")[0]
    (tmp_path / "studio.yaml").write_text(example)
    home = load_map(tmp_path / "studio.yaml")
    assert (home.name, set(home.places), len(home.doors)) == ("studio", {"bed", "bath"}, 2)
