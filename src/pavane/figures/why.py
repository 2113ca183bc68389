"""why_picture: one moment explained: the chosen motion, those that were not, and the reason."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from pavane.drive_log import Snapshot
from pavane.explain import Explanation, Source
from pavane.figures import style
from pavane.figures.scene import bare_scale, draw_home, draw_robot
from pavane.navigator.snapshot import take_snapshot

HALF = 3.0  # m around the robot
SIZE, DPI = 6.0, 150  # inches
LINE, WRAP = 0.155, 104  # inches of height of a line of text, and its letters
SHARE = 10  # one candidate in this many is drawn
REGARDLESS, OTHER = style.EMERGENCY, style.TURNING


@style.styled
def why_picture(why: Explanation, out: Path, since: float = 0.0) -> None:
    """Draw an explanation into a PNG: 6 x 6 m around the robot, and its text; ``since`` is taken from its time, s.

    Raises:
        BadFile: the file cannot be written.
    """
    lines = [
        part for line in why.text(since).splitlines() for part in textwrap.wrap(line, WRAP, subsequent_indent="   ")
    ]
    below = 0.55 + LINE * len(lines)
    height = SIZE - 0.5 + below + 0.3
    figure = style.new_figure(SIZE, height, DPI)
    side = SIZE - 0.5
    axes = figure.add_axes((0.25 / SIZE, below / height, side / SIZE, side / height))
    moment, around = why.moment, why.circumstances
    here = moment.reaction.at if moment.reaction is not None else None if around is None else around.here
    x, y = (0.0, 0.0) if here is None else (here.x, here.y)
    view = (x - HALF, x + HALF, y - HALF, y + HALF)
    draw_home(axes, moment.home, view)
    if around is not None:
        seen = around.added
        axes.plot(seen[:, 0], seen[:, 1], linestyle="none", marker="s", markersize=3.4, color=style.NEW, zorder=2.2)
        objective = moment.planner.config.objective
        snapshot = take_snapshot(moment.robot, objective, around.belief, around.plan, moment.command.pan)
        _draw_candidates(axes, snapshot)
        _draw_people(axes, snapshot)
        draw_robot(axes, moment.robot, snapshot.pose, snapshot.pan)
    for choice, colour in ((why.other, OTHER), (why.onward, REGARDLESS)):
        if choice is not None and (choice is why.other or _regardless(why)):
            axes.plot(*choice.motion.path[:, :2].T, color=colour, linewidth=2.0, linestyle=(0, (3, 1.6)), zorder=5.5)
    if why.chosen is not None:
        casing = [effects.withStroke(linewidth=4.6, foreground="white")]
        path = why.chosen.motion.path
        axes.plot(path[:, 0], path[:, 1], color=style.CHOSEN, linewidth=2.6, path_effects=casing, zorder=6)
    for source in why.sources:
        _mark(axes, source)
    bare_scale(axes, view)
    figure.text(0.25 / SIZE, 1 - 0.17 / height, "Why", fontsize=10, weight="bold", va="center")
    style.legend(figure, _signs(why), (1 - 0.25 / SIZE, 1 - 0.17 / height), "center right", 6.5)
    top = (below - 0.35) / height
    figure.text(0.25 / SIZE, top, "\n".join(lines), fontsize=7, va="top", linespacing=1.35)
    style.save(figure, out)


def _regardless(why: Explanation) -> bool:
    """Return whether going on regardless of the reason is a motion at all."""
    return why.main is not None and why.main.kind not in ("way", "goal")


def _signs(why: Explanation) -> list[style.Sign]:
    """Return the legend."""
    signs: list[style.Sign] = []
    if why.chosen is not None:
        signs.append((style.stroke(style.CHOSEN, 2.6), "chosen"))
    if why.onward is not None and _regardless(why):
        signs.append((style.stroke(REGARDLESS, 2.0), "regardless"))
    if why.other is not None:
        signs.append((style.stroke(OTHER, 2.0), "best other way"))
    if any(source.place is not None for source in why.sources):
        signs.append((style.mark("o", "none", style.EMERGENCY, 8.0), "the reason"))
    if why.circumstances is not None and len(why.circumstances.added):
        signs.append((style.mark("s", style.NEW), "seen, not on the map"))
    return signs


def _draw_candidates(axes: Axes, snapshot: Snapshot) -> None:
    order = np.argsort(snapshot.costs)[::SHARE]
    axes.add_collection(
        LineCollection(list(snapshot.candidates[order]), colors=style.FAINT, linewidths=0.6, alpha=0.45, zorder=4)
    )


def _draw_people(axes: Axes, snapshot: Snapshot) -> None:
    for path, sigma, radius in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True):
        axes.plot(path[:, 0], path[:, 1], color=style.PERSON, linewidth=1.0, linestyle=(0, (3, 2)), zorder=5)
        axes.add_patch(Circle(path[-1], radius + float(sigma[-1]), color=style.PERSON, alpha=0.12, zorder=3))
        axes.add_patch(Circle(path[0], radius, facecolor=style.PERSON, edgecolor="white", linewidth=0.8, zorder=5))


def _mark(axes: Axes, source: Source) -> None:
    """Draw a ring around a source."""
    if source.place is not None:
        for width, colour in ((4.0, "white"), (2.0, style.EMERGENCY)):
            axes.add_patch(Circle(source.place, 0.38, fill=False, edgecolor=colour, linewidth=width, zorder=9))
