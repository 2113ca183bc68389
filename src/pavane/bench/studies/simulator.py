"""The study of the simulator: how fast the world runs without a planner, on what, and how much memory it takes."""

from __future__ import annotations

import math
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import msgspec
import numpy as np
from msgspec import Struct

from pavane.bench.runner.memory import peak_mb
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, table_of
from pavane.core.arrays import Floats
from pavane.core.geometry import Pose, wrap_angle
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap, load_map
from pavane.maps.clearance import clearance_grid
from pavane.numerics.fast_marching import cost_to_go
from pavane.sim import World, crowd
from pavane.sim import world as sim_world
from pavane.sim.world import TICK

HOME, ROBOT, PEOPLE, SEED = "house", "round", 6, 1
ROUND = ("dock", "kitchen", "bed", "sofa", "dock")  # places of the house, driven to in turn, again and again
SECONDS, QUICK_SECONDS = 240.0, 40.0  # simulated
WARM = 2.0  # s simulated before the clock starts: they load compiled code
COMMANDS = 0.02  # s from one command to the next
SPEED, AHEAD = 0.5, 0.4  # m/s; m along the way to the point that is steered to
AIR, OPEN = 0.03, 0.5  # m of clearance that a way keeps, and from which more no longer counts
SAMPLING = 0.001  # s of computing between two looks at what is being computed; a system may look less often
HERE = "driver"  # who steers and asks for messages: this file
REST = "clock, walls and mail"  # of the world itself
LIDAR, SENSORS = "lidar", "other sensors"
ROOMS = {  # a file belongs to the first that it begins with
    "people/": "people", "sensors/lidar": LIDAR, "sensors/": SENSORS, "plant": "plant", "contacts": "contacts",
    "home/": "home", "": REST,
}  # fmt: skip
FOLDER = f"{Path(sim_world.__file__).parent}/"
MEASURE = "from pavane.bench.studies.simulator import measure_here; measure_here({seconds})"


@dataclass(frozen=True, slots=True)
class SimulatorStudy:
    """Measure the simulator without a planner: speed, memory, and which part of the world takes how much.

    Example: pavane bench sim --json sim.json

    Args:
        json: file for the figures (docs/guides/studies.md).
        quick: a shorter drive, less than a minute.
    """

    json: str | None = None
    quick: bool = False

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        with terminal.progress("getting ready", None) as bar:
            timing = study(self.quick, lambda text: bar.show(0, text))
        summary, rows = report(timing)
        columns = {"part": "part", "samples": "samples", "share": "share", "ms per simulated s": "ms_per_second"}
        table = table_of("Wall time by part of the world", columns, rows)
        return Findings("The simulator on this machine", summary, rows, (table,))


class Timing(Struct, frozen=True):
    """What a fresh process measured.

    Args:
        seconds: simulated.
        wall_seconds: it took.
        ticks: of 5 ms.
        peak_mb: the most memory that the process ever had, MB.
        imports_mb: the most that it had before it made a world, MB.
        contacts: while it drove.
        distance: driven, m.
        samples: how often which part was found at work.
    """

    seconds: float
    wall_seconds: float
    ticks: int
    peak_mb: float
    imports_mb: float
    contacts: int
    distance: float
    samples: dict[str, int]


def study(quick: bool, tell: Callable[[str], None]) -> Timing:
    """Measure in a process that does nothing else.

    Args:
        quick: a shorter drive.
        tell: told what is measured next.
    """
    tell("compiling, if need be")
    _measure_afresh(1.0)  # a compiler at work would count as memory
    tell("a drive without a planner")
    return _measure_afresh(QUICK_SECONDS if quick else SECONDS)


def report(timing: Timing) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Return the summary and rows, one for each part of the world."""
    lidar = RobotProfile.load(ROBOT).lidar
    summary: dict[str, Figure] = {
        "steps_per_second": figure(timing.ticks / timing.wall_seconds, 0),
        "realtime_factor_no_planner": figure(timing.seconds / timing.wall_seconds, 1),
        "peak_memory_mb": figure(timing.peak_mb, 1),
        "imports_memory_mb": figure(timing.imports_mb, 1),
        "simulated_seconds": figure(timing.seconds, 1),
        "distance_m": figure(timing.distance, 1),
        "contacts": timing.contacts,
        "people": PEOPLE,
        "lidar_rays": lidar.rays,
        "lidar_hz": figure(lidar.rate, 1),
        "robot": ROBOT,
        "home": HOME,
    }
    total = max(sum(timing.samples.values()), 1)
    per_second = 1e3 * timing.wall_seconds / timing.seconds
    rows: list[dict[str, Figure]] = [
        {
            "part": part,
            "samples": timing.samples.get(part, 0),
            "share": figure(timing.samples.get(part, 0) / total),
            "ms_per_second": figure(per_second * timing.samples.get(part, 0) / total, 3),
        }
        for part in (*ROOMS.values(), HERE)
    ]
    return summary, rows


def measure_here(seconds: float) -> None:
    """Measure in this process, and print what comes out as JSON."""
    sys.stdout.buffer.write(msgspec.json.encode(drive_round(seconds)))


def drive_round(seconds: float) -> Timing:
    """Drive round the house among people, and look at the clock.

    Args:
        seconds: simulated, after the first two.
    """
    imports = peak_mb()
    home, robot = load_map(HOME), RobotProfile.load(ROBOT)
    way = way_round(home, robot, [home.place(name) for name in ROUND])
    start = home.place(ROUND[0])
    people = crowd(home, PEOPLE, np.random.default_rng(SEED), avoid=start)
    truth, wheel = World(home, robot, start, people, seed=SEED), Steering(way)
    _drive(truth, wheel, WARM)
    contacts, distance = len(truth.contacts), wheel.distance
    with _watched() as samples:
        began = time.perf_counter()
        _drive(truth, wheel, WARM + seconds)
        wall = time.perf_counter() - began
    return Timing(
        seconds=seconds,
        wall_seconds=wall,
        ticks=round(seconds / TICK),
        peak_mb=peak_mb(),
        imports_mb=imports,
        contacts=len(truth.contacts) - contacts,
        distance=wheel.distance - distance,
        samples=samples,
    )


def way_round(home: OccupancyMap, robot: RobotProfile, places: list[Pose]) -> Floats:
    """(N, 2) points of a way from place to place in ``map``, cell by cell, rather amid rooms than along walls."""
    clearance = clearance_grid(home)
    pace = np.clip(clearance.data / OPEN, 0.1, 1.0).astype(np.float32)
    pace[clearance.data < robot.shape.circumscribed_radius + AIR] = 0.0
    cells = clearance.indices(np.array([[place.x, place.y] for place in places]))
    way = [(int(cells[0][1]), int(cells[0][0]))]
    for column, row in cells[1:]:
        left = cost_to_go(pace, float(row), float(column), clearance.resolution)
        while way[-1] != (row, column):
            r, c = way[-1]
            step = int(np.argmin(left[r - 1 : r + 2, c - 1 : c + 2]))
            way.append((r + step // 3 - 1, c + step % 3 - 1))
    return clearance.centres(np.array(way)[:, ::-1])


class Steering:
    """Steers along a closed way by the true pose, at one speed, whoever is in front.

    Args:
        way: (N, 2) in ``map``, m.
    """

    def __init__(self, way: Floats) -> None:
        self._way: list[tuple[float, float]] = [(x, y) for x, y in way.tolist()]
        self._next = 0
        self._last = self._way[0]
        self.distance = 0.0  # driven so far, m

    def command(self, now: float, pose: Pose) -> Command:
        """Towards the next point of the way that is not at hand."""
        self.distance += math.dist((pose.x, pose.y), self._last)
        self._last = (pose.x, pose.y)
        while math.dist(self._last, self._way[self._next]) < AHEAD:
            self._next = (self._next + 1) % len(self._way)
        x, y = self._way[self._next]
        bearing = wrap_angle(math.atan2(y - pose.y, x - pose.x) - pose.yaw)
        v = SPEED * max(0.0, math.cos(bearing)) ** 3
        return Command(now, v, min(max(2.5 * bearing, -2.0), 2.0))


def _drive(world: World, wheel: Steering, until: float) -> None:
    count = round(world.time / COMMANDS)
    while world.time < until - 1e-9:
        world.send(wheel.command(world.clock, world.truth.pose))
        count += 1
        world.advance(count * COMMANDS)
        world.receive()


def _measure_afresh(seconds: float) -> Timing:
    done = subprocess.run([sys.executable, "-c", MEASURE.format(seconds=seconds)], check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=Timing)


@contextmanager
def _watched() -> Iterator[dict[str, int]]:
    """Count how often which part of the world is found at work; that costs less than 1 %."""
    counts: Counter[str] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        counts[_part(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, SAMPLING, SAMPLING)
    try:
        yield counts
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def _part(frame: FrameType | None) -> str:
    """Return the part that the world called, whatever that calls in turn; of the sensors the lidar for itself."""
    found = []  # from the inside out
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(FOLDER):
            found.append(next(part for start, part in ROOMS.items() if file.startswith(start, len(FOLDER))))
        frame = frame.f_back
    called = [part for part in found if part != REST]
    if not called:
        return REST if found else HERE
    return LIDAR if called[-1] == SENSORS and LIDAR in called else called[-1]
