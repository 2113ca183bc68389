"""Bad input: one clear line on stderr, exit code 2, no traceback."""

from __future__ import annotations

import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from pavane.cli import main
from pavane.core.robot import PROFILES

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
    "goal beyond floats": (lambda t: [*IN_FLAT, "--goal", "1e308,0,0"], "1e308"),
    "a multitude": (lambda t: [*IN_FLAT, "--goal", "bed", "--people", "5000"], "5000"),
    "a multitude in the demo": (lambda t: ["demo", "--people", "5000"], "5000"),
    "no time": (lambda t: [*IN_FLAT, "--goal", "bed", "--seconds", "0"], "seconds"),
    "time NaN": (lambda t: [*IN_FLAT, "--goal", "bed", "--seconds", "nan"], "nan"),
    "a week": (lambda t: [*IN_FLAT, "--goal", "bed", "--seconds", "604800"], "604800"),
    "a folder without a name": (lambda t: [*IN_FLAT, "--goal", "bed", "--out", ""], "no folder is named"),
    "a demo's folder without a name": (lambda t: ["demo", "--out", ""], "no folder is named"),
    "a report without a name": (lambda t: [*IN_FLAT, "--goal", "bed", "--json", ""], "cannot write file"),
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


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, ``pavane`` in it being the command line, with the status of the first failing command."""
    code = "import sys; from pavane.cli import main; sys.exit(main())"
    script = f'set -o pipefail; pavane() {{ {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_who_reads_no_further_gets_no_complaint() -> None:
    ended = shell("pavane scenarios | head -n 1")
    assert ended.returncode in (0, 141)  # 0 where everything was written before head had gone
    assert ended.stderr == "" and ended.stdout.count("\n") == 1
    ended = shell("pavane profile list | true")
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("command", ["profile list", "scenarios", "profile --help"])
def test_a_full_disk_is_one_line(command: str) -> None:
    ended = shell(f"pavane {command} > /dev/full")
    assert ended.returncode == 2
    assert ended.stderr == "error: cannot read or write the output: No space left on device.\n"
    assert shell(f"pavane {command} > /dev/full 2>&1").returncode == 2


def test_a_report_is_written_even_if_nobody_reads_the_tables(tmp_path: Path) -> None:
    drive = f"run --map flat --start 3.4,2.2,3.1 --goal dining --seconds 0.5 --json {tmp_path / 'r.json'}"
    ended = shell(f"pavane {drive} | true")
    assert (ended.returncode, ended.stderr) == (141, "")
    assert (tmp_path / "r.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_report_to_a_full_disk_is_one_line() -> None:
    drive = "run --map flat --start 3.4,2.2,3.1 --goal dining --seconds 0.5 --json"
    ended = shell(f"pavane {drive} /dev/full")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: cannot write file (No space left on device)")
    assert ended.stderr.count("\n") == 1
    pipe = shell(f"pavane {drive} >(cat >&2)")  # of a pipe, which stays one
    assert pipe.returncode == 1 and '"time_limit_s": 0.5' in pipe.stderr


def test_a_closed_output_is_no_error() -> None:
    assert shell("pavane profile list >&-").returncode == 0


def test_a_warning_is_one_line_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> bool:
        warnings.warn("this machine is slow", RuntimeWarning, stacklevel=2)
        return True

    monkeypatch.setattr("pavane.cli.app.parse", lambda _: command)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main([]) == 0
    assert capsys.readouterr().err == "warning: this machine is slow\n"
