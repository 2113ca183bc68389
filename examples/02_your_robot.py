"""Write a profile of your own robot, see what its brakes and latencies allow, and drive it."""

import sys

from pavane import GoTo, Navigator, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.core.profile_check import check_profile
from pavane.drive import drive
from pavane.figures import run_picture
from pavane.sim import World

PROFILE = """
schema: 1
name: my_robot
footprint: [[0.28, 0.18], [0.28, -0.18], [-0.22, -0.18], [-0.22, 0.18]]    # corners, m, seen from between the wheels
limits: {vx_max: 0.6, vx_min: -0.2, wz_max: 1.5, ax_max: 0.5, ax_min: -0.7, az_max: 3.0, jx_max: 4.0, jz_max: 20.0}
emergency: {ax_min: -1.5, az_max: 6.0}
wheels: {track_width: 0.30, speed_max: 0.9}
lidar: {range_max: 8.0, field_of_view_deg: 270, rays: 270, rate: 10, x: 0.15}
detector: {range_max: 5.0, field_of_view_deg: 90}
latency: {scan: 0.08, perception: 0.30, planning: 0.05, routing: 0.20, actuation: 0.08, actuation_lag: 0.05}
"""

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
path = out / "my_robot.yaml"
path.write_text(PROFILE)
robot = RobotProfile.load(path)

report = check_profile(robot)
print(f"from a scan to the wheels: {report.reaction_time:.2f} s; comfortable up to {report.comfort_speed:.2f} m/s")
for warning in report.warnings:
    print("note:", warning)

home = load_map("flat")
world = World(home, robot, home.place("dock"), seed=0)
run = drive(Navigator(robot, home), world, [GoTo("kitchen")], seconds=40.0)
print(f"{run.goals[0].status.value} after {run.duration:.1f} s")
run_picture(run, out / "02_your_robot.png")
