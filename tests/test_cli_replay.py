"""``pavane replay``, and ``--record`` of who drives."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from pavane.cli import main
from pavane.record import open_recording


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short drive, recorded."""
    folder = tmp_path_factory.mktemp("replay")
    path = folder / "drive.mcap"
    drive = ["--map", "flat", "--start", "sofa", "--goal", "dining", "--people", "1", "--seconds", "5"]
    assert main(["run", *drive, "--record", str(path)]) == 1  # five seconds are too short
    return path


def test_a_recorded_run_tells_what_happened(path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = tmp_path / "x.json"
    assert main(["replay", str(path), "--json", str(report)]) == 0
    said = capsys.readouterr().out
    for text in ("round in flat, planner ours, seed 0", "asked: go to dining", "DRIVING: on the way", "MB a minute"):
        assert text in said
    assert "other code" not in said
    assert json.loads(report.read_text())["rows"][0]["what"] == "asked: go to dining"


def test_verify_says_identical(path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = tmp_path / "x.json"
    assert main(["replay", str(path), "--verify", "--json", str(report)]) == 0
    assert "identical: 250 ticks, " in capsys.readouterr().out
    assert json.loads(report.read_text())["summary"]["identical"] == 1


def test_verify_says_where_it_is_not(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pavane.planning.local_planner.planner import TrajectoryPlanner

    whole = TrajectoryPlanner.search
    monkeypatch.setattr(
        TrajectoryPlanner, "search", lambda self, scene, previous, *rest: whole(self, scene, None, *rest)
    )
    assert main(["replay", str(path), "--verify"]) == 1
    said = capsys.readouterr().out
    assert "not identical: after" in said and "plan." in said and "recorded" in said and "replayed" in said


def test_another_setting_is_drawn_beside_the_original(
    path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report, out = tmp_path / "x.json", tmp_path / "out"
    change = ["--set", "objective=weighted_sum", "--set", "planner.objective.harm_speed=4"]
    assert main(["replay", str(path), *change, "--out", str(out), "--json", str(report)]) == 0
    assert "the world did not answer" in capsys.readouterr().out
    summary = json.loads(report.read_text())["summary"]
    assert summary["ticks"] == 250 and summary["v_largest"] > 0.0 and summary["plan_m_largest"] > 0.0
    with Image.open(out / "replay.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 100


def test_a_cut_file_is_told_and_read(path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert main(["replay", str(cut), "--verify"]) == 0
    said = capsys.readouterr().out
    assert "not whole: it breaks off after" in said and "identical" in said


def test_other_code_is_told(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pavane.record.recorder.fingerprint", lambda: {"numpy": "1.0", "source": "x"})
    assert main(["replay", str(path)]) == 0
    assert "other code made it" in " ".join(capsys.readouterr().out.split())


def test_scenarios_record_one_file_a_drive(tmp_path: Path) -> None:
    assert main(["scenarios", "goal_near_ahead", "--jobs", "1", "--record", str(tmp_path / "out")]) in (0, 1)
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "goal_near_ahead-0.mcap"
    assert open_recording(path).plans > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.mcap"], "cannot read file"),
        (["DRIVE", "--verify", "--set", "seed=1"], "do not go together"),
        (["DRIVE", "--out", "x"], "Name a setting"),
        (["DRIVE", "--set", "harm=2"], "no such setting"),
        (["DRIVE", "--set", "objective=best"], "no such objective"),
        (["DRIVE", "--verify", "--json", "/none/x.json"], "cannot write"),
    ],
)
def test_errors_are_one_line(
    path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", *(str(path) if word == "DRIVE" else word for word in arguments)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and message in said and said.count("\n") == 1


def test_a_record_that_cannot_be_written_is_refused_before_the_drive(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--map", "flat", "--start", "sofa", "--goal", "dining", "--record", "/none/x.mcap"]) == 2
    assert "cannot write file" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] in ("mcap", "rosbags", "zstandard")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("recorder", "recording", "topics", "replay"):
        monkeypatch.delitem(sys.modules, f"pavane.record.{name}", raising=False)
    for name in ("mcap", "rosbags", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["replay", str(path)]) == 2
    assert "pip install 'pavane[record]'" in capsys.readouterr().err
