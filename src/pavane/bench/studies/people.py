"""The study of encounters with people: ours, rival objectives at their best tuning, and ours brisk and cautious."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from pavane.baselines.objectives import KNOB, OURS, RIVALS, Tuning, maker
from pavane.bench.metrics.avoidable_contacts import judge_contact
from pavane.bench.metrics.drive_metrics import arrival, measure
from pavane.bench.metrics.freezing import freezes
from pavane.bench.metrics.statistics import mcnemar, wilcoxon
from pavane.bench.runner.checkpoint import Checkpoint, go_on, state_of, state_of_code
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.scenes.encounters import KINDS, RECORDED, ROOM, Encounter, draw, list_encounters, list_rooms
from pavane.bench.studies.scenarios import NAVIGATOR, drive_scenario
from pavane.core.arrays import Floats
from pavane.drive_log import Run

Row = Mapping[str, Figure]
TUNING = 1_000_000  # numbers of the encounters for tuning begin here: none of them is judged
SPAN = 4.0  # tuned figures are at most this many times the plain choice, or this part of it
CONTACT_COSTS, MISSED_COSTS = 30.0, 60.0  # s, what tuning counts for a contact and for a goal that is not reached
PLAIN, JUDGED = 0, -1  # tuning points; ours has none
OTHERS = (*RIVALS, *KNOB)  # who meets the same people as ours
COUNTED = ("contacts", "contacts_by_robot", "contacts_avoidable", "freezes")
DRIVEN = ("time_s", "rms_jerk", "peak_deceleration", "stopped_s", "psc")
ALL = "all"


class EncounterKey(NamedTuple):
    """Which drive it is: who, at which tuning point, in which encounter."""

    driver: str
    point: int
    kind: str
    manner: str
    number: int

    @property
    def encounter(self) -> Encounter:
        """Which encounter."""
        return Encounter(self.kind, self.manner, self.number)


@dataclass(frozen=True, slots=True)
class EncounterEffort:
    """How much is driven.

    Args:
        episodes: encounters for ours.
        paired: the first of them also for all others.
        rooms: cluttered rooms for ours.
        points: tunings that are tried for each rival, the plain one among them.
        tuning: encounters in which each is tried.
        first: number of the first encounter.
    """

    episodes: int = 2000
    paired: int = 300
    rooms: int = 30
    points: int = 12
    tuning: int = 60
    first: int = 0


QUICK = EncounterEffort(episodes=24, paired=12, rooms=2, points=1, tuning=0)


@dataclass(frozen=True, slots=True)
class EncounterDrive:
    """One drive of the study."""

    key: EncounterKey
    data: Path | None


def points(count: int) -> list[Tuning]:
    """The tunings that are tried: the plain one, then Halton's points, in equal steps of their logarithms."""
    halton = qmc.Halton(3, scramble=False).random(count)[1:]
    return [Tuning(), *(Tuning(*(round(float(v), 4) for v in SPAN ** (2.0 * row - 1.0))) for row in halton)]


def recordings(data: Path | None) -> Path | None:
    """The folder, if it holds recorded people."""
    return data if data is not None and (data / "pedestrians" / "eth.csv").exists() else None


def settings(data: Path | None) -> dict[str, Figure]:
    """What the rows depend on, beyond their key."""
    folder = recordings(data)
    recorded = NONE if folder is None else state_of((folder / "pedestrians").glob("*.csv"))
    return {"recordings": recorded, "code": state_of_code()}


def tuning_drives(effort: EncounterEffort, data: Path | None) -> list[EncounterDrive]:
    """Every rival at every tuning point."""
    folder = recordings(data)
    chosen = list_encounters(effort.tuning, TUNING, recorded=folder is not None)
    return [
        EncounterDrive(EncounterKey(rival, point, *encounter), folder)
        for encounter in chosen
        for rival in RIVALS
        for point in range(effort.points)
    ]


def judged_drives(effort: EncounterEffort, data: Path | None, chosen: Mapping[str, int]) -> list[EncounterDrive]:
    """Ours, every rival at the tuning point chosen, and ours with its knob turned."""
    folder = recordings(data)
    every = list_encounters(effort.episodes, effort.first, recorded=folder is not None)
    drives = [EncounterDrive(EncounterKey(OURS, JUDGED, *each), folder) for each in list_rooms(effort.rooms)]
    for number, encounter in enumerate(every):
        drives.append(EncounterDrive(EncounterKey(OURS, JUDGED, *encounter), folder))
        if number < effort.paired:
            drives += [
                EncounterDrive(EncounterKey(other, chosen.get(other, JUDGED), *encounter), folder) for other in OTHERS
            ]
    return drives


def study(
    drives: Sequence[EncounterDrive], workers: int, kept: Checkpoint | None, done: Callable[[Row], None]
) -> list[dict[str, Figure]]:
    """A row for each drive: see :func:`pavane.bench.runner.checkpoint.go_on`."""
    return go_on({each.key: each for each in drives}, carry_through, key_of, workers, kept, done)


def key_of(row: Row) -> EncounterKey:
    """Which drive a row is of."""
    return EncounterKey(str(row["driver"]), int(row["point"]), str(row["kind"]), str(row["manner"]), int(row["number"]))


def carry_through(each: EncounterDrive) -> dict[str, Figure]:
    """Drive and measure."""
    return judge(each.key, drive_encounter(each.key, each.data))


def drive_encounter(key: EncounterKey, data: Path | None, *, snapshot_every: float = 0.0) -> Run:
    """Let a driver meet somebody."""
    encounter = key.encounter
    tuning = Tuning() if key.point == JUDGED else points(key.point + 1)[key.point]
    return drive_scenario(
        draw(encounter, data), NAVIGATOR, encounter.seed, planner=maker(key.driver, tuning),
        snapshot_every=snapshot_every,
    )  # fmt: skip


def judge(key: EncounterKey, run: Run) -> dict[str, Figure]:
    """Figures of a drive."""
    metrics, end = measure(run), arrival(run, run.goals[0], match_heading=False)
    return {
        **key._asdict(),
        "latency_s": run.robot.latency.perception,
        "reached": int(end.reached),
        "success": int(end.reached and metrics.contacts_by_robot == 0),
        "contacts": metrics.contacts,
        "contacts_by_robot": metrics.contacts_by_robot,
        "contacts_avoidable": metrics.contacts_avoidable,
        "freezes": freezes(run),
        "time_s": figure(end.seconds, 2),
        "rms_jerk": figure(metrics.rms_jerk, 3),
        "peak_deceleration": figure(metrics.peak_deceleration, 3),
        "stopped_s": figure(metrics.stopped, 2),
        "psc": figure(metrics.psc, 4),
        "person_distance_m": figure(metrics.person_distance, 3),
        "near_misses": metrics.near_misses,
        "guard_ticks": metrics.guard_ticks,
        "emergency_ticks": metrics.emergency_ticks,
        "limit_violations": metrics.limit_violations,
        "why": "; ".join(_avoidable(run)) or NONE,
    }


def _avoidable(run: Run) -> list[str]:
    """Each avoidable contact in words."""
    words = []
    for contact in run.contacts:
        if contact.caused_by_robot and (found := judge_contact(run, contact)).avoidable:
            words.append(f"{contact.kind} at {contact.time:.2f} s with {contact.robot_speed:.2f} m/s: {found.why}")
    return words


def choose(rows: Sequence[Row]) -> dict[str, int]:
    """The tuning point of each rival with the least mean cost; without rows the plain one.

    A drive costs its time, CONTACT_COSTS for each contact by the robot, MISSED_COSTS in place of its time if the goal
    was not reached.
    """
    costs: dict[str, dict[int, list[float]]] = {rival: {} for rival in RIVALS}
    for row in rows:
        time = float(row["time_s"]) if row["reached"] else MISSED_COSTS
        of_point = costs[str(row["driver"])].setdefault(int(row["point"]), [])
        of_point.append(time + CONTACT_COSTS * int(row["contacts_by_robot"]))
    return {
        rival: min(of_rival, key=lambda p: float(np.mean(of_rival[p])), default=PLAIN)
        for rival, of_rival in costs.items()
    }


def report(rows: Sequence[Row], chosen: Mapping[str, int]) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary: ours in all encounters; rows: each driver in the paired ones, altogether and by kind."""
    ours = {key.encounter: row for row in rows if (key := key_of(row)).driver == OURS}
    rooms = [row for each, row in ours.items() if each.kind == ROOM]
    met = [row for each, row in ours.items() if each.kind != ROOM]
    summary = figures_of(met)
    summary |= {"recorded": sum(row["manner"] == RECORDED for row in met)}
    summary |= {"rooms": len(rooms), "rooms_done": sum(int(row["success"]) for row in rooms)}
    summary |= {"rooms_contacts_avoidable": sum(int(row["contacts_avoidable"]) for row in rooms)}
    of_others = {other: {key_of(r).encounter: r for r in rows if r["driver"] == other} for other in OTHERS}
    paired = [each for each in ours if all(each in found for found in of_others.values())]
    for rival, point in chosen.items():
        tuning = points(point + 1)[point]
        summary[f"tuning_{rival}"] = f"people {tuning.people:g}, walls {tuning.walls:g}, effort {tuning.effort:g}"
    table = []
    for kind in (ALL, *KINDS):
        chosen_ones = [each for each in paired if kind in (ALL, each.kind)]
        if chosen_ones:
            base = [ours[each] for each in chosen_ones]
            table.append({"driver": OURS, "kind": kind, **figures_of(base), **_against(base, base)})
            for other, found in of_others.items():
                theirs = [found[each] for each in chosen_ones]
                table.append({"driver": other, "kind": kind, **figures_of(theirs), **_against(base, theirs)})
    return summary, table


def figures_of(rows: Sequence[Row]) -> dict[str, Figure]:
    """Counts, and means over drives; times are of those that reached their goal."""
    reached = [row for row in rows if row["reached"]]
    out: dict[str, Figure] = {"episodes": len(rows), "success": figure(_mean(rows, "success"))}
    out |= {"reached": figure(_mean(rows, "reached"))}
    out |= {name: sum(int(row[name]) for row in rows) for name in COUNTED}
    return out | {name: figure(_mean(reached if name == "time_s" else rows, name)) for name in DRIVEN}


def _against(ours: Sequence[Row], theirs: Sequence[Row]) -> dict[str, Figure]:
    """How likely so large a difference is by chance, two-sided: McNemar for what happens or not, else Wilcoxon."""
    out: dict[str, Figure] = {}
    for name in ("success", *COUNTED):
        here, there = (np.array([int(row[name]) > 0 for row in rows]) for rows in (ours, theirs))
        out[f"{name}_p"] = figure(mcnemar(int((here & ~there).sum()), int((there & ~here).sum())), 6)
    both = [(a, b) for a, b in zip(ours, theirs, strict=True) if a["reached"] and b["reached"]]
    for name in DRIVEN:
        pairs = both if name == "time_s" else list(zip(ours, theirs, strict=True))
        gaps: Floats = np.array([float(a[name]) - float(b[name]) for a, b in pairs])
        out[f"{name}_p"] = figure(wilcoxon(gaps), 6)
    return out


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean([float(row[name]) for row in rows])) if rows else math.nan
