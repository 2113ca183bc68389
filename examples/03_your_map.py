"""Draw a home as a floor plan, write it as a ROS map, read that back, and drive on it."""

import sys

from pavane import GoTo, Navigator, Pose, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import run_picture
from pavane.maps import write_ros_map
from pavane.sim import World

PLAN = """
schema: 1
name: studio
walls:
  - {points: [[0, 0], [6, 0], [6, 4], [0, 4], [0, 0]], thickness: 0.2}
  - {points: [[3.8, 0.1], [3.8, 3.9]]}
doors:
  - {name: bath_door, at: [3.8, 1.0], width: 0.8}
furniture:
  - {shape: rectangle, name: bed, at: [1.0, 3.1], size: [1.6, 1.4]}
  - {shape: disc, name: table, at: [2.2, 1.6], radius: 0.35}
  - {shape: rectangle, name: tub, at: [5.4, 3.3], size: [0.8, 1.2]}
rooms:
  - {name: Bath, at: [4.9, 2.2]}
places:
  - {name: door, x: 0.6, y: 0.7, yaw_deg: 0}
  - {name: bath, x: 4.8, y: 1.6, yaw_deg: 90}
"""

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
(out / "studio.yaml").write_text(PLAN)
drawn = load_map(out / "studio.yaml")
write_ros_map(drawn, out / "studio_ros.yaml")  # and studio_ros.pgm: any ROS tool reads them
scanned = load_map(out / "studio_ros.yaml")  # a ROS map has cells and no names
print(f"{drawn.name}: {drawn.grid.data.shape} cells, places {', '.join(drawn.places)}; as a ROS map: {scanned.places}")

robot = RobotProfile.load("turtlebot4")
start, goal = drawn.place("door"), drawn.place("bath")
for home, target in ((drawn, "bath"), (scanned, Pose(goal.x, goal.y, goal.yaw))):
    run = drive(Navigator(robot, home), World(home, robot, start, seed=0), [GoTo(target)], seconds=60.0)
    print(f"on {home.name}: {run.goals[0].status.value} after {run.duration:.1f} s")
    if home is drawn:
        run_picture(run, out / "03_your_map.png")
