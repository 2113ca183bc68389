"""RecordedNavigator: a navigator that tells a journal all that it is told and all that it decides."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

from pavane.core.executor import Executor, LockStep, Pending
from pavane.core.messages import Message, is_finite
from pavane.core.plan import Command, Plan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Task
from pavane.maps import OccupancyMap
from pavane.navigator.navigator import MakePlanner, Navigator, NavigatorConfig
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record.tick import Call, Decision, JobEnd, Journal, PlannerName, Tick, Unknown


class RecordedNavigator(Navigator):
    """Drives as a :class:`Navigator` does; what it decides follows from what its journal is told.

    Args:
        robot, home, config, executor, planner, seed: as :class:`Navigator`.
        journal: keeps it; None for nobody.
        planner_name: what a recording is to call the planner; by default ``ours`` or the name of what makes it.
    """

    def __init__(
        self,
        robot: RobotProfile,
        home: OccupancyMap,
        *,
        config: NavigatorConfig | None = None,
        executor: Executor | None = None,
        planner: MakePlanner = TrajectoryPlanner,
        seed: int = 0,
        journal: Journal | None = None,
        planner_name: PlannerName | None = None,
    ) -> None:
        self._journal = journal
        self._calls: list[Call] = []
        self._warned: list[str] = []
        self._noted: Plan | None = None
        self._inside = False  # a step: what it asks of itself there follows from what it was told
        if journal is not None:
            executor = self._watch = _Watch(executor or LockStep())
        super().__init__(robot, home, config=config, executor=executor, planner=planner, seed=seed)
        if journal is not None:
            journal.begin(self, planner_name or name_of(planner), seed)

    def request(self, task: Task) -> None:
        """See :class:`pavane.navigator.navigator.Navigator`."""
        self._call(super().request, task, Task, request=True)

    def observe(self, message: Message) -> None:
        """See :class:`pavane.navigator.navigator.Navigator`."""
        self._call(super().observe, message, Message, request=False)

    def _call(self, method: Callable[[Any], None], value: Any, known: Any, *, request: bool) -> None:
        if self._journal is None or self._inside:
            return method(value)
        error = "it did not return"
        try:
            method(value)
            error = ""
        except Exception as raised:
            error = _text(raised)
            raise
        finally:
            kept = value if isinstance(value, known) else Unknown(type(value).__name__, repr(value))
            self._calls.append(Call(kept, request, error))

    def step(self, now: float) -> Command:
        """See :class:`pavane.navigator.navigator.Navigator`."""
        told: object = now
        no_time = not isinstance(told, Real) and not is_finite(told)  # it is refused, and changes nothing
        if self._journal is None or no_time:
            return super().step(now)
        command, error = None, ""
        self._inside = True
        try:
            command = super().step(now)
        except Exception as raised:
            error = _text(raised)
            raise
        finally:
            self._inside = False
            tick = Tick(
                tuple(self._calls), now, command, self.status, tuple(self._watch.ended), tuple(self._warned), error
            )
            self._calls.clear()
            self._warned.clear()
            self._watch.ended.clear()
            self._journal.keep(self, tick, self._decision())
        return command

    def _decision(self) -> Decision | None:
        if self.plan is None or self.plan is self._noted or self.belief is None:
            return None
        self._noted = self.plan
        return Decision(self.plan, self.screen_plan, self.belief, self.delay)

    def _warn(self, text: str) -> None:
        if self._journal is not None:
            self._warned.append(text)
        super()._warn(text)


def name_of(planner: MakePlanner) -> PlannerName:
    """What a recording calls a planner that nobody has named."""
    own = getattr(planner, "__qualname__", type(planner).__name__)
    return PlannerName("ours" if planner is TrajectoryPlanner else own)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


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
