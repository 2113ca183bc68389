"""The commands: what they print, write and return."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from pavane.cli import main
from pavane.cli.demo import choose_errands
from pavane.core.errors import BadMap, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.robot import RobotProfile
from pavane.drive_log import Snapshot
from pavane.figures import interest
from pavane.maps import OccupancyMap, load_map
from pavane.maps.clearance import clearance_grid
from pavane.planning.global_planner import RoutePlanner

LONG = [(0.6, 0.15), (-0.6, 0.15), (-0.6, -0.15), (0.6, -0.15)]  # m
COMMANDS = [
    "", "demo", "view", "run", "scenarios", "bench", "bench homes", "bench sim", "bench speed", "bench space",
    "bench optimize", "bench planner", "bench latency", "bench goals", "bench risk", "bench people",
    "bench replay", "bench why", "bench view", "replay", "why", "figures", "warmup",
    "profile", "profile check", "profile list",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command.split(), "--help"])
    assert end.value.code == 0
    example = re.search(r"^Example: pavane (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert example is not None
    assert example.group(1).startswith(command)


def test_help_does_not_load_what_it_does_not_need() -> None:
    code = "import sys, pavane.cli; print(*[m for m in ('numba', 'scipy', 'matplotlib', 'yaml') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.strip() == ""


def test_import_pavane_loads_names_when_they_are_asked_for() -> None:
    code = "import sys, pavane; assert 'numba' not in sys.modules; pavane.Navigator; assert 'numba' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_name_that_pavane_exports_is_there() -> None:
    import pavane

    for name in pavane.__all__:
        assert getattr(pavane, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Pavlova'"):
        pavane.Pavlova  # type: ignore[attr-defined]  # noqa: B018
    assert set(pavane.__all__) <= set(dir(pavane))


def test_profile_check_and_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "check", "astro_like"]) == 0
    assert "astro_like: top speed 1.00 m/s" in capsys.readouterr().out
    assert main(["profile", "list"]) == 0
    assert "turtlebot4" in capsys.readouterr().out


def test_run_reaches_a_place_and_writes_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "run.json"
    line = f"run --map flat --start 3.4,2.2,3.1 --goal dining --latency 0.2 --json {report} --out {tmp_path / 'out'}"
    assert main(shlex.split(line)) == 0
    found = json.loads(report.read_text())
    assert found["summary"]["goals"] == found["summary"]["reached"] == 1
    assert found["summary"]["contacts"] == 0
    assert found["summary"]["limit_violations"] == 0
    assert found["summary"]["perception_latency_s"] == 0.2
    assert found["summary"]["person_distance_m"] == "none"
    assert found["rows"][0]["goal"] == "dining"
    assert found["rows"][0]["error_m"] < 0.1
    shown = capsys.readouterr()
    assert "1 of 1" in shown.out
    assert shown.err == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["run.gif", "run.png", "snapshot.png"]


def test_run_says_when_no_way_leads(tmp_path: Path) -> None:
    solid = np.zeros((40, 80), np.uint8)
    solid[:, 38:42] = 1
    image = np.where(solid == 1, 0, 254).astype(np.uint8)
    (tmp_path / "m.pgm").write_bytes(b"P5\n80 40\n255\n" + image.tobytes())
    (tmp_path / "m.yaml").write_text(
        "image: m.pgm\nresolution: 0.05\norigin: [0, 0, 0]\nnegate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.196\n"
    )
    report = tmp_path / "run.json"
    line = f"run --map {tmp_path / 'm.yaml'} --start 1,1,0 --goal 3,1,0 --json {report}"
    assert main(shlex.split(line)) == 1
    assert json.loads(report.read_text())["rows"][0]["status"] == "NO_ROUTE"


def test_demo_runs_an_errand_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = f"demo --headless --home flat --errands 1 --people 1 --seed 2 --out {tmp_path / 'demo'}"
    assert main(shlex.split(line)) == 0
    assert (tmp_path / "demo" / "run.gif").read_bytes()[:3] == b"GIF"
    shown = capsys.readouterr()
    assert "goals reached" in shown.out
    assert re.search(r"limits not kept +0\b", shown.out)
    assert "snapshot.png" in shown.out
    assert shown.err == ""


def test_errands_are_places_or_drawn_where_a_map_has_none() -> None:
    house, robot = load_map("house"), RobotProfile.load("astro_like")
    start, targets = choose_errands(house, robot, 6, 0)
    assert start == house.place("dock")
    assert len(set(targets)) == 6
    assert choose_errands(house, robot, 6, 0) == (start, targets)
    assert choose_errands(house, robot, 6, 1)[1] != targets
    nameless = OccupancyMap(house.grid)
    planner = RoutePlanner(clearance_grid(house), robot)
    for seed in range(8):
        start, poses = choose_errands(nameless, robot, 8, seed)
        assert len(poses) == 8
        for pose in [start, *poses]:
            assert isinstance(pose, Pose)
            planner.check("errand", pose, match_heading=True)  # raises where the robot cannot stand, turned that way


def test_places_on_which_the_robot_cannot_turn_as_they_say_are_no_errands() -> None:
    robot = RobotProfile.load("astro_like")
    solid = np.zeros((60, 120), np.uint8)
    solid[[0, -1]] = solid[:, [0, -1]] = 1
    places = {"dock": Pose(1.0, 1.5), "sofa": Pose(5.0, 1.5), "chink": Pose(3.0, 0.06)}
    home = OccupancyMap(Grid(solid, 0.05, Pose(0.0, 0.0)), places)
    assert choose_errands(home, robot, 1, 0) == (places["dock"], ["sofa"])
    with pytest.raises(BadSetting, match="errands is more"):
        choose_errands(home, robot, 2, 0)


def test_errands_are_not_drawn_without_room_nor_without_end() -> None:
    robot = RobotProfile.load("astro_like")
    narrow = np.ones((60, 60), np.uint8)
    narrow[20:30, 5:55] = 0  # half a metre: the robot fits, but hardly turned across
    nameless = OccupancyMap(Grid(narrow, 0.05, Pose(0.0, 0.0)))
    with pytest.raises(BadMap):
        choose_errands(nameless, msgspec.structs.replace(robot, footprint=LONG), 3, 0)
    with pytest.raises(BadSetting, match="errands is too large; got 1000000"):
        choose_errands(OccupancyMap(load_map("flat").grid), robot, 1_000_000, 0)


def test_run_says_when_its_time_is_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "run.json"
    line = f"run --map flat --start 3.4,2.2,3.1 --goal dining --seconds 1.5 --json {report}"
    assert main(shlex.split(line)) == 1
    assert "time limit of 1.5 s reached (DRIVING)" in capsys.readouterr().out
    found = json.loads(report.read_text())
    assert found["summary"]["time_limit_s"] == 1.5
    assert found["rows"][0]["status"] == "DRIVING"


def test_a_bent_way_beside_people_is_the_more_interesting_picture() -> None:
    t = np.linspace(0.0, 1.5, 61)
    straight, bent = np.stack([t, 0 * t], 1), np.stack([np.sin(t), 1 - np.cos(t)], 1)

    def snapshot(way: np.ndarray, people: int) -> Snapshot:
        flat = Grid(np.ones((4, 4), np.float32), 1.0, Pose(-2.0, -2.0))
        return Snapshot(
            0.0, Pose(0.0, 0.0), 0.0, flat, np.ones((4, 4), np.bool_), way[None].astype(np.float32),
            np.zeros(1, np.float32), 0, np.zeros((0, 2)), None, np.ones((people, 7, 2)), np.full((people, 7), 0.1),
            np.ones(people),
        )  # fmt: skip

    standing = snapshot(np.zeros((61, 2)), 3)
    ranks = [interest(s) for s in (standing, snapshot(straight, 0), snapshot(bent, 0), snapshot(bent, 1))]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0.0


def test_figures_draws_the_space_of_a_robot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(tmp_path / "new"), "--only", "space", "--robot", "turtlebot4"]) == 0
    written = tmp_path / "new" / "space.png"
    assert str(written.with_suffix("")) in capsys.readouterr().out
    assert written.with_suffix(".svg").read_text().startswith("<?xml")
    with Image.open(written) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape == (896, 1280, 3)
    shown = (pixels.reshape(-1, 3).max(axis=1).astype(int) - pixels.reshape(-1, 3).min(axis=1)) > 60
    assert 0.05 < shown.mean() < 0.5  # curves in colours on plain paper
    assert main(["figures", str(tmp_path), "--robot", "nobody"]) == 2
    assert main(["figures", str(tmp_path), "--only", "nothing"]) == 2
    assert "space, snapshot" in capsys.readouterr().err
    (tmp_path / "other.json").write_text('{"summary": {}, "rows": []}')
    assert main(["figures", str(tmp_path), "--only", "space", "--risk", str(tmp_path / "other.json")]) == 2
    assert "not a report of risk" in capsys.readouterr().err
