"""describe: a source in words: its name, where it is seen from the robot, and how it moves."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose, cover, wrap_angle
from pavane.explain.circumstances import Circumstances, static_clearance
from pavane.explain.guard_cause import gap
from pavane.explain.sources import MOVING_KINDS, Source
from pavane.planning.global_planner import descend

STANDS = 0.2  # m/s; a person who is slower stands
CLOSE = 0.03  # m; nearer than that is close by
OLD = 0.6  # s since somebody was detected that is worth a word
LOOK_AHEAD = 1.5  # m along the route to where its bend is told


def describe(source: Source, around: Circumstances) -> str:
    """Return a source in words: its name, where it is seen from the robot, and how it moves."""
    if source.place is None:
        if source.kind == "wall":
            return _walls(around)
        if source.kind == "way":
            return _bend(around)
        return source.name
    here = around.here
    place = np.array(source.place)
    if source.kind == "goal":
        return f"{source.name} is {here.distance(Pose(*source.place)):.2f} m {bearing(here, place)}"
    air = max(gap(around.moment.robot, here, place) - _radius(source, around), 0.0)
    near = f"{air:.2f} m" if air >= CLOSE else "close by"
    text = f"{source.name}, {near} {bearing(here, place)}"
    if source.kind in MOVING_KINDS:
        text = f"{text}, {_walk(source, here)}"
        if source.age > OLD:
            text = f"{text}, last seen {source.age:.1f} s ago"
    return text


def bearing(here: Pose, place: Floats) -> str:
    """Return in words where a place (2,) is, seen from the robot; both in ``map``."""
    x, y = here.inverse().transform(place[None])[0]
    angle = math.degrees(math.atan2(y, x))
    side = "left" if angle > 0 else "right"
    size = abs(angle)
    if size < 15:
        return "ahead"
    if size < 60:
        return f"ahead on the {side}"
    if size < 120:
        return f"on the {side}"
    return f"behind on the {side}" if size < 165 else "behind"


def _radius(source: Source, around: Circumstances) -> float:
    """Return the radius of a source that is a track, m; 0 of any other."""
    return next((t.radius for t in around.belief.tracks if t.identity == source.number and t.kind == source.kind), 0.0)


def _walk(source: Source, here: Pose) -> str:
    """Return in words how something that can move does so, seen from the robot."""
    u, v = source.velocity
    speed = math.hypot(u, v)
    if speed < STANDS or source.place is None:
        return "who stands" if source.kind == "person" else "at rest"
    dx, dy = source.place[0] - here.x, source.place[1] - here.y
    r = max(math.hypot(dx, dy), 1e-6)
    nearing = -(u * dx + v * dy) / r / speed
    how = "coming nearer" if nearing > 0.7 else "going away" if nearing < -0.7 else "crossing"
    return f"{how} at {speed:.1f} m/s"


def _walls(around: Circumstances) -> str:
    """Return in words how narrow mapped walls make the robot's way."""
    gap_now, place = _narrowest(around)
    return f"the walls, which leave {max(gap_now, 0.0):.2f} m of air on its way, {bearing(around.here, place)}"


def _narrowest(around: Circumstances) -> tuple[float, Floats]:
    """Return the least air between the plan and mapped walls, m, and the place (2,) in ``map`` of the wall there."""
    static, plan = static_clearance(around.moment.home), around.plan
    map_from_odom = around.belief.map_from_odom
    poses = [map_from_odom @ Pose(*row) for row in plan.poses[: round(3.0 / plan.dt) + 1 : 4].tolist()]
    discs = cover(around.moment.planner.shape)
    gaps = np.array([static.sample(p.transform(discs[:, :2]), outside=-0.5) - discs[:, 2] for p in poses])
    step, disc = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    middle = poses[step].transform(discs[disc, :2][None])[0]
    e = 0.5 * static.resolution
    beside = middle + e * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    right, left, up, down = static.sample(beside, outside=-0.5)
    slope = np.array([right - left, up - down])
    towards = -slope / max(float(np.hypot(*slope)), 1e-9)
    return float(gaps[step, disc]), middle + towards * (gaps[step, disc] + discs[disc, 2])


def _bend(around: Circumstances) -> str:
    """Return in words where the way to the goal leads."""
    turn = _turn_ahead(around)
    if turn is None or abs(turn) < math.radians(5):
        return "the way to the goal"
    return f"the way to the goal leads to the {'left' if turn > 0 else 'right'} by {abs(math.degrees(turn)):.0f}°"


def _turn_ahead(around: Circumstances) -> float | None:
    """Return by how much the route turns away from the robot's heading within ``LOOK_AHEAD``, rad; None without one."""
    guidance, here = around.belief.guidance, around.here
    path = None if guidance is None else descend(guidance.cost_to_go, here)
    if path is None or len(path) < 2:
        return None
    gone = np.cumsum(np.hypot(*np.diff(path, axis=0, prepend=path[:1]).T))
    x, y = path[min(int(np.searchsorted(gone, LOOK_AHEAD)), len(path) - 1)]
    return wrap_angle(math.atan2(y - here.y, x - here.x) - here.yaw)
