"""The study of the planner's parts: what takes their place, going on where it was stopped, and what it reports."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pavane.baselines.planner_variants import VARIANTS
from pavane.bench.runner.checkpoint import Checkpoint, state_of
from pavane.bench.runner.planner_queries import PlannerQuery, record
from pavane.bench.runner.report import Figure, write_report
from pavane.bench.studies.homes import list_jobs
from pavane.bench.studies.planner import (
    VariantDrive,
    carry_through,
    home_of,
    key_of,
    list_drives,
    report,
    settings,
    study,
)
from pavane.cli import main
from pavane.core.errors import BadFile
from pavane.core.robot import RobotProfile
from pavane.planning.local_planner import PlannerConfig
from test_bench_homes import folder  # noqa: F401

Row = dict[str, Figure]


@pytest.fixture(scope="module")
def moment() -> PlannerQuery:
    return record(next(job for job in list_jobs(None, 1, 0, None, 0) if job.home == "flat"), 25)[1]


def test_variants_weigh_at_least_as_much_as_ours(moment: PlannerQuery) -> None:
    robot = RobotProfile.load("round")
    found = {}
    for name, make in VARIANTS.items():
        planner = make(robot, PlannerConfig(), np.random.default_rng(0))
        plan = planner.plan(moment.belief, moment.scheduled, moment.previous)
        assert plan.candidates is not None
        assert np.abs(plan.v[-1]) < 2e-3  # each ends in its stop
        assert plan.v[0] == pytest.approx(moment.scheduled.v, abs=1e-6)
        found[name] = plan.candidates
    weighed = {name: candidates.stages[-1].weighed for name, candidates in found.items()}
    assert weighed["ours"] == weighed["one_stage"] == weighed["cold"] == 240
    assert weighed["lattice"] == 1 + 77**2
    assert found["ours"].costs.min() < min(found["lattice"].costs.min(), found["one_stage"].costs.min())
    assert "lattice" in found["lattice"].origins
    assert len(found["one_stage"].stages) == 1
    lattice = found["lattice"].decisions[:, 1:]
    assert (lattice == 0.0).all(axis=0).any() and lattice[:4].min() == pytest.approx(-0.05)


def test_cold_does_not_look_at_the_last_plan(moment: PlannerQuery) -> None:
    cold = VARIANTS["cold"](RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0))
    assert moment.previous is not None
    with_it = cold.plan(moment.belief, moment.scheduled, moment.previous)
    without = cold.plan(moment.belief, moment.scheduled, None)
    assert (with_it.decision == without.decision).all()


def test_the_way_back_swaps_the_poses_and_variants_share_their_seeds(folder: Path) -> None:  # noqa: F811
    drives = list_drives(folder, 2, 0, 0)
    assert len(drives) == 2 * 2 * len(VARIANTS) and len({d.key for d in drives}) == len(drives)
    first, back = drives[0].job, drives[len(VARIANTS)].job
    assert (first.pair.start, first.pair.goal) == (back.pair.goal, back.pair.start)
    assert len({d.job.seed for d in drives[: len(VARIANTS)]}) == 1 and first.seed != back.seed
    assert [d.key.pair for d in drives] == sorted(d.key.pair for d in drives)
    assert (home_of("flatA_d9_named"), home_of("homeB_s5_large"), home_of("flat")) == ("flatA", "homeB", "flat")


def test_goes_on_where_it_was_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    driven: list[VariantDrive] = []

    def pretend(drive: VariantDrive) -> Row:
        driven.append(drive)
        return made(drive, 10.0 + len(driven))

    monkeypatch.setattr("pavane.bench.studies.planner.carry_through", pretend)
    drives, path = list_drives(folder, 2, 0, 0), folder / "kept.jsonl"
    conditions = settings(folder, 0, 0)
    study(drives[:5], 1, Checkpoint(path, conditions), lambda _: None)
    with path.open("ab") as file:
        file.write(b'{"variant": "ours", "ho')  # stopped in the middle of a line
    told: list[str] = []
    rows = study(drives, 1, Checkpoint(path, conditions), lambda row: told.append(str(row["variant"])))
    assert [key_of(row) for row in rows] == [drive.key for drive in drives]
    assert len(driven) == len(told) == len(drives) and driven == drives
    assert Checkpoint(path, conditions).rows == rows
    with pytest.raises(BadFile, match="were made otherwise") as refused:
        Checkpoint(path, settings(folder, 2, 0))
    assert "people 0" in str(refused.value) and "people 2" in str(refused.value)
    (folder / "homes" / "room.pairs.json").write_text('{"pairs": []}')
    assert settings(folder, 0, 0)["homes"] != conditions["homes"]


@pytest.mark.parametrize("text", ["milk\n", "milk", "{}\n", '{"a": 1}'])
def test_what_is_no_kept_file_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    with pytest.raises(BadFile, match="does not hold kept results"):
        Checkpoint(path, {"people": 0})
    assert path.read_text() == text
    assert state_of([path]) != state_of([])


def test_a_file_that_was_cut_off_at_once_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    path.write_text('{"settings":{"peo')
    Checkpoint(path, {"people": 0}).add({"variant": "ours", "seconds": 1.5})
    assert Checkpoint(path, {"people": 0}).rows == [{"variant": "ours", "seconds": 1.5}]


def made(drive: VariantDrive, seconds: float, reached: int = 1, contacts: int = 0) -> Row:
    row: Row = {**drive.key._asdict(), "status": "REACHED", "reached": reached, "seconds": seconds}
    row |= {"time_ratio": seconds / 5.0 if reached else "none", "contacts": contacts, "contacts_by_robot": contacts}
    row |= {"guard_ticks": 0, "emergency_ticks": 0, "limit_violations": 0, "rms_jerk": 0.5, "rms_turn_jerk": 3.0}
    return row | {"sparc": -1.9, "log_jerk": -9.0, "log_turn_jerk": -11.0, "omega_jump": 0.1, "near_goal": 2.0}


def test_differences_are_of_pairs_and_count_each_home_once(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    drives = [
        VariantDrive(drive.key._replace(home=home), drive.job)
        for home in ("flatA_x", "flatA_y", "homeB_z")
        for drive in list_drives(folder, 1, 0, 0)
    ]
    slower = {"ours": 0.0, "lattice": 3.0, "one_stage": 1.0, "cold": 0.0}
    rows = []
    for drive in drives:
        key = drive.key
        lost = key.variant == "lattice" and key.home == "homeB_z" and key.back == 1
        more = slower[key.variant] * (2.0 if key.home == "homeB_z" else 1.0)
        rows.append(made(drive, 10.0 + key.back + more, reached=int(not lost), contacts=int(lost)))
    summary, table = report(rows, 0)
    assert summary["goals"] == 6 and summary["homes"] == 2 and summary["maps"] == 3
    assert summary["time_difference_one_stage"] == pytest.approx(-1.5)  # -1 in one home, -2 in the other
    assert summary["time_difference_lattice"] == pytest.approx(-4.5)  # without the drive that was lost
    assert summary["time_difference_one_stage_low"] == pytest.approx(-1.5 - 12.7062 * 0.5, abs=1e-3)
    assert summary["both_reached_lattice"] == 5 and summary["reached_only_ours_lattice"] == 1
    assert summary["contacts_only_lattice"] == 1 and summary["contacts_difference_lattice"] == pytest.approx(-0.25)
    assert summary["time_ratio_cold"] == summary["time_ratio_ours"]
    assert len(table) == 3 * len(VARIANTS) and table[1]["time_difference"] == pytest.approx(-3.0)
    write_report(tmp_path / "planner.json", summary, table)


def test_drives_and_says_what_it_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    line = ["bench", "planner", "--data", str(folder), "--jobs", "1", "--quick", "--json", str(folder / "report.json")]
    kept = folder / "kept.jsonl"
    assert main([*line, "--keep", str(kept)]) == 0
    found = json.loads((folder / "report.json").read_text())
    lines = [json.loads(text) for text in kept.read_text().splitlines()]
    assert found["summary"]["goals"] == 2 and found["summary"]["reached_share_ours"] == 1.0
    assert {"time_ratio_ours", "time_difference_lattice", "time_difference_lattice_low"} <= set(found["summary"])
    assert found["summary"]["limit_violations_lattice"] == 0
    assert found["summary"]["time_difference_cold_low"] == "none"  # one home says nothing of others
    assert len(lines) == 1 + 2 * len(VARIANTS)
    assert 0.0 < lines[1]["near_goal"] < lines[1]["seconds"] and lines[1]["log_turn_jerk"] < 0.0
    assert "Ours minus each" in capsys.readouterr().out
    drive = list_drives(folder, 1, 0, 0)[0]
    again = carry_through(drive)
    assert {k: v for k, v in again.items() if not k.endswith("_ms")} == {
        k: v for k, v in lines[1].items() if not k.endswith("_ms")
    }
    assert main([*line, "--keep", str(kept)]) == 0
    assert json.loads((folder / "report.json").read_text()) == found
