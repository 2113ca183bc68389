"""Replay: the same inputs through the same code; or, with another setting, what it would have done."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from pavane.core.errors import BadSetting
from pavane.navigator import MakePlanner, Navigator, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record import codec
from pavane.record.codec import Setup
from pavane.record.decisions import pack_decision
from pavane.record.jobs import Past
from pavane.record.navigator import recorded_navigator
from pavane.record.recording import Recording, TickEntry
from pavane.record.tick import Decision, PlannerName, Tick, Unknown


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """One tick as it was recorded, and as it went now.

    Args:
        entry: as it was written.
        recorded: what that says.
        tick: the same as it went now.
        decision: the plan that came into use now; None where none did.
    """

    entry: TickEntry
    recorded: Tick
    tick: Tick
    decision: Decision | None


class Replay:
    """Feeds what was recorded to a navigator, tick by tick.

    Args:
        recording: from ``open_recording``.
        setup: another one than was recorded: what would it have done (the world does not answer).
        planner: what makes the planner, where it is not ``ours``.

    Attributes:
        navigator: as it is after the newest tick.
        time: from the first tick to the newest, s.

    Raises:
        BadSetting: the recording's planner is unknown here.
    """

    navigator: Navigator

    def __init__(self, recording: Recording, *, setup: Setup | None = None, planner: MakePlanner | None = None) -> None:
        self.recording = recording
        self.setup = setup or recording.setup
        if planner is None and self.setup.planner.name != "ours":
            raise BadSetting(
                "the planner is one of its own", value=self.setup.planner.name, limit="ours",
                remedy="Give the replay what makes it.",
            )  # fmt: skip
        self._strategies = Strategies(make_planner=planner or TrajectoryPlanner)
        self._exact = setup is None
        self._begin()

    def _begin(self) -> None:
        setup = self.setup
        self._kept = _Newest()
        self.navigator = recorded_navigator(
            setup.robot, setup.home, journal=self._kept, config=setup.config,
            executor=Past(self.recording.jobs, self._exact), strategies=self._strategies,
            listeners=(),  # warnings are in the ticks; they were told when the drive was
            seed=setup.seed,
        )  # fmt: skip
        self.time = 0.0
        self._ticks = ((entry, codec.unpack_tick(entry.tick)) for entry in self.recording.entries())
        self._next = next(self._ticks, None)

    def step(self) -> Replayed | None:
        """Play the next tick; None at the end."""
        if self._next is None:
            return None
        entry, recorded = self._next
        self._next = next(self._ticks, None)
        for call in recorded.calls:
            _quietly(self.navigator.request if call.request else self.navigator.observe, call.value)
        _quietly(self.navigator.step, recorded.now)
        tick, decision = self._kept.take()
        if recorded.command is not None:
            self.time = recorded.command.stamp - self.recording.start
        return Replayed(entry, recorded, tick, decision)

    def __iter__(self) -> Iterator[Replayed]:
        """Play all that is left."""
        while (played := self.step()) is not None:
            yield played

    def until(self, time: float) -> Navigator:
        """The navigator after the last tick before the first one that is later than ``time``.

        Args:
            time: s since the first tick; one that lies behind is played from the beginning.
        """
        if time < self.time:
            self._begin()
        while (when := self._when()) is not None and when <= time + 1e-9:
            self.step()
        return self.navigator

    def _when(self) -> float | None:
        if self._next is None:
            return None
        now = self._next[1].now
        return self.time if math.isnan(now) else now - self.recording.start


class Difference(NamedTuple):
    """Where a replay first went another way.

    Args:
        time: s since the first tick.
        field: of what.
        recorded: its value.
        replayed: and in the replay.
    """

    time: float
    field: str
    recorded: object
    replayed: object


class Verification(NamedTuple):
    """How many ticks and plans were the same to the bit, and the first that was not; None if all were."""

    ticks: int
    plans: int
    difference: Difference | None


def verify(replay: Replay, progress: Callable[[float], None] | None = None) -> Verification:
    """Play a recording to its end, or to where a command, plan, status, warning or refusal is another.

    Args:
        replay: at its beginning.
        progress: called now and then with the time, s.
    """
    ticks = plans = 0
    for played in replay:
        plan = None if played.decision is None else pack_decision(played.decision)
        if codec.pack_tick(played.tick) != played.entry.tick or plan != played.entry.plan:
            return Verification(ticks, plans, _difference(replay.time, played, plan))
        ticks += 1
        plans += plan is not None
        if progress is not None and ticks % 50 == 0:
            progress(replay.time)
    return Verification(ticks, plans, None)


def _difference(time: float, played: Replayed, plan: bytes | None) -> Difference:
    recorded, tick = codec.unpack(played.entry.tick), codec.unpack(codec.pack_tick(played.tick))
    names = ("calls", "now", "command", "status", "jobs", "warnings", "error")
    for name, was, now in zip(names, recorded, tick, strict=True):
        if codec.pack(was) != codec.pack(now):
            return _narrowed(time, name, was, now)
    if played.entry.plan is None or plan is None:
        return Difference(time, "plan", *(("none", "one")[p is not None] for p in (played.entry.plan, plan)))
    return _narrowed(time, "plan", codec.unpack(played.entry.plan), codec.unpack(plan))


COMMAND = ("stamp", "v", "omega", "pan", "emergency", "reason")


def _narrowed(time: float, name: str, was: Any, now: Any) -> Difference:
    """The innermost part of two values in which they differ."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        pairs = [(key, was[key], now[key]) for key in was]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        keys = COMMAND if name == "command" else range(len(was))
        pairs = list(zip(keys, was, now, strict=True))
    elif hasattr(was, "shape") and hasattr(now, "shape") and was.shape == now.shape:
        pairs = [(i, a, b) for i, (a, b) in enumerate(zip(was.tolist(), now.tolist(), strict=True))]
    else:
        return Difference(time, name, was, now)
    for key, a, b in pairs:
        if codec.pack(a) != codec.pack(b):
            return _narrowed(time, f"{name}.{key}", a, b)
    return Difference(time, name, was, now)


def _quietly(method: Callable[[Any], object], value: Any) -> None:
    with suppress(Exception):  # it is in the tick, as it is in the recording
        method(value.stand_in() if isinstance(value, Unknown) else value)


class _Newest:
    """Keeps one tick."""

    def __init__(self) -> None:
        self._tick: Tick | None = None
        self._decision: Decision | None = None

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        pass

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        self._tick, self._decision = tick, decision

    def take(self) -> tuple[Tick, Decision | None]:
        assert self._tick is not None
        return self._tick, self._decision
