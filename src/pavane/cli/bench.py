"""``pavane bench``: the studies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg, subcommand

from pavane.cli.places import at_least, check_json, check_people
from pavane.cli.show import figures, progress, say, table
from pavane.core.errors import BadSetting

if TYPE_CHECKING:
    from pavane.bench.runner.report import Figure
    from pavane.bench.studies.goals import NearGoalResult as GoalResult
    from pavane.bench.studies.homes import HomeResult
    from pavane.bench.studies.optimize import MethodResult
    from pavane.bench.studies.people import EncounterDrive
    from pavane.bench.studies.planner import Row

QUICK_PAIRS = 2
PAIRED = (("contacts", "contacts_by_robot"), ("guard_ticks", "emergency_ticks"))


@dataclass(frozen=True, slots=True)
class Homes:
    """Drive between pairs of poses in every home and say how it went: the robot is round, 0.17 m, 1 m/s.

    Example: pavane bench homes --data path/to/data --people 2 --latency 0.3 --json homes.json

    Args:
        data: folder with homes/NAME.yaml and homes/NAME.pairs.json; default: $PAVANE_DATA, else the homes that come
            with Pavane and pairs drawn by the seed.
        json: file for the figures (docs/benchmarks/).
        people: how many walk around in each home; they make room for the robot.
        latency: from sensing to perceived, s; default: the profile's.
        quick: two pairs of each home, less than two minutes.
        pairs: how many pairs of each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    people: int = 0
    latency: float | None = None
    quick: bool = False
    pairs: int = 5
    jobs: int = 2
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.homes import drive_jobs, list_jobs, summarise

        check_people(self.people)
        check_json(self.json)
        pairs = min(self.pairs, QUICK_PAIRS) if self.quick else self.pairs
        jobs = list_jobs(_data(self.data), pairs, self.people, self.latency, self.seed)
        with progress(f"{len(jobs)} drives (the first time compiles, about half a minute)", len(jobs)) as bar:
            finished: list[HomeResult] = []

            def done(result: HomeResult) -> None:
                finished.append(result)
                reached = sum(int(each.row["reached"]) for each in finished)
                text = f"{len(finished)} of {len(jobs)}, {reached} reached, last {result.job.home}"
                bar.show(len(finished), text)

            results = drive_jobs(jobs, self.jobs, done)
        summary = summarise(results)
        _show_homes(results)
        _close(self.json, "All homes", summary, [result.row for result in results])
        return True


def _show_homes(results: list[HomeResult]) -> None:
    from pavane.bench.studies.homes import summarise

    rows = []
    for home in dict.fromkeys(result.job.home for result in results):
        ours = [result for result in results if result.job.home == home]
        s = summarise(ours)
        reached = sum(int(result.row["reached"]) for result in ours)
        contacts, guarded = (f"{s[key]} / {s[own]}" for key, own in PAIRED)
        figures_of_home = (s[key] for key in ("time_ratio", "rms_jerk", "wall_clearance_m", "person_distance_m"))
        rows.append((home, f"{reached}/{len(ours)}", contacts, *figures_of_home, guarded, s["limit_violations"]))
    columns = ("home", "reached", "contacts", "ratio", "jerk", "wall m", "person m", "guard ticks", "beyond")
    table("Homes (contacts: all / by the robot; guard ticks: all / emergency; beyond: limits not kept)", columns, rows)


@dataclass(frozen=True, slots=True)
class Speed:
    """Measure how long computing takes on this machine, on one core: candidates, beside plain numba, C and peers that
    are installed, planning cycles, plans with a deadline, reactive ticks, routes, the first plan and its memory.

    Example: pavane bench speed --data path/to/data --json speed.json

    Args:
        data: homes as for ``bench homes``; planning cycles of drives among four people in them are timed.
        json: file for the figures (docs/benchmarks/).
        quick: less of the same, under two minutes.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.speed import QUICK, SpeedEffort, report, study

        check_json(self.json)
        with progress("getting ready", None) as bar:
            effort = QUICK if self.quick else SpeedEffort()
            timings = study(effort, _data(self.data), lambda text: bar.show(0, text))
        summary, rows = report(timings)
        keys = ("part", "samples", "min_ms", "p50_ms", "p99_ms", "max_ms", "us_per_candidate", "ratio_min")
        columns = ("part", "samples", "min", "p50", "p99", "max", "us each", "of ours")
        table("Time, ms", columns, [tuple(row[key] for key in keys) for row in rows])
        _close(self.json, "This machine", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Sim:
    """Measure the simulator without a planner: speed, memory, and which part of the world takes how much.

    Example: pavane bench sim --json sim.json

    Args:
        json: file for the figures (docs/benchmarks/).
        quick: a shorter drive, less than a minute.
    """

    json: str | None = None
    quick: bool = False

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.simulator import report, study

        check_json(self.json)
        with progress("getting ready", None) as bar:
            timing = study(self.quick, lambda text: bar.show(0, text))
        summary, rows = report(timing)
        parts = [(row["part"], row["samples"], row["share"], row["ms_per_second"]) for row in rows]
        table("Wall time by part of the world", ("part", "samples", "share", "ms per simulated s"), parts)
        _close(self.json, "The simulator on this machine", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Space:
    """Compare spaces of trajectories: what can be driven in them, against what the limits of the base allow.

    Example: pavane bench space --json space.json

    Args:
        json: file for the figures (docs/benchmarks/).
        quick: fewer samples, about half a minute.
    """

    json: str | None = None
    quick: bool = False

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.space import report, study

        check_json(self.json)
        with progress("getting ready", None) as bar:
            found = study(self.quick, lambda text: bar.show(0, text))
        summary, rows = report(*found)
        keys = ("space", "legal_share", "coverage_1s", "coverage_2s", "coverage_3s", "stop_ratio", "turn90_ratio")
        columns = ("space", "legal", "reached 1 s", "2 s", "3 s", "stop", "turn")
        table("Spaces of trajectories", columns, [tuple(row[key] for key in keys) for row in rows])
        _close(self.json, "Our space", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Optimize:
    """Measure how far from the best trajectory the optimizer ends, and what each part of it is worth.

    Example: pavane bench optimize --data path/to/data --json optimize.json

    Args:
        data: homes as for ``bench homes``; moments of drives among three people in them are searched anew.
        json: file for the figures (docs/benchmarks/).
        quick: moments of four drives, about a minute.
        pairs: how many drives in each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False
    pairs: int = 2
    jobs: int = 2
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.homes import list_jobs
        from pavane.bench.studies.optimize import PEOPLE, report, study

        check_json(self.json)
        jobs = list_jobs(_data(self.data), self.pairs, PEOPLE, None, self.seed)
        jobs = jobs[:: max(len(jobs) // 4, 1)][:4] if self.quick else jobs
        with progress(f"{len(jobs)} drives, each searched anew", len(jobs)) as bar:
            finished: list[int] = []

            def done(moments: list[list[MethodResult]]) -> None:
                finished.append(len(moments))
                bar.show(len(finished), f"{len(finished)} of {len(jobs)} drives, {sum(finished)} moments")

            moments = study(jobs, self.jobs, done)
        summary, rows = report(moments)
        keys = ("method", "evaluations", "regret_median_m", "regret_mean_m", "regret_p95_m", "omega_jump")
        columns = ("method", "weighed", "median m", "mean m", "p95 m", "jump rad/s")
        table("Regret: cost above the best that is known", columns, [tuple(row[key] for key in keys) for row in rows])
        _close(self.json, "Our search", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Planner:
    """Drive the same pairs, there and back, with one part of the planner replaced: lattice, one stage, no warm start.

    Example: pavane bench planner --data path/to/data --people 2 --keep planner.jsonl --json planner.json

    Args:
        data: homes as for ``bench homes``.
        json: file for the figures (docs/benchmarks/).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        people: how many walk around in each home; they make room for the robot.
        quick: one pair of each home, less than two minutes.
        pairs: how many pairs of each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    keep: str | None = None
    people: int = 0
    quick: bool = False
    pairs: int = 20
    jobs: int = 2
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.runner.checkpoint import Checkpoint
        from pavane.bench.studies.planner import list_drives, report, settings, study

        check_people(self.people)
        check_json(self.json)
        data = _data(self.data)
        drives = list_drives(data, min(self.pairs, 1) if self.quick else self.pairs, self.people, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data, self.people, self.seed))
        with progress(f"{len(drives)} drives", len(drives)) as bar:
            finished: list[int] = []

            def done(row: Row) -> None:
                finished.append(int(row["reached"]))
                bar.show(
                    len(finished), f"{len(finished)} of {len(drives)}, {sum(finished)} reached, last {row['home']}"
                )

            rows = study(drives, self.jobs, kept, done)
        summary, table_rows = report(rows, self.people)
        _show_planners(summary)
        _write(self.json, summary, table_rows)
        return True


def _show_planners(summary: dict[str, Figure]) -> None:
    from pavane.baselines.planner_variants import OURS, VARIANTS
    from pavane.bench.studies.planner import COUNTED, DRIVEN

    names = ("reached_share", "contacts", "contacts_by_robot", *DRIVEN)
    every = [(name, *(summary[f"{name}_{variant}"] for variant in VARIANTS)) for name in names]
    table(f"{summary['goals']} goals", ("figure", *VARIANTS), every)

    def interval(key: str) -> str:
        mean, low, high = (
            v if isinstance(v := summary[key + end], str) else f"{v:.3g}" for end in ("", "_low", "_high")
        )
        return f"{mean} [{low}, {high}]"

    rivals = [variant for variant in VARIANTS if variant != OURS]
    paired = [
        (name, *(interval(f"{name}_difference_{rival}") for rival in rivals))
        for name in ("reached", *DRIVEN, *[name for name in COUNTED if name != "reached"])
    ]
    table(f"Ours minus each, 95 % over {summary['homes']} homes", ("figure", *rivals), paired)


@dataclass(frozen=True, slots=True)
class Latency:
    """Drive among people with 0 to 800 ms from sensing to wheels, and with parts of the fast-forward left out.

    Example: pavane bench latency --keep latency.jsonl --json latency.json

    Args:
        data: homes as for ``bench homes``.
        json: file for the figures (docs/benchmarks/).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        quick: two encounters, and one pair of one home, with 0 and 500 ms; about two minutes.
        encounters: how many encounters with people in a hall.
        pairs: how many pairs of each home.
        bases: how many unknown bases are learned.
        latencies: totals, ms.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    keep: str | None = None
    quick: bool = False
    encounters: int = 240
    pairs: int = 5
    bases: int = 40
    latencies: tuple[int, ...] = (0, 100, 250, 500, 800)
    jobs: int = 2
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.runner.checkpoint import Checkpoint
        from pavane.bench.studies.latency import list_drives, report, study
        from pavane.bench.studies.planner import settings

        check_json(self.json)
        at_least("seed", self.seed, 0)
        data = _data(self.data)
        if self.quick:
            drives = list_drives(None, 2, 1, 2, (0, 500), self.seed)
            drives = [drive for drive in drives if drive.key.scene in ("encounter", "house", "flat")]
        else:
            drives = list_drives(data, self.encounters, self.pairs, self.bases, self.latencies, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data, 0, self.seed))
        with progress(f"{len(drives)} drives", len(drives)) as bar:
            finished: list[str] = []

            def done(row: Row) -> None:
                finished.append(str(row["variant"]))
                bar.show(len(finished), f"{len(finished)} of {len(drives)}, last {row['scene']}")

            rows = study(drives, self.jobs, kept, done)
        summary, table_rows = report(rows)
        keys = ("latency_ms", "variant", "drives", "success", "contacts_by_robot", "contacts_avoidable", "rms_jerk")
        columns = ("ms", "forwarded", "drives", "success", "contacts by robot", "avoidable", "jerk")
        both = [row for row in table_rows if row["scenes"] == "both"]
        table("Encounters and homes", columns, [tuple(row[key] for key in keys) for row in both])
        _close(self.json, "All drives", summary, table_rows)
        return True


@dataclass(frozen=True, slots=True)
class Goals:
    """Drive to poses close by: sideways, behind, in corridors, beside furniture, at a wall.

    Example: pavane bench goals --json goals.json

    Args:
        json: file for the figures (docs/benchmarks/).
        quick: a twentieth of the goals, less than a minute.
        jobs: worker processes.
        seed: draws all goals.
    """

    json: str | None = None
    quick: bool = False
    jobs: int = 2
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.goals import list_jobs, report, study

        check_json(self.json)
        at_least("seed", self.seed, 0)
        jobs = list_jobs(self.quick, self.seed)
        with progress(f"{len(jobs)} goals", len(jobs)) as bar:
            finished: list[bool] = []

            def done(result: GoalResult) -> None:
                finished.append(result.within)
                bar.show(len(finished), f"{len(finished)} of {len(jobs)}, {sum(finished)} within 5 cm and 5 degrees")

            results = study(jobs, self.jobs, done)
        summary, rows = report(results)
        keys = ("kind", "robot", "goals", "within_share", "position_p99_m", "heading_p99_deg", "direction_changes_max")
        columns = ("goal", "robot", "goals", "within", "p99 m", "p99 deg", "changes", "p95 s")
        table("The last half metre", columns, [tuple(row[key] for key in (*keys, "time_p95_s")) for row in rows])
        _close(self.json, "All goals", summary, rows)
        return True


def _show_people(rows: list[dict[str, Figure]]) -> None:
    from pavane.baselines.objectives import OURS, RIVALS
    from pavane.bench.studies.people import ALL, COUNTED, DRIVEN

    def with_chance(row: dict[str, Figure], name: str) -> str:
        return f"{row[name]}" if row["driver"] == "ours" else f"{row[name]} ({row[name + '_p']})"

    every = {str(row["driver"]): row for row in rows if row["kind"] == ALL}
    if every:
        text = f"{every[OURS]['episodes']} encounters in pairs (in brackets: p against ours)"
        names = ("success", *COUNTED, *DRIVEN)
        for title, drivers in ((text, (OURS, *RIVALS)), ("The same, the knob turned", ("brisk", OURS, "cautious"))):
            lines = [(name, *(with_chance(every[driver], name) for driver in drivers)) for name in names]
            table(title, ("figure", *drivers), lines)


@dataclass(frozen=True, slots=True)
class People:
    """Meet people: oncoming, crossing, overtaking, in doorways, in groups, stepping out, creeping; and cluttered rooms.

    Ours, and rival objectives that are tuned first: chance constraints of 5 and 20 %, a weighted sum, and cheap shapes
    in place of chances. Also ours with its knob turned to brisk and to cautious.

    Example: pavane bench people --data path/to/data --keep people.jsonl --json people.json

    Args:
        data: folder with pedestrians/*.csv, the recorded people; default: $PAVANE_DATA; without it they are left out.
        json: file for the figures (docs/benchmarks/).
        keep: file in which each drive is noted as it ends; called again with it, the study goes on where it was.
        quick: a few encounters and no tuning, less than two minutes once compiled.
        episodes: how many encounters ours has.
        paired: the first of them all others have too.
        tuning: encounters in which each of 12 tunings of each rival is tried; 0 leaves them as they are.
        rooms: how many cluttered rooms with two walkers.
        first: number of the first encounter; others are others.
        jobs: worker processes.
    """

    data: str | None = None
    json: str | None = None
    keep: str | None = None
    quick: bool = False
    episodes: int = 2000
    paired: int = 300
    tuning: int = 60
    rooms: int = 30
    first: int = 0
    jobs: int = 2

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.runner.checkpoint import Checkpoint
        from pavane.bench.studies.people import (
            QUICK,
            EncounterEffort,
            choose,
            judged_drives,
            recordings,
            report,
            settings,
            study,
        )
        from pavane.bench.studies.people import tuning_drives as to_tune

        check_json(self.json)
        for name, least in (("episodes", 1), ("paired", 0), ("tuning", 0), ("rooms", 0), ("first", 0), ("jobs", 1)):
            at_least(name, getattr(self, name), least)
        asked = EncounterEffort(self.episodes, self.paired, self.rooms, tuning=self.tuning, first=self.first)
        effort, data = QUICK if self.quick else asked, _data(self.data)
        if recordings(data) is None:
            say("no recordings (--data DIR with pedestrians/eth.csv): recorded people are left out")
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data))

        def drive(drives: list[EncounterDrive], what: str) -> list[dict[str, Figure]]:
            with progress(f"{len(drives)} {what}", max(len(drives), 1)) as bar:
                finished: list[int] = []

                def done(row: Row) -> None:
                    finished.append(int(row["success"]))
                    bar.show(len(finished), f"{len(finished)} of {len(drives)} {what}, {sum(finished)} succeeded")

                return study(drives, self.jobs, kept, done)

        chosen = choose(drive(to_tune(effort, data), "drives for tuning"))
        summary, rows = report(drive(judged_drives(effort, data, chosen), "drives"), chosen)
        _show_people(rows)
        _close(self.json, "Ours, all encounters", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Risk:
    """Hold what is foretold of people against what they did: chances of contact, and regions where they will be.

    Also how fast corridors are driven, whether that is continuous and as theory says, and whether steps matter.

    Example: pavane bench risk --data path/to/data --json risk.json

    Args:
        data: folder with pedestrians/NAME.csv, and homes as for ``bench homes``; default: $PAVANE_DATA.
        json: file for the figures (docs/benchmarks/).
        quick: a minute of each recording and home.
        seed: draws the candidates.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.runner.report import figure
        from pavane.bench.studies import risk_corridor as corridor
        from pavane.bench.studies import risk_sampling as sampling
        from pavane.bench.studies.risk import ROBOT, report, study
        from pavane.core.robot import RobotProfile

        check_json(self.json)
        at_least("seed", self.seed, 0)
        data = _data(self.data)
        if data is None:
            raise BadSetting("recorded people are needed", value="no data", remedy="Name a folder with --data.")
        with progress("getting ready", None) as bar:
            speeds = corridor.study(RobotProfile.load(ROBOT), lambda text: bar.show(0, text), 10 if self.quick else 1)
            bar.show(0, "steps of all lengths")
            steps = sampling.spread(sampling.survivals(30 if self.quick else sampling.MOTIONS))
            found = study(data, self.quick, self.seed, lambda text: bar.show(0, text))
        summary, rows = report(found)
        names = ("dt_spread", "dt_spread_200ms", "dt_spread_single_p99")
        summary = dict(zip(names, (figure(step) for step in steps), strict=True)) | corridor.report(speeds) | summary
        keys = ("people", "horizon_s", "from", "to", "pairs", "contacts", "foretold", "ratio")
        columns = ("people", "s", "from", "to", "pairs", "contacts", "foretold", "ratio")
        table("Chances of contact", columns, [tuple(row[key] for key in keys) for row in rows])
        _close(self.json, "People foretold, open loop", summary, rows)
        return True


@dataclass(frozen=True, slots=True)
class Replay:
    """Record drives, faults and all, replay each, and say how many are the same to the bit and what recording costs.

    Example: pavane bench replay --keep replay.jsonl --json replay.json

    Args:
        json: file for the figures (docs/benchmarks/).
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

    def __call__(self) -> bool:
        """Do it; False when a replay was another."""
        from pavane.bench.runner.checkpoint import Checkpoint
        from pavane.bench.studies.replay import list_drives, report, settings, study

        for name, least in (("drives", 1), ("real", 0), ("jobs", 1), ("seed", 0)):
            at_least(name, getattr(self, name), least)
        check_json(self.json)
        count, real = (12, min(self.real, 1)) if self.quick else (self.drives, min(self.real, self.drives))
        drives = list_drives(count, real, self.seed)
        kept = None if self.keep is None else Checkpoint(self.keep, settings())
        with progress(f"{len(drives)} drives", len(drives)) as bar:
            finished: list[int] = []

            def done(row: Mapping[str, Figure]) -> None:
                finished.append(int(row["identical"]))
                bar.show(len(finished), f"{len(finished)} of {len(drives)}, {sum(finished)} identical")

            rows = study(drives, self.jobs, kept, done)
        for row in rows:
            if not row["identical"]:
                say(f"{row['name']}, seed {row['seed']}: not identical, {row['first_difference']}")
        summary = report(rows)
        _close(self.json, "Recorded and replayed", summary, rows)
        return summary["identical"] == summary["drives"]


@dataclass(frozen=True, slots=True)
class Why:
    """Ask the robot why, in scenarios whose cause is known (their key ``cause``), and say how often it names it.

    Example: pavane bench why --json why.json

    Args:
        names: scenarios; default: all that know their cause.
        json: file for the figures (docs/benchmarks/).
        quick: four of them, less than a minute.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
        text: print each answer in full.
    """

    names: Annotated[Positional[tuple[str, ...]], arg(metavar="NAMES")] = ()
    json: str | None = None
    quick: bool = False
    jobs: int = 2
    seed: int = 0
    text: bool = False

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.why import QUICK, Answer, ask_all, known_causes, summarise

        at_least("jobs", self.jobs, 1)
        at_least("seed", self.seed, 0)
        check_json(self.json)
        names = known_causes(self.names or (QUICK if self.quick else ()))
        with progress(f"{len(names)} drives", len(names)) as bar:
            finished: list[Answer] = []

            def done(answer: Answer) -> None:
                finished.append(answer)
                bar.show(len(finished), f"{len(finished)} of {len(names)}, {sum(a.right for a in finished)} right")

            answers = ask_all(names, self.seed, self.jobs, done)
        rows = [answer.row for answer in answers]
        keys = ("scenario", "at_s", "expected", "main", "right")
        table("Reasons", ("scenario", "at s", "expected", "named", "right"), [[row[k] for k in keys] for row in rows])
        for answer in answers:
            if self.text or not answer.right:
                say(f"{answer.scenario}: {answer.text}")
        _close(self.json, "Known causes", summarise(answers), rows)
        return True


@dataclass(frozen=True, slots=True)
class View:
    """Measure the live page: pictures a second in the system's Chromium, without a window, and what serving it costs.

    Example: pavane bench view --json view.json

    Args:
        json: file for the figures (docs/benchmarks/).
        seconds: how long to count pictures, and then what serving costs.
    """

    json: str | None = None
    seconds: int = 20

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.runner.report import figure
        from pavane.cli.view import require_viser

        check_json(self.json)
        at_least("seconds", self.seconds, 1)
        require_viser()
        from pavane.viewer.measure import measure

        with progress("getting ready", None) as bar:
            m = measure(self.seconds, lambda text: bar.show(0, text))
        summary: dict[str, Figure] = {
            "frames_per_second": figure(m.frames, 1),
            "server_cpu_share": figure(m.server_cpu),
            "updates_per_second": figure(m.pictures, 1),
            "messages_per_second": figure(m.messages, 1),
            "drive_cpu_share": figure(m.drive_cpu),
            "candidates": m.candidates,
            "window": f"{m.width} x {m.height}, {'with' if m.shadows else 'without'} shadows",
            "renderer": m.renderer[:60],
        }
        _close(self.json, "The live page", summary, [])
        return True


def _data(folder: str | None) -> Path | None:
    """The folder of homes that is asked for, or that of $PAVANE_DATA; None for the homes that come with Pavane."""
    chosen = folder or os.environ.get("PAVANE_DATA")
    return Path(chosen) if chosen else None


def _close(json: str | None, title: str, summary: dict[str, Figure], rows: list[dict[str, Figure]]) -> None:
    """Show what a study came to, and write it where that is asked for."""
    figures(title, summary)
    _write(json, summary, rows)


def _write(json: str | None, summary: dict[str, Figure], rows: list[dict[str, Figure]]) -> None:
    from pavane.bench.runner.report import write_report

    if json is not None:
        write_report(json, summary, rows)
        say(f"written: {json}")


@dataclass(frozen=True, slots=True)
class BenchCommand:
    """Run a study: homes, speed, the simulator, spaces of trajectories, the optimizer, the planner's parts, latency,
    near goals, people met on the way, risk, replays, reasons, the live page.

    Example: pavane bench homes --quick
    """

    study: (
        Annotated[Homes, subcommand("homes")]
        | Annotated[Speed, subcommand("speed")]
        | Annotated[Sim, subcommand("sim")]
        | Annotated[Space, subcommand("space")]
        | Annotated[Optimize, subcommand("optimize")]
        | Annotated[Planner, subcommand("planner")]
        | Annotated[Latency, subcommand("latency")]
        | Annotated[Goals, subcommand("goals")]
        | Annotated[People, subcommand("people")]
        | Annotated[Risk, subcommand("risk")]
        | Annotated[Replay, subcommand("replay")]
        | Annotated[Why, subcommand("why")]
        | Annotated[View, subcommand("view")]
    )

    def __call__(self) -> bool:
        """Do it."""
        return self.study()
