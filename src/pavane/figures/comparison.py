"""comparison_picture: the same encounter driven in several ways, side by side, and the speeds below one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Circle

from pavane.core.geometry import Pose
from pavane.core.plan import Status
from pavane.drive_log import Run
from pavane.figures import style
from pavane.figures.scene import Extent, draw_home, draw_way

WIDTH, DPI = 8.0, 160  # inches
TOP, GAP, LABEL, CHART, BELOW, SIDE = 0.75, 0.2, 0.68, 1.15, 0.5, 0.25  # inches
STATIONS = 0.5  # s from one outline of the robot to the next
COLOURS = ("#17703a", "#3f74c9", "#d1793b", "#96679e")  # told apart by people who do not see red or green, too
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))


class Way(NamedTuple):
    """One of the ways in which the encounter was driven, and its name."""

    name: str
    run: Run


@style.styled
def comparison_picture(
    ways: Sequence[Way], title: str, note: str, view: Extent, seconds: float, out: Path, *, turns: bool = False
) -> None:
    """Draw two to four drives of one encounter, with the people as they were in each.

    Args:
        ways: two to four drives.
        title: the statement that the picture makes.
        note: on the encounter that it shows.
        view: the part of the home that is shown.
        seconds: how much of the speeds is shown, s.
        out: the file to write; without a suffix as PNG and as SVG.
        turns: whether to show the yaw rate as well.

    Raises:
        BadFile: the file cannot be written.
    """
    wide_view = view[1] - view[0] > 2.5 * (view[3] - view[2])
    columns = 2 if len(ways) != 3 else 1 if wide_view else 3
    rows = -(-len(ways) // columns)
    label = LABEL if columns == 3 else LABEL - 0.1
    wide = (WIDTH - 2 * SIDE - (columns - 1) * GAP) / columns
    tall = wide * (view[3] - view[2]) / (view[1] - view[0])
    charts = 2 if turns else 1
    maps = BELOW + charts * (CHART + 0.25)
    height = TOP + rows * (tall + label) + maps
    figure = style.new_figure(WIDTH, height, DPI)
    style.headline(figure, title, note)
    for i, way in enumerate(ways):
        row, column = divmod(i, columns)
        left, bottom = SIDE + column * (wide + GAP), maps + (rows - 1 - row) * (tall + label)
        axes = figure.add_axes((left / WIDTH, bottom / height, wide / WIDTH, tall / height))
        _draw_drive(axes, way.run, view, seconds)
        y = (bottom + tall + label - 0.14) / height
        figure.text(left / WIDTH, y, way.name, fontsize=9, weight="bold", color=COLOURS[i], va="center")
        for k, fact in enumerate(_facts(way.run, columns < 3)):
            figure.text(left / WIDTH, y - 0.18 * (k + 1) / height, fact, fontsize=8, va="center")
    for k in range(charts):
        bottom = BELOW + (charts - 1 - k) * (CHART + 0.25)
        axes = figure.add_axes(
            ((SIDE + 0.4) / WIDTH, bottom / height, (WIDTH - 2 * SIDE - 0.45) / WIDTH, CHART / height)
        )
        _draw_chart(axes, ways, seconds, turning=k == 1)
        axes.set_xlabel("time  s" if k == charts - 1 else "")
    style.save(figure, out)


def _facts(run: Run, wide: bool) -> list[str]:
    """Return in words how a drive went, on one line where it is wide enough, else on two."""
    reached = all(goal.status is Status.REACHED for goal in run.goals)
    facts = [f"there after {run.duration:.1f} s" if reached else f"not there after {run.duration:.0f} s"]
    if run.contacts:
        facts.append(f"{len(run.contacts)} contact{'' if len(run.contacts) == 1 else 's'}")
    elif math.isfinite(gap := _closest(run)):
        facts.append(f"no contact, {100 * gap:.0f} cm from the person")
    return [", ".join(facts)] if wide else facts


def _closest(run: Run) -> float:
    """Return the least distance between the robot's outline and a person, m; inf without people."""
    offset = run.people[:, :, :2] - run.poses[:, None, :2]  # (T, N, 2)
    c, s = np.cos(run.poses[:, 2, None]), np.sin(run.poses[:, 2, None])
    seen = np.stack([c * offset[..., 0] + s * offset[..., 1], c * offset[..., 1] - s * offset[..., 0]], axis=-1)
    there = np.isfinite(seen[..., 0])
    air = run.robot.shape.signed_distance(seen[there]) - run.people[:, :, 5][there]
    return float(air.min(initial=math.inf))


def _draw_drive(axes: Axes, run: Run, view: Extent, seconds: float) -> None:
    draw_home(axes, run.home, view, labels=False)
    most = run.index(float(run.times[0]) + seconds)
    every = [run.index(float(t)) for t in np.arange(run.times[0], run.times[most] + 1e-9, STATIONS)]
    for person in range(run.people.shape[1]):
        for k in every[::2]:
            x, y, radius = run.people[k, person, [0, 1, 5]]
            if np.isfinite(x):
                shade = 0.12 + 0.5 * k / max(most, 1)
                axes.add_patch(Circle((x, y), radius, facecolor=style.PERSON, alpha=shade, linewidth=0.0, zorder=3))
        axes.plot(*run.people[: most + 1, person, :2].T, color=style.PERSON, linewidth=0.9, zorder=3.2)
    bodies = [Pose(*run.poses[k]).transform(run.robot.shape.outline()) for k in every]
    axes.add_collection(PolyCollection(bodies, facecolors="none", edgecolors=style.ROBOT, linewidths=0.5, zorder=4))
    draw_way(axes, run, most)
    for contact in run.contacts:
        x, y = run.poses[run.index(contact.time), :2]
        axes.plot(x, y, "x", markersize=9, markeredgewidth=2.4, color=style.EMERGENCY, zorder=9)


def _draw_chart(axes: Axes, ways: Sequence[Way], seconds: float, *, turning: bool) -> None:
    style.chart(axes, "time  s", "turn  rad/s" if turning else "speed  m/s")
    for i, (_, run) in enumerate(ways):
        values = run.omega if turning else run.v
        axes.plot(run.times - run.times[0], values, color=COLOURS[i], linewidth=1.5, linestyle=DASHES[i])
        for contact in run.contacts:
            time = contact.time - run.times[0]
            axes.plot(time, values[run.index(contact.time)], "x", markersize=7, markeredgewidth=2, color=COLOURS[i])
    axes.axhline(0.0, color=style.FAINT, linewidth=0.6)
    axes.set_xlim(0.0, seconds)
