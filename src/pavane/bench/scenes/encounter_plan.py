"""What a kind of encounter draws, and when the robot will be where somebody is to be met."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.random import Generator

from pavane.sim.people import PersonSpec

SECONDS = 40.0  # most for a drive; the ways are 4 to 10 m long
SET_OUT, PACE = 1.0, 0.85  # s and m/s: about when and how fast the robot comes along
Point = tuple[float, float]


class EncounterPlan(NamedTuple):
    """What a kind of encounter draws."""

    walls: list[list[Point]]
    start: tuple[float, float, float]  # m, m, degrees
    goal: Point
    people: list[PersonSpec]
    furniture: tuple[dict[str, Any], ...] = ()


def arrives(way: float) -> float:
    """Return when the robot has driven ``way`` m, s."""
    return SET_OUT + way / PACE


def either_side(rng: Generator) -> float:
    """1 or -1."""
    return float(rng.choice([-1.0, 1.0]))
