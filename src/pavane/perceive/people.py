"""PeopleTracker: from detections without identity to tracked people, and tracked things of other kinds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from pavane.arrays import Floats
from pavane.belief import Track, walked_covariance
from pavane.entities import KINDS, Manner
from pavane.geometry import Gaussian, Pose
from pavane.messages import Detections, View
from pavane.robot import Detector

GATE = 3.5  # standard deviations
FIRST_SPEED_STD = 0.7  # m/s
PUSHED = 0.03  # m by which the place of what stays grows unsure in a second
FORGET = 1.0  # s in view without a detection: they are gone
REMEMBER = 8.0  # s out of view: who walks is still somewhere there
REMEMBER_STILL = 120.0  # s, what does not
EDGE = 0.1  # rad; so near to the edge of view nobody is missed with certainty
SLOWING = 1.5  # s, time constant with which somebody out of view is taken to slow down
LATE = 0.5  # s by which a frame may be older than the newest and still be taken in
GLANCE = 0.5  # s after a look for which its camera is taken to look there still


@dataclass(frozen=True, slots=True, eq=False)
class _Filter:
    identity: int
    mean: Floats  # (4,) x, y, vx, vy in odom
    covariance: Floats  # (4, 4)
    born: float
    detected: float
    kind: str = "person"
    missed: float = 0.0  # s in view since the last detection


@dataclass(frozen=True, slots=True)
class _Look:
    """What one camera had in view at its newest frame."""

    stamp: float
    view: View | None  # None: everything
    odom_from_base: Pose


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    detections: Detections
    odom_from_base: Pose
    numbers: dict[int, int] = field(default_factory=dict)  # detection -> identity that began with it

    @property
    def stamp(self) -> float:
        return self.detections.stamp

    @property
    def camera(self) -> tuple[float, float] | None:
        """Tells cameras apart: by where they are mounted."""
        view = self.detections.view
        return None if view is None else (view.mount.x, view.mount.y)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Everything that is known at the stamp of a frame."""

    stamp: float = -np.inf
    filters: tuple[_Filter, ...] = ()
    looks: dict[tuple[float, float] | None, _Look] = field(default_factory=dict)


class PeopleTracker:
    """Constant-velocity Kalman filters, assigned to detections by the least total Mahalanobis distance.

    Who leaves the view of every camera is remembered for a while where they were last; who should be in view and is not
    seen is soon forgotten: sooner where two cameras look. A frame that comes late, from a slower camera, is put in its
    place and the frames after it are worked through again; the tracks are then those of frames in order.

    Args:
        detector: field of view and range of frames that do not state their own; None if such frames show everything.
        kinds: of things that may be detected.
    """

    def __init__(self, detector: Detector | None, kinds: Mapping[str, Manner] = KINDS) -> None:
        view = None if detector is None else View(Pose(0.0, 0.0), detector.field_of_view, detector.range_max)
        self._default_view, self._kinds = view, kinds
        self._before = _State()  # before the first frame that is kept
        self._frames: list[_Frame] = []  # of the last LATE seconds, in order
        self._states: list[_State] = []  # after each of them
        self._next = 1

    @property
    def stamp(self) -> float:
        """Of the newest frame, s: the tracks are of this time; -inf before the first."""
        return (self._states[-1] if self._states else self._before).stamp

    def update(self, detections: Detections, odom_from_base: Pose) -> tuple[Track, ...]:
        """Take in one frame of a detector, seen from ``odom_from_base``; the tracks at the stamp of the newest frame.

        A frame that is more than ``LATE`` older than the newest changes nothing.
        """
        if detections.stamp >= self.stamp - LATE:
            self._insert(_Frame(detections, odom_from_base))
        return self._tracks()

    def _insert(self, frame: _Frame) -> None:
        place = bisect_right(self._frames, frame.stamp, key=lambda f: f.stamp)
        self._frames.insert(place, frame)
        del self._states[place:]
        state = self._states[-1] if self._states else self._before
        for f in self._frames[place:]:
            state = self._advance(state, f)
            self._states.append(state)
        while self._frames[0].stamp < state.stamp - LATE:
            self._before = self._states.pop(0)
            self._frames.pop(0)

    def _tracks(self) -> tuple[Track, ...]:
        stamp, filters = self._states[-1].stamp, self._states[-1].filters
        return tuple(
            Track(
                f.identity,
                Gaussian(f.mean.copy(), f.covariance.copy()),
                stamp - f.born,
                f.detected,
                self._kinds[f.kind].radius,
                f.kind,
            )
            for f in filters
        )

    def _advance(self, state: _State, frame: _Frame) -> _State:
        """The state after a frame that is not older than it."""
        stamp = frame.stamp
        look = _Look(stamp, frame.detections.view or self._default_view, frame.odom_from_base)
        looks = {**state.looks, frame.camera: look}
        since, dt = state.looks.get(frame.camera, look).stamp, stamp - state.stamp
        filters = [_wait(self._predict(f, dt), look, looks.values(), since, dt) for f in state.filters]
        kinds = frame.detections.kinds or ("person",) * len(frame.detections.positions)
        points = frame.odom_from_base.transform(frame.detections.positions)  # (N, 2)
        noise = np.eye(2) * max(frame.detections.position_std, 0.02) ** 2
        free = set(range(len(points)))
        if filters and len(points):
            costs = np.array(
                [
                    [_distance(f, p, noise) if f.kind == k else np.inf for p, k in zip(points, kinds, strict=True)]
                    for f in filters
                ]
            )
            for i, j in zip(*linear_sum_assignment(np.minimum(costs, GATE)), strict=True):
                if costs[i, j] < GATE:
                    filters[i] = _correct(filters[i], points[j], noise, stamp)
                    free.discard(int(j))
        for new in sorted(free):
            walks = FIRST_SPEED_STD**2 if self._kinds[kinds[new]].moves else 0.0
            covariance = np.diag([noise[0, 0], noise[1, 1], walks, walks])
            mean = np.array([points[new, 0], points[new, 1], 0.0, 0.0])
            filters.append(_Filter(self._number(frame, new), mean, covariance, stamp, stamp, kinds[new]))
        kept = tuple(f for f in filters if f.missed < FORGET and stamp - f.detected < self.memory(f.kind))
        return _State(stamp, kept, looks)

    def memory(self, kind: str) -> float:
        """How long something of a kind is remembered out of view, s."""
        return REMEMBER if self._kinds[kind].moves else REMEMBER_STILL

    def _predict(self, f: _Filter, dt: float) -> _Filter:
        if dt <= 0.0:
            return f
        if not self._kinds[f.kind].moves:  # it may be pushed, and odometry drifts
            return replace(f, covariance=f.covariance + np.diag([1.0, 1.0, 0.0, 0.0]) * PUSHED**2 * dt)
        mean = f.mean.copy()
        mean[:2] += mean[2:] * dt
        return replace(f, mean=mean, covariance=walked_covariance(f.covariance, dt))

    def _number(self, frame: _Frame, detection: int) -> int:
        """The identity that begins with a detection: the same when the frame is worked through again."""
        if detection not in frame.numbers:
            frame.numbers[detection] = self._next
            self._next += 1
        return frame.numbers[detection]


def _wait(f: _Filter, look: _Look, looks: Iterable[_Look], since: float, dt: float) -> _Filter:
    """Count how long somebody was looked for in vain, or slow them down where no camera looks.

    Args:
        f: predicted to the stamp of ``look``.
        look: the newest.
        looks: the newest of each camera.
        since: stamp of the look before of the same camera.
        dt: s since any frame.
    """
    if _in_view(f, look):
        return replace(f, missed=f.missed + min(look.stamp - since, look.stamp - f.detected))
    if any(look.stamp - other.stamp < GLANCE and _in_view(f, other) for other in looks):
        return f
    return replace(f, mean=f.mean * np.array([1.0, 1.0, np.exp(-dt / SLOWING), np.exp(-dt / SLOWING)]))


def _in_view(f: _Filter, look: _Look) -> bool:
    if look.view is None:
        return True
    odom_from_camera = look.odom_from_base @ look.view.mount
    x, y = odom_from_camera.inverse().transform(f.mean[None, :2])[0]
    near = float(np.hypot(x, y)) < look.view.range_max
    return near and abs(float(np.arctan2(y, x))) < 0.5 * look.view.field_of_view - EDGE


def _distance(f: _Filter, point: Floats, noise: Floats) -> float:
    offset = point - f.mean[:2]
    return float(np.sqrt(offset @ np.linalg.solve(f.covariance[:2, :2] + noise, offset)))


def _correct(f: _Filter, point: Floats, noise: Floats, stamp: float) -> _Filter:
    gain = f.covariance[:, :2] @ np.linalg.inv(f.covariance[:2, :2] + noise)
    mean = f.mean + gain @ (point - f.mean[:2])
    return replace(f, mean=mean, covariance=f.covariance - gain @ f.covariance[:2, :], detected=stamp, missed=0.0)
