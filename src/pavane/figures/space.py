"""space_picture: motions that a robot can choose from for the next 3 s, as in the article's first figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon

from pavane.core.arrays import Floats
from pavane.core.robot import RobotProfile
from pavane.figures import style
from pavane.figures.scene import bare_scale, heading_mark

WIDTH, HEIGHT, DPI = 8.0, 5.6, 160  # inches
PLANE = 5.0  # inches of the width that the plane takes; the rest shows speeds over time
MARGIN = 0.15  # m around everything
# from hard right over straight on to hard left
SIDES = LinearSegmentedColormap.from_list(
    "pavane_sides", ["#7b3f98", "#3f74c9", "#2fa08d", "#6fae4f", "#d9b23a", "#e0803c", "#c9453f"]
)


@style.styled
def space_picture(motions: Floats, seconds: float, robot: RobotProfile, out: Path) -> None:
    """Draw trajectories from one state, coloured by how far they turn: on the plane, and their speeds over time.

    Args:
        motions: (N, K, 5) x, y, yaw in the base frame at the start, v, omega; yaw is continuous.
        seconds: how long they are.
        robot: its outline and limits are drawn.
        out: the file to write; without a suffix as PNG and as SVG.

    Raises:
        BadFile: the file cannot be written.
    """
    figure = style.new_figure(WIDTH, HEIGHT, DPI)
    turned = motions[:, -1, 2] - motions[:, 0, 2]
    shares = 0.5 + 0.5 * np.sign(turned) * np.minimum(np.abs(turned) / np.pi, 1.0) ** 0.6
    # the far ones first: short ones, near the robot, would vanish under them
    order = np.argsort(-np.hypot(*np.diff(motions[:, :, :2], axis=1).transpose(2, 0, 1)).sum(axis=1))
    motions, colours = motions[order], SIDES(shares[order])
    tall = HEIGHT - 1.1
    axes = figure.add_axes((0.1 / WIDTH, 0.4 / HEIGHT, PLANE / WIDTH, tall / HEIGHT))
    _draw_plane(axes, motions, colours, robot, PLANE / tall)
    times, limits = np.linspace(0.0, seconds, motions.shape[1]), robot.limits
    left, wide, high = PLANE + 0.75, WIDTH - PLANE - 0.95, 0.5 * (tall - 0.55)
    charts = (("speed  m/s", 3, limits.vx_min, limits.vx_max), ("turn  rad/s", 4, -limits.wz_max, limits.wz_max))
    for row, (name, column, least, most) in enumerate(charts):
        bottom = 0.55 + (1 - row) * (high + 0.4)
        small = figure.add_axes((left / WIDTH, bottom / HEIGHT, wide / WIDTH, high / HEIGHT))
        style.chart(small, "time  s" if row else "", name)
        lines = [np.stack([times, values], axis=1) for values in motions[:, :, column]]
        small.add_collection(LineCollection(lines, colors=colours, linewidths=0.5, alpha=0.55))
        for limit in (least, most):
            small.axhline(limit, color=style.TEXT, linewidth=0.9, linestyle=(0, (4, 3)))
        small.text(seconds, most, "limit ", fontsize=7.5, ha="right", va="bottom")
        small.set_xlim(0.0, seconds)
        small.set_ylim(least - 0.1 * (most - least), most + 0.14 * (most - least))
    title = f"{len(motions)} of the motions the robot can choose from: all smooth, all within its limits"
    note = f"sampled at random from the trajectory space, {seconds:g} s ahead of {robot.name} (magenta) as it drives on"
    style.headline(figure, title, note)
    sides = tuple(style.stroke(SIDES(share), 1.6) for share in (0.05, 0.5, 0.95))
    place = (PLANE / WIDTH, 0.2 / HEIGHT)
    style.legend(figure, [(sides, "turning right, going straight, turning left")], place, "center right", 8.0)
    style.save(figure, out)


def _draw_plane(axes: Axes, motions: Floats, colours: Floats, robot: RobotProfile, shape: float) -> None:
    """Draw trajectories around the robot, which stands in the middle.

    Args:
        axes: to draw on.
        motions: (N, K, 5), see :func:`space_picture`.
        colours: (N, 4) of each.
        robot: its outline is drawn.
        shape: width by height of the axes.
    """
    axes.add_collection(LineCollection(list(motions[:, :, :2]), colors=colours, linewidths=0.75, alpha=0.75, zorder=3))
    axes.scatter(motions[:, -1, 0], motions[:, -1, 1], s=2.2, color=colours, linewidths=0, zorder=4)
    outline = robot.shape.outline()
    axes.add_patch(Polygon(outline, facecolor=style.ROBOT, edgecolor="white", linewidth=1.4, zorder=6))
    nose = heading_mark(robot.shape)
    axes.plot(nose[:, 0], nose[:, 1], color="white", linewidth=1.6, zorder=7)
    points = np.concatenate([motions[:, :, :2].reshape(-1, 2), outline])
    far, aside = (np.abs(points).max(axis=0) + MARGIN).tolist()
    far, aside = max(far, aside * shape), max(aside, far / shape)
    bare_scale(axes, (-far, far, -aside, aside))
