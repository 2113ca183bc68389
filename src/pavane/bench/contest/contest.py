"""The contest: 600 candidates weighed by the kernel, by the same model written otherwise, and by peers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pavane.bench.contest.arena import in_turns
from pavane.bench.contest.c import Evaluate, build
from pavane.bench.contest.peers import PEERS
from pavane.core.arrays import Floats, Floats32
from pavane.core.belief import Belief, RobotState, ScreenState, Track
from pavane.core.geometry import Gaussian, Pose
from pavane.core.robot import RobotProfile
from pavane.maps import load_map
from pavane.maps.clearance import clearance_grid
from pavane.motion.limits import bounds
from pavane.motion.model import Bounds
from pavane.perception.local_map import EXPLAINED, local_map
from pavane.perception.scan_layer import ScanLayer
from pavane.planning.global_planner import RoutePlanner
from pavane.planning.local_planner import Objective
from pavane.planning.local_planner.objective.arguments import Context, gather
from pavane.planning.local_planner.objective.cost import evaluate, gradient
from pavane.planning.local_planner.objective.people import PERSON
from pavane.planning.local_planner.objective.reference import evaluate_naive, plain_situation, unpacked
from pavane.planning.local_planner.problem import PlanningProblem, build_problem
from pavane.planning.local_planner.seeds import box

HOME, ROBOT, PEOPLE = "house", "astro_like", 4
CANDIDATES, REFINED = 600, 16
COUNTS = (64, 128, 256, CANDIDATES, 1000, 2000, 4000)
AGREED = 2e-3  # m, and of the cost: what the same model in other arithmetic may differ by
NAIVE, C = "naive", "c"
RIVALS = (NAIVE, C, *PEERS)
Act = Callable[[], object]


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """Times from the same turns on the same core, ms.

    Args:
        ours: by number of candidates.
        gradients: of 16 candidates.
        rivals: with 600 candidates, by name; who could not be had is not in it.
        differences: of the same model written otherwise, by name: the largest difference of a cost, over 1 m + |cost|.
    """

    ours: dict[int, Floats]
    gradients: Floats
    rivals: dict[str, Floats]
    differences: dict[str, float]


def contest(turns: int) -> Contest:
    """Let everybody who can be had weigh candidates in turns.

    Args:
        turns: how many.

    Raises:
        RuntimeError: what should be the same model gives other costs.
    """
    problem, limits = house_problem(), bounds(RobotProfile.load(ROBOT))
    context = context_of(problem, limits)
    acts: dict[str, Act] = {str(count): _weigh(scattered(limits, count), context) for count in COUNTS}
    acts["gradient"] = _differentiate(scattered(limits, REFINED), context)
    differences = {}
    for name, act, difference in twins(context, limits):
        if difference > AGREED:
            raise RuntimeError(
                f"the costs of {name} differ by {difference:.2g}, more than {AGREED:g}: not the same model"
            )
        acts[name], differences[name] = act, difference
    for name, make in PEERS.items():
        try:
            acts[name] = make(problem, limits, CANDIDATES)
        except ImportError:
            continue
    times = in_turns(acts, turns)
    ours = {count: times[str(count)] for count in COUNTS}
    rivals = {name: times[name] for name in RIVALS if name in times}
    return Contest(ours, times["gradient"], rivals, differences)


def twins(context: Context, limits: Bounds) -> Iterator[tuple[str, Act, float]]:
    """The same model in plain numba and, where there is a compiler, in C: name, call, difference of its costs."""
    start, comfort, weights, fields, goal, discs, body, people, discount, _ = context
    decisions = scattered(limits, CANDIDATES)
    expected = np.empty(CANDIDATES, np.float32)
    evaluate(decisions, *context.arguments, expected)

    def difference(costs: Floats | Floats32) -> float:
        return float((np.abs(costs - expected) / (1.0 + np.abs(expected))).max())

    situation = plain_situation(comfort, weights, unpacked(fields), goal, discs, body, people, discount)
    doubles, first, costs = decisions.astype(float), start.astype(float), np.empty(CANDIDATES)

    def naive() -> object:
        return evaluate_naive(doubles, first, situation, costs)

    naive()
    yield NAIVE, naive, difference(costs)
    library = build()
    if library is not None:
        in_c, theirs = Evaluate(library, context), np.empty(CANDIDATES, np.float32)
        in_c(decisions, theirs)
        yield C, lambda: in_c(decisions, theirs), difference(theirs)


def _weigh(decisions: Floats32, context: Context) -> Act:
    costs = np.empty(decisions.shape[1], np.float32)
    return lambda: evaluate(decisions, *context.arguments, costs)


def _differentiate(decisions: Floats32, context: Context) -> Act:
    costs, slopes = np.empty(decisions.shape[1], np.float32), np.empty(decisions.shape, np.float32)
    return lambda: gradient(decisions, *context.arguments, costs, slopes)


def scattered(limits: Bounds, count: int) -> Floats32:
    """Decisions (8, count) all over the box."""
    low, high = box(limits)
    shares = np.random.default_rng(0).uniform(0.0, 1.0, (8, count))
    return (low[:, None] + shares * (high - low)[:, None]).astype(np.float32)


def context_of(problem: PlanningProblem, limits: Bounds) -> Context:
    """What candidates are judged by."""
    start = problem.start.astype(np.float32)
    return gather(
        start, limits, problem.weights, problem.fields, problem.goal,
        problem.discs, problem.body, problem.people, problem.discount,
    )  # fmt: skip


def house_problem() -> PlanningProblem:
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
    problem = build_problem(belief, robot.shape, Objective(hidden=0.0), (0.6, 0.1, 0.0, 0.0), 8)
    likeliest = problem.people[0, :, PERSON.discomfort_gain] > 0.0  # one hypothesis about each
    return replace(problem, people=problem.people[:, likeliest].copy())
