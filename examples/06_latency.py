"""What half a second of latency does, and what the fast-forward does about it."""

import sys

import msgspec
import numpy as np

from pavane import Forwarding, GoTo, Navigator, NavigatorConfig, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.core.robot import Latencies
from pavane.drive import drive
from pavane.figures import Way, comparison_picture
from pavane.sim import World

LATE = Latencies(scan=0.05, perception=0.2, planning=0.1, routing=0.2, actuation=0.13, actuation_lag=0.07)  # 0.5 s

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home = load_map("flat")
robot = msgspec.structs.replace(RobotProfile.load("astro_like"), latency=LATE)

ways = []
for name, forwarding in (("fast-forwarded", Forwarding()), ("not", Forwarding(robot=False, people=False))):
    navigator = Navigator(robot, home, config=NavigatorConfig(forwarding=forwarding))
    run = drive(navigator, World(home, robot, home.place("dock"), seed=0), [GoTo("sofa")], seconds=20.0)
    turned = np.degrees(np.trapezoid(np.abs(run.omega), run.times))
    print(f"{name}: {run.goals[0].status.value} after {run.duration:.1f} s, turned by {turned:.0f}° in all")
    ways.append(Way(name, run))

title, note = "Half a second late", "the same way through the flat, with and without fast-forward"
view = (2.4, 7.6, 1.2, 6.8)  # x0, x1, y0, y1 in map, m
comparison_picture(ways, title, note, view, 20.0, out / "06_latency.png", turns=True)
