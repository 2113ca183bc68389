"""Settings: the values that the page's switches change."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pavane.core.errors import BadSetting

PORT = 8080  # where the page is served, if it is free
LONGEST = 0.8  # s of latency
MOST_PEOPLE = 20
OBJECTIVES = {
    "ours": "survival",
    "chance_5": "chance constraint 5 %",
    "chance_20": "chance constraint 20 %",
    "weighted_sum": "weighted sum",
}  # and what to call them


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a live drive.

    Args:
        latency: from sensing to wheels, s, 0 to 0.8. All that the profile promises is stretched alike: the pipeline
            that sees people and maps, planning, and the dead time of the base, and a raw scan's way to the guard. The
            robot knows how late it is; whether it compensates for that is ``forwarding``.
        forwarding: whether people and robot are fast-forwarded to the effect time; else plans are made for where they
            were when they were sensed.
        objective: by which candidates are weighed, one of ``OBJECTIVES``.
        gaze: whether the screen looks where the robot will go; else straight ahead.
        reflex: whether the guard checks each command; else they leave as the plan has them, for feeling only.
        people: how many walk around.
        seed: of people, noise and errands; the same for two sessions side by side.
        home: ``house``, ``flat``, or the YAML file of a map.
        robot: a stock profile, or the YAML file of one.

    Raises:
        BadSetting: a value out of its range.
    """

    latency: float = 0.5
    forwarding: bool = True
    objective: str = "ours"
    gaze: bool = True
    reflex: bool = True
    people: int = 3
    seed: int = 0
    home: str = "house"
    robot: str = "astro_like"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.latency) and 0.0 <= self.latency <= LONGEST):
            raise BadSetting("latency is out of range", value=self.latency, limit=f"0 to {LONGEST} s")
        if self.objective not in OBJECTIVES:
            raise BadSetting("no such objective", value=self.objective, limit=", ".join(OBJECTIVES))
        if not 0 <= self.people <= MOST_PEOPLE:
            raise BadSetting("number of people is out of range", value=self.people, limit=f"0 to {MOST_PEOPLE}")
        if self.seed < 0:
            raise BadSetting("seed is negative", value=self.seed, limit=">= 0")
