"""Settings of an environment, and the ranges that they keep to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pavane.core.errors import BadSetting, PavaneError
from pavane.core.robot import RobotProfile
from pavane.sim.config import WorldSettings
from pavane.sim.people.spec import KINDS, Kind

AS_PROMISED = WorldSettings()
MOST_PEOPLE = 100
RANGES: dict[str, tuple[float, float, str]] = {
    "people": (0, MOST_PEOPLE, ""),
    "people_seen": (1, MOST_PEOPLE, ""),
    "apart": (0.0, 1000.0, "m"),
    "step": (0.01, 2.0, "s"),
    "seconds": (1.0, 3600.0, "s"),
    "goal_radius": (0.02, 5.0, "m"),
    "goal_turn": (0.02, math.pi, "rad"),
}


class NoGymnasium(PavaneError, ImportError):
    """Gymnasium is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvSettings:
    """The keywords of the environment, besides ``reward`` and ``render_mode``.

    Args:
        home: a stock home or the file of a map; of several each episode draws one.
        robot: a stock profile, its file, or the profile itself.
        people: how many walk about.
        kinds: of which each person's is drawn.
        scenario: a stock scenario or its file: it says home, robot, people, world, start and goal instead.
        world: how the truth differs from the profile: noise, latencies, gains.
        apart: least length of the way from a drawn start to its goal, m.
        step: simulated time of one action, s.
        seconds: after which an episode is truncated.
        goal_radius: how near the goal counts as there, m.
        goal_turn: how far the heading may be off there, rad; pi: any heading will do.
        contact_ends: whether a contact ends the episode.
        people_seen: how many detected people an observation has room for, the nearest.
    """

    home: str | Path | Sequence[str | Path] = "house"
    robot: str | Path | RobotProfile = "round"
    people: int = 3
    kinds: Sequence[Kind] = ("yielding",)
    scenario: str | Path | None = None
    world: WorldSettings = AS_PROMISED
    apart: float = 3.0
    step: float = 0.1
    seconds: float = 60.0
    goal_radius: float = 0.25
    goal_turn: float = math.pi
    contact_ends: bool = True
    people_seen: int = 8

    def __post_init__(self) -> None:
        for name, (low, high, unit) in RANGES.items():
            value = getattr(self, name)
            whole = isinstance(low, int)
            if not isinstance(value, int if whole else int | float) or not low <= value <= high:
                limit = f"{'a whole number, ' if whole else ''}{low:.4g} to {high:.4g} {unit}".rstrip()
                raise BadSetting(f"{name} of the environment is out of range", value=value, limit=limit)
        if not self.kinds or not set(self.kinds) <= set(KINDS):
            raise BadSetting("no such kinds of people", value=self.kinds, limit=f"some of {', '.join(KINDS)}")
        if not self.homes:
            raise BadSetting("the environment needs a home", value=self.home, limit="a name, a file, or several")

    @property
    def homes(self) -> tuple[str | Path, ...]:
        """The homes of which each episode draws one."""
        return (self.home,) if isinstance(self.home, str | Path) else tuple(self.home)

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> EnvSettings:
        """Return the settings of keywords.

        Raises:
            BadSetting: one of them is unknown, or a value is out of its range.
        """
        known = [field.name for field in fields(cls)]
        unknown = [name for name in keywords if name not in known]
        if unknown:
            raise BadSetting("unknown keyword of the environment", value=", ".join(unknown), limit=", ".join(known))
        return cls(**keywords)
