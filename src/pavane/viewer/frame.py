"""Frame: one moment of a live drive as plain values, everything in ``map``; the page draws nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.core.arrays import Bools, Floats, Floats32
from pavane.drive_log import ContactRecord


@dataclass(frozen=True, slots=True, eq=False)
class PersonForecast:
    """Somebody as the robot knows them, and how it predicts them, from the plan's effect time on.

    Args:
        identity: number of the track; it never comes again.
        kind: one of ``entities.KINDS``, mostly ``person``.
        place: (2,) believed place at the effect time, m.
        velocity: (2,) m/s.
        radius: of the body, m.
        unseen: time since they were detected last, s.
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
class MapWindow:
    """A square map that moves along with the robot, and those of its cells that are worth a look.

    Args:
        window: x, y of its lower left corner and its edge, m.
        cells: (C, 2) middles of the cells, m.
        cell: edge of a cell, m.
    """

    window: tuple[float, float, float]
    cells: Floats
    cell: float


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """One planning cycle: all candidates, the chosen one, and what it was chosen for.

    A new object ten times a second, which need not be drawn twice.

    Args:
        number: counts the plans of the drive, from 1.
        time: effect time, at which the plan begins to move the wheels, s.
        effect: (3,) x, y, yaw of the robot at that time: the present, fast-forwarded.
        curves: (N, K, 2) float32 the candidates over 3 s, m; the seeds, then what the best of them became.
        costs: (N,) float32, lower is better, m; not to be compared with those of another cycle or objective.
        chosen: index of the one that is driven.
        path: (P, 5) x, y, yaw, v, omega along the plan every 0.05 s, with its stop at the end, m, rad, m/s, rad/s.
        gaze: (G, 3) x, y and direction in which the screen is to look there, rad, every 0.25 s over 3 s; G is 0
            without a screen.
        times: (K,) of the people's hypotheses, s after the effect time.
        people: those whom the robot knows of.
        survival: chance that the plan touches nobody in its 3 s, as the robot predicts; 1 when nobody is near.
        route: (R, 2) the guidance's path from where the robot was when it was made, m; R is 0 without a goal.
        arrows: (A, 4) x, y of points about 0.5 m apart around the robot and the unit vectors down the cost-to-go there.
        local: the trajectory planner's 6 x 6 m map. Its cells are those that scans filled and the map does not show,
            people left out.
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
    local: MapWindow


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
        wanted: whether it is asked to be open; the leaf follows within a second if nobody stands in its way.
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
        actuation: from a command to the wheels, s, as the robot assumes.
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
class RobotTruth:
    """The robot as it really is.

    Args:
        pose: (3,) x, y, yaw, m, rad.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        pan: angle of the screen from straight ahead, positive left, rad.
    """

    pose: Floats
    v: float
    omega: float
    pan: float


@dataclass(frozen=True, slots=True, eq=False)
class PeopleTruth:
    """The people as they really are, one row each.

    Args:
        states: (N, 6) x, y, yaw, vx, vy, radius, m, rad, m/s.
        names: N names.
        kinds: N of ``pavane.sim.people.spec.KINDS``: which figure to draw.
        held: (N,) True for a person who is being dragged.
    """

    states: Floats
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    held: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Movables:
    """Whatever a click can move or put down.

    Args:
        doors: those that can be moved.
        toys: (T, 3) x, y, radius of low objects on the floor, m.
        boxes: outlines (C, 2) of the boxes that were dropped, m.
    """

    doors: tuple[Doorleaf, ...]
    toys: Floats
    boxes: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One moment of a drive, everything in ``map``, m, rad, s.

    Args:
        time: of the simulated world, s.
        robot: where it is and how it moves.
        people: likewise.
        fan: the newest plan that is driven; None before the first.
        goal: (3,) x, y, yaw of where it is to end; None while there is no such place.
        near: the guard's 2 x 2 m map; None before the first scan. Its cells are those that the guard reacts to now: the
            nearest solid ones in the stopping path, or whatever moves; none when it lets the plan through.
        status: of the task, in words.
        doing: where it goes, in words.
        reason: why the guard changes the command that the plan wants now, in words; empty when it does not.
        emergency: whether it brakes harder than is comfortable.
        contacts: every touch so far.
        goals: goals reached so far, clicked ones and errands.
        movables: doors, toys and boxes.
        series: the last 30 s.
    """

    time: float
    robot: RobotTruth
    people: PeopleTruth
    fan: Fan | None
    goal: Floats | None
    near: MapWindow | None
    status: str
    doing: str
    reason: str
    emergency: bool
    contacts: tuple[ContactRecord, ...]
    goals: int
    movables: Movables
    series: Series
