"""encounter_picture: an encounter in space and time, with what was predicted at some moments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.drive_log import Run, Snapshot
from pavane.figures import style
from pavane.figures.scene import Extent, draw_home, draw_way

WIDTH, DPI = 8.0, 160  # inches
TOP, GAP, CHART, BELOW, SIDE = 0.75, 0.3, 3.9, 0.75, 0.25  # inches
STEP = 0.5  # s between the places of a forecast
PREDICTED = "#3f74c9"


@style.styled
def encounter_picture(run: Run, view: Extent, moments: tuple[float, ...], seconds: float, out: Path) -> None:
    """Draw where robot and person are along the x axis over time, and above it the drive on the plane.

    Args:
        run: the drive, along x, with one person and every planning cycle kept.
        view: the part of the home that is shown.
        moments: when to show what was predicted and planned, s.
        seconds: how much of the drive is shown, s.
        out: the file to write; without a suffix as PNG and as SVG.

    Raises:
        BadFile: the file cannot be written.
    """
    wide = WIDTH - 2 * SIDE - 0.45
    tall = wide * (view[3] - view[2]) / (view[1] - view[0])
    height = TOP + tall + GAP + CHART + BELOW
    figure = style.new_figure(WIDTH, height, DPI)
    title = "An encounter in space and time: the robot steps aside before they meet"
    note = (
        "above the corridor, below the place along it; fans are what was foretold and planned at that moment, for 3 s"
    )
    style.headline(figure, title, note)
    left = (SIDE + 0.45) / WIDTH
    axes = figure.add_axes((left, (BELOW + CHART + GAP) / height, wide / WIDTH, tall / height))
    draw_home(axes, run.home, view, labels=False)
    _draw_plane(axes, run, moments, seconds)
    axes = figure.add_axes((left, BELOW / height, wide / WIDTH, CHART / height))
    style.chart(axes, "place along the corridor  m", "time  s")
    _draw_times(axes, run, moments, seconds)
    axes.set_xlim(view[0], view[1])
    axes.set_ylim(0.0, seconds)
    signs: list[style.Sign] = [
        (Patch(color=style.ROBOT, alpha=0.45), "robot"),
        (style.stroke(style.CHOSEN, 2.0), "its plan"),
        (Patch(color=style.PERSON, alpha=0.55), "person"),
        (Patch(color=PREDICTED, alpha=0.3), "where they were foretold to be (2 σ)"),
    ]
    style.legend(figure, signs, (1 - SIDE / WIDTH, 0.16 / height), "center right", 8.0)
    style.save(figure, out)


def _snapshots(run: Run, moments: tuple[float, ...]) -> list[Snapshot]:
    """Return the planning cycles nearest to some moments, s."""
    return [min(run.snapshots, key=lambda s: abs(s.time - moment)) for moment in moments]


def _draw_plane(axes: Axes, run: Run, moments: tuple[float, ...], seconds: float) -> None:
    """Draw the drive on the plane, with robot and person at some moments; see :func:`encounter_picture`.

    Args:
        axes: to draw on.
        run: the drive.
        moments: s.
        seconds: how much of it is shown, s.
    """
    until = run.index(float(run.times[0]) + seconds)
    draw_way(axes, run, until)
    axes.plot(*run.people[: until + 1, 0, :2].T, color=style.PERSON, linewidth=1.6, zorder=3.2)
    for moment, snapshot in zip(moments, _snapshots(run, moments), strict=True):
        k = run.index(snapshot.time)
        robot = Pose(*run.poses[k]).transform(run.robot.shape.outline())
        axes.fill(*robot.T, facecolor="none", edgecolor=style.ROBOT, linewidth=1.0, zorder=4)
        x, y, radius = run.people[k, 0, [0, 1, 5]]
        ring = radius * np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 40)), np.sin(a)])
        axes.fill(x + ring[0], y + ring[1], facecolor=style.PERSON, edgecolor="white", linewidth=0.6, zorder=3.5)
        axes.text(x, y, f"{moment:g} s", fontsize=6, color="white", ha="center", va="center", zorder=6)


def _draw_times(axes: Axes, run: Run, moments: tuple[float, ...], seconds: float) -> None:
    """Draw places along the corridor over time, with forecast and plan of some moments.

    Args:
        axes: to draw on.
        run: the drive.
        moments: s.
        seconds: how much of it is shown, s.
    """
    until = run.index(float(run.times[0]) + seconds)
    times = run.times[: until + 1] - run.times[0]
    half = 0.5 * _length(run)
    centre = run.poses[: until + 1, 0]
    axes.fill_betweenx(times, centre - half, centre + half, color=style.ROBOT, alpha=0.45, linewidth=0, zorder=4)
    x, radius = run.people[: until + 1, 0, 0], run.people[: until + 1, 0, 5]
    axes.fill_betweenx(times, x - radius, x + radius, color=style.PERSON, alpha=0.55, linewidth=0, zorder=3)
    for snapshot in _snapshots(run, moments):
        when = snapshot.time - run.times[0] + STEP * np.arange(snapshot.people.shape[1])
        for path, sigma, body in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True):
            _draw_fan(axes, when, path[:, 0], 2.0 * sigma + body)
        plan = snapshot.candidates[snapshot.best]
        ahead = snapshot.time - run.times[0] + np.linspace(0.0, STEP * (snapshot.people.shape[1] - 1), len(plan))
        axes.plot(plan[:, 0], ahead, color=style.CHOSEN, linewidth=1.8, zorder=6)
        axes.axhline(snapshot.time - run.times[0], color=style.FAINT, linewidth=0.7, linestyle=(0, (3, 3)), zorder=1)


def _draw_fan(axes: Axes, when: Floats, x: Floats, half: Floats) -> None:
    """Draw a forecast as a line in a band.

    Args:
        axes: to draw on.
        when: (K,) s.
        x: (K,) places along the corridor, m.
        half: (K,) half the width of the band, m.
    """
    axes.fill_betweenx(when, x - half, x + half, color=PREDICTED, alpha=0.16, linewidth=0, zorder=2)
    axes.plot(x, when, color=PREDICTED, linewidth=1.0, linestyle=(0, (4, 2)), zorder=5)


def _length(run: Run) -> float:
    """Return the length of the robot, m."""
    outline = run.robot.shape.outline()
    return float(outline[:, 0].max() - outline[:, 0].min())
