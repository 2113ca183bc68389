"""run_animation: a drive as a small moving picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Patch
from PIL import Image

from pavane.core.arrays import Bytes
from pavane.core.errors import BadSetting
from pavane.core.files import whole_file
from pavane.drive_log import Run
from pavane.figures import style
from pavane.figures.artists import PeopleArtists, PlanningArtists, RobotArtists, goal_at, person_colour
from pavane.figures.scene import (
    Extent,
    draw_changes,
    draw_home,
    has_changes,
    whole_view,
)

DPI = 100
COLOURS = 192  # of the palette
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
        run: the drive.
        out: the file to write.
        fps: pictures a second.
        seconds_max: how long the GIF may last, s; a longer run is played faster, and the factor is shown.
        size: the longer side, pixels.
        view: the part of the home that is shown; None is the whole, or of a large one the part that was driven.
        overlays: whether to show a tenth of the candidates, where people were predicted to be and where the robot
            expected itself to be when its plan takes effect, from the planning cycles that were kept.

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
    """A figure whose still parts are drawn once; each frame moves the others over them.

    Args:
        run: the drive.
        size: the longer side of the map, pixels.
        speed: how much faster than real time it is played.
        view: the part of the home that is shown.
        overlays: whether what the robot plans and predicts is shown.
    """

    def __init__(self, run: Run, size: int, speed: float, view: Extent, overlays: bool) -> None:
        self._run, self._speed = run, speed
        scale = size / max(view[1] - view[0], view[3] - view[2])
        width, height = round(scale * (view[1] - view[0])), round(scale * (view[3] - view[2]))
        figure = style.new_figure(width / DPI, (height + STRIP) / DPI, DPI)
        axes = figure.add_axes((0, STRIP / (height + STRIP), 1, height / (height + STRIP)))
        draw_home(axes, run.home, view)
        draw_changes(axes, run)
        self._canvas = FigureCanvasAgg(figure)
        self._robot, self._people = RobotArtists(axes, run), PeopleArtists(axes, run)
        self._planning = PlanningArtists(axes, run, shown=overlays)
        self._clock = figure.text(0.985, 31 / (height + STRIP), "", fontsize=9, ha="right", va="center")
        style.legend(figure, self._signs(), (0.985, 11 / (height + STRIP)), "center right", 6.8)
        self._moving: list[Artist] = [
            *self._robot.below, *self._planning.below, self._robot.plan, *self._people.all, self._planning.robot,
            *self._robot.above, self._clock,
        ]  # fmt: skip
        for artist in self._moving:
            artist.set_animated(True)
        self._canvas.draw()
        self._still = self._canvas.copy_from_bbox(figure.bbox)

    def _signs(self) -> list[style.Sign]:
        """Return the legend."""
        signs: list[style.Sign] = [(style.mark("s", "white", style.ROBOT, 6.0), "robot")]
        if self._run.robot.screen is not None:
            signs.append((Patch(color=style.CAMERA, alpha=0.4), "its camera sees"))
        if self._planning.is_shown:
            ranks = tuple(style.stroke(style.BETTER_WORSE(rank), 1.2) for rank in (0.0, 0.5, 1.0))
            signs += [(ranks, "candidates, better to worse"), (Patch(color=style.PERSON, alpha=0.3), "foretold")]
        signs += [(style.stroke(style.CHOSEN, 2.0), "plan"), (style.mark("o", style.GOAL, "white", 7.0), "goal")]
        count = self._run.people.shape[1]
        if count:
            people = tuple(style.mark("o", person_colour(n), "white", 6.0) for n in range(min(count, 3)))
            signs.append((people, "people"))
        if has_changes(self._run):
            signs.append((Patch(color=style.NEW), "not on the map"))
        return signs

    def frame(self, time: float) -> Bytes:
        """Return the picture (height, width, 3) at a moment, s."""
        self._robot.move(time)
        self._people.move(time)
        self._planning.move(time)
        self._write_clock(time)
        self._canvas.restore_region(self._still)
        for artist in self._moving:
            artist.draw(self._canvas.get_renderer())
        return np.array(self._canvas.buffer_rgba())[..., :3]

    def _write_clock(self, time: float) -> None:
        """Write goal, speed and time under the map."""
        run, goal = self._run, goal_at(self._run, time)
        factor = f"   {self._speed:g}×" if self._speed > 1 else ""
        heading = f"to {goal.name}   " if goal else ""
        self._clock.set_text(f"{heading}{abs(run.v[run.index(time)]):.1f} m/s   {time - run.times[0]:.0f} s{factor}")


def _palette(pixels: Bytes) -> Image.Image:
    """Return a palette for pixels (N, 3); thin lines count for more than their share, else the floor takes it all."""
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    weighed = np.repeat(colours, np.ceil(counts**0.5).astype(int), axis=0)
    return Image.fromarray(weighed[None]).quantize(COLOURS, method=Image.Quantize.MEDIANCUT)


def _save(frames: Iterator[Bytes], palette: Image.Image, out: Path, milliseconds: float) -> None:
    """Write frames one after the other with one palette, so that whatever stands still costs nothing.

    Args:
        frames: (height, width, 3) each.
        palette: of all.
        out: the file to write.
        milliseconds: that each is shown.
    """
    images = (Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    with whole_file(out) as file:
        next(images).save(file, format="GIF", save_all=True, append_images=images, duration=milliseconds, loop=0)
