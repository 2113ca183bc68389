"""What a terminal is shown, progress on stderr and tables on stdout, and what is written beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from pavane.bench.runner.report import Figure

WIDTH = 110  # columns of a table in a file or a log


class _Output(Console):
    """Stdout; that its reader is gone is an error like any other, and not the end of the process."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def say(text: str) -> None:
    """One line on stdout."""
    _Output(highlight=False, soft_wrap=True).print(text, markup=False)


class Bar:
    """A progress bar with a line of text."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def show(self, done: float, text: str) -> None:
        """Say how much is done, in the bar's own unit, and what is being done."""
        self._progress.update(self._task, completed=done, description=text)


@contextmanager
def progress(text: str, total: float | None) -> Iterator[Bar]:
    """A progress bar on a terminal, and nothing elsewhere; ``total`` None where nobody knows."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(30), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        yield Bar(shown, shown.add_task(text, total=total))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; numbers to the right, the first column to the left."""
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=box.SIMPLE_HEAD)
    for i, column in enumerate(columns):
        shown.add_column(column, justify="right" if i else "left", no_wrap=True)
    for row in rows:
        shown.add_row(*(str(cell) for cell in row))
    console = _Output(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(shown)


def figures(title: str, values: Mapping[str, object]) -> None:
    """A table of names and figures."""
    table(title, ("figure", "value"), values.items())


def write(path: str | None, summary: Mapping[str, Figure], rows: Sequence[Mapping[str, Figure]]) -> None:
    """Write a report where one is asked for, and say so."""
    from pavane.bench.runner.report import write_report

    if path is not None:
        write_report(path, summary, rows)
        say(f"written: {path}")
