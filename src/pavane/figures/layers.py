"""layers_picture: the three layers of planning, each with its map, its rate and its age, over one moment of a drive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Polygon, Rectangle

from pavane.core.arrays import Floats
from pavane.core.belief import NearMap
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.drive_log import Snapshot
from pavane.figures import style
from pavane.figures.scene import Extent, bare_scale, draw_home, draw_robot, known_view
from pavane.figures.snapshot import draw_candidates, draw_guidance, draw_people
from pavane.maps import OccupancyMap

WIDTH, DPI = 8.0, 160  # inches
TOP, SIDE, GAP, BELOW, TITLE = 0.75, 0.25, 0.3, 1.25, 0.3  # inches
SMALL = 0.85  # height of the near map by that of the others
NEARER = LinearSegmentedColormap.from_list("pavane_way", ["#8fb3e6", style.FLOOR])


class LayerPanel(NamedTuple):
    """One layer in words, from the figures in force.

    Args:
        name: of it.
        asks: the question that it answers.
        map: that it looks at.
        rate: how often it answers.
        age: how old its answer is.
    """

    name: str
    asks: str
    map: str
    rate: str
    age: str


@style.styled
def layers_picture(
    snapshot: Snapshot, near: NearMap, sweep: Floats, home: OccupancyMap, robot: RobotProfile,
    layers: Sequence[LayerPanel], out: Path,
) -> None:  # fmt: skip
    """Draw the whole home with the way, the local map with the candidates, the near map with the stopping sweep.

    Args:
        snapshot: the planning cycle.
        near: the near map at that moment.
        sweep: (K, 3) the poses that the guard checks, in ``map``.
        home: the map.
        robot: its outline is drawn.
        layers: global, local, reactive.
        out: the file to write; without a suffix as PNG and as SVG.

    Raises:
        BadFile: the file cannot be written.
    """
    views = [known_view(home), _window(snapshot.clearance), _window(near)]
    shapes = [(v[1] - v[0]) / (v[3] - v[2]) for v in views]
    tall = (WIDTH - 2 * SIDE - 2 * GAP) / (shapes[0] + shapes[1] + SMALL * shapes[2])
    figure = style.new_figure(WIDTH, TOP + TITLE + tall + BELOW, DPI)
    title = "Three layers: the smaller the map, the newer it is and the more often read"
    style.headline(
        figure, title, f"one moment of a drive of {robot.name} through {home.name}; figures from the code in force"
    )
    whole, local, close = _place_panels(figure, shapes, tall, layers)
    draw_home(whole, home, views[0])
    draw_home(local, home, views[1], labels=False)
    _draw_near(close, near, views[2])
    _draw_global(whole, snapshot)
    draw_guidance(local, snapshot)
    draw_people(local, snapshot)
    draw_candidates(local, snapshot)
    draw_robot(whole, robot, snapshot.pose)
    draw_robot(local, robot, snapshot.pose, snapshot.pan)
    _draw_sweep(close, sweep, robot)
    _zoom(whole, local, views[1])
    _zoom(local, close, views[2])
    style.save(figure, out)


def _place_panels(figure: Figure, shapes: Sequence[float], tall: float, layers: Sequence[LayerPanel]) -> list[Axes]:
    """Return axes for the three layers side by side, each with its name above and its words below.

    Args:
        figure: to put them on.
        shapes: width by height of each.
        tall: height of the first two, inches.
        layers: global, local, reactive.
    """
    height, left, panels = TOP + TITLE + tall + BELOW, SIDE, []
    for i, (shape, layer) in enumerate(zip(shapes, layers, strict=True)):
        high = tall * (SMALL if i == 2 else 1.0)
        wide = high * shape
        base = BELOW + 0.5 * (tall - high)
        panels.append(figure.add_axes((left / WIDTH, base / height, wide / WIDTH, high / height)))
        figure.text(left / WIDTH, (base + high + 0.13) / height, layer.name, fontsize=9.5, weight="bold")
        for k, line in enumerate(layer[1:]):
            y = (BELOW - 0.38 - 0.21 * k) / height
            look: Any = {"style": "italic"} if k == 0 else {"weight": "bold"} if k == 2 else {}
            figure.text(left / WIDTH, y, line, fontsize=8, va="center", **look)
        left += wide + GAP
    return panels


def _window(grid: Any) -> Extent:
    """Return the extent of a grid or near map, m."""
    rows, columns = grid.data.shape if hasattr(grid, "data") else grid.solid.shape
    x, y = grid.origin.x, grid.origin.y
    return (x, x + columns * grid.resolution, y, y + rows * grid.resolution)


def _draw_global(axes: Axes, snapshot: Snapshot) -> None:
    """Draw the cost-to-go as a shade of blue, deeper where less of the way is left, and the path."""
    grid = snapshot.cost_to_go
    if grid is not None:
        cost = np.ma.masked_invalid(grid.data.astype(np.float64))
        x, y, (wide, high) = grid.origin.x, grid.origin.y, grid.size
        axes.imshow(
            cost, cmap=NEARER, origin="lower", extent=(x, x + wide, y, y + high), interpolation="nearest", zorder=0.5
        )
    if len(snapshot.path):
        axes.plot(*snapshot.path.T, color=style.GUIDE, linewidth=2.2, zorder=5)
        axes.plot(*snapshot.path[-1], "o", color=style.GOAL, markeredgecolor="white", markersize=8, zorder=6)


def _draw_near(axes: Axes, near: NearMap, view: Extent) -> None:
    """Draw the solid cells of the near map."""
    axes.imshow(
        near.solid, cmap=ListedColormap([style.FLOOR, style.WALL]), vmin=0, vmax=1, origin="lower",
        extent=view, interpolation="nearest", zorder=0,
    )  # fmt: skip
    bare_scale(axes, view)


def _draw_sweep(axes: Axes, sweep: Floats, robot: RobotProfile) -> None:
    """Draw the outline along the stop that is checked, darker where it is sooner."""
    outline = robot.shape.outline()
    for k, pose in enumerate(sweep[::-1]):
        shade = 0.1 + 0.25 * k / len(sweep)
        axes.add_patch(
            Polygon(
                Pose(*pose).transform(outline),
                facecolor=style.GUARD,
                edgecolor=style.SPEED(0.95),
                alpha=shade,
                zorder=3,
            )
        )
    draw_robot(axes, robot, Pose(*sweep[0]))


def _zoom(outer: Axes, inner: Axes, view: Extent) -> None:
    """Frame the view of the inner axes, there and in the outer ones, and join the frames."""
    for axes in (outer, inner):
        axes.add_patch(
            Rectangle(
                (view[0], view[2]), view[1] - view[0], view[3] - view[2], facecolor="none", edgecolor=style.TEXT,
                linewidth=1.2, clip_on=False, zorder=9,
            )
        )  # fmt: skip
    for y in (view[2], view[3]):
        join = ConnectionPatch(
            (view[1], y), (view[0], y), "data", "data", axesA=outer, axesB=inner, color=style.TEXT, linewidth=0.8,
            alpha=0.6, zorder=10,
        )  # fmt: skip
        outer.figure.add_artist(join)
