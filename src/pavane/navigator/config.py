"""What a navigator is set to."""

from __future__ import annotations

from dataclasses import dataclass, field

from pavane.planning.local_planner import PlannerConfig
from pavane.prediction import Forwarding


@dataclass(frozen=True, slots=True)
class NavigatorConfig:
    """Configuration of all layers that have one, and what is fast-forwarded."""

    planner: PlannerConfig = field(default_factory=PlannerConfig)
    forwarding: Forwarding = field(default_factory=Forwarding)
