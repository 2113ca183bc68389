"""Wilson's interval against published values, McNemar's test against sums of binomial terms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pavane.bench.statistics import mcnemar, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5.1e-5)


@given(trials=st.integers(1, 400), share=st.floats(0.0, 1.0), confidence=st.floats(0.5, 0.999))
def test_wilson_ends_where_the_score_test_turns(trials: int, share: float, confidence: float) -> None:
    """Its ends are the shares p whose distance from the observed one is z standard errors of p itself."""
    successes = round(share * trials)
    low, high = wilson(successes, trials, confidence)
    assert 0.0 <= low <= successes / trials <= high <= 1.0
    z = stats.norm.ppf(0.5 + 0.5 * confidence)
    for p in {low, high} - {0.0, 1.0}:
        assert abs(successes / trials - p) == pytest.approx(z * math.sqrt(p * (1.0 - p) / trials), abs=1e-9)
    mirrored = wilson(trials - successes, trials, confidence)
    assert (1.0 - mirrored.high, 1.0 - mirrored.low) == pytest.approx((low, high), abs=1e-12)


def test_wilson_knows_nothing_without_trials() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_covers_the_truth_about_as_often_as_it_says() -> None:
    """Exact coverage, averaged over true shares; single shares swing around the nominal 95 % (Brown et al. 2001)."""
    trials = 50
    intervals = np.array([wilson(k, trials) for k in range(trials + 1)])
    shares = np.linspace(0.02, 0.98, 97)
    terms = np.array([math.comb(trials, k) for k in range(trials + 1)], dtype=np.float64)
    k = np.arange(trials + 1)
    cover = [
        (terms * p**k * (1 - p) ** (trials - k))[(intervals[:, 0] <= p) & (p <= intervals[:, 1])].sum() for p in shares
    ]
    assert np.mean(cover) == pytest.approx(0.95, abs=0.005)
    assert min(cover) > 0.9


@given(first=st.integers(0, 60), second=st.integers(0, 60))
def test_mcnemar_is_the_sum_of_the_terms_at_least_as_uneven(first: int, second: int) -> None:
    differing = first + second
    tail = sum(math.comb(differing, k) for k in range(min(first, second) + 1)) / 2.0**differing
    assert mcnemar(first, second) == pytest.approx(min(1.0, 2.0 * tail), rel=1e-9)
    assert mcnemar(first, second) == mcnemar(second, first)


def test_mcnemar_known_values() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(0, 5) == pytest.approx(0.0625)
    assert mcnemar(1, 9) == pytest.approx(22.0 / 1024.0)
