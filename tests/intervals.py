"""Whether samples fit what they were drawn from: 99 % confidence intervals in closed form."""

from __future__ import annotations

import numpy as np
from scipy import stats

LEVEL = 0.99
Z = float(stats.norm.ppf(0.5 + 0.5 * LEVEL))


def mean_fits(samples: np.ndarray, expected: float) -> bool:
    """Student's t interval of a mean."""
    n = len(samples)
    half = stats.t.ppf(0.5 + 0.5 * LEVEL, n - 1) * samples.std(ddof=1) / np.sqrt(n)
    return bool(abs(samples.mean() - expected) <= half)


def variance_fits(samples: np.ndarray, expected: float, excess_kurtosis: float = 0.0) -> bool:
    """Chi-square interval of a variance; for samples that are not normal, by the standard error of the variance."""
    n = len(samples)
    if excess_kurtosis != 0.0:
        spread = expected * np.sqrt(2.0 / (n - 1) + excess_kurtosis / n)
        return bool(abs(samples.var(ddof=1) - expected) <= Z * spread)
    low, high = stats.chi2.ppf([0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], n - 1)
    return bool(low <= (n - 1) * samples.var(ddof=1) / expected <= high)


def rms_fits(errors: np.ndarray, std: float) -> bool:
    """Chi-square interval of the mean square of normal samples whose mean is known to be zero."""
    low, high = stats.chi2.ppf([0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], len(errors))
    return bool(low <= (errors**2).sum() / std**2 <= high)


def share_fits(hits: int, of: int, expected: float) -> bool:
    """Exact binomial test of a share."""
    return bool(stats.binomtest(int(hits), int(of), expected).pvalue >= 1.0 - LEVEL)


def count_fits(count: int, expected: float) -> bool:
    """Exact interval of a Poisson count."""
    low, high = stats.poisson.ppf([0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL], expected)
    return bool(low <= count <= high)
