"""Pictures of a drive, written into a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pavane.drive_log import Run


def write_pictures(run: Run, folder: Path, tell: Callable[[str], None]) -> list[Path]:
    """Write ``run.png``, ``run.gif`` and, where a planning cycle was kept, ``snapshot.png``; gives their paths.

    Args:
        run: what to draw.
        folder: where to; it exists.
        tell: told what is drawn next.
    """
    from pavane.figures import interest, run_animation, run_picture, snapshot_picture

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
