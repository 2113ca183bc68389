"""Settings of the simulated sensors; what is None is taken from the robot's profile."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from pavane.core.errors import BadSetting

Seconds = Annotated[float, Meta(ge=0.0, le=60.0)]
Rate = Annotated[float, Meta(ge=0.1, le=200.0)]  # Hz; the world ticks at 200 Hz
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Metres = Annotated[float, Meta(ge=0.0, le=10.0)]
Radians = Annotated[float, Meta(ge=0.0, le=3.15)]


class ChannelSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The way of a sensor's messages to the robot: keys that every sensor has.

    Latency follows a gamma distribution with the sensor's ``latency`` as its mean and ``jitter`` as its standard
    deviation: never negative, with a tail to the late side. Without ``reorders`` a message waits for those sent before
    it, as in a TCP stream, so jitter beyond the period makes the mean latency longer than stated.
    """

    jitter: Seconds = 0.0  # s; needs a latency
    dropout: Probability = 0.0  # chance of each message to be lost
    reorders: bool = False  # whether messages overtake each other
    clock_offset: Annotated[float, Meta(ge=-60.0, le=60.0)] = 0.0  # s, of the stamps at time 0
    clock_drift: Annotated[float, Meta(ge=-0.01, le=0.01)] = 0.0  # s/s
    stamp_resolution: Seconds = 0.0  # s; stamps are rounded down to multiples of it


class LidarSettings(ChannelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The lidar, or the fan of a depth camera."""

    rate: Rate | None = None  # Hz
    latency: Seconds | None = None  # s, mean
    range_std: Metres | None = None  # m, on every range
    range_std_share: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0  # of the range; the two add in squares
    range_bias: Annotated[float, Meta(ge=-0.5, le=0.5)] = 0.0  # m, on every range
    range_min: Metres = 0.0  # m; what is nearer gives no answer
    range_resolution: Annotated[float, Meta(ge=0.0, le=0.5)] = 0.0  # m; ranges are rounded to multiples of it
    ray_dropout: Probability = 0.0  # chance of each ray to give no answer
    absorbed: Probability = 0.0  # chance of a ray that meets a person to be swallowed by dark clothes
    sweep: bool = False  # whether a sweep takes a whole period, so that turning bends the scan


class Ghost(Struct, frozen=True, forbid_unknown_fields=True):
    """An object that the detector takes for a person: a coat stand, a mirror, a poster."""

    x: float  # m in map
    y: float
    chance: Probability = 0.2  # of each look at it


class DetectorSettings(ChannelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person detector: the one on the base, or the one on the screen.

    A person is found with chance (1 - m) o, where m grows linearly with distance from ``miss`` to ``miss_far`` at the
    end of the range, and o linearly from 0 to 1 while the visible share of the body's width goes from ``hidden_below``
    to ``clear_above``.
    """

    rate: Rate | None = None  # Hz
    latency: Seconds | None = None  # s, mean
    position_std: Metres | None = None  # m, across the line of sight
    range_std: Metres | None = None  # m, along it; None: as across
    miss: Probability = 0.05  # for each person and each look
    miss_far: Probability | None = None  # the same at the end of the range; None: as near by
    hidden_below: Probability = 0.2  # visible share of the width at which nobody is found
    clear_above: Probability = 0.6  # visible share from which occlusion no longer matters
    false_alarms: Annotated[float, Meta(ge=0.0, le=1000.0)] = 0.0  # mean of a frame, anywhere in view
    ghosts: tuple[Ghost, ...] = ()
    identities: bool = False  # whether it numbers the people it finds
    id_switches: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0  # 1/s for each person in view
    id_memory: Seconds = 1.0  # s unseen after which a person gets a new number

    def __post_init__(self) -> None:
        if self.hidden_below >= self.clear_above:
            raise BadSetting(
                "hidden_below is not below clear_above", value=self.hidden_below, limit=f"< {self.clear_above}"
            )


class OdometrySettings(ChannelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The wheels' encoders; their counts are the plant's."""

    rate: Rate = 100.0  # Hz
    latency: Seconds = 0.01  # s, mean
    v_std: Metres = 0.002  # m/s, of the reported speed alone: the pose has no noise of its own
    omega_std: Radians = 0.002  # rad/s, likewise


class LocalizationSettings(ChannelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Localization: white noise, a bias that wanders (Ornstein-Uhlenbeck), and jumps to a wrong place and back."""

    rate: Rate = 10.0  # Hz
    latency: Seconds = 0.05  # s, mean
    std: Metres = 0.0  # m, each coordinate, of each message
    yaw_std: Radians = 0.0  # rad
    wander_std: Metres = 0.0  # m, each coordinate, of the bias in the long run
    wander_yaw_std: Radians = 0.0  # rad
    wander_time: Annotated[float, Meta(gt=0.0, le=3600.0)] = 10.0  # s in which the bias forgets (to 1/e)
    jump_rate: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0  # 1/s, while it is right
    jump: Metres = 0.3  # m, to any side
    jump_yaw: Radians = 0.0  # rad, to either side
    jump_time: Seconds = 3.0  # s until it is right again


class ScreenSettings(ChannelSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The encoder of the screen's pan; the camera on the screen is placed by it."""

    rate: Rate = 100.0  # Hz
    latency: Seconds = 0.01  # s, mean
    pan_std: Radians = 0.0  # rad
    rate_std: Radians = 0.0  # rad/s
    pan_offset: Annotated[float, Meta(ge=-0.5, le=0.5)] = 0.0  # rad, measured less true
    pan_lag: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0  # s by which the camera's driver reads the pan too early


class SensorSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All sensors of a robot; the second detector is there if the profile's screen has one."""

    lidar: LidarSettings = LidarSettings()
    detector: DetectorSettings = DetectorSettings()
    screen_detector: DetectorSettings = DetectorSettings()
    odometry: OdometrySettings = OdometrySettings()
    localization: LocalizationSettings = LocalizationSettings()
    screen: ScreenSettings = ScreenSettings()
