"""Speed in a corridor, against its width and against somebody who comes: is it continuous, and what theory says?

Each corridor is endless and its clearance exact, so what changes by a centimetre changes nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pavane.baselines.objectives import KNOB, turned
from pavane.bench.runner.report import Figure, figure
from pavane.core.arrays import Floats, Floats32
from pavane.core.belief import Belief, LocalMap, RobotState, ScreenState, Track
from pavane.core.geometry import Gaussian, Grid, Pose, passage_radius
from pavane.core.plan import Guidance, Plan, PlanPoint
from pavane.core.robot import RobotProfile
from pavane.numerics.fast_marching import cost_to_go
from pavane.planning.global_planner import pace
from pavane.planning.local_planner import Objective, PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.objective.walls import touch_hazard, wall_hazard

CELLS, STEP = 120, 0.05  # of the window, and m
AHEAD = 12.0  # m from the robot to the goal
WIDTHS = tuple(round(0.01 * n, 2) for n in range(43, 301))  # m
DISTANCES = tuple(round(0.01 * n, 2) for n in range(80, 451))  # m of air between robot and person, who comes at 1 m/s
ANGLES = tuple(range(-60, 61))  # degrees by which somebody 3 m ahead walks off the line to the robot
HALL = 2.4  # m, width of the corridor in which somebody comes
ASIDE = 0.3  # m that they are to the left
CYCLE, CYCLES, SPEED = 0.1, 40, 0.5  # s from plan to plan, how many until the speed is steady, m/s at the start
LATENCY = 0.38  # s since people were sensed
NAMED = {"60cm": 0.6, "70cm": 0.7, "80cm": 0.8, "1m": 1.0, "120cm": 1.2, "160cm": 1.6, "2m": 2.0, "3m": 3.0}
TURNED = ("60cm", "1m", "160cm")  # widths at which the knob is turned
SOON = 1.0  # s after which the speed of a plan is read


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speeds in corridors, m/s.

    Args:
        turned: steady speed with the knob turned, by the names of a width and of that, ``1m_brisk``.
        widths: of each corridor, m.
        driven: steady speed in each.
        theory: what the one-dimensional formula says.
        distances, before: air between the robot and somebody who comes, m; speed planned for 1 s later.
        angles, beside: direction of somebody's walk, degrees; speed planned for 1 s later.
    """

    turned: Mapping[str, float]
    widths: Floats
    driven: Floats
    theory: Floats
    distances: Floats
    before: Floats
    angles: Floats
    beside: Floats


def study(robot: RobotProfile, tell: Callable[[str], None], every: int = 1) -> Speeds:
    """Drive in all corridors.

    Args:
        robot: whose.
        tell: told what is done next.
        every: only so manyth of the steps, each from one value to the next as long as ever.
    """
    tell("corridors of all widths")
    widths = sorted({*steps_of(WIDTHS, every), *NAMED.values()})
    distances, angles = steps_of(DISTANCES, every), steps_of(ANGLES, every)
    driven = [steady_speed(robot, width) for width in widths]
    knob = {f"{at}_{name}": steady_speed(robot, NAMED[at], share) for at in TURNED for name, share in KNOB.items()}
    tell("somebody comes along a corridor")
    near = [met_speed(robot, distance, 0.0) for distance in distances]
    beside = [met_speed(robot, 3.0, float(angle)) for angle in angles]
    theory = [theory_speed(robot, width) for width in widths]
    values = (np.array(part, float) for part in (widths, driven, theory, distances, near, angles, beside))
    return Speeds(knob, *values)


def steps_of(values: Sequence[float], every: int) -> list[float]:
    """Return every so manyth value with the one after it, in order: a jump is one from a value to the very next."""
    return [value for number, value in enumerate(values) if number % every in (0, 1)]


def largest_jump(at: Floats, speeds: Floats) -> float:
    """Return the largest change of speed, m/s, over a single step, which is the shortest between values of ``at``."""
    steps = np.diff(at)
    single = steps < 1.5 * steps.min()
    return float(np.abs(np.diff(speeds))[single].max())


def corridor(width: float, robot: RobotProfile) -> tuple[LocalMap, Guidance]:
    """Return the window of an endless corridor along x around the origin, and guidance along it."""
    half = 0.5 * CELLS * STEP
    y = (np.arange(CELLS) + 0.5) * STEP - half
    columns = CELLS + round(AHEAD / STEP)
    clearance: Floats32 = np.tile((0.5 * width - np.abs(y))[:, None], (1, columns)).astype(np.float32)
    origin = Pose(-half, -half)
    window = LocalMap(clearance[:, :CELLS].copy(), np.ones((CELLS, CELLS), np.bool_), STEP, origin, 0.0)
    speed = pace(clearance, passage_radius(robot.shape))
    goal = Pose(AHEAD, 0.0)
    cost = cost_to_go(speed, half / STEP - 0.5, (AHEAD + half) / STEP - 0.5, STEP)
    path = np.array([[0.0, 0.0], [AHEAD, 0.0]])
    return window, Guidance(goal, goal, Grid(cost, STEP, origin), path, False, 0.1, pace=speed)


def steady_speed(robot: RobotProfile, width: float, share: float = 1.0) -> float:
    """Return the speed that the planner keeps in the middle of a corridor, m/s: the mean of its last second.

    ``share`` is by how much the knob is turned.
    """
    planner = turned(share, robot, PlannerConfig(), np.random.default_rng(0))
    window, guidance = corridor(width, robot)
    speeds: list[float] = []
    plan: Plan | None = None
    point = PlanPoint(Pose(0.0, 0.0), SPEED, 0.0, 0.0, 0.0)
    for cycle in range(CYCLES):
        now = CYCLE * cycle
        if plan is not None:
            point = plan.at(now)
        plan = planner.plan(_belief(now, point.v, (), window, guidance), point, plan)
        speeds.append(point.v)
    return float(np.mean(speeds[-10:]))


def met_speed(robot: RobotProfile, distance: float, angle: float) -> float:
    """The speed planned for ``SOON``, m/s, with somebody ahead: so much air, walking so many degrees off the line."""
    planner = TrajectoryPlanner(robot, PlannerConfig(), np.random.default_rng(0))
    window, guidance = corridor(HALL, robot)
    place = np.array([distance + 0.25 + robot.shape.circumscribed_radius, ASIDE])
    heading = math.radians(180.0 + angle)
    state = np.array([*place, math.cos(heading), math.sin(heading)])
    track = Track(1, Gaussian(state, np.diag([0.01, 0.01, 0.01, 0.01])), 3.0, -LATENCY)
    plan = None
    for _ in range(3):  # the same moment again: what a warm start makes better
        point = PlanPoint(Pose(0.0, 0.0), SPEED, 0.0, 0.0, 0.0)
        plan = planner.plan(_belief(0.0, SPEED, (track,), window, guidance), point, plan)
    assert plan is not None
    return plan.at(SOON).v


def _belief(now: float, v: float, tracks: Sequence[Track], window: LocalMap, guidance: Guidance) -> Belief:
    return Belief(now, RobotState(Pose(0.0, 0.0), v), ScreenState(), tuple(tracks), window, Pose(0.0, 0.0), guidance)


def theory_speed(robot: RobotProfile, width: float) -> float:
    """Return the speed that is best to keep for ever in the middle of a corridor, m/s.

    The value of v for T = 3 s: (v/F - lambda C) (1 - e^-(lambda + rho) T) / (lambda + rho), the harm that survival does
    not discount, and being alive at the end; F is how many metres a metre of the way counts.
    """
    objective = Objective()
    weights = objective.weights(match_heading=False)
    gap = 0.5 * width - robot.shape.circumscribed_radius
    share = float(pace(np.array([[0.5 * width]], np.float32), passage_radius(robot.shape))[0, 0])
    v = np.arange(0.0, robot.limits.vx_max + 1e-9, 0.005)
    near = np.float32(gap)
    rate = np.array(
        [float(wall_hazard(near, np.float32(s), weights) + touch_hazard(near, near, np.float32(s), weights)) for s in v]
    )
    harm = rate * (objective.harm_base + objective.harm_speed * v**2)
    horizon, rho = 3.0, objective.discount
    lasting = (1.0 - np.exp(-(rate + rho) * horizon)) / (rate + rho)
    value = (v / max(share, 1e-3) - harm) * lasting - objective.undiscounted_harm * harm * (
        1.0 - np.exp(-rho * horizon)
    ) / rho
    value += objective.survival_bonus * np.exp(-(rate + rho) * horizon)
    return float(v[np.argmax(value)])


def report(speeds: Speeds) -> dict[str, Figure]:
    """Return what a summary says of it."""
    jumps = [
        largest_jump(at, part)
        for at, part in (
            (speeds.widths, speeds.driven),
            (speeds.distances, speeds.before),
            (speeds.angles, speeds.beside),
        )
    ]
    told = {
        f"corridor_speed_{name}": figure(float(np.interp(width, speeds.widths, speeds.driven)))
        for name, width in NAMED.items()
    }
    return {
        **told,
        **{f"corridor_speed_{name}": figure(speed) for name, speed in speeds.turned.items()},
        "corridor_speed_least": figure(float(speeds.driven.min())),
        "theory_error": figure(float(np.abs(speeds.driven - speeds.theory).max())),
        "max_speed_jump": figure(max(jumps)),
        "max_speed_jump_width": figure(jumps[0]),
        "max_speed_jump_distance": figure(jumps[1]),
        "max_speed_jump_angle": figure(jumps[2]),
    }
