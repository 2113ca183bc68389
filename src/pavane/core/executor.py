"""Where slow work runs: in lock-step with a modelled computing time, or in threads.

The navigator submits planning and routing to a lane each and looks for the results on later ticks; jobs of one lane run
one after another. LockStep computes them inside the tick that submits them, for simulation; Threads beside it, for a
robot in real time.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from pavane.core.compute import Compute, ComputeTimes, Job


class Pending(Protocol):
    """Work under way."""

    def done(self, now: float) -> bool:
        """Return whether the result is there at ``now``."""
        ...

    def result(self) -> Any:
        """Return the result; what the job raised is raised here."""
        ...

    def took(self) -> float:
        """Return how long it took from its submission, s; of work that is done."""
        ...


class Executor(Protocol):
    """Runs jobs."""

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """Start a job.

        Args:
            lane: jobs of one lane run one after another.
            job: what is done.
            now: s.
            seconds: how long the profile says it takes.
        """
        ...

    def overdue(self, seconds: float) -> Callable[[], bool]:
        """Return what tells from now on whether so much real time has passed; never where time is modelled."""
        ...


class _Modelled:
    def __init__(self, job: Job, ready: float) -> None:
        self._job, self._ready = job, ready

    def done(self, now: float) -> bool:
        return now >= self._ready - 1e-9

    def result(self) -> Any:
        return self._job.result()

    def took(self) -> float:
        return self._job.seconds


class LockStep:
    """Computes at once and hands the result out when the modelled time has passed: deterministic.

    Args:
        compute: how long jobs take; by default what the profile says.
    """

    def __init__(self, compute: Compute | None = None) -> None:
        self._compute = compute or Compute(ComputeTimes(), rng=np.random.default_rng(0))

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """Do a job now; its result is handed out when the modelled time has passed. See :class:`Executor`."""
        done = self._compute.run(lane, job, now, seconds)
        return _Modelled(done, now + done.seconds)

    def overdue(self, seconds: float) -> Callable[[], bool]:
        """Return what is never so: time is modelled."""
        return lambda: False


class _Threaded:
    def __init__(self, future: Future[Any], ready: float) -> None:
        self._future, self._ready = future, ready
        self._began = self._ended = perf_counter()
        future.add_done_callback(self._end)

    def _end(self, _: Future[Any]) -> None:
        self._ended = perf_counter()

    def done(self, now: float) -> bool:
        return now >= self._ready - 1e-9 and self._future.done()

    def result(self) -> Any:
        return self._future.result()

    def took(self) -> float:
        return self._ended - self._began


class Threads:
    """One thread per lane; kernels release the interpreter lock, so the reactive tick goes on beside them.

    A result that is early waits for its modelled time: what is commanded until then is part of what it was made from.
    """

    def __init__(self) -> None:
        self._pools: dict[str, ThreadPoolExecutor] = {}

    def submit(self, lane: str, job: Callable[[], Any], now: float, seconds: float) -> Pending:
        """Start a job on its lane's thread. See :class:`Executor`."""
        pool = self._pools.setdefault(lane, ThreadPoolExecutor(1, thread_name_prefix=f"pavane-{lane}"))
        return _Threaded(pool.submit(job), now + seconds)

    def overdue(self, seconds: float) -> Callable[[], bool]:
        """Return what tells whether so much real time has passed."""
        end = perf_counter() + seconds
        return lambda: perf_counter() >= end

    def close(self) -> None:
        """Let the threads finish and end them."""
        for pool in self._pools.values():
            pool.shutdown()
