"""Colours, fonts and the bare figure that all pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from pavane.core.files import whole_file

PAPER = "#fbfaf7"
FLOOR = "#f1ece2"
UNSEEN = "#dcd9d3"
WALL = "#434a57"
FURNITURE = "#ddd2c0"
FURNITURE_EDGE = "#b9ab95"
DOOR = "#a9814f"
NEW = "#8f4e8b"  # there, and not on the map
TEXT = "#3a3f4a"
FAINT = "#948d80"
CHOSEN = "#17703a"  # the plan that is driven
DRIVEN = "#2b7f86"  # speed over time
TURNING = "#8a7fa3"
ROBOT = "#b0258a"  # the article's magenta
PERSON = "#cf6a45"
KINDS = {
    "wall": WALL, "glass": "#5b9693", "toy": "#5f7fa8", "cable": "#7d9154", "stairs": "#96679e", "zone": "#b8923a",
    "person": PERSON, "pet": "#b3606f", "thing": "#77736b",
}  # fmt: skip
PEOPLE = ("#cf6a45", "#5f7fa8", "#7d9154", "#96679e", "#b8923a", "#5b9693", "#b3606f", "#77736b")
GUIDE = "#3f74c9"
GOAL = "#2f7d5b"
GUARD = "#f0c878"
EMERGENCY = "#d9483b"
CAMERA = "#e9b64d"
SPEED = LinearSegmentedColormap.from_list("pavane_speed", ["#46327e", "#356f9e", "#2fa08d", "#9ac453", "#efc23c"])
BETTER_WORSE = LinearSegmentedColormap.from_list("pavane_cost", ["#3a9d5d", "#a8c256", "#eccb5b", "#e08d4a", "#cc4b42"])

Sign = tuple[Artist | tuple[Artist, ...], str]  # of a legend, and its meaning

SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.color": TEXT,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": TEXT,
    "axes.linewidth": 0.6,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "svg.hashsalt": "pavane",
}
styled = rc_context(SETTINGS)  # a decorator: what is drawn inside does not depend on the user's own settings


def new_figure(width: float, height: float, dpi: float) -> Figure:
    """Return an empty figure of width x height inches on paper colour, without any global state."""
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def bare(axes: Axes, view: tuple[float, float, float, float]) -> None:
    """Make axes a plain window on the plane: equal scales, nothing around; view is x0, x1, y0, y1 in m."""
    axes.set_axis_off()
    axes.set_xlim(view[0], view[1])
    axes.set_ylim(view[2], view[3])
    axes.set_aspect("equal")


def mark(symbol: str, colour: str, edge: str | None = None, size: float = 5.0) -> Line2D:
    """Return a symbol without a line, for a legend.

    Args:
        symbol: as matplotlib names it.
        colour: of it.
        edge: colour of its edge; None is the same.
        size: points.
    """
    edge = colour if edge is None else edge
    return Line2D([], [], linestyle="none", marker=symbol, markersize=size, color=colour, markeredgecolor=edge)


def stroke(colour: Any, width: float = 1.4, dots: float = 0.0) -> Line2D:
    """Return a line, for a legend; ``width`` and the size of ``dots`` on it in points."""
    return Line2D([], [], color=colour, linewidth=width, marker="." if dots else None, markersize=dots)


def legend(
    figure: Figure,
    entries: Sequence[Sign],
    place: tuple[float, float],
    corner: str,
    size: float = 6.5,
) -> None:
    """Say in one row what the signs of a picture mean.

    Args:
        figure: to write it on.
        entries: sign and meaning.
        place: x, y of the row's corner, as shares of the figure.
        corner: which corner that is: ``center left``, ``center right`` ...
        size: of the letters, points.
    """
    where: Any = corner
    signs, texts = [sign for sign, _ in entries], [text for _, text in entries]
    row = Legend(
        figure, signs, texts, loc=where, bbox_to_anchor=place, bbox_transform=figure.transFigure, ncols=len(entries),
        frameon=False, fontsize=size, handlelength=1.7, handletextpad=0.5, columnspacing=1.5, borderpad=0.0,
        borderaxespad=0.0, handler_map={tuple: HandlerTuple(ndivide=None, pad=0.0)},
    )  # fmt: skip
    figure.add_artist(row)


def headline(figure: Figure, title: str, note: str, left: float = 0.25) -> None:
    """Write on top of a figure.

    Args:
        figure: to write on.
        title: the statement that the picture makes.
        note: on what it shows; written faintly below.
        left: from the rim, inches.
    """
    width, height = figure.get_size_inches()
    figure.text(left / width, 1 - 0.27 / height, title, fontsize=12, weight="bold", va="center")
    figure.text(left / width, 1 - 0.52 / height, note, fontsize=8.5, color=FAINT, va="center")


def chart(axes: Axes, across: str, up: str) -> None:
    """Make axes a plain chart with names for what goes across and up."""
    axes.set_facecolor("white")
    axes.set_xlabel(across, fontsize=8.5)
    axes.set_ylabel(up, fontsize=8.5)
    axes.tick_params(labelsize=8, length=2.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color=FLOOR, linewidth=0.8)
    axes.set_axisbelow(True)


def save(figure: Figure, out: Path) -> None:
    """Write a figure, whole or not at all: as PNG or SVG by the file's suffix, without one as both.

    Raises:
        BadFile: the folder is missing or cannot be written.
    """
    for path in [out] if out.suffix else [out.with_suffix(".png"), out.with_suffix(".svg")]:
        kind = path.suffix[1:].lower()
        about = {"Date": None} if kind == "svg" else None  # the same picture is the same file
        with whole_file(path) as file:
            figure.savefig(file, format=kind, facecolor=figure.get_facecolor(), metadata=about)
