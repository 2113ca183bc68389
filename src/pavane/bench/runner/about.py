"""What a report is about: who asked for it with which command, which state of the code, when, on what machine."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from msgspec import Struct

from pavane.core.processor import processor_name

PACKAGE = Path(__file__).parents[2]
PATIENCE = 5.0  # s that git may take
UNKNOWN = "unknown"


class About(Struct, frozen=True):
    """The header of a report; in a report that was written before there were headers everything is unknown.

    Args:
        command: the command line, by which the report can be made again.
        commit: short hash of the checkout that the package lies in; ``unknown`` where it lies in none, or without git.
        changed: whether that checkout has changes that are not committed.
        date: of writing, UTC, ``YYYY-MM-DD``.
        version: of the package.
        machine: the processor's name and how many cores there are.
    """

    command: str = UNKNOWN
    commit: str = UNKNOWN
    changed: bool = False
    date: str = UNKNOWN
    version: str = UNKNOWN
    machine: str = UNKNOWN


def about_this_process(package: Path = PACKAGE) -> About:
    """Return the header of a report that this process writes; ``package`` is the folder whose checkout is looked at."""
    commit, changed = checkout_of(package)
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return About(command, commit, changed, datetime.now(UTC).date().isoformat(), _version(), machine())


def checkout_of(package: Path) -> tuple[str, bool]:
    """Return the short hash of a package's checkout and whether it has changes that are not committed.

    A package that is installed inside of somebody else's checkout is not part of it: git has to know its
    ``__init__.py``. Files that git does not know count as changes only inside of the package.
    """
    try:
        _git(package, "ls-files", "--error-unmatch", "__init__.py")
        commit = _git(package, "rev-parse", "--short", "HEAD")
        known = _git(package, "status", "--porcelain", "--untracked-files=no")
        unknown = _git(package, "ls-files", "--others", "--exclude-standard")
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN, False
    return commit, bool(known or unknown)


def machine() -> str:
    """Return the processor's name, as far as the system tells it, and how many cores there are."""
    cores = os.cpu_count() or 1
    return f"{processor_name() or UNKNOWN}, {cores} {'core' if cores == 1 else 'cores'}"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout.strip()


def _version() -> str:
    try:
        return version("pavane")
    except PackageNotFoundError:
        return UNKNOWN
