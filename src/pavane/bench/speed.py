"""The study of speed: how long computing takes on this machine, on one core."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pavane.arrays import Floats
from pavane.belief import Belief, RobotState, ScreenState, Track
from pavane.bench.report import Figure, figure
from pavane.bench.trial import Outcome, carry_out
from pavane.geometry import Gaussian, Pose
from pavane.kernels.evaluate import evaluate
from pavane.limits import bounds
from pavane.maps import load_map
from pavane.maps.clearance import clearance_grid
from pavane.messages import Localization, Odometry, Scan
from pavane.navigator import TICK, Navigator
from pavane.perceive.local_map import EXPLAINED, local_map
from pavane.perceive.scan_layer import ScanLayer
from pavane.robot import RobotProfile
from pavane.route import RoutePlanner
from pavane.tasks import GoTo
from pavane.trajectory import Objective
from pavane.trajectory.scene import Scene, build_scene
from pavane.trajectory.seeds import box

HOME, ROBOT, PEOPLE = "house", "astro_like", 4
CANDIDATES = 600
PLACES = ("kitchen", "bed", "sofa")  # of the house; driven to in turn, from the dock
FIRST_PLAN = "from pavane.bench.speed import plan_once; plan_once()"


@dataclass(frozen=True, slots=True, eq=False)
class Timings:
    """Wall times, one for each repetition.

    Args:
        evaluate_ms: weighing 600 candidates.
        cycle_ms: planning cycles of a drive.
        reflex_ms: reactive ticks of that drive.
        route_ms: routes over the whole house.
        first_run_s: (2,) from the start of a process to its first plan: nothing compiled, and all compiled.
        realtime_factor: simulated seconds for each second of that drive.
    """

    evaluate_ms: Floats
    cycle_ms: Floats
    reflex_ms: Floats
    route_ms: Floats
    first_run_s: Floats
    realtime_factor: float


def study(quick: bool, tell: Callable[[str], None]) -> Timings:
    """Measure everything.

    Args:
        quick: fewer repetitions.
        tell: told what is measured next.
    """
    tell("compiling, in a fresh process")
    first = first_run_seconds()
    tell("candidates")
    evaluated = evaluate_ms(400 if quick else 2000)
    tell("routes")
    route = route_ms(10 if quick else 40)
    tell("a drive with people")
    outcome = house_drive(15.0 if quick else 60.0)
    factor = outcome.run.duration / outcome.wall_seconds
    return Timings(evaluated, outcome.cycle_ms, outcome.reflex_ms, route, first, factor)


def report(timings: Timings) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary and rows."""
    evaluated, cycle, reflex, first = timings.evaluate_ms, timings.cycle_ms, timings.reflex_ms, timings.first_run_s
    summary = {
        "evaluate_600x60_ms": figure(float(evaluated.min())),
        "evaluate_600x60_ms_median": figure(float(np.median(evaluated))),
        "cycle_p50_ms": figure(float(np.percentile(cycle, 50)), 3),
        "cycle_p99_ms": figure(float(np.percentile(cycle, 99)), 3),
        "reflex_p50_ms": figure(float(np.percentile(reflex, 50)), 3),
        "reflex_p99_ms": figure(float(np.percentile(reflex, 99)), 3),
        "route_ms": figure(float(np.median(timings.route_ms)), 3),
        "first_run_compile_s": figure(float(first[0]), 2),
        "second_run_s": figure(float(first[1]), 2),
        "realtime_factor": figure(timings.realtime_factor, 1),
        "people": PEOPLE,
        "robot": ROBOT,
        "home": HOME,
    }
    samples = {
        "evaluate 600 x 60": evaluated,
        "planning cycle": cycle,
        "reactive tick": reflex,
        "route over the house": timings.route_ms,
        "first plan, nothing compiled": 1e3 * first[:1],
        "first plan, compiled before": 1e3 * first[1:],
    }
    return summary, [_row(name, values) for name, values in samples.items()]


def _row(name: str, values: Floats) -> dict[str, Figure]:
    p50, p99 = np.percentile(values, [50, 99])
    row: dict[str, Figure] = {"part": name, "samples": len(values)}
    for key, value in (("min_ms", values.min()), ("p50_ms", p50), ("p99_ms", p99), ("max_ms", values.max())):
        row[key] = figure(float(value))
    return row


def house_scene() -> Scene:
    """What a planning cycle looks at: the robot on its way through the house, with four people near it."""
    robot, home = RobotProfile.load(ROBOT), load_map(HOME)
    static = clearance_grid(home)
    here = home.place("dock")
    guidance = RoutePlanner(static, robot).plan(home.place("kitchen"), here, match_heading=True, tolerance=0.1)
    tracks = tuple(
        Track(i, Gaussian(np.array([here.x + dx, here.y + dy, vx, vy]), 0.01 * np.eye(4)), 3.0, -0.3)
        for i, (dx, dy, vx, vy) in enumerate(
            [(2.0, 0.5, -0.7, 0.0), (1.5, -0.8, 0.0, 0.5), (-1.0, 1.0, 0.6, -0.3), (0.5, 2.0, 0.0, 0.0)]
        )
    )
    window = local_map(static, ScanLayer(static, EXPLAINED), here, 0.0)
    belief = Belief(
        0.0, RobotState(here, 0.6, 0.1), ScreenState(), tracks, window,
        Pose(0.0, 0.0), guidance,
    )  # fmt: skip
    return build_scene(belief, robot.shape, Objective(), (0.6, 0.1, 0.0, 0.0), 8)


def evaluate_ms(repeats: int) -> Floats:
    """(repeats,) wall times of weighing 600 candidates of 60 steps, ms."""
    scene, limits = house_scene(), bounds(RobotProfile.load(ROBOT))
    low, high = box(limits)
    shares = np.random.default_rng(0).uniform(0.0, 1.0, (8, CANDIDATES))
    decisions = (low[:, None] + shares * (high - low)[:, None]).astype(np.float32)
    costs = np.empty(CANDIDATES, np.float32)

    def once() -> None:
        evaluate(
            decisions, scene.start.astype(np.float32), limits, scene.weights, scene.fields, scene.goal, scene.discs,
            scene.body, scene.people, scene.discount, costs,
        )  # fmt: skip

    return _time(once, repeats)


def route_ms(repeats: int) -> Floats:
    """(repeats,) wall times of a cost-to-go over the whole house with its path, ms."""
    robot, home = RobotProfile.load(ROBOT), load_map(HOME)
    planner = RoutePlanner(clearance_grid(home), robot)
    goal, start = home.place("bed"), home.place("kitchen")
    return _time(lambda: planner.plan(goal, start, match_heading=True, tolerance=0.1), repeats)


def house_drive(seconds: float) -> Outcome:
    """A drive through the house with four people; at most ``seconds`` for each of three places."""
    home, robot = load_map(HOME), RobotProfile.load(ROBOT)
    tasks = [GoTo(place) for place in PLACES]
    return carry_out(home, robot, home.place("dock"), tasks, seed=1, seconds=seconds, people=PEOPLE)


def first_run_seconds() -> Floats:
    """(2,) s from the start of a fresh process to its first plan: with nothing compiled, and once more."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"PAVANE_CACHE": cache}
        times = []
        for _ in range(2):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", FIRST_PLAN], env=environment, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    return np.array(times)


def plan_once() -> None:
    """Give a navigator what it needs and step it until it drives by a plan."""
    home, robot = load_map(HOME), RobotProfile.load(ROBOT)
    navigator = Navigator(robot, home)
    navigator.request(GoTo("kitchen"))
    ranges = np.full(robot.lidar.rays, np.inf)
    increment = robot.lidar.field_of_view / robot.lidar.rays
    for tick in range(100):
        now = tick * TICK
        navigator.observe(Odometry(now, Pose(0.0, 0.0), 0.0, 0.0))
        navigator.observe(Localization(now, home.place("dock")))
        angle = -0.5 * robot.lidar.field_of_view
        navigator.observe(Scan(now, angle, increment, ranges, robot.lidar.range_max, robot.lidar.mount))
        navigator.step(now)
        if navigator.plan is not None and navigator.guidance is not None:
            return
    raise RuntimeError("no plan within 2 s")


def _time(action: Callable[[], object], repeats: int) -> Floats:
    action()  # compiles, or loads what was compiled
    times = np.empty(repeats)
    for i in range(repeats):
        began = time.perf_counter()
        action()
        times[i] = 1e3 * (time.perf_counter() - began)
    return times
