"""The local trajectory planner: 6x6 m, 10 Hz, 3 s."""

from pavane.trajectory.config import Objective, PlannerConfig, Refinement, Search
from pavane.trajectory.planner import TrajectoryPlanner
from pavane.trajectory.sample import motions, sample_motions
from pavane.trajectory.unease import spots, unease_field

__all__ = [
    "Objective",
    "PlannerConfig",
    "Refinement",
    "Search",
    "TrajectoryPlanner",
    "motions",
    "sample_motions",
    "spots",
    "unease_field",
]
