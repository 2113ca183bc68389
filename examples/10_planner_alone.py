"""The local planner without anything around it: one belief in, one plan out."""

import sys

import numpy as np

from pavane import Objective, PlannerConfig, Pose, RobotProfile, load_map
from pavane.core.belief import Belief, RobotState, ScreenState, Track
from pavane.core.files import make_folder
from pavane.core.geometry import Gaussian
from pavane.core.plan import PlanPoint
from pavane.figures import snapshot_picture
from pavane.maps.clearance import clearance_grid
from pavane.navigator.snapshot import take_snapshot
from pavane.perception.local_map import mapped_window
from pavane.planning.global_planner import RoutePlanner
from pavane.planning.local_planner import TrajectoryPlanner

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = load_map("house"), RobotProfile.load("astro_like")
here, v = Pose(5.7, 5.2, 0.1), 0.6  # coming out of the living room
guidance = RoutePlanner(clearance_grid(home), robot).plan(
    home.place("kitchen"), here, match_heading=True, tolerance=0.08
)
spread = np.diag([0.05, 0.05, 0.1, 0.1]) ** 2  # of x, y, vx, vy
person = Track(1, Gaussian(np.array([8.6, 5.0, -0.5, 0.0]), spread), age=3.0, sensed=0.0)
belief = Belief(
    stamp=0.0,
    robot=RobotState(here, v, 0.0),
    screen=ScreenState(),
    tracks=(person,),
    local_map=mapped_window(home, here),
    map_from_odom=Pose(0.0, 0.0),
    guidance=guidance,
)

planner = TrajectoryPlanner(robot, PlannerConfig(), np.random.default_rng(0))
plan = planner.plan(belief, PlanPoint(here, v, 0.0, 0.0, 0.0), previous=None)

for stage in plan.candidates.stages:
    print(f"{stage.weighed} candidates weighed: best {stage.best:.3f} m, from {stage.origin}")
print("speed in 0, 1, 2, 3 s:", ", ".join(f"{plan.at(t).v:.2f}" for t in (0.0, 1.0, 2.0, 3.0)), "m/s")
snapshot_picture(take_snapshot(robot, Objective(), belief, plan, 0.0), home, robot, out / "10_planner_alone.png")
