"""Global path planning: the whole map, on demand."""

from pavane.route.planner import RoutePlanner, descend, pace, slowed

__all__ = ["RoutePlanner", "descend", "pace", "slowed"]
