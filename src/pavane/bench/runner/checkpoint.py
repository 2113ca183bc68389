"""Rows that are kept on file as they come, so that a study of hours goes on where it was stopped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

import pavane
from pavane.bench.runner.report import Figure
from pavane.bench.runner.workers import in_workers
from pavane.core.errors import BadFile
from pavane.core.files import check_writable

SHOWING = ("cli", "figures")  # rooms of which no figure depends
Key = TypeVar("Key")
Job = TypeVar("Job")
BEGINS = b'{"settings":'


class _Head(Struct):
    settings: dict[str, Figure]


class Checkpoint:
    """A file of JSON lines: the settings, then one row on each, written whole.

    Args:
        path: the file; made where it is missing. What is left of a line that was cut off is dropped.
        settings: what the rows depend on.

    ``rows`` are those that were there and those added.

    Raises:
        BadFile: it cannot be read or written, is no such file, or its rows are of other settings.
    """

    def __init__(self, path: str | Path, settings: Mapping[str, Figure]) -> None:
        check_writable(path)
        self._path = Path(path)
        try:
            content = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise BadFile("cannot read kept results", value=path, limit="a readable file of JSON lines") from error
        *whole, torn = content.split(b"\n")
        self.rows: list[dict[str, Figure]] = []
        try:
            head = msgspec.json.decode(whole[0], type=_Head) if whole else None
            self.rows = [msgspec.json.decode(line, type=dict[str, Figure]) for line in whole[1:]]
        except (msgspec.DecodeError, UnicodeError) as error:
            raise self._no_such_file(error) from error
        if head is None and torn[: len(BEGINS)] != BEGINS[: len(torn)]:
            raise self._no_such_file(torn)
        if torn:
            os.truncate(self._path, len(content) - len(torn))
        if head is None:
            self._append({"settings": dict(settings)})
            return
        others = sorted(k for k in {*head.settings, *settings} if head.settings.get(k) != settings.get(k))
        if others:
            raise BadFile(
                f"the results kept in {self._path.name} were made otherwise",
                value=", ".join(f"{key} {head.settings.get(key, 'none')}" for key in others),
                limit=", ".join(f"{key} {settings.get(key, 'none')}" for key in others),
                remedy="Name another file, or remove this one.",
            )

    def add(self, row: Mapping[str, Figure]) -> None:
        """Keep a row, on the disk when this returns."""
        self._append(row)
        self.rows.append(dict(row))

    def _no_such_file(self, value: object) -> BadFile:
        return BadFile(
            f"{self._path.name} does not hold kept results", value=value, limit="JSON lines, the settings first"
        )

    def _append(self, line: Mapping[str, object]) -> None:
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                whole = msgspec.json.encode(line) + b"\n"
                if os.write(file, whole) < len(whole):
                    raise BadFile("a result was kept in part", value=self._path, limit="room to write")
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise BadFile(f"cannot keep results ({error.strerror})", value=self._path, limit="room to write") from error


def go_on(
    jobs: Mapping[Key, Job],
    work: Callable[[Job], dict[str, Figure]],
    key_of: Callable[[Mapping[str, Figure]], Key],
    workers: int,
    kept: Checkpoint | None,
    done: Callable[[Mapping[str, Figure]], None],
) -> list[dict[str, Figure]]:
    """Return a row for each job, in their order; those kept before are not done again.

    Args:
        jobs: by the key of their row.
        work: makes the row; a function of a module, so that a worker finds it.
        key_of: which job a row is of.
        workers: how many processes.
        kept: where rows are kept as they come; None to keep none.
        done: told of each row as it comes, those kept before first.
    """
    known = {key_of(row): row for row in ([] if kept is None else kept.rows)}
    for key in jobs:
        if key in known:
            done(known[key])

    def told(row: dict[str, Figure]) -> None:
        if kept is not None:
            kept.add(row)
        known[key_of(row)] = row
        done(row)

    in_workers(work, [job for key, job in jobs.items() if key not in known], workers, told)
    return [known[key] for key in jobs]


def state_of_code() -> str:
    """Return what marks this state of the package, without what only shows: results of another one are others."""
    root = Path(pavane.__file__).parent
    return state_of(path for path in root.rglob("*") if path.relative_to(root).parts[0] not in SHOWING)


def state_of(paths: Iterable[Path]) -> str:
    """Return what marks the content of files, compiled ones left out."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
