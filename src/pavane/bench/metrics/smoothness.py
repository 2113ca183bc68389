"""How smooth a signal is: formulas on a speed at even times, and nothing else."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats


def rms_jerk(times: Floats, v: Floats) -> float:
    """Return the root mean square of the second derivative of a speed (T,) m/s at even times (T,) s, m/s^3."""
    if len(times) < 3:
        return 0.0
    dt = (times[-1] - times[0]) / (len(times) - 1)
    return float(np.sqrt(np.mean((np.diff(v, 2) / dt**2) ** 2)))


def sparc(times: Floats, v: Floats, highest: float = 10.0, threshold: float = 0.05) -> float:
    """Return the spectral arc length of a speed (T,) at even times (T,): 0 or less, smoother is nearer to 0.

    Balasubramanian, Melendez-Calderon, Roby-Brami and Burdet 2015: minus the length of the curve of the normalised
    magnitude spectrum, up to the last frequency (at most ``highest``, Hz) whose magnitude is above ``threshold``.
    """
    if len(times) < 3 or not np.abs(v).max() > 0.0:
        return 0.0
    dt = (times[-1] - times[0]) / (len(times) - 1)
    size = 1 << (math.ceil(math.log2(len(v))) + 4)  # padded, so that the arc is finely drawn
    magnitude = np.abs(np.fft.rfft(np.abs(v), size))
    magnitude = magnitude / magnitude.max()
    frequency = np.fft.rfftfreq(size, dt)
    below = frequency <= highest
    magnitude, frequency = magnitude[below], frequency[below]
    last = int(np.flatnonzero(magnitude >= threshold)[-1]) + 1
    rise, run = np.diff(magnitude[:last]), np.diff(frequency[:last]) / max(frequency[last - 1], 1e-9)
    return -float(np.hypot(rise, run).sum())


def log_dimensionless_jerk(times: Floats, v: Floats) -> float:
    """-ln(T^3 / v_peak^2 * integral of the squared jerk) of a speed (T,) at even times (T,): smoother is nearer to 0.

    Hogan and Sternad, "Sensitivity of smoothness measures to movement duration, amplitude, and arrests", Journal of
    Motor Behavior 41 (2009), in the form of Balasubramanian et al. (2012), whose v_peak is that of the speed. It does
    not change with the duration and the amplitude of a movement; a minimum-jerk reach has -ln(204.8) = -5.32.
    """
    peak = float(np.abs(v).max(initial=0.0))
    if len(times) < 3 or peak == 0.0:
        return 0.0
    span = float(times[-1] - times[0])
    jerk = np.diff(v, 2) / (span / (len(times) - 1)) ** 2
    integral = float((jerk**2).mean()) * span
    return -math.log(max(span**3 / peak**2 * integral, 1e-300))


def peak_deceleration(times: Floats, v: Floats, window: float = 0.1) -> float:
    """Return the hardest braking, as a mean over ``window`` s, of a speed (T,) at even times (T,), m/s^2; 0 or more."""
    if len(times) < 2:
        return 0.0
    dt = float(times[-1] - times[0]) / (len(times) - 1)
    ticks = min(max(round(window / dt), 1), len(v) - 1)
    speed = np.abs(v)
    return max(0.0, float((speed[:-ticks] - speed[ticks:]).max()) / (ticks * dt))


def reversals(rates: Floats, least: float) -> int:
    """How often a signal (T,) goes from above ``least`` to below minus that, or back; what lies between is nothing."""
    signs = np.sign(rates[np.abs(rates) > least])
    return int((np.diff(signs) != 0.0).sum())
