"""Settings of the simulated base; what is None is taken from the robot's profile."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0.0, le=5.0)]
Scale = Annotated[float, Meta(ge=0.5, le=2.0)]
NotNegative = Annotated[float, Meta(ge=0.0, le=1.0)]


class PlantSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The true motion of the base, where that is not what the profile says.

    Gains are errors of the motor controller, which the encoders see. Scales are errors of geometry, which they do not:
    the odometry drifts by them. So it does by its noise, whose variance grows with the way and the turn, as in Thrun,
    Burgard and Fox, "Probabilistic Robotics" (2005), section 5.4.
    """

    engine: Literal["first_order", "mujoco"] = "first_order"  # mujoco: rigid bodies and friction, extra `mujoco`
    dead_time: Seconds | None = None  # s from a command to its first effect
    dead_time_jitter: Seconds = 0.0  # s, mean of what comes on top by chance; commands keep their order
    lag: Seconds | None = None  # s, time constant of the first-order response; with mujoco, of its motors
    speed_gain: Scale = 1.0  # forward speed reached / commanded
    turn_gain: Scale = 1.0  # yaw rate reached / commanded
    deadband: NotNegative = 0.0  # m/s at the rim, below which a commanded wheel does not move
    left_scale: Scale = 1.0  # radius of the left wheel, true / nominal
    right_scale: Scale = 1.0  # of the right
    track_scale: Scale = 1.0  # distance between the wheels, true / nominal
    way_noise: NotNegative = 0.0  # m of the odometry's way, standard deviation after one metre
    turn_noise: NotNegative = 0.0  # rad of its heading, after one radian of turning
    drift_noise: NotNegative = 0.0  # rad of its heading, after one metre
