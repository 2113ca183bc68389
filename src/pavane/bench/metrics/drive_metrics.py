"""What is measured of a drive, judged on the truth: every formula in one place, with where it comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import dropwhile

import numpy as np

from pavane.bench.metrics.avoidable_contacts import judge_contact
from pavane.bench.metrics.proximity import near_misses, person_gaps, times_to_collision, wall_clearance
from pavane.bench.metrics.smoothness import log_dimensionless_jerk, peak_deceleration, reversals, rms_jerk, sparc
from pavane.bench.metrics.violations import find_violations
from pavane.core.arrays import Bools
from pavane.drive_log import GoalRecord, Run

NEAR, TURNED = 0.10, math.radians(10.0)  # m and rad within which a goal counts as reached
STILL, STILL_TURN = 0.02, 0.05  # m/s, rad/s: slower is at rest
HALT = 0.3  # s at rest that make a halt


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a request ended.

    Args:
        reached: at rest within 0.10 m and 10 degrees of the goal.
        seconds: from the request to its end.
        error: distance from the goal, m.
        turn_error: difference of the headings, rad.
    """

    reached: bool
    seconds: float
    error: float
    turn_error: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """A whole drive in figures; distances to people are gaps between the outlines.

    Args:
        seconds: its duration.
        distance: length of the way driven, m.
        rms_jerk: root mean square of the true jerk along the way, m/s^3.
        rms_turn_jerk: the same of the yaw rate, rad/s^3.
        peak_deceleration: the hardest braking over 0.1 s, m/s^2.
        sparc: spectral arc length of the speed, smoother is nearer to 0.
        log_dimensionless_jerk: smoother is nearer to 0.
        path_irregularity: turning for each metre of the way, rad/m.
        heading_reversals: how often it turned back the other way, at more than 0.1 rad/s either way.
        direction_reversals: how often it went from ahead to back or the other way round, faster than 0.03 m/s.
        stops: halts of at least 0.3 s while a task was under way, after it had set out for it.
        stopped: time at rest while a task was under way, s.
        contacts: touches of any kind.
        contacts_by_robot: walls and things touched, and people run into at more than 0.05 m/s.
        contacts_avoidable: those among them that a stated family of manoeuvres would have avoided, with what the robot
            had been told; see :mod:`pavane.bench.metrics.avoidable_contacts`.
        near_misses: times that a gap below 0.15 m was still closing at more than 0.3 m/s, and no touch followed.
        person_distance: least gap to a person, m; inf without people.
        wall_clearance: least gap from walls, furniture and the unknown, m, at most 0.5.
        ttc_min: least time to collision with a person, as discs that keep their velocities, s; inf if never.
        ttc_below_1: time for which it was below one second, s.
        psc: personal space compliance: share of the time with every person at least 0.5 m away.
        intimate: share of the time with somebody within 0.45 m (Hall 1966).
        personal: the same within 1.2 m.
        social: the same within 3.6 m.
        intent_error: root mean square angle between the screen and where the robot is a second later, while it is more
            than 0.2 m away by then, rad.
        person_in_camera: share of the time with the nearest person in the screen's camera; 1 without people.
        guard_ticks: ticks on which the guard changed the command; the first, before anything is sensed, do not count.
        emergency_ticks: ticks on which it used the emergency limits.
        limit_violations: limits that plans, commands and joins did not keep; see :func:`violations`.
    """

    seconds: float
    distance: float
    rms_jerk: float
    rms_turn_jerk: float
    peak_deceleration: float
    sparc: float
    log_dimensionless_jerk: float
    path_irregularity: float
    heading_reversals: int
    direction_reversals: int
    stops: int
    stopped: float
    contacts: int
    contacts_by_robot: int
    contacts_avoidable: int
    near_misses: int
    person_distance: float
    wall_clearance: float
    ttc_min: float
    ttc_below_1: float
    psc: float
    intimate: float
    personal: float
    social: float
    intent_error: float
    person_in_camera: float
    guard_ticks: int
    emergency_ticks: int
    limit_violations: int

    @property
    def mean_speed(self) -> float:
        """m/s"""
        return self.distance / max(self.seconds, 1e-9)


def measure(run: Run) -> Metrics:
    """Return the figures of a drive."""
    gaps = person_gaps(run)
    nearest = gaps.min(axis=1, initial=np.inf)  # (T,)
    ttc = times_to_collision(run)
    yaw = np.unwrap(run.poses[:, 2])
    return Metrics(
        seconds=run.duration,
        distance=run.distance,
        rms_jerk=rms_jerk(run.times, run.v),
        rms_turn_jerk=rms_jerk(run.times, run.omega),
        peak_deceleration=peak_deceleration(run.times, run.v),
        sparc=sparc(run.times, run.v),
        log_dimensionless_jerk=log_dimensionless_jerk(run.times, run.v),
        path_irregularity=float(np.abs(np.diff(yaw)).sum()) / max(run.distance, 1e-9),
        heading_reversals=reversals(run.omega, 0.1),
        direction_reversals=reversals(run.v, 0.03),
        stops=stops(run),
        stopped=float((_at_rest(run) & _on_task(run)).mean()) * run.duration,
        contacts=len(run.contacts),
        contacts_by_robot=sum(c.caused_by_robot for c in run.contacts),
        contacts_avoidable=sum(judge_contact(run, c).avoidable for c in run.contacts if c.caused_by_robot),
        near_misses=near_misses(run, gaps),
        person_distance=float(nearest.min(initial=np.inf)),
        wall_clearance=wall_clearance(run),
        ttc_min=float(ttc.min(initial=np.inf)),
        ttc_below_1=float((ttc < 1.0).mean()) * run.duration,
        psc=float((nearest >= 0.5).mean()),
        intimate=float((nearest < 0.45).mean()),
        personal=float((nearest < 1.2).mean()),
        social=float((nearest < 3.6).mean()),
        intent_error=intent_error(run),
        person_in_camera=person_in_camera(run),
        guard_ticks=sum(bool(reason) for reason in dropwhile(bool, run.commands.reasons)),
        emergency_ticks=int(run.commands.emergency.sum()),
        limit_violations=violations(run),
    )


def violations(run: Run) -> int:
    """Return how often plans, commands and joins broke a limit; ``violations.find_violations`` says which."""
    return len(find_violations(run))


def arrival(run: Run, goal: GoalRecord, *, match_heading: bool = True) -> Arrival:
    """Judge one request of a drive by where the robot really was when it ended."""
    k = run.index(goal.ended)
    x, y, yaw = run.poses[k]
    error = math.hypot(goal.pose.x - x, goal.pose.y - y)
    turn_error = abs(math.remainder(goal.pose.yaw - yaw, 2.0 * math.pi))
    rest = abs(run.v[k]) < STILL and abs(run.omega[k]) < STILL_TURN
    reached = bool(rest and error <= NEAR and (turn_error <= TURNED or not match_heading))
    return Arrival(reached, goal.ended - goal.requested, error, turn_error)


def stops(run: Run) -> int:
    """Halts of at least ``HALT`` s while a task was under way and after the robot had set out for it."""
    rest, count = _at_rest(run), 0
    for goal in run.goals:
        first, last = run.index(goal.requested), run.index(goal.ended)
        moving = np.flatnonzero(~rest[first : last + 1])
        if len(moving) == 0:
            continue
        under_way = rest[first + moving[0] : first + moving[-1] + 1].astype(np.int8)  # from its start to its last move
        edges = np.flatnonzero(np.diff(np.concatenate([[0], under_way, [0]])))
        dt = run.duration / max(len(run.times) - 1, 1)
        count += int(((edges[1::2] - edges[::2]) * dt >= HALT - 1e-9).sum())
    return count


def intent_error(run: Run, ahead: float = 1.0, least: float = 0.2) -> float:
    """Root mean square angle, rad, between the screen and the direction to where the robot is ``ahead`` s later.

    Only moments count after which it is more than ``least`` m away; 0 if there are none.
    """
    later = np.searchsorted(run.times, run.times + ahead - 1e-9)
    inside = later < len(run.times)
    step = run.poses[np.minimum(later, len(run.times) - 1), :2] - run.poses[:, :2]
    counts = inside & (np.hypot(*step.T) > least)
    if not counts.any():
        return 0.0
    look = run.poses[:, 2] + run.pan
    error = np.arctan2(step[:, 1], step[:, 0]) - look
    error = np.remainder(error[counts] + np.pi, 2.0 * np.pi) - np.pi
    return float(np.sqrt(np.mean(error**2)))


def person_in_camera(run: Run) -> float:
    """Return the share of the time with the nearest person inside the angle of the screen's camera; 1 without people.

    Without a screen the camera is the base's detector.
    """
    if run.people.shape[1] == 0:
        return 1.0
    screen, detector = run.robot.screen, run.robot.detector
    if screen is not None:
        half, pan, mount = math.radians(screen.camera_field_of_view_deg) / 2.0, run.pan, (screen.x, screen.y)
    elif detector is not None:
        half, pan, mount = detector.field_of_view / 2.0, np.zeros_like(run.pan), (0.0, 0.0)
    else:
        return 0.0
    cosine, sine = np.cos(run.poses[:, 2]), np.sin(run.poses[:, 2])
    eye_x = run.poses[:, 0] + cosine * mount[0] - sine * mount[1]
    eye_y = run.poses[:, 1] + sine * mount[0] + cosine * mount[1]
    dx, dy = run.people[..., 0] - eye_x[:, None], run.people[..., 1] - eye_y[:, None]
    away = np.where(np.isfinite(dx), np.hypot(dx, dy), np.inf)
    nearest = away.argmin(axis=1)
    rows = np.arange(len(run.times))
    there = np.isfinite(away[rows, nearest])
    if not there.any():
        return 1.0
    bearing = np.arctan2(dy[rows, nearest], dx[rows, nearest]) - run.poses[:, 2] - pan
    bearing = np.abs(np.remainder(bearing + np.pi, 2.0 * np.pi) - np.pi)
    return float((bearing[there] < half).mean())


def spl(reached: bool, shortest: float, driven: float) -> float:
    """Success weighted by path length, m: reached * shortest / max(shortest, driven). Anderson et al. 2018."""
    return float(reached) * max(shortest, 1e-9) / max(shortest, driven, 1e-9)


def barn_score(reached: bool, path_length: float, seconds: float) -> float:
    """BARN score: reached * OT / clip(AT, 2 OT, 8 OT), OT = path length / (2 m/s). Xiao et al. 2022."""
    optimal = max(path_length / 2.0, 1e-9)
    return float(reached) * optimal / min(max(seconds, 2.0 * optimal), 8.0 * optimal)


def _at_rest(run: Run) -> Bools:
    rest: Bools = (np.abs(run.v) < STILL) & (np.abs(run.omega) < STILL_TURN)
    return rest


def _on_task(run: Run) -> Bools:
    """(T,) whether a task was under way."""
    on = np.zeros(len(run.times), dtype=np.bool_)
    for goal in run.goals:
        on |= (run.times >= goal.requested) & (run.times < goal.ended)
    return on
