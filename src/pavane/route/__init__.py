"""Global path planning: the whole map, on demand."""

from pavane.route.planner import RoutePlanner

__all__ = ["RoutePlanner"]
