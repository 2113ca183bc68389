"""The study of latency: how a total divides, what is drawn, going on where it was stopped, and what it reports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pavane.bench.runner.checkpoint import Checkpoint
from pavane.bench.runner.report import Figure, write_report
from pavane.bench.studies import latency
from pavane.bench.studies.latency import list_drives, report, study
from pavane.bench.studies.latency_drives import (
    IDENTIFY,
    VARIANTS,
    LatencyDrive,
    carry_through,
    encounter,
    key_of,
    sharing,
)
from pavane.bench.studies.planner import settings
from pavane.core.errors import BadSetting
from pavane.core.robot import RobotProfile
from pavane.maps import load_map
from pavane.sim import World
from pavane.sim.scenario import SCENARIOS
from test_bench_homes import folder  # noqa: F401

Row = dict[str, Figure]


@pytest.mark.parametrize("total", [0, 250, 800])
def test_the_shares_come_to_the_total(total: int) -> None:
    each = sharing(total)
    assert each.perception + each.planning + each.actuation_delay == pytest.approx(1e-3 * total)
    assert each.scan <= each.perception


def test_encounters_are_possible_and_differ() -> None:
    home, robot = load_map(SCENARIOS / latency.HALL), RobotProfile.load("round")
    drawn = [list(encounter(np.random.default_rng(seed))) for seed in range(40)]
    for people in drawn:
        World(home, robot, latency.START, people, seed=0)  # refuses who stands in a wall
    assert len({people[0].start for people in drawn}) == 40
    assert {len(people) for people in drawn} == {1, 2} and {p.kind for people in drawn for p in people} == {
        "stubborn", "yielding",
    }  # fmt: skip


def test_every_scene_is_driven_with_every_latency_and_variant_with_the_same_seed(folder: Path) -> None:  # noqa: F811
    drives = list_drives(folder, 3, 1, 2, (0, 500), 0)
    assert len({drive.key for drive in drives}) == len(drives) == (3 + 1) * 2 * len(VARIANTS) + 2
    scene = [drive for drive in drives if drive.key[2:] == ("encounter", 1)]
    assert len({drive.seed for drive in scene}) == 1 and len(scene) == 2 * len(VARIANTS)
    assert drives.index(scene[-1]) - drives.index(scene[0]) == len(scene) - 1  # one after another
    for wrong in ((0, 1, 1, (0,)), (1, 1, 0, (0,)), (1, 1, 1, (5000,))):
        with pytest.raises(BadSetting):
            list_drives(folder, *wrong, 0)


def made(drive: LatencyDrive, success: int, jerk: float) -> Row:
    if drive.key.variant == IDENTIFY:
        return {**drive.key._asdict(), "error_ms": 3.0 + drive.key.number, "error_after_change_ms": 5.0}
    row: Row = {**drive.key._asdict(), "reached": success, "success": success, "seconds": 10.0, "contacts": 0}
    row |= {"contacts_by_robot": 0, "contacts_avoidable": 0, "rms_jerk": jerk, "rms_turn_jerk": 2.0, "guard_ticks": 1}
    return row | {"heading_reversals": 2, "join_jump": 1e-9, "join_jump_slope": 1e-8, "late_plans": 0}


def test_the_report_tells_what_the_fast_forward_is_worth(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    drives = list_drives(folder, 8, 1, 2, (0, 500), 0)
    rows = [
        made(d, int(d.key.variant != "none" or d.key.latency_ms == 0), 1.0 + (d.key.variant == "none")) for d in drives
    ]
    summary, table = report(rows)
    assert (summary["success_500"], summary["success_500_no_forward"], summary["success_0_no_forward"]) == (
        1.0,
        0.0,
        1.0,
    )
    assert (summary["rms_jerk_0"], summary["rms_jerk_500_no_forward"]) == (1.0, 2.0)
    assert float(summary["success_p"]) < 0.01
    assert summary["identified_latency_error_ms_max"] == 4.0 and summary["join_jump"] == 1e-9
    cell = {(r["latency_ms"], r["variant"], r["scenes"]): r for r in table}
    assert cell[500, "all", "both"]["drives"] == 9 and cell[500, "all", "homes"]["drives"] == 1
    write_report(tmp_path / "latency.json", summary, table)
    assert json.loads((tmp_path / "latency.json").read_text())["summary"]["bases"] == 2
    few = [row for row in rows if row["latency_ms"] == 0 and row["variant"] == "all"]
    assert report(few)[0]["success_500"] == report(few)[0]["identified_latency_error_ms"] == "none"


def test_goes_on_where_it_was_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    driven: list[LatencyDrive] = []

    def carry(drive: LatencyDrive) -> Row:
        driven.append(drive)
        return made(drive, 1, 1.0)

    monkeypatch.setattr(latency, "carry_through", carry)
    path, conditions, drives = folder / "kept.jsonl", settings(folder, 0, 0), list_drives(folder, 2, 1, 1, (0,), 0)
    study(drives[:7], 1, Checkpoint(path, conditions), lambda _: None)
    rows = study(drives, 1, Checkpoint(path, conditions), lambda _: None)
    assert [key_of(row) for row in rows] == [drive.key for drive in drives] == [drive.key for drive in driven]


def test_with_500_ms_a_drive_that_is_fast_forwarded_arrives_and_joins_its_plans() -> None:
    drives = {d.key: d for d in list_drives(None, 1, 1, 1, (500,), 0) if d.key.scene == "encounter"}
    (row,) = (carry_through(drive) for key, drive in drives.items() if key.variant == "all")
    assert row["success"] == 1 and row["late_plans"] == 0
    assert float(row["join_jump"]) < 1e-6 and float(row["join_jump_slope"]) < 1e-6
