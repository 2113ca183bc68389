"""How smooth signals are, against results known in closed form and independent computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.bench.metrics.smoothness import log_dimensionless_jerk, peak_deceleration, reversals, rms_jerk, sparc

DT = 0.02


def minimum_jerk(amplitude: float, duration: float, samples: int = 2001) -> tuple[np.ndarray, np.ndarray]:
    """Times and speeds of the reach x = A (10 s^3 - 15 s^4 + 6 s^5), s = t / T (Flash and Hogan 1985)."""
    s = np.linspace(0.0, 1.0, samples)
    return s * duration, amplitude / duration * 30.0 * s**2 * (1.0 - s) ** 2


def test_jerk_of_a_cosine() -> None:
    times = np.linspace(0.0, 2.0 * np.pi, 5000)
    jerk = rms_jerk(times, -np.cos(2.0 * times))  # its second derivative is 4 cos 2t
    assert jerk == pytest.approx(4.0 / math.sqrt(2.0), rel=1e-3)


@given(jerk=st.floats(-5.0, 5.0), start=st.floats(-2.0, 2.0), slope=st.floats(-2.0, 2.0))
def test_jerk_of_a_parabola_is_its_curvature(jerk: float, start: float, slope: float) -> None:
    times = DT * np.arange(150)
    assert rms_jerk(times, start + slope * times + 0.5 * jerk * times**2) == pytest.approx(abs(jerk), abs=1e-8)


def test_too_short_or_still_signals_have_nothing_to_tell() -> None:
    two, still = np.array([0.0, 1.0]), np.zeros(100)
    times = DT * np.arange(100)
    assert rms_jerk(two, two) == sparc(two, two) == log_dimensionless_jerk(two, two) == 0.0
    assert sparc(times, still) == log_dimensionless_jerk(times, still) == peak_deceleration(times, still) == 0.0
    assert peak_deceleration(two[:1], two[:1]) == 0.0


def test_a_minimum_jerk_reach() -> None:
    """Its jerk is A/T^3 (60 - 360 s + 360 s^2), whose square integrates to 720 A^2/T^5; its peak speed is 15/8 A/T.

    Hence T^3 / v_peak^2 * 720 A^2/T^5 = 720 / (15/8)^2 = 204.8.
    """
    times, v = minimum_jerk(1.3, 2.7)
    assert log_dimensionless_jerk(times, v) == pytest.approx(-math.log(204.8), abs=5e-3)  # of 2001 samples
    mean_square = 720.0 * 1.3**2 / 2.7**6
    assert rms_jerk(times, v) == pytest.approx(math.sqrt(mean_square), rel=1e-3)


def test_a_half_sine_of_speed() -> None:
    """v = sin(pi t / T): T^3 times the integral of the squared second derivative is pi^4 / 2."""
    times = np.linspace(0.0, 3.0, 3001)
    assert log_dimensionless_jerk(times, np.sin(np.pi * times / 3.0)) == pytest.approx(
        -math.log(np.pi**4 / 2), abs=2e-3
    )


def test_nothing_is_smoother_than_constant_speed() -> None:
    times = DT * np.arange(200)
    constant = np.full(200, 0.7)
    assert rms_jerk(times, constant) == 0.0
    assert log_dimensionless_jerk(times, constant) > 600.0
    assert peak_deceleration(times, constant) == 0.0


def test_sparc_equals_a_transform_summed_by_hand() -> None:
    """Against the definition: the Fourier integral on a fine axis of frequencies, its arc length from there."""
    for times, v in (minimum_jerk(1.0, 2.0, 101), minimum_jerk(0.4, 1.0, 51)):
        dt = times[1] - times[0]
        frequency = np.linspace(0.0, 10.0, 8001)
        spectrum = np.abs(np.exp(-2j * np.pi * frequency[:, None] * times) @ v) * dt
        spectrum /= spectrum[0]
        last = np.flatnonzero(spectrum >= 0.05)[-1]
        arc = np.hypot(np.diff(frequency[: last + 1]) / frequency[last], np.diff(spectrum[: last + 1])).sum()
        assert sparc(times, v) == pytest.approx(-arc, abs=5e-3)


def test_sparc_does_not_hear_what_is_beyond_its_highest_frequency() -> None:
    times, v = minimum_jerk(1.0, 4.0, 201)  # at 50 Hz
    humming = v * (1.0 + 0.3 * np.cos(2.0 * np.pi * 15.0 * times))
    assert sparc(times, humming) == pytest.approx(sparc(times, v), abs=0.02)
    assert sparc(times, humming, highest=20.0) < sparc(times, v) - 0.2


@given(
    amplitude=st.floats(0.05, 20.0),
    stretch=st.floats(0.5, 4.0),
    halts=st.integers(0, 3),
    wobble=st.floats(0.0, 0.5),
)
def test_amplitude_and_duration_do_not_change_smoothness(
    amplitude: float, stretch: float, halts: int, wobble: float
) -> None:
    """Of a speed of which no frequency comes near the 10 Hz at which SPARC looks away."""
    times = np.linspace(0.0, 4.0, 401)
    v = np.sin(np.pi * times / 4.0) ** 2 * (1.0 + wobble * np.cos(2.0 * np.pi * halts * times / 4.0))
    for figure in (sparc, log_dimensionless_jerk):
        assert figure(stretch * times, amplitude * v) == pytest.approx(figure(times, v), abs=1e-6)


@pytest.mark.parametrize("figure", [sparc, log_dimensionless_jerk])
def test_halting_is_less_smooth_the_more_often(figure) -> None:
    times = DT * np.arange(400)
    whole = np.sin(np.pi * times / times[-1]) ** 2
    scores = [figure(times, whole * (1.0 + 0.5 * np.cos(2.0 * np.pi * n * times / times[-1]))) for n in (0, 3, 6, 9)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_peak_deceleration_is_the_hardest_tenth_of_a_second() -> None:
    times = DT * np.arange(200)
    v = np.clip(1.0 - 2.5 * np.maximum(times - 1.0, 0.0), 0.0, None)
    assert peak_deceleration(times, v) == pytest.approx(2.5)
    assert peak_deceleration(times, -v) == pytest.approx(2.5)  # in reverse likewise
    assert peak_deceleration(times, v[::-1]) == 0.0  # speeding up is not braking
    jolt = np.where(times < 1.0, 1.0, 0.9)  # a tenth at once is 1 m/s^2 over 0.1 s
    assert peak_deceleration(times, jolt) == pytest.approx(1.0)


def test_reversals_are_counted_from_beyond_to_beyond() -> None:
    assert reversals(np.array([0.2, 0.05, -0.05, 0.2]), 0.1) == 0  # never beyond on the other side
    assert reversals(np.array([0.2, 0.0, -0.2, -0.3, 0.0, 0.2]), 0.1) == 2
    assert reversals(np.zeros(5), 0.1) == reversals(np.zeros(0), 0.1) == 0
    times = np.linspace(0.0, 10.0, 1001)
    assert reversals(np.sin(2.0 * np.pi * times / 4.0), 0.1) == 4  # between five half periods
