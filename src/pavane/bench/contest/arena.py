"""Contestants in turns on one core, so that whatever slows the machine down hits them alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from pavane.core.arrays import Floats


def in_turns(contestants: Mapping[str, Callable[[], object]], turns: int) -> dict[str, Floats]:
    """(turns,) times of each contestant, ms: of the processor, so that what others take of it meanwhile does not count.

    In each turn everybody is called twice and the second call counts: the first brings back into the caches what the
    others have driven out, as a cycle of planning does with its first stage.

    Args:
        contestants: what to call, by name.
        turns: how often each of them has its turn.
    """
    times = {name: np.empty(turns) for name in contestants}
    for act in contestants.values():
        act()  # compiles, or loads what was compiled
    for turn in range(turns):
        for name, act in contestants.items():
            act()
            began = time.process_time()
            act()
            times[name][turn] = 1e3 * (time.process_time() - began)
    return times


def cores() -> list[int]:
    """The cores that this process may run on, as far as the system tells."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def on_one_core() -> Iterator[int | None]:
    """Keep this process on the last of its cores, where the system can; gives its number."""
    allowed = cores()
    if not allowed:
        yield None
        return
    os.sched_setaffinity(0, allowed[-1:])
    try:
        yield allowed[-1]
    finally:
        os.sched_setaffinity(0, allowed)
