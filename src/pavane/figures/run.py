"""run_picture: one drive on one page, the way driven above and the speed over time below."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Patch

from pavane.core.arrays import Bools, Floats
from pavane.core.geometry import Pose
from pavane.core.plan import Status
from pavane.drive_log import Run
from pavane.figures import style
from pavane.figures.scene import draw_changes, draw_home, draw_way, has_changes, heading_mark, whole_view

WIDTH = 9.0  # inches
DPI = 160
MARGIN, TITLE, GAP, CHART, BELOW = 0.35, 0.5, 0.45, 1.45, 0.5  # inches
SUCCESS = (Status.REACHED, Status.FOLLOWING)  # following does not end by itself
BAND = 0.08  # of the chart's height, at its bottom: when the guard held the robot back


@style.styled
def run_picture(run: Run, out: Path) -> None:
    """Draw a run into a PNG: home, driven path coloured by speed, people, goals, and the speeds over time.

    Args:
        run: the drive.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    view = whole_view(run, 2.5)
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
    style.legend(figure, _signs(run), (0.5 - 0.2 / WIDTH, (BELOW + CHART + GAP - 0.165) / height), "center")
    _draw_chart(place(BELOW, CHART, MARGIN + 0.3, inner - 0.6), run)
    style.legend(figure, _chart_signs(run), (1 - (MARGIN + 0.3) / WIDTH, 0.13 / height), "center right")
    style.save(figure, out)


def _title(run: Run) -> str:
    return f"{run.robot.name} in {run.home.name}"


def _facts(run: Run) -> str:
    reached = [goal.status is Status.REACHED for goal in run.goals if goal.status is not Status.FOLLOWING]
    facts = [f"{run.duration:.0f} s", f"{run.distance:.1f} m", f"{sum(reached)} of {len(reached)} goals reached"]
    facts.append(f"{len(run.contacts)} contact{'' if len(run.contacts) == 1 else 's'}")
    return "   ·   ".join(facts)


def _speed_top(run: Run) -> float:
    return float(run.robot.limits.vx_max)


def _ticks_each(run: Run, period: float) -> list[int]:
    """Return the ticks at which so many seconds have gone by again and again."""
    moments = np.arange(run.times[0], run.times[-1] + 1e-9, period)
    return sorted({run.index(float(moment)) for moment in moments})


def _period(run: Run) -> float:
    """Return the time from one outline of the robot to the next, s: more on long runs, so that the path can be seen."""
    return max(1.0, math.ceil(run.duration / 60.0))


def _signs(run: Run) -> list[style.Sign]:
    period = _period(run)
    signs: list[style.Sign] = [(style.mark("o", "white", style.ROBOT, 6.5), f"robot, each {period:g} s")]
    if run.people.shape[1]:
        people = tuple(style.stroke(colour, 0.9, 4.0) for colour in style.PEOPLE[: min(run.people.shape[1], 3)])
        signs.append((people, "people, dots each 1 s"))
    if run.goals:
        signs.append((style.mark("o", style.GOAL, "white", 7.0), "goal"))
    if any(goal.status not in SUCCESS for goal in run.goals):
        signs.append((style.mark("o", style.EMERGENCY, "white", 7.0), "not reached"))
    if run.contacts:
        signs.append((style.mark("x", style.EMERGENCY), "contact"))
    if has_changes(run):
        signs.append((Patch(color=style.NEW), "not on the map"))
    return signs


def _chart_signs(run: Run) -> list[style.Sign]:
    guarded = _guarded(run)
    signs: list[style.Sign] = [(style.stroke(style.DRIVEN), "speed"), (style.stroke(style.TURNING, 1.0), "turn")]
    if guarded.any():
        signs.append((Patch(color=style.GUARD), "guard slows the plan"))
    if run.commands.emergency.any():
        signs.append((Patch(color=style.EMERGENCY), "emergency braking"))
    return signs


def _guarded(run: Run) -> Bools:
    """Return the ticks (T,) in which the guard changed what the plan wanted, without emergency braking."""
    guarded: Bools = np.array([bool(reason) for reason in run.commands.reasons]) & ~run.commands.emergency
    return guarded


def _draw_drive(axes: Axes, run: Run) -> None:
    draw_way(axes, run)
    outline = run.robot.shape.outline()
    stations = [Pose(*run.poses[k]) for k in _ticks_each(run, _period(run))]
    bodies = [station.transform(outline) for station in stations]
    axes.add_collection(
        PolyCollection(bodies, facecolors=(1, 1, 1, 0.35), edgecolors=style.ROBOT, linewidths=0.55, zorder=4)
    )
    if run.robot.shape.is_disc:  # other outlines show themselves where the front is
        noses = [station.transform(heading_mark(run.robot.shape)) for station in stations]
        axes.add_collection(LineCollection(noses, colors=style.ROBOT, linewidths=0.9, zorder=5.5))
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
        reached = goal.status in SUCCESS
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
    turning.plot(time, np.abs(run.omega), color=style.TURNING, linewidth=0.8)
    axes.plot(time, run.v, color=style.DRIVEN, linewidth=1.4)
    top = max(_speed_top(run), float(run.v.max())) * 1.08
    low = min(-0.02 * top, float(run.v.min()) * 1.1)
    axes.set_ylim(low - BAND * (top - low), top)  # a band for the guard below all curves
    axes.axhline(0.0, color=style.FAINT, linewidth=0.4, zorder=0)
    turn_top = max(float(run.robot.limits.wz_max), float(np.abs(run.omega).max())) * 1.08
    turning.set_ylim(turn_top * axes.get_ylim()[0] / top, turn_top)  # both scales have their 0 at one height
    axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= top])
    turning.set_yticks([tick for tick in turning.get_yticks() if 0.0 <= tick <= turn_top])
    _shade(axes, time, _guarded(run), style.GUARD)
    _shade(axes, time, run.commands.emergency, style.EMERGENCY)
    axes.set_xlim(0.0, max(float(time[-1]), 1e-3))
    for number, goal in enumerate(run.goals, start=1):
        _draw_event(axes, number, goal.ended - run.times[0], goal.status in SUCCESS)
    for contact in run.contacts:
        axes.plot(contact.time - run.times[0], 0.05, "x", color=style.EMERGENCY, markersize=6, markeredgewidth=1.6)
    axes.set_ylabel("speed  m/s", color=style.DRIVEN, fontsize=7)
    turning.set_ylabel("|turn|  rad/s", color=style.TURNING, fontsize=7)
    axes.set_xlabel("time  s", fontsize=7)
    for each in (axes, turning):
        each.tick_params(labelsize=6.5, length=2.5)
        each.spines["top"].set_visible(False)


def _draw_event(axes: Axes, number: int, time: float, reached: bool) -> None:
    colour = style.GOAL if reached else style.EMERGENCY
    axes.axvline(time, color=colour, linewidth=0.7, zorder=1)
    top = axes.get_ylim()[1]
    axes.plot(time, top, "o", markersize=8, color=colour, clip_on=False, zorder=5)
    _number(axes, time, top, number)


def _number(axes: Axes, x: float, y: float, number: int) -> None:
    """Write a goal's number on its mark.

    Args:
        axes: to write on.
        x: of the mark, in the units of the axes.
        y: likewise.
        number: of the goal, from 1.
    """
    look: Any = {"color": "white", "fontsize": 6, "weight": "bold", "ha": "center", "va": "center_baseline"}
    axes.text(x, y, str(number), zorder=10, **look)


def _shade(axes: Axes, time: Floats, where: Bools, colour: str) -> None:
    """Paint the stretches of time where something holds into the band at the bottom, each wide enough to be seen.

    Args:
        axes: to paint on.
        time: (T,) s.
        where: (T,) where it holds.
        colour: of it.
    """
    least = 0.002 * float(time[-1])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    for begin, end in edges.reshape(-1, 2):
        until = max(time[min(end, len(time) - 1)], time[begin] + least)
        axes.axvspan(time[begin], until, 0.0, 0.75 * BAND, color=colour, linewidth=0, zorder=3)
