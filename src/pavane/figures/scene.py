"""Parts that all pictures share: the home, the robot with its screen and camera, and a bar of one metre."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import ListedColormap
from matplotlib.patches import Circle, Polygon

from pavane.core.arrays import Floats
from pavane.core.entities import Entity
from pavane.core.geometry import Footprint, Pose
from pavane.core.robot import RobotProfile, Screen
from pavane.drive_log import Run
from pavane.figures import style
from pavane.maps import OCCUPIED, UNKNOWN, Door, OccupancyMap, Outline
from pavane.maps.sight import in_sight

Extent = tuple[float, float, float, float]  # x0, x1, y0, y1 in map, m
WHOLE_HOME = 20.0  # m: a map this large is shown in full, a larger one around what was driven


def known_view(home: OccupancyMap, margin: float = 0.1) -> Extent:
    """Return the part of the map about which anything is known, ``margin`` m around it."""
    rows, columns = np.nonzero(home.grid.data != UNKNOWN)
    low = home.grid.centres(np.array([[columns.min(), rows.min()]]))[0]
    high = home.grid.centres(np.array([[columns.max(), rows.max()]]))[0]
    return (low[0] - margin, high[0] + margin, low[1] - margin, high[1] + margin)


def view_around(home: OccupancyMap, points: Floats, margin: float) -> Extent:
    """Return the known part of the map within ``margin`` m of points (N, 2)."""
    known = known_view(home)
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    return (max(low[0], known[0]), min(high[0], known[1]), max(low[1], known[2]), min(high[1], known[3]))


def draw_home(axes: Axes, home: OccupancyMap, view: Extent, *, labels: bool = True) -> None:
    """Draw floor, furniture, walls, doors, entities and room names.

    Args:
        axes: to draw on.
        home: the map.
        view: the part of it that is shown.
        labels: whether rooms are named.
    """
    grid = home.grid
    width, height = grid.size
    x, y = grid.origin.x, grid.origin.y
    drawn = any(outline.wall for outline in home.outlines)
    colours = [style.FLOOR, style.FLOOR if drawn else style.WALL, style.PAPER]
    axes.imshow(
        grid.data, cmap=ListedColormap(colours), vmin=0, vmax=2, origin="lower", extent=(x, x + width, y, y + height),
        interpolation="nearest", zorder=0,
    )  # fmt: skip
    # The large pieces last: chairs stand under tables.
    furniture = sorted((outline.corners for outline in home.outlines if not outline.wall), key=_bounding_area)
    walls = [outline.corners for outline in home.outlines if outline.wall]
    axes.add_collection(
        PolyCollection(furniture, facecolors=style.FURNITURE, edgecolors=style.FURNITURE_EDGE, linewidths=0.6, zorder=1)
    )
    axes.add_collection(PolyCollection(walls, facecolors=style.WALL, edgecolors=style.WALL, linewidths=0.3, zorder=2))
    for door in home.doors:
        _draw_door(axes, home, door)
    for entity in home.entities:
        _draw_entity(axes, entity)
    if labels:
        for room in home.rooms:
            if view[0] + 0.5 < room.x < view[1] - 0.5 and view[2] < room.y < view[3]:
                axes.text(
                    room.x, room.y, room.name.upper(), ha="center", va="center", fontsize=5.5, color=style.FAINT,
                    zorder=2, clip_on=True,
                )  # fmt: skip
    bare_scale(axes, view)


def draw_changes(axes: Axes, run: Run) -> None:
    """Draw what was there and is not on the map, what was gone and is on it, and low objects on the floor."""
    if run.truth is not None:
        drawn, stood = ({_key(o): o.corners for o in home.outlines} for home in (run.home, run.truth))
        gone = [corners for key, corners in drawn.items() if key not in stood]
        new = [corners for key, corners in stood.items() if key not in drawn]
        if drawn:
            axes.add_collection(
                PolyCollection(
                    gone,
                    facecolors=style.FLOOR,
                    edgecolors=style.FAINT,
                    linestyles="dotted",
                    linewidths=0.7,
                    zorder=2.4,
                )
            )
            axes.add_collection(
                PolyCollection(new, facecolors=style.NEW, edgecolors="white", linewidths=0.5, zorder=2.5)
            )
        else:
            _draw_changed_cells(axes, run.home, run.truth)
    for x, y, radius, _ in run.low.tolist():
        axes.add_patch(Circle((x, y), radius, facecolor=style.NEW, edgecolor="white", linewidth=0.5, zorder=2.6))


def _draw_entity(axes: Axes, entity: Entity) -> None:
    """Draw an entity in the colour of its kind."""
    colour = style.KINDS.get(entity.kind, style.NEW)
    if entity.area:
        axes.add_patch(
            Polygon(entity.points, facecolor=colour, edgecolor=colour, alpha=0.35, linewidth=0.8, zorder=1.5)
        )
    elif len(entity.points) == 1:
        x, y = entity.points[0].tolist()
        axes.add_patch(Circle((x, y), 0.5 * entity.width, facecolor=colour, alpha=0.5, linewidth=0.0, zorder=1.5))
    else:
        width = max(entity.width, 0.03)
        for a, b in pairwise(entity.points):
            across = 0.5 * width * np.array([a[1] - b[1], b[0] - a[0]]) / max(math.dist(a, b), 1e-9)
            strip = np.array([a - across, b - across, b + across, a + across])
            axes.add_patch(Polygon(strip, facecolor=colour, edgecolor="none", zorder=2.1))


def _key(outline: Outline) -> tuple[str, bytes]:
    """Return what tells an outline apart from others, to a tenth of a millimetre."""
    return outline.name, np.round(outline.corners, 4).tobytes()


def _draw_changed_cells(axes: Axes, home: OccupancyMap, truth: OccupancyMap) -> None:
    """Draw changes of a map without outlines, cell by cell."""
    change = np.where(truth.solid & ~home.solid, 2, np.where(home.solid & ~truth.solid, 1, 0))
    (width, height), origin = home.grid.size, home.grid.origin
    axes.imshow(
        np.ma.masked_equal(change, 0), cmap=ListedColormap([style.FLOOR, style.NEW]), vmin=1, vmax=2, origin="lower",
        extent=(origin.x, origin.x + width, origin.y, origin.y + height), interpolation="nearest", zorder=2.5,
    )  # fmt: skip


def bare_scale(axes: Axes, view: Extent) -> None:
    """Set the window and put a bar of one metre under its lower left corner."""
    style.bare(axes, view)
    lift = -0.012 * (view[3] - view[2])
    x, y = view[0] + 0.1, view[2] + lift
    axes.plot([x, x + 1.0], [y, y], color=style.FAINT, linewidth=1.4, clip_on=False, solid_capstyle="butt")
    axes.text(x + 1.1, y, "1 m", fontsize=6, color=style.FAINT, va="center", clip_on=False)


def whole_view(run: Run, margin: float) -> Extent:
    """Return all that is known of the home, or of a large one the part within ``margin`` m of the way driven."""
    known = known_view(run.home)
    if max(known[1] - known[0], known[3] - known[2]) <= WHOLE_HOME:
        return known
    goals = np.array([[goal.pose.x, goal.pose.y] for goal in run.goals]).reshape(-1, 2)
    return view_around(run.home, np.vstack([run.poses[:, :2], goals]), margin)


def has_changes(run: Run) -> bool:
    """Return whether there was something that the map does not show, or the other way round."""
    moved = run.truth is not None and not np.array_equal(run.truth.solid, run.home.solid)
    return moved or len(run.low) > 0


def heading_mark(footprint: Footprint) -> Floats:
    """Return a stroke (2, 2) in base from near the middle of the outline to its front: where a round robot looks, m."""
    front = footprint.radius if footprint.is_disc else float(footprint.vertices[:, 0].max())
    return np.array([[0.3 * front, 0.0], [0.95 * front, 0.0]])


def draw_way(axes: Axes, run: Run, until: int | None = None) -> None:
    """Draw the way driven, coloured by speed from a stand to the robot's highest, and the robot at its end.

    Args:
        axes: to draw on.
        run: the drive.
        until: the tick at which the way ends; None at the last.
    """
    until = len(run.times) - 1 if until is None else until
    points = run.poses[: until + 1, None, :2]
    segments = list(np.concatenate([points[:-1], points[1:]], axis=1))
    path = LineCollection(segments, cmap=style.SPEED, linewidths=2.4, capstyle="round", zorder=5)
    path.set_array(np.abs(run.v[:until]))
    path.set_clim(0.0, float(run.robot.limits.vx_max))
    axes.add_collection(path)
    last, outline = Pose(*run.poses[until]), run.robot.shape.outline()
    axes.add_patch(Polygon(last.transform(outline), facecolor=style.ROBOT, edgecolor="white", linewidth=0.6, zorder=6))
    nose = last.transform(heading_mark(run.robot.shape))
    axes.plot(nose[:, 0], nose[:, 1], color="white", linewidth=1.2, zorder=7)


def screen_box(robot: Pose, screen: Screen, pan: float) -> Floats:
    """Return the screen seen from above (4, 2), in the frame that the robot's pose is given in, m; ``pan`` in rad."""
    depth, half = 0.05, screen.width / 2
    corners = np.array([[0.07, -half], [0.07 + depth, -half], [0.07 + depth, half], [0.07, half]])
    return (robot @ Pose(screen.x, screen.y, pan)).transform(corners)


def camera_cone(home: OccupancyMap, robot: Pose, screen: Screen, pan: float, reach: float = 1.6) -> Floats:
    """Return the outline (N, 2) in ``map`` of what the camera sees of the home, m.

    Args:
        home: the map.
        robot: map_from_base.
        screen: of the robot, with its camera.
        pan: angle of the screen, rad.
        reach: how far it is drawn, m.
    """
    camera, angle = robot @ Pose(screen.x, screen.y, pan), math.radians(screen.camera_field_of_view_deg)
    return in_sight(home, camera, angle, reach, 60, 0.5 * home.grid.resolution)


def draw_robot(axes: Axes, robot: RobotProfile, pose: Pose, pan: float | None = None) -> None:
    """Draw the outline in the article's magenta with a stroke to its front, and the screen.

    Args:
        axes: to draw on.
        robot: its profile.
        pose: map_from_base.
        pan: angle of the screen, rad; None leaves the screen out.
    """
    outline = pose.transform(robot.shape.outline())
    axes.add_patch(Polygon(outline, facecolor=(1, 1, 1, 0.92), edgecolor=style.ROBOT, linewidth=2.2, zorder=7))
    nose = pose.transform(heading_mark(robot.shape))
    axes.plot(nose[:, 0], nose[:, 1], color=style.ROBOT, linewidth=2.0, zorder=7.5)
    if robot.screen is not None and pan is not None:
        box = screen_box(pose, robot.screen, pan)
        axes.add_patch(Polygon(box, facecolor=style.ROBOT, edgecolor="white", linewidth=0.6, zorder=8))


def _bounding_area(corners: Floats) -> float:
    """Return the area of the bounding box of corners (N, 2), m^2."""
    return float(np.prod(np.ptp(corners, axis=0)))


def _draw_door(axes: Axes, home: OccupancyMap, door: Door) -> None:
    """Draw a dotted sill where the door is open, a leaf where it is shut."""
    ends = np.array([door.start, door.end])
    along = door.start + np.linspace(0.05, 0.95, 9)[:, None] * (ends[1] - ends[0])
    inside = home.grid.inside(along)
    columns, rows = home.grid.indices(along[inside]).T
    solid = home.grid.data[rows, columns] == OCCUPIED
    if solid.any():
        leaf = along[inside][solid]
        axes.plot(leaf[:, 0], leaf[:, 1], color=style.DOOR, linewidth=2.2, zorder=2.1, solid_capstyle="butt")
    else:
        axes.plot(ends[:, 0], ends[:, 1], color=style.DOOR, linewidth=0.8, linestyle=(0, (1.5, 1.5)), zorder=2.1)
