"""How long each layer's computing takes in simulation: as the profile says, constant, drawn, or as measured here.

So a robot with a core ten times slower, or a pipeline of 500 ms, is simulated exactly; all but measured times repeat to
the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct
from numpy.random import Generator

from pavane.core.errors import BadSetting

Seconds = Annotated[float, Meta(ge=0.0, le=30.0)]
Lane = Literal["perception", "planning", "routing", "reflex"]
HIGHEST = 2.3263478740408408  # standard normal quantile of 0.99


class Constant(Struct, frozen=True, forbid_unknown_fields=True, tag="constant", tag_field="time"):
    """Always the same, s."""

    seconds: Seconds


class Drawn(Struct, frozen=True, forbid_unknown_fields=True, tag="drawn", tag_field="time"):
    """Log-normal, as computing times are: half are below the median, one in a hundred above ``p99``, s."""

    median: Annotated[float, Meta(gt=0.0, le=30.0)]
    p99: Seconds

    def __post_init__(self) -> None:
        if self.p99 < self.median:
            raise BadSetting("p99 of a computing time is below its median", value=self.p99, limit=f">= {self.median} s")


class MeasuredTime(Struct, frozen=True, forbid_unknown_fields=True, tag="measured", tag_field="time"):
    """As long as it takes on this machine, times a factor; such runs do not repeat to the bit."""

    factor: Annotated[float, Meta(gt=0.0, le=1000.0)] = 1.0


ComputeTime = Constant | Drawn | MeasuredTime


class ComputeTimes(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Computing time of each layer; None is what the profile says, for the reactive tick nothing."""

    perception: ComputeTime | None = None  # from a scan's arrival to the local map
    planning: ComputeTime | None = None  # from the start of a cycle to its plan
    routing: ComputeTime | None = None  # from a request to its guidance
    reflex: ComputeTime | None = None  # from the tick to the command that leaves


class Stall(NamedTuple):
    """A time in which a lane is slower: its jobs end ``delay`` s later, with ``hold`` not before the stall's end."""

    lane: Lane
    start: float
    end: float
    delay: float = 0.0
    hold: bool = False


class Job(NamedTuple):
    """What a job gave or raised, and its computing time, s."""

    value: Any
    error: Exception | None
    seconds: float

    def result(self) -> Any:
        """Return what it gave; raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.value


class Compute:
    """Runs jobs and says how long they took.

    Args:
        times: of each lane.
        stalls: faults of single lanes.
        rng: of the times that are drawn.
        clock: what measured times are read from, s.
    """

    def __init__(
        self,
        times: ComputeTimes,
        stalls: Sequence[Stall] = (),
        *,
        rng: Generator,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._times, self._stalls, self._clock = times, tuple(stalls), clock
        self._streams = dict(zip(("perception", "planning", "routing", "reflex"), rng.spawn(4), strict=True))
        self._inside = 0.0  # s that jobs within the job under way took; they have lanes of their own

    def run(self, lane: str, job: Callable[[], Any], now: float, promised: float) -> Job:
        """Do a job and say how long it took.

        Args:
            lane: perception, planning, routing or reflex.
            job: what is done, at once.
            now: when it starts, s.
            promised: what the profile says it takes, s.
        """
        outer, self._inside = self._inside, 0.0
        began = self._clock()
        value, error = None, None
        try:
            value = job()
        except Exception as raised:  # raised where the result is asked for, as a thread would
            error = raised
        wall = self._clock() - began
        own = max(wall - self._inside, 0.0)
        self._inside = outer + wall
        return Job(value, error, self._slowed(lane, now, self._seconds(lane, promised, own)))

    def _seconds(self, lane: str, promised: float, wall: float) -> float:
        """Return how long a job of a lane is taken to have taken; ``wall`` is what it took here, s."""
        time: ComputeTime | None = getattr(self._times, lane, None)
        match time:
            case Constant():
                return time.seconds
            case Drawn():
                spread = math.log(time.p99 / time.median) / HIGHEST
                return time.median * math.exp(spread * float(self._streams[lane].standard_normal()))
            case MeasuredTime():
                return time.factor * wall
        return promised

    def _slowed(self, lane: str, now: float, seconds: float) -> float:
        """Return the time of a job that starts at ``now``, with the stalls of its lane, s."""
        for stall in self._stalls:
            if stall.lane == lane and stall.start <= now < stall.end:
                seconds += stall.delay
                if stall.hold:
                    seconds = max(seconds, stall.end - now)
        return seconds
