"""How much memory a process takes."""

from __future__ import annotations

import resource
import sys


def peak_mb() -> float:
    """Return the most memory that this process ever had, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
