"""The numbers that a detector's own tracker gives to the people it finds, with its mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Floats, Ints


@dataclass(slots=True)
class _Numbered:
    """A person's number, and when they were last found, s."""

    number: int
    seen: float


class Identities:
    """Numbers for people: kept while they are found, new after a gap, sometimes switched.

    At a switch a person trades numbers with the nearest other person found in the same look; alone, they get a new
    number. False alarms have a new number each. No number comes back.

    Args:
        switches: rate for each person while they are found, 1/s.
        memory: s unseen after which a number is forgotten.
        rng: of switches.
    """

    def __init__(self, switches: float, memory: float, rng: Generator) -> None:
        self._switches, self._memory = switches, memory
        self._rng = rng
        self._known: dict[int, _Numbered] = {}
        self._next = 1

    def update(self, time: float, places: Floats, found: Ints, alarms: int) -> Ints:
        """Return the numbers (N + alarms,) of the people found, then of the false alarms.

        Args:
            time: of the look, s.
            places: (P, 2) where everybody is, m.
            found: (N,) rows of those who are found.
            alarms: how many more there are.
        """
        drawn = self._rng.random(len(places))  # for everybody, so that nobody's absence shifts the others' draws
        since = {}
        for person in map(int, found):
            known = self._known.get(person)
            if known is None or time - known.seen > self._memory:
                self._known[person] = _Numbered(self._fresh(), time)
                continue
            since[person], known.seen = time - known.seen, time
        for person, passed in since.items():
            if drawn[person] < -math.expm1(-self._switches * passed):
                self._switch(person, places, found)
        numbers = [self._known[int(person)].number for person in found] + [self._fresh() for _ in range(alarms)]
        return np.array(numbers, dtype=np.int64)

    def _switch(self, person: int, places: Floats, found: Ints) -> None:
        """Trade the number of a person with that of the nearest other; arguments as in ``update``."""
        others = found[found != person]
        if len(others) == 0:
            self._known[person].number = self._fresh()
            return
        away = np.hypot(*(places[others] - places[person]).T)
        one, other = self._known[person], self._known[int(others[np.argmin(away)])]
        one.number, other.number = other.number, one.number

    def _fresh(self) -> int:
        """Return a number that nobody had."""
        self._next += 1
        return self._next - 1
