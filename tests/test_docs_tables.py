"""Tables of the pages are what their reports make of them."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pages import ROOT

ABOUT = {
    "command": "pavane bench goals --data ../somewhere/data --json out/goals.json --jobs 2",
    "commit": "1a2b3c4", "changed": False, "date": "2026-11-30", "version": "0.1.0", "machine": "a processor, 2 cores",
}  # fmt: skip
SUMMARY = {"goals": 1200, "within_share": 0.99917, "stalls": 0, "robot": "round", "far_m": 12345.6}
ROWS = [{"kind": "a|b", "goals": 5, "right": 1}, {"kind": "c", "goals": 7, "right": 0.0}]


@pytest.fixture(scope="module")
def make_tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs" / "benchmarks" / "make_tables.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_tables"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs" / "benchmarks" / "data").mkdir(parents=True)
    (tmp_path / "README.md").write_text("before\n<!-- begin figures -->\n<!-- end -->\nafter\n")
    return tmp_path


def put(root: Path, name: str = "goals", **changed: Any) -> None:
    report = {"about": ABOUT, "summary": SUMMARY, "rows": ROWS} | changed
    text = json.dumps({key: value for key, value in report.items() if value is not None})
    (root / "docs" / "benchmarks" / "data" / f"{name}.json").write_text(text)


def page(root: Path, *marks: str) -> Path:
    path = root / "docs" / "benchmarks" / "goals.md"
    path.write_text("# Goals\n\n" + "\n".join(f"<!-- begin {mark} -->\nold\n<!-- end -->\n" for mark in marks))
    return path


def test_the_pages_are_up_to_date(make_tables: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_tables.main(["--check"]) == 0, capsys.readouterr().out


def test_the_readme_says_eight_figures_and_stays_short(make_tables: ModuleType) -> None:
    assert len(make_tables.FIGURES) == 8
    without = make_tables.BLOCK.sub("", (ROOT / "README.md").read_text())
    assert len(without.splitlines()) + len(make_tables.FIGURES) + 7 <= 120


def test_every_mark_is_understood(make_tables: ModuleType) -> None:
    pages = list((ROOT / "docs" / "benchmarks").glob("*.md"))
    marks = [match.group(2) for path in pages for match in make_tables.BLOCK.finditer(path.read_text())]
    assert len(marks) >= 25
    for mark in marks:
        assert mark == "reports" or mark.split()[1].rstrip(":") in {"summary", "rows"}, mark
    assert sum(path.read_text().count("<!-- begin") for path in pages) == len(marks)


def test_a_table_says_figures_and_what_made_them(make_tables: ModuleType, root: Path) -> None:
    put(root)
    path = page(root, "goals summary", "goals rows: kind goals", "goals rows: kind where right=0", "reports")
    assert make_tables.main([], root) == 0
    text = path.read_text()
    assert "old" not in text
    assert "| `goals` | 1,200 |" in text and "| `within_share` | 0.999 |" in text and "| `far_m` | 12,346 |" in text
    assert "| a\\|b | 5 |" in text and "| c | 7 |" in text
    assert "| `kind` |\n| --- |\n| c |\n" in text
    assert "`pavane bench goals --data DIR`; commit 1a2b3c4, 2026-11-30, a processor, 2 cores" in text
    assert "| `goals.json` | `pavane bench goals --data DIR` | 1a2b3c4 | 2026-11-30 |" in text
    assert "somewhere" not in text and "--jobs" not in text


def test_making_tables_twice_changes_nothing(make_tables: ModuleType, root: Path) -> None:
    put(root)
    path = page(root, "goals summary", "goals rows")
    assert make_tables.main(["--check"], root) == 1
    make_tables.main([], root)
    before = path.read_text(), (root / "README.md").read_text()
    assert make_tables.main(["--check"], root) == 0
    make_tables.main([], root)
    assert (path.read_text(), (root / "README.md").read_text()) == before


def test_patterns_choose_figures_in_their_order(make_tables: ModuleType, root: Path) -> None:
    put(root)
    path = page(root, "goals summary: stalls g*")
    make_tables.main([], root)
    assert "| `stalls` | 0 |\n| `goals` | 1,200 |\n" in path.read_text()
    assert "robot" not in path.read_text()


def test_the_readme_says_a_figure_with_its_command(make_tables: ModuleType, root: Path) -> None:
    put(root)
    page(root)
    make_tables.main([], root)
    readme = (root / "README.md").read_text()
    assert readme.startswith("before\n") and readme.endswith("after\n")
    assert "| 99.9% of 1,200 / 0 | `pavane bench goals --data DIR` |" in readme


def test_a_checkout_with_changes_is_said(make_tables: ModuleType, root: Path) -> None:
    put(root, about=ABOUT | {"changed": True})
    path = page(root, "goals summary")
    make_tables.main([], root)
    assert "commit 1a2b3c4 with changes" in path.read_text()


def test_a_missing_report_is_said(make_tables: ModuleType, root: Path) -> None:
    path = page(root, "goals summary")
    assert make_tables.main([], root) == 0
    assert "No report of this version yet." in path.read_text()


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"about": None}, "does not say what made it"),
        ({"about": {"command": "pavane bench goals"}}, "does not say what made it"),
        ({"summary": None}, "is no report"),
    ],
)
def test_a_report_that_says_too_little_is_refused(
    make_tables: ModuleType, root: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], word: str
) -> None:
    put(root, **changed)
    path = page(root, "goals summary")
    before = path.read_text()
    assert make_tables.main([], root) == 2
    assert word in capsys.readouterr().err
    assert path.read_text() == before


def test_a_figure_that_a_report_lacks_is_named(
    make_tables: ModuleType, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(root)
    page(root, "goals rows: kind nothing")
    assert make_tables.main([], root) == 2
    assert "goals.json has no figure nothing; it has kind, goals, right" in capsys.readouterr().err


def test_a_condition_on_what_a_report_lacks_is_named(
    make_tables: ModuleType, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(root)
    page(root, "goals rows: kind where nothing=1")
    assert make_tables.main([], root) == 2
    assert "goals.json has no figure nothing" in capsys.readouterr().err
