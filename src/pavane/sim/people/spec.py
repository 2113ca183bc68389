"""Specification of a person: what a scenario says of them, and the traits of their kind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from pavane.core.errors import BadSetting

Kind = Literal["yielding", "stubborn", "distracted", "stopping", "child", "dog"]
FASTEST = 4.0  # m/s
RADII = (0.05, 0.5)  # m


@dataclass(frozen=True, slots=True)
class Traits:
    """The traits that distinguish one kind of person from another; each is independent of the others.

    Args:
        paces: m/s, slowest and fastest walk; a wanderer draws one for each way.
        radius: of the body, m.
        heeds: whether they make room for a robot that they notice.
        notices: m within which they notice it.
        view: rad, half the angle ahead within which they notice it; pi is all round.
        acceleration: m/s^2 in comfort.
        braking: m/s^2 at most, in an emergency.
        turning: rad/s at most.
        pause: s, shortest and longest stay at a goal.
        whim: s, mean time after which a goal is given up for another on the way; inf never.
        halt: s, mean time on the way between sudden stops; inf never.
        halts_for: s, shortest and longest sudden stop.
        returns: share of the ways of a wanderer that lead to another person.
        sway: m/s, how much they drift from side to side.
        detectable: whether a person detector makes them out as a person; a lidar sees everybody.
    """

    paces: tuple[float, float] = (0.8, 0.8)
    radius: float = 0.20
    heeds: bool = True
    notices: float = 2.5
    view: float = math.pi
    acceleration: float = 1.5
    braking: float = 3.0
    turning: float = 4.0
    pause: tuple[float, float] = (1.0, 6.0)
    whim: float = math.inf
    halt: float = math.inf
    halts_for: tuple[float, float] = (1.0, 4.0)
    returns: float = 0.0
    sway: float = 0.0
    detectable: bool = True


KINDS: dict[Kind, Traits] = {
    # sees the robot from all sides and makes room
    "yielding": Traits(),
    # walks as if it was not there
    "stubborn": Traits(heeds=False),
    # looks at a phone: slower, swaying, notices the robot only when it is close and ahead
    "distracted": Traits(paces=(0.6, 0.6), notices=0.7, view=math.radians(60.0), sway=0.08),
    # stops where they are, out of the blue
    "stopping": Traits(halt=6.0),
    # runs, changes its mind, notices little
    "child": Traits(
        paces=(1.5, 2.5), radius=0.15, notices=0.8, view=math.radians(70.0), acceleration=2.5, braking=4.0,
        turning=5.0, pause=(0.5, 3.0), whim=4.0,
    ),
    # low and quick, stops to sniff, comes back to people, gets out of the way at the last moment
    "dog": Traits(
        paces=(0.5, 3.0), radius=0.15, notices=1.0, acceleration=3.0, braking=5.0, turning=6.0, pause=(0.5, 4.0),
        whim=5.0, halt=6.0, halts_for=(0.5, 3.0), returns=0.4, detectable=False,
    ),
}  # fmt: skip


class PersonSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """One person.

    Args:
        start: (x, y) in ``map``, m; None lets the seed choose.
        goals: (x, y) places in ``map`` walked to in turn, staying at the last; empty means wandering for ever.
        speed: preferred walking speed, m/s; None: that of the kind.
        radius: of the body, m; None: that of the kind.
        kind: whose traits they have, see ``KINDS``.
        name: for reports; empty: the kind and a number.
        heeds: whether they make room for a robot; None: as their kind does.
        group: people of one group walk together, and face each other where they stay.
        departs: s at which they set out; None: the goals at once, wandering within 2 s.
        departs_near: m; they set out when the robot comes this near, or at ``departs`` if that is sooner.
        departs_in_sight: whether ``departs_near`` counts only what they can see, as somebody behind a door post cannot.
        stays: s at each goal; None: no time at given goals, that of the kind when wandering.
        stops: (at, for) s: sudden stops at given times.
        closes_doors: probability that they close a door behind them.
    """

    start: tuple[float, float] | None = None
    goals: tuple[tuple[float, float], ...] = ()
    speed: float | None = None
    radius: float | None = None
    kind: Kind = "yielding"
    name: str = ""
    heeds: bool | None = None
    group: str = ""
    departs: float | None = None
    departs_near: float | None = None
    departs_in_sight: bool = False
    stays: float | None = None
    stops: tuple[tuple[float, float], ...] = ()
    closes_doors: float = 0.5

    def __post_init__(self) -> None:
        for what, value, low, high, unit in (
            ("speed", self.speed, 1e-9, FASTEST, "m/s"),
            ("radius", self.radius, *RADII, "m"),
            ("departure", self.departs, 0.0, math.inf, "s"),
            ("distance of departure", self.departs_near, 0.0, math.inf, "m"),
            ("stay", self.stays, 0.0, math.inf, "s"),
            ("probability of closing doors", self.closes_doors, 0.0, 1.0, ""),
            *(("sudden stop", time, 0.0, math.inf, "s") for stop in self.stops for time in stop),
        ):
            if value is not None and not low <= value <= high:
                least, most = 0 if low == 1e-9 else f"{low:g}", "" if high == math.inf else f" to {high:g}"
                limit = f"{least}{most} {unit}".rstrip() if most else f">= {least} {unit}"
                raise BadSetting(f"a person's {what} is out of range", value=value, limit=limit)
        if self.kind not in KINDS:
            raise BadSetting("no such kind of person", value=self.kind, limit=", ".join(KINDS))

    @property
    def traits(self) -> Traits:
        """Traits of the kind."""
        return KINDS[self.kind]

    @property
    def body_radius(self) -> float:
        """Radius of the body, m."""
        return self.traits.radius if self.radius is None else self.radius

    @property
    def paces(self) -> tuple[float, float]:
        """Slowest and fastest walk, m/s."""
        return self.traits.paces if self.speed is None else (self.speed, self.speed)

    @property
    def heeds_robot(self) -> bool:
        """Whether they make room for a robot that they notice."""
        return self.traits.heeds if self.heeds is None else self.heeds
