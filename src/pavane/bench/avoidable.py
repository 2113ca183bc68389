"""Which contacts could have been avoided, by a stated family of manoeuvres and with what the robot had been told.

The family is bang-bang, each manoeuvre with the emergency limits: brake; brake and turn; go on and turn; speed up,
straight or turning; back off, straight or turning. One is begun at some moment between the first at which what was hit
was in data that the robot had *received* and the contact, at most ``LOOK_BACK`` before it. It takes effect one dead
time and lag later; until then the robot moves as it did. It lasts until the time of the contact, then the robot brakes
to rest. It avoids if nothing is touched until ``AFTER`` s after the contact by anybody, the others moving as they did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pavane.arrays import Bools, Floats, Ints
from pavane.geometry import Pose
from pavane.kernels.overlap import cell_clearance
from pavane.kernels.raycast import in_sight
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.run import Contact, Run

LOOK_BACK = 3.0  # s before the contact
AFTER = 1.5  # s after it
EVERY = 0.1  # s between the moments at which a manoeuvre may begin
REACH = 0.5  # m, the largest margin that is told apart


class Manoeuvre(NamedTuple):
    """A bang-bang control: towards a speed and a yaw rate, as shares of the limits; None keeps what it was."""

    name: str
    v: float | None
    omega: float | None


FAMILY = (
    Manoeuvre("brake", 0.0, 0.0),
    *(Manoeuvre(f"brake, turn {share:+g}", 0.0, share) for share in (-1.0, -0.5, 0.5, 1.0)),
    *(Manoeuvre(f"go on, turn {share:+g}", None, share) for share in (-1.0, -0.5, -0.25, 0.25, 0.5, 1.0)),
    *(Manoeuvre(f"speed up, turn {share:+g}", 1.0, share) for share in (-0.5, -0.25, 0.0, 0.25, 0.5)),
    *(Manoeuvre(f"back off, turn {share:+g}", -1.0, share) for share in (-0.5, 0.0, 0.5)),
)


@dataclass(frozen=True, slots=True)
class Avoidance:
    """Whether a contact could have been avoided.

    Args:
        avoidable: by some manoeuvre of the family.
        first_known: s before the contact at which the robot first had data of what it touched; inf for what is on its
            map, negative infinity if it never had.
        by: the manoeuvre that keeps the largest margin; empty if none avoids.
        began: s before the contact at which that is begun.
        margin: its least gap from anything, m, at most 0.5.
        why: in words.
    """

    avoidable: bool
    first_known: float
    by: str = ""
    began: float = 0.0
    margin: float = 0.0
    why: str = ""


def judge_contacts(run: Run) -> tuple[Avoidance, ...]:
    """Each contact of a drive."""
    return tuple(judge_contact(run, contact) for contact in run.contacts)


def judge_contact(run: Run, contact: Contact) -> Avoidance:
    """Whether a contact could have been avoided."""
    known = first_known(run, contact)
    if known > contact.time:
        return Avoidance(False, -math.inf, why="never sensed")
    latency, dt = run.robot.latency, _tick(run)
    delay = latency.actuation + latency.actuation_lag
    first = run.index(max(known, contact.time - LOOK_BACK, run.times[0]))
    begins: Ints = np.arange(first, run.index(contact.time - delay) + 1, max(round(EVERY / dt), 1))
    ago = math.inf if known == -math.inf else contact.time - known
    if len(begins) == 0:
        return Avoidance(False, ago, why="sensed too late for any control to take effect")
    starts = begins + round(delay / dt)
    end = min(run.index(contact.time + AFTER), len(run.times) - 1)
    poses = _roll(run, starts, run.index(contact.time), end)  # (N, K, 3)
    margins = _margins(run, poses, int(starts[0]))
    best = int(np.argmax(margins))
    if margins[best] <= 0.0:
        return Avoidance(False, ago, why="no manoeuvre avoids it")
    manoeuvre, begin = FAMILY[best // len(starts)], int(begins[best % len(starts)])
    began = contact.time - float(run.times[begin])
    text = f"{manoeuvre.name}, begun {began:.1f} s before"
    return Avoidance(True, ago, manoeuvre.name, began, min(float(margins[best]), REACH), text)


def first_known(run: Run, contact: Contact) -> float:
    """When the robot first had data of what it touched, s: -inf for what is on its map, inf if never.

    People: the first arrival of a message that really shows them. What stands or lies about and is not on the map:
    the first tick at which the lidar had it in range, view and sight, and one scan latency; computed from the truth.
    """
    if contact.kind == "person":
        arrivals = run.sightings[run.sightings[:, 2] == contact.index, 0]
        return float(arrivals.min(initial=np.inf))
    pose = _pose(run, run.index(contact.time))
    if contact.kind == "thing" and contact.index < len(run.low):
        x, y, radius, within = run.low[contact.index].tolist()
        return _sighted(run, x, y, radius, within + radius)
    x, y = _touched(run.true_home, run, pose)
    column, row = run.home.grid.indices(np.array([[x, y]]))[0]
    rows, columns = run.home.solid.shape
    if not (0 <= row < rows and 0 <= column < columns) or run.home.solid[row, column]:
        return -math.inf
    return _sighted(run, x, y, 1.5 * run.home.grid.resolution, math.inf)


def _touched(home: OccupancyMap, run: Run, pose: Pose) -> tuple[float, float]:
    """Centre of the solid cell that is nearest to the outline."""
    rows, columns = np.nonzero(home.solid)
    centres = home.grid.centres(np.stack([columns, rows], axis=1))
    near = np.hypot(*(centres - (pose.x, pose.y)).T) < run.robot.shape.circumscribed_radius + 0.3
    if not near.any():
        return pose.x, pose.y
    gaps = run.robot.shape.signed_distance(pose.inverse().transform(centres[near]))
    x, y = centres[near][int(np.argmin(gaps))]
    return float(x), float(y)


def _sighted(run: Run, x: float, y: float, size: float, within: float) -> float:
    """When a scan that shows a place within ``size`` m of (x, y) has first arrived, s; inf if never."""
    lidar, home = run.robot.lidar, run.true_home
    grid, mount = home.grid, run.robot.lidar.mount
    solid = np.ascontiguousarray(home.solid)
    reach = min(lidar.range_max, within)
    for k in range(len(run.times)):
        eye = _pose(run, k) @ mount
        dx, dy = x - eye.x, y - eye.y
        away = math.hypot(dx, dy)
        if away > reach:
            continue
        bearing = math.remainder(math.atan2(dy, dx) - eye.yaw, 2.0 * math.pi)
        short = max(1.0 - size / max(away, 1e-9), 0.0)
        target = (eye.x + short * dx, eye.y + short * dy)
        frame = (grid.resolution, grid.origin.x, grid.origin.y)
        if abs(bearing) <= 0.5 * lidar.field_of_view and in_sight(solid, *frame, eye.x, eye.y, *target):
            return float(run.times[k]) + run.robot.latency.scan
    return math.inf


def _roll(run: Run, starts: Ints, contact: int, end: int) -> Floats:
    """Poses (N, K, 3) of every manoeuvre from each of the ticks (B,) at which it takes effect; K from the first on."""
    robot, dt = run.robot, _tick(run)
    limits, emergency, wheels = robot.limits, robot.emergency, robot.wheels
    begin = np.tile(starts, len(FAMILY))
    goals = [
        (_share(m.v, limits.vx_max, -limits.vx_min), _share(m.omega, limits.wz_max, limits.wz_max)) for m in FAMILY
    ]
    goal_v, goal_w = (np.repeat(np.array(column), len(starts)) for column in zip(*goals, strict=True))
    first = int(starts[0])
    v0, w0 = run.v[np.minimum(begin, end)], run.omega[np.minimum(begin, end)]
    goal_v, goal_w = np.where(np.isnan(goal_v), v0, goal_v), np.where(np.isnan(goal_w), w0, goal_w)
    x, y, yaw = (np.full(len(begin), run.poses[first, i]) for i in range(3))
    v, omega = np.full(len(begin), run.v[first]), np.full(len(begin), run.omega[first])
    out = np.empty((len(begin), end - first + 1, 3))
    out[:, 0] = np.stack([x, y, yaw], axis=1)
    for k in range(first, end):
        own = k >= begin
        braking = k >= contact
        want_v, want_w = np.where(braking, 0.0, goal_v), np.where(braking, 0.0, goal_w)
        new_v = v + np.clip(want_v - v, emergency.ax_min * dt, -emergency.ax_min * dt)
        new_w = omega + np.clip(want_w - omega, -emergency.az_max * dt, emergency.az_max * dt)
        most = np.maximum(wheels.speed_max - np.abs(new_v), 0.0) / (0.5 * wheels.track_width)
        new_w = np.clip(new_w, -most, most)
        middle = yaw + 0.25 * (omega + new_w) * dt
        x = np.where(own, x + 0.5 * (v + new_v) * dt * np.cos(middle), run.poses[k + 1, 0])
        y = np.where(own, y + 0.5 * (v + new_v) * dt * np.sin(middle), run.poses[k + 1, 1])
        yaw = np.where(own, yaw + 0.5 * (omega + new_w) * dt, run.poses[k + 1, 2])
        v, omega = np.where(own, new_v, run.v[k + 1]), np.where(own, new_w, run.omega[k + 1])
        out[:, k + 1 - first] = np.stack([x, y, yaw], axis=1)
    return out


def _share(share: float | None, ahead: float, back: float) -> float:
    if share is None:
        return math.nan
    return share * (ahead if share >= 0.0 else back)


def _margins(run: Run, poses: Floats, first: int) -> Floats:
    """Least gap (N,) of each way (N, K, 3) from people, low things and walls, m; at most ``REACH``."""
    ways, ticks = poses.shape[:2]
    people = run.people[first : first + ticks]
    discs = [people[:, i, [0, 1, 5]] for i in range(people.shape[1])]  # (K, 3) each
    discs += [np.tile(row[:3], (ticks, 1)) for row in run.low]
    margins = np.full(ways, REACH)
    shape, far = run.robot.shape, run.robot.shape.circumscribed_radius + REACH
    for disc in discs:
        offset = disc[None, :, :2] - poses[..., :2]  # (N, K, 2)
        with np.errstate(invalid="ignore"):
            near: Bools = np.hypot(offset[..., 0], offset[..., 1]) < far + disc[None, :, 2]  # False for nan
        rows, columns = np.nonzero(near)
        cosine, sine = np.cos(poses[rows, columns, 2]), np.sin(poses[rows, columns, 2])
        dx, dy = offset[rows, columns].T
        local = np.stack([cosine * dx + sine * dy, cosine * dy - sine * dx], axis=1)
        gaps = shape.signed_distance(local) - disc[columns, 2] if len(rows) else np.empty(0)
        np.minimum.at(margins, rows, gaps)
    return _wall_margins(run, poses, margins)


def _wall_margins(run: Run, poses: Floats, margins: Floats) -> Floats:
    """The margins (N,) with walls counted, exactly for the best way; others only until they are known to be worse."""
    home, shape = run.true_home, run.robot.shape
    grid, solid = home.grid, np.ascontiguousarray(home.solid)
    frame = (grid.resolution, grid.origin.x, grid.origin.y)
    room = clearance_grid(home).sample(poses[..., :2].reshape(-1, 2)).reshape(poses.shape[:2])
    room = room - shape.circumscribed_radius - grid.resolution
    out, best = margins.copy(), 0.0
    for i in np.flatnonzero(margins > 0.0):
        near = np.flatnonzero(room[i, ::2] < out[i]) * 2
        for k in near[np.argsort(room[i, near])]:  # the nearest first: it ends the search
            x, y, yaw = poses[i, k].tolist()
            gap = cell_clearance(shape.vertices, shape.radius, x, y, yaw, solid, *frame, REACH)
            out[i] = min(out[i], gap)
            if out[i] <= best:
                break
        best = max(best, float(out[i]))
    return out


def _tick(run: Run) -> float:
    return run.duration / max(len(run.times) - 1, 1)


def _pose(run: Run, k: int) -> Pose:
    x, y, yaw = run.poses[k].tolist()
    return Pose(x, y, yaw)
