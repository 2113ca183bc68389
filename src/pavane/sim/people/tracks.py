"""Recorded tracks of people, read from CSV files with the columns frame_time_s, ped_id, x_m, y_m."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.errors import BadFile

COLUMNS = ("frame_time_s", "ped_id", "x_m", "y_m")


@dataclass(frozen=True, slots=True, eq=False)
class RecordedTrack:
    """The recorded places of one body.

    Args:
        name: of the person.
        times: (K,) increasing stamps, s.
        places: (K, 2) x, y at the stamps, m.
    """

    name: str
    times: Floats
    places: Floats


def read_tracks(path: Path | str) -> list[RecordedTrack]:
    """Read the people of a recording, in the order of their first row.

    Args:
        path: of the CSV file: UTF-8, a header, other columns than the four are ignored.

    Raises:
        BadFile: no such file, not text, a column is missing, a value is not a number, the times of a person do not
            increase, or there is nobody in it.
    """
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadFile(f"cannot read the tracks {path.name}", value=error.strerror) from error
    except UnicodeDecodeError as error:
        raise BadFile(f"the tracks {path.name} are not UTF-8 text", value=f"byte {error.start}") from error
    if "\0" in text:
        raise BadFile(f"the tracks {path.name} are not text", value="a zero byte", limit="CSV in UTF-8")
    lines = csv.reader(text.splitlines())
    header = [name.strip() for name in next(lines, [])]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadFile(f"the tracks {path.name} lack a column", value=", ".join(header) or "nothing", limit=missing[0])
    columns = [header.index(name) for name in COLUMNS]
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for line in lines:
        where = f"line {lines.line_num} of {path.name}"
        if not line:
            continue
        if len(line) != len(header):
            raise BadFile(f"{where} has another number of fields", value=len(line), limit=len(header))
        time, name, x, y = (line[column].strip() for column in columns)
        row = (_number(time, where), _number(x, where), _number(y, where))
        track = rows.setdefault(name, [])
        if track and row[0] <= track[-1][0]:
            raise BadFile(f"{where}: the time of {name} does not increase", value=time, limit=f"> {track[-1][0]:g} s")
        track.append(row)
    if not rows:
        raise BadFile(f"the tracks {path.name} hold nobody", value="no rows")
    tracks = [(name, np.array(track)) for name, track in rows.items()]
    return [RecordedTrack(name, values[:, 0], values[:, 1:]) for name, values in tracks]


def _number(text: str, where: str) -> float:
    """Return a finite number, or refuse what stands at ``where``."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadFile(f"{where} holds what is not a number", value=text or "nothing", limit="a finite number")
    return value
