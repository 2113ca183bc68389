"""Frame: one moment of a live drive as plain values, everything in ``map``: what a page draws."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.core.arrays import Bools, Floats, Floats32
from pavane.drive_log import ContactRecord


@dataclass(frozen=True, slots=True, eq=False)
class PersonForecast:
    """Somebody as the robot knows them, and what it thinks they may do, from the plan's effect time on.

    Args:
        identity: number of the track; it never comes again.
        kind: one of ``entities.KINDS``, mostly ``person``.
        place: (2,) believed place at the effect time, m.
        velocity: (2,) m/s.
        radius: of the body, m.
        unseen: since they were detected last, s.
        weights: (M,) probabilities of the hypotheses, the likeliest first.
        places: (M, K, 2) where each hypothesis has them at the ``times`` of the fan, m.
        sigma: (M, K) standard deviation of each coordinate, m.
    """

    identity: int
    kind: str
    place: Floats
    velocity: Floats
    radius: float
    unseen: float
    weights: Floats
    places: Floats
    sigma: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """One planning cycle: all that was weighed, what was chosen, and what it was chosen for. A new object ten times
    a second: whoever has drawn one need not draw it again.

    Args:
        number: counts the plans of the drive, from 1.
        time: effect time, at which the plan begins to move the wheels, s.
        effect: (3,) x, y, yaw of the robot at that time: the present, fast-forwarded.
        curves: (N, K, 2) float32 the candidates over 3 s, m; the seeds, then what the best of them became.
        costs: (N,) float32, lower is better, m; of no use to compare with those of another cycle or objective.
        chosen: index of the one that is driven.
        path: (P, 5) x, y, yaw, v, omega along the plan every 0.05 s, with its stop at the end, m, rad, m/s, rad/s.
        gaze: (G, 3) x, y and direction in which the screen is to look there, rad, every 0.25 s over 3 s; G is 0
            without a screen.
        times: (K,) of the people's hypotheses, s after the effect time.
        people: whom the robot knows of.
        survival: chance that the plan touches nobody in its 3 s, as the robot reckons; 1 when nobody is near.
        route: (R, 2) the guidance's path from where the robot was when it was made, m; R is 0 without a goal.
        arrows: (A, 4) x, y of points about 0.5 m apart around the robot and the unit vectors down the cost-to-go there.
        window: x, y of the lower left corner and edge of the trajectory planner's 6 x 6 m map, m.
        surprises: (S, 2) middles of the cells in it that scans filled and the map does not show, people left out, m.
        cell: edge of a cell, m.
    """

    number: int
    time: float
    effect: Floats
    curves: Floats32
    costs: Floats32
    chosen: int
    path: Floats
    gaze: Floats
    times: Floats
    people: tuple[PersonForecast, ...]
    survival: float
    route: Floats
    arrows: Floats
    window: tuple[float, float, float]
    surprises: Floats
    cell: float


@dataclass(frozen=True, slots=True, eq=False)
class Doorleaf:
    """A door whose leaf can be moved.

    Args:
        name: of the door.
        hinge: (2,) where the leaf turns, m.
        middle: (2,) of the opening, m: where to click.
        corners: (4, 2) outline of the leaf as it stands, m.
        angle: rad from closed; 0 is closed.
        openness: 0 closed to 1 open.
        wanted: what it is asked to be: open or not; the leaf follows within a second if nobody stands in its way.
    """

    name: str
    hinge: Floats
    middle: Floats
    corners: Floats
    angle: float
    openness: float
    wanted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The last 30 s for the timeline, sampled at 10 Hz: T values each, the oldest first.

    Args:
        time: s.
        v: true forward speed, m/s.
        omega: true yaw rate, rad/s.
        perception: age of the newest scan in the planner's map when it came in, s: as measured from stamps.
        planning: from the start of a cycle to its plan, s, as measured.
        actuation: from a command to the wheels, s, as the robot reckons with.
        survival: of the plan, see :class:`Fan`.
        guard: share of the last five ticks in which the guard changed what the plan wanted, 0 to 1.
    """

    time: Floats
    v: Floats
    omega: Floats
    perception: Floats
    planning: Floats
    actuation: Floats
    survival: Floats
    guard: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One moment of a drive, everything in ``map``, m, rad, s.

    Args:
        time: of the simulated world, s.
        pose: (3,) x, y, yaw of the robot, in truth.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        pan: angle of the screen from straight ahead, positive left, rad.
        people: (N, 6) x, y, yaw, vx, vy, radius of everybody, in truth.
        names: N names.
        kinds: N kinds, those of ``pavane.sim.people.spec.KINDS``: what figure to draw.
        held: (N,) True for who is being dragged.
        fan: the newest plan that is driven; None before the first.
        goal: (3,) x, y, yaw of where it is to end; None while there is no such place.
        near: x, y of the lower left corner and edge of the guard's 2 x 2 m map, m; None before the first scan.
        alarm: (A, 2) what the guard reacts to now: the middles of the nearest cells in the stopping path, or what
            moves, m; A is 0 when it lets the plan through.
        alarm_cell: edge of such a cell, m.
        status: what the task has come to, in words.
        doing: where it goes, in words.
        reason: why the guard changes what the plan wants now, in words; empty when it does not.
        emergency: whether it brakes harder than is comfortable.
        contacts: every touch so far.
        goals: goals reached so far, clicked ones and errands.
        doors: those that can be moved.
        toys: (T, 3) x, y, radius of low things on the floor, m.
        boxes: outlines (C, 2) of the boxes that were dropped, m.
        series: the last 30 s.
    """

    time: float
    pose: Floats
    v: float
    omega: float
    pan: float
    people: Floats
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    held: Bools
    fan: Fan | None
    goal: Floats | None
    near: tuple[float, float, float] | None
    alarm: Floats
    alarm_cell: float
    status: str
    doing: str
    reason: str
    emergency: bool
    contacts: tuple[ContactRecord, ...]
    goals: int
    doors: tuple[Doorleaf, ...]
    toys: Floats
    boxes: tuple[Floats, ...]
    series: Series
