"""Reports: one JSON schema for every study, ``{"summary": {key: number | string}, "rows": [{key: …}, …]}``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pavane.files import write_whole

Figure = float | int | str
NONE = "none"  # written where there is no such figure: a mean over nothing, a distance to nobody


def figure(value: float, digits: int = 4) -> Figure:
    """A number as it goes into a report: rounded, or ``none`` where it is not finite."""
    return round(float(value), digits) if math.isfinite(value) else NONE


def write_report(path: str | Path, summary: Mapping[str, Figure], rows: Sequence[Mapping[str, Figure]]) -> None:
    """Check a report against its schema and write it, whole or not at all.

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
    text = msgspec.json.format(msgspec.json.encode({"summary": dict(summary), "rows": [dict(r) for r in rows]}))
    write_whole(path, text + b"\n")


def _check(where: str, figures: Mapping[str, Figure]) -> None:
    for key, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, float | int | str):
            raise ValueError(f"{where}.{key} is {type(value).__name__}; a report holds numbers and strings")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{where}.{key} is {value}; write a figure that does not exist as {NONE!r}")
