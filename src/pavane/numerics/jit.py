"""How kernels are compiled and where the machine code is kept.

numba's cache does not see that an imported helper changed, so the cache directory is keyed by a hash of the kernels'
text, read when this module is imported. Folders are made when the first kernel is called, not by an import.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit
from numba.core.caching import NullCache

F = TypeVar("F", bound=Callable[..., Any])


def cache_directory() -> Path:
    """Return where compiled kernels are kept: ``$PAVANE_CACHE`` or the user's cache, keyed by the kernels' text."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in compiled(Path(__file__).parents[1]):
        digest.update(path.read_bytes())
    root = os.environ.get("PAVANE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pavane"
    return Path(root) / f"kernels-{digest.hexdigest()[:16]}"


def compiled(package: Path) -> list[Path]:
    """Return the files whose text decides over the machine code."""
    rooms = ("numerics/*.py", "motion/*.py", "**/kernels/*.py", "**/objective/*.py", "**/*kernels.py")
    return sorted({path for room in rooms for path in package.glob(room)})


@cache
def can_keep(directory: Path) -> bool:
    """Make a directory for compiled kernels; warn once and return False where none can be kept in it.

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


_DIRECTORY = cache_directory()


class _CacheAtFirstCall(NullCache):  # type: ignore[misc]
    """Stand in for the cache of a kernel until its first call: numba makes a cache's folder when it opens the cache.

    numba asks here for machine code under its compiler lock, so only one thread at a time changes ``CACHE_DIR``.
    """

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Open the cache that takes this one's place, and look there."""
        dispatcher, before = self._dispatcher, numba.config.CACHE_DIR
        dispatcher._cache = NullCache()
        if can_keep(_DIRECTORY):
            numba.config.CACHE_DIR = str(_DIRECTORY)
            try:
                dispatcher.enable_caching()
            finally:
                numba.config.CACHE_DIR = before
        return dispatcher._cache.load_overload(sig, target_context)


def kernel(function: F) -> F:
    """Compile a kernel that Python calls: kept on disk where that can be, without the GIL, fast floating point."""
    return _compiled(function, fastmath=True, error_model="numpy", boundscheck=False, nogil=True)


def exact_kernel(function: F) -> F:
    """Compile as :func:`kernel`, with IEEE arithmetic: for loops that meet infinities or must repeat to the bit."""
    return _compiled(function, error_model="numpy", boundscheck=False, nogil=True)


def plain_kernel(function: F) -> F:
    """Compile as numba does where nothing is asked for, kept on disk: for what is written as one would at first."""
    return _compiled(function)


def _compiled(function: F, **options: Any) -> F:
    dispatcher = njit(**options)(function)
    dispatcher._cache = _CacheAtFirstCall(dispatcher)
    return cast(F, dispatcher)


def inline(function: F) -> F:
    """Compile a helper that is inlined into the kernels that call it."""
    return cast(F, njit(fastmath=True, error_model="numpy", boundscheck=False, forceinline=True)(function))


def spliced(function: F) -> F:
    """Write a helper into its callers before they are compiled, as if its lines stood there.

    A helper of :func:`inline` is compiled by itself first, and where it begins and ends decides in what order LLVM adds
    and multiplies. The borders of this one leave no trace, to the last bit.
    """
    return cast(F, njit(fastmath=True, error_model="numpy", boundscheck=False, inline="always")(function))
