"""run_picture: one drive on one page, the way driven above and the speed over time below."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Polygon

from pavane.arrays import Bools, Floats
from pavane.figures import style
from pavane.figures.scene import WHOLE_HOME, View, draw_changes, draw_home, known_view, robot_outline, view_around
from pavane.geometry import Pose
from pavane.plan import Status
from pavane.run import Run

WIDTH = 9.0  # inches
DPI = 160
MARGIN, TITLE, GAP, CHART, BELOW = 0.35, 0.5, 0.45, 1.35, 0.5  # inches


@style.styled
def run_picture(run: Run, out: Path) -> None:
    """Draw a run into a PNG: home, driven path coloured by speed, people, goals, and the speeds over time.

    Args:
        run: what to draw.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    view = _view(run)
    inner = WIDTH - 2 * MARGIN
    map_height = float(np.clip(inner * (view[3] - view[2]) / (view[1] - view[0]), 2.5, 9.0))
    height = TITLE + map_height + GAP + CHART + BELOW
    figure = style.new_figure(WIDTH, height, DPI)

    def place(bottom: float, tall: float, left: float = MARGIN, wide: float = inner) -> Axes:
        return figure.add_axes((left / WIDTH, bottom / height, wide / WIDTH, tall / height))

    figure.text(MARGIN / WIDTH, 1 - 0.30 / height, _title(run), fontsize=11, va="center", weight="bold")
    figure.text(1 - MARGIN / WIDTH, 1 - 0.30 / height, _facts(run), fontsize=8, va="center", ha="right")
    axes = place(BELOW + CHART + GAP, map_height)
    draw_home(axes, run.home, view)
    draw_changes(axes, run)
    _draw_people(axes, run)
    _draw_drive(axes, run)
    _draw_goals(axes, run)
    _draw_colour_bar(place(BELOW + CHART + GAP - 0.2, 0.07, WIDTH - MARGIN - 1.9, 1.4), run)
    _draw_chart(place(BELOW, CHART, MARGIN + 0.3, inner - 0.6), run)
    style.save(figure, out)


def _view(run: Run) -> View:
    known = known_view(run.home)
    if max(known[1] - known[0], known[3] - known[2]) <= WHOLE_HOME:
        return known
    goals = np.array([[goal.pose.x, goal.pose.y] for goal in run.goals]).reshape(-1, 2)
    return view_around(run.home, np.vstack([run.poses[:, :2], goals]), 2.5)


def _title(run: Run) -> str:
    return f"{run.robot.name} in {run.home.name}"


def _facts(run: Run) -> str:
    reached = sum(goal.status is Status.REACHED for goal in run.goals)
    facts = [f"{run.duration:.0f} s", f"{run.distance:.1f} m", f"{reached} of {len(run.goals)} goals reached"]
    facts.append(f"{len(run.contacts)} contact{'' if len(run.contacts) == 1 else 's'}")
    return "   ·   ".join(facts)


def _speed_top(run: Run) -> float:
    return float(run.robot.limits.vx_max)


def _ticks_each(run: Run, period: float) -> list[int]:
    moments = np.arange(run.times[0], run.times[-1] + 1e-9, period)
    return sorted({run.index(float(moment)) for moment in moments})


def _draw_drive(axes: Axes, run: Run) -> None:
    points = run.poses[:, None, :2]
    segments = list(np.concatenate([points[:-1], points[1:]], axis=1))
    path = LineCollection(segments, cmap=style.SPEED, linewidths=2.4, capstyle="round", zorder=5)
    path.set_array(np.abs(run.v[:-1]))
    path.set_clim(0.0, _speed_top(run))
    axes.add_collection(path)
    outline = robot_outline(run.robot.shape)
    # About one outline a second; fewer on long runs, so that the path stays to be seen.
    period = max(1.0, math.ceil(run.duration / 60.0))
    bodies = [Pose(*run.poses[k]).transform(outline) for k in _ticks_each(run, period)]
    axes.add_collection(
        PolyCollection(bodies, facecolors=(1, 1, 1, 0.35), edgecolors=style.ROBOT, linewidths=0.55, zorder=4)
    )
    last = Pose(*run.poses[-1])
    axes.add_patch(Polygon(last.transform(outline), facecolor=style.ROBOT, edgecolor="white", linewidth=0.6, zorder=6))
    nose = last.transform(np.array([[0.0, 0.0], [float(outline[:, 0].max()) * 0.85, 0.0]]))
    axes.plot(nose[:, 0], nose[:, 1], color="white", linewidth=1.2, zorder=7)
    axes.plot(*run.poses[0, :2], "o", markersize=5, color="white", markeredgecolor=style.TEXT, zorder=6)
    for contact in run.contacts:
        x, y = run.poses[run.index(contact.time), :2]
        axes.plot(x, y, "x", markersize=8, markeredgewidth=2, color=style.EMERGENCY, zorder=8)


def _draw_people(axes: Axes, run: Run) -> None:
    ticks = _ticks_each(run, 1.0)
    for person in range(run.people.shape[1]):
        colour = style.PEOPLE[person % len(style.PEOPLE)]
        x, y = run.people[:, person, 0], run.people[:, person, 1]
        axes.plot(x, y, color=colour, linewidth=0.7, alpha=0.8, zorder=3)
        axes.plot(x[ticks], y[ticks], ".", color=colour, markersize=3, zorder=3)


def _draw_goals(axes: Axes, run: Run) -> None:
    halo = [effects.withStroke(linewidth=2.2, foreground="white")]
    start = (run.poses[0, 0], run.poses[0, 1])
    axes.annotate(
        "start", start, xytext=(0, -9), textcoords="offset points", ha="center", va="center", fontsize=6.5,
        path_effects=halo, zorder=9, annotation_clip=True,
    )  # fmt: skip
    for number, goal in enumerate(run.goals, start=1):
        reached = goal.status is Status.REACHED
        colour = style.GOAL if reached else style.EMERGENCY
        x, y = goal.pose.x, goal.pose.y
        tip = goal.pose.transform(np.array([[0.42, 0.0]]))[0]
        axes.annotate(
            "", tip, xytext=(x, y), arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.0}, zorder=8
        )
        axes.plot(x, y, "o", markersize=9, color=colour, markeredgecolor="white", markeredgewidth=0.8, zorder=9)
        _number(axes, x, y, number)
        axes.annotate(
            goal.name, (x, y), xytext=(0, 11), textcoords="offset points", ha="center", va="center", fontsize=6.5,
            color=colour, path_effects=halo, zorder=9, annotation_clip=True,
        )  # fmt: skip


def _draw_colour_bar(axes: Axes, run: Run) -> None:
    top = _speed_top(run)
    axes.imshow(np.linspace(0, 1, 128)[None], cmap=style.SPEED, aspect="auto", extent=(0.0, top, 0.0, 1.0))
    axes.set_yticks([])
    axes.set_xticks([0.0, top], ["0", f"{top:g} m/s"], fontsize=6)
    axes.tick_params(length=0, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_chart(axes: Axes, run: Run) -> None:
    time = run.times - run.times[0]
    turning = axes.twinx()
    turning.set_zorder(1)
    axes.set_zorder(2)
    axes.patch.set_visible(False)
    turning.set_facecolor(style.PAPER)
    turning.fill_between(time, np.abs(run.omega), color="#b9b2c9", alpha=0.45, linewidth=0)
    axes.plot(time, run.v, color="#2b7f86", linewidth=1.3)
    guarded = np.array([bool(reason) for reason in run.reasons]) & ~run.emergency
    _shade(axes, time, guarded, style.GUARD)
    _shade(axes, time, run.emergency, style.EMERGENCY)
    low = min(0.0, float(run.v.min()) * 1.1)
    axes.set_ylim(low, max(_speed_top(run), float(run.v.max())) * 1.08)
    turning.set_ylim(0.0, max(float(run.robot.limits.wz_max), float(np.abs(run.omega).max())) * 1.08)
    axes.set_xlim(0.0, max(float(time[-1]), 1e-3))
    for number, goal in enumerate(run.goals, start=1):
        _draw_event(axes, number, goal.ended - run.times[0], goal.status is Status.REACHED)
    for contact in run.contacts:
        axes.plot(contact.time - run.times[0], 0.05, "x", color=style.EMERGENCY, markersize=6, markeredgewidth=1.6)
    axes.set_ylabel("speed  m/s", color="#2b7f86", fontsize=7)
    turning.set_ylabel("|turn|  rad/s", color="#7d7494", fontsize=7)
    axes.set_xlabel("time  s", fontsize=7)
    for each in (axes, turning):
        each.tick_params(labelsize=6.5, length=2.5)
        each.spines["top"].set_visible(False)
    if guarded.any() or run.emergency.any():
        note = "shaded: guard slows the plan" + (", red: emergency braking" if run.emergency.any() else "")
        axes.text(1.0, -0.27, note, transform=axes.transAxes, fontsize=6, color=style.FAINT, ha="right", va="center")


def _draw_event(axes: Axes, number: int, time: float, reached: bool) -> None:
    colour = style.GOAL if reached else style.EMERGENCY
    axes.axvline(time, color=colour, linewidth=0.7, zorder=1)
    top = axes.get_ylim()[1]
    axes.plot(time, top, "o", markersize=8, color=colour, clip_on=False, zorder=5)
    _number(axes, time, top, number)


def _number(axes: Axes, x: float, y: float, number: int) -> None:
    """Write a goal's number on its mark."""
    look: Any = {"color": "white", "fontsize": 6, "weight": "bold", "ha": "center", "va": "center_baseline"}
    axes.text(x, y, str(number), zorder=10, **look)


def _shade(axes: Axes, time: Floats, where: Bools, colour: str) -> None:
    """Shade the stretches of time where something holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    for begin, end in edges.reshape(-1, 2):
        axes.axvspan(time[begin], time[min(end, len(time) - 1)], color=colour, alpha=0.5, linewidth=0, zorder=0)
