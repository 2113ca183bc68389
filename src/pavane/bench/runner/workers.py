"""Work in worker processes; how many there are changes no result."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

from pavane.core.errors import BadSetting

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_workers(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int, done: Callable[[Result], None]
) -> list[Result]:
    """Do all jobs in worker processes, or here with one worker; results in the order of the jobs.

    Args:
        work: a function of a module, so that a worker finds it.
        jobs: what to do.
        workers: how many processes.
        done: told of each result as it comes.

    Raises:
        BadSetting: less than one worker.
    """
    if workers < 1:
        raise BadSetting("number of workers is too small", value=workers, limit=">= 1")
    results: list[Result | None] = [None] * len(jobs)
    if workers == 1 or len(jobs) < 2:
        for i, job in enumerate(jobs):
            results[i] = result = work(job)
            done(result)
        return [result for result in results if result is not None]
    # a fresh interpreter for each worker: a fork would copy the threads of the progress bar half-way
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        places: dict[Future[Result], int] = {pool.submit(work, job): i for i, job in enumerate(jobs)}
        pending = set(places)
        try:
            while pending:
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    results[places[future]] = result = future.result()
                    done(result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [result for result in results if result is not None]
