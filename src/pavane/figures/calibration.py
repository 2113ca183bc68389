"""calibration_picture: whether chances of contact, and regions where people will be, hold what they promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from pavane.bench.metrics.statistics import wilson
from pavane.figures import style

WIDTH, HEIGHT, DPI = 8.0, 4.4, 160  # inches
LOWEST = 3e-3  # chance that the diagram begins with
FEWEST = 20  # contacts with which a band is drawn
HORIZONS = {1.0: ("o", "#7fb3d5"), 2.0: ("s", "#3f74c9"), 3.0: ("D", "#27407a")}
SHARES = (50, 90, 99)  # % that regions are to hold
WHO = {"": ("recorded", "#3f74c9"), "_simulated": ("at home", "#d1793b"), "_children": ("children", "#96679e")}

Row = Mapping[str, float | int | str]


@style.styled
def calibration_picture(summary: Row, rows: Sequence[Row], note: str, out: Path) -> None:
    """Draw a report of ``pavane bench risk``: predicted contacts against contacts, and what regions hold.

    Args:
        summary: of the report.
        rows: of the report.
        note: which people it is about.
        out: the file to write; without a suffix as PNG and as SVG.

    Raises:
        BadFile: the file cannot be written.
    """
    figure = style.new_figure(WIDTH, HEIGHT, DPI)
    style.headline(figure, "A chance of 10 % is one contact in ten", note)
    bottom, tall = 0.6 / HEIGHT, (HEIGHT - 1.45) / HEIGHT
    axes = figure.add_axes((0.75 / WIDTH, bottom, 3.6 / WIDTH, tall))
    _draw_chances(axes, rows)
    axes = figure.add_axes((5.05 / WIDTH, bottom, 2.7 / WIDTH, tall))
    _draw_regions(axes, summary)
    style.save(figure, out)


def _draw_chances(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw the share of pairs that came to contact over its predicted chance, with 95 % intervals, by horizon."""
    style.chart(axes, "chance of a contact, foretold", "share that came to contact")
    axes.plot([LOWEST, 1.0], [LOWEST, 1.0], color=style.FAINT, linewidth=1.0)
    for horizon, (symbol, colour) in HORIZONS.items():
        points = []
        for row in rows:
            if row["people"] != "all" or float(row["horizon_s"]) != horizon or int(row["contacts"]) < FEWEST:
                continue
            pairs, contacts = int(row["pairs"]), int(row["contacts"])
            points.append((float(row["foretold"]) / pairs, contacts / pairs, *wilson(contacts, pairs)))
        if points:
            x, y, low, high = np.array(points).T
            axes.errorbar(
                x, y, np.maximum([y - low, high - y], 0.0), fmt=symbol, color=colour, markersize=5.5, linewidth=1.1,
                markeredgecolor="white", markeredgewidth=0.5, label=f"within {horizon:g} s",
            )  # fmt: skip
    for scale, axis in ((axes.set_xscale, axes.xaxis), (axes.set_yscale, axes.yaxis)):
        scale("log")
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlim(LOWEST, 1.1)
    axes.set_ylim(LOWEST, 1.1)
    axes.legend(loc="upper left", fontsize=8, frameon=False, handletextpad=0.3)
    axes.set_title("chances of contact", fontsize=9, loc="left")


def _draw_regions(axes: Axes, summary: Row) -> None:
    """Draw the share of true places inside regions of given probability, a bar for each source of people."""
    style.chart(axes, "region that is to hold", "% of true places inside")
    present = [(end, *look) for end, look in WHO.items() if f"inside_50{end}" in summary]
    wide = 0.8 / max(len(present), 1)
    for i, (end, name, colour) in enumerate(present):
        places = np.arange(len(SHARES)) + (i - 0.5 * (len(present) - 1)) * wide
        held = [float(summary[f"inside_{share}{end}"]) for share in SHARES]
        axes.bar(places, held, 0.9 * wide, color=colour, label=name, zorder=2)
        for x, value in zip(places, held, strict=True):
            axes.text(x, value - 3.0, f"{value:.0f}", fontsize=7.5, color="white", weight="bold", ha="center", va="top")
    for k, share in enumerate(SHARES):
        axes.plot([k - 0.46, k + 0.46], [share, share], color=style.TEXT, linewidth=1.4, zorder=3)
    axes.set_xticks(range(len(SHARES)), [f"{share} %" for share in SHARES])
    axes.set_ylim(0.0, 128.0)
    axes.set_yticks(range(0, 101, 25))
    axes.legend(loc="upper left", fontsize=8, frameon=False, ncols=len(present), columnspacing=1.0, handlelength=1.0)
    axes.set_title("regions where people will be", fontsize=9, loc="left")
