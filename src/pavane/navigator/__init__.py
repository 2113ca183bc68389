"""The cycle: sense, believe, fast-forward, plan, act."""

from pavane.navigator.navigator import (
    CYCLE,
    STALE,
    TICK,
    MakePlanner,
    Navigator,
    NavigatorConfig,
    Reaction,
)

__all__ = ["CYCLE", "STALE", "TICK", "MakePlanner", "Navigator", "NavigatorConfig", "Reaction"]
