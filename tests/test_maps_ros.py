"""ROS maps: read as map_server reads them, written so that they read the same again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from pavane.core.errors import BadFile, BadMap, PavaneError
from pavane.core.geometry import Grid, Pose
from pavane.maps import FREE, OCCUPIED, UNKNOWN, OccupancyMap, load_map, write_ros_map
from pavane.maps.pixels import read_pixels

KEYS = {
    "image": "m.pgm",
    "resolution": 0.05,
    "origin": [0, 0, 0],
    "negate": 0,
    "occupied_thresh": 0.65,
    "free_thresh": 0.196,
}
P5 = b"P5\n# a comment\n3 2\n255\n" + bytes([0, 205, 254, 254, 89, 90])


def write(folder: Path, image: bytes = P5, **fields: Any) -> Path:
    (folder / "m.pgm").write_bytes(image)
    path = folder / "m.yaml"
    path.write_bytes(msgspec.yaml.encode({k: v for k, v in (KEYS | fields).items() if v is not None}))
    return path


def png(folder: Path, pixels: Any, mode: str | None = None) -> Path:
    Image.fromarray(np.asarray(pixels, dtype=np.uint8), mode).save(folder / "m.png")
    return folder / "m.png"


def cells(path: Path) -> list[list[int]]:
    """Rows from the top, as in the image."""
    return load_map(path).grid.data[::-1].tolist()


def test_the_top_row_of_the_image_is_the_highest_y(tmp_path: Path) -> None:
    home = load_map(write(tmp_path, origin=[-1.0, 2.0, 0.0]))
    assert home.grid.data.tolist() == [[FREE, OCCUPIED, UNKNOWN], [OCCUPIED, UNKNOWN, FREE]]
    assert (home.grid.origin, home.grid.resolution, home.name) == (Pose(-1.0, 2.0), 0.05, "m")


def test_plain_pgm_reads_as_the_binary_one(tmp_path: Path) -> None:
    plain = b"P2 3 2 # width height\n255\n0 205 254\n254 89 90\n"
    assert cells(write(tmp_path, plain)) == cells(write(tmp_path, P5))


def test_sixteen_bit_pgm_is_scaled_by_its_maximum(tmp_path: Path) -> None:
    values = np.array([0, 205, 254, 254, 89, 90], dtype=np.uint32) * 257
    assert cells(write(tmp_path, b"P5 3 2 65535\n" + values.astype(">u2").tobytes())) == cells(write(tmp_path, P5))


def test_pixels_that_look_like_white_space_are_pixels(tmp_path: Path) -> None:
    assert cells(write(tmp_path, b"P5 3 1 255\n\n 0", negate=1)) == [[FREE, FREE, FREE]]


def test_a_free_threshold_of_a_quarter_turns_unknown_grey_free(tmp_path: Path) -> None:
    assert cells(write(tmp_path, free_thresh=0.25))[0] == [OCCUPIED, FREE, FREE]


def test_thresholds_compare_strictly(tmp_path: Path) -> None:
    exact = b"P5 3 1 100\n" + bytes([35, 34, 80])  # occupancy 0.65, 0.66, 0.20
    assert cells(write(tmp_path, exact + b"", free_thresh=0.2001)) == [[UNKNOWN, OCCUPIED, FREE]]
    with pytest.raises(BadMap, match="no free cell"):
        load_map(write(tmp_path, exact, free_thresh=0.2))


def test_negate_turns_dark_and_bright_around(tmp_path: Path) -> None:
    assert cells(write(tmp_path, negate=1))[0] == [FREE, OCCUPIED, OCCUPIED]
    assert cells(write(tmp_path, negate=True))[0] == [FREE, OCCUPIED, OCCUPIED]


def test_raw_pixels_are_percentages(tmp_path: Path) -> None:
    image = b"P5 5 1 255\n" + bytes([0, 50, 100, 101, 255])
    assert cells(write(tmp_path, image, mode="raw")) == [[FREE, UNKNOWN, OCCUPIED, UNKNOWN, UNKNOWN]]


def test_colours_are_averaged(tmp_path: Path) -> None:
    name = png(tmp_path, [[[254, 254, 254], [255, 255, 0], [0, 0, 255], [255, 255, 107]]]).name
    path = write(tmp_path, image=P5)
    path.write_bytes(msgspec.yaml.encode(KEYS | {"image": name}))
    assert cells(path) == [[FREE, UNKNOWN, OCCUPIED, FREE]]  # averages 254, 170, 85, 205.67


def test_transparency_counts_as_a_colour_in_trinary_and_as_unknown_in_scale(tmp_path: Path) -> None:
    name = png(tmp_path, [[[255, 255, 255, 255], [255, 255, 255, 0], [0, 0, 0, 255], [0, 0, 0, 0]]]).name
    path = write(tmp_path)
    path.write_bytes(msgspec.yaml.encode(KEYS | {"image": name}))
    assert cells(path) == [[FREE, UNKNOWN, OCCUPIED, OCCUPIED]]
    path.write_bytes(msgspec.yaml.encode(KEYS | {"image": name, "mode": "Scale"}))
    assert cells(path) == [[FREE, UNKNOWN, OCCUPIED, UNKNOWN]]


def test_grey_png_of_each_kind_reads_the_same(tmp_path: Path) -> None:
    levels = np.array([[0, 205, 254]], dtype=np.uint8)
    path = write(tmp_path)
    path.write_bytes(msgspec.yaml.encode(KEYS | {"image": "m.png"}))
    for image in (
        Image.fromarray(levels),
        Image.fromarray(levels).convert("RGB"),
        Image.fromarray(levels).convert("P"),
        Image.fromarray(levels.astype(np.uint16) * 257),
    ):
        image.save(tmp_path / "m.png")
        assert cells(path) == [[OCCUPIED, UNKNOWN, FREE]], image.mode


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"resolution": 0}, "resolution cannot be right; got 0"),
        ({"resolution": -0.05}, "resolution cannot be right; got -0.05"),
        ({"resolution": 5.0}, "resolution cannot be right; got 5"),
        ({"resolution": 1e9}, "resolution cannot be right"),
        ({"resolution": 1e-9}, "resolution cannot be right"),
        ({"origin": [1e300, 0, 0]}, "origin"),
        ({"resolution": float("nan")}, "resolution is not finite"),
        ({"resolution": "fine"}, "resolution"),
        ({"resolution": None}, "resolution"),
        ({"negate": None}, "negate"),
        ({"negate": 3}, "negate"),
        ({"mode": "quantum"}, "mode"),
        ({"mode": 3}, "mode"),
        ({"origin": [0, 0]}, "origin"),
        ({"origin": [0, 0, 0.3]}, "origin is turned"),
        ({"origin": [0, float("inf"), 0]}, "origin is not finite"),
        ({"occupied_thresh": 0.1}, "out of order"),
        ({"free_thresh": -0.1}, "out of order"),
        ({"occupied_thresh": 65}, "out of order"),
        ({"occupied_thresh": float("nan")}, "not finite"),
        ({"free_thresh": 0.0}, "no free cell"),
        ({"image": ""}, "image"),
    ],
)
def test_bad_values_are_refused(fields: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(msgspec.yaml.encode({k: v for k, v in (KEYS | fields).items() if v is not None}))
    with pytest.raises(BadMap, match=message):
        load_map(path)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (P5[:-1], BadFile, "truncated"),
        (b"P2 3 2 255 1 2 3", BadFile, "truncated"),
        (b"P2 3 2 255 1 2 3 4 5 x", BadFile, "not numbers"),
        (b"P2 3 1 255 1 2 300", BadFile, "above its maximum"),
        (b"P5 3 2", BadFile, "header"),
        (b"P5 3 2 0\n", BadFile, "header"),
        (b"P5 0 2 255\n", BadMap, "empty map"),
        (b"P5 20001 1 255\n", BadMap, "too large"),
        (b"P5 19999 19999 255\n", BadMap, "too large"),
        (b"P6 1 1 255\n123", BadFile, "neither PGM nor PNG"),
        (b"GIF89a", BadFile, "neither PGM nor PNG"),
        (b"", BadFile, "neither PGM nor PNG"),
        (b"\x89PNG\r\n\x1a\n", BadFile, "broken PNG"),
    ],
)
def test_bad_images_are_refused(image: bytes, error: type[PavaneError], message: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=message):
        load_map(write(tmp_path, image))


def test_a_cut_png_is_refused(tmp_path: Path) -> None:
    path = png(tmp_path, np.random.default_rng(1).integers(0, 255, (40, 40)))
    (tmp_path / "m.pgm").write_bytes(path.read_bytes()[:600])
    with pytest.raises(BadFile, match="broken PNG"):
        read_pixels(tmp_path / "m.pgm", average_alpha=True)


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "m.pgm").unlink()
    with pytest.raises(BadFile, match=r"m\.pgm.*relative to the folder"):
        load_map(path)


@given(
    data=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 2)),
    resolution=st.sampled_from([0.01, 0.025, 0.05, 0.1]),
    x=st.floats(-100, 100),
    image=st.sampled_from(["pgm", "png"]),
)
def test_what_is_written_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: np.ndarray, resolution: float, x: float, image: Any
) -> None:
    data = data.copy()
    data[0, 0] = FREE
    path = tmp_path_factory.getbasetemp() / "round_trip.yaml"
    write_ros_map(OccupancyMap(Grid(data, resolution, Pose(x, -x))), path, image=image)
    home = load_map(path)
    assert (home.grid.data == data).all()
    assert (home.grid.resolution, home.grid.origin) == (resolution, Pose(x, -x))


def test_writing_leaves_no_other_files_and_replaces_whole(tmp_path: Path) -> None:
    for name in ("flat", "house"):
        write_ros_map(load_map(name), tmp_path / "home.yaml")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["home.pgm", "home.yaml"]
        assert (load_map(tmp_path / "home.yaml").grid.data == load_map(name).grid.data).all()


def test_writing_where_one_cannot_is_refused(tmp_path: Path) -> None:
    home = load_map("flat")
    with pytest.raises(BadFile, match="cannot write"):
        write_ros_map(home, tmp_path / "missing" / "home.yaml")
    with pytest.raises(BadFile, match="YAML file"):
        write_ros_map(home, tmp_path / "home.pgm")


@pytest.mark.parametrize("folder", ["homes", "ros_maps"])
def test_real_maps_have_the_size_and_free_area_that_their_index_says(data: Path, folder: str) -> None:
    index = json.loads((data / folder / "index.json").read_text())
    assert index
    for name, facts in index.items():
        home = load_map(data / folder / f"{name}.yaml")
        rows, columns = home.grid.data.shape
        assert [columns, rows] == facts["size_cells"], name
        free = (home.grid.data == FREE).sum() * home.grid.resolution**2
        assert free == pytest.approx(facts["free_area_m2"], abs=0.002), name


def test_a_map_that_would_take_the_memory_of_the_machine_is_refused(tmp_path: Path) -> None:
    image = b"P5 1000 1000 255\n" + bytes([254]) * 1_000_000
    with pytest.raises(BadMap, match=r"too large; got 500 x 500 m; expected at most 40,000 m\^2"):
        load_map(write(tmp_path, image, resolution=0.5))


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text() + "free_thresh: 0.3\n")
    with pytest.raises(BadFile, match="a key is written twice; got free_thresh"):
        load_map(path)


@pytest.mark.parametrize(
    ("resolution", "origin"), [(0.7, Pose(0, 0)), (-1.0, Pose(0, 0)), (0.05, Pose(1e9, 0)), (0.05, Pose(0, 0, 0.1))]
)
def test_a_map_that_is_made_in_python_is_checked_too(resolution: float, origin: Pose) -> None:
    with pytest.raises(BadMap):
        OccupancyMap(Grid(np.zeros((4, 4), np.uint8), resolution, origin))
