"""Timeline: the last seconds of a drive as series."""

from __future__ import annotations

import numpy as np

from pavane.navigator import Navigator
from pavane.sim import World
from pavane.viewer.frame import Series

REMEMBERED = 300  # samples: 30 s at 10 Hz


class Timeline:
    """A ring of the newest samples."""

    def __init__(self) -> None:
        self._rows = np.zeros((REMEMBERED, 8))
        self._count = 0

    def add(self, world: World, navigator: Navigator, guarded: float, survival: float) -> None:
        """Take a sample.

        Args:
            world: the truth.
            navigator: with its measurements.
            guarded: share of the ticks since the last sample in which the guard changed something.
            survival: of the plan.
        """
        truth = world.truth
        perception, planning = (navigator.latencies.of(stage) for stage in ("perception", "planning"))
        self._rows[self._count % REMEMBERED] = (
            world.time,
            truth.v,
            truth.omega,
            0.0 if perception is None else perception.median,
            0.0 if planning is None else planning.median,
            navigator.plant.delay,
            survival,
            guarded,
        )
        self._count += 1

    def series(self) -> Series:
        """Return the samples, the oldest first."""
        first = max(self._count - REMEMBERED, 0)
        rows = self._rows[np.arange(first, self._count) % REMEMBERED]
        return Series(*rows.T)
