"""Which contacts could have been avoided, by a stated family of manoeuvres and with what the robot had been told.

The family is bang-bang: brake; brake and turn; speed up to ``vx_max``, straight or turning; back off, which brakes to
rest and reverses, straight or turning. One is begun on some control tick between the first at which what was hit was in
data that the robot had *received* and the contact, at most ``LOOK_BACK`` before it. It moves the wheels after the dead
time, until when the robot moves as it did; speed and yaw rate follow with the profile's lag, no quicker than its
emergency limits and no faster than its wheels. At the time of the contact it gives way to braking to rest. It avoids
if nothing at all is touched until 1.5 s after the contact, people moving as they did: who walks into the standing
robot counts, and whoever is recorded no longer stands where they were last. Walls are those of the end of the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pavane.bench.metrics.evasive_manoeuvres import FAMILY, ManoeuvrePaths, roll
from pavane.bench.metrics.first_detection import first_known
from pavane.core.arrays import Floats, Ints
from pavane.drive_log import ContactRecord, Run
from pavane.numerics.distance import clearance
from pavane.numerics.overlap import cell_clearance

LOOK_BACK = 3.0  # s before the contact
REACH = 0.5  # m, the largest margin that is told apart
FINE = 1e-4  # m, the smallest
FAR = (1e6, 1e6)  # m


@dataclass(frozen=True, slots=True)
class Avoidance:
    """Whether a contact could have been avoided.

    Args:
        avoidable: by some manoeuvre of the family.
        first_known: s before the contact at which the robot first had data of what it touched; inf if it never had.
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


def avoidable(run: Run) -> tuple[Avoidance, ...]:
    """Return each contact of a drive, in order."""
    return tuple(judge_contact(run, contact) for contact in run.contacts)


def judge_contact(run: Run, contact: ContactRecord) -> Avoidance:
    """Return whether a contact could have been avoided."""
    known = first_known(run, contact)
    if known >= contact.time:
        return Avoidance(False, math.inf, why="never sensed")
    ago = contact.time - known
    begins, starts = _moments(run, known, contact.time)
    if len(begins) == 0:
        return Avoidance(False, ago, why="sensed too late for any control to take effect")
    family = [m for m in FAMILY if m.v >= 0.0 or run.robot.limits.vx_min < 0.0]
    margins = _margins(run, roll(run, family, starts, run.index(contact.time)))
    best = int(np.argmax(margins))
    if not margins[best] > 0.0:
        return Avoidance(False, ago, why="no manoeuvre avoids it")
    name = family[best // len(begins)].name
    began = contact.time - float(run.times[begins[best % len(begins)]])
    return Avoidance(True, ago, name, began, float(margins[best]), f"{name}, begun {began:.2f} s before")


def _moments(run: Run, known: float, contact: float) -> tuple[Ints, Ints]:
    """Ticks (B,) at which a manoeuvre may begin, the latest first, and those at which it moves the wheels.

    These lie before the contact: at its own tick a robot that a wall stopped already stands.
    """
    times, dead = run.times, run.robot.latency.actuation
    since = max(known, contact - LOOK_BACK)
    begins = np.flatnonzero((times >= since - 1e-9) & (times < contact))[::-1]
    starts = np.searchsorted(times, times[begins] + dead - 1e-9)
    before = starts <= np.searchsorted(times, contact - 1e-9) - 1
    return begins[before], starts[before]


def _margins(run: Run, ways: ManoeuvrePaths) -> Floats:
    """Least gaps (N,) of the ways from anything, m, at most ``REACH``; exact where one is the largest of all.

    A way that is no more than ``FINE`` better than another, or than none, is not looked at further.
    """
    margins = _disc_margins(run, ways)
    lower, upper = _wall_bounds(run, ways)
    hopes = np.minimum(margins, upper.min(axis=1))
    out, best = np.zeros(len(margins)), 0.0
    for i in np.argsort(-hopes, kind="stable"):
        if hopes[i] <= best + FINE:
            break
        poses = np.stack([ways.x[i], ways.y[i], ways.yaw[i]], axis=1)
        gap = _wall_margin(run, poses, lower[i], float(margins[i]), best + FINE)
        if gap > best + FINE:
            best = out[i] = gap
    return out


def _disc_margins(run: Run, ways: ManoeuvrePaths) -> Floats:
    """Return the least gaps (N,) from people and low things, m, at most ``REACH``."""
    margins = np.full(len(ways.x), REACH)
    box = (ways.x.min(), ways.y.min()), (ways.x.max(), ways.y.max())
    first, last = np.minimum([ways.ticks.min(), ways.ticks.max()], len(run.times) - 1)
    for disc in _discs(run):
        around = run.robot.shape.circumscribed_radius + REACH + disc[:, 2:]
        near = (disc[:, :2] + around > box[0]) & (disc[:, :2] - around < box[1])
        if near[first : last + 1].all(axis=1).any():
            np.minimum(margins, _gaps_from(run, ways, disc), out=margins)
    return margins


def _discs(run: Run) -> Iterator[Floats]:
    """(T, 3) x, y, radius of each person and of each low thing; a person who is not there is far away."""
    people = np.where(np.isfinite(run.people), run.people, [*FAR, 0.0, 0.0, 0.0, 0.0])
    yield from (people[:, i, [0, 1, 5]] for i in range(people.shape[1]))
    yield from (np.tile(row[:3], (len(run.times), 1)) for row in run.low)


def _gaps_from(run: Run, ways: ManoeuvrePaths, disc: Floats) -> Floats:
    """Return the least gaps (N,) from one disc (T, 3), m, at most ``REACH``."""
    shape, ticks = run.robot.shape, np.minimum(ways.ticks, len(disc) - 1)
    x, y, radius = (np.ascontiguousarray(column)[ticks] for column in disc.T)
    dx, dy = x - ways.x, y - ways.y
    away = np.sqrt(dx * dx + dy * dy) - radius
    margins: Floats = np.minimum(away.min(axis=1) - shape.inscribed_radius, REACH)
    rows, columns = np.nonzero(away - shape.circumscribed_radius < margins[:, None])  # none if the robot is round
    if len(rows):
        cosine, sine = np.cos(ways.yaw[rows, columns]), np.sin(ways.yaw[rows, columns])
        dx, dy = dx[rows, columns], dy[rows, columns]
        local = np.stack([cosine * dx + sine * dy, cosine * dy - sine * dx], axis=1)
        np.minimum.at(margins, rows, shape.signed_distance(local) - radius[rows, columns])
    return margins


def _wall_bounds(run: Run, ways: ManoeuvrePaths) -> tuple[Floats, Floats]:
    """Bounds (N, K) of the gaps from walls, m, by the distance at the centre of the cell in which the base is."""
    shape, grid, home = run.robot.shape, run.true_home.grid, run.true_home.solid
    cell, reach = grid.resolution, shape.circumscribed_radius + REACH
    column = np.floor((ways.x - grid.origin.x) / cell).astype(np.int64)
    row = np.floor((ways.y - grid.origin.y) / cell).astype(np.int64)
    around = math.ceil(reach / cell) + 2
    columns = np.arange(column.min() - around, column.max() + around + 1)
    rows = np.arange(row.min() - around, row.max() + around + 1)[:, None]
    on = (rows >= 0) & (rows < home.shape[0]) & (columns >= 0) & (columns < home.shape[1])
    near = home[np.clip(rows, 0, home.shape[0] - 1), np.clip(columns, 0, home.shape[1] - 1)]
    field = clearance(near | ~on, cell, reach + cell)  # what lies outside the map is solid
    room = field[row - rows[0], column - columns[0]].astype(np.float64)
    slack = cell / math.sqrt(2.0) + 1e-6
    return room - shape.circumscribed_radius - slack, room - shape.inscribed_radius + slack


def _wall_margin(run: Run, poses: Floats, lower: Floats, margin: float, enough: float) -> float:
    """The least gap of a way (K, 3) from walls, at most ``margin``; one of ``enough`` or less is not looked into."""
    home, shape = run.true_home, run.robot.shape
    solid, grid = np.ascontiguousarray(home.solid), home.grid
    frame = (grid.resolution, grid.origin.x, grid.origin.y)
    for k in np.argsort(lower, kind="stable"):
        if lower[k] >= margin or margin <= enough:
            break
        x, y, yaw = poses[k].tolist()
        gap = cell_clearance(shape.vertices, shape.radius, x, y, yaw, solid, *frame, margin)
        margin = min(margin, gap)
    return margin
