"""Colours, fonts and the bare figure that all pictures share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from pavane.errors import BadFile

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
ROBOT = "#b0258a"  # the article's magenta
PERSON = "#cf6a45"
PEOPLE = ("#cf6a45", "#5f7fa8", "#7d9154", "#96679e", "#b8923a", "#5b9693", "#b3606f", "#77736b")
GUIDE = "#3f74c9"
GOAL = "#2f7d5b"
GUARD = "#f0c878"
EMERGENCY = "#d9483b"
CAMERA = "#e9b64d"
SPEED = LinearSegmentedColormap.from_list("pavane_speed", ["#46327e", "#356f9e", "#2fa08d", "#9ac453", "#efc23c"])
BETTER_WORSE = LinearSegmentedColormap.from_list("pavane_cost", ["#3a9d5d", "#a8c256", "#eccb5b", "#e08d4a", "#cc4b42"])

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
}
styled = rc_context(SETTINGS)  # a decorator: what is drawn inside does not depend on the user's own settings


def new_figure(width: float, height: float, dpi: float) -> Figure:
    """An empty figure of width x height inches on paper colour, without any global state."""
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor=PAPER)
    FigureCanvasAgg(figure)
    return figure


def bare(axes: Axes, view: tuple[float, float, float, float]) -> None:
    """Make axes a plain window on the plane: equal scales, nothing around; view is x0, x1, y0, y1 in m."""
    axes.set_axis_off()
    axes.set_xlim(view[0], view[1])
    axes.set_ylim(view[2], view[3])
    axes.set_aspect("equal")


def save(figure: Figure, out: Path) -> None:
    """Write a figure as PNG.

    Raises:
        BadFile: the folder is missing or cannot be written.
    """
    try:
        figure.savefig(out, format="png", facecolor=figure.get_facecolor())
    except OSError as error:
        raise BadFile("cannot write picture", value=out, limit="a path in a writable folder") from error
