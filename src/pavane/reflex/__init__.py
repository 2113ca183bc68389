"""Reactive control: 2x2 m, 50 Hz, the last check."""

from pavane.reflex.follow import CommandState, follow
from pavane.reflex.guard import Verdict, blind_after, guard

__all__ = ["CommandState", "Verdict", "blind_after", "follow", "guard"]
