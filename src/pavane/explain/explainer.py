"""explain: why the robot does what it does at one moment, as values; ``words`` says them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.plan import Status
from pavane.core.tasks import Stop
from pavane.explain.causes import Cause, ChosenMotion, Weighing
from pavane.explain.guard_cause import blocker
from pavane.explain.moment import Moment, look
from pavane.explain.sources import Circumstances, Source
from pavane.explain.terms import CostAttribution, CostShare, Nearest, Terms
from pavane.motion.model import DT, STEPS
from pavane.navigator.navigator import STALE, Navigator, Reaction
from pavane.planning.reactive import blind_after

SLOWER = 0.03  # m/s by which speed must change for a cause to count as one of it
HINDERED = 0.05  # m/s that it would be faster without a cause: then the speed is what asks for a reason, not the way
TOLD = 5e-4  # m; shares below this are not told one by one
STANDING = 0.1  # m in 3 s: less is no driving
SHIFTED, LEVER = 0.2, 0.5  # m by which the way must change; m that a radian counts
ORDINARY = ("wall", "corner", "way", "goal")  # what the map shows is always there
OVERDUE = 0.5  # s after which a plan that was not replaced is late
RECENT = 1.0  # s for which what the guard did is still a reason
OTHER = 0.3  # m by which another way differs from the chosen one
MOST = 5  # alternatives that are judged for the best one on the other side


class DecidingLayer(Enum):
    """Which part of the robot decided; the value is what a person is told."""

    SENSORS = "the sensors: what the robot needs to know has stopped coming"
    GUARD = "the guard, which checks each command against what is near"
    LATE = "a late plan: the planner has not answered in time"
    TASK = "the task"
    ROUTE = "the route"
    PLANNER = "the local planner"


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A motion that was weighed, and its cost in parts.

    Args:
        motion: what it does.
        terms: its cost.
        shares: what each source takes, those that take nothing left out, dearest first.
        side: ``left`` or ``right``: on which side of the main source it passes; empty where it does not.
    """

    motion: ChosenMotion
    terms: Terms
    shares: tuple[tuple[Source, CostShare], ...]
    side: str = ""

    @property
    def rest(self) -> float:
        """What sources take that are too small to be told, m."""
        return sum(t.total for t in (*self.terms.still, *self.terms.moving)) - sum(t.total for _, t in self.shares)

    def share(self, source: Source) -> CostShare:
        """What a source takes from it."""
        return next((t for s, t in self.shares if s == source), CostShare(0.0, 0.0, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why the robot does what it does.

    Args:
        moment: what is explained.
        layer: who decided.
        main: the main reason; None where nothing holds it back.
        speed: causes of the speed that is planned, strongest first.
        direction: causes of the way that is planned, likewise.
        chosen: the plan in force.
        onward: what it would do without the main cause, judged as things are.
        other: the best rejected candidate that is another way.
        circumstances: the sources and where they are; None where nothing was planned.
        cost: what the planner says that the plan costs, m.
    """

    moment: Moment
    layer: DecidingLayer
    main: Source | None
    speed: tuple[Cause, ...] = ()
    direction: tuple[Cause, ...] = ()
    chosen: Choice | None = None
    onward: Choice | None = None
    other: Choice | None = None
    circumstances: Circumstances | None = None
    cost: float | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """All that make up the main reason: more than one where only all together matter."""
        for cause in (*self.speed, *self.direction):
            if self.main in cause.sources:
                return cause.sources
        return () if self.main is None else (self.main,)

    @property
    def ours(self) -> bool:
        """Whether the planner weighs by the terms told here; rivals in studies weigh otherwise."""
        if self.chosen is None or self.cost is None:
            return True
        return abs(self.chosen.terms.cost - self.cost) < 0.01 + 0.01 * abs(self.cost)

    def text(self, since: float = 0.0) -> str:
        """In plain words, with numbers; ``since`` is taken from its time, s."""
        from pavane.explain.text import tell

        return tell(self, since)


def explain(what: Navigator | Moment) -> Explanation:
    """Why a robot does what it does at its newest tick, or at a moment that was kept (:func:`look`).

    The same moment is planned again some ten times, each time with something left out: this takes about 65 ms, and
    changes nothing of the navigator.
    """
    moment = look(what) if isinstance(what, Navigator) else what
    layer, main = _decided(moment)
    if moment.belief is None or moment.plan is None or moment.plan.candidates is None:
        return Explanation(moment, layer, main)
    around = Circumstances(moment)
    if layer is DecidingLayer.GUARD and moment.reaction is not None:
        main = _guarded(moment.reaction, around)
    weighing = Weighing(around)
    causes = weighing.causes()
    speed, direction = _speed(causes, weighing), _direction(causes)
    if layer is DecidingLayer.PLANNER:
        main = _main(moment, around, speed, direction, weighing)
    book = _Book(around)
    chosen = book.judge(weighing.chosen, main)
    cause = next((c for c in (*speed, *direction) if main in c.sources), None)
    onward = None if cause is None else book.judge(cause.without, main)
    return Explanation(
        moment, layer, main, speed, direction, chosen, onward, _other(book, weighing, chosen, main), around,
        weighing.cost(around.problem, moment.plan.decision),
    )  # fmt: skip


def _decided(moment: Moment) -> tuple[DecidingLayer, Source | None]:
    """The layer that decided, and the reason where that is no matter of planning."""
    now, reason = moment.now, moment.command.reason
    silent = now - moment.stamps["odometry"]
    if moment.reaction is None or moment.reaction.command.stamp < now:  # the guard could not even look
        what = "odometry" if silent > STALE else "localization"
        return DecidingLayer.SENSORS, Source("sensor", what)
    scan = now - moment.stamps["scan"]
    if moment.status is Status.BLIND or reason.startswith("scan") or scan > blind_after(moment.robot):
        return DecidingLayer.SENSORS, Source("sensor", "lidar")
    if reason:
        return DecidingLayer.GUARD, None
    if isinstance(moment.task, Stop) or moment.task is None:
        return DecidingLayer.TASK, Source("task", "a stop was asked for" if moment.task else moment.status.value)
    if moment.plan is None or _age(moment) > OVERDUE + moment.robot.latency.planning:
        return DecidingLayer.LATE, Source("planner", "the planner")
    if moment.belief is not None and moment.belief.guidance is None:
        return DecidingLayer.ROUTE, Source("route", moment.status.value)
    if moment.status in (Status.LOST, Status.NO_ROUTE):
        return DecidingLayer.ROUTE, Source("route", moment.status.value)
    return DecidingLayer.PLANNER, None


def _age(moment: Moment) -> float:
    """How long the plan has been in force, s."""
    assert moment.plan is not None
    return moment.now + moment.delay - moment.plan.start


def _guarded(reaction: Reaction, around: Circumstances) -> Source:
    """What made the guard change a command."""
    if reaction.command.reason.startswith("scan"):
        return Source("sensor", "lidar")
    place = blocker(reaction, around.moment.robot)
    if place is None:
        return Source("edge", "the edge of what the guard can see")
    return _known(around.name_at(place), around)


def _known(source: Source, around: Circumstances) -> Source:
    """The source under which a thing is known already, where it is the same one."""
    if source.kind == "obstacle" and source.place is not None:
        near = [s for s in around.seen if s.kind == "obstacle" and s.place is not None]
        at = np.array(source.place)
        near = [s for s in near if float(np.hypot(*(np.array(s.place) - at))) < 0.5]
        return near[0] if near else source
    same = [s for s in around.all if s.kind == source.kind and s.number == source.number]
    return source if source.kind == "wall" else same[0] if same else source


def _speed(causes: list[Cause], weighing: Weighing) -> tuple[Cause, ...]:
    """Causes of the speed, strongest first: without them it would be another soon, or on the mean of 3 s."""

    def change(cause: Cause) -> float:
        if weighing.chosen.way < STANDING:  # who stands may first have to turn: what counts is what is given up
            return cause.price
        here, there = cause.instead, cause.without
        return max(abs(there.speed - here.speed), abs(there.way - here.way) / (STEPS * DT))

    return _ranked([(cause, change(cause)) for cause in causes], SLOWER)


def _direction(causes: list[Cause]) -> tuple[Cause, ...]:
    """Causes of the way, strongest first: without them it would lead elsewhere, or the robot be turned otherwise."""

    def change(cause: Cause) -> float:
        here, there = cause.instead, cause.without
        return _aside(there, here) + LEVER * abs(there.turn - here.turn)

    return _ranked([(cause, change(cause)) for cause in causes], SHIFTED)


def _ranked(changes: list[tuple[Cause, float]], least: float) -> tuple[Cause, ...]:
    """Those that change at least so much, strongest first; what is out of the ordinary counts twice.

    The way and the walls are always there, and bend and narrow because of what came up: who asks why wants to hear
    what is new, unless it matters little (Hilton and Slugoski 1986 on abnormal conditions).
    """
    told = [(cause, change) for cause, change in changes if change > least]
    told.sort(key=lambda pair: -pair[1] * (1.0 if pair[0].kind in ORDINARY else 2.0))
    return tuple(cause for cause, _ in told)


def _aside(motion: ChosenMotion, other: ChosenMotion) -> float:
    """How far a motion leads from the line of another, m."""
    line, points = other.states[:, :2], motion.states[::10, :2]
    return float(np.hypot(*(points[:, None] - line[None]).transpose(2, 0, 1)).min(axis=1).max())


def _main(
    moment: Moment, around: Circumstances, speed: tuple[Cause, ...], direction: tuple[Cause, ...], weighing: Weighing
) -> Source | None:
    """The main reason of a plan: of its speed where it is slow, else of its way."""
    here, full = weighing.chosen.speed, moment.robot.limits.vx_max
    stands = weighing.chosen.way < STANDING
    slower = [cause for cause in speed if stands or cause.without.speed - here > HINDERED]
    if slower and here < 0.95 * full:
        return slower[0].sources[0]
    held = moment.held_back
    if held is not None and moment.now - held.command.stamp < RECENT and here < 0.95 * full:
        return _guarded(held, around)
    return direction[0].sources[0] if direction else speed[0].sources[0] if speed else None


class _Book:
    """Judges motions of one moment."""

    def __init__(self, around: Circumstances) -> None:
        self._around = around
        self._still, fields = around.solids()
        self._moving, groups = around.groups()
        context = around.moment.planner.context(around.problem)
        nearest = Nearest(fields, around.belief.local_map.resolution)
        self._attribution = CostAttribution(context, groups, len(self._still), nearest)

    def judge(self, motion: ChosenMotion, main: Source | None) -> Choice:
        """A motion with its cost in parts, and its side of the main source."""
        terms = self._attribution.terms(motion.states)
        beside = self._around.beside
        sources = [*self._still, beside, *self._moving]
        shares = [(s, t) for s, t in zip(sources, (*terms.still, *terms.moving), strict=True) if t.total > TOLD]
        shares.sort(key=lambda pair: -pair[1].total)
        return Choice(motion, terms, tuple(shares), side_of(motion.path, main))


def side_of(path: Floats, source: Source | None) -> str:
    """On which side of a source a path (K, 3) in ``map`` passes it within 2 m: ``left``, ``right``, or nothing."""
    if source is None or source.place is None or source.kind in (*ORDINARY, "door"):
        return ""
    elapsed = DT * np.arange(len(path))[:, None]
    to = np.array(source.place) + elapsed * np.array(source.velocity) - path[:, :2]
    nearest = int(np.argmin(np.hypot(*to.T)))
    gone = path[-1, :2] - path[0, :2]
    coming = nearest == len(path) - 1 and any(source.velocity)  # where they are by then nobody knows
    if nearest == 0 or coming or float(np.hypot(*to[nearest])) > 2.0 or float(np.hypot(*gone)) < 0.3:
        return ""
    yaw = path[nearest, 2]
    across = math.cos(yaw) * to[nearest, 1] - math.sin(yaw) * to[nearest, 0]
    return "right" if across > 0.0 else "left"


def _other(book: _Book, weighing: Weighing, chosen: Choice, main: Source | None) -> Choice | None:
    """The best rejected candidate that is another way: on the other side of the main source, if it is passed."""
    candidates = weighing.plan.candidates
    assert candidates is not None
    best: ChosenMotion | None = None
    sided = 0
    for i in np.argsort(candidates.costs, kind="stable"):
        motion = weighing.motion(candidates.decisions[:, i])
        if motion.apart(weighing.chosen) < OTHER:
            continue
        best = motion if best is None else best
        if not chosen.side:
            break
        side = side_of(motion.path, main)
        if side and side != chosen.side:
            best = motion
            break
        sided += 1
        if sided > 20 * MOST:
            break
    return None if best is None else book.judge(best, main)
