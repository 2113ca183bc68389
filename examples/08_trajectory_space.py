"""Look at the space that the planner searches: every sample can be driven, and none breaks a limit."""

import sys

import numpy as np

from pavane import RobotProfile
from pavane.core.files import make_folder
from pavane.figures import space_picture
from pavane.planning.local_planner import sample_motions

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
robot = RobotProfile.load("jackal")
motions = sample_motions(robot, 600, np.random.default_rng(0), speed=0.8)  # (600, 61, 5) x, y, yaw, v, omega

v, omega = motions[:, :, 3], motions[:, :, 4]
a = np.diff(v, axis=1) / 0.05
limits = robot.limits
print(f"speeds {v.min():.2f} to {v.max():.2f} m/s, allowed {limits.vx_min:.2f} to {limits.vx_max:.2f}")
print(f"acceleration {a.min():.2f} to {a.max():.2f} m/s², allowed {limits.ax_min:.2f} to {limits.ax_max:.2f}")
print(f"turns up to {np.abs(omega).max():.2f} rad/s, allowed {limits.wz_max:.2f}")
print(f"{(v.min(axis=1) < 0.02).sum()} of {len(v)} stop; {(np.abs(motions[:, -1, 2]) > 1.5).sum()} turn more than 86°")
space_picture(motions, 3.0, robot, out / "08_trajectory_space.png")
