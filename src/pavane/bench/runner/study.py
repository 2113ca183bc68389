"""The frame of every study: its options are a command line, its run gives findings, which the command line shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from pavane.bench.runner.report import Figure

OneResult = TypeVar("OneResult")


class ProgressBar(Protocol):
    """Says how far a study is."""

    def show(self, done: float, text: str) -> None:
        """Say how much is done, in the bar's own unit, and what is being done."""
        ...


class Terminal(Protocol):
    """Where a study says how far it is while it runs; ``pavane.cli.show`` is one."""

    def progress(self, text: str, total: float | None) -> AbstractContextManager[ProgressBar]:
        """Return a progress bar; ``total`` is None where nobody knows."""
        ...

    def say(self, text: str) -> None:
        """Print a line."""
        ...


class StudyTable(NamedTuple):
    """A table for the terminal: its title, its columns' headings, and its cells row by row."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study found.

    Args:
        title: above the summary on the terminal; None where the tables say it all.
        summary: by key, for the report.
        rows: one for each drive or part, for the report; all have the same keys.
        tables: for the terminal, before the summary.
        notes: lines between the tables and the summary.
        passed: whether everything was as it has to be; if not, the command's exit code says so.
    """

    title: str | None
    summary: dict[str, Figure]
    rows: Sequence[Mapping[str, Figure]] = ()
    tables: tuple[StudyTable, ...] = ()
    notes: tuple[str, ...] = ()
    passed: bool = True


class Study(Protocol):
    """The options of a study, as tyro makes a command line of them, and what is done with them."""

    @property
    def json(self) -> str | None:
        """File for the report."""
        ...

    def run(self, terminal: Terminal) -> Findings:
        """Check the options, do the study and sum up what was found."""
        ...


@contextmanager
def watched(
    terminal: Terminal, text: str, total: int, said: Callable[[Sequence[OneResult]], str]
) -> Iterator[Callable[[OneResult], None]]:
    """Show a progress bar, and give what is to be told of each result as it comes.

    Args:
        terminal: where the bar is shown.
        text: beside the bar until the first result is there.
        total: how many results there will be.
        said: what is said of the results so far, after "3 of 12".
    """
    with terminal.progress(text, max(total, 1)) as bar:
        results: list[OneResult] = []

        def done(result: OneResult) -> None:
            results.append(result)
            bar.show(len(results), f"{len(results)} of {total}{said(results)}")

        yield done


def table_of(title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Figure]]) -> StudyTable:
    """Return a table of a report's rows; ``columns`` are the keys by their headings."""
    return StudyTable(title, tuple(columns), [[row[key] for key in columns.values()] for row in rows])


def data_folder(asked: str | None) -> Path | None:
    """Return the folder of data that is asked for, or that of $PAVANE_DATA; None for what comes with Pavane."""
    chosen = asked or os.environ.get("PAVANE_DATA")
    return Path(chosen) if chosen else None
