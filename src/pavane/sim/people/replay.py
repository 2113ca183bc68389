"""People who walk as they were recorded and react to nobody.

Between the stamps a coordinate is a piecewise cubic with the slopes of Fritsch and Carlson, "Monotone piecewise cubic
interpolation", SIAM Journal on Numerical Analysis 17 (1980), in the form of Fritsch and Butland (1984), known as PCHIP:
it meets every stamp exactly, its speed is continuous, and it never leaves the interval between two neighbouring values.
A spline or Catmull-Rom curve is smoother and overshoots: people who stop would step back, and through walls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.errors import BadFile, BadSetting
from pavane.core.geometry import Pose
from pavane.sim.people.spec import RADII
from pavane.sim.people.tracks import RecordedTrack, read_tracks

TURNED = 0.1  # m/s below which a body does not turn to where it moves


class ReplaySpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The recorded people who walk in a scenario.

    Args:
        file: CSV of the tracks, beside the scenario or absolute.
        x: where the recording's origin lies in ``map``, m.
        y: likewise.
        yaw_deg: the recording is turned by this about its origin.
        delay: s added to the recording's stamps; negative starts in its midst.
        radius: of each body, m.
        people: only these ``ped_id``; empty: everybody.
    """

    file: str
    x: float = 0.0
    y: float = 0.0
    yaw_deg: float = 0.0
    delay: float = 0.0
    radius: float = 0.20
    people: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_radius(self.radius)

    def tracks(self, folder: Path) -> TrackReplay:
        """Read them.

        Args:
            folder: where ``file`` is looked for.

        Raises:
            BadFile: see :func:`read_tracks`; or somebody asked for is not in it.
        """
        tracks = read_tracks(folder / self.file)
        if self.people:
            known = {track.name: track for track in tracks}
            for name in self.people:
                if name not in known:
                    raise BadFile(f"nobody of this ped_id is in {self.file}", value=name)
            tracks = [known[name] for name in self.people]
        pose = Pose(self.x, self.y, math.radians(self.yaw_deg))
        return TrackReplay(tracks, radius=self.radius, map_from_tracks=pose, delay=self.delay)


class TrackReplay:
    """Bodies that move along tracks; each exists from its first stamp to its last.

    Args:
        tracks: of the bodies, in the recording's frame.
        radius: of each body, m.
        map_from_tracks: where the recording lies.
        delay: s added to the stamps.
        period: s after which a track starts again, with a jump if its ends differ; None: once only.
            One that ends sooner stays at its end until then.

    Raises:
        BadSetting: nobody, a track without stamps, or a period that ends before its track.
    """

    def __init__(
        self,
        tracks: Sequence[RecordedTrack],
        *,
        radius: float | Sequence[float] = 0.20,
        map_from_tracks: Pose | None = None,
        delay: float = 0.0,
        period: Sequence[float] | None = None,
    ) -> None:
        if not tracks or any(len(track.times) == 0 for track in tracks):
            raise BadSetting("a track has no stamps", limit="at least one for each body")
        self.names = tuple(track.name for track in tracks)
        self.radius: Floats = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(tracks)).copy()
        for value in self.radius:
            _check_radius(float(value))
        self._delay = delay
        lengths = np.array([len(track.times) for track in tracks])
        self._first: Ints = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)  # (N,) first knots
        self._last: Ints = np.cumsum(lengths).astype(np.int64) - 1
        self._times = np.concatenate([track.times for track in tracks])  # (K,) of all knots
        self._period = np.full(len(tracks), np.inf) if period is None else np.asarray(period, dtype=np.float64)
        spans = self._times[self._last] - self._times[self._first]
        if (self._period < spans).any() or not (self._period > 0.0).all():
            raise BadSetting("a track is longer than its period", value=float(spans.max()), limit="<= period, > 0 s")
        pose = Pose(0.0, 0.0, 0.0) if map_from_tracks is None else map_from_tracks
        # Slopes are taken in the recording's axes, then turned: PCHIP depends on them, a rigid transform must not.
        self._places = pose.transform(np.concatenate([track.places for track in tracks]))  # (K, 2) in map
        self._slopes = pose.rotate(np.concatenate([_slopes(track) for track in tracks]))  # (K, 2) m/s
        self._yaws = np.concatenate(
            [_yaws(self._slopes[a : b + 1]) for a, b in zip(self._first, self._last, strict=True)]
        )
        # Knots are numbered by (body, rank of the stamp): one exact search in whole numbers finds everybody's.
        self._stamps, rank = np.unique(self._times, return_inverse=True)
        self._keys: Ints = np.repeat(np.arange(len(tracks)), lengths) * (len(self._stamps) + 1) + rank

    def __len__(self) -> int:
        return len(self.names)

    @property
    def span(self) -> tuple[float, float]:
        """First and last time, s, at which somebody is there; tracks that repeat have no last."""
        last = np.inf if np.isfinite(self._period).any() else float(self._times.max()) + self._delay
        return float(self._times.min()) + self._delay, last

    @property
    def detectable(self) -> Bools:
        """(N,) all True: a person detector makes them out."""
        return np.ones(len(self), dtype=np.bool_)

    def states(self, time: float) -> Floats:
        """Return x, y, yaw, vx, vy, radius (N, 6) in ``map`` at a time, s; NaN for those who are not there."""
        start, end = self._times[self._first], self._times[self._last]
        repeats = np.isfinite(self._period)
        since = time - self._delay - start
        own = np.where(repeats, start + np.mod(since, np.where(repeats, self._period, 1.0)), time - self._delay)
        there = (repeats & (since >= 0.0)) | (~repeats & (own >= start) & (own <= end))
        return self._at(np.clip(own, start, end), there, rests=own > end)

    def over(self, times: Floats) -> Floats:
        """Return ``states`` at each of times (T,), s: (T, N, 6)."""
        return np.array([self.states(float(time)) for time in times]).reshape(-1, len(self), 6)

    def _at(self, own: Floats, there: Bools, rests: Bools) -> Floats:
        """Return the states at each body's own time.

        Args:
            own: (N,) times that lie on the tracks, s.
            there: (N,) which of them are there.
            rests: (N,) which of them stand at the end of their track.
        """
        rank = np.searchsorted(self._stamps, own, side="right")
        key = np.arange(len(self)) * (len(self._stamps) + 1) + rank
        knot = np.searchsorted(self._keys, key, side="left") - 1
        knot = np.minimum(knot, np.maximum(self._last - 1, self._first))
        after = np.minimum(knot + 1, self._last)
        step = self._times[after] - self._times[knot]
        width = np.where(step > 0.0, step, 1.0)
        s = ((own - self._times[knot]) / width)[:, None]
        width = width[:, None]
        y0, y1, m0, m1 = self._places[knot], self._places[after], self._slopes[knot], self._slopes[after]
        rise = y1 - y0
        # Hermite's cubic written from its nearer end, so that both ends are met to the bit
        left = y0 + s * (width * m0 + s * (3.0 * rise - width * (2.0 * m0 + m1) + s * (width * (m0 + m1) - 2.0 * rise)))
        place = np.where(s >= 1.0, y1, left)
        velocity = m0 + s * (6.0 * rise / width - 4.0 * m0 - 2.0 * m1 + 3.0 * s * (m0 + m1 - 2.0 * rise / width))
        velocity[rests] = 0.0
        turn = np.remainder(self._yaws[after] - self._yaws[knot] + np.pi, 2.0 * np.pi) - np.pi
        yaw = np.remainder(self._yaws[knot] + s[:, 0] * turn + np.pi, 2.0 * np.pi) - np.pi
        states = np.column_stack([place, yaw, velocity, self.radius])
        states[~there] = np.nan
        return states


def _slopes(track: RecordedTrack) -> Floats:
    """Return the slopes (K, 2) of PCHIP at the stamps, m/s; at rest at a single one."""
    times, places = track.times, track.places
    if len(times) < 2:
        return np.zeros_like(places)
    step = np.diff(times)[:, None]
    secant = np.diff(places, axis=0) / step
    if len(times) == 2:
        return np.repeat(secant, 2, axis=0)
    slopes = np.zeros_like(places)
    before, after = secant[:-1], secant[1:]
    w0, w1 = 2.0 * step[1:] + step[:-1], step[1:] + 2.0 * step[:-1]
    same = before * after > 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w0 + w1) / (w0 / before + w1 / after)
    slopes[1:-1] = np.where(same, mean, 0.0)
    slopes[0] = _end_slope(secant[0], secant[1], step[0], step[1])
    slopes[-1] = _end_slope(secant[-1], secant[-2], step[-1], step[-2])
    return slopes


def _end_slope(near: Floats, next_: Floats, near_step: Floats, next_step: Floats) -> Floats:
    """Return the slope (2,) at an end, m/s: one-sided with three points, cut where that would leave the interval.

    Args:
        near: (2,) secant of the interval at the end, m/s.
        next_: (2,) secant of the interval beside it, m/s.
        near_step: length of the first, s.
        next_step: length of the second, s.
    """
    slope = ((2.0 * near_step + next_step) * near - near_step * next_) / (near_step + next_step)
    slope = np.where(slope * near <= 0.0, 0.0, slope)
    over = (near * next_ <= 0.0) & (np.abs(slope) > 3.0 * np.abs(near))
    cut: Floats = np.where(over, 3.0 * near, slope)
    return cut


def _yaws(velocities: Floats) -> Floats:
    """Return the headings (K,) rad at the stamps: where a body moves, or last moved when it stands."""
    moves = np.hypot(velocities[:, 0], velocities[:, 1]) > TURNED
    if not moves.any():
        return np.zeros(len(velocities))
    last = np.maximum.accumulate(np.where(moves, np.arange(len(moves)), -1))
    last[last < 0] = np.argmax(moves)
    courses = np.arctan2(velocities[:, 1], velocities[:, 0])
    yaws: Floats = courses[last]
    return yaws


def _check_radius(radius: float) -> None:
    """Refuse a radius that no body has, m."""
    if not RADII[0] <= radius <= RADII[1]:
        raise BadSetting("a person's radius is out of range", value=radius, limit=f"{RADII[0]} to {RADII[1]} m")
