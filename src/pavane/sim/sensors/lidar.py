"""The lidar, or the fan of a depth camera."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.geometry import Pose
from pavane.core.messages import Scan
from pavane.core.robot import Lidar
from pavane.numerics.raycast import trace_rays
from pavane.sim.sensors.config import LidarSettings
from pavane.sim.sensors.scene import Reading, Scene

ENOUGH = 2  # rays on a person from which a scan is said to show them


class LidarSensor:
    """Ranges to opaque cells, people and low objects along a fan of rays, from one point.

    A lost ray is ``nan``: no answer. A ray that dark clothes swallow is ``inf``, as drivers of cheap lidars report
    every ray that does not come back; it looks as if nothing were there.

    Args:
        lidar: its fan and mount.
        settings: noise and losses.
        rng: of all of it.
    """

    def __init__(self, lidar: Lidar, settings: LidarSettings, rng: Generator) -> None:
        self._settings = settings
        self._noise, self._losses, self._absorption = rng.spawn(3)
        self._std = lidar.range_std if settings.range_std is None else settings.range_std
        self._range_max, self._mount = lidar.range_max, lidar.mount
        around = lidar.field_of_view_deg >= 360.0  # then the last ray must not repeat the first
        self._increment = lidar.field_of_view / (lidar.rays if around else lidar.rays - 1)
        self._angle_min = -0.5 * lidar.field_of_view
        self._angles = self._angle_min + self._increment * np.arange(lidar.rays, dtype=np.float64)
        period = 1.0 / (lidar.rate if settings.rate is None else settings.rate)
        self._ages = period * np.linspace(1.0, 0.0, lidar.rays)  # s before the stamp, of each ray of a sweep

    def read(self, scene: Scene, stamp: float) -> Reading | None:
        """Take one scan, stamped when its last ray was sent; None if no ray had an answer."""
        present = np.flatnonzero(np.isfinite(scene.people[:, 0]))
        discs = np.ascontiguousarray(scene.people[present][:, [0, 1, 5]])
        eye = scene.map_from_base @ self._mount
        low = _low_in_sight(scene.home.low, eye)
        everything = np.concatenate([discs, low]) if len(low) else discs
        traced = trace_rays(scene.home.opaque, *scene.home.frame, self._rays(scene, eye), self._range_max, everything)
        on_person = (traced.struck >= 0) & (traced.struck < len(discs))
        ranges, answered = self._measure(traced.ranges, on_person)
        if not answered.any() and np.isnan(ranges).all():
            return None
        struck: Ints = np.bincount(traced.struck[on_person & answered], minlength=len(discs))
        seen = tuple(present[struck >= ENOUGH].tolist())
        return Reading(Scan(stamp, self._angle_min, self._increment, ranges, self._range_max, self._mount), seen)

    def _rays(self, scene: Scene, eye: Pose) -> Floats:
        """Return x, y, direction (N, 3) of the rays in ``map``; in a sweep each from where the lidar was then."""
        rays = np.empty((len(self._angles), 3))
        if not self._settings.sweep:
            rays[:, :2] = eye.x, eye.y
            rays[:, 2] = eye.yaw + self._angles
            return rays
        # backwards along the arc of the present twist, as Pose.advance does for one time
        turned = -scene.omega * self._ages
        chord = -scene.v * self._ages * np.sinc(0.5 * turned / np.pi)
        base, mount = scene.map_from_base, self._mount
        heading, yaw = base.yaw + 0.5 * turned, base.yaw + turned
        rays[:, 0] = base.x + chord * np.cos(heading) + np.cos(yaw) * mount.x - np.sin(yaw) * mount.y
        rays[:, 1] = base.y + chord * np.sin(heading) + np.sin(yaw) * mount.x + np.cos(yaw) * mount.y
        rays[:, 2] = yaw + mount.yaw + self._angles
        return rays

    def _measure(self, true: Floats, on_person: Bools) -> tuple[Floats, Bools]:
        """Return what the lidar reports of true ranges (N,), m, and which rays came back with an answer."""
        settings, n = self._settings, len(true)
        ranges = true.copy()
        answered = np.isfinite(true)
        if self._std > 0.0 or settings.range_std_share > 0.0:
            noise = self._noise.standard_normal(n)
            if settings.range_std_share > 0.0:
                noise *= np.hypot(self._std, settings.range_std_share * np.where(answered, true, 0.0))
            else:
                noise *= self._std
            ranges += noise  # inf stays inf
        if settings.range_bias != 0.0:
            ranges += settings.range_bias
        if settings.range_resolution > 0.0:
            ranges = np.round(ranges / settings.range_resolution) * settings.range_resolution
        np.maximum(ranges, 0.0, out=ranges)
        if settings.range_min > 0.0:
            answered &= true >= settings.range_min
            ranges[true < settings.range_min] = math.nan
        if settings.absorbed > 0.0:
            swallowed = on_person & (self._absorption.random(n) < settings.absorbed)
            answered &= ~swallowed
            ranges[swallowed] = math.inf
        if settings.ray_dropout > 0.0:
            lost = self._losses.random(n) < settings.ray_dropout
            answered &= ~lost
            ranges[lost] = math.nan
        return ranges, answered


def _low_in_sight(low: Floats, eye: Pose) -> Floats:
    """Return the low objects, (K, 3), whose near edge is within the distance at which they are seen."""
    if len(low) == 0:
        return np.zeros((0, 3))
    near = np.hypot(low[:, 0] - eye.x, low[:, 1] - eye.y) - low[:, 2] <= low[:, 3]
    return low[near, :3]
