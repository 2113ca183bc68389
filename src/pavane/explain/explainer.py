"""explain: why the robot does what it does at one moment."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.plan import Status
from pavane.core.tasks import Stop
from pavane.explain.causes import Cause, ChosenMotion, Weighing
from pavane.explain.circumstances import Circumstances
from pavane.explain.guard_cause import blocker
from pavane.explain.moment import Moment, look
from pavane.explain.reasons import Choice, DecidingLayer, Reasons
from pavane.explain.sources import ALWAYS_THERE, Source
from pavane.explain.terms import CostAttribution, Nearest
from pavane.explain.text import tell
from pavane.motion.model import DT, STEPS
from pavane.navigator import STALE, Navigator, Reaction
from pavane.planning.reactive import blind_after

SLOWER = 0.03  # m/s by which speed must change for a cause to count as one of it
HINDERED = 0.05  # m/s that it would be faster without a cause: then the speed asks for a reason, not the direction
TOLD = 5e-4  # m; shares below this are not told one by one
STANDING = 0.1  # m in 3 s: less is no driving
SHIFTED, LEVER = 0.2, 0.5  # m by which the way must change; m that a radian counts
OVERDUE = 0.5  # s after which a plan that was not replaced is late
RECENT = 1.0  # s for which a change that the guard made is still a reason
OTHER = 0.3  # m by which another way differs from the chosen one
MOST = 5  # alternatives that are judged for the best one on the other side


class Explanation(Reasons):
    """Reasons that can be told."""

    __slots__ = ()

    def text(self, since: float = 0.0) -> str:
        """Return them in plain words, with numbers; ``since`` is taken from the time, s."""
        return tell(self, since)


def explain(what: Navigator | Moment) -> Explanation:
    """Return why a robot does what it does at its newest tick, or at a moment that was kept (:func:`look`).

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
    judge = _Judge(around)
    chosen = judge.choice(weighing.chosen, main)
    cause = next((c for c in (*speed, *direction) if main in c.sources), None)
    onward = None if cause is None else judge.choice(cause.without, main)
    return Explanation(
        moment, layer, main, speed, direction, chosen, onward, _other(judge, weighing, chosen, main), around,
        weighing.cost(around.problem, moment.plan.decision),
    )  # fmt: skip


def _decided(moment: Moment) -> tuple[DecidingLayer, Source | None]:
    """Return the layer that decided, and the reason where planning has no part in it."""
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
    """Return how long the plan has been in force, s."""
    assert moment.plan is not None
    return moment.now + moment.delay - moment.plan.start


def _guarded(reaction: Reaction, around: Circumstances) -> Source:
    """Return the source that made the guard change a command."""
    if reaction.command.reason.startswith("scan"):
        return Source("sensor", "lidar")
    place = blocker(reaction, around.moment.robot)
    if place is None:
        return Source("edge", "the edge of what the guard can see")
    return _known(around.name_at(place), around)


def _known(source: Source, around: Circumstances) -> Source:
    """Return the source under which the same thing in the world is known already; else the given one."""
    if source.kind == "obstacle" and source.place is not None:
        near = [s for s in around.sources.obstacles if s.kind == "obstacle" and s.place is not None]
        at = np.array(source.place)
        near = [s for s in near if float(np.hypot(*(np.array(s.place) - at))) < 0.5]
        return near[0] if near else source
    same = [s for s in around.sources.all if s.kind == source.kind and s.number == source.number]
    return source if source.kind == "wall" else same[0] if same else source


def _speed(causes: list[Cause], weighing: Weighing) -> tuple[Cause, ...]:
    """Return causes of the speed, strongest first: without them it would be another soon, or on the mean of 3 s."""

    def change(cause: Cause) -> float:
        if weighing.chosen.way < STANDING:  # a robot at rest may first have to turn: what it gives up counts
            return cause.price
        here, there = cause.instead, cause.without
        return max(abs(there.speed - here.speed), abs(there.way - here.way) / (STEPS * DT))

    return _ranked([(cause, change(cause)) for cause in causes], SLOWER)


def _direction(causes: list[Cause]) -> tuple[Cause, ...]:
    """Return causes of the direction, strongest first: without them it would lead elsewhere, or turn otherwise."""

    def change(cause: Cause) -> float:
        here, there = cause.instead, cause.without
        return _aside(there, here) + LEVER * abs(there.turn - here.turn)

    return _ranked([(cause, change(cause)) for cause in causes], SHIFTED)


def _ranked(changes: list[tuple[Cause, float]], least: float) -> tuple[Cause, ...]:
    """Return the causes that change at least so much, strongest first; those out of the ordinary count twice.

    The way and the walls are always there: a person who asks why wants to hear what is new, unless it matters little
    (Hilton and Slugoski 1986 on abnormal conditions).
    """
    told = [(cause, change) for cause, change in changes if change > least]
    told.sort(key=lambda pair: -pair[1] * (1.0 if pair[0].kind in ALWAYS_THERE else 2.0))
    return tuple(cause for cause, _ in told)


def _aside(motion: ChosenMotion, other: ChosenMotion) -> float:
    """Return how far a motion leads from the line of another, m."""
    line, points = other.states[:, :2], motion.states[::10, :2]
    return float(np.hypot(*(points[:, None] - line[None]).transpose(2, 0, 1)).min(axis=1).max())


def _main(
    moment: Moment, around: Circumstances, speed: tuple[Cause, ...], direction: tuple[Cause, ...], weighing: Weighing
) -> Source | None:
    """Return the main reason of a plan: of its speed where it is slow, else of its direction.

    Args:
        moment: that is explained.
        around: its sources.
        speed: causes of the planned speed, strongest first.
        direction: causes of the planned direction, likewise.
        weighing: knows the chosen motion.
    """
    here, full = weighing.chosen.speed, moment.robot.limits.vx_max
    stands = weighing.chosen.way < STANDING
    slower = [cause for cause in speed if stands or cause.without.speed - here > HINDERED]
    if slower and here < 0.95 * full:
        return slower[0].sources[0]
    held = moment.held_back
    if held is not None and moment.now - held.command.stamp < RECENT and here < 0.95 * full:
        return _guarded(held, around)
    return direction[0].sources[0] if direction else speed[0].sources[0] if speed else None


class _Judge:
    """Attributes the cost of motions of one moment to its sources."""

    def __init__(self, around: Circumstances) -> None:
        self._around = around
        self._still, fields = around.solids()
        self._moving, groups = around.groups()
        context = around.moment.planner.context(around.problem)
        nearest = Nearest(fields, around.belief.local_map.resolution)
        self._attribution = CostAttribution(context, groups, len(self._still), nearest)

    def choice(self, motion: ChosenMotion, main: Source | None) -> Choice:
        """Return a motion with its cost in parts, and its side of the main source."""
        terms = self._attribution.terms(motion.states)
        beside = self._around.sources.beside
        sources = [*self._still, beside, *self._moving]
        shares = [(s, t) for s, t in zip(sources, (*terms.still, *terms.moving), strict=True) if t.total > TOLD]
        shares.sort(key=lambda pair: -pair[1].total)
        return Choice(motion, terms, tuple(shares), side_of(motion.path, main))


def side_of(path: Floats, source: Source | None) -> str:
    """Return on which side of a source a path (K, 3) in ``map`` passes it within 2 m: ``left``, ``right``, or empty."""
    if source is None or source.place is None or source.kind in (*ALWAYS_THERE, "door"):
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


def _other(judge: _Judge, weighing: Weighing, chosen: Choice, main: Source | None) -> Choice | None:
    """Return the best rejected candidate that is another way: on the other side of the main source, if it is passed.

    Args:
        judge: judges motions.
        weighing: knows the plan with its candidates.
        chosen: the plan in force.
        main: the main reason.
    """
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
    return None if best is None else judge.choice(best, main)
