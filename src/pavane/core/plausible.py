"""Bounds that no home robot lies beyond, which catch slips of the unit in a profile."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pavane.core.errors import BadProfile

# Bounds no home robot lies beyond: what does is a slip of the unit (mm, degrees, ms), or a robot that cannot move
# within a plan of 3 s. Value: lowest, highest, the key's unit.
PLAUSIBLE: dict[str, tuple[float, float, str]] = {
    "limits.vx_max": (0.05, 5.0, "m/s"),
    "limits.vx_min": (-5.0, 0.0, "m/s"),
    "limits.wz_max": (0.1, 12.0, "rad/s"),
    "limits.ax_max": (0.05, 30.0, "m/s^2"),
    "limits.ax_min": (-30.0, -0.05, "m/s^2"),
    "limits.az_max": (0.1, 60.0, "rad/s^2"),
    "limits.jx_max": (0.1, 1000.0, "m/s^3"),
    "limits.jz_max": (0.5, 5000.0, "rad/s^3"),
    "emergency.ax_min": (-50.0, -0.05, "m/s^2"),
    "emergency.az_max": (0.1, 100.0, "rad/s^2"),
    "wheels.track_width": (0.03, 3.0, "m"),
    "wheels.speed_max": (0.05, 10.0, "m/s"),
    "lidar.range_max": (0.2, 200.0, "m"),
    "lidar.field_of_view_deg": (10.0, 360.0, "degrees"),
    "lidar.rate": (1.0, 1000.0, "Hz"),
    "lidar.range_std": (0.0, 0.5, "m"),
    "detector.range_max": (0.2, 200.0, "m"),
    "detector.field_of_view_deg": (10.0, 360.0, "degrees"),
    "detector.rate": (0.2, 1000.0, "Hz"),
    "detector.position_std": (0.001, 1.0, "m"),
    "screen.pan_limit_deg": (5.0, 180.0, "degrees"),
    "screen.rate_max_deg": (5.0, 3600.0, "degrees/s"),
    "screen.acceleration_max_deg": (10.0, 1e5, "degrees/s^2"),
    "screen.jerk_max_deg": (50.0, 1e7, "degrees/s^3"),
    "screen.camera_field_of_view_deg": (10.0, 360.0, "degrees"),
    "screen.detector.range_max": (0.2, 200.0, "m"),
    "screen.detector.field_of_view_deg": (10.0, 360.0, "degrees"),
    "screen.detector.rate": (0.2, 1000.0, "Hz"),
    "screen.detector.position_std": (0.001, 1.0, "m"),
    "latency.scan": (0.0, 2.0, "s"),
    "latency.perception": (0.0, 2.0, "s"),
    "latency.planning": (0.0, 2.0, "s"),
    "latency.routing": (0.0, 30.0, "s"),
    "latency.actuation": (0.0, 2.0, "s"),
    "latency.actuation_lag": (0.0, 2.0, "s"),
    "creep_speed": (0.01, 1.0, "m/s"),
}


def check_plausible(numbers: Iterable[tuple[str, float]]) -> None:
    """Refuse numbers of a profile, each with its key, that are not finite or lie beyond their bounds.

    Raises:
        BadProfile: with the key, the value and its bounds.
    """
    for path, value in numbers:
        low, high, unit = PLAUSIBLE.get(path, (-math.inf, math.inf, ""))
        if not math.isfinite(value):
            raise BadProfile(f"{path} is not finite", value=value, limit="a finite number")
        if not low <= value <= high:
            raise BadProfile(
                f"{path} cannot be right",
                value=f"{value:g} {unit}",
                limit=f"{low:g} to {high:g} {unit}",
                remedy="Units are metres, seconds and radians; degrees only where the key says _deg.",
            )


def at_most(what: str, value: float, name: str, limit: float) -> None:
    """Refuse a value of a profile that is larger than a limit which follows from another.

    Args:
        what: what is wrong if it is, for the error.
        value: to be checked.
        name: of the key that sets the limit, for the error.
        limit: the largest value; it may be met exactly, whatever the last digit of the product says.

    Raises:
        BadProfile: the value is larger.
    """
    if value > limit + 1e-9:
        raise BadProfile(what, value=f"{value:.4g}", limit=f"<= {name} = {limit:.4g}")
