"""Settings of the simulated world; what is None is taken from the robot's profile."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

NotNegative = Annotated[float, Meta(ge=0.0)]
Positive = Annotated[float, Meta(gt=0.0)]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]


class WorldSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the truth differs from what the profile promises: latencies, noise, and gains of the plant."""

    scan_latency: NotNegative | None = None  # s
    perception_latency: NotNegative | None = None  # s, of Detections
    odometry_latency: NotNegative = 0.01  # s, of Odometry and ScreenFeedback
    localization_latency: NotNegative = 0.05  # s
    actuation: NotNegative | None = None  # s, dead time of the plant
    actuation_lag: NotNegative | None = None  # s, time constant of the plant

    odometry_rate: Positive = 100.0  # Hz
    localization_rate: Positive = 10.0  # Hz

    range_std: NotNegative | None = None  # m
    detection_std: NotNegative | None = None  # m, each coordinate
    detection_miss: Probability = 0.05  # for each person and each look
    odometry_v_std: NotNegative = 0.002  # m/s, of the reported speed alone: the pose stays exact
    odometry_omega_std: NotNegative = 0.002  # rad/s, likewise
    odometry_scale: Positive = 1.0  # measured / true distance: other than 1, the pose drifts
    odometry_turn_scale: Positive = 1.0  # measured / true turn
    localization_std: NotNegative = 0.0  # m, each coordinate
    localization_yaw_std: NotNegative = 0.0  # rad

    speed_gain: Positive = 1.0  # true / commanded forward speed
    turn_gain: Positive = 1.0  # true / commanded yaw rate
