"""How long each stage takes, from stamps: running distributions, and what was late or missing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

REMEMBERED = 60  # samples of each stage
ENOUGH = 10  # samples before a distribution is believed
FAR = 6.0  # standard deviations above the median: an outlier
FINE = 2e-3  # s, what a standard deviation is not taken to be below when outliers are told
BUDGET = 0.9  # share of plans that are to be ready in time
IMPOSSIBLE = 0.01  # s by which a stamp may seem to lie ahead before its clock is taken to be fast


@dataclass(frozen=True, slots=True)
class Lateness:
    """One stage over its newest samples, s.

    Args:
        count: samples ever taken.
        median: half take longer.
        std: robust standard deviation, 1.4826 times the median absolute deviation: what outliers do not move.
        p90: one in ten takes longer.
        outliers: of the remembered samples, those far above the median.
    """

    count: int
    median: float
    std: float
    p90: float
    outliers: int


class LatencyMonitor:
    """Running distributions of how long stages take.

    The stages of messages are named after their class and last from the stamp to the first tick that can use them:
    sensor and transport. ``perception`` lasts from a scan's stamp to the local map, ``planning`` from the start of a
    cycle to its plan, ``routing`` from a request to its guidance.

    A one-way latency cannot be told from an offset between clocks, except when it is impossible: stamps that lie in the
    future. Then the clock is taken to be fast by so much that the median is what the profile says; a clock that is slow
    looks like latency, which is the safe side.
    """

    def __init__(self) -> None:
        self._samples: dict[str, deque[float]] = {}
        self._counts: dict[str, int] = {}
        self.late = 0  # plans that came after the tick they were made for
        self.missing = 0  # cycles without a plan: the one before was still being made, or it failed

    def add(self, stage: str, seconds: float) -> None:
        """Take note that a stage took so long, s; negative when the stamp lay in the future."""
        self._samples.setdefault(stage, deque(maxlen=REMEMBERED)).append(seconds)
        self._counts[stage] = self._counts.get(stage, 0) + 1

    @property
    def stages(self) -> tuple[str, ...]:
        """Those of which there are samples."""
        return tuple(self._samples)

    def of(self, stage: str) -> Lateness | None:
        """Return the distribution of a stage; None before its first sample."""
        if stage not in self._samples:
            return None
        samples = self._samples[stage]
        median, p90 = _quantile(samples, 0.5), _quantile(samples, 0.9)
        std = 1.4826 * _quantile([abs(s - median) for s in samples], 0.5)
        outliers = sum(s > median + FAR * max(std, FINE) for s in samples)
        return Lateness(self._counts[stage], median, std, p90, outliers)

    def budget(self, promised: float) -> float:
        """Return the time left for planning, s: what is promised, or more if too few of the newest plans kept it."""
        samples = self._samples.get("planning", ())
        return promised if len(samples) < ENOUGH else max(promised, _quantile(samples, BUDGET))

    def ahead(self, stage: str, promised: float) -> float:
        """Return how fast the clock is that stamps a stage's messages, s; 0 unless they came from the future."""
        samples = self._samples.get(stage, ())
        if len(samples) < ENOUGH or min(samples) > -IMPOSSIBLE:
            return 0.0
        return max(promised - _quantile(samples, 0.5), 0.0)


def _quantile(samples: Iterable[float], share: float) -> float:
    """Return the value below which a share of samples lies, linear between two; plain numbers, for they are few."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    low = ordered[int(place)]
    return low + (place - int(place)) * (ordered[min(int(place) + 1, len(ordered) - 1)] - low)
