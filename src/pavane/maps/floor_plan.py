"""Our own floor plan: a small YAML file of walls, doors, furniture, rooms and places, in metres and degrees."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from pavane.core.errors import BadMap
from pavane.core.yaml_file import convert, numbers_in
from pavane.maps.entities import MappedEntity
from pavane.maps.occupancy import check_resolution

SCHEMA = 1
WALL_CELLS_MIN = 1.5  # a slanted wall thinner than sqrt(2) cells could leak between cell centres

Positive = Annotated[float, Meta(gt=0.0)]
Name = Annotated[str, Meta(min_length=1)]
Point = tuple[float, float]


class Wall(Struct, frozen=True, forbid_unknown_fields=True):
    """A polyline of wall; each straight piece reaches half a thickness beyond its points, so that corners are full."""

    points: Annotated[list[Point], Meta(min_length=2)]  # centre line
    thickness: Positive = 0.1


class DoorOpening(Struct, frozen=True, forbid_unknown_fields=True):
    """An opening cut into the wall it stands on."""

    name: Name
    at: Point  # middle of the opening, on the centre line of a wall
    width: Positive  # between the jambs
    state: Literal["open", "closed", "ajar"] = "open"  # ajar: the leaf covers half of the opening


class Rectangle(Struct, frozen=True, forbid_unknown_fields=True, tag="rectangle", tag_field="shape"):
    """A piece of furniture with four right angles."""

    name: Name
    at: Point  # centre
    size: tuple[Positive, Positive]  # along its own x and y
    yaw_deg: float = 0.0


class Disc(Struct, frozen=True, forbid_unknown_fields=True, tag="disc", tag_field="shape"):
    """A round piece of furniture."""

    name: Name
    at: Point
    radius: Positive


class Polygon(Struct, frozen=True, forbid_unknown_fields=True, tag="polygon", tag_field="shape"):
    """A piece of furniture of any outline."""

    name: Name
    points: Annotated[list[Point], Meta(min_length=3)]


Furniture = Rectangle | Disc | Polygon


class RoomLabel(Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a room, for pictures."""

    name: Name
    at: Point


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """A pose with a name that a robot can be sent to."""

    name: Name
    x: float
    y: float
    yaw_deg: float = 0.0


class FloorPlan(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A home as it is drawn; the file's axes are those of ``map``."""

    schema: int
    name: Name
    walls: Annotated[list[Wall], Meta(min_length=1)]
    resolution: float = 0.05
    doors: list[DoorOpening] = []
    furniture: list[Furniture] = []
    rooms: list[RoomLabel] = []
    places: list[Place] = []
    entities: list[MappedEntity] = []

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise BadMap("floor plan has another schema", value=self.schema, limit=f"schema: {SCHEMA}")
        for path, number in numbers_in(self):
            if not math.isfinite(number):
                raise BadMap(f"{path} is not finite", value=number, limit="a finite number")
        check_resolution(self.resolution)
        for kind in ("doors", "rooms", "places"):
            names = [item.name for item in getattr(self, kind)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise BadMap(f"two {kind} have the same name", value=", ".join(twice), limit="names used once")
        for i, wall in enumerate(self.walls):
            if wall.thickness < WALL_CELLS_MIN * self.resolution:
                raise BadMap(
                    f"walls[{i}] is too thin for the grid",
                    value=wall.thickness,
                    limit=f">= {WALL_CELLS_MIN * self.resolution:g} m = {WALL_CELLS_MIN} cells",
                    remedy="Make the wall thicker or the resolution finer.",
                )
            if any(math.dist(a, b) < 1e-6 for a, b in zip(wall.points, wall.points[1:], strict=False)):
                raise BadMap(f"walls[{i}] has two equal points in a row", value=wall.points, limit="different points")


def parse_floor_plan(what: str, fields: dict[str, Any]) -> FloorPlan:
    """Check the decoded YAML of a floor plan; ``what`` names it in errors.

    Raises:
        BadMap: a key is missing, unknown, of the wrong type or out of its range, or a name is used twice.
    """
    return convert(fields, FloorPlan, what, BadMap, "See docs/start/your-map.md for every key.")
