"""The study of homes, small."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pavane.bench.runner.report import Figure, write_report
from pavane.bench.runner.timed_drive import most_people
from pavane.bench.runner.workers import in_workers
from pavane.bench.scenes.pairs import draw_pairs, read_pairs
from pavane.bench.studies.homes import HomeResult, drive_job, list_jobs, summarise
from pavane.cli import main
from pavane.core.errors import BadFile, BadMap, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.maps import OccupancyMap, load_map, write_ros_map
from pavane.maps.ways import draw_chain, way_length

NAMED = {
    "goals", "reached_share", "contacts", "contacts_by_robot", "time_ratio", "rms_jerk", "cycle_p99_ms",
}  # fmt: skip
SUMMED = (
    "reached", "contacts", "contacts_by_robot", "guard_ticks", "emergency_ticks", "limit_violations", "time_ratio",
    "wall_clearance_m", "person_distance_m",
)  # fmt: skip
WALL_TIMES = {"cycle_p50_ms", "cycle_p99_ms", "realtime_factor"}


def room() -> OccupancyMap:
    """4 x 3 m with a wall half-way up in the middle."""
    cells = np.zeros((60, 80), np.uint8)
    cells[[0, -1]] = cells[:, [0, -1]] = 1
    cells[:30, 40:42] = 1
    return OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0)), name="room")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Data with one home and two pairs."""
    (tmp_path / "homes").mkdir()
    write_ros_map(room(), tmp_path / "homes" / "room.yaml")
    pairs = [
        {"start": [1.0, 1.0, 0.0], "goal": [1.0, 2.3, 1.6], "path_length_m": 1.3},
        {"start": [1.0, 2.0, 0.0], "goal": [3.0, 2.0, 0.0], "path_length_m": 2.0},
    ]
    (tmp_path / "homes" / "room.pairs.json").write_text(json.dumps({"pairs": pairs}))
    return tmp_path


def test_drives_data_and_says_what_it_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder / "report.json"
    assert main(["bench", "homes", "--data", str(folder), "--jobs", "1", "--people", "1", "--json", str(report)]) == 0
    found = json.loads(report.read_text())
    assert set(found["summary"]) >= NAMED
    assert found["summary"]["goals"] == len(found["rows"]) == 2
    assert found["summary"]["reached_share"] == 1.0
    assert found["summary"]["contacts_by_robot"] == 0
    assert found["summary"]["limit_violations"] == 0
    assert [row["limit_violations"] for row in found["rows"]] == [0, 0]
    present = [found["summary"][key] for key in ("people", "people_min", "people_mean")]
    assert present == [1, 1, 1.0]
    assert found["rows"][0]["home"] == "room"
    assert "room" in capsys.readouterr().out


def test_workers_find_what_one_process_finds(folder: Path, tmp_path: Path) -> None:
    jobs = list_jobs(folder, 2, 0, 0.2, 0)
    told: list[int] = []
    alone = in_workers(drive_job, jobs, 1, lambda result: told.append(result.job.number))
    together = in_workers(drive_job, jobs, 2, lambda result: told.append(result.job.number))
    assert [result.row for result in alone] == [result.row for result in together]
    assert sorted(told) == [0, 0, 1, 1]
    ours, theirs = summarise(alone), summarise(together)
    assert {k: v for k, v in ours.items() if k not in WALL_TIMES} == {
        k: v for k, v in theirs.items() if k not in WALL_TIMES
    }
    assert ours["perception_latency_s"] == 0.2
    assert (ours["localization_std_m"], ours["odometry_scale"]) == (0.0, 1.0)
    assert ours["limit_violations"] == 0
    write_report(tmp_path / "report.json", ours, [result.row for result in alone])


def test_where_there_is_no_room_fewer_people_walk(folder: Path) -> None:
    assert most_people(room(), 0, Pose(1.0, 1.0), 0) == 0
    most = most_people(room(), 99, Pose(1.0, 1.0), 0)
    assert 3 <= most < 30
    assert most_people(room(), 2, Pose(1.0, 1.0), 0) == 2
    crowded = [replace(job, people=99) for job in list_jobs(folder, 2, 0, None, 0)]
    rows: list[dict[str, Figure]] = [{"people": most}, {"people": most - 3}]
    rest = dict.fromkeys(SUMMED, 1)
    results = [
        HomeResult(job, row | rest | {"home": "room"}, 1.0, 1.0, 1.0, np.ones(3))
        for job, row in zip(crowded, rows, strict=True)
    ]
    summary = summarise(results)
    assert (summary["people"], summary["people_min"], summary["people_mean"]) == (99, most - 3, most - 1.5)


def test_what_is_wrong_beside_the_room_is_not_hidden(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BadSetting("the home's axes are turned")

    monkeypatch.setattr("pavane.bench.runner.timed_drive.World", broken)
    job = replace(list_jobs(folder, 1, 0, None, 0)[0], people=2)
    with pytest.raises(BadSetting, match="axes are turned"):
        drive_job(job)


def test_jobs_have_the_same_seed_whatever_else_is_driven(folder: Path) -> None:
    few, many = list_jobs(folder, 1, 0, None, 0), list_jobs(folder, 2, 0, None, 0)
    assert few[0] == many[0]
    assert list_jobs(folder, 1, 0, None, 1)[0].seed == few[0].seed + 1


def test_without_data_the_homes_that_come_along_are_driven() -> None:
    jobs = list_jobs(None, 2, 0, None, 0)
    assert [job.home for job in jobs] == ["flat", "flat", "house", "house"]
    assert jobs == list_jobs(None, 2, 0, None, 0)


def test_real_data_is_understood(data: Path) -> None:
    jobs = list_jobs(data, 5, 2, 0.3, 0)
    assert len(jobs) == 65
    assert len({job.seed for job in jobs}) == 65


def test_drawn_pairs_can_be_driven() -> None:
    home = load_map("flat")
    for pair in draw_pairs(home, 3, 1):
        assert pair.path_length >= 4.0
        assert way_length(home, 0.17, pair.start, pair.goal) <= pair.path_length + 0.3
    assert len(set(draw_chain(home, 4, 1))) == 4


def test_ways_go_around_walls() -> None:
    home = room()
    assert way_length(home, 0.1, Pose(1.0, 2.0), Pose(1.5, 2.0)) == pytest.approx(0.5, abs=0.05)
    around = way_length(home, 0.1, Pose(1.0, 0.5), Pose(3.0, 0.5))
    assert around == pytest.approx(2 * np.hypot(1.0, 1.1), abs=0.35)
    assert way_length(home, 0.1, Pose(1.0, 0.5), Pose(30.0, 0.5)) == np.inf
    assert way_length(home, 0.8, Pose(1.0, 1.0), Pose(3.0, 1.0)) == np.inf


def test_a_home_without_room_is_refused() -> None:
    cells = np.ones((20, 20), np.uint8)
    narrow = OccupancyMap(Grid(cells, 0.05, Pose(0.0, 0.0)))
    for draw in (draw_pairs, draw_chain):
        with pytest.raises(BadMap, match="no room"):
            draw(narrow, 2, 0)


@pytest.mark.parametrize("text", ["", "[]", '{"pairs": [{"start": [1, 2], "goal": [1, 2, 3], "path_length_m": 1}]}'])
def test_broken_pairs_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.pairs.json"
    path.write_text(text)
    with pytest.raises(BadFile, match=r"x\.pairs\.json does not hold pairs"):
        read_pairs(path, 5)
    with pytest.raises(BadFile, match="cannot read pairs"):
        read_pairs(tmp_path / "gone.json", 5)
