"""The filter of modes: weights follow what people do, and variances are what errors are."""

from __future__ import annotations

import numpy as np

from pavane.core.belief import ModeEstimate
from pavane.perception.imm import advance, begin, correct, together

STD = 0.05


def follow(places: np.ndarray, seed: int = 0) -> list[ModeEstimate]:
    """Motions after each detection of somebody at places (T, 2)."""
    rng = np.random.default_rng(seed)
    noisy = places + rng.normal(0.0, STD, places.shape)
    motion = begin(noisy[0], STD**2)
    out = [motion]
    for point in noisy[1:]:
        motion = correct(advance(motion, 0.1), point, STD**2)
        out.append(motion)
    return out


def test_weights_follow_what_somebody_does() -> None:
    t = np.arange(30) * 0.1
    walk = np.stack([1.0 * t, 0.0 * t], axis=1)
    motions = follow(np.concatenate([np.zeros((30, 2)), walk, np.repeat(walk[-1:], 30, axis=0)]))
    assert motions[29].weights[0] > 0.7
    assert motions[55].weights[0] < 0.02 and abs(motions[55].means[1, 2] - 1.0) < 0.2
    assert motions[89].weights[0] > 0.6


def test_a_long_wait_is_many_short_ones() -> None:
    motion = follow(np.stack([0.08 * np.arange(20), np.zeros(20)], axis=1))[-1]
    once, often = advance(motion, 0.4), motion
    for _ in range(4):
        often = advance(often, 0.1)
    assert np.allclose(once.weights, often.weights)
    assert np.allclose(together(once)[0], together(often)[0], atol=0.03)


def test_errors_are_as_large_as_said() -> None:
    t = np.arange(40) * 0.1
    errors = []
    for seed in range(200):
        walk = np.stack([0.9 * t, 0.1 * t], axis=1)
        mean, covariance = together(follow(walk, seed)[-1])
        errors.append((mean[0] - walk[-1, 0]) ** 2 / covariance[0, 0])
    assert 0.4 < np.mean(errors) < 1.3  # who walks straight is easier than people at large
