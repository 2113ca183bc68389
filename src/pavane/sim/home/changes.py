"""Changes of the home against the map: small structs, told apart by ``kind``, as written in a scenario."""

from __future__ import annotations

import math
from typing import Annotated

from msgspec import Meta, Struct

from pavane.core.errors import BadSetting
from pavane.core.yaml_file import numbers_in
from pavane.maps.floor_plan import Furniture, Name, Point, Positive

NotNegative = Annotated[float, Meta(ge=0.0)]


def check_finite(what: str, value: object) -> None:
    """Refuse infinities and nan anywhere in a struct.

    Raises:
        BadSetting: with the way to the number.
    """
    for path, number in numbers_in(value):
        if not math.isfinite(number):
            raise BadSetting(f"{what}: {path} is not finite", value=number, limit="a finite number")


class _Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """The keys that all changes share.

    Args:
        at_time: when it happens, s; 0 is before the drive. Later, nothing lands on a person or the robot: it waits.
    """

    at_time: NotNegative = 0.0

    def __post_init__(self) -> None:
        check_finite(f"change {self.__struct_config__.tag}", self)


class Add(_Change, frozen=True, tag="add"):
    """A piece that the map does not know: furniture, or a box that is dropped during the drive."""

    piece: Furniture


class Table(_Change, frozen=True, tag="table"):
    """A table whose top is above the lidar: the robot's body meets the top, the lidar sees the legs alone.

    Args:
        top: its outline; a rectangle or polygon has a leg at each corner, a disc one in the middle.
        leg: width of a leg, m.
    """

    top: Furniture
    leg: Positive = 0.06


class Remove(_Change, frozen=True, tag="remove"):
    """A piece that is gone.

    Args:
        name: of a piece of the floor plan, or of one that was added.
        near: a point that tells pieces of one name apart: the nearest is meant.
    """

    name: Name
    near: Point | None = None


class Move(_Change, frozen=True, tag="move"):
    """A piece that stands elsewhere, such as a chair that is pulled out.

    Args:
        name: of the piece.
        to: where its middle comes to.
        turn_deg: how far it is turned from how it stood.
        near: as in ``Remove``.
    """

    name: Name
    to: Point
    turn_deg: float = 0.0
    near: Point | None = None


class Clear(_Change, frozen=True, tag="clear"):
    """A region of which everything without a name is gone: for maps that have cells and no outlines."""

    points: Annotated[list[Point], Meta(min_length=3)]


class Toy(_Change, frozen=True, tag="toy"):
    """A low object on the floor: it stops the robot, people step over it, and a lidar makes it out late.

    Args:
        at: its middle.
        radius: of the disc that it is, m.
        seen_within: distance from the lidar up to which it is seen, m.
    """

    at: Point
    radius: Annotated[float, Meta(gt=0.0, le=0.5)] = 0.08
    seen_within: NotNegative = 0.8


class Glass(_Change, frozen=True, tag="glass"):
    """A region in which obstacles let the lidar's rays through: a glass door, a window down to the floor.

    Args:
        points: corners of the region; two points are a strip between them.
        width: of that strip, m.
    """

    points: Annotated[list[Point], Meta(min_length=2)]
    width: Positive = 0.3


class Carpet(_Change, frozen=True, tag="carpet"):
    """A region on which the wheels slip.

    Args:
        points: its corners.
        grip: way made good for each metre of the wheels; 1 is hard floor.
    """

    points: Annotated[list[Point], Meta(min_length=3)]
    grip: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.9


class Shuffle(_Change, frozen=True, tag="shuffle"):
    """Chairs that are left out: pieces are moved and turned by chance, where they fit and leave all places in reach.

    Args:
        names: words of which one stands in the name of each piece that moves.
        within: how far a piece moves at most, m.
    """

    names: Annotated[tuple[Name, ...], Meta(min_length=1)] = ("chair", "stool")
    within: Positive = 0.6

    def __post_init__(self) -> None:
        _Change.__post_init__(self)
        if self.at_time > 0.0:
            raise BadSetting(
                "a shuffle during the drive", value=f"at_time: {self.at_time}", limit="0: before the drive",
                remedy="During the drive, move single pieces with `kind: move`.",
            )  # fmt: skip


Change = Add | Table | Remove | Move | Clear | Toy | Glass | Carpet | Shuffle
