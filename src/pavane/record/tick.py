"""Tick: everything that went into a navigator since the tick before, and the decision that it led to."""

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
    """Something that was handed in and is neither a message nor a task: the name of its type and its text alone."""

    kind: str
    text: str

    def stand_in(self) -> object:
        """Return something of a type of that name that says the same of itself."""
        return type(self.kind, (), {"__repr__": lambda _: self.text})()


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of the navigator between two ticks.

    Args:
        value: the message that was observed, or the task that was requested.
        request: whether it was a task.
        error: with which it was refused; empty if it was not.
    """

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
        took: how long it took, s.
        rounds: how often the search asked whether its time was up before it was; -1 if it never was.
        error: that it raised, type and text; empty if none.
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
        now: the time that was given, s.
        command: that the step returned; None where it raised.
        status: of the task.
        jobs: background work of which the navigator learned that it is done.
        warnings: of the navigator.
        error: that the step raised; empty if none.
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
    """A plan that has just come into use, and the belief that it was made from.

    Args:
        plan: of the base.
        screen: of the screen; None without one.
        belief: at the plan's effect time.
        delay: from a command to its effect on the wheels as the navigator assumed it, s.
    """

    plan: Plan
    screen: ScreenPlan | None
    belief: Belief
    delay: float


@dataclass(frozen=True, slots=True)
class PlannerName:
    """Name of a trajectory planner in a recording.

    Args:
        name: ``ours``, a rival of ``pavane.baselines.objectives``, or another: then a replay must be given the planner.
        figures: to which a rival was tuned, by name.
    """

    name: str
    figures: tuple[tuple[str, float], ...] = ()


class Journal(Protocol):
    """Something that keeps what a navigator does, such as a recorder."""

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        """Note a navigator that has just been made."""
        ...

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        """Keep a tick that is over; ``decision`` is its plan if that is a new one."""
        ...
