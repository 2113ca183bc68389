"""Wilson's interval against published values, McNemar's test against sums, how often the interval of clusters holds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pavane.bench.metrics.statistics import cluster_interval, mcnemar, wilson


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


def test_an_interval_of_clusters_is_students_over_their_means() -> None:
    values = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])  # Student, Biometrika 6 (1908)
    found = cluster_interval(values, [str(i) for i in range(10)])
    assert found == pytest.approx((0.75, 0.75 - 2.2622 * 0.5657, 0.75 + 2.2622 * 0.5657), abs=1e-3)
    repeated = cluster_interval(np.repeat(values, 7), [str(i) for i in range(10) for _ in range(7)])
    assert repeated == pytest.approx(found)  # more drives in the same homes are no more homes


def test_a_large_cluster_counts_as_one() -> None:
    found = cluster_interval(np.array([1.0] * 50 + [3.0, 5.0]), ["a"] * 50 + ["b", "c"])
    assert found.mean == pytest.approx(3.0)
    assert found.high - 3.0 == pytest.approx(4.3027 * 2.0 / math.sqrt(3.0), abs=1e-3)


def test_one_cluster_says_nothing_of_others() -> None:
    assert cluster_interval(np.array([1.0, 2.0]), ["a", "a"]) == (1.5, -math.inf, math.inf)
    assert math.isnan(cluster_interval(np.zeros(0), []).mean)


@pytest.mark.parametrize("spreads", [(1.0,) * 6, (0.2, 1.0, 1.0, 1.0, 1.0, 3.0)])
def test_intervals_of_six_unequal_clusters_hold_as_often_as_they_say(spreads: tuple[float, ...]) -> None:
    """As the homes are: one with eight times the drives of each other, and what a home does is common to its drives."""
    rng = np.random.default_rng(0)
    sizes = [32, 4, 4, 4, 4, 4]
    names = [str(i) for i, size in enumerate(sizes) for _ in range(size)]
    held = 0
    for _ in range(2000):
        common = rng.normal(0.0, spreads)
        values = np.repeat(common, sizes) + rng.normal(0.0, 0.5, len(names))
        found = cluster_interval(values, names)
        held += found.low <= 0.0 <= found.high
    assert held / 2000 >= 0.94
