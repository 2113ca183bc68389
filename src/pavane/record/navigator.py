"""recorded_navigator: a navigator that tells a journal all that it is told and all that it decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

from pavane.core.executor import Executor, LockStep, Pending
from pavane.core.messages import Message, is_finite
from pavane.core.plan import Command, Plan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Task
from pavane.maps import OccupancyMap
from pavane.navigator import OURS, WARNED, Listener, MakePlanner, Navigator, NavigatorConfig, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record.tick import Call, Decision, JobEnd, Journal, PlannerName, Tick, Unknown


def recorded_navigator(
    robot: RobotProfile,
    home: OccupancyMap,
    *,
    journal: Journal | None,
    config: NavigatorConfig | None = None,
    executor: Executor | None = None,
    strategies: Strategies = OURS,
    listeners: Sequence[Listener] = WARNED,
    seed: int = 0,
) -> Navigator:
    """Make a navigator; what it decides follows from what its journal is told.

    Args:
        robot, home, config, executor, strategies, listeners, seed: as :class:`pavane.navigator.Navigator`.
        journal: keeps it; None for nobody.
    """
    keepers: tuple[Listener, ...] = ()
    if journal is not None:
        executor = watch = _Watch(executor or LockStep())
        keepers = (_Keeper(journal, watch),)
    navigator = Navigator(
        robot, home, config=config, executor=executor, strategies=strategies, listeners=(*keepers, *listeners),
        seed=seed,
    )  # fmt: skip
    if journal is not None:
        journal.begin(navigator, name_of(strategies.make_planner), seed)
    return navigator


class _Keeper(Listener):
    """Gathers what belongs to a tick and hands it to a journal.

    Args:
        journal: keeps it.
        watch: what the navigator's work is done by; it notes what ends.
    """

    def __init__(self, journal: Journal, watch: _Watch) -> None:
        self._journal, self._watch = journal, watch
        self._calls: list[Call] = []
        self._warnings: list[str] = []
        self._noted: Plan | None = None

    def requested(self, task: object, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        kept = task if isinstance(task, Task) else Unknown(type(task).__name__, repr(task))
        self._calls.append(Call(kept, True, _text(error)))

    def observed(self, message: object, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        kept = message if isinstance(message, Message) else Unknown(type(message).__name__, repr(message))
        self._calls.append(Call(kept, False, _text(error)))

    def warned(self, text: str) -> None:
        """See :class:`pavane.navigator.Listener`."""
        self._warnings.append(text)

    def stepped(self, navigator: Navigator, now: float, command: Command | None, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        told: object = now
        if not isinstance(told, Real) and not is_finite(told):  # no time at all: it was refused, and changed nothing
            return
        ended = self._watch.ended
        tick = Tick(
            tuple(self._calls), now, command, navigator.status, tuple(ended), tuple(self._warnings), _text(error)
        )
        for noted in (self._calls, self._warnings, ended):
            noted.clear()
        self._journal.keep(navigator, tick, self._decision(navigator))

    def _decision(self, navigator: Navigator) -> Decision | None:
        planned = navigator.schedule.planned
        if planned is None or planned.plan is self._noted:
            return None
        self._noted = planned.plan
        return Decision(*planned, navigator.delay)


def name_of(planner: MakePlanner) -> PlannerName:
    """What a recording calls a planner that nobody has named."""
    own = getattr(planner, "__qualname__", type(planner).__name__)
    return PlannerName("ours" if planner is TrajectoryPlanner else own)


def _text(error: Exception | None) -> str:
    return "" if error is None else f"{type(error).__name__}: {error}"


class _Watch:
    """An executor that notes when the navigator learns that a job is done."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self._count = 0
        self._rounds = _Rounds(lambda: False)
        self.ended: list[JobEnd] = []

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """See :class:`pavane.core.executor.Executor`."""
        rounds, self._rounds = self._rounds, _Rounds(lambda: False)
        number, self._count = self._count, self._count + 1
        return _Watched(self._inner.submit(lane, job, now, seconds), number, lane, now, rounds, self.ended)

    def overdue(self, seconds: float) -> Callable[[], bool]:
        """See :class:`pavane.core.executor.Executor`; it belongs to the job that is submitted next."""
        self._rounds = _Rounds(self._inner.overdue(seconds))
        return self._rounds


class _Rounds:
    """Asks whether the time is up, and counts how often it was not."""

    def __init__(self, overdue: Callable[[], bool]) -> None:
        self._overdue = overdue
        self.passed, self.ended = 0, False

    def __call__(self) -> bool:
        self.ended = self.ended or self._overdue()
        self.passed += not self.ended
        return self.ended


class _Watched:
    def __init__(
        self, inner: Pending, number: int, lane: str, start: float, rounds: _Rounds, ended: list[JobEnd]
    ) -> None:
        self._inner, self._number, self._lane, self._start = inner, number, lane, start
        self._rounds, self._ended = rounds, ended
        self._polls = 0
        self._took: float | None = None  # read once, for a thread's may still be on its way

    def done(self, now: float) -> bool:
        if self._took is not None:
            return True
        if not self._inner.done(now):
            self._polls += 1
            return False
        self._took = self._inner.took()
        rounds = self._rounds.passed if self._rounds.ended else -1
        error = ""
        try:
            self._inner.result()
        except Exception as raised:
            error = _text(raised)
        self._ended.append(JobEnd(self._number, self._lane, self._start, self._polls, self._took, rounds, error))
        return True

    def result(self) -> Any:
        return self._inner.result()

    def took(self) -> float:
        assert self._took is not None
        return self._took
