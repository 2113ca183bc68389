"""Timetables: what a door is to be over the day, by plan or by habit, the same however often it is asked."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

DAY = 24.0  # h


@dataclass(frozen=True, slots=True)
class TimetableEntry:
    """From ``clock`` on, in hours since the midnight before the drive, a door is to be open by ``openness``."""

    clock: float
    openness: float


@dataclass(frozen=True, slots=True)
class Timetable:
    """A day that comes again and again; its entries are numbered through, from the midnight before the drive.

    Args:
        hours: (K,) of the day at which the entries begin, in order.
        openness: (K,) what the door is to be, 0 to 1; with ``seed``, the chance that it is open.
        seed: of the draws; None when nothing is drawn. Every entry of every day has a stream of its own.
    """

    hours: tuple[float, ...]
    openness: tuple[float, ...]
    seed: tuple[int, ...] | None = None

    def entry(self, number: int) -> TimetableEntry:
        """Return the entry of a number; negative ones lie before the midnight."""
        day, slot = divmod(number, len(self.hours))
        openness = self.openness[slot]
        if self.seed is not None:
            stream = np.random.default_rng([*self.seed, day + 1, slot])  # the evening before the first day is day -1
            openness = float(stream.random() < openness)
        return TimetableEntry(day * DAY + self.hours[slot], openness)

    def latest(self, clock: float) -> int:
        """Return the number of the entry that holds at a time of ``clock`` hours, not negative."""
        day = math.floor(clock / DAY)
        return day * len(self.hours) + bisect_right(self.hours, clock - day * DAY) - 1
