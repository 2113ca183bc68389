"""The schema of every report."""

import json
import math
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pavane.bench.runner.about import About, about_this_process, checkout_of, machine
from pavane.bench.runner.report import Figure, figure, read_report, write_report
from pavane.core.errors import BadFile
from pavane.core.files import check_writable, make_folder


def test_a_report_is_a_summary_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    summary: dict[str, Figure] = {"goals": 2, "share": 0.5, "robot": "round"}
    rows: list[dict[str, Figure]] = [{"home": "a", "error": 0.1}, {"home": "b", "error": "none"}]
    write_report(path, summary, rows)
    content = json.loads(path.read_text())
    assert list(content) == ["about", "summary", "rows"]
    assert content["summary"] == summary and content["rows"] == rows
    assert list(content["about"]) == ["command", "commit", "changed", "date", "version", "machine"]
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_report_says_how_it_came_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pavane", "bench", "homes", "--data", "my data"])
    path = tmp_path / "report.json"
    write_report(path, {"goals": 2}, [{"home": "a"}])
    report = read_report(path)
    assert report.about == about_this_process()
    assert report.about.command == "pavane bench homes --data 'my data'"
    assert date.fromisoformat(report.about.date).year >= 2024
    assert report.about.machine == machine() and report.about.machine.endswith(("core", "cores"))
    assert (report.summary, report.rows) == ({"goals": 2}, [{"home": "a"}])


def test_a_report_without_a_header_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"summary": {"goals": 2}, "rows": []}')
    assert read_report(path).about == About() and read_report(path).about.commit == "unknown"


def test_a_report_names_the_checkout_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (tmp_path / "notes").write_text("")

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init")
    assert checkout_of(package) == ("unknown", False)  # somebody else's checkout, as around an installed package
    git("add", "package")
    git("commit", "-m", "first")
    commit = git("rev-parse", "--short", "HEAD")
    assert checkout_of(package) == (commit, False)
    (package / "more.py").write_text("")
    assert checkout_of(package) == (commit, True)
    (package / "more.py").unlink()
    (package / "__init__.py").write_text("changed = 1")
    assert checkout_of(package) == (commit, True)
    monkeypatch.setenv("PATH", str(tmp_path))  # without git
    assert checkout_of(package) == ("unknown", False)


@pytest.mark.parametrize("value", [math.nan, math.inf, None, True, [1], {"a": 1}])
def test_only_finite_numbers_and_strings(tmp_path: Path, value: object) -> None:
    path = tmp_path / "report.json"
    with pytest.raises(ValueError, match=r"summary\.key"):
        write_report(path, {"key": value}, [])  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"rows\[1\]\.key"):
        write_report(path, {}, [{"key": 1}, {"key": value}])  # type: ignore[dict-item]
    assert not path.exists()


def test_rows_have_the_same_keys(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same keys"):
        write_report(tmp_path / "report.json", {}, [{"a": 1}, {"b": 1}])


def test_an_old_report_survives_a_bad_new_one(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report(path, {"goals": 1}, [])
    with pytest.raises(ValueError):
        write_report(path, {"goals": math.nan}, [])
    assert json.loads(path.read_text())["summary"] == {"goals": 1}


def test_a_figure_that_does_not_exist_is_said_so() -> None:
    assert figure(1.23456789) == 1.2346
    assert figure(1.23456789, 1) == 1.2
    assert figure(math.inf) == figure(math.nan) == "none"


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no" / "report.json"):
        with pytest.raises(BadFile, match="cannot write"):
            check_writable(path)
    with pytest.raises(BadFile, match="cannot write file"):
        write_report(tmp_path / "no" / "report.json", {}, [])
    check_writable(tmp_path / "report.json")
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFile, match="cannot make folder"):
        make_folder(tmp_path / "file" / "b")
