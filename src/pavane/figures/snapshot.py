"""snapshot_picture: one planning cycle, as in the article: candidates green to red, guidance blue, robot magenta."""

from __future__ import annotations

from pathlib import Path

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.patches import Circle, Polygon

from pavane.arrays import Floats
from pavane.figures import style
from pavane.figures.scene import bare_scale, robot_outline, screen_box
from pavane.robot import RobotProfile
from pavane.run import Snapshot

HALF = 3.0  # m around the robot
SHARE = 10  # one candidate in this many is drawn
SIZE, HEIGHT, DPI = 6.0, 6.3, 160  # inches
ARROW_EVERY = 0.55  # m


@style.styled
def snapshot_picture(snapshot: Snapshot, robot: RobotProfile, out: Path) -> None:
    """Draw a planning cycle into a PNG: 6 x 6 m around the robot.

    Args:
        snapshot: the cycle.
        robot: whose outline and screen to draw.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    figure = style.new_figure(SIZE, HEIGHT, DPI)
    side, base = SIZE - 0.5, 0.3
    axes = figure.add_axes((0.25 / SIZE, base / (HEIGHT), side / SIZE, side / (HEIGHT)))
    x, y = snapshot.pose.x, snapshot.pose.y
    _draw_solid(axes, snapshot)
    _draw_guidance(axes, snapshot)
    _draw_people(axes, snapshot)
    shown = _draw_candidates(axes, snapshot)
    _draw_robot(axes, snapshot, robot)
    bare_scale(axes, (x - HALF, x + HALF, y - HALF, y + HALF))
    top = 1 - 0.27 / (HEIGHT)
    figure.text(0.25 / SIZE, top, f"Plan at {snapshot.time:.2f} s", fontsize=10, weight="bold", va="center")
    note = f"{shown} of {len(snapshot.costs)} candidates, green better, red worse"
    figure.text(1 - 0.25 / SIZE, top, note, fontsize=7, color=style.FAINT, ha="right", va="center")
    style.save(figure, out)


def _draw_solid(axes: Axes, snapshot: Snapshot) -> None:
    grid = snapshot.clearance
    rows, columns = grid.data.shape
    width, height = grid.size
    x0, y0 = grid.origin.x, grid.origin.y
    axes.imshow(
        np.where(snapshot.seen, np.nan, 1.0), cmap=ListedColormap([style.UNSEEN]), origin="lower", zorder=0,
        extent=(x0, x0 + width, y0, y0 + height), interpolation="nearest",
    )  # fmt: skip
    axes.set_facecolor(style.FLOOR)
    axes.add_patch(Polygon(_square(x0, y0, width, height), facecolor=style.FLOOR, zorder=-1))
    x = x0 + (np.arange(columns) + 0.5) * grid.resolution
    y = y0 + (np.arange(rows) + 0.5) * grid.resolution
    if (grid.data <= 0).any() and (grid.data > 0).any():
        axes.contourf(x, y, grid.data, levels=[-1e6, 0.0], colors=[style.WALL], zorder=1)


def _draw_guidance(axes: Axes, snapshot: Snapshot) -> None:
    """Arrows down the cost-to-go on a loose raster, and stronger ones along the path."""
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


def _draw_candidates(axes: Axes, snapshot: Snapshot) -> int:
    """Draw a tenth of the candidates, worst first, the chosen one on top; gives how many were drawn."""
    order = np.argsort(snapshot.costs)[::-1]
    shown = order[:: max(1, SHARE if len(order) >= 2 * SHARE else 1)]
    ranks = np.linspace(1.0, 0.0, len(shown))  # by rank: a few hopeless ones would else turn all others green
    lines = LineCollection(
        list(snapshot.candidates[shown]), colors=style.BETTER_WORSE(ranks), linewidths=1.1, alpha=0.8, zorder=4
    )
    axes.add_collection(lines)
    best = snapshot.candidates[snapshot.best]
    casing = [effects.withStroke(linewidth=4.6, foreground="white")]
    axes.plot(best[:, 0], best[:, 1], color="#17703a", linewidth=2.6, path_effects=casing, zorder=6)
    return len(shown)


def _draw_people(axes: Axes, snapshot: Snapshot) -> None:
    for path, sigma, radius in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True):
        steps = np.unique(np.linspace(0, len(path) - 1, 7).round().astype(int))
        for rank, k in enumerate(steps[::-1]):
            fade = 0.08 + 0.10 * rank / max(len(steps) - 1, 1)
            reach = float(radius + sigma[k])
            axes.add_patch(Circle(path[k], reach, facecolor=style.PERSON, alpha=fade, linewidth=0, zorder=3))
        axes.plot(path[:, 0], path[:, 1], color=style.PERSON, linewidth=1.0, linestyle=(0, (3, 2)), zorder=5)
        axes.add_patch(
            Circle(path[0], radius, facecolor=style.PERSON, edgecolor="white", linewidth=0.8, alpha=0.95, zorder=5)
        )


def _draw_robot(axes: Axes, snapshot: Snapshot, robot: RobotProfile) -> None:
    outline = snapshot.pose.transform(robot_outline(robot.shape))
    axes.add_patch(Polygon(outline, facecolor=(1, 1, 1, 0.92), edgecolor=style.ROBOT, linewidth=2.2, zorder=7))
    if robot.screen is not None:
        box = screen_box(snapshot.pose, robot.screen, snapshot.pan)
        axes.add_patch(Polygon(box, facecolor=style.ROBOT, edgecolor="white", linewidth=0.6, zorder=8))


def _square(x: float, y: float, width: float, height: float) -> Floats:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def _raster(half: float, step: float) -> Floats:
    """(N, 2) points of a square raster around 0."""
    ticks = np.arange(-half + step / 2, half, step)
    return np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)


def _downhill(snapshot: Snapshot, points: Floats) -> Floats:
    """(N, 2) unit vectors down the cost-to-go; not finite where no way leads."""
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
    """Points every ``step`` m along a path (M, 2) and the unit directions there."""
    if len(path) < 2:
        return np.empty((0, 2)), np.empty((0, 2))
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    along = np.arange(step / 2, lengths[-1] - step / 2, step)
    here = np.stack([np.interp(along, lengths, path[:, i]) for i in (0, 1)], axis=1)
    there = np.stack([np.interp(along + step / 4, lengths, path[:, i]) for i in (0, 1)], axis=1)
    offset = there - here
    return here, offset / np.maximum(np.hypot(*offset.T), 1e-9)[:, None]
