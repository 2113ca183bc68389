"""Background work, noted while driving and handed out again in a replay: two executors around what is done when.

What a navigator decides depends on which look each job was found done, and in which round a search was told to end.
``Watch`` notes both; ``Past`` computes at once, and hands out on the same look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pavane.core.compute import Job
from pavane.core.executor import Executor, Pending
from pavane.record.tick import JobEnd


def text_of(error: Exception | None) -> str:
    """Type and text of an error; empty if there is none."""
    return "" if error is None else f"{type(error).__name__}: {error}"


class Watch:
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
            error = text_of(raised)
        self._ended.append(JobEnd(self._number, self._lane, self._start, self._polls, self._took, rounds, error))
        return True

    def result(self) -> Any:
        return self._inner.result()

    def took(self) -> float:
        assert self._took is not None
        return self._took


class Past:
    """An executor that computes at once and hands results out when the recorded one did.

    Args:
        jobs: when that was, by number.
        exact: whether all goes as it went; else a job that is not found takes as long as the profile says.
    """

    def __init__(self, jobs: dict[int, JobEnd], exact: bool) -> None:
        self._jobs, self._exact = jobs, exact
        self._starts = {(job.lane, job.start): job for job in jobs.values()}
        self._count = 0
        self._budget = _Budget()

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """See :class:`pavane.core.executor.Executor`."""
        end = self._jobs.get(self._count)
        if not self._exact and (end is None or (end.lane, end.start) != (lane, now)):
            end = self._starts.get((lane, now))
        self._count += 1
        budget, self._budget = self._budget, _Budget()
        budget.rounds = -1 if end is None else end.rounds
        value, error = None, None
        try:
            value = job()
        except Exception as raised:
            error = raised
        if end is not None and end.error:  # what it was does not follow from what is recorded, such as lack of memory
            name, _, text = end.error.partition(": ")
            error = type(name, (Exception,), {})(text)
        took = seconds if end is None else end.took
        return _Known(Job(value, error, took), end, None if self._exact else now + seconds)

    def overdue(self, seconds: float) -> Callable[[], bool]:
        """See :class:`pavane.core.executor.Executor`."""
        return self._budget


class _Budget:
    def __init__(self) -> None:
        self.rounds = -1
        self._asked = 0

    def __call__(self) -> bool:
        self._asked += 1
        return 0 <= self.rounds < self._asked


class _Known:
    def __init__(self, job: Job, end: JobEnd | None, promised: float | None) -> None:
        self._job, self._end, self._promised = job, end, promised
        self._polls = 0

    def done(self, now: float) -> bool:
        self._polls += 1
        if self._end is not None:
            return self._polls > self._end.polls
        return self._promised is not None and now >= self._promised - 1e-9

    def result(self) -> Any:
        return self._job.result()

    def took(self) -> float:
        return self._job.seconds
