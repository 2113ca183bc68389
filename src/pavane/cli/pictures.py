"""Pictures of a drive, written into a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pavane.run import Run, Snapshot

NEARBY = 3.0  # m within which a person makes a picture interesting


def write_pictures(run: Run, folder: Path, tell: Callable[[str], None]) -> list[Path]:
    """Write ``run.png``, ``run.gif`` and, where a planning cycle was kept, ``snapshot.png``; gives their paths.

    Args:
        run: what to draw.
        folder: where to; it exists.
        tell: told what is drawn next.
    """
    from pavane.figures import run_animation, run_picture, snapshot_picture

    paths = [folder / "run.png", folder / "run.gif"]
    tell("drawing run.png")
    run_picture(run, paths[0])
    if run.snapshots:
        tell("drawing snapshot.png")
        paths.append(folder / "snapshot.png")
        snapshot_picture(max(run.snapshots, key=interest), run.home, run.robot, paths[-1])
    tell("drawing run.gif")
    run_animation(run, paths[1])
    return paths


def interest(snapshot: Snapshot) -> float:
    """How much there is to see in a planning cycle: a chosen way that is long and bends, and people beside it."""
    way = snapshot.candidates[snapshot.best].astype(np.float64)  # (K, 2)
    hops = np.diff(way, axis=0)
    hops = hops[np.hypot(*hops.T) > 0.005]
    length = float(np.hypot(*hops.T).sum())
    headings = np.unwrap(np.arctan2(hops[:, 1], hops[:, 0]))
    bend = float(np.abs(np.diff(headings)).sum()) if len(headings) > 1 else 0.0
    gaps = np.hypot(*(snapshot.people[:, 0] - way[0]).T) if len(snapshot.people) else np.empty(0)
    return min(length, 1.5) * (1.0 + min(bend, 2.0) + 1.5 * min(int((gaps < NEARBY).sum()), 2))
