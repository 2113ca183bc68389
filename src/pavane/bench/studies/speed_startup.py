"""The first plan of a process: how long it takes from the start, and how much memory; for a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.messages import Localization, Odometry, Scan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import load_map
from pavane.navigator import TICK, Navigator

HOME, ROBOT, FROM, TO = "house", "astro_like", "dock", "kitchen"
HERE = """
from pavane.bench.studies.speed_startup import plan_once
from pavane.bench.runner.memory import peak_mb
plan_once()
print(peak_mb())
"""


@dataclass(frozen=True, slots=True, eq=False)
class FirstPlans:
    """From the start of a fresh process to its first plan.

    Args:
        compile_s: with nothing compiled.
        warm_s: (N,) compiled before.
        peak_mb: the most memory that a process of the latter kind ever had, MB, interpreter and libraries included.
    """

    compile_s: float
    warm_s: Floats
    peak_mb: float


def first_plans(repeats: int) -> FirstPlans:
    """Start processes, the first with an empty cache, and wait for the plan of each.

    Args:
        repeats: how many with everything compiled.
    """
    times, peaks = [], []
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"PAVANE_CACHE": cache}
        for _ in range(1 + repeats):
            began = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", HERE], env=environment, check=True, stdout=subprocess.PIPE)
            times.append(time.perf_counter() - began)
            peaks.append(float(done.stdout))
    return FirstPlans(times[0], np.array(times[1:]), max(peaks[1:]))


def plan_once() -> None:
    """Give a navigator what it needs and step it until it drives by a plan."""
    home, robot = load_map(HOME), RobotProfile.load(ROBOT)
    navigator = Navigator(robot, home)
    navigator.request(GoTo(TO))
    ranges = np.full(robot.lidar.rays, np.inf)
    increment = robot.lidar.field_of_view / robot.lidar.rays
    for tick in range(100):
        now = tick * TICK
        navigator.observe(Odometry(now, Pose(0.0, 0.0), 0.0, 0.0))
        navigator.observe(Localization(now, home.place(FROM)))
        angle = -0.5 * robot.lidar.field_of_view
        navigator.observe(Scan(now, angle, increment, ranges, robot.lidar.range_max, robot.lidar.mount))
        navigator.step(now)
        if navigator.plan is not None and navigator.guidance is not None:
            return
    raise RuntimeError("no plan within 2 s")
