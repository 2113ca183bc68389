"""How kernels are compiled and where the machine code is kept.

numba's cache does not see that an imported helper changed, so the cache directory is keyed by a hash of this folder.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def cache_directory() -> Path:
    """Where compiled kernels are kept: ``$PAVANE_CACHE`` or the user's cache, keyed by the kernels' text."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in compiled(Path(__file__).parents[1]):
        digest.update(path.read_bytes())
    root = os.environ.get("PAVANE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pavane"
    return Path(root) / f"kernels-{digest.hexdigest()[:16]}"


def compiled(package: Path) -> list[Path]:
    """The files whose text decides over the machine code."""
    rooms = ("numerics/*.py", "motion/*.py", "**/kernels/*.py", "**/objective/*.py", "**/*kernels.py")
    return sorted({path for room in rooms for path in package.glob(room)})


def can_keep(directory: Path) -> bool:
    """Whether compiled kernels can be kept in a directory; makes it where it is missing, and warns where it cannot be.

    numba by itself would look for another place without a word, and that one would not be keyed.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError as error:
        if multiprocessing.parent_process() is None:  # workers need not say it again
            text = f"compiled kernels cannot be kept in {directory} ({error.strerror}): each start compiles anew."
            warnings.warn(f"{text} Set PAVANE_CACHE to a folder that can be written.", RuntimeWarning, stacklevel=2)
        return False


_DIRECTORY = str(cache_directory())
_KEEP = can_keep(Path(_DIRECTORY))


def kernel(function: F) -> F:
    """Compile a kernel that Python calls: kept on disk where that can be, without the GIL, fast floating point."""
    return _compiled(function, fastmath=True, error_model="numpy", boundscheck=False, nogil=True)


def exact_kernel(function: F) -> F:
    """As :func:`kernel`, with IEEE arithmetic: for loops that meet infinities or must repeat to the bit."""
    return _compiled(function, error_model="numpy", boundscheck=False, nogil=True)


def plain_kernel(function: F) -> F:
    """Compile as numba does where nothing is asked for, kept on disk: for what is written as one would at first."""
    return _compiled(function)


def _compiled(function: F, **options: Any) -> F:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _DIRECTORY
    try:
        return cast(F, njit(cache=_KEEP, **options)(function))
    finally:
        numba.config.CACHE_DIR = before


def inline(function: F) -> F:
    """Compile a helper that is inlined into the kernels that call it."""
    return cast(F, njit(fastmath=True, error_model="numpy", boundscheck=False, forceinline=True)(function))
