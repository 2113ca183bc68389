"""One knob from brisk to cautious: how much worse it is to touch something at speed."""

import sys

import numpy as np

from pavane import GoTo, Navigator, NavigatorConfig, Objective, PlannerConfig, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import Way, comparison_picture
from pavane.sim import PersonSpec, World

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = load_map("house"), RobotProfile.load("astro_like")
person = PersonSpec(start=(9.8, 5.5), goals=((6.0, 5.5),), speed=0.6, kind="stubborn")

ways = []
for name, harm_speed in (("brisk", 1.0), ("as it comes", Objective().harm_speed), ("cautious", 12.0)):
    config = NavigatorConfig(planner=PlannerConfig(objective=Objective(harm_speed=harm_speed)))
    world = World(home, robot, home.place("dock"), [person], seed=0)
    run = drive(Navigator(robot, home, config=config), world, [GoTo("corridor_end")], seconds=40.0)
    moving = np.abs(run.v) > 0.05
    print(f"{name}: {run.duration:.1f} s, {run.v[moving].mean():.2f} m/s on average, {len(run.contacts)} contacts")
    ways.append(Way(name, run))

title, note = (
    "From brisk to cautious",
    "harm_speed of the objective: 1, 2.5 and 12 s²/m; the same person comes the other way",
)
comparison_picture(ways, title, note, (5.3, 14.8, 3.2, 6.3), 25.0, out / "07_cautious_or_brisk.png")
