"""Listener: is told what a navigator does while it does it; Warner hands its warnings to Python's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from pavane.core.plan import Command

if TYPE_CHECKING:
    from pavane.navigator.navigator import Navigator


class Listener:
    """Told in the thread that calls the navigator; what a listener does not override is nothing to it."""

    def requested(self, task: object, error: Exception | None) -> None:
        """A task was asked for; ``error`` if it was refused."""

    def observed(self, message: object, error: Exception | None) -> None:
        """A message was handed in; ``error`` if it was refused."""

    def warned(self, text: str) -> None:
        """Something is wrong that a person should know of."""

    def cycle_began(self) -> None:
        """A planning cycle begins, in the middle of a step."""

    def cycle_ended(self) -> None:
        """All of a planning cycle that is done inside the step is done."""

    def stepped(self, navigator: Navigator, now: float, command: Command | None, error: Exception | None) -> None:
        """A step is over; ``command`` is None where it raised."""


class Warner(Listener):
    """Hands warnings to Python's."""

    def warned(self, text: str) -> None:
        """See :class:`Listener`."""
        warnings.warn(text, RuntimeWarning, stacklevel=5)


WARNED = (Warner(),)


class Audience:
    """All listeners of one navigator.

    Args:
        listeners: are told in this order.
    """

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = tuple(listeners)

    def warn(self, text: str) -> None:
        """Tell that something is wrong."""
        for listener in self._listeners:
            listener.warned(text)

    def request(self, task: object) -> AbstractContextManager[None]:
        """Tell what becomes of the request that is carried out within."""
        return _outcome(lambda listener, error: listener.requested(task, error), self._listeners)

    def observation(self, message: object) -> AbstractContextManager[None]:
        """Tell what becomes of the message that is taken in within."""
        return _outcome(lambda listener, error: listener.observed(message, error), self._listeners)

    @contextmanager
    def cycle(self) -> Iterator[None]:
        """Tell that a planning cycle is within."""
        for listener in self._listeners:
            listener.cycle_began()
        yield
        for listener in self._listeners:
            listener.cycle_ended()

    def step(self, navigator: Navigator, now: float, take: Callable[[float], Command]) -> Command:
        """Take a step and tell what became of it."""
        command: Command | None = None
        with _outcome(lambda listener, error: listener.stepped(navigator, now, command, error), self._listeners):
            command = take(now)
        return command


@contextmanager
def _outcome(tell: Callable[[Listener, Exception | None], None], listeners: Sequence[Listener]) -> Iterator[None]:
    error: Exception | None = None
    try:
        yield
    except Exception as raised:
        error = raised
        raise
    finally:
        for listener in listeners:
            tell(listener, error)
