"""DoorSpec: how one door of the home behaves, as it is written in a scenario."""

from __future__ import annotations

import math
import zlib
from typing import Annotated, Literal

from msgspec import Meta, Struct

from pavane.core.errors import BadSetting
from pavane.maps.floor_plan import Name, Point, Positive
from pavane.sim.home.changes import check_finite
from pavane.sim.home.leaf import HALF_GAP, LeafType
from pavane.sim.home.timetable import Timetable

Hour = Annotated[float, Meta(ge=0.0, lt=24.0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
State = Literal["open", "closed", "ajar"] | Share


class Appointment(Struct, frozen=True, forbid_unknown_fields=True):
    """From an hour of the day on, a door is to be so."""

    hour: Hour
    state: State


class DoorSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A door with a leaf that moves.

    Args:
        name: of a door of the floor plan; of any other map, a new name, with ``jambs``.
        jambs: the two ends of the opening, where the map has no door by name.
        state: at the start: ``open``, ``closed``, ``ajar`` (a gap of half the width) or how far open, 0 to 1. As the
            floor plan draws it if left out, open on other maps.
        schedule: what it is to be from which hour of the day on.
        pattern: chance that it is open, by the hour of the day from which on that holds; drawn anew each day.
        locked: closed, and nobody opens it.
        seconds: that a full travel takes.
        leaf: hinged or sliding.
        hinge: a point near the jamb that has the hinge; chosen to leave most room if left out.
        opens_to: a point on the side to which it opens; likewise.
        glass: whether a lidar looks through the leaf.
    """

    name: Name
    jambs: tuple[Point, Point] | None = None
    state: State | None = None
    schedule: list[Appointment] = []
    pattern: dict[Hour, Share] = {}
    locked: bool = False
    seconds: Positive = 1.0
    leaf: LeafType = "hinged"
    hinge: Point | None = None
    opens_to: Point | None = None
    glass: bool = False

    def __post_init__(self) -> None:
        check_finite(f"door {self.name!r}", self)
        if self.schedule and self.pattern:
            raise BadSetting(f"door {self.name!r} has a schedule and a pattern", limit="one of the two")
        hours = [entry.hour for entry in self.schedule]
        if len(set(hours)) < len(hours):
            raise BadSetting(f"door {self.name!r} is scheduled twice at one hour", value=hours)
        if self.locked and (self.schedule or self.pattern or self.state not in (None, "closed", 0.0)):
            raise BadSetting(
                f"door {self.name!r} is locked, and to be opened", limit="a locked door is closed, all day",
                remedy="Take out `locked`, or state, schedule and pattern.",
            )  # fmt: skip

    def openness(self, state: State) -> float:
        """Return how far open a state is for this leaf, 0 to 1."""
        if state == "ajar":
            return HALF_GAP if self.leaf == "hinged" else 0.5
        return float(state) if isinstance(state, float | int) else float(state == "open")

    def timetable(self, seed: int) -> Timetable | None:
        """Return its day; the draws of a pattern depend on the seed and the door's name alone."""
        if self.pattern:
            hours = tuple(sorted(self.pattern))
            return Timetable(hours, tuple(self.pattern[h] for h in hours), (seed, zlib.crc32(self.name.encode())))
        if self.schedule:
            entries = sorted(self.schedule, key=lambda entry: entry.hour)
            return Timetable(tuple(e.hour for e in entries), tuple(self.openness(e.state) for e in entries))
        return None


def check_hour(hour: float) -> float:
    """Return the hour at which a drive starts, if it can be one.

    Raises:
        BadSetting: negative or not finite.
    """
    if not (math.isfinite(hour) and hour >= 0.0):
        raise BadSetting("the hour of the day is out of range", value=hour, limit="hours since midnight >= 0")
    return hour
