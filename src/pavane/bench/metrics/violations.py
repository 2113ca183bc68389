"""Whether a drive kept what is promised by construction: the limits of plans and commands, and smooth joins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.plan import Plan
from pavane.drive_log import PlanRecord, Run
from pavane.motion.limits import bounds
from pavane.motion.model import Bounds

TINY = 1e-4  # m/s, rad/s, m/s^2, rad/s^2: the limits are float32 in the kernels
TINY_JERK = 2e-2  # m/s^3, rad/s^3: what TINY may come to over a tick
AT_REST = 1e-4  # m/s, rad/s
SEAM = 3e-3  # m/s, rad/s, m/s^2, rad/s^2 by which a plan may start off what it follows
STRAY = 0.05  # m by which a plan may start off the place that the plan before it predicted
AFTER = 3  # ticks after an emergency on which what it did to the speeds still shows
RECENT = 1.0  # s before a plan's start in which an emergency may have left more than comfort, or led off the plan
DRAWN_UP = 0.2  # s before a plan's start in which the guard must not have acted for it to know the commands
STEADY = 0.4  # s before a plan's start in which the guard must not have acted for the joins to be exact


@dataclass(frozen=True, slots=True)
class Violation:
    """One limit that was not kept.

    Args:
        kind: ``plan …``, ``command …`` or ``join …`` and the quantity.
        time: start of the plan, or the tick, s.
        excess: by how much at the worst, in the quantity's SI unit.
    """

    kind: str
    time: float
    excess: float


def find_violations(run: Run) -> tuple[Violation, ...]:
    """Return every limit that a drive broke: once for each plan and kind, each tick and kind, each join and kind."""
    return (*_plans(run), *_commands(run), *_joins(run))


# -- plans ----------------------------------------------------------------------------------------------------------


def _plans(run: Run) -> Iterator[Violation]:
    b, half_track = bounds(run.robot), 0.5 * run.robot.wheels.track_width
    for record in run.plans:
        shaken = _emergency(run, record, record.plan.start - RECENT, record.plan.start)
        yield from plan_violations(record.plan, b, half_track, shaken=shaken)


def plan_violations(plan: Plan, b: Bounds, half_track: float, *, shaken: bool) -> Iterator[Violation]:
    """Return every limit that a plan breaks.

    Args:
        plan: any.
        b: limits of the robot.
        half_track: half the distance between the wheels, m.
        shaken: an acceleration that is beyond its limit from the start on may fade: an emergency has left it.
    """
    for quantity, excess, tolerance in plan_excesses(plan, b, half_track):
        bad = excess > tolerance
        if shaken and "acceleration" in quantity:
            bad &= ~_returning(excess, tolerance)
        if bad.any():
            yield Violation(f"plan {quantity}", plan.start, float(excess[bad].max()))


def plan_excesses(plan: Plan, b: Bounds, half_track: float) -> Iterator[tuple[str, Floats, float]]:
    """What a plan's samples have beyond each limit, with the tolerance: quantity, (K,) or (K - 1,) excess, tolerance.

    Args:
        plan: any.
        b: limits of the robot.
        half_track: half the distance between the wheels, m.
    """
    yield "speed", beyond(plan.v, b.v_low, b.v_high), TINY
    yield "turning", beyond(plan.omega, -b.w_high, b.w_high), TINY
    yield "wheel speed", np.abs(plan.v) + half_track * np.abs(plan.omega) - b.wheel, TINY
    yield "acceleration", beyond(plan.a, b.a_low, b.a_high), TINY
    yield "turning acceleration", beyond(plan.alpha, -b.al_high, b.al_high), TINY
    yield "jerk", np.abs(np.diff(plan.a)) / plan.dt - b.jerk, TINY_JERK
    yield "jerk of turning", np.abs(np.diff(plan.alpha)) / plan.dt - b.jerk_w, TINY_JERK
    # speeds are the integrals of the accelerations: else the limits of those would say nothing
    yield "integral", np.abs(np.diff(plan.v) - 0.5 * plan.dt * (plan.a[:-1] + plan.a[1:])), TINY
    yield "integral of turning", np.abs(np.diff(plan.omega) - 0.5 * plan.dt * (plan.alpha[:-1] + plan.alpha[1:])), TINY
    yield "end", np.array([max(abs(plan.v[-1]), abs(plan.omega[-1]))]), AT_REST


def beyond(values: Floats, low: float, high: float) -> Floats:
    """By how much values lie outside an interval; negative inside."""
    outside: Floats = np.maximum(low - values, values - high)
    return outside


def _returning(excess: Floats, tolerance: float) -> Bools:
    """Return the samples from the start on that lie outside but no further than those before them."""
    still: Bools = np.logical_and.accumulate(excess > tolerance)
    nearer = np.diff(excess, prepend=excess[:1]) <= tolerance
    return still & np.logical_and.accumulate(nearer)


# -- commands -------------------------------------------------------------------------------------------------------


def _commands(run: Run) -> Iterator[Violation]:
    b, wheels, emergency = bounds(run.robot), run.robot.wheels, run.robot.emergency
    v, omega = run.commands.v, run.commands.omega
    shaken = run.commands.emergency.copy()
    for ticks in range(1, AFTER + 1):
        shaken[ticks:] |= run.commands.emergency[:-ticks]
    dt = np.diff(run.times, prepend=run.times[0] - np.median(np.diff(run.times)))
    a, alpha = np.diff(v, prepend=0.0) / dt, np.diff(omega, prepend=0.0) / dt  # it stood before the first tick
    jerk, jerk_w = np.abs(np.diff(a, prepend=0.0)) / dt - b.jerk, np.abs(np.diff(alpha, prepend=0.0)) / dt - b.jerk_w
    hard_a, hard_w = beyond(a, emergency.ax_min, -emergency.ax_min), np.abs(alpha) - emergency.az_max
    checks = (
        ("speed", beyond(v, b.v_low, b.v_high), TINY),
        ("turning", beyond(omega, -b.w_high, b.w_high), TINY),
        ("wheel speed", np.abs(v) + 0.5 * wheels.track_width * np.abs(omega) - wheels.speed_max, TINY),
        ("acceleration", np.where(shaken, hard_a, beyond(a, b.a_low, b.a_high)), TINY),
        ("turning acceleration", np.where(shaken, hard_w, np.abs(alpha) - b.al_high), TINY),
        ("jerk", np.where(shaken, 0.0, jerk), TINY_JERK),
        ("jerk of turning", np.where(shaken, 0.0, jerk_w), TINY_JERK),
    )
    for quantity, excess, tolerance in checks:
        for k in np.flatnonzero(excess > tolerance):
            yield Violation(f"command {quantity}", float(run.times[k]), float(excess[k]))


# -- joins ----------------------------------------------------------------------------------------------------------


def _joins(run: Run) -> Iterator[Violation]:
    for record in run.plans:
        seam = _seam(run, record)
        if seam > SEAM:
            yield Violation("join commands", record.plan.start, seam - SEAM)
    for before, after in zip(run.plans[:-1], run.plans[1:], strict=True):
        plan, scheduled = after.plan, before.plan.at(after.plan.start)
        if before.delay != after.delay:
            continue  # a new delay is being learned: plans are entered by up to 10 ms off
        if not _emergency(run, before, before.plan.start - RECENT, plan.start):
            away = float(np.hypot(plan.poses[0, 0] - scheduled.pose.x, plan.poses[0, 1] - scheduled.pose.y))
            if away > STRAY:
                yield Violation("join place", plan.start, away - STRAY)
        if not follows(run, before, plan.start):
            continue  # the commands had left that plan: the new one starts from the commands
        ours = (plan.v[0], plan.omega[0], plan.a[0], plan.alpha[0])
        theirs = (scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        names = ("speed", "turning", "acceleration", "turning acceleration")
        for name, one, other in zip(names, ours, theirs, strict=True):
            if abs(one - other) > SEAM:
                yield Violation(f"join {name}", plan.start, float(abs(one - other)) - SEAM)


def follows(run: Run, record: PlanRecord, until: float) -> bool:
    """Return whether the commands that act just before a moment are those of a plan, without the guard's doing."""
    plan, delay = record.plan, record.delay
    k = run.index(until - delay - 1e-6)
    if any(run.commands.reasons[run.index(until - STEADY - delay) : k + 1]):
        return False
    wanted = plan.at(run.times[k] + delay)
    return bool(max(abs(wanted.v - run.commands.v[k]), abs(wanted.omega - run.commands.omega[k])) < TINY)


def _seam(run: Run, record: PlanRecord) -> float:
    """How far the first command that a plan is followed with is from it, m/s or rad/s; 0 where the guard acted."""
    plan, delay = record.plan, record.delay
    k = int(np.searchsorted(run.times, plan.start - delay - 1e-9))
    if k >= len(run.times) or any(run.commands.reasons[run.index(plan.start - DRAWN_UP - delay) : k + 1]):
        return 0.0
    wanted = plan.at(run.times[k] + delay)
    return float(max(abs(wanted.v - run.commands.v[k]), abs(wanted.omega - run.commands.omega[k])))


def _emergency(run: Run, record: PlanRecord, since: float, until: float) -> bool:
    """Return whether an emergency was felt by the wheels between two moments, with the delay of a plan."""
    delay = record.delay
    return bool(run.commands.emergency[run.index(since - delay) : run.index(until - delay) + 1].any())
