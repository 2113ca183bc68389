"""Messages of sensors: stamped values, in any order, with any delay.

Stamps are seconds of the one clock that is passed in, at the moment of *sensing*. Each message checks itself when it is
made, so that what is not finite never gets further than its sender.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.errors import BadMessage
from pavane.core.geometry import Pose

FARTHEST = 1e7  # m from the origin of a frame, also in UTM coordinates; cells and float32 hold no more
MOUNTED = 100.0  # m from the base's origin to a sensor on it
FASTEST, SPIN = 100.0, 1000.0  # m/s, rad/s: no wheels say more


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One sweep of a planar lidar.

    Args:
        stamp: time of sensing, s.
        angle_min: direction of the first ray in the lidar frame, rad.
        angle_increment: angle from a ray to the next, rad.
        ranges: (N,) distances along the rays, m; ``inf`` is "nothing within range", ``nan`` is "no answer".
        range_max: what the lidar reaches, m.
        mount: base_from_lidar.
    """

    stamp: float
    angle_min: float
    angle_increment: float
    ranges: Floats
    range_max: float
    mount: Pose

    def __post_init__(self) -> None:
        _require_finite("scan", self.stamp, self.angle_min, self.angle_increment)
        _require_pose("scan mount", self.mount, MOUNTED)
        if not is_finite(self.range_max) or self.range_max <= 0.0:
            raise BadMessage("scan range_max is wrong", value=self.range_max, limit="metres > 0")
        if not isinstance(self.ranges, np.ndarray) or self.ranges.dtype.kind not in "fiu":
            raise BadMessage("scan ranges are no numbers", value=type(self.ranges).__name__, limit="a float64 array")
        if self.ranges.ndim != 1 or len(self.ranges) == 0:
            raise BadMessage("scan ranges have the wrong shape", value=self.ranges.shape, limit="(N,), N >= 1")
        if np.isnan(self.ranges).all():
            raise BadMessage("scan holds no valid range", value="NaN on every ray", remedy="Check the lidar.")
        if (self.ranges < 0.0).any():
            raise BadMessage("scan range is negative", value=float(np.nanmin(self.ranges)), limit=">= 0 m")

    @property
    def angles(self) -> Floats:
        """(N,) directions in the lidar frame, rad."""
        return self.angle_min + self.angle_increment * np.arange(len(self.ranges), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Odometry:
    """Wheel odometry: ``pose`` is odom_from_base; v in m/s and omega in rad/s are measured at the stamp."""

    stamp: float
    pose: Pose
    v: float
    omega: float

    def __post_init__(self) -> None:
        _require_finite("odometry", self.stamp, self.v, self.omega)
        _require_pose("odometry pose", self.pose, FARTHEST)
        if abs(self.v) > FASTEST or abs(self.omega) > SPIN:
            raise BadMessage(
                "odometry is too fast", value=f"{self.v:.6g} m/s, {self.omega:.6g} rad/s",
                limit=f"at most {FASTEST:g} m/s, {SPIN:g} rad/s", remedy="Units are metres, seconds and radians.",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Localization:
    """Where the odometry frame stands in the map at the stamp."""

    stamp: float
    map_from_odom: Pose

    def __post_init__(self) -> None:
        _require_finite("localization", self.stamp)
        _require_pose("localization", self.map_from_odom, FARTHEST)


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """Where a person detector looks: ``mount`` is base_from_camera; angle in rad, range in m."""

    mount: Pose
    field_of_view: float
    range_max: float


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """People, and entities of other kinds, seen at one moment.

    Args:
        stamp: time of sensing, s.
        positions: (N, 2) in the base frame at the stamp, m; N may be 0 (looked, saw nobody).
        position_std: standard deviation of each coordinate, m.
        ids: (N,) numbers of the detector's own tracker, if it has one. They are carried along, and not used: tracks are
            Pavane's own.
        view: what this camera had in view; None for the detector of the profile, on the base.
        kinds: (N,) what each is, such as "person", "pet" or "toy" (``pavane.core.entities``); None: all are people.
    """

    stamp: float
    positions: Floats
    position_std: float
    ids: Ints | None = None
    view: FieldOfView | None = None
    kinds: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.positions.ndim != 2 or self.positions.shape[1] != 2:
            raise BadMessage("detections have the wrong shape", value=self.positions.shape, limit="(N, 2)")
        _require_finite("detections", self.stamp, *self.positions.ravel())
        if not 0.0 < self.position_std < math.inf:
            raise BadMessage("detections position_std is wrong", value=self.position_std, limit="metres > 0")
        if self.ids is not None and self.ids.shape != (len(self.positions),):
            raise BadMessage("detections ids do not fit", value=self.ids.shape, limit=f"({len(self.positions)},)")
        listed = isinstance(self.kinds, tuple | list) and all(isinstance(kind, str) for kind in self.kinds)
        if self.kinds is not None and not listed:
            raise BadMessage("detections kinds are no names", value=repr(self.kinds), limit="a tuple of str")
        if self.kinds is not None and len(self.kinds) != len(self.positions):
            raise BadMessage(
                "detections kinds do not fit", value=len(self.kinds), limit=f"{len(self.positions)} of them"
            )
        if self.view is not None:
            mount = self.view.mount
            _require_finite("detections view", mount.x, mount.y, mount.yaw)
            if not 0.0 < self.view.field_of_view <= 2.0 * math.pi + 1e-9:
                raise BadMessage(
                    "detections field of view is wrong", value=self.view.field_of_view, limit="(0, 2 pi] rad"
                )
            if not 0.0 < self.view.range_max < math.inf:
                raise BadMessage("detections range_max is wrong", value=self.view.range_max, limit="metres > 0")


@dataclass(frozen=True, slots=True)
class ScreenFeedback:
    """The screen's pan in rad (0 ahead, positive left) and its rate in rad/s at the stamp."""

    stamp: float
    pan: float
    rate: float

    def __post_init__(self) -> None:
        _require_finite("screen feedback", self.stamp, self.pan, self.rate)


Message = Scan | Odometry | Localization | Detections | ScreenFeedback


def is_finite(value: object) -> bool:
    """Return whether a value is a number, and finite."""
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):  # not a number, an array, a whole number beyond floats
        return False


def _require_pose(what: str, pose: object, farthest: float) -> None:
    if not isinstance(pose, Pose):
        raise BadMessage(f"{what} is no pose", value=type(pose).__name__, limit="a pavane.Pose")
    _require_finite(what, pose.x, pose.y, pose.yaw)
    if max(abs(pose.x), abs(pose.y)) > farthest:
        raise BadMessage(
            f"{what} is too far away", value=f"({pose.x:.6g}, {pose.y:.6g})", limit=f"within {farthest:g} m",
            remedy="Units are metres and radians; the message was dropped.",
        )  # fmt: skip


def _require_finite(what: str, *values: Any) -> None:
    for value in values:
        if not is_finite(value):
            raise BadMessage(f"{what} is not finite", value=value, remedy="The message was dropped; check its source.")
