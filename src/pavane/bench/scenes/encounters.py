"""Encounters of one robot with people, drawn by a number: where, how fast, when they would meet, and who makes room.

Each is a :class:`Scenario` as one from a file. The robot drives along +x and would be at the meeting place at the same
time as somebody else, give or take a second, if neither looked. In ``map``, m, s.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from pavane.bench.scenes.cluttered_rooms import draw_room
from pavane.bench.scenes.encounter_plan import SECONDS, EncounterPlan, Point, arrives, either_side
from pavane.bench.scenes.recorded_people import recorded_plan
from pavane.core.errors import BadSetting
from pavane.sim.people import PersonSpec
from pavane.sim.people.spec import Kind
from pavane.sim.scenario import SCHEMA, Fails, Request, Scenario

RECORDED, ROOM = "recorded", "room"
MANNERS = ("non_yielding", "yielding", RECORDED)
COURSES = {"oncoming": (150.0, 210.0), "crossing": (45.0, 135.0), "overtaking": (-25.0, 25.0)}  # deg, theirs to ours
YIELDING: tuple[Kind, ...] = ("yielding", "yielding", "yielding", "distracted", "stopping")
RADII = (0.15, 0.22)  # m, of the robot
LATENCIES = (0.1, 0.3)  # s, of perception


class Encounter(NamedTuple):
    """Which encounter it is; equal ones are the same in every figure."""

    kind: str
    manner: str
    number: int

    @property
    def seed(self) -> int:
        """Of all that is drawn."""
        return zlib.crc32("/".join(map(str, self)).encode())


def list_encounters(count: int, first: int = 0, *, recorded: bool = True) -> list[Encounter]:
    """So many encounters, all kinds and manners in turns; numbers begin at ``first``.

    Args:
        count: how many.
        first: the first number; encounters of other numbers are others.
        recorded: whether there are recordings.
    """
    ways = [(kind, manner) for kind in KINDS for manner in MANNERS[:2]]
    # as many of each kind with recorded people as with the others; people step out and stand in no recording at will
    ways += [(kind, RECORDED) for kind in COURSES if recorded]
    return [Encounter(*ways[i % len(ways)], first + i // len(ways)) for i in range(count)]


def list_rooms(count: int) -> list[Encounter]:
    """So many cluttered rooms with two walkers."""
    return [Encounter(ROOM, "yielding", number) for number in range(count)]


def draw(encounter: Encounter, data: Path | None) -> Scenario:
    """Return the encounter as a scenario.

    Args:
        encounter: which.
        data: folder with ``pedestrians/*.csv``; only recorded people need it.

    Raises:
        BadSetting: no such encounter.
        BadFile: no such recording.
    """
    rng = np.random.default_rng(encounter.seed)
    radius = round(float(rng.uniform(*RADII)), 3)
    profile = {"robot_radius": radius, "latency": {"perception": float(rng.choice(LATENCIES))}}
    replay, wanderers = None, 0
    if encounter.kind == ROOM:
        room = draw_room(rng)
        plan = EncounterPlan([room.outline], room.start, room.goal, [], tuple(room.furniture))
        wanderers = 2
    elif encounter.manner == RECORDED:
        if data is None or encounter.kind not in COURSES:
            raise BadSetting("no recording for this encounter", value=encounter.kind, limit=", ".join(COURSES))
        plan, replay = recorded_plan(rng, COURSES[encounter.kind], data / "pedestrians")
    elif encounter.kind in KINDS and encounter.manner in MANNERS:
        plan = KINDS[encounter.kind](rng, _Who(rng, encounter.manner == "yielding"))
    else:
        raise BadSetting("no such encounter", value="/".join(map(str, encounter)), limit=", ".join(KINDS))
    return Scenario(
        schema=SCHEMA,
        title=f"{encounter.kind}, {encounter.manner} people, number {encounter.number}",
        home={"walls": [{"points": points} for points in plan.walls], "furniture": list(plan.furniture)},
        start=plan.start,
        tasks=(Request(go_to=(*plan.goal, 0.0), match_heading=False),),
        seconds=SECONDS,
        fails=Fails("no_reflex", "contact"),
        profile=profile,
        people=tuple(plan.people),
        wanderers=wanderers,
        replay=replay,
        seeds=(encounter.seed,),
        name="_".join(map(str, encounter)),
    )


class _Who:
    """Makes people of one manner."""

    def __init__(self, rng: Generator, yielding: bool) -> None:
        self._rng, self._yielding = rng, yielding

    def __call__(self, start: Point, *goals: Point, speed: float, **more: Any) -> PersonSpec:
        """Somebody who walks from ``start`` to the goals, of a kind that the manner allows."""
        if self._yielding:
            kind = YIELDING[int(self._rng.integers(len(YIELDING)))]
        else:
            kind = "stubborn"
            if self._rng.random() < 0.25:  # stops on the way, out of the blue
                more = {"stops": ((float(self._rng.uniform(1.0, 8.0)), float(self._rng.uniform(0.5, 4.0))),), **more}
        return PersonSpec(start=start, goals=goals, speed=round(speed, 3), kind=kind, **more)


def _departs(rng: Generator, way: float, walk: float, speed: float) -> float:
    """Return when somebody has to set out who meets the robot after ``walk`` m, the robot after ``way`` m."""
    return max(0.0, arrives(way) - walk / speed + float(rng.uniform(-1.0, 1.0)))


def _corridor(width: float, length: float) -> list[Point]:
    """Return the outline of a corridor along y = 0 from x = 3 on, with a room of 3 x 3 m at either end."""
    half, end = 0.5 * width, 3.0 + length
    upper = [(0.0, 1.5), (3.0, 1.5), (3.0, half), (end, half), (end, 1.5), (end + 3.0, 1.5)]
    return [*upper, *((x, -y) for x, y in reversed(upper)), upper[0]]


def _hall(length: float, width: float) -> list[Point]:
    half = 0.5 * width
    return [(0.0, half), (length, half), (length, -half), (0.0, -half), (0.0, half)]


def _oncoming(rng: Generator, who: _Who) -> EncounterPlan:
    """Somebody comes the other way in a corridor."""
    width, speed, length = rng.uniform(1.0, 2.4), rng.uniform(0.4, 1.4), 4.5
    start = rng.uniform(1.0, 3.5)
    way = rng.uniform(1.0, 4.0)
    walk = rng.uniform(1.0, 3.5)
    meets = start + way
    theirs = min(meets + walk, 9.5), rng.uniform(-0.2, 0.2)
    person = who(theirs, (0.7, rng.uniform(-1.0, 1.0)), speed=speed, departs=_departs(rng, way, walk, speed))
    goal = length + 4.5, rng.uniform(-0.8, 0.8)
    return EncounterPlan([_corridor(width, length)], (start, 0.0, 0.0), goal, [person])


def _crossing(rng: Generator, who: _Who) -> EncounterPlan:
    """Somebody crosses: in a hall, from any angle, or where two corridors cross, unseen before."""
    speed, side = rng.uniform(0.4, 1.5), either_side(rng)
    if rng.random() < 0.5:
        angle, way, walk = math.radians(rng.uniform(45.0, 135.0)), rng.uniform(0.8, 4.0), rng.uniform(1.5, 2.8)
        dx, dy = math.cos(angle), side * math.sin(angle)
        meets = 1.0 + way
        theirs = min(max(meets - walk * dx, 0.5), 8.5), -walk * dy
        beyond = min(max(meets + 2.7 * dx, 0.5), 8.5), 2.7 * dy
        person = who(theirs, beyond, speed=speed, departs=_departs(rng, way, walk, speed))
        return EncounterPlan([_hall(9.0, 6.5)], (1.0, 0.0, 0.0), (7.5, rng.uniform(-0.5, 0.5)), [person])
    ours, other, middle = 0.5 * rng.uniform(1.1, 2.0), 0.5 * rng.uniform(1.1, 2.0), 4.0
    west, east = middle - other, middle + other
    corner = [(0.0, ours), (west, ours), (west, 4.0), (east, 4.0), (east, ours), (8.0, ours)]
    outline = [*corner, *((x, -y) for x, y in reversed(corner)), corner[0]]
    start = rng.uniform(0.5, 2.5)
    way, walk = middle - start, rng.uniform(1.5, 3.3)
    person = who(
        (middle + rng.uniform(-0.1, 0.1), -side * walk), (middle, side * 3.4), speed=speed,
        departs=_departs(rng, way, walk, speed),
    )  # fmt: skip
    return EncounterPlan([outline], (start, 0.0, 0.0), (7.3, 0.0), [person])


def _overtaking(rng: Generator, who: _Who) -> EncounterPlan:
    """The robot catches up with somebody slow, or somebody quick comes from behind."""
    width, length, start = rng.uniform(1.3, 2.6), 4.5, rng.uniform(2.5, 4.0)
    goal = (length + 3.5, rng.uniform(-0.5, 0.5))
    if rng.random() < 0.7:
        theirs, speed, departs = start + rng.uniform(0.8, 2.0), rng.uniform(0.12, 0.5), 0.0
    else:
        theirs, speed = max(start - rng.uniform(1.2, 2.5), 0.5), rng.uniform(1.0, 1.5)
        departs = rng.uniform(0.0, 3.0)
    person = who((theirs, rng.uniform(-0.3, 0.3)), (length + 5.2, rng.uniform(-1.0, 1.0)), speed=speed, departs=departs)
    return EncounterPlan([_corridor(width, length)], (start, 0.0, 0.0), goal, [person])


def _doorway(rng: Generator, who: _Who) -> EncounterPlan:
    """Both want through the same door, from opposite sides, or somebody stands in it for a while."""
    half, at, speed = 0.5 * rng.uniform(0.75, 1.0), 3.5, rng.uniform(0.4, 1.2)
    walls = [_hall(7.0, 4.0), [(at, 2.0), (at, half + 0.05)], [(at, -half - 0.05), (at, -2.0)]]
    start, goal = (rng.uniform(0.8, 2.5), rng.uniform(-1.2, 1.2), 0.0), (6.0, rng.uniform(-1.2, 1.2))
    beyond = rng.uniform(0.8, 2.2), rng.uniform(-1.3, 1.3)
    if rng.random() < 0.25:
        person = who((at, 0.0), beyond, speed=speed, departs=float(rng.uniform(3.0, 9.0)))
        return EncounterPlan(walls, start, goal, [person])
    theirs = rng.uniform(4.2, 6.2), rng.uniform(-1.3, 1.3)
    way, walk = math.hypot(at - start[0], start[1]), math.hypot(at - theirs[0], theirs[1])
    person = who(theirs, (at, 0.0), beyond, speed=speed, departs=_departs(rng, way, walk, speed))
    return EncounterPlan(walls, start, goal, [person])


def _group(rng: Generator, who: _Who) -> EncounterPlan:
    """Two to four people stand together on the way; sometimes one of them leaves as the robot comes."""
    width, count, middle = rng.uniform(3.6, 5.0), int(rng.integers(2, 5)), 3.8
    ring, turn = rng.uniform(0.40, 0.65), rng.uniform(0.0, 2.0 * math.pi)
    centre = rng.uniform(-0.4, 0.4)  # at least 0.75 m are left at one side
    people = []
    for i in range(count):
        angle = turn + 2.0 * math.pi * i / count
        place = middle + ring * math.cos(angle), centre + ring * math.sin(angle)
        leaves = i == 0 and rng.random() < 0.35
        goals = ((middle + rng.uniform(-2.0, 2.0), either_side(rng) * (0.5 * width - 0.4)),) if leaves else (place,)
        more = {"departs_near": float(rng.uniform(0.8, 2.0))} if leaves else {"group": "talk"}
        people.append(who(place, *goals, speed=rng.uniform(0.5, 1.2), **more))
    return EncounterPlan([_hall(7.6, width)], (rng.uniform(0.6, 2.0), 0.0, 0.0), (6.8, 0.0), people)


def _step_out(rng: Generator, who: _Who) -> EncounterPlan:
    """Somebody steps onto the way as the robot comes near: out of a niche, or seen beside it before."""
    width, at, side = rng.uniform(1.4, 2.4), rng.uniform(3.0, 4.5), either_side(rng)
    half, hidden = 0.5 * width, rng.random() < 0.5
    niche = [(at - 0.5, half), (at - 0.5, half + 0.9), (at + 0.5, half + 0.9), (at + 0.5, half)] if hidden else []
    upper, lower = [(0.0, half), *niche, (8.0, half)], [(8.0, -half), (0.0, -half)]
    outline = [(x, side * y) for x, y in [*upper, *lower, upper[0]]]
    theirs = at, side * (half + 0.5 if hidden else half - 0.3)
    across = (at + rng.uniform(-0.5, 0.5), -side * (half - 0.3)) if rng.random() < 0.6 else (at, side * 0.1)
    person = who(theirs, across, speed=rng.uniform(0.4, 1.3), departs_near=float(rng.uniform(0.8, 2.4)))
    return EncounterPlan([outline], (rng.uniform(0.6, 1.8), 0.0, 0.0), (7.2, 0.0), [person])


def _creeping(rng: Generator, who: _Who) -> EncounterPlan:
    """Somebody comes slowly to where the robot sets out, or to where it arrives, and all but stands."""
    width, speed = rng.uniform(1.2, 2.4), rng.uniform(0.08, 0.30)
    start = 2.5, rng.uniform(-0.2, 0.2), float(rng.choice([0.0, 90.0, 180.0, -90.0]))
    goal = rng.uniform(4.0, 6.0), rng.uniform(-0.2, 0.2)
    target = start[:2] if rng.random() < 0.5 else goal
    away = rng.uniform(0.9, 1.8)
    person = who(
        (target[0] + away, rng.uniform(-0.25, 0.25)), target, (0.7, rng.uniform(-0.3, 0.3)), speed=speed,
        departs=float(rng.uniform(0.0, 2.0)),
    )  # fmt: skip
    return EncounterPlan([_hall(9.0, width)], start, goal, [person])


KINDS: dict[str, Callable[[Generator, _Who], EncounterPlan]] = {
    "oncoming": _oncoming, "crossing": _crossing, "overtaking": _overtaking, "doorway": _doorway, "group": _group,
    "step_out": _step_out, "creeping": _creeping,
}  # fmt: skip
