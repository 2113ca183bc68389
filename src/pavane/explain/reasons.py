"""Reasons: what was found out about one moment: the layer that decided, causes, and motions that were weighed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pavane.explain.causes import Cause, ChosenMotion
from pavane.explain.circumstances import Circumstances
from pavane.explain.moment import Moment
from pavane.explain.sources import Source
from pavane.explain.terms import CostShare, Terms


class DecidingLayer(Enum):
    """Which part of the robot decided; the value is what a person is told."""

    SENSORS = "the sensors: what the robot needs to know has stopped coming"
    GUARD = "the guard, which checks each command against what is near"
    LATE = "a late plan: the planner has not answered in time"
    TASK = "the task"
    ROUTE = "the route"
    PLANNER = "the local planner"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A motion that was weighed, and its cost in parts.

    Args:
        motion: itself.
        terms: its cost.
        shares: share of each source, those that take nothing left out, dearest first.
        side: ``left`` or ``right``: on which side of the main source it passes; empty where it does not.
    """

    motion: ChosenMotion
    terms: Terms
    shares: tuple[tuple[Source, CostShare], ...]
    side: str = ""

    @property
    def rest(self) -> float:
        """Shares of sources that are too small to be told, together, m."""
        return sum(t.total for t in (*self.terms.still, *self.terms.moving)) - sum(t.total for _, t in self.shares)

    def share(self, source: Source) -> CostShare:
        """Return the share of a source; zeros if it takes nothing."""
        return next((t for s, t in self.shares if s == source), CostShare(0.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """Why the robot does what it does at one moment.

    Args:
        moment: that is explained.
        layer: which part of the robot decided.
        main: the main reason; None where nothing holds it back.
        speed: causes of the planned speed, strongest first.
        direction: causes of the planned direction, likewise.
        chosen: the plan in force.
        onward: the motion without the main cause, its cost judged with that cause.
        other: the best rejected candidate that is another way.
        circumstances: the sources and where they are; None where nothing was planned.
        cost: of the plan, as the planner says, m.
    """

    moment: Moment
    layer: DecidingLayer
    main: Source | None
    speed: tuple[Cause, ...] = ()
    direction: tuple[Cause, ...] = ()
    chosen: Choice | None = None
    onward: Choice | None = None
    other: Choice | None = None
    circumstances: Circumstances | None = None
    cost: float | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that make up the main reason: more than one where only all together matter."""
        for cause in (*self.speed, *self.direction):
            if self.main in cause.sources:
                return cause.sources
        return () if self.main is None else (self.main,)

    @property
    def ours(self) -> bool:
        """Whether the planner weighs by the terms told here; rivals in studies weigh otherwise."""
        if self.chosen is None or self.cost is None:
            return True
        return abs(self.chosen.terms.cost - self.cost) < 0.01 + 0.01 * abs(self.cost)
