"""The study of the last half metre: poses close by, sideways, behind, in corridors, beside furniture, at a wall."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.bench.metrics.drive_metrics import arrival
from pavane.bench.metrics.smoothness import reversals
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, table_of, watched
from pavane.bench.runner.timed_drive import carry_out
from pavane.bench.runner.workers import in_workers
from pavane.core.geometry import Grid, Pose
from pavane.core.options import at_least
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import OccupancyMap, load_map
from pavane.maps.clearance import clearance_grid

ROBOTS = ("round", "astro_like")  # in turns
NEAR = 1.0  # m: farthest goal
POSITION, HEADING = 0.05, math.radians(5.0)  # what counts as there
PATIENCE = 25.0  # s; a goal that takes longer is a stall
MOVING = 0.02  # m/s; slower is neither forward nor backward
RESOLUTION = 0.05
KINDS = {"anywhere": 400, "sideways": 200, "behind": 200, "furniture": 150, "wall": 50, "corridor": 200}  # goals each
HOME = "house"  # of the furniture


@dataclass(frozen=True, slots=True)
class GoalsStudy:
    """Drive to poses close by: sideways, behind, in corridors, beside furniture, at a wall.

    Example: pavane bench goals --json goals.json

    Args:
        json: file for the figures (docs/guides/studies.md).
        quick: a twentieth of the goals, less than a minute.
        jobs: worker processes.
        seed: draws all goals.
    """

    json: str | None = None
    quick: bool = False
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        at_least("seed", self.seed, 0)
        goals = list_jobs(self.quick, self.seed)
        with watched(terminal, f"{len(goals)} goals", len(goals), _progress) as done:
            results = in_workers(drive_goal, goals, self.jobs, done)
        summary, rows = report(results)
        columns = {
            "goal": "kind", "robot": "robot", "goals": "goals", "within": "within_share", "p99 m": "position_p99_m",
            "p99 deg": "heading_p99_deg", "changes": "direction_changes_max", "p95 s": "time_p95_s",
        }  # fmt: skip
        return Findings("All goals", summary, rows, (table_of("The last half metre", columns, rows),))


def _progress(results: Sequence[NearGoalResult]) -> str:
    return f", {sum(each.within for each in results)} within 5 cm and 5 degrees"


@dataclass(frozen=True, slots=True)
class NearGoal:
    """One goal: its kind, the robot and the number that draws it."""

    kind: str
    robot: str
    seed: int


@dataclass(frozen=True, slots=True)
class NearGoalResult:
    """How a goal ended.

    Args:
        job: which one.
        reached: the navigator said so.
        error: distance of the true place from the goal, m.
        turn_error: difference of the true heading from the goal's, rad.
        seconds: from the request to its end.
        changes: how often it changed between forward and backward.
        contacts: touches of anything.
    """

    job: NearGoal
    reached: bool
    error: float
    turn_error: float
    seconds: float
    changes: int
    contacts: int

    @property
    def within(self) -> bool:
        """Whether it ended where it should."""
        return self.reached and self.error <= POSITION and self.turn_error <= HEADING


def list_jobs(quick: bool, seed: int) -> list[NearGoal]:
    """Return all goals, or a twentieth of each kind."""
    kinds = [(kind, i) for kind, count in KINDS.items() for i in range(count // 20 if quick else count)]
    return [NearGoal(kind, ROBOTS[i % len(ROBOTS)], 10_000 * seed + i) for kind, i in kinds]


def drive_goal(job: NearGoal) -> NearGoalResult:
    """Drive to one goal and judge where the robot really came to rest."""
    robot = RobotProfile.load(job.robot)
    home, start, goal = draw(job, robot)
    run = carry_out(home, robot, start, [GoTo(goal)], seed=job.seed, seconds=PATIENCE).run
    end = arrival(run, run.goals[0])
    reached = run.goals[0].status is Status.REACHED
    changes = reversals(run.v, MOVING)
    return NearGoalResult(job, reached, end.error, end.turn_error, end.seconds, changes, len(run.contacts))


def draw(job: NearGoal, robot: RobotProfile) -> tuple[OccupancyMap, Pose, Pose]:
    """Return the home, where the robot stands and where it is to go."""
    rng = np.random.default_rng([job.seed, list(KINDS).index(job.kind)])
    turn = float(rng.uniform(-math.pi, math.pi))
    if job.kind == "corridor":
        home = _walls(8.0, float(rng.uniform(0.9, 1.2)))
        heading = float(rng.choice([0.0, math.pi]) + rng.normal(0.0, 0.1))
        start = Pose(4.0, 0.5 * home.grid.size[1] - RESOLUTION, heading)
        back = -float(rng.uniform(0.3, NEAR))
        return home, start, start @ Pose(back, 0.0) @ Pose(0.0, 0.0, float(rng.choice([0.0, math.pi])))
    if job.kind == "wall":
        home = _walls(4.0, 4.0)
        gap = float(np.abs(robot.shape.vertices[:, 0]).max()) + robot.shape.radius
        goal = Pose(4.0 - gap - 0.08, 2.0, float(rng.choice([0.0, math.pi])))
        return home, Pose(goal.x - float(rng.uniform(0.5, NEAR)), 2.0 + float(rng.uniform(-0.4, 0.4)), turn), goal
    if job.kind == "furniture":
        return _beside_furniture(robot, rng)
    start = Pose(3.0, 3.0, turn)
    if job.kind == "sideways":
        place = Pose(0.0, 0.3 * float(rng.choice([-1.0, 1.0])))
    elif job.kind == "behind":
        place = Pose(-float(rng.uniform(0.2, NEAR)), float(rng.uniform(-0.1, 0.1)))
    else:
        bearing, distance = rng.uniform(-math.pi, math.pi), NEAR * math.sqrt(rng.uniform(0.01, 1.0))
        place = Pose(distance * math.cos(bearing), distance * math.sin(bearing))
    yaw = 0.0 if rng.random() < 0.25 else float(rng.uniform(-math.pi, math.pi))
    return _walls(6.0, 6.0), start, start @ place @ Pose(0.0, 0.0, yaw)


def _walls(length: float, width: float) -> OccupancyMap:
    """Return a free rectangle from (0, 0), with a wall of one cell around it."""
    rows, columns = round(width / RESOLUTION), round(length / RESOLUTION)
    cells = np.ones((rows + 2, columns + 2), np.uint8)
    cells[1:-1, 1:-1] = 0
    return OccupancyMap(Grid(cells, RESOLUTION, Pose(-RESOLUTION, -RESOLUTION)))


def _beside_furniture(robot: RobotProfile, rng: np.random.Generator) -> tuple[OccupancyMap, Pose, Pose]:
    """Two poses near each other with a hand's breadth of room to turn, the goal near something that stands there."""
    home = load_map(HOME)
    clearance = clearance_grid(home)
    room = robot.shape.circumscribed_radius + 0.05
    rows, columns = np.nonzero((clearance.data > room) & (clearance.data < room + 0.15))
    while True:
        k = int(rng.integers(len(rows)))
        x, y = clearance.centres(np.array([[columns[k], rows[k]]]))[0].tolist()
        goal = Pose(x, y, float(rng.uniform(-math.pi, math.pi)))
        bearing, distance = float(rng.uniform(-math.pi, math.pi)), float(rng.uniform(0.3, NEAR))
        shares = np.linspace(0.0, distance, 20)
        way = np.stack([x + shares * math.cos(bearing), y + shares * math.sin(bearing)], axis=1)
        if (clearance.sample(way, outside=-1.0) > room).all():
            return home, Pose(float(way[-1, 0]), float(way[-1, 1]), float(rng.uniform(-math.pi, math.pi))), goal


def report(results: Sequence[NearGoalResult]) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, and a row for each kind of goal and robot."""
    rows = []
    for kind in KINDS:
        for robot in ROBOTS:
            ours = [r for r in results if (r.job.kind, r.job.robot) == (kind, robot)]
            if ours:
                row: dict[str, Figure] = {"kind": kind, "robot": robot}
                rows.append(row | _figures(ours))
    return _figures(results), rows


def _figures(results: Sequence[NearGoalResult]) -> dict[str, Figure]:
    errors, turns = np.array([r.error for r in results]), np.degrees([r.turn_error for r in results])
    seconds = np.array([r.seconds for r in results])
    return {
        "goals": len(results),
        "within_share": figure(float(np.mean([r.within for r in results]))),
        "stalls": sum(not r.reached for r in results),
        "position_p99_m": figure(float(np.percentile(errors, 99))),
        "heading_p99_deg": figure(float(np.percentile(turns, 99)), 2),
        "direction_changes_max": max(r.changes for r in results),
        "two_changes_share": figure(float(np.mean([r.changes <= 2 for r in results]))),
        "contacts": sum(r.contacts for r in results),
        "time_p50_s": figure(float(np.median(seconds)), 2),
        "time_p95_s": figure(float(np.percentile(seconds, 95)), 2),
    }
