"""snapshot_picture: one planning cycle, as in the article: candidates green to red, guidance blue, robot magenta."""

from __future__ import annotations

from pathlib import Path

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Patch

from pavane.core.arrays import Floats, Floats32
from pavane.core.robot import RobotProfile
from pavane.drive_log import Snapshot
from pavane.figures import style
from pavane.figures.scene import bare_scale, draw_home, draw_robot
from pavane.maps import OccupancyMap

HALF = 3.0  # m around the robot
SHARE = 10  # one candidate in this many is drawn
SIZE, HEIGHT, DPI = 6.0, 6.45, 160  # inches
ARROW_EVERY = 0.55  # m
NEARBY = 2.7  # m within which a person makes a picture interesting
UNSURE = 0.4  # m of the spread of their place now, beyond which they are lost
CLOUD = 0.02, 0.45  # m of a pixel of the area where people may be, and how dense it is where they are


@style.styled
def snapshot_picture(snapshot: Snapshot, home: OccupancyMap, robot: RobotProfile, out: Path) -> None:
    """Draw a planning cycle into a PNG: 6 x 6 m around the robot.

    Args:
        snapshot: the cycle.
        home: the map it was planned on.
        robot: its outline and screen are drawn.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    figure = style.new_figure(SIZE, HEIGHT, DPI)
    side, base = SIZE - 0.5, 0.45
    axes = figure.add_axes((0.25 / SIZE, base / (HEIGHT), side / SIZE, side / (HEIGHT)))
    x, y = snapshot.pose.x, snapshot.pose.y
    view = (x - HALF, x + HALF, y - HALF, y + HALF)
    draw_home(axes, home, view)
    added = _draw_added(axes, snapshot, home)
    draw_guidance(axes, snapshot)
    draw_people(axes, snapshot)
    shown = draw_candidates(axes, snapshot)
    draw_robot(axes, robot, snapshot.pose, snapshot.pan)
    bare_scale(axes, view)
    top = 1 - 0.27 / (HEIGHT)
    figure.text(0.25 / SIZE, top, f"Plan at {snapshot.time:.2f} s", fontsize=10, weight="bold", va="center")
    note = f"{shown} of {len(snapshot.costs)} candidates, 3 s ahead"
    figure.text(1 - 0.25 / SIZE, top, note, fontsize=7, color=style.FAINT, ha="right", va="center")
    style.legend(figure, _signs(snapshot, robot, added), (1 - 0.25 / SIZE, 0.17 / HEIGHT), "center right", 6.0)
    style.save(figure, out)


def _signs(snapshot: Snapshot, robot: RobotProfile, added: bool) -> list[style.Sign]:
    """Return the legend."""
    ranks = tuple(style.stroke(style.BETTER_WORSE(rank), 1.2) for rank in (0.0, 0.5, 1.0))
    signs: list[style.Sign] = [
        (style.mark("s", "white", style.ROBOT, 6.0), robot.name),
        (style.stroke(style.CHOSEN, 2.6), "driven"),
        (ranks, "better to worse"),
        (style.mark(r"$\rightarrow$", style.GUIDE, size=9.0), "guidance"),
    ]
    if len(snapshot.people):
        person = (style.mark("o", style.PERSON, "white", 6.0), style.mark("o", style.PERSON, size=7.5))
        person[1].set_alpha(0.35)
        signs.append((person, "person, and where they may be"))
    if added:
        signs.append((Patch(color=style.NEW), "seen, not on the map"))
    return signs


def _draw_added(axes: Axes, snapshot: Snapshot, home: OccupancyMap) -> bool:
    """Draw what the planner took for solid and the map does not show; return whether there was any."""
    grid = snapshot.clearance
    rows, columns = grid.data.shape
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    centres = grid.centres(np.stack([x.ravel(), y.ravel()], axis=1))
    known = home.solid_at(centres)
    bodies = np.zeros(len(centres), np.bool_)  # what was seen of people is drawn as people
    for path, radius in zip(snapshot.people, snapshot.radii, strict=True):
        bodies |= np.hypot(*(centres - path[0]).T) < radius + 0.15
    added = (grid.data <= 0.0) & ~(known | bodies).reshape(rows, columns)
    x0, y0 = grid.origin.x, grid.origin.y
    (width, height), colour = grid.size, to_rgb(style.NEW)
    pixels = np.empty((rows, columns, 4))
    pixels[...] = (*colour, 1.0)
    pixels[~added, 3] = 0.0
    axes.imshow(pixels, origin="lower", extent=(x0, x0 + width, y0, y0 + height), interpolation="nearest", zorder=2.2)
    return bool(added.any())


def draw_guidance(axes: Axes, snapshot: Snapshot) -> None:
    """Draw arrows down the cost-to-go on a loose raster, and stronger ones along the path."""
    if snapshot.cost_to_go is not None:
        points = snapshot.pose.array()[:2] + _raster(HALF, ARROW_EVERY)
        slopes = _downhill(snapshot, points)
        clear = np.isfinite(slopes).all(axis=1) & (snapshot.clearance.sample(points, outside=-1.0) > 0.12)
        axes.quiver(
            *points[clear].T, *slopes[clear].T, color=style.GUIDE, alpha=0.35, pivot="mid", scale=24, width=0.0035,
            headwidth=4, headlength=4.5, headaxislength=4, zorder=2,
        )  # fmt: skip
    along, directions = _stations(snapshot.path, ARROW_EVERY)
    if len(along):
        axes.quiver(
            *along.T, *directions.T, color=style.GUIDE, pivot="tail", scale=15, width=0.007, headwidth=3.6,
            headlength=4, headaxislength=3.6, zorder=3,
        )  # fmt: skip


def ranked(snapshot: Snapshot) -> tuple[Floats32, Floats]:
    """Return a tenth of the candidates (N, K, 2), m, worst first, and their ranks (N,) from 1, the worst, to 0."""
    order = np.argsort(snapshot.costs)[::-1]
    shown = order[:: max(1, SHARE if len(order) >= 2 * SHARE else 1)]
    # by rank: a few hopeless ones would else turn all others green
    return snapshot.candidates[shown], np.linspace(1.0, 0.0, len(shown))


def draw_candidates(axes: Axes, snapshot: Snapshot) -> int:
    """Draw a tenth of the candidates, worst first, the chosen one on top; return how many were drawn."""
    curves, ranks = ranked(snapshot)
    lines = LineCollection(list(curves), colors=style.BETTER_WORSE(ranks), linewidths=1.1, alpha=0.8, zorder=4)
    axes.add_collection(lines)
    best = snapshot.candidates[snapshot.best]
    casing = [effects.withStroke(linewidth=4.6, foreground="white")]
    axes.plot(best[:, 0], best[:, 1], color=style.CHOSEN, linewidth=2.6, path_effects=casing, zorder=6)
    return len(curves)


def draw_people(axes: Axes, snapshot: Snapshot) -> None:
    """Draw the people of whom the planner knew, and where they may be."""
    if len(snapshot.people):
        _draw_cloud(axes, snapshot)
    bodies: list[Floats] = []
    for path, radius in zip(snapshot.people, snapshot.radii, strict=True):
        axes.plot(path[:, 0], path[:, 1], color=style.PERSON, linewidth=1.0, linestyle=(0, (3, 2)), zorder=5)
        if all(np.hypot(*(path[0] - body)) > radius for body in bodies):  # one body, however many hypotheses about it
            axes.add_patch(Circle(path[0], radius, facecolor=style.PERSON, edgecolor="white", linewidth=0.8, zorder=5))
            bodies.append(path[0])


def _draw_cloud(axes: Axes, snapshot: Snapshot) -> None:
    """Draw where people may be in the plan's 3 s: dense on their way, fading with their standard deviation."""
    step, density = CLOUD
    x, y = snapshot.pose.x, snapshot.pose.y
    ticks = np.arange(-HALF + step / 2, HALF, step)
    across, up = x + ticks[None, :], y + ticks[:, None]
    dense = np.zeros((len(ticks), len(ticks)))
    for path, sigma, radius in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True):
        knots, fine = np.arange(len(path)), np.linspace(0.0, len(path) - 1.0, 40)
        places = np.stack([np.interp(fine, knots, path[:, i]) for i in (0, 1)], axis=1)
        for (px, py), spread in zip(places, np.interp(fine, knots, sigma), strict=True):
            beyond = np.maximum(np.hypot(across - px, up - py) - radius, 0.0)
            np.maximum(dense, np.exp(-0.5 * (beyond / max(spread, 0.01)) ** 2), out=dense)
    pixels = np.empty((*dense.shape, 4))
    pixels[..., :3], pixels[..., 3] = to_rgb(style.PERSON), density * dense
    axes.imshow(pixels, origin="lower", extent=(x - HALF, x + HALF, y - HALF, y + HALF), zorder=2.8)


def _raster(half: float, step: float) -> Floats:
    """Return the points (N, 2) of a square raster around 0, m."""
    ticks = np.arange(-half + step / 2, half, step)
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def _downhill(snapshot: Snapshot, points: Floats) -> Floats:
    """Return unit vectors (N, 2) down the cost-to-go at points (N, 2); not finite where no way leads."""
    grid = snapshot.cost_to_go
    assert grid is not None
    reach = 1.5 * grid.resolution
    ahead, left = np.array([[reach, 0.0]]), np.array([[0.0, reach]])
    with np.errstate(invalid="ignore"):
        slope = np.stack(
            [
                grid.sample(points - ahead, np.nan) - grid.sample(points + ahead, np.nan),
                grid.sample(points - left, np.nan) - grid.sample(points + left, np.nan),
            ],
            axis=1,
        )
        unit: Floats = slope / np.hypot(*slope.T)[:, None]
    return unit


def _stations(path: Floats, step: float) -> tuple[Floats, Floats]:
    """Return points every ``step`` m along a path (M, 2) and the unit directions there."""
    if len(path) < 2:
        return np.empty((0, 2)), np.empty((0, 2))
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    along = np.arange(step / 2, lengths[-1] - step / 2, step)
    here = np.stack([np.interp(along, lengths, path[:, i]) for i in (0, 1)], axis=1)
    there = np.stack([np.interp(along + step / 4, lengths, path[:, i]) for i in (0, 1)], axis=1)
    offset = there - here
    return here, offset / np.maximum(np.hypot(*offset.T), 1e-9)[:, None]


def interest(snapshot: Snapshot) -> float:
    """Return how much there is to see in a planning cycle: a long way that bends, people beside it, a turned screen.

    People whose place is unknown spoil the picture, and so does a view out of the home.
    """
    way = snapshot.candidates[snapshot.best].astype(np.float64)  # (K, 2)
    hops = np.diff(way, axis=0)
    hops = hops[np.hypot(*hops.T) > 0.005]
    length = float(np.hypot(*hops.T).sum())
    headings = np.unwrap(np.arctan2(hops[:, 1], hops[:, 0]))
    bend = float(np.abs(np.diff(headings)).sum()) if len(headings) > 1 else 0.0
    gaps = np.hypot(*(snapshot.people[:, 0] - way[0]).T) if len(snapshot.people) else np.empty(0)
    near, sure = gaps < NEARBY, snapshot.sigma[:, 0] <= UNSURE
    seen = 1.0 + min(bend, 2.0) + 1.5 * min(int((sure & near).sum()), 2) + 3.0 * min(abs(snapshot.pan), 0.6)
    return min(length, 1.5) * seen * float(snapshot.seen.mean()) / (1.0 + int((~sure & near).sum()))
