"""The cycle: sense, believe, fast-forward, plan, act."""

from pavane.navigator.base import TICK
from pavane.navigator.config import NavigatorConfig
from pavane.navigator.listener import WARNED, Listener, Warner
from pavane.navigator.navigator import CYCLE, Navigator
from pavane.navigator.reflex import Reaction
from pavane.navigator.schedule import SEARCH_SHARE
from pavane.navigator.senses import STALE
from pavane.navigator.strategies import OURS, GazePlanner, Guard, LocalPlanner, MakePlanner, Strategies

__all__ = [
    "CYCLE",
    "OURS",
    "SEARCH_SHARE",
    "STALE",
    "TICK",
    "WARNED",
    "GazePlanner",
    "Guard",
    "Listener",
    "LocalPlanner",
    "MakePlanner",
    "Navigator",
    "NavigatorConfig",
    "Reaction",
    "Strategies",
    "Warner",
]
