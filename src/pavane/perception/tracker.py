"""PeopleTracker: from detections without identity to tracked people, and tracked entities of other kinds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from pavane.core.arrays import Floats
from pavane.core.belief import ModeEstimate, Track
from pavane.core.entities import KINDS, KindCost
from pavane.core.geometry import Gaussian, Pose, wrap_angle
from pavane.core.messages import Detections, FieldOfView
from pavane.core.robot import Detector
from pavane.perception.imm import advance, begin, correct, together

GATE = 3.5  # standard deviations
# m^2/s by which the covariance of what stays grows: it may be pushed, and odometry drifts
PUSHED = np.diag([0.03**2, 0.03**2, 0.0, 0.0])
FORGET = 1.0  # s in view without a detection: they are gone
REMEMBER = 8.0  # s out of view: what moves is still somewhere there
REMEMBER_STILL = 120.0  # s, what does not move
EDGE = 0.1  # rad; so near to the edge of view nobody is missed with certainty
SLOWING = 1.5  # s, time constant with which somebody out of view is taken to slow down
LATE = 0.5  # s by which a frame may be older than the newest and still be taken in
GLANCE = 0.5  # s after a look for which its camera is taken to look there still
AHEAD = 1.0  # s for which it is noted how well a person was predicted
USUAL, USUAL_SHARE = 0.1, 0.12  # m, and m for each m/s: error of a coordinate that is usual then
PRIOR, RECENT = 2.0, 4.0  # s: how long the usual counts, and time constant with which errors are forgotten
WORST = 30.0  # times the usual squared error: more is no news


@dataclass(frozen=True, slots=True, eq=False)
class _Filter:
    identity: int
    mean: Floats  # (4,) x, y, vx, vy in odom
    covariance: Floats  # (4, 4)
    born: float
    detected: float
    kind: str = "person"
    missed: float = 0.0  # s in view since the last detection
    modes: ModeEstimate | None = None  # of what moves
    known: ModeEstimate | None = None  # as it was at the newest detection
    past: tuple[tuple[float, Floats], ...] = ()  # stamps and means of the last second's detections
    errors: tuple[float, float] = (PRIOR, PRIOR)  # squared errors against the usual ones, and their number, both in s


@dataclass(frozen=True, slots=True)
class _Look:
    """What one camera had in view at its newest frame."""

    stamp: float
    view: FieldOfView | None  # None: everything
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
    """Filters of people who stand, go on or change (``perception.imm``), assigned to detections by least distance.

    The assignment has the least total Mahalanobis distance. A person who leaves the view of every camera is remembered
    for a while where they were last; one who should be in view and is not seen is soon forgotten: sooner where two
    cameras look. A frame that comes late, from a slower camera, is put in its
    place and the frames after it are worked through again; the tracks are then those of frames in order.

    Args:
        detector: field of view and range of frames that do not state their own; None if such frames show everything.
        kinds: of entities that may be detected.
    """

    def __init__(self, detector: Detector | None, kinds: Mapping[str, KindCost] = KINDS) -> None:
        view = None if detector is None else FieldOfView(Pose(0.0, 0.0), detector.field_of_view, detector.range_max)
        self._default_view, self._kinds = view, kinds
        self._before = _State()  # before the first frame that is kept
        self._frames: list[_Frame] = []  # of the last LATE seconds, in order
        self._states: list[_State] = []  # after each of them
        self._next = 1

    @property
    def stamp(self) -> float:
        """Stamp of the newest frame, s: the tracks are of this time; -inf before the first."""
        return (self._states[-1] if self._states else self._before).stamp

    def update(self, detections: Detections, odom_from_base: Pose) -> tuple[Track, ...]:
        """Take in one frame of a detector, seen from ``odom_from_base``; return the tracks at the newest frame's stamp.

        A frame that is more than ``LATE`` older than the newest changes nothing.
        """
        if detections.stamp >= self.stamp - LATE:
            self._insert(_Frame(detections, odom_from_base))
        return self._tracks()

    def _insert(self, frame: _Frame) -> None:
        """Put a frame in its place, and work through it and those after it."""
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
                f.known,
                stamp - f.detected,
            )
            for f in filters
        )

    def _advance(self, state: _State, frame: _Frame) -> _State:
        """Return the state after a frame that is not older than it."""
        stamp = frame.stamp
        look = _Look(stamp, frame.detections.view or self._default_view, frame.odom_from_base)
        looks = {**state.looks, frame.camera: look}
        since, dt = state.looks.get(frame.camera, look).stamp, stamp - state.stamp
        filters = [_wait(f, look, looks.values(), since, dt) for f in self._predict(state.filters, dt)]
        kinds = frame.detections.kinds or ("person",) * len(frame.detections.positions)
        points = frame.odom_from_base.transform(frame.detections.positions)  # (N, 2)
        noise = max(frame.detections.position_std, 0.02) ** 2  # m^2, of a coordinate
        free = set(range(len(points)))
        if filters and len(points):
            costs = _distances(filters, points, kinds, noise)
            pairs = zip(*linear_sum_assignment(np.minimum(costs, GATE)), strict=True)
            found = {int(i): int(j) for i, j in pairs if costs[i, j] < GATE}
            free -= set(found.values())
            for i, j in found.items():
                filters[i] = _correct(filters[i], points[j], noise, stamp)
        for new in sorted(free):
            modes = begin(points[new], noise) if self._kinds[kinds[new]].moves else None
            mean, covariance = np.append(points[new], (0.0, 0.0)), np.diag([noise, noise, 0.0, 0.0])
            if modes is not None:
                mean, covariance = together(modes)
            number = self._number(frame, new)
            filters.append(
                _Filter(
                    number,
                    mean,
                    covariance,
                    stamp,
                    stamp,
                    kinds[new],
                    modes=modes,
                    known=modes,
                    past=((stamp, mean),),
                )
            )
        kept = tuple(f for f in filters if f.missed < FORGET and stamp - f.detected < self.memory(f.kind))
        return _State(stamp, kept, looks)

    def memory(self, kind: str) -> float:
        """Return how long an entity of a kind is remembered out of view, s."""
        return REMEMBER if self._kinds[kind].moves else REMEMBER_STILL

    def _predict(self, filters: Sequence[_Filter], dt: float) -> list[_Filter]:
        """Return the filters ``dt`` seconds on."""
        if dt <= 0.0 or not filters:
            return list(filters)
        out = []
        for f in filters:
            if f.modes is None:
                out.append(replace(f, covariance=f.covariance + dt * PUSHED))
            else:
                modes = advance(f.modes, dt)
                mean, covariance = together(modes)
                out.append(replace(f, mean=mean, covariance=covariance, modes=modes))
        return out

    def _number(self, frame: _Frame, detection: int) -> int:
        """Return the identity that begins with a detection: the same when the frame is worked through again."""
        if detection not in frame.numbers:
            frame.numbers[detection] = self._next
            self._next += 1
        return frame.numbers[detection]


def _wait(f: _Filter, look: _Look, looks: Iterable[_Look], since: float, dt: float) -> _Filter:
    """Count how long a person was looked for in vain, or slow them down where no camera looks.

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
    slower = np.array([1.0, 1.0, math.exp(-dt / SLOWING), math.exp(-dt / SLOWING)])
    modes = None if f.modes is None else replace(f.modes, means=f.modes.means * slower)
    return replace(f, mean=f.mean * slower, modes=modes)


def _in_view(f: _Filter, look: _Look) -> bool:
    """Return whether a camera that looks so would surely show the place where a filter is."""
    if look.view is None:
        return True
    camera = look.odom_from_base @ look.view.mount
    x, y = float(f.mean[0]) - camera.x, float(f.mean[1]) - camera.y
    bearing = wrap_angle(math.atan2(y, x) - camera.yaw)
    return math.hypot(x, y) < look.view.range_max and abs(bearing) < 0.5 * look.view.field_of_view - EDGE


def _distances(filters: Sequence[_Filter], points: Floats, kinds: Sequence[str], noise: float) -> Floats:
    """Return the Mahalanobis distances (F, N) of points from filters; inf where their kinds differ.

    Args:
        filters: F of them.
        points: (N, 2) detections in ``odom``, m.
        kinds: N of them.
        noise: variance of a coordinate of a detection, m^2.
    """
    off = points - np.array([f.mean[:2] for f in filters])[:, None]
    total = np.array([f.covariance[0, 0] for f in filters]) + noise
    same = np.array([[f.kind == kind for kind in kinds] for f in filters])
    distances: Floats = np.where(same, np.sqrt((off * off).sum(-1) / total[:, None]), np.inf)
    return distances


def _correct(f: _Filter, point: Floats, noise: float, stamp: float) -> _Filter:
    """Return a filter after a detection.

    Args:
        f: predicted to its stamp.
        point: (2,) in ``odom``, m.
        noise: variance of a coordinate, m^2.
        stamp: s.
    """
    if f.modes is None:
        share = f.covariance[0, 0] / (f.covariance[0, 0] + noise)
        mean = np.append(f.mean[:2] + share * (point - f.mean[:2]), (0.0, 0.0))
        return replace(f, mean=mean, covariance=f.covariance * (1.0 - share), detected=stamp, missed=0.0)
    modes = correct(f.modes, point, noise)
    mean, covariance = together(modes)
    past, errors = (*f.past, (stamp, mean)), _compare(f, mean, stamp)
    while len(past) > 1 and past[1][0] <= stamp - AHEAD + 1e-6:
        past = past[1:]
    modes = replace(modes, innovation=0.5 * math.log(errors[0] / errors[1]))
    return replace(
        f, mean=mean, covariance=covariance, detected=stamp, missed=0.0, modes=modes, known=modes, past=past,
        errors=errors,
    )  # fmt: skip


def _compare(f: _Filter, mean: Floats, stamp: float) -> tuple[float, float]:
    """Return a filter's errors when it turns out where a person is, against where they were predicted to be by now."""
    before, then = f.past[0]
    if before > stamp - AHEAD + 1e-6:
        return f.errors
    since = stamp - f.past[-1][0]
    off = mean[:2] - then[:2] - then[2:] * (stamp - before)
    usual = (USUAL**2 + (USUAL_SHARE * math.hypot(then[2], then[3])) ** 2) * ((stamp - before) / AHEAD) ** 2
    error, kept = min(0.5 * float(off @ off) / usual, WORST), math.exp(-since / RECENT)
    return PRIOR + (f.errors[0] - PRIOR) * kept + since * error, PRIOR + (f.errors[1] - PRIOR) * kept + since
