"""What kinds of things that move do next: the figures behind ``forecast.hypotheses``, and what they were fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ForecastParameters(NamedTuple):
    """How one kind goes on from what it does now, as the kernel takes it; tau is the time since it was sensed, s.

    Args:
        transition_logits: logarithms, up to a constant for each row, of the chances that somebody who stands, goes on,
            changes (rows) will turn out to have stood, gone on, changed (columns).
        wall_time: time to a wall ahead within which somebody is e times likelier to turn before it, s.
        wall_turning: how much a wall ahead adds to the logarithm for changing.
        innovation_turning: what the innovation of their tracks adds to it.
        sway: growth of the standard deviation of somebody who stands, m/s.
        tires: time constants with which those who go on, and those who change, lose the velocity of now, s.
        drift: standard deviation of those who go on after 1 s, beyond what the velocity is unsure by, m.
        drift_power: tau to this power is the variance of that.
        kept: share of the velocity's variance that counts.
        stray: likewise of those who change, m, for a slow one; and for each m/s of speed.
        stray_power: likewise.
        stray_innovation: how much the innovation adds to the logarithm of that deviation.
        exact_logit: of the share of those going on who hold their course exactly, and what innovation takes from it.
        exact_share: their variance, as a share of the others'.
        residual_velocity_std: standard deviations of a velocity beyond what the place tells, m/s: stands, goes on,
            changes.
    """

    transition_logits: tuple[tuple[float, float, float], ...]
    wall_time: float
    wall_turning: float
    innovation_turning: float
    sway: float
    tires: tuple[float, float]
    drift: float
    drift_power: float
    kept: float
    stray: tuple[float, float]
    stray_power: float
    stray_innovation: float
    exact_logit: tuple[float, float]
    exact_share: float
    residual_velocity_std: tuple[float, float, float]


PEOPLE = ForecastParameters(
    transition_logits=((2.0, 0.791, 0.664), (-6.0, 2.0, -5.347), (-3.933, 6.0, 2.0)),
    wall_time=6.05, wall_turning=6.97, innovation_turning=4.12, sway=0.005, tires=(26.7, 1.10), drift=0.0493,
    drift_power=4.0, kept=2.72, stray=(0.0875, 0.0275), stray_power=2.595, stray_innovation=1.426,
    exact_logit=(0.881, 1.506), exact_share=0.3196, residual_velocity_std=(0.0, 0.2, 0.3),
)  # fmt: skip
# dogs of the simulator: they run to and fro, and stop to sniff
PETS = ForecastParameters(
    transition_logits=((2.0, -1.706, 1.741), (-5.886, 2.0, -4.005), (-1.838, 2.244, 2.0)),
    wall_time=5.89, wall_turning=6.22, innovation_turning=0.417, sway=0.005, tires=(5.0, 0.978), drift=0.3107,
    drift_power=2.271, kept=1.67, stray=(0.3213, 0.02), stray_power=2.352, stray_innovation=0.157,
    exact_logit=(-1.009, -2.0), exact_share=0.2117, residual_velocity_std=(0.0, 0.2, 0.3),
)  # fmt: skip
# nobody has recorded vacuum cleaners, balls and doors' leaves: they are given as much room as pets
FORECAST_PARAMETERS: Mapping[str, ForecastParameters] = {"person": PEOPLE, "pet": PETS, "thing": PETS}
