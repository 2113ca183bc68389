"""Modelled computing times: constant, drawn, measured, and the stalls of a planner that hangs."""

from __future__ import annotations

import numpy as np
import pytest

from pavane.core.compute import Compute, ComputeTimes, Constant, Drawn, MeasuredTime, Stall
from pavane.core.errors import BadSetting
from pavane.core.executor import LockStep

PROMISED = 0.05


def compute(times: ComputeTimes, stalls: tuple[Stall, ...] = (), seed: int = 0) -> Compute:
    return Compute(times, stalls, rng=np.random.default_rng(seed), clock=Clock())


class Clock:
    """Every look at it is 0.2 s later."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.2
        return self.now


def test_by_default_a_job_takes_what_the_profile_promises() -> None:
    job = compute(ComputeTimes()).run("planning", lambda: 7, 1.0, PROMISED)
    assert (job.value, job.error, job.seconds) == (7, None, PROMISED)


def test_constant_and_measured() -> None:
    times = ComputeTimes(planning=Constant(0.5), routing=MeasuredTime(10.0))
    assert compute(times).run("planning", lambda: 1, 0.0, PROMISED).seconds == 0.5
    assert compute(times).run("routing", lambda: 1, 0.0, PROMISED).seconds == pytest.approx(2.0)


def test_jobs_inside_a_tick_are_not_counted_as_the_ticks() -> None:
    model = compute(ComputeTimes(reflex=MeasuredTime()))

    def tick() -> float:
        return model.run("planning", lambda: 1, 0.0, PROMISED).seconds

    job = model.run("reflex", tick, 0.0, 0.0)
    assert job.value == PROMISED
    assert job.seconds == pytest.approx(0.6 - 0.2)  # four looks at the clock, of which two around the job inside


def test_drawn_times_have_their_median_and_p99_and_repeat() -> None:
    times = ComputeTimes(planning=Drawn(median=0.1, p99=0.3))

    def draw() -> list[float]:
        model = compute(times, seed=5)
        return [model.run("planning", lambda: 1, 0.0, PROMISED).seconds for _ in range(4000)]

    seconds = np.array(draw())
    below = (seconds < 0.1).mean()
    assert abs(below - 0.5) < 2.576 * np.sqrt(0.25 / 4000)  # 99 % binomial interval
    above = (seconds > 0.3).mean()
    assert abs(above - 0.01) < 2.576 * np.sqrt(0.01 * 0.99 / 4000)
    assert draw() == seconds.tolist()


def test_a_lane_draws_from_its_own_stream() -> None:
    times = ComputeTimes(planning=Drawn(0.1, 0.3), routing=Drawn(0.1, 0.3))
    alone, both = compute(times), compute(times)
    first = [alone.run("planning", lambda: 1, 0.0, PROMISED).seconds for _ in range(5)]
    second = []
    for _ in range(5):
        both.run("routing", lambda: 1, 0.0, PROMISED)
        second.append(both.run("planning", lambda: 1, 0.0, PROMISED).seconds)
    assert first == second


def test_stalls_hold_or_delay_what_begins_in_them() -> None:
    stalls = (Stall("planning", 1.0, 3.0, hold=True), Stall("planning", 5.0, 6.0, delay=0.4))
    model = compute(ComputeTimes(), stalls)
    took = [model.run("planning", lambda: 1, now, PROMISED).seconds for now in (0.0, 1.0, 2.98, 3.0, 5.5)]
    assert took == pytest.approx([PROMISED, 2.0, PROMISED, PROMISED, PROMISED + 0.4])
    assert model.run("routing", lambda: 1, 1.5, PROMISED).seconds == PROMISED


def test_lock_step_hands_out_at_the_modelled_time_and_raises_there() -> None:
    executor = LockStep(compute(ComputeTimes(planning=Constant(0.5))))
    pending = executor.submit("planning", lambda: 3, 1.0, PROMISED)
    assert not pending.done(1.49)
    assert pending.done(1.5)
    assert pending.result() == 3
    failing = executor.submit("planning", lambda: 1 // 0, 1.0, PROMISED)
    with pytest.raises(ZeroDivisionError):
        failing.result()


def test_a_p99_below_the_median_is_refused() -> None:
    with pytest.raises(BadSetting, match="below its median"):
        Drawn(median=0.3, p99=0.1)
