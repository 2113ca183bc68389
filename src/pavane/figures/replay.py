"""replay_picture: commands and plans of a drive, and those that another setting would have given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from pavane.figures import style
from pavane.figures.scene import draw_home, view_around
from pavane.maps import OccupancyMap
from pavane.record import Comparison

WIDTH, DPI = 9.0, 160  # inches
MARGIN, TITLE, CHART, GAP, BELOW = 0.55, 0.75, 1.05, 0.3, 0.5  # inches
LONGEST = 85  # letters of a title
EACH = 0.5  # s between the plans that are drawn
RECORDED, REPLAYED = style.DRIVEN, style.PERSON


@style.styled
def replay_picture(comparison: Comparison, home: OccupancyMap, title: str, out: Path) -> None:
    """Draw plans of both sides on the map, and speeds and the gap between plans over time, into a PNG.

    Args:
        comparison: of a recorded drive with its replay.
        home: the map.
        title: the settings that were changed.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    places = np.concatenate([comparison.poses[:, :2], comparison.plans.reshape(-1, 2)])
    places = places[np.isfinite(places).all(axis=1)]
    view = view_around(home, places if len(places) else home.grid.centres(np.array([[0, 0]])), 0.8)
    inner = WIDTH - 2 * MARGIN
    tall = float(np.clip(inner * (view[3] - view[2]) / (view[1] - view[0]), 1.5, 7.0))
    height = TITLE + tall + 3 * (CHART + GAP) + BELOW
    figure = style.new_figure(WIDTH, height, DPI)
    short = title if len(title) <= LONGEST else title[: LONGEST - 1] + "…"
    figure.text(MARGIN / WIDTH, 1 - 0.27 / height, short, fontsize=11, va="center", weight="bold")
    words = "open loop: every plan starts where the recorded drive was, and the world does not answer"
    figure.text(MARGIN / WIDTH, 1 - 0.53 / height, words, fontsize=7.5, va="center", color=style.FAINT)
    signs: list[style.Sign] = [(style.stroke(RECORDED), "recorded"), (style.stroke(REPLAYED), "with the change")]
    style.legend(figure, signs, (1 - MARGIN / WIDTH, 1 - 0.53 / height), "center right", 8.0)

    def place(bottom: float, tall: float) -> Axes:
        return figure.add_axes((MARGIN / WIDTH, bottom / height, inner / WIDTH, tall / height))

    above = BELOW + 3 * (CHART + GAP)
    axes = place(above, tall)
    draw_home(axes, home, view)
    _draw_plans(axes, comparison)
    charts = [place(BELOW + k * (CHART + GAP), CHART) for k in (2, 1, 0)]
    _draw_charts(charts, comparison)
    style.save(figure, out)


def _draw_charts(charts: Sequence[Axes], comparison: Comparison) -> None:
    """Draw speed, turn and the gap between plans over time, one above the other."""
    for chart, column, name in zip(charts, (0, 1), ("speed  m/s", "turn  rad/s"), strict=False):
        chart.plot(comparison.times, comparison.recorded[:, column], color=RECORDED, linewidth=1.2)
        chart.plot(comparison.times, comparison.replayed[:, column], color=REPLAYED, linewidth=0.9)
        chart.set_ylabel(name, fontsize=7)
    charts[2].plot(comparison.plan_times, comparison.plan_gaps, color=style.TURNING, linewidth=1.0)
    charts[2].set_ylabel("plans apart  m", fontsize=7)
    charts[2].set_xlabel("time  s", fontsize=7)
    charts[2].set_ylim(bottom=0.0)
    for chart in charts:
        chart.set_xlim(0.0, max(float(comparison.times[-1]) if len(comparison.times) else 0.0, 1e-3))
        chart.axhline(0.0, color=style.FAINT, linewidth=0.4, zorder=0)
        chart.tick_params(labelsize=6.5, length=2.5)
        for side in ("top", "right"):
            chart.spines[side].set_visible(False)


def _draw_plans(axes: Axes, comparison: Comparison) -> None:
    """Draw the way driven, and plans of both sides every ``EACH`` s."""
    axes.plot(*comparison.poses[:, :2].T, color=style.FAINT, linewidth=0.8, zorder=3)
    shown, latest = [], -np.inf
    for i, time in enumerate(comparison.plan_times.tolist()):
        if time >= latest + EACH - 1e-9:
            shown.append(i)
            latest = time
    for side, colour, width in ((0, RECORDED, 1.3), (1, REPLAYED, 0.8)):
        lines = [plan for plan in comparison.plans[shown, side] if np.isfinite(plan).all()]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=4 + side))
        if lines:
            axes.plot(*np.array([line[-1] for line in lines]).T, ".", color=colour, markersize=2.5, zorder=4 + side)
