"""Behaviour of people, by themselves: when they set out, how fast, when they stop, when they change their mind."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.random import Generator

from pavane.sim.people.spec import PersonSpec
from pavane.sim.people.state import PersonState

SWAY_PERIOD = 2.4  # s
BESIDE = 0.7  # m from a person at which a visitor stops


class Behaviour:
    """The behaviour of one person, drawn from their own stream.

    Args:
        spec: who it is.
        rng: the stream.
    """

    def __init__(self, spec: PersonSpec, rng: Generator) -> None:
        self._spec, self._traits, self._rng = spec, spec.traits, rng
        self.pace = spec.paces[1]  # m/s
        self.departure = self._departure()  # s
        self._phase = float(rng.uniform(0.0, 2.0 * math.pi)) if self._traits.sway else 0.0
        self._next_halt = self._next_change = math.inf
        self._halts_until = -math.inf
        self._stops = sorted(spec.stops)
        if math.isfinite(self._traits.halt):
            self._next_halt = float(rng.exponential(self._traits.halt))

    def _departure(self) -> float:
        """Return when they set out first, s; inf for a person who waits for the robot."""
        if self._spec.departs is not None:
            return self._spec.departs
        if self._spec.departs_near is not None:
            return math.inf
        return 0.0 if self._spec.goals else float(self._rng.uniform(0.0, 2.0))

    def begin(self, time: float) -> None:
        """Draw the pace of a new way that begins at ``time``, s, and when they will give it up."""
        low, high = self._spec.paces
        if high > low:
            self.pace = float(self._rng.uniform(low, high))
        if math.isfinite(self._traits.whim):
            self._next_change = time + float(self._rng.exponential(self._traits.whim))

    def changes(self, time: float) -> bool:
        """Return whether they give up their goal for another now."""
        return time >= self._next_change

    def halts(self, time: float) -> bool:
        """Return whether they stop, or stand, for no reason that anybody sees; a stop that begins draws the next."""
        while self._stops and time >= self._stops[0][0]:
            at, lasts = self._stops.pop(0)
            self._halts_until = max(self._halts_until, at + lasts)
        if time >= self._next_halt:
            self._halts_until = time + float(self._rng.uniform(*self._traits.halts_for))
            self._next_halt = self._halts_until + float(self._rng.exponential(self._traits.halt))
        return time < self._halts_until

    def sway(self, time: float) -> float:
        """Return the speed to the left of the way, m/s."""
        if not self._traits.sway:
            return 0.0
        return self._traits.sway * math.sin(2.0 * math.pi * time / SWAY_PERIOD + self._phase)

    def stay(self) -> float:
        """Return how long they stay at a goal, s."""
        if self._spec.stays is not None:
            return self._spec.stays
        return 0.0 if self._spec.goals else float(self._rng.uniform(*self._traits.pause))

    def visits(self, people: Sequence[PersonState]) -> tuple[float, float] | None:
        """Draw whether the next way leads to one of the people, and return a place beside them in ``map``, m, if so."""
        if not self._traits.returns or not people or self._rng.random() >= self._traits.returns:
            return None
        person = people[int(self._rng.integers(len(people)))]
        angle = float(self._rng.uniform(-math.pi, math.pi))
        return person.x + BESIDE * math.cos(angle), person.y + BESIDE * math.sin(angle)
