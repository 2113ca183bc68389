"""Inbox: which messages are believed, when, and with which stamp; what time it is."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

from pavane.core.errors import BadMessage, BadSetting
from pavane.core.messages import Detections, Message, Scan, is_finite
from pavane.core.robot import RobotProfile
from pavane.prediction import LatencyMonitor

AHEAD = 0.5  # s that a stamp may be ahead of the navigator's clock
HELD = 500  # messages of each kind ahead of it that are held until the next tick: some seconds
SET_BACK = 0.1  # s by which the time may be before the newest tick's; more, and the clock was set back


class _Held(NamedTuple):
    """A message that is ahead, numbered in the order of arrival."""

    number: int
    message: Message


class Inbox:
    """Refuses what is no message, holds what is ahead of the clock, and sets right the stamps of a fast clock.

    A message whose stamp is more than ``AHEAD`` after the newest tick is held: the caller's loop may have stalled, and
    the next tick tells the time. It is handed out there if it is not ahead of that; else it is dropped with a word, the
    first time for each kind, for believed, it would make all that follows look old. Of the messages that are held the
    newest ``HELD`` of each kind are kept.

    Args:
        robot: its profile says how long messages are under way.
        kinds: names of the kinds of things that may be detected.
        latencies: is told how old messages are on the first tick that can use them; knows which clocks are fast.
        warn: is told of a kind of messages that is dropped.

    Attributes:
        robot: see above.
        now: s, of the newest tick; -inf before the first.
    """

    def __init__(
        self, robot: RobotProfile, kinds: Collection[str], latencies: LatencyMonitor, warn: Callable[[str], None]
    ) -> None:
        self.robot = robot
        self._kinds, self._latencies, self._warn = kinds, latencies, warn
        self._held: dict[str, deque[_Held]] = {}  # by kind: ahead, as all is before the first tick
        self._arrivals = 0
        self._dropped: set[str] = set()  # kinds of messages that were said to be ahead
        self.reset()

    def reset(self) -> None:
        """Forget the time; what is ahead is still held."""
        self.now = -math.inf
        self._began: float | None = None
        self._arrived: list[tuple[str, float]] = []  # kind and stamp of messages since the last tick

    @property
    def driving(self) -> float:
        """How long ago the first tick was, s, on the newest; 0 before it."""
        return 0.0 if self._began is None else self.now - self._began

    @property
    def held(self) -> int:
        """How many messages are held."""
        return sum(map(len, self._held.values()))

    def put(self, message: Message) -> Message | None:
        """The message as it is to be believed now; None while it is held.

        Raises:
            BadMessage: it is not one of messages.Message, or something of an unknown kind was detected.
        """
        if not isinstance(message, Message):
            raise BadMessage("no such message", value=type(message).__name__, limit="a pavane.core.messages type")
        unknown = set(message.kinds or ()) - set(self._kinds) if isinstance(message, Detections) else set()
        if unknown:
            raise BadMessage(
                "unknown kind of thing was detected", value=min(unknown), limit=", ".join(sorted(self._kinds))
            )
        if message.stamp > self.now + AHEAD:  # before the first tick nobody knows what time it is
            self._arrivals += 1
            held = self._held.setdefault(type(message).__name__, deque(maxlen=HELD))
            held.append(_Held(self._arrivals, message))
            return None
        return self._believed(message)

    def is_set_back(self, now: float) -> bool:
        """Whether a step at ``now`` means that the clock was set back.

        Raises:
            BadSetting: that is no time.
        """
        if not is_finite(now):
            raise BadSetting(
                "the time of a step is not finite", value=repr(now), limit="seconds of the clock that stamps messages"
            )
        return now < self.now - SET_BACK

    def tick(self, now: float) -> list[Message]:
        """Take the time of a tick; what was held and is ahead no more, in the order of arrival, as it is believed."""
        self.now = now
        if self._began is None:
            self._began = now
        held = sorted((entry for kind in self._held.values() for entry in kind), key=lambda entry: entry.number)
        self._held.clear()
        due = []
        for _, message in held:
            if message.stamp <= now + AHEAD:
                due.append(self._believed(message))
            else:
                self._drop(message, now)
        for kind, stamp in self._arrived:
            self._latencies.add(kind, now - stamp)
        self._arrived.clear()
        return due

    def _believed(self, message: Message) -> Message:
        """The message with the stamp that it would have if its clock were not fast."""
        kind = type(message).__name__
        self._arrived.append((kind, message.stamp))
        ahead = self._latencies.ahead(kind, self._promised(message))
        return replace(message, stamp=message.stamp - ahead) if ahead > 0.0 else message

    def _promised(self, message: Message) -> float:
        """What the profile says of the way from sensing to here, s."""
        latency = self.robot.latency
        return latency.scan if isinstance(message, Scan) else latency.perception * isinstance(message, Detections)

    def _drop(self, message: Message, now: float) -> None:
        name, seconds = type(message).__name__, message.stamp - now
        if name not in self._dropped:
            self._dropped.add(name)
            text = f"{name} is stamped {seconds:.3f} s in the future and dropped, as are others like it"
            self._warn(f"{text}. Check that sensor and robot share one clock.")
