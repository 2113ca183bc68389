"""The study of recordings: drives are recorded, faults and all, and each is replayed and held against it to the bit."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from pavane.baselines.objectives import OURS, RIVALS, Tuning, maker
from pavane.bench.runner.checkpoint import Checkpoint, go_on, state_of_code
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, watched
from pavane.bench.studies.scenarios import NAVIGATOR, drive_scenario
from pavane.core.errors import BadSetting
from pavane.core.executor import Threads
from pavane.core.messages import Message
from pavane.core.options import at_least
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import load_map
from pavane.navigator import TICK, MakePlanner, Navigator
from pavane.record import Decision, PlannerName, Tick, recorded_navigator
from pavane.sim import World, crowd
from pavane.sim.scenario import load_scenario, stock_scenarios

if TYPE_CHECKING:
    from pavane.record import Recorder, Recording, Replay

SECONDS = 8.0  # of each drive
QUICK = 12  # drives
LATER = 8.0  # s: a task that is asked for later is left out
REAL = "real time"  # a home driven in real time, with threads
HOMES = ("house", "flat")
SCENARIO = "scenario"
PEOPLE = 3  # in a home
EVERY_RIVAL = 10  # one scenario in so many is driven with another objective


@dataclass(frozen=True, slots=True)
class ReplayStudy:
    """Record drives, faults and all, replay each, and say how many are the same to the bit and what recording costs.

    Example: pavane bench replay --keep replay.jsonl --json replay.json

    Args:
        json: file for the figures (docs/guides/studies.md).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        quick: twelve drives, less than a minute.
        drives: how many, each of 8 s or of two tasks that take as long.
        real: how many of them take real time, with threads.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    json: str | None = None
    keep: str | None = None
    quick: bool = False
    drives: int = 100
    real: int = 6
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`; not passed when a replay was another."""
        for name, least in (("drives", 1), ("real", 0), ("jobs", 1), ("seed", 0)):
            at_least(name, getattr(self, name), least)
        count, real = (QUICK, min(self.real, 1)) if self.quick else (self.drives, min(self.real, self.drives))
        drives = list_drives(count, real, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings())
        with watched(terminal, f"{len(drives)} drives", len(drives), _progress) as done:
            rows = go_on({drive: drive for drive in drives}, run_drive, _key, self.jobs, kept, done)
        notes = tuple(
            f"{row['name']}, seed {row['seed']}: not identical, {row['first_difference']}"
            for row in rows
            if not row["identical"]
        )
        summary = report(rows)
        same = summary["identical"] == summary["drives"]
        return Findings("Recorded and replayed", summary, rows, notes=notes, passed=same)


def _progress(rows: Sequence[Mapping[str, Figure]]) -> str:
    return f", {sum(int(row['identical']) for row in rows)} identical"


class RecordedDrive(NamedTuple):
    """One drive: of which kind, where, with which planner, and the seed of everything that is drawn."""

    kind: str
    name: str
    planner: str
    seed: int


def list_drives(count: int, real: int, seed: int) -> list[RecordedDrive]:
    """``count`` drives, of which ``real`` take real time: every scenario in turn, each tenth a home, rivals between."""
    names = stock_scenarios()
    drives = [RecordedDrive(REAL, HOMES[i % 2], OURS, seed + i) for i in range(real)]
    rivals = tuple(RIVALS)
    for i in range(count - real):
        if i % 10 == 9:
            drives.append(RecordedDrive("home", HOMES[i // 10 % 2], OURS, seed + i))
            continue
        k = i - i // 10
        rival = rivals[k // EVERY_RIVAL % len(rivals)] if k % EVERY_RIVAL == 5 else OURS
        drives.append(RecordedDrive(SCENARIO, names[k % len(names)], rival, seed + k // len(names)))
    return drives


def settings() -> dict[str, Figure]:
    """Return what the rows depend on."""
    return {"code": state_of_code(), "seconds": SECONDS}


def _key(row: Mapping[str, Figure]) -> RecordedDrive:
    return RecordedDrive(str(row["kind"]), str(row["name"]), str(row["planner"]), int(row["seed"]))


def run_drive(drive: RecordedDrive) -> dict[str, Figure]:
    """Record a drive, and replay it."""
    from pavane.record import Recorder, open_recording, verify

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drive.mcap"
        with Recorder(path) as recorder:
            clock = Clocked(recorder)
            _carry_out(drive, clock)
        recording = open_recording(path)
        megabytes = path.stat().st_size / 1e6
        began = time.perf_counter()
        found = verify(make_replay(recording))
        took = time.perf_counter() - began
    seconds = max(recording.ticks * TICK, TICK)
    different = found.difference
    return {
        **drive._asdict(),
        "ticks": found.ticks,
        "plans": found.plans,
        "identical": int(different is None and found.ticks == recording.ticks and not recorder.error),
        "first_difference": "none" if different is None else f"{different.time:.2f} s: {different.field}",
        "out_of_time": sum(job.rounds >= 0 for job in recording.jobs.values()),
        "cpu_share": figure(clock.seconds / seconds, 4),
        "tick_p99_ms": figure(1e3 * float(np.quantile(clock.ticks, 0.99)) if clock.ticks else 0.0, 3),
        "mb_per_minute": figure(megabytes / seconds * 60.0, 2),
        "replay_speed": figure(seconds / max(took, 1e-9), 1),
    }  # fmt: skip


def _carry_out(drive: RecordedDrive, clock: Clocked) -> None:
    if drive.kind != SCENARIO:
        _drive_home(drive, clock)
        return
    scenario = load_scenario(drive.name)
    tasks = tuple(task for task in scenario.tasks if task.at is None or task.at < LATER)
    scenario = msgspec.structs.replace(scenario, seconds=SECONDS, tasks=tasks[:2])
    clock.named = name_of(drive.planner, Tuning())
    drive_scenario(scenario, NAVIGATOR, drive.seed, planner=maker(drive.planner, Tuning()), journal=clock)


def _drive_home(drive: RecordedDrive, clock: Clocked) -> None:
    """Through a home among people, to one place after another; in real time or as fast as it goes."""
    home, robot = load_map(drive.name), RobotProfile.load("astro_like")
    rng = np.random.default_rng(drive.seed)
    names = [str(name) for name in rng.permutation(sorted(home.places))]
    start, targets = home.places[names[0]], names[1:]
    people = crowd(home, PEOPLE, rng, avoid=start)
    world = World(home, robot, start, people, seed=drive.seed)
    threads = Threads() if drive.kind == REAL else None
    navigator = recorded_navigator(robot, home, journal=clock, executor=threads, seed=drive.seed)
    if threads is not None:
        navigator.warm_up()
    began = time.perf_counter()
    for tick in range(round(SECONDS / TICK)):
        if tick % 200 == 0:
            navigator.request(GoTo(targets[tick // 200 % len(targets)]))
        world.send(_react(navigator, world.receive(), world.clock))
        world.advance((tick + 1) * TICK)
        if threads is not None:
            time.sleep(max(began + (tick + 1) * TICK - time.perf_counter(), 0.0))
    if threads is not None:
        threads.close()


def _react(navigator: Navigator, messages: Sequence[Message], now: float) -> Command:
    for message in messages:
        navigator.observe(message)
    return navigator.step(now)


class Clocked:
    """A journal that hands on to a recorder and notes the processor time that it takes.

    Attributes:
        seconds: of the thread, all ticks together.
        ticks: of each, s.
        named: what the planner is called; None as it calls itself.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.seconds = 0.0
        self.ticks: list[float] = []
        self.named: PlannerName | None = None

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        """See :class:`pavane.record.Journal`."""
        self._recorder.begin(navigator, self.named or planner, seed)

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        """See :class:`pavane.record.Journal`."""
        began = time.thread_time()
        self._recorder.keep(navigator, tick, decision)
        self.ticks.append(time.thread_time() - began)
        self.seconds += self.ticks[-1]


def name_of(planner: str, tuning: Tuning) -> PlannerName:
    """Return what a recording calls a planner of ``objectives`` with its tuning."""
    figures = {} if planner == OURS else {name: getattr(tuning, name) for name in tuning.__dataclass_fields__}
    return PlannerName(planner, tuple(figures.items()))


def planner_of(name: PlannerName) -> MakePlanner:
    """Return what makes the planner that a recording names.

    Raises:
        BadSetting: none of ours or its rivals.
    """
    if name.name not in (OURS, *RIVALS):
        raise BadSetting("no such objective", value=name.name, limit=", ".join((OURS, *RIVALS)))
    return maker(name.name, Tuning(**dict(name.figures)))


def make_replay(recording: Recording, changes: Sequence[str] = ()) -> Replay:
    """Return a replay of a recording, with settings changed, each ``name=value``; see ``pavane.record.changed``.

    Raises:
        BadSetting: a change, or the recording's planner, is none that is known.
    """
    from pavane.record import Replay, changed

    setup = changed(recording.setup, tuple(changes)) if changes else None
    planner = planner_of((setup or recording.setup).planner)
    return Replay(recording, setup=setup, planner=planner)


def report(rows: Sequence[Mapping[str, Figure]]) -> dict[str, Figure]:
    """Return the summary."""

    def numbers(key: str) -> list[float]:
        return [float(row[key]) for row in rows]

    return {
        "drives": len(rows),
        "identical": sum(int(row["identical"]) for row in rows),
        "real_time_drives": sum(row["kind"] == REAL for row in rows),
        "ticks": sum(int(row["ticks"]) for row in rows),
        "plans": sum(int(row["plans"]) for row in rows),
        "plans_out_of_time": sum(int(row["out_of_time"]) for row in rows),
        "recorder_cpu_share": figure(float(np.mean(numbers("cpu_share"))), 4),
        "recorder_cpu_share_max": figure(max(numbers("cpu_share")), 4),
        "mb_per_minute": figure(float(np.mean(numbers("mb_per_minute"))), 2),
        "mb_per_minute_max": figure(max(numbers("mb_per_minute")), 2),
        "replay_speed": figure(float(np.median(numbers("replay_speed"))), 1),
    }
