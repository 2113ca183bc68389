"""The rate of contact: against Monte Carlo, and what must hold of it whatever the numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pavane.prediction.contact_risk import contact_probability, entry_rate, survival

DT, STEPS = 0.02, 150


def met(rng: np.random.Generator, case: dict[str, float], start: np.ndarray, velocity: np.ndarray) -> float:
    """Share of 4000 people who come within the radius: a place and a velocity that are unsure, and wander."""
    n = 4000
    place = start + rng.normal(0.0, case["place"], (n, 2))
    moves = velocity + rng.normal(0.0, case["speed"], (n, 2))
    touched = np.hypot(*place.T) < case["radius"]
    for _ in range(STEPS):
        place = place + moves * DT
        moves = moves + rng.normal(0.0, np.sqrt(case["wander"] * DT), (n, 2))
        touched |= np.hypot(*place.T) < case["radius"]
    return float(touched.mean())


def predicted(case: dict[str, float], start: np.ndarray, velocity: np.ndarray, dt: float) -> float:
    t = (np.arange(round(STEPS * DT / dt)) + 0.5) * dt
    a, b, q = case["place"], case["speed"], case["wander"]
    pp, pv, vv = a * a + b * b * t * t + q * t**3 / 3.0, b * b * t + q * t * t / 2.0, b * b + q * t
    rate = entry_rate(start + velocity * t[:, None], np.tile(velocity, (len(t), 1)), case["radius"], pp, pv, vv)
    return float(contact_probability(np.ones(1), rate[None], dt)[-1])


def test_chances_agree_with_monte_carlo() -> None:
    rng = np.random.default_rng(3)
    pairs = []
    while len(pairs) < 60:
        case = {
            "radius": rng.uniform(0.3, 0.6),
            "place": rng.uniform(0.04, 0.08),
            "speed": rng.uniform(0.05, 0.35),
            "wander": rng.uniform(0.0, 0.1),
        }
        start, velocity = rng.uniform(-2.0, 2.0, 2), rng.normal(0.0, 0.8, 2)
        if np.hypot(*start) > case["radius"] + 0.4:
            pairs.append((predicted(case, start, velocity, 0.05), met(rng, case, start, velocity)))
    chances, shares = np.array(pairs).T
    assert abs(chances.sum() / shares.sum() - 1.0) < 0.05
    for low, high in ((0.01, 0.1), (0.1, 0.5), (0.5, 1.0)):
        inside = (chances >= low) & (chances < high)
        assert inside.sum() >= 3
        assert 0.8 < chances[inside].sum() / shares[inside].sum() < 1.25
    assert np.abs(chances - shares).mean() < 0.02


def test_the_step_hardly_matters() -> None:
    case = {"radius": 0.4, "place": 0.06, "speed": 0.2, "wander": 0.05}
    start, velocity = np.array([1.5, 0.2]), np.array([-0.7, 0.1])
    fine, coarse = (predicted(case, start, velocity, dt) for dt in (0.01, 0.1))
    assert abs(fine - coarse) < 0.02 * fine


NUMBERS = st.floats(0.02, 3.0)


@given(NUMBERS, st.floats(-3.0, 3.0), st.floats(-2.0, 2.0), st.floats(-2.0, 2.0), st.floats(0.1, 1.0), NUMBERS, NUMBERS)
def test_the_rate_is_never_negative(
    x: float, y: float, vx: float, vy: float, radius: float, place: float, speed: float
) -> None:
    rate = entry_rate(
        np.array([x, y]),
        np.array([vx, vy]),
        radius,
        np.array(place**2),
        np.array(0.3 * place * speed),
        np.array(speed**2),
    )
    assert np.isfinite(rate) and rate >= 0.0


@given(st.floats(0.0, 5.0), st.floats(0.001, 5.0))
def test_survival_falls_and_stays_above_nothing(integral: float, more: float) -> None:
    first, second = survival(np.array([integral, integral + more]))
    assert 1.0 >= first > second > 0.0


def test_beside_somebody_who_stands_a_robot_at_rest_is_safe() -> None:
    rate = entry_rate(np.array([0.6, 0.0]), np.zeros(2), 0.45, np.array(0.01), np.zeros(()), np.zeros(()))
    assert rate < 1e-4  # 1/s
    nearing = entry_rate(np.array([0.6, 0.0]), np.array([-0.5, 0.0]), 0.45, np.array(0.01), np.zeros(()), np.zeros(()))
    assert nearing > 0.3
