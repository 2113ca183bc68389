"""What a share of successes says, and whether two drivers differ."""

from __future__ import annotations

import math
from typing import NamedTuple

from scipy import stats


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """Interval of a share of successes, also where it is near 0 or 1.

    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
    Association 22 (1927).
    """
    if trials == 0:
        return Interval(0.0, 1.0)
    z = float(stats.norm.ppf(0.5 + 0.5 * confidence))
    share, spread = successes / trials, z * z / trials
    middle = (share + 0.5 * spread) / (1.0 + spread)
    half = z * math.sqrt(share * (1.0 - share) / trials + 0.25 * spread / trials) / (1.0 + spread)
    return Interval(min(max(0.0, middle - half), share), max(min(1.0, middle + half), share))


def mcnemar(only_first: int, only_second: int) -> float:
    """Chance (two-sided, exact) of so uneven a split of paired trials in which just one of two drivers succeeded.

    McNemar, "Note on the sampling error of the difference between correlated proportions", Psychometrika 12 (1947), as
    a binomial test, which also holds for few pairs.

    Args:
        only_first: pairs in which only the first succeeded.
        only_second: pairs in which only the second did.
    """
    differing = only_first + only_second
    return 1.0 if differing == 0 else float(stats.binomtest(only_first, differing, 0.5).pvalue)
