"""What a share of successes says, whether two drivers differ, and what a mean says that few homes stand behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from pavane.core.arrays import Floats


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


class Estimate(NamedTuple):
    """A mean and its confidence interval."""

    mean: float
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


def wilcoxon(differences: Floats) -> float:
    """Chance (two-sided) of so lopsided differences of paired trials if neither driver was better; 1 without any.

    Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945); differences of 0 are left out.
    """
    return float(stats.wilcoxon(differences).pvalue) if np.any(differences) else 1.0


def cluster_interval(values: Floats, clusters: Sequence[str], confidence: float = 0.95) -> Estimate:
    """Return the mean over clusters, each counted once, with the interval of a t test on the means of the clusters.

    Ibragimov and Müller, "t-statistic based correlation and heterogeneity robust inference", Journal of Business &
    Economic Statistics 28 (2010): at 95 % and above it is conservative for any number of clusters from two on, however
    much they differ in size and spread. The usual tests with clustered errors are not: Cameron, Gelbach and Miller,
    "Bootstrap-based improvements for inference with clustered errors", Review of Economics and Statistics 90 (2008),
    see them reject too often with five to thirty clusters. Their remedy, a wild bootstrap by signs, has but 32
    outcomes for six clusters.

    Args:
        values: (N,) one for each trial.
        clusters: N names; trials of one cluster may depend on each other.
        confidence: of the interval, which has no ends where there are less than two clusters.
    """
    names = np.array(clusters)
    means = np.array([values[names == name].mean() for name in dict.fromkeys(clusters)])
    count = len(means)
    if count < 2:
        return Estimate(float(means[0]) if count else math.nan, -math.inf, math.inf)
    mean, error = float(means.mean()), float(means.std(ddof=1)) / math.sqrt(count)
    half = float(stats.t.ppf(0.5 + 0.5 * confidence, count - 1)) * error
    return Estimate(mean, mean - half, mean + half)
