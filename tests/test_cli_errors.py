"""Bad input: one clear line on stderr, exit code 2, no traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pavane.cli import main
from pavane.robot import PROFILES

PGM = b"P5\n20 20\n255\n" + bytes([254]) * 400
ROS = "image: map.pgm\nresolution: 0.05\norigin: [0, 0, 0]\nnegate: 0\noccupied_thresh: 0.65\nfree_thresh: 0.196\n"
DRIVE = ["--start", "0.5,0.5,0", "--goal", "0.5,0.6,0"]


def ros_map(folder: Path, text: str = ROS, image: bytes = PGM) -> str:
    """A ROS map of 1 x 1 m in a folder; gives the path of its YAML file."""
    (folder / "map.pgm").write_bytes(image)
    (folder / "map.yaml").write_text(text)
    return str(folder / "map.yaml")


def profile(folder: Path, old: str, new: str) -> str:
    """The round profile with one change; gives the path of its YAML file."""
    text = (PROFILES / "round.yaml").read_text()
    assert old in text
    (folder / "robot.yaml").write_text(text.replace(old, new, 1))
    return str(folder / "robot.yaml")


def write(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


IN_FLAT = ["run", "--map", "flat", "--start", "dock"]

# what is wrong: the arguments, made in a fresh folder, and what the line must name
CASES: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "truncated PGM": (lambda t: ["run", "--map", ros_map(t, image=PGM[:100]), *DRIVE], "map.pgm"),
    "image is no image": (lambda t: ["run", "--map", ros_map(t, image=b"hello"), *DRIVE], "map.pgm"),
    "no image": (lambda t: ["run", "--map", ros_map(t, ROS.replace("map.pgm", "gone.pgm")), *DRIVE], "gone.pgm"),
    "wrong key in a map": (lambda t: ["run", "--map", ros_map(t, ROS.replace("resolution", "reso")), *DRIVE], "reso"),
    "resolution NaN": (lambda t: ["run", "--map", ros_map(t, ROS.replace("0.05", ".nan")), *DRIVE], "nan"),
    "resolution negative": (lambda t: ["run", "--map", ros_map(t, ROS.replace("0.05", "-1")), *DRIVE], "-1"),
    "map is not YAML": (lambda t: ["run", "--map", write(t, "m.yaml", b"a: [1,\n}"), *DRIVE], "m.yaml"),
    "map of no kind": (lambda t: ["run", "--map", write(t, "m.yaml", b"a: 1"), *DRIVE], "m.yaml"),
    "map is a picture": (lambda t: ["run", "--map", write(t, "m.yaml", PGM), *DRIVE], "m.yaml"),
    "map is a folder": (lambda t: ["run", "--map", str(t), *DRIVE], ""),
    "no such map": (lambda t: ["run", "--map", str(t / "gone.yaml"), *DRIVE], "gone.yaml"),
    "no such home": (lambda t: ["run", "--map", "castle", *DRIVE], "castle"),
    "no such home in the demo": (lambda t: ["demo", "--home", "castle"], "castle"),
    "walls that are a number": (
        lambda t: ["run", "--map", write(t, "m.yaml", b"schema: 1\nname: x\nwalls: 7\n"), *DRIVE], "m.yaml",
    ),
    "unknown place": (lambda t: [*IN_FLAT, "--goal", "ballroom"], "ballroom"),
    "unknown start": (lambda t: ["run", "--map", "flat", "--start", "ballroom", "--goal", "bed"], "ballroom"),
    "goal in a wall": (lambda t: [*IN_FLAT, "--goal", "0.0,0.0,0"], "(0.00, 0.00)"),
    "goal outside": (lambda t: [*IN_FLAT, "--goal", "90,1,0"], "(90.00, 1.00)"),
    "start outside": (lambda t: ["run", "--map", "flat", "--start", "-50,1,0", "--goal", "bed"], "(-50.00, 1.00)"),
    "start of two numbers": (lambda t: ["run", "--map", "flat", "--start", "1,2", "--goal", "bed"], "'1,2'"),
    "goal NaN": (lambda t: [*IN_FLAT, "--goal", "nan,1,0"], "nan,1,0"),
    "goal of words": (lambda t: [*IN_FLAT, "--goal", "a,b,c"], "a,b,c"),
    "no goal": (lambda t: IN_FLAT, "--goal"),
    "negative latency": (lambda t: [*IN_FLAT, "--goal", "bed", "--latency", "-0.1"], "-0.1"),
    "latency NaN": (lambda t: [*IN_FLAT, "--goal", "bed", "--latency", "nan"], "nan"),
    "negative people": (lambda t: [*IN_FLAT, "--goal", "bed", "--people", "-3"], "-3"),
    "a crowd": (lambda t: [*IN_FLAT, "--goal", "bed", "--people", "900"], "people"),
    "people in words": (lambda t: [*IN_FLAT, "--goal", "bed", "--people", "two"], "two"),
    "negative seed": (lambda t: ["demo", "--seed", "-1"], "-1"),
    "no errands": (lambda t: ["demo", "--errands", "0"], "errands"),
    "more errands than places": (lambda t: ["demo", "--errands", "99"], "99"),
    "unknown profile": (lambda t: [*IN_FLAT, "--goal", "bed", "--robot", "r2d2"], "r2d2"),
    "unknown profile to check": (lambda t: ["profile", "check", "r2d2"], "r2d2"),
    "no such profile": (lambda t: ["profile", "check", str(t / "gone.yaml")], "gone.yaml"),
    "profile is not YAML": (lambda t: ["profile", "check", write(t, "p.yaml", b"a: [1,\n}")], "p.yaml"),
    "profile is empty": (lambda t: ["profile", "check", write(t, "p.yaml", b"")], "p.yaml"),
    "unknown key in a profile": (lambda t: ["profile", "check", profile(t, "name:", "nom:")], "nom"),
    "profile with NaN": (lambda t: ["profile", "check", profile(t, "vx_max: 1.0", "vx_max: .nan")], "vx_max"),
    "speed in mm/s": (lambda t: ["profile", "check", profile(t, "vx_max: 1.0", "vx_max: 1000")], "1000"),
    "brakes that push": (lambda t: ["profile", "check", profile(t, "ax_min: -1.2", "ax_min: 1.2")], "ax_min"),
    "profile of another schema": (lambda t: ["profile", "check", profile(t, "schema: 1", "schema: 9")], "9"),
    "unwritable report": (lambda t: [*IN_FLAT, "--goal", "bed", "--json", str(t / "no" / "r.json")], "r.json"),
    "unwritable folder": (lambda t: ["demo", "--out", write(t, "file", b"") + "/out"], "file"),
    "no data": (lambda t: ["bench", "homes", "--data", str(t)], "homes/"),
    "no workers": (lambda t: ["bench", "homes", "--jobs", "0", "--pairs", "1"], "0"),
    "no pairs": (lambda t: ["bench", "homes", "--pairs", "0"], "pairs"),
    "unknown option": (lambda t: ["demo", "--sed", "3"], "--sed"),
    "unknown command": (lambda t: ["dance"], "dance"),
    "no command": (lambda t: [], "demo"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_one_clear_line(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PAVANE_DATA", raising=False)
    arguments, named = CASES[case]
    code = main(arguments(tmp_path))
    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("error: ")
    assert error.endswith(".\n")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    assert named in error
