"""run_animation: a drive as a small moving picture."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, Polygon
from PIL import Image

from pavane.core.arrays import Bytes, Floats
from pavane.core.errors import BadSetting
from pavane.core.files import whole_file
from pavane.core.geometry import Pose
from pavane.core.geometry.se2 import transform_poses
from pavane.drive_log import GoalRecord, Run
from pavane.figures import style
from pavane.figures.scene import (
    Extent,
    camera_cone,
    draw_changes,
    draw_home,
    has_changes,
    heading_mark,
    screen_box,
    whole_view,
)
from pavane.figures.snapshot import ranked

DPI = 100
TRAIL = 8.0  # s of the past that stay to be seen
COLOURS = 192  # of the palette
LOST, GHOST = 0.9, 0.35  # m of spread beyond which a forecast is not drawn; how dense the others are
STRIP = 44  # pixels under the map for the text


@style.styled
def run_animation(
    run: Run,
    out: Path,
    *,
    fps: int = 12,
    seconds_max: float = 24.0,
    size: int = 720,
    view: Extent | None = None,
    overlays: bool = False,
) -> None:
    """Draw a run into a GIF: home, robot with screen and camera, people, present plan, trail.

    Args:
        run: what to draw.
        out: the file to write.
        fps: pictures a second.
        seconds_max: how long the GIF may last, s; a longer run is played faster, and the factor is shown.
        size: the longer side, pixels.
        view: the part of the home that is shown; None is the whole, or what was driven of a large one.
        overlays: whether to show a tenth of the candidates, where people were foretold to be and where the robot takes
            itself to be when its plan takes effect, from the planning cycles that were kept.

    Raises:
        BadSetting: a setting is out of its range.
        BadFile: the file cannot be written.
    """
    ranges = (("fps", fps, 1, 50), ("seconds_max", seconds_max, 1, 600), ("size", size, 100, 2000))
    for name, value, low, high in ranges:
        if not low <= value <= high:
            raise BadSetting(f"{name} of an animation is out of range", value=value, limit=f"{low} to {high}")
    speed = max(1.0, math.ceil(10 * run.duration / seconds_max) / 10)
    stage = _Stage(run, size, speed, view or whole_view(run, 1.3), overlays)
    moments = np.append(np.arange(run.times[0], run.times[-1], speed / fps), run.times[-1])
    few = moments[:: max(1, len(moments) // 8)]
    palette = _palette(np.concatenate([stage.frame(float(moment)).reshape(-1, 3) for moment in few]))
    _save((stage.frame(float(moment)) for moment in moments), palette, out, 1000.0 / fps)


class _Stage:
    """A figure whose still parts are drawn once; each frame moves the others over them."""

    def __init__(self, run: Run, size: int, speed: float, view: Extent, overlays: bool) -> None:
        self.run, self.speed = run, speed
        self.kept = [snapshot.time for snapshot in run.snapshots] if overlays else []
        latency = run.robot.latency
        self.lead = latency.planning + latency.actuation + latency.actuation_lag
        self.outline = run.robot.shape.outline()
        self.starts = [record.plan.start for record in run.plans]
        scale = size / max(view[1] - view[0], view[3] - view[2])
        width, height = round(scale * (view[1] - view[0])), round(scale * (view[3] - view[2]))
        figure = style.new_figure(width / DPI, (height + STRIP) / DPI, DPI)
        axes = figure.add_axes((0, STRIP / (height + STRIP), 1, height / (height + STRIP)))
        draw_home(axes, run.home, view)
        draw_changes(axes, run)
        self.canvas = FigureCanvasAgg(figure)
        self.moving: list[Artist] = []
        self._make_actors(figure, axes, height)
        self.canvas.draw()
        self.still = self.canvas.copy_from_bbox(figure.bbox)

    def _make_actors(self, figure: Figure, axes: Axes, height: int) -> None:
        def polygon(face: str, edge: str, width: float, alpha: float, order: float) -> Polygon:
            shape = Polygon(np.zeros((3, 2)), facecolor=face, edgecolor=edge, linewidth=width, alpha=alpha)
            shape.set_zorder(order)
            axes.add_patch(shape)
            return shape

        (self.trail,) = axes.plot([], [], color=style.ROBOT, linewidth=1.4, alpha=0.35, zorder=3)
        (self.goal,) = axes.plot([], [], "o", markersize=11, color=style.GOAL, alpha=0.9, markeredgecolor="white")
        self.cone = polygon(style.CAMERA, "none", 0.0, 0.22, 3)
        (self.plan,) = axes.plot([], [], color=style.CHOSEN, linewidth=2.0, zorder=5)
        self.fan = LineCollection([], linewidths=0.9, zorder=4)
        self.ghosts = PatchCollection([], edgecolor="none", zorder=3.5)
        self.ahead = polygon("none", style.ROBOT, 1.0, 0.8, 6.5)
        self.ahead.set_linestyle((0, (2.5, 1.5)))
        axes.add_collection(self.fan)
        axes.add_collection(self.ghosts)
        people = range(self.run.people.shape[1])
        self.bodies = [Circle((0, 0), 0.25, facecolor=_person(n), edgecolor="white", linewidth=0.8) for n in people]
        self.noses = [axes.plot([], [], color="white", linewidth=1.6, zorder=7)[0] for _ in people]
        for body in self.bodies:
            body.set_zorder(6)
            axes.add_patch(body)
        self.body = polygon("white", style.ROBOT, 1.8, 1.0, 7)
        self.screen = polygon(style.ROBOT, "none", 0.0, 1.0, 8)
        (self.nose,) = axes.plot([], [], color=style.ROBOT, linewidth=1.8, zorder=8)
        self.clock = figure.text(0.985, 31 / (height + STRIP), "", fontsize=9, ha="right", va="center")
        style.legend(figure, self._signs(), (0.985, 11 / (height + STRIP)), "center right", 6.8)
        self.moving = [self.trail, self.goal, self.cone, self.ghosts, self.fan, self.plan, *self.bodies, *self.noses]
        self.moving.append(self.ahead)
        self.moving += [self.body, self.nose, self.screen, self.clock]
        for artist in self.moving:
            artist.set_animated(True)

    def _signs(self) -> list[style.Sign]:
        signs: list[style.Sign] = [(style.mark("s", "white", style.ROBOT, 6.0), "robot")]
        if self.run.robot.screen is not None:
            signs.append((Patch(color=style.CAMERA, alpha=0.4), "its camera sees"))
        if self.kept:
            ranks = tuple(style.stroke(style.BETTER_WORSE(rank), 1.2) for rank in (0.0, 0.5, 1.0))
            signs += [(ranks, "candidates, better to worse"), (Patch(color=style.PERSON, alpha=0.3), "foretold")]
        signs += [(style.stroke(style.CHOSEN, 2.0), "plan"), (style.mark("o", style.GOAL, "white", 7.0), "goal")]
        if self.bodies:
            people = tuple(style.mark("o", _person(n), "white", 6.0) for n in range(min(len(self.bodies), 3)))
            signs.append((people, "people"))
        if has_changes(self.run):
            signs.append((Patch(color=style.NEW), "not on the map"))
        return signs

    def frame(self, time: float) -> Bytes:
        """(height, width, 3) the picture at a moment."""
        self._move_robot(time)
        self._move_people(self.run.index(time))
        self._move_thoughts(time)
        self.canvas.restore_region(self.still)
        for artist in self.moving:
            artist.draw(self.canvas.get_renderer())
        return np.array(self.canvas.buffer_rgba())[..., :3]

    def _move_robot(self, time: float) -> None:
        run, k = self.run, self.run.index(time)
        robot = Pose(*run.poses[k])
        past = slice(run.index(time - TRAIL), k + 1)
        self.trail.set_data(run.poses[past, 0], run.poses[past, 1])
        self.body.set_xy(robot.transform(self.outline))
        self.nose.set_data(*robot.transform(heading_mark(run.robot.shape)).T)
        ahead = self._plan_ahead(time)
        self.plan.set_data(ahead[:, 0], ahead[:, 1])
        screen = run.robot.screen
        if screen is not None:
            self.screen.set_xy(screen_box(robot, screen, float(run.pan[k])))
            self.cone.set_xy(camera_cone(run.home, robot, screen, float(run.pan[k])))
        goal = self._goal(time)
        self.goal.set_data([goal.pose.x] if goal else [], [goal.pose.y] if goal else [])
        factor = f"   {self.speed:g}×" if self.speed > 1 else ""
        heading = f"to {goal.name}   " if goal else ""
        self.clock.set_text(f"{heading}{abs(run.v[k]):.1f} m/s   {time - run.times[0]:.0f} s{factor}")

    def _move_people(self, k: int) -> None:
        for state, body, nose in zip(self.run.people[k], self.bodies, self.noses, strict=True):
            x, y, yaw, _, _, radius = state
            there = bool(np.isfinite(x))
            body.set_visible(there)
            nose.set_visible(there)
            if there:
                body.set_center((x, y))
                body.set_radius(radius)
                tip = 0.8 * radius
                nose.set_data([x, x + tip * math.cos(yaw)], [y, y + tip * math.sin(yaw)])

    def _move_thoughts(self, time: float) -> None:
        """Show the newest planning cycle that has begun."""
        number = bisect_right(self.kept, time + self.lead) - 1
        if number < 0:
            return
        snapshot = self.run.snapshots[number]
        curves, ranks = ranked(snapshot)
        self.fan.set_segments(list(curves[:, ::3]))
        self.fan.set_color([tuple(colour) for colour in style.BETTER_WORSE(ranks)])
        foretold = [
            (path[k], radius + sigma[k], GHOST * (radius / (radius + sigma[k])) ** 1.5)
            for path, sigma, radius in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True)
            for k in range(0, len(path), 2)
            if sigma[k] < LOST
        ]
        self.ghosts.set_paths([Circle(tuple(place), reach) for place, reach, _ in foretold])
        self.ghosts.set_facecolor([to_rgba(style.PERSON, dense) for _, _, dense in foretold])
        self.ahead.set_xy(snapshot.pose.transform(self.outline))

    def _plan_ahead(self, time: float) -> Floats:
        """(N, 2) the rest of the plan in force, in ``map``."""
        number = bisect_right(self.starts, time) - 1
        if number < 0:
            return np.empty((0, 2))
        record = self.run.plans[number]
        done = max(int((time - record.plan.start) / record.plan.dt), 0)
        return transform_poses(record.map_from_odom, record.plan.poses[done:])[:, :2]

    def _goal(self, time: float) -> GoalRecord | None:
        return next((goal for goal in self.run.goals if goal.requested <= time < goal.ended), None)


def _person(number: int) -> str:
    return style.PEOPLE[number % len(style.PEOPLE)]


def _palette(pixels: Bytes) -> Image.Image:
    """A palette for pixels (N, 3); thin lines count for more than their share, or the floor would take all of it."""
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    weighed = np.repeat(colours, np.ceil(counts**0.5).astype(int), axis=0)
    return Image.fromarray(weighed[None]).quantize(COLOURS, method=Image.Quantize.MEDIANCUT)


def _save(frames: Iterator[Bytes], palette: Image.Image, out: Path, milliseconds: float) -> None:
    """Write frames one after the other with one palette, so that what stands still costs nothing."""
    images = (Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    with whole_file(out) as file:
        next(images).save(file, format="GIF", save_all=True, append_images=images, duration=milliseconds, loop=0)
