"""ROS ``map_server`` maps: a YAML file beside a PGM or PNG image, read and written.

Pixels become cells as in ROS: with occupancy p = 1 - brightness (or brightness when ``negate``), a cell is occupied
when p > occupied_thresh, free when p < free_thresh, else unknown. (In ``scale`` ROS gives the cells between the two a
percentage; they are neither surely free nor surely solid, so here they are unknown.) A free_thresh of 0.25 therefore
turns the usual unknown grey 205 (p = 0.196) free: that is what such a file says, and it is honoured.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct

from pavane.core.arrays import Bytes
from pavane.core.errors import BadFile, BadMap
from pavane.core.files import write_whole
from pavane.core.geometry import Grid, Pose
from pavane.core.yaml_file import convert
from pavane.maps.entities import MappedEntity, place_entities
from pavane.maps.occupancy import FREE, OCCUPIED, UNKNOWN, OccupancyMap, check_resolution
from pavane.maps.pixels import Pixels, encode, read_pixels

WHITE, GREY, BLACK = np.uint8(254), np.uint8(205), np.uint8(0)  # what map_saver writes
Mode = Literal["trinary", "scale", "raw"]


class RosMapFile(Struct, frozen=True, kw_only=True):
    """The YAML half of a ROS map. Keys that are not named here are left alone, as ROS does."""

    image: Annotated[str, Meta(min_length=1)]
    resolution: float  # m
    origin: tuple[float, float, float]  # x, y in m and yaw in rad of the lower left corner
    negate: bool | int
    occupied_thresh: float
    free_thresh: float
    mode: Mode = "trinary"
    entities: list[MappedEntity] = []  # ours, beyond ROS

    def __post_init__(self) -> None:
        for key in ("resolution", "origin", "occupied_thresh", "free_thresh"):
            value = getattr(self, key)
            if not all(map(math.isfinite, value if isinstance(value, tuple) else (value,))):
                raise BadMap(f"{key} is not finite", value=value, limit="finite numbers")
        check_resolution(self.resolution)
        if self.negate not in (0, 1):
            raise BadMap("negate is neither 0 nor 1", value=self.negate, limit="0 or 1")
        if not 0.0 <= self.free_thresh <= self.occupied_thresh <= 1.0:
            raise BadMap(
                "thresholds are out of order",
                value=f"free_thresh {self.free_thresh}, occupied_thresh {self.occupied_thresh}",
                limit="0 <= free_thresh <= occupied_thresh <= 1",
            )
        if self.origin[2] != 0.0:
            raise BadMap(
                "origin is turned", value=f"yaw {self.origin[2]}", limit="yaw 0",
                remedy="Turn the image by that angle, set the yaw of the origin to 0, and localize on the new map.",
            )  # fmt: skip


def read_ros_map(path: Path, fields: dict[str, Any]) -> OccupancyMap:
    """Make a map of the keys of a ROS map YAML file.

    Args:
        path: the YAML file; its image is looked for beside it, and its stem becomes the map's name.
        fields: the decoded YAML.

    Raises:
        BadFile: the image is missing, truncated or of another format.
        BadMap: a key is missing, of the wrong type or out of its range; or nothing on the map is free.
    """
    file = convert(_lower_mode(fields), RosMapFile, path.name, BadMap, "See docs/maps.md for every key.")
    pixels = read_pixels(path.parent / file.image, average_alpha=file.mode == "trinary")
    cells = _cells(pixels, file)[::-1]  # images start at the top, grids at the lowest y
    if not (cells == FREE).any():
        raise BadMap(
            f"{path.name} has no free cell", limit="at least one",
            remedy="Check negate and free_thresh against the grey values of the image.",
        )  # fmt: skip
    x, y, _ = file.origin
    grid = Grid(np.ascontiguousarray(cells), file.resolution, Pose(x, y))
    return OccupancyMap(grid, name=path.stem, entities=place_entities(grid, file.entities))


def write_ros_map(home: OccupancyMap, path: Path, *, image: Literal["pgm", "png"] = "pgm") -> None:
    """Write a map as a ROS YAML file and an image of the same stem; places and doors have no room in that format.

    Args:
        home: what to write.
        path: the YAML file to make or replace; the image is written beside it, before it.
        image: the format of the image.

    Raises:
        BadFile: the folder cannot be written, or the suffix is not that of YAML.
    """
    if path.suffix not in (".yaml", ".yml"):
        raise BadFile("a map is written to a YAML file", value=path, limit="a path that ends in .yaml")
    shades = np.full(3, GREY)
    shades[FREE], shades[OCCUPIED] = WHITE, BLACK
    picture = path.with_suffix(f".{image}")
    origin = home.grid.origin
    fields: dict[str, Any] = {
        "image": picture.name,
        "mode": "trinary",
        "resolution": home.grid.resolution,
        "origin": [origin.x, origin.y, 0.0],
        "negate": 0,
        "occupied_thresh": 0.65,
        "free_thresh": 0.196,
    }
    write_whole(picture, encode(np.ascontiguousarray(shades[home.grid.data[::-1]]), picture.suffix))
    if home.entities:  # what of them is solid stands in the cells
        fields["entities"] = [
            {
                "kind": e.kind,
                "points": e.points.tolist(),
                "width": e.width,
                "area": e.area,
                "solid": False,
                "name": e.name,
            }
            for e in home.entities
        ]
    write_whole(path, msgspec.yaml.encode(fields))


def _lower_mode(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the keys with ``mode`` in lower case: ROS reads it without regard to that."""
    mode = fields.get("mode")
    return fields | {"mode": mode.lower()} if isinstance(mode, str) else fields


def _cells(pixels: Pixels, file: RosMapFile) -> Bytes:
    """Return cells (rows, columns) FREE, OCCUPIED or UNKNOWN, row 0 at the top."""
    levels = np.arange(pixels.top + 1)
    if file.mode == "raw":
        # The pixel is the percentage itself, above 100 unknown; negate has no say, as in Nav2.
        percent = np.round(levels * (255.0 / pixels.top))
        occupancy, known = percent / 100.0, percent <= 100.0
    else:
        occupancy, known = (levels if file.negate else pixels.top - levels) / pixels.top, levels >= 0
    table = np.full(len(levels), UNKNOWN)
    table[known & (occupancy > file.occupied_thresh)] = OCCUPIED
    table[known & (occupancy < file.free_thresh)] = FREE
    cells = table[pixels.levels]
    if file.mode == "scale" and pixels.opaque is not None:
        cells[~pixels.opaque] = UNKNOWN
    return cells
