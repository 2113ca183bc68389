"""Reactive control: 2x2 m, 50 Hz, the last check. Begin with ``follow`` and ``guard``."""

from pavane.planning.reactive.follow import CommandState, follow
from pavane.planning.reactive.safety_filter import Proposal, Verdict, blind_after, guard

__all__ = ["CommandState", "Proposal", "Verdict", "blind_after", "follow", "guard"]
