"""How kernels are compiled and where the machine code is kept.

numba's cache does not see that an imported helper changed, so the cache directory is keyed by a hash of this folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def cache_directory() -> Path:
    """Where compiled kernels are kept: ``$PAVANE_CACHE`` or the user's cache, keyed by the kernels' text."""
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    root = os.environ.get("PAVANE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pavane"
    return Path(root) / f"kernels-{digest.hexdigest()[:16]}"


_DIRECTORY = str(cache_directory())


def kernel(function: F) -> F:
    """Compile a kernel that Python calls: cached on disk, without the GIL, fast floating point."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _DIRECTORY
    try:
        options = {"fastmath": True, "error_model": "numpy", "boundscheck": False, "nogil": True, "cache": True}
        return cast(F, njit(**options)(function))
    finally:
        numba.config.CACHE_DIR = before


def exact_kernel(function: F) -> F:
    """As :func:`kernel`, with IEEE arithmetic: for loops that meet infinities or must repeat to the bit."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = _DIRECTORY
    try:
        return cast(F, njit(error_model="numpy", boundscheck=False, nogil=True, cache=True)(function))
    finally:
        numba.config.CACHE_DIR = before


def inline(function: F) -> F:
    """Compile a helper that is inlined into the kernels that call it."""
    return cast(F, njit(fastmath=True, error_model="numpy", boundscheck=False, forceinline=True)(function))
