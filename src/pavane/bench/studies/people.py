"""The study of encounters with people: ours, rival objectives at their best tuning, and ours brisk and cautious."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pavane.baselines.objectives import OURS, RIVALS
from pavane.bench.metrics.statistics import mcnemar, wilcoxon
from pavane.bench.runner.checkpoint import Checkpoint, go_on
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, StudyTable, Terminal, data_folder, watched
from pavane.bench.scenes.encounters import KINDS, RECORDED, ROOM
from pavane.bench.studies.people_drives import (
    OTHERS,
    PLAIN,
    EncounterDrive,
    EncounterEffort,
    Row,
    carry_through,
    judged_drives,
    key_of,
    points,
    recordings,
    settings,
    tuning_drives,
)
from pavane.core.arrays import Floats
from pavane.core.options import at_least

QUICK = EncounterEffort(episodes=24, paired=12, rooms=2, points=1, tuning=0)
CONTACT_COSTS, MISSED_COSTS = 30.0, 60.0  # s, what tuning counts for a contact and for a goal that is not reached
COUNTED = ("contacts", "contacts_by_robot", "contacts_avoidable", "freezes")
DRIVEN = ("time_s", "rms_jerk", "peak_deceleration", "stopped_s", "psc")
ALL = "all"


@dataclass(frozen=True, slots=True)
class PeopleStudy:
    """Meet people: oncoming, crossing, overtaking, in doorways, in groups, stepping out, creeping; and cluttered rooms.

    Ours, and rival objectives that are tuned first: chance constraints of 5 and 20 %, a weighted sum, and cheap shapes
    in place of chances. Also ours with its knob turned to brisk and to cautious.

    Example: pavane bench people --data path/to/data --keep people.jsonl --json people.json

    Args:
        data: folder with pedestrians/*.csv, the recorded people; default: $PAVANE_DATA; without it they are left out.
        json: file for the figures (docs/guides/studies.md).
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

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        for name, least in (("episodes", 1), ("paired", 0), ("tuning", 0), ("rooms", 0), ("first", 0), ("jobs", 1)):
            at_least(name, getattr(self, name), least)
        asked = EncounterEffort(self.episodes, self.paired, self.rooms, tuning=self.tuning, first=self.first)
        effort, data = QUICK if self.quick else asked, data_folder(self.data)
        if recordings(data) is None:
            terminal.say("no recordings (--data DIR with pedestrians/eth.csv): recorded people are left out")
        kept = None if self.keep is None else Checkpoint(self.keep, settings(data))

        def drive(drives: list[EncounterDrive], what: str) -> list[dict[str, Figure]]:
            def said(rows: Sequence[Row]) -> str:
                return f" {what}, {sum(int(row['success']) for row in rows)} succeeded"

            with watched(terminal, f"{len(drives)} {what}", len(drives), said) as done:
                return study(drives, self.jobs, kept, done)

        chosen = choose(drive(tuning_drives(effort, data), "drives for tuning"))
        summary, rows = report(drive(judged_drives(effort, data, chosen), "drives"), chosen)
        return Findings("Ours, all encounters", summary, rows, tables_of_drivers(rows))


def study(
    drives: Sequence[EncounterDrive], workers: int, kept: Checkpoint | None, done: Callable[[Row], None]
) -> list[dict[str, Figure]]:
    """Return a row for each drive: see :func:`pavane.bench.runner.checkpoint.go_on`."""
    return go_on({each.key: each for each in drives}, carry_through, key_of, workers, kept, done)


def choose(rows: Sequence[Row]) -> dict[str, int]:
    """Return the tuning point of each rival with the least mean cost; without rows the plain one.

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


def tables_of_drivers(rows: Sequence[Row]) -> tuple[StudyTable, ...]:
    """Return ours beside its rivals, and beside itself with the knob turned; none where nothing was driven in pairs."""

    def with_chance(row: Row, name: str) -> str:
        return f"{row[name]}" if row["driver"] == OURS else f"{row[name]} ({row[name + '_p']})"

    def beside(title: str, drivers: Sequence[str]) -> StudyTable:
        names = ("success", *COUNTED, *DRIVEN)
        lines = [(name, *(with_chance(every[driver], name) for driver in drivers)) for name in names]
        return StudyTable(title, ("figure", *drivers), lines)

    every = {str(row["driver"]): row for row in rows if row["kind"] == ALL}
    if not every:
        return ()
    title = f"{every[OURS]['episodes']} encounters in pairs (in brackets: p against ours)"
    turned = beside("The same, the knob turned", ("brisk", OURS, "cautious"))
    return beside(title, (OURS, *RIVALS)), turned
