"""Send a robot to a place in a simulated home and draw how it went."""

import sys

from pavane import GoTo, Navigator, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import run_picture
from pavane.sim import World

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home = load_map("flat")
robot = RobotProfile.load("astro_like")
world = World(home, robot, home.place("front_door"), seed=0)  # the truth: it gives messages and takes commands

run = drive(Navigator(robot, home), world, [GoTo("sofa")], seconds=40.0)

goal = run.goals[0]
print(f"{goal.name}: {goal.status.value}, {run.distance:.1f} m in {run.duration:.1f} s, {len(run.contacts)} contacts")
run_picture(run, out / "01_drive_to_a_place.png")
