"""Drives of the study of people: which encounters who drives with which tuning, and what a drive is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from scipy.stats import qmc

from pavane.baselines.objectives import KNOB, OURS, RIVALS, Tuning, maker
from pavane.bench.metrics.avoidable_contacts import judge_contact
from pavane.bench.metrics.drive_metrics import arrival, measure
from pavane.bench.metrics.freezing import freezes
from pavane.bench.runner.checkpoint import state_of, state_of_code
from pavane.bench.runner.report import NONE, Figure, figure
from pavane.bench.scenes.encounters import Encounter, draw, list_encounters, list_rooms
from pavane.bench.studies.scenarios import NAVIGATOR, drive_scenario
from pavane.drive_log import Run

Row = Mapping[str, Figure]
TUNING = 1_000_000  # numbers of the encounters for tuning begin here: none of them is judged
SPAN = 4.0  # tuned figures are at most this many times the plain choice, or this part of it
PLAIN, JUDGED = 0, -1  # tuning points; ours has none
OTHERS = (*RIVALS, *KNOB)  # who meets the same people as ours


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


@dataclass(frozen=True, slots=True)
class EncounterDrive:
    """One drive of the study."""

    key: EncounterKey
    data: Path | None


def points(count: int) -> list[Tuning]:
    """Return the tunings that are tried: the plain one, then Halton's points, in equal steps of their logarithms."""
    halton = qmc.Halton(3, scramble=False).random(count)[1:]
    return [Tuning(), *(Tuning(*(round(float(v), 4) for v in SPAN ** (2.0 * row - 1.0))) for row in halton)]


def recordings(data: Path | None) -> Path | None:
    """Return the folder, if it holds recorded people."""
    return data if data is not None and (data / "pedestrians" / "eth.csv").exists() else None


def settings(data: Path | None) -> dict[str, Figure]:
    """Return what the rows depend on, beyond their key."""
    folder = recordings(data)
    recorded = NONE if folder is None else state_of((folder / "pedestrians").glob("*.csv"))
    return {"recordings": recorded, "code": state_of_code()}


def tuning_drives(effort: EncounterEffort, data: Path | None) -> list[EncounterDrive]:
    """Return every rival at every tuning point."""
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


def key_of(row: Row) -> EncounterKey:
    """Return which drive a row is of."""
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
    """Return the figures of a drive."""
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
    """Return each avoidable contact in words."""
    words = []
    for contact in run.contacts:
        if contact.caused_by_robot and (found := judge_contact(run, contact)).avoidable:
            words.append(f"{contact.kind} at {contact.time:.2f} s with {contact.robot_speed:.2f} m/s: {found.why}")
    return words
