"""The study of reasons: in scenarios whose cause is known, the robot is asked why at the moment that shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from tyro.conf import Positional, arg

from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, table_of, watched
from pavane.bench.runner.workers import in_workers
from pavane.bench.studies.scenarios import NAVIGATOR, drive_scenario
from pavane.core.arrays import Floats
from pavane.core.errors import BadScenario
from pavane.core.options import at_least
from pavane.drive_log import Run
from pavane.explain import Explanation, Moment, Source, explain, look
from pavane.maps.floor_plan import Disc, Rectangle
from pavane.navigator import Navigator
from pavane.record import Decision, PlannerName, Tick
from pavane.sim.home.changes import Add, Move, Toy
from pavane.sim.scenario import KnownCause, Scenario, load_scenario, stock_scenarios

QUICK = ("dropped_box", "step_onto_path", "stop_at_speed", "turn_in_place")
NEAR = 0.7  # m from somebody's true place within which the one who was named is them
WALK = 0.5  # m/s by which they may have gone elsewhere since they were seen
LARGE = 1.2  # m, half the size of furniture
BESIDE = 0.4  # m beyond a thing's own size
BRAKE = 0.5  # s over which the hardest braking is looked for
REST = 0.02  # m/s
BRISK, ARRIVING = 0.9, 2.0  # share of the drive's top speed, m from the goal


@dataclass(frozen=True, slots=True)
class WhyStudy:
    """Ask the robot why, in scenarios whose cause is known (their key ``cause``), and say how often it names it.

    Example: pavane bench why --json why.json

    Args:
        names: scenarios; default: all that know their cause.
        json: file for the figures (docs/guides/studies.md).
        quick: four of them, less than a minute.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
        text: print each answer in full.
    """

    names: Annotated[Positional[tuple[str, ...]], arg(metavar="NAMES")] = ()
    json: str | None = None
    quick: bool = False
    jobs: int = 2
    seed: int = 0
    text: bool = False

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        at_least("jobs", self.jobs, 1)
        at_least("seed", self.seed, 0)
        names = known_causes(self.names or (QUICK if self.quick else ()))
        with watched(terminal, f"{len(names)} drives", len(names), _progress) as done:
            answers = in_workers(partial(ask, seed=self.seed), names, self.jobs, done)
        rows = [answer.row for answer in answers]
        columns = {"scenario": "scenario", "at s": "at_s", "expected": "expected", "named": "main", "right": "right"}
        notes = tuple(f"{each.scenario}: {each.text}" for each in answers if self.text or not each.right)
        return Findings("Known causes", summarise(answers), rows, (table_of("Reasons", columns, rows),), notes)


def _progress(answers: Sequence[Answer]) -> str:
    return f", {sum(answer.right for answer in answers)} right"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was named in one scenario.

    Args:
        scenario: its name.
        right: whether it is what the scenario says.
        row: for a report.
        text: the whole explanation.
    """

    scenario: str
    right: bool
    row: dict[str, Figure]
    text: str


class Moments:
    """A journal that keeps every tick as a moment to ask about."""

    def __init__(self) -> None:
        self.kept: list[Moment] = []

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        """See :class:`pavane.record.Journal`."""

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        """See :class:`pavane.record.Journal`."""
        self.kept.append(look(navigator))


def known_causes(names: Sequence[str] = ()) -> list[str]:
    """Return the scenarios among these, or of all, that know their cause.

    Raises:
        BadScenario: one that is named knows none.
    """
    for name in names:
        if load_scenario(name).cause is None:
            raise BadScenario("scenario does not say its cause", value=name, limit="cause: {what: …, when: …}")
    return [name for name in names or stock_scenarios() if load_scenario(name).cause is not None]


def ask(name: str, seed: int = 0) -> Answer:
    """Drive one scenario, find its moment, and compare what is named there with what is known.

    ``seed`` shifts the scenario's own.
    """
    scenario = load_scenario(name)
    known = scenario.cause
    assert known is not None
    run, moments = watch(scenario, scenario.seeds[0] + seed)
    tick = moment_of(run, known)
    why = explain(moments[tick])
    right = is_named(why, scenario, run, tick)
    row: dict[str, Figure] = {
        "scenario": scenario.name,
        "at_s": figure(float(run.times[tick]), 2),
        "when": known.when if isinstance(known.when, str) else "at",
        "expected": f"{known.what} {' or '.join(map(str, known.who))}".strip(),
        "main": "nothing" if why.main is None else why.main.kind,
        "name": "nothing" if why.main is None else why.main.name,
        "layer": why.layer.name.lower(),
        "right": int(right),
    }
    return Answer(name, right, row, why.text())


def watch(scenario: Scenario, seed: int) -> tuple[Run, list[Moment]]:
    """Return the navigator's drive through a scenario, and each of its ticks."""
    journal = Moments()
    run = drive_scenario(scenario, NAVIGATOR, seed, journal=journal)
    return run, journal.kept


def moment_of(run: Run, known: KnownCause) -> int:
    """Return the tick at which a known cause shows, from what was commanded and driven alone.

    ``slowest`` and ``braking`` (the hardest, over half a second) look between the first time that nearly the top speed
    of the drive is commanded and the last time that the first goal is 2 m away, which leaves out setting off and
    arriving. ``turning`` is the first time that the robot turns half as fast as it ever does, ``standing`` the middle
    of the longest rest between the first motion and the last, ``arriving`` the last time half of full speed is
    commanded.
    """
    if not isinstance(known.when, str):
        return run.index(known.when)
    v, omega = np.abs(run.commands.v), np.abs(run.commands.omega)
    if known.when == "turning":
        return int(np.argmax(omega >= 0.5 * omega.max()))
    if known.when == "standing":
        return _longest_rest(v)
    if known.when == "arriving":
        return int(np.flatnonzero(v >= 0.5 * min(run.robot.limits.vx_max, v.max()))[-1])
    first = int(np.argmax(v >= BRISK * v.max()))
    goal = run.goals[0]
    far = np.hypot(run.poses[:, 0] - goal.pose.x, run.poses[:, 1] - goal.pose.y) > ARRIVING
    last = int(np.flatnonzero(far & (run.times <= goal.ended))[-1]) + 1
    if known.when == "slowest":
        return first + int(np.argmin(v[first:last]))
    span = max(round(BRAKE / float(np.median(np.diff(run.times)))), 1)
    drops = v[first : last - span] - v[first + span : last]
    return first + (int(np.argmax(drops)) + span // 2 if len(drops) else 0)


def _longest_rest(v: Floats) -> int:
    moving = np.flatnonzero(v > REST)
    if len(moving) < 2:
        return 0
    gaps = np.diff(moving)
    longest = int(np.argmax(gaps))
    return int(moving[longest] + gaps[longest] // 2)


def is_named(why: Explanation, scenario: Scenario, run: Run, tick: int) -> bool:
    """Return whether the main reason is the scenario's cause: its kind, and where it is."""
    known = scenario.cause
    assert known is not None
    return any(_is(source, known, scenario, run, tick) for source in why.sources)


def _is(source: Source, known: KnownCause, scenario: Scenario, run: Run, tick: int) -> bool:
    if source.kind != known.what:
        return False
    if not known.who:
        return True
    return any(_at(source, who, scenario, run, tick) for who in known.who)


def _at(source: Source, who: int | str, scenario: Scenario, run: Run, tick: int) -> bool:
    """Return whether a source is this person or thing."""
    if source.place is None or source.kind in ("sensor", "door"):
        return str(who) in source.name
    if isinstance(who, int):
        x, y = run.people[tick, who, :2]
        return math.hypot(source.place[0] - x, source.place[1] - y) < NEAR + WALK * source.age
    return any(
        math.hypot(source.place[0] - x, source.place[1] - y) < size + BESIDE for x, y, size in _things(scenario, who)
    )


def _things(scenario: Scenario, name: str) -> list[tuple[float, float, float]]:
    """Return the centres and half sizes, m, of the things of a name that are other than on the map."""
    found: list[tuple[float, float, float]] = []
    for change in scenario.world.changes:
        match change:
            case Add(piece=piece) if piece.name == name and isinstance(piece, Disc):
                found.append((*piece.at, piece.radius))
            case Add(piece=piece) if piece.name == name and isinstance(piece, Rectangle):
                found.append((*piece.at, 0.5 * math.hypot(*piece.size)))
            case Move(name=moved, to=to) if moved == name:
                found.append((*to, LARGE))
            case Toy(at=at, radius=radius) if name == "toy":
                found.append((*at, radius))
    return found


def summarise(answers: Sequence[Answer]) -> dict[str, Figure]:
    """Return how often the cause was named."""
    right = sum(answer.right for answer in answers)
    return {"scenarios": len(answers), "right": right, "share_right": figure(right / max(len(answers), 1), 3)}
