"""RobotProfile: the only place where a limit of the robot is written.

Velocity, acceleration and jerk limits carry the names of Nav2's MPPI controller (``vx_max``, ``ax_min``, ``wz_max`` …);
``j`` continues the series for jerk. SI units throughout; keys that end in ``_deg`` are degrees, in the file only.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from pavane.core.errors import BadProfile
from pavane.core.geometry import Footprint, Pose
from pavane.core.plausible import at_most, check_plausible
from pavane.core.yaml_file import convert, numbers_in, read_yaml

SCHEMA = 1
PROFILES = Path(__file__).parents[1] / "profiles"
RAYS_MAX = 20_000  # in a scan: finer than any lidar's
LARGEST_RADIUS = 0.8  # m: an outline that leaves room to brake in the guard's 2 x 2 m window

Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Negative = Annotated[float, Meta(lt=0.0)]
NotPositive = Annotated[float, Meta(le=0.0)]
Degrees = Annotated[float, Meta(ge=-360.0, le=360.0)]
Angle = Annotated[float, Meta(gt=0.0, le=360.0)]


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """What the base may do in comfort. Every plan and every command keeps them, by construction.

    Speeds and accelerations are signed, as in Nav2's MPPI: ``ax_min`` to ``ax_max`` bounds dv/dt whichever way the
    robot rolls, so in reverse it speeds up with ``ax_min`` and brakes with ``ax_max``.
    """

    vx_max: Positive  # m/s
    wz_max: Positive  # rad/s
    ax_max: Positive  # m/s^2, upper bound of dv/dt: speeds up ahead, brakes in reverse
    ax_min: Negative  # m/s^2, lower bound of dv/dt: brakes ahead, speeds up in reverse
    az_max: Positive  # rad/s^2
    jx_max: Positive  # m/s^3
    jz_max: Positive  # rad/s^3
    vx_min: NotPositive = 0.0  # m/s, reverse; 0 forbids it


class Emergency(Struct, frozen=True, forbid_unknown_fields=True):
    """What the base can do when it must: used by the guard alone, on ticks that it flags."""

    ax_min: Negative  # m/s^2; the same amount brakes in reverse
    az_max: Positive  # rad/s^2


class Wheels(Struct, frozen=True, forbid_unknown_fields=True):
    """The differential drive."""

    track_width: Positive  # m between the wheels' contact points
    speed_max: Positive  # m/s at the rim


class Lidar(Struct, frozen=True, forbid_unknown_fields=True):
    """A planar lidar, or a depth camera used as one."""

    range_max: Positive  # m
    field_of_view_deg: Angle = 360.0
    rays: Annotated[int, Meta(ge=2, le=RAYS_MAX)] = 180
    rate: Positive = 20.0  # Hz
    range_std: NotNegative = 0.01  # m
    x: float = 0.0  # mount in base, m
    y: float = 0.0
    yaw_deg: Degrees = 0.0

    @property
    def mount(self) -> Pose:
        """base_from_lidar."""
        return Pose(self.x, self.y, math.radians(self.yaw_deg))

    @property
    def field_of_view(self) -> float:
        """Angle between the outermost rays, rad."""
        return math.radians(self.field_of_view_deg)


class Detector(Struct, frozen=True, forbid_unknown_fields=True):
    """A person detector: a camera on the base, or the one on the screen."""

    range_max: Positive = 6.0  # m
    field_of_view_deg: Angle = 120.0
    rate: Positive = 10.0  # Hz
    position_std: NotNegative = 0.05  # m

    @property
    def field_of_view(self) -> float:
        """Horizontal angle of view, rad."""
        return math.radians(self.field_of_view_deg)


class Screen(Struct, frozen=True, forbid_unknown_fields=True):
    """A screen that pans; it carries a camera."""

    pan_limit_deg: Positive  # to either side
    rate_max_deg: Positive  # deg/s
    acceleration_max_deg: Positive  # deg/s^2
    jerk_max_deg: Positive  # deg/s^3
    camera_field_of_view_deg: Angle = 90.0
    x: float = 0.0  # axis in base, m
    y: float = 0.0
    width: Positive = 0.25  # m, for pictures
    detector: Detector | None = None  # finds people in the camera's picture, as far as its own field of view goes

    @property
    def pan_limit(self) -> float:
        """rad"""
        return math.radians(self.pan_limit_deg)

    @property
    def rate_max(self) -> float:
        """rad/s"""
        return math.radians(self.rate_max_deg)

    @property
    def acceleration_max(self) -> float:
        """rad/s^2"""
        return math.radians(self.acceleration_max_deg)

    @property
    def jerk_max(self) -> float:
        """rad/s^3"""
        return math.radians(self.jerk_max_deg)


class Latencies(Struct, frozen=True, forbid_unknown_fields=True):
    """Known, constant latencies, s: each enters the cycle in one place, see docs/concepts/latency.md."""

    scan: NotNegative = 0.05  # raw scan, sensed -> near map
    perception: NotNegative = 0.30  # sensed -> local map and people
    planning: NotNegative = 0.05  # cycle start -> plan usable
    routing: NotNegative = 0.20  # request -> guidance, in the background
    actuation: NotNegative = 0.08  # command sent -> wheels start to obey (dead time)
    actuation_lag: NotNegative = 0.04  # time constant of the wheels' first-order response

    @property
    def actuation_delay(self) -> float:
        """Dead time plus lag: what a smooth command sees as pure delay, s."""
        return self.actuation + self.actuation_lag


class RobotProfile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything the planner knows about one kind of robot. One YAML file; see docs/start/your-robot.md."""

    schema: int
    name: Annotated[str, Meta(min_length=1)]
    limits: Limits
    emergency: Emergency
    wheels: Wheels
    lidar: Lidar
    robot_radius: Positive | None = None  # m; or
    footprint: list[tuple[float, float]] | None = None  # convex corners [x, y] in base, m
    detector: Detector | None = None
    screen: Screen | None = None
    latency: Latencies = msgspec.field(default_factory=Latencies)
    creep_speed: Positive = 0.05  # m/s, in reverse where the lidar does not look, and out of a touch
    source: str = ""  # where the figures come from

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise BadProfile("profile has another schema", value=self.schema, limit=f"schema: {SCHEMA}")
        if (self.robot_radius is None) == (self.footprint is None):
            raise BadProfile("profile needs exactly one of robot_radius and footprint")
        check_plausible(numbers_in(self))
        self._check_shape()
        self._check_limits()

    def _check_limits(self) -> None:
        limits, wheels, emergency = self.limits, self.wheels, self.emergency
        rim = limits.wz_max * wheels.track_width / 2.0
        at_most("limits.vx_max is faster than the wheels turn", limits.vx_max, "wheels.speed_max", wheels.speed_max)
        at_most(
            "limits.wz_max needs faster wheels: wz_max * track_width / 2", rim, "wheels.speed_max", wheels.speed_max
        )
        at_most("limits.vx_min reverses faster than vx_max drives", -limits.vx_min, "vx_max", limits.vx_max)
        at_most("creep_speed is faster than limits.vx_max", self.creep_speed, "vx_max", limits.vx_max)
        at_most(
            "emergency.ax_min brakes more gently than limits.ax_min", emergency.ax_min, "limits.ax_min", limits.ax_min
        )
        at_most("limits.az_max is more than emergency.az_max", limits.az_max, "emergency.az_max", emergency.az_max)
        if self.screen is not None and self.screen.detector is not None:
            seen, camera = self.screen.detector.field_of_view_deg, self.screen.camera_field_of_view_deg
            at_most("screen.detector looks wider than its camera", seen, "screen.camera_field_of_view_deg", camera)

    def _check_shape(self) -> None:
        shape = self.shape  # raises here, not in the middle of a drive, when the outline is bad
        radius = shape.circumscribed_radius
        unit = "Lengths are in metres."
        if radius > LARGEST_RADIUS:
            raise BadProfile(
                "the outline is too large for the guard's 2 x 2 m window",
                value=f"a corner {radius:.3g} m from the base origin",
                limit=f"<= {LARGEST_RADIUS} m",
                remedy=unit,
            )
        at_most("wheels.track_width is far wider than the robot", self.wheels.track_width, "4 radii", 4.0 * radius)
        parts = {"lidar": self.lidar, "screen": self.screen}
        for name, part in parts.items():
            if part is not None and float(shape.signed_distance(np.array([[part.x, part.y]]))[0]) > 0.1:
                raise BadProfile(
                    f"{name}.x, {name}.y lies far outside the outline", value=(part.x, part.y), limit="base frame, m"
                )

    @property
    def sees_behind(self) -> bool:
        """Whether the lidar reaches to within pi/8 of straight behind on both sides."""
        return 0.5 * self.lidar.field_of_view >= math.pi - math.pi / 8 + abs(math.radians(self.lidar.yaw_deg))

    @property
    def shape(self) -> Footprint:
        """The outline in base."""
        return _outline(None if self.footprint is None else tuple(map(tuple, self.footprint)), self.robot_radius)

    @classmethod
    def load(cls, source: str | Path) -> RobotProfile:
        """Read a profile from a YAML file, or a stock one by its name (``astro_like``, ``turtlebot4`` …).

        Raises:
            BadFile: no such file, not YAML, or a key written twice.
            BadProfile: a value is missing, unknown, of the wrong type or out of its range.
        """
        path = Path(source)
        if not path.suffix:
            path = PROFILES / f"{source}.yaml"
            if not path.exists():
                raise BadProfile("no stock profile of this name", value=source, limit=", ".join(stock_profiles()))
        fields = read_yaml(path, "profile")
        return convert(fields, cls, path.name, BadProfile, "See docs/start/your-robot.md for every key.")


def stock_profiles() -> list[str]:
    """Return the names of the profiles that come with Pavane."""
    return sorted(path.stem for path in PROFILES.glob("*.yaml"))


@lru_cache(maxsize=64)  # it is asked for many times a second
def _outline(corners: tuple[tuple[float, ...], ...] | None, radius: float | None) -> Footprint:
    if corners is not None:
        return Footprint.polygon(np.array(corners, dtype=np.float64))
    assert radius is not None
    return Footprint.disc(radius)
