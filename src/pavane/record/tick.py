"""Tick: everything that went into a navigator since the tick before, and what it decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pavane.core.belief import Belief
from pavane.core.messages import Message
from pavane.core.plan import Command, Plan, ScreenPlan, Status
from pavane.core.tasks import Task
from pavane.navigator import Navigator


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that was handed in and is neither a message nor a task: only the name of its type and its text."""

    kind: str
    text: str

    def stand_in(self) -> object:
        """Something of a type of that name that says the same of itself."""
        return type(self.kind, (), {"__repr__": lambda _: self.text})()


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A message that was observed, or a task that was requested, and how it was refused; empty if it was not."""

    value: Message | Task | Unknown
    request: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class JobEnd:
    """A background job's result was there for the first time.

    Args:
        number: of all jobs in the order of their start, from 0.
        lane: where it ran.
        start: when it began, s of the robot's clock.
        polls: how often the navigator had asked in vain.
        took: what it took, s.
        rounds: how often the search asked whether its time was up before it was; -1 if it never was.
        error: what it raised, type and text; empty if nothing.
    """

    number: int
    lane: str
    start: float
    polls: int
    took: float
    rounds: int
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """One call of ``step``, and every call before it since the last one.

    Args:
        calls: messages and requests in order.
        now: the time that was told, s.
        command: what was commanded; None where the step raised.
        status: what the task has come to.
        jobs: background work of which the navigator learned that it is done.
        warnings: what was warned of.
        error: what the step raised; empty if nothing.
    """

    calls: tuple[Call, ...]
    now: float
    command: Command | None
    status: Status
    jobs: tuple[JobEnd, ...] = ()
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A plan that has just come into use, and what it was made from.

    Args:
        plan: of the base.
        screen: of the screen; None without one.
        belief: at the plan's effect time.
        delay: from a command to what the wheels make of it as it was reckoned with, s.
    """

    plan: Plan
    screen: ScreenPlan | None
    belief: Belief
    delay: float


@dataclass(frozen=True, slots=True)
class PlannerName:
    """What makes the trajectory planner, as a recording names it.

    Args:
        name: ``ours``, a rival of ``pavane.baselines.objectives``, or another: then a replay must be given the planner.
        figures: what a rival was tuned to, by name.
    """

    name: str
    figures: tuple[tuple[str, float], ...] = ()


class Journal(Protocol):
    """Who keeps what a navigator does."""

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        """A navigator has been made."""
        ...

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        """A tick is over; ``decision`` is its plan if that is a new one."""
        ...
