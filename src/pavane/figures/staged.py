"""Drives made for the pictures: each returns plain values to draw."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pavane.baselines.objectives import OURS, Tuning, maker
from pavane.bench.runner.report import Figure
from pavane.bench.scenes.encounters import Encounter, draw
from pavane.bench.studies import latency_drives as latency
from pavane.bench.studies.risk import report
from pavane.bench.studies.risk_forecasts import judge_crowds
from pavane.bench.studies.risk_tracks import CAST, wandering
from pavane.bench.studies.scenarios import NAVIGATOR, drive_scenario
from pavane.core.arrays import Floats
from pavane.core.belief import NearMap
from pavane.core.entities import Entity
from pavane.core.geometry import Pose
from pavane.core.messages import Scan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.drive import drive
from pavane.drive_log import Run, Snapshot
from pavane.figures.comparison import Way
from pavane.figures.kinds import Passed
from pavane.figures.layers import LayerPanel
from pavane.figures.snapshot import interest
from pavane.maps import load_map, make_map, stock_homes
from pavane.maps.clearance import clearance_grid
from pavane.motion.model import DT, STEPS
from pavane.navigator import CYCLE, TICK, WARNED, Listener, Navigator
from pavane.perception import local_map, near_map
from pavane.sim import PersonSpec, World
from pavane.sim.scenario import SCENARIOS

MIDDLE = 1.3  # m: the straight way along the hall past entities of all kinds
BODY = 0.2  # m: radius of the person in it
HOME, START, GOAL = "house", "sofa", "bath"  # of the errand
PEOPLE = (
    PersonSpec(
        start=(2.5, 7.2),
        goals=((2.2, 6.1), (2.8, 5.0), (4.6, 4.3), (4.3, 3.2)),
        speed=0.9,
        departs=0.9,
        kind="stubborn",
    ),
    PersonSpec(start=(5.7, 7.3), goals=((6.6, 6.1), (6.5, 4.6), (6.4, 1.4)), speed=0.9, departs=5.2, kind="stubborn"),
    PersonSpec(start=(11.7, 3.6), goals=((11.7, 5.2), (9.6, 5.1), (9.9, 3.9)), speed=0.7, departs=6.5),
)
HORIZON = STEPS * DT  # s
DEMO_VIEW = (-0.15, 10.55, 1.9, 8.75)  # m in ``map``
EVERY = 0.05  # s between planning cycles that are kept: every one


class _Scans(Listener):
    """Keeps the scans that a navigator is given."""

    def __init__(self) -> None:
        self.kept: list[Scan] = []

    def observed(self, message: object, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        if isinstance(message, Scan):
            self.kept.append(message)


@lru_cache(maxsize=2)
def run_errand(profile: str, seed: int) -> tuple[Run, tuple[Scan, ...]]:
    """Drive an errand through a house with people on the way; return it with every planning cycle, and its scans."""
    robot, home = RobotProfile.load(profile), load_map(HOME)
    scans = _Scans()
    navigator = Navigator(robot, home, listeners=(*WARNED, scans), seed=seed)
    world = World(home, robot, home.place(START), PEOPLE, seed=seed)
    run = drive(navigator, world, [GoTo(GOAL)], seconds=60.0, snapshot_every=EVERY)
    return run, tuple(scans.kept)


def near_moment(run: Run, scans: Sequence[Scan], snapshot: Snapshot) -> tuple[NearMap, Floats]:
    """Return the near map when a plan takes effect, and the poses (K, 3) in ``map`` of the stop that is checked."""
    k = run.index(snapshot.time)
    static = clearance_grid(run.home)
    layer = near_map.near_layer(static, run.robot.lidar.range_std)
    for scan in scans:
        if snapshot.time - near_map.MEMORY < scan.stamp <= snapshot.time:
            layer.add(scan, Pose(*run.poses[run.index(scan.stamp)]), np.zeros((0, 3)))
    here = Pose(*run.poses[k])
    near = near_map.near_map(static, layer, here, snapshot.time)
    v, omega, brake = float(run.v[k]), float(run.omega[k]), -run.robot.emergency.ax_min
    times = np.linspace(0.0, TICK + v / brake, 8)  # one reaction time on, then along the same arc to a stop
    braking = np.maximum(times - TICK, 0.0)
    gone = v * times - 0.5 * brake * braking**2
    yaw = here.yaw + gone * omega / max(v, 0.05)
    middle = here.yaw + 0.5 * gone * omega / max(v, 0.05)
    return near, np.stack([here.x + gone * np.cos(middle), here.y + gone * np.sin(middle), yaw], axis=1)


def layers_of(run: Run, snapshot: Snapshot) -> tuple[LayerPanel, ...]:
    """Return the three layers in words, from the constants and the profile in force."""
    late, grid = run.robot.latency, run.home.grid
    rows, columns = grid.data.shape
    planning = f"{1e3 * late.perception:.0f} ms old, {1e3 * late.planning:.0f} ms to plan"
    return (
        LayerPanel(
            "global path planning", "which way?", _extent(columns, rows, grid.resolution), "on demand",
            f"guidance {1e3 * late.routing:.0f} ms after a request",
        ),
        LayerPanel(
            "local trajectory planning", "which motion?",
            _extent(local_map.SIDE, local_map.SIDE, snapshot.clearance.resolution),
            f"{1.0 / (CYCLE * TICK):g} times a second, {HORIZON:g} s ahead", planning,
        ),
        LayerPanel(
            "reactive control", "is the stop still free?",
            _extent(near_map.SIDE, near_map.SIDE, grid.resolution / near_map.SCALE),
            f"{1.0 / TICK:g} times a second", f"{1e3 * late.scan:.0f} ms old",
        ),
    )  # fmt: skip


def _extent(columns: int, rows: int, cell: float) -> str:
    size = f"{columns * cell:.3g} × {rows * cell:.3g} m"
    return f"{size}, {columns} × {rows} cells of {100 * cell:g} cm"


def most_interesting(run: Run) -> Snapshot:
    """Return the planning cycle with the most to see."""
    return max(run.snapshots, key=interest)


LATE_MS, LATE_ENCOUNTER = 500, 1
LATE_VIEW = (0.8, 11.8, 1.6, 6.4)  # m of the hall


def drive_late(encounter: int = LATE_ENCOUNTER) -> list[Way]:
    """One encounter of ``pavane bench latency`` with no latency, and with half a second, fast-forwarded and not."""
    own = zlib.crc32(f"encounter/{encounter}".encode())
    ways = (
        ("no latency", latency.ALL, 0),
        (f"{LATE_MS} ms, fast-forwarded", latency.ALL, LATE_MS),
        (f"{LATE_MS} ms, not fast-forwarded", latency.NOTHING, LATE_MS),
    )
    out = []
    for name, variant, late in ways:
        key, source = latency.LatencyKey(variant, late, "encounter", encounter), str(SCENARIOS / latency.HALL)
        job = latency.LatencyDrive(key, own, source, latency.START, latency.GOAL, 24.0)
        out.append(Way(name, latency.drive_late(job)[0]))
    return out


OBJECTIVES = {
    OURS: "uncertainty-adjusted progress", "chance_5": "chance constraint, 5 %", "chance_20": "chance constraint, 20 %",
    "weighted_sum": "weighted sum",
}  # fmt: skip
OBJECTIVE_VIEW = (-0.1, 10.6, -1.6, 1.6)  # m
RISK_SECONDS = 60.0
OBJECTIVE_ENCOUNTER = Encounter("oncoming", "non_yielding", 2)


def drive_objectives(encounter: Encounter = OBJECTIVE_ENCOUNTER) -> list[Way]:
    """Drive one encounter of ``pavane bench people`` by each objective, rivals as they come."""
    scenario = draw(encounter, None)
    return [
        Way(title, drive_scenario(scenario, NAVIGATOR, encounter.seed, planner=maker(name, Tuning())))
        for name, title in OBJECTIVES.items()
    ]


def judge_risk(seconds: float, seed: int) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Return summary and rows of ``pavane bench risk`` for people simulated for ``seconds`` in each stock home."""
    crowds = []
    for name in stock_homes():
        home = load_map(name)
        start = home.place("dock") if "dock" in home.places else next(iter(home.places.values()))
        crowds += [wandering(home, name, start, source, kinds, seconds) for source, kinds in CAST]
    return report(judge_crowds([crowd for crowd in crowds if crowd is not None], seed, lambda _: None))


CORRIDOR = (9.0, 1.9)  # m, of the encounter in space and time: length, width
CORRIDOR_VIEW = (-0.1, 9.1, -0.1, 2.0)
MOMENTS = (3.0, 4.5, 6.0)  # s


def meet(profile: str, seed: int) -> Run:
    """Drive against a person who comes the other way in a corridor; every planning cycle is kept."""
    robot = RobotProfile.load(profile)
    length, width = CORRIDOR
    corners = [[0, 0], [length, 0], [length, width], [0, width], [0, 0]]
    plan = {
        "schema": 1, "name": "corridor", "walls": [{"points": corners, "thickness": 0.1}],
        "places": [{"name": "west", "x": 0.7, "y": 0.5 * width}, {"name": "east", "x": length - 0.9, "y": 0.5 * width}],
    }  # fmt: skip
    home = make_map(plan, "corridor")
    person = PersonSpec(
        start=(length - 0.6, 0.5 * width + 0.1), goals=((0.4, 0.5 * width + 0.1),), speed=0.8, kind="stubborn"
    )
    world = World(home, robot, home.place("west"), [person], seed=seed)
    return drive(Navigator(robot, home, seed=seed), world, [GoTo("east")], seconds=30.0, snapshot_every=EVERY)


def drive_past_kinds(robot: RobotProfile, seed: int) -> tuple[Run, list[Passed]]:
    """Drive along a hall past a pillar, a toy, a cable, a person and stairs, which all reach to the straight way."""
    boxes = {  # x from, x to, y from, y to
        "wall": (2.4, 2.7, 0.1, MIDDLE),
        "toy": (5.1, 5.3, 0.1, MIDDLE),
        "cable": (7.8, 8.0, 0.1, MIDDLE),
        "stairs": (13.0, 13.8, 0.1, MIDDLE),
    }
    corners = {kind: np.array([[a, c], [b, c], [b, d], [a, d]]) for kind, (a, b, c, d) in boxes.items()}
    person = PersonSpec(start=(10.5, MIDDLE - 0.2), goals=((10.5, MIDDLE - 0.2),), radius=BODY)
    plan = {
        "schema": 1, "name": "hall",
        "walls": [{"points": [[0, 0], [16, 0], [16, 2 * MIDDLE], [0, 2 * MIDDLE], [0, 0]], "thickness": 0.2}],
        "places": [{"name": "west", "x": 0.8, "y": MIDDLE}, {"name": "east", "x": 15.2, "y": MIDDLE}],
        "entities": [{"kind": k, "points": c.tolist(), "area": True} for k, c in corners.items()],
    }  # fmt: skip
    home = make_map(plan, "hall")
    world = World(home, robot, home.place("west"), [person], seed=seed)
    run = drive(Navigator(robot, home, seed=seed), world, [GoTo("east")], seconds=60.0)
    people = Entity("person", np.array([person.start]), 2.0 * BODY)
    passed = []
    for entity in (*home.entities, people):
        rim, radius = entity.along(0.02), 0.5 * entity.width
        gaps = [float(robot.shape.signed_distance(Pose(*p).inverse().transform(rim)).min()) for p in run.poses.tolist()]
        i = int(np.argmin(gaps))
        at = run.poses[i, :2]
        nearest = rim[int(np.hypot(*(rim - at).T).argmin())]
        passed.append(Passed(entity.kind, entity.points, gaps[i] - radius, abs(float(run.v[i])), at, nearest, radius))
    return run, passed
