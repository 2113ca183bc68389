"""space_picture: what a robot can do in the next three seconds, as in the article's first figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Polygon

from pavane.arrays import Floats
from pavane.figures import style
from pavane.figures.scene import bare_scale, heading_mark, robot_outline
from pavane.robot import RobotProfile

SIZE, HEIGHT, DPI = 6.4, 5.6, 180  # inches
MARGIN = 0.2  # m around everything
# from hard right over straight on to hard left
SIDES = LinearSegmentedColormap.from_list(
    "pavane_sides", ["#7b3f98", "#3f74c9", "#2fa08d", "#6fae4f", "#d9b23a", "#e0803c", "#c9453f"]
)


@style.styled
def space_picture(curves: Floats, robot: RobotProfile, out: Path) -> None:
    """Draw trajectories from one state into a PNG, coloured by how far they turn.

    Args:
        curves: (N, K, 3) x, y, yaw in the base frame at the start; yaw is continuous.
        robot: whose outline to draw.
        out: the file to write.

    Raises:
        BadFile: the file cannot be written.
    """
    figure = style.new_figure(SIZE, HEIGHT, DPI)
    axes = figure.add_axes((0.02, 0.06, 0.96, 0.87))
    turned = curves[:, -1, 2] - curves[:, 0, 2]
    shares = 0.5 + 0.5 * np.sign(turned) * np.minimum(np.abs(turned) / np.pi, 1.0) ** 0.6
    # the far ones first: short ones, near the robot, would vanish under them
    order = np.argsort(-np.hypot(*np.diff(curves[:, :, :2], axis=1).transpose(2, 0, 1)).sum(axis=1))
    lines = LineCollection(
        list(curves[order, :, :2]), colors=SIDES(shares[order]), linewidths=0.75, alpha=0.75, zorder=3
    )
    axes.add_collection(lines)
    ends = curves[order, -1]
    axes.scatter(ends[:, 0], ends[:, 1], s=2.2, color=SIDES(shares[order]), linewidths=0, zorder=4)
    axes.add_patch(
        Polygon(robot_outline(robot.shape), facecolor=style.ROBOT, edgecolor="white", linewidth=1.4, zorder=6)
    )
    nose = heading_mark(robot.shape)
    axes.plot(nose[:, 0], nose[:, 1], color="white", linewidth=1.6, zorder=7)
    low, high = curves[:, :, :2].min(axis=(0, 1)) - MARGIN, curves[:, :, :2].max(axis=(0, 1)) + MARGIN
    bare_scale(axes, (float(low[0]), float(high[0]), float(low[1]), float(high[1])))
    left, right = 0.25 / SIZE, 1 - 0.25 / SIZE
    figure.text(left, 0.965, "The space of trajectories", fontsize=10, weight="bold", va="center")
    note = f"{len(curves)} samples, 3 s ahead, {robot.name}"
    figure.text(right, 0.965, note, fontsize=7, color=style.FAINT, ha="right", va="center")
    sides = tuple(style.stroke(SIDES(share), 1.4) for share in (0.05, 0.5, 0.95))
    style.legend(figure, [(sides, "turning right, going straight, turning left")], (right, 0.03), "center right", 6.5)
    style.save(figure, out)
