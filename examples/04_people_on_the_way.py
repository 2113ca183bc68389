"""Drive where people walk: one who ignores the robot, one who makes room, a child, and one who wanders."""

import sys

import numpy as np

from pavane import GoTo, Navigator, RobotProfile, load_map
from pavane.bench.metrics.drive_metrics import measure
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import run_picture
from pavane.sim import PersonSpec, World, crowd

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = load_map("house"), RobotProfile.load("astro_like")
start = home.place("corridor_end")
people = [
    PersonSpec(start=(6.6, 5.65), goals=((13.0, 5.65),), speed=0.8, kind="stubborn"),
    PersonSpec(start=(9.9, 3.9), goals=((9.9, 5.2), (6.5, 5.2), (6.5, 2.0)), speed=0.7, departs=3.0),
    PersonSpec(start=(11.7, 7.0), goals=((11.7, 5.4), (13.6, 5.5)), kind="child", departs=9.0),
    *crowd(home, 1, np.random.default_rng(5), avoid=start),
]
world = World(home, robot, start, people, seed=0)
run = drive(Navigator(robot, home), world, [GoTo("kitchen")], seconds=40.0)

metrics = measure(run)
print(f"{run.goals[0].status.value} after {run.duration:.1f} s, {metrics.contacts} contacts")
print(f"closest to a person {metrics.person_distance:.2f} m, to a wall {metrics.wall_clearance:.2f} m")
run_picture(run, out / "04_people_on_the_way.png")
