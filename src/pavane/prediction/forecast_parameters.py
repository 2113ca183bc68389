"""What kinds of things that move do next: the figures behind ``predict.hypotheses``, and what they were fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np

from pavane.core.arrays import Floats


@dataclass(frozen=True)  # no slots: its row is made once
class Habits:
    """How one kind goes on from what it does now; tau is the time since it was sensed, s.

    Args:
        becomes: logarithms, up to a constant for each row, of the chances that who stands, goes on, changes (rows) will
            turn out to have stood, gone on, changed (columns).
        soon: time to a wall ahead within which somebody is e times likelier to turn before it, s.
        wall: how much a wall ahead adds to the logarithm for changing.
        rough: what their innovation adds to it.
        sway: growth of the standard deviation of who stands, m/s.
        tires: time constants with which who goes on, and who changes, loses the velocity of now, s.
        drift: standard deviation of who goes on after 1 s, beyond what the velocity is unsure by, m.
        drift_power: tau to this power is the variance of that.
        kept: share of the velocity's variance that counts.
        stray: likewise of who changes, m, for a slow one; and for each m/s of speed.
        stray_power: likewise.
        innovation: how much their innovation adds to the logarithm of that deviation.
        steady: logit of the share of those going on who hold their course exactly, and what innovation takes from it.
        steadier: their variance, as a share of the others'.
        jitter: standard deviations of a velocity beyond what the place tells, m/s: stands, goes on, changes.
    """

    becomes: tuple[tuple[float, float, float], ...]
    soon: float
    wall: float
    rough: float
    sway: float
    tires: tuple[float, float]
    drift: float
    drift_power: float
    kept: float
    stray: tuple[float, float]
    stray_power: float
    innovation: float
    steady: tuple[float, float]
    steadier: float
    jitter: tuple[float, float, float]

    @cached_property
    def row(self) -> Floats:
        """(28,) all figures one after another, in the order above."""
        return np.concatenate([np.ravel(np.array(value)) for value in astuple(self)])


PEOPLE = Habits(
    becomes=((2.0, 0.791, 0.664), (-6.0, 2.0, -5.347), (-3.933, 6.0, 2.0)), soon=6.05, wall=6.97, rough=4.12,
    sway=0.005, tires=(26.7, 1.10), drift=0.0493, drift_power=4.0, kept=2.72, stray=(0.0875, 0.0275), stray_power=2.595,
    innovation=1.426, steady=(0.881, 1.506), steadier=0.3196, jitter=(0.0, 0.2, 0.3),
)  # fmt: skip
# dogs of the simulator: they run to and fro, and stop to sniff
PETS = Habits(
    becomes=((2.0, -1.706, 1.741), (-5.886, 2.0, -4.005), (-1.838, 2.244, 2.0)), soon=5.89, wall=6.22, rough=0.417,
    sway=0.005, tires=(5.0, 0.978), drift=0.3107, drift_power=2.271, kept=1.67, stray=(0.3213, 0.02),
    stray_power=2.352, innovation=0.157, steady=(-1.009, -2.0), steadier=0.2117, jitter=(0.0, 0.2, 0.3),
)  # fmt: skip
# nobody has recorded vacuum cleaners, balls and doors' leaves: they are given as much room as pets
HABITS: Mapping[str, Habits] = {"person": PEOPLE, "pet": PETS, "thing": PETS}
