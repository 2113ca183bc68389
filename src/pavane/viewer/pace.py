"""Pace: how much simulated time goes by from picture to picture."""

from __future__ import annotations

LONGEST = 0.1  # s of real time that one picture may make up for; a slower machine slows the world down
STEP = 0.1  # s: one step while the world stands


class Pace:
    """The world's clock beside the real one: it goes, stands, or goes on by single steps.

    Attributes:
        paused: whether it stands.
        speed: how much faster than real time it goes, while it goes.
    """

    def __init__(self) -> None:
        self.paused, self.speed = False, 1.0
        self._due = 0.0  # s of steps that were asked for

    @property
    def factor(self) -> float:
        """How much faster than real time the world goes now; 0 while it stands."""
        return 0.0 if self.paused else self.speed

    def step(self) -> None:
        """Let it go on by one step and stand again."""
        self.paused, self._due = True, STEP

    def seconds(self, elapsed: float) -> float:
        """Return how far the world goes on after so much real time, s."""
        due, self._due = self._due, 0.0
        return due if self.paused else self.speed * min(elapsed, LONGEST)
