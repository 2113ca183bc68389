"""Reports: one JSON schema for every study.

``{"about": {"command": …, "commit": …, …}, "summary": {key: number | string}, "rows": [{key: …}, …]}``
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from pavane.bench.runner.about import About, about_this_process
from pavane.core.errors import BadFile
from pavane.core.files import write_whole

Figure = float | int | str
NONE = "none"  # written where there is no such figure: a mean over nothing, a distance to nobody


class Report(Struct, frozen=True):
    """What a file of a study holds.

    Args:
        about: which command, state of the code and machine it is from.
        summary: what the study says, by key.
        rows: one mapping for each drive or part; all have the same keys.
    """

    summary: dict[str, Figure]
    rows: list[dict[str, Figure]]
    about: About = About()


def figure(value: float, digits: int = 4) -> Figure:
    """Return a number as it goes into a report: rounded, or ``none`` where it is not finite."""
    return round(float(value), digits) if math.isfinite(value) else NONE


def write_report(path: str | Path, summary: Mapping[str, Figure], rows: Sequence[Mapping[str, Figure]]) -> None:
    """Check a report against its schema and write it, whole or not at all, with a header about this process.

    Args:
        path: the file; it appears in one step, after everything is written.
        summary: what the study says, by key.
        rows: one mapping for each drive or part; all have the same keys.

    Raises:
        ValueError: a value is neither a finite number nor a string, or the rows differ in their keys.
        BadFile: the file cannot be written.
    """
    for where, figures in [("summary", summary), *((f"rows[{i}]", row) for i, row in enumerate(rows))]:
        _check(where, figures)
    if any(list(row) != list(rows[0]) for row in rows):
        raise ValueError("every row of a report needs the same keys in the same order")
    report = {"about": about_this_process(), "summary": dict(summary), "rows": [dict(row) for row in rows]}
    text = msgspec.json.format(msgspec.json.encode(report))
    write_whole(path, text + b"\n")


def read_report(path: str | Path) -> Report:
    """Return a report as it is on file; one without a header is about nothing that is known.

    Raises:
        BadFile: no such file, or it is not a report.
    """
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Report)
    except OSError as error:
        raise BadFile("cannot read the report", value=path, limit=error.strerror or "a file") from None
    except (msgspec.MsgspecError, UnicodeError):
        raise BadFile("not a report", value=path, limit="what --json of a bench command wrote") from None


def _check(where: str, figures: Mapping[str, Figure]) -> None:
    for key, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, float | int | str):
            raise ValueError(f"{where}.{key} is {type(value).__name__}; a report holds numbers and strings")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{where}.{key} is {value}; write a figure that does not exist as {NONE!r}")
