"""Global path planning: the whole map, on demand. Begin with ``RoutePlanner.plan``."""

from pavane.planning.global_planner.planner import RoutePlanner, descend, pace, slowed

__all__ = ["RoutePlanner", "descend", "pace", "slowed"]
