"""Files and folders that are written: whole or not at all, and refused before hours of work go into them."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pavane.core.errors import BadFile


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a binary file to write, which appears in one step when the block ends, and not at all when it raises.

    It is written beside its place and renamed. A symbolic link stays: the file it points to is replaced. A pipe
    or a device, which is no ordinary file, is never replaced but written into, when everything is there.

    Raises:
        BadFile: it cannot be written.
    """
    check_writable(path)
    through = _is_special(path)
    target = Path(path) if through else Path(os.path.realpath(path))
    try:
        descriptor, name = tempfile.mkstemp(dir=None if through else target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            if through:
                _pour(file, target)
            else:
                os.fsync(file.fileno())
        if not through:
            os.chmod(name, _mode(target))  # mkstemp makes it private
            os.replace(name, target)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def write_whole(path: str | Path, data: bytes) -> None:
    """Write a file so that nobody ever sees half of it; see :func:`whole_file`.

    Raises:
        BadFile: it cannot be written.
    """
    with whole_file(path) as file:
        file.write(data)


def check_writable(path: str | Path) -> None:
    """Refuse a file that cannot be written before hours of work go into it.

    Raises:
        BadFile: the path is empty or a folder, or the folder that it lies in is missing or not writable.
    """
    special = _is_special(path)
    try:
        place = Path(path) if special else Path(os.path.realpath(path)).parent
        fit = special != place.is_dir() and os.access(place, os.W_OK)  # special, and no folder; or in a folder
    except ValueError:  # a null character
        fit = False
    if not fit or not str(path).strip():
        raise BadFile("cannot write file", value=repr(str(path)), limit="a file in a folder that can be written")


def make_folder(path: str | Path) -> Path:
    """Return the folder at ``path``, made where it is missing.

    Raises:
        BadFile: the path is empty, or it cannot be made or written into.
    """
    if not str(path).strip():
        raise BadFile("no folder is named", value=repr(str(path)), limit="a path; . is the present folder")
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise BadFile("cannot make folder", value=folder, limit="a path in a writable folder") from error
    if not os.access(folder, os.W_OK):
        raise BadFile("cannot write into folder", value=folder, limit="a writable folder")
    return folder


def _is_special(path: str | Path) -> bool:
    """Return whether something is there that is no ordinary file: a pipe, a device, a folder."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _pour(file: BinaryIO, target: Path) -> None:
    """Copy what was written into a pipe or a device."""
    file.seek(0)
    with target.open("wb", buffering=0) as sink:
        while data := file.read(1 << 16):
            rest = memoryview(data)
            while len(rest):  # a pipe takes as much as it has room for
                rest = rest[sink.write(rest) :]


def _mode(target: Path) -> int:
    """Return the rights a file has, or those of a new one that others may read."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        return 0o644


def _refusal(path: str | Path, error: OSError) -> BadFile:
    return BadFile(
        f"cannot write file ({error.strerror or error})",
        value=repr(str(path)),
        limit="a file in a folder that can be written",
    )
