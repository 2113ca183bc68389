"""The frame of the studies: what each has to have, and what of it the command line loads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import get_type_hints

import pytest

from pavane.bench.runner.study import StudyTable, data_folder, table_of, watched
from pavane.cli.bench import FOLDER, STUDIES

SHARED = {"json": str | None, "quick": bool, "seed": int, "jobs": int, "data": str | None, "keep": str | None}


def options_of(study: str) -> type:
    module, name = STUDIES[study].split(":")
    found = getattr(import_module(f"{FOLDER}.{module}"), name)
    assert isinstance(found, type)
    return found


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_its_options_and_says_what_they_are(study: str) -> None:
    options = options_of(study)
    assert is_dataclass(options) and callable(getattr(options, "run", None))
    types = get_type_hints(options)
    assert {"json", "quick"} <= set(types)
    for name in set(SHARED) & set(types):
        assert types[name] == SHARED[name]
    said = options.__doc__ or ""
    assert f"Example: pavane bench {study}" in said
    for field in fields(options):
        assert f"        {field.name}: " in said
    made = options()
    assert made.json is None and made.quick is False


@pytest.mark.parametrize("arguments", [["--help"], ["bench", "--help"]])
def test_help_loads_no_study(arguments: list[str]) -> None:
    code = f"""
import sys
from pavane.cli.app import parse
try:
    parse({arguments})
except SystemExit:
    pass
print(sorted({{name.split(".")[0] for name in sys.modules}} & {{"numba", "numpy", "scipy", "viser", "matplotlib"}}))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
    if arguments[0] == "bench":
        assert all(f"• {study}" in done.stdout for study in STUDIES)
        assert "Drive between pairs of poses in every home" in done.stdout


class Bar:
    def __init__(self) -> None:
        self.shown: list[tuple[float, str]] = []

    def show(self, done: float, text: str) -> None:
        self.shown.append((done, text))


class Told:
    """A terminal that remembers."""

    def __init__(self) -> None:
        self.bars: dict[tuple[str, float | None], Bar] = {}

    @contextmanager
    def progress(self, text: str, total: float | None) -> Iterator[Bar]:
        bar = self.bars[text, total] = Bar()
        yield bar

    def say(self, text: str) -> None:
        raise AssertionError(text)


def test_results_are_told_as_they_come() -> None:
    terminal = Told()
    with watched(terminal, "3 drives", 3, lambda results: f", {sum(results)} reached") as done:
        for reached in (1, 0, 1):
            done(reached)
    assert terminal.bars["3 drives", 3].shown == [
        (1, "1 of 3, 1 reached"),
        (2, "2 of 3, 1 reached"),
        (3, "3 of 3, 2 reached"),
    ]
    with watched(terminal, "0 drives", 0, str):
        pass
    assert ("0 drives", 1) in terminal.bars  # a bar of nothing would be full at once


def test_a_table_takes_its_columns_from_rows() -> None:
    rows: list[dict[str, float | int | str]] = [
        {"home": "a", "reached": 1, "s": 2.5},
        {"home": "b", "reached": 0, "s": 3},
    ]
    assert table_of("Homes", {"home": "home", "time": "s"}, rows) == StudyTable(
        "Homes", ("home", "time"), [["a", 2.5], ["b", 3]]
    )


def test_data_is_what_is_asked_for_or_what_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAVANE_DATA", "/somewhere")
    assert str(data_folder("here")) == "here" and str(data_folder(None)) == "/somewhere"
    monkeypatch.setenv("PAVANE_DATA", "")
    assert data_folder(None) is None
