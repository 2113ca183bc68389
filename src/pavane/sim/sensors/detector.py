"""Person detectors: cameras that make out people, miss some, see some who are not there, and mix them up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, FieldOfView
from pavane.core.robot import Detector
from pavane.numerics.raycast import cast_rays, visible_shares
from pavane.sim.sensors.config import DetectorSettings
from pavane.sim.sensors.identities import Identities
from pavane.sim.sensors.scene import Reading, Scene

NOBODY: Floats = np.zeros((0, 3))
DEEP = 0.4  # m into an obstacle at which a ghost is still seen: it may be the obstacle itself


@dataclass(frozen=True, slots=True)
class Mount:
    """base_from_camera: where the camera is, and where its driver believes it to be."""

    true: Pose
    believed: Pose


ON_BASE = Mount(Pose(0.0, 0.0), Pose(0.0, 0.0))


class DetectorSensor:
    """A camera that finds people: those in view, near enough and not hidden, with misses and false alarms.

    Chances, noise, false alarms and numbers each have a stream of their own, and everybody has their share of it at
    every look: somebody in view shifts nobody else's noise.

    Args:
        detector: view, range, and the noise that the messages state.
        settings: what is really so.
        rng: of all noise.
        mount: where the camera is at a look; None: at the base's origin, looking ahead.
    """

    def __init__(
        self,
        detector: Detector,
        settings: DetectorSettings,
        rng: Generator,
        mount: Callable[[Scene], Mount] | None = None,
    ) -> None:
        self._detector, self._settings, self._mount = detector, settings, mount
        self._misses, self._noise, self._alarms, self._ghosts, self._flooding, numbers = rng.spawn(6)
        across = detector.position_std if settings.position_std is None else settings.position_std
        self._std = np.array([across if settings.range_std is None else settings.range_std, across])  # along, across
        self._identities = (
            Identities(settings.id_switches, settings.id_memory, numbers) if settings.identities else None
        )
        self._flood = 0

    def flood(self, count: int) -> None:
        """See ``count`` more people who are not there in each frame; 0 ends it."""
        self._flood = count

    def read(self, scene: Scene, stamp: float) -> Reading:
        """Take one frame, in the base frame as the driver believes it to be, stamped ``stamp``, s."""
        mount = ON_BASE if self._mount is None else self._mount(scene)
        map_from_eye = scene.map_from_base @ mount.true
        found = self._find(scene, map_from_eye)
        alarms = int(self._alarms.poisson(self._settings.false_alarms)) if self._settings.false_alarms > 0.0 else 0
        points = np.concatenate(
            [
                self._place(scene, map_from_eye)[found],
                self._haunt(scene, map_from_eye),
                self._imagine(scene, map_from_eye, alarms, self._alarms),
                self._imagine(scene, map_from_eye, self._flood, self._flooding),
            ]
        )
        positions = mount.believed.transform(points)
        detector, ids = self._detector, None
        if self._identities is not None:
            ids = self._identities.update(scene.stamp, scene.people[:, :2], found, len(points) - len(found))
        view = None if self._mount is None else FieldOfView(mount.believed, detector.field_of_view, detector.range_max)
        message = Detections(stamp, positions, detector.position_std, ids, view)
        return Reading(message, tuple(found.tolist()))

    def _find(self, scene: Scene, map_from_eye: Pose) -> Ints:
        """Return the rows of the people that are made out in this look."""
        people, settings = scene.people, self._settings
        drawn = self._misses.random(len(people))
        local = map_from_eye.inverse().transform(people[:, :2])
        distance = np.hypot(local[:, 0], local[:, 1])
        inside = self._inside(local) & scene.detectable
        if not inside.any():
            return np.zeros(0, np.int64)
        bodies = np.ascontiguousarray(people[:, [0, 1, 5]])
        bodies[~scene.detectable] = np.nan  # too low to hide anybody
        shares = visible_shares(
            scene.home.opaque, *scene.home.frame, map_from_eye.x, map_from_eye.y, self._detector.range_max, bodies
        )
        far = settings.miss if settings.miss_far is None else settings.miss_far
        miss = settings.miss + (far - settings.miss) * distance / self._detector.range_max
        open_ = np.clip((shares - settings.hidden_below) / (settings.clear_above - settings.hidden_below), 0.0, 1.0)
        return np.flatnonzero(inside & (drawn < (1.0 - miss) * open_))

    def _inside(self, local: Floats) -> Bools:
        """Return whether each of points (N, 2) in the camera frame is near enough and in its field of view."""
        near = np.hypot(local[:, 0], local[:, 1]) <= self._detector.range_max
        inside: Bools = near & (np.abs(np.arctan2(local[:, 1], local[:, 0])) <= 0.5 * self._detector.field_of_view)
        return inside

    def _place(self, scene: Scene, map_from_eye: Pose) -> Floats:
        """Return where everybody seems to be, (N, 2) in the camera frame, m."""
        local = map_from_eye.inverse().transform(scene.people[:, :2])
        noise = self._noise.standard_normal(local.shape) * self._std
        bearing = np.arctan2(local[:, 1], local[:, 0])
        c, s = np.cos(bearing), np.sin(bearing)
        turned = np.stack([c * noise[:, 0] - s * noise[:, 1], s * noise[:, 0] + c * noise[:, 1]], axis=1)
        seeming: Floats = local + turned
        return seeming

    def _haunt(self, scene: Scene, map_from_eye: Pose) -> Floats:
        """Return the objects taken for people in this look, (G, 2) in the camera frame, m."""
        ghosts = self._settings.ghosts
        if not ghosts:
            return NOBODY[:, :2]
        drawn = self._ghosts.random(len(ghosts))
        noise = self._ghosts.normal(0.0, self._std[1], (len(ghosts), 2))
        local = map_from_eye.inverse().transform(np.array([[g.x, g.y] for g in ghosts]))
        depth = self._depth(scene, map_from_eye, np.arctan2(local[:, 1], local[:, 0]))
        clear = np.hypot(local[:, 0], local[:, 1]) - DEEP <= depth
        haunting: Floats = (local + noise)[self._inside(local) & clear & (drawn < [g.chance for g in ghosts])]
        return haunting

    def _imagine(self, scene: Scene, map_from_eye: Pose, count: int, rng: Generator) -> Floats:
        """Draw people who are not there, anywhere before what the camera sees: (count, 2) in the camera frame, m.

        Args:
            scene: what there is to see.
            map_from_eye: where the camera is.
            count: how many.
            rng: draws.
        """
        if count == 0:
            return NOBODY[:, :2]
        drawn = rng.random((count, 2))
        bearing = (drawn[:, 0] - 0.5) * self._detector.field_of_view
        depth = np.minimum(self._depth(scene, map_from_eye, bearing), self._detector.range_max)
        distance: Floats = depth * np.sqrt(drawn[:, 1])  # uniform over the area of a thin sector
        return np.stack([distance * np.cos(bearing), distance * np.sin(bearing)], axis=1)

    def _depth(self, scene: Scene, map_from_eye: Pose, bearing: Floats) -> Floats:
        """Return how far the camera sees along bearings (N,) rad: (N,) m; inf beyond its range."""
        eye, home = map_from_eye, scene.home
        angles = eye.yaw + bearing
        depth: Floats = cast_rays(home.opaque, *home.frame, eye.x, eye.y, angles, self._detector.range_max, NOBODY)
        return depth


def on_screen(x: float, y: float, pan_of_camera: Callable[[Scene], float]) -> Callable[[Scene], Mount]:
    """Return the mount of a camera that turns with the screen.

    Args:
        x: the screen's axis in the base frame, m.
        y: likewise.
        pan_of_camera: the pan by which its driver places what it sees, rad.
    """

    def mount(scene: Scene) -> Mount:
        return Mount(Pose(x, y, scene.pan), Pose(x, y, pan_of_camera(scene)))

    return mount
