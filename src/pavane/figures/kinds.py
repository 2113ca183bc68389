"""kinds_picture: how much room entities of different kinds get on one drive past them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Circle, Polygon

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.drive_log import Run
from pavane.figures import style
from pavane.figures.scene import Extent, bare_scale, draw_home, draw_way, known_view

WIDTH, TITLE, BELOW, DPI = 9.0, 0.5, 0.35, 160  # inches
LABELS = 0.55  # m below the hall
EVERY = 0.55  # m between outlines of the robot


class Passed(NamedTuple):
    """One entity and how the robot passed it.

    Args:
        kind: one of ``entities.KINDS``.
        corners: (N, 2) of its outline in ``map``, m; one point is a person.
        gap: least distance between the outlines, m.
        speed: of the robot there, m/s.
        at: (2,) where the robot was, in ``map``, m.
        facing: (2,) the nearest point of the entity, in ``map``, m.
        radius: of a person, m.
    """

    kind: str
    corners: Floats
    gap: float
    speed: float
    at: Floats
    facing: Floats
    radius: float = 0.0


@style.styled
def kinds_picture(run: Run, passed: Sequence[Passed], out: Path) -> None:
    """Draw a drive past entities of different kinds into a PNG, with the clearance that each gets.

    Args:
        run: the drive.
        passed: entities and a person that it passed.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    view = known_view(run.home)
    view = (view[0], view[1], view[2] - LABELS, view[3])
    wide = WIDTH - 0.4
    tall = wide * (view[3] - view[2]) / (view[1] - view[0])
    height = TITLE + tall + BELOW
    figure = style.new_figure(WIDTH, height, DPI)
    axes = figure.add_axes((0.2 / WIDTH, BELOW / height, wide / WIDTH, tall / height))
    draw_home(axes, run.home, view, labels=False)
    for entity in passed:
        _draw_passed(axes, entity, view)
    _draw_drive(axes, run)
    bare_scale(axes, view)
    figure.text(0.25 / WIDTH, 1 - 0.25 / height, "The room each kind gets", fontsize=10, weight="bold", va="center")
    note = f"{run.robot.name}, driven from left to right; each thing reaches to the middle of the hall"
    figure.text(1 - 0.25 / WIDTH, 1 - 0.25 / height, note, fontsize=7, color=style.FAINT, ha="right", va="center")
    style.save(figure, out)


def _draw_passed(axes: Axes, entity: Passed, view: Extent) -> None:
    """Draw an entity, the gap to it, and below it how wide that is and how fast it was passed."""
    colour = style.KINDS.get(entity.kind, style.NEW)
    patch: Circle | Polygon
    if len(entity.corners) == 1:
        patch = Circle(
            tuple(entity.corners[0]), entity.radius, facecolor=colour, edgecolor="white", linewidth=0.8, zorder=3
        )
    else:
        patch = Polygon(entity.corners, facecolor=colour, edgecolor="white", linewidth=0.8, zorder=3)
    axes.add_patch(patch)
    ends = np.array([entity.at, entity.facing])
    axes.plot(ends[:, 0], ends[:, 1], color=colour, linewidth=1.2, zorder=8)
    x, y = entity.corners[:, 0].mean(), view[2] + 0.5 * LABELS
    label = f"{entity.kind}\n{100 * entity.gap:.0f} cm at {entity.speed:.2f} m/s"
    axes.text(x, y, label, fontsize=7, ha="center", va="center", color=colour, weight="bold", zorder=9)


def _draw_drive(axes: Axes, run: Run) -> None:
    draw_way(axes, run)
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(run.poses[:, :2], axis=0).T))])
    stations = run.poses[np.searchsorted(gone, np.arange(0.0, gone[-1], EVERY))]
    outline = run.robot.shape.outline()
    bodies = [Pose(*station).transform(outline) for station in stations]
    axes.add_collection(
        PolyCollection(bodies, facecolors="none", edgecolors=style.ROBOT, linewidths=0.6, alpha=0.55, zorder=4)
    )
