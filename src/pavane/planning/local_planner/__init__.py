"""The local trajectory planner: 6x6 m, 10 Hz, 3 s."""

from pavane.planning.local_planner.config import Objective, PlannerConfig, Refinement, Search
from pavane.planning.local_planner.discomfort_field import covering_discs, discomfort_field
from pavane.planning.local_planner.planner import TrajectoryPlanner
from pavane.planning.local_planner.sample import motions, sample_motions

__all__ = [
    "Objective",
    "PlannerConfig",
    "Refinement",
    "Search",
    "TrajectoryPlanner",
    "covering_discs",
    "discomfort_field",
    "motions",
    "sample_motions",
]
