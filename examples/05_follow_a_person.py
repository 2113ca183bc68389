"""Follow somebody through a home, and change one's mind on the way: tasks take effect at once."""

import sys

import numpy as np

from pavane import Follow, GoTo, Navigator, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.drive import Errand, drive
from pavane.figures import run_picture
from pavane.sim import PersonSpec, World

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = load_map("house"), RobotProfile.load("astro_like")
start = home.place("front_door")
guide = PersonSpec(
    start=(6.5, 2.4), goals=((6.4, 5.2), (9.0, 5.3), (13.4, 5.3)), speed=0.6, departs=1.0, kind="stubborn"
)
world = World(home, robot, start, [guide], seed=0)

run = drive(Navigator(robot, home), world, [Errand(Follow()), Errand(GoTo("bath"), at=14.0)], seconds=30.0)

following = run.times < 14.0
gap = np.hypot(*(run.people[following, 0, :2] - run.poses[following, :2]).T)
print(f"followed for 14 s, {gap[len(gap) // 3 :].mean():.2f} m behind on average (1.2 wanted)")
print(f"then to the bath: {run.goals[-1].status.value} after {run.duration - 14.0:.1f} s")
run_picture(run, out / "05_follow_a_person.png")
