"""Artists of an animation that move from frame to frame: the robot, people, and what the robot plans and predicts."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, Polygon

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.geometry.se2 import transform_poses
from pavane.drive_log import GoalRecord, Run
from pavane.figures import style
from pavane.figures.scene import camera_cone, heading_mark, screen_box
from pavane.figures.snapshot import ranked

TRAIL = 8.0  # s of the past that stay to be seen
LOST, GHOST = 0.9, 0.35  # m of spread beyond which a forecast is not drawn; how dense the others are


class RobotArtists:
    """The robot with its screen and camera, its trail, its goal and the rest of its plan.

    Args:
        axes: to draw on.
        run: the drive.
    """

    def __init__(self, axes: Axes, run: Run) -> None:
        self._run = run
        self._starts = [record.plan.start for record in run.plans]
        (self._trail,) = axes.plot([], [], color=style.ROBOT, linewidth=1.4, alpha=0.35, zorder=3)
        (self._goal,) = axes.plot([], [], "o", markersize=11, color=style.GOAL, alpha=0.9, markeredgecolor="white")
        self._cone = _polygon(axes, style.CAMERA, alpha=0.22, order=3)
        (self.plan,) = axes.plot([], [], color=style.CHOSEN, linewidth=2.0, zorder=5)
        self._body = _polygon(axes, "white", edge=style.ROBOT, width=1.8, order=7)
        self._screen = _polygon(axes, style.ROBOT, order=8)
        (self._nose,) = axes.plot([], [], color=style.ROBOT, linewidth=1.8, zorder=8)

    @property
    def below(self) -> list[Artist]:
        """Artists below the plan."""
        return [self._trail, self._goal, self._cone]

    @property
    def above(self) -> list[Artist]:
        """Artists above everything else."""
        return [self._body, self._nose, self._screen]

    def move(self, time: float) -> None:
        """Show the robot at a moment, s."""
        run, k = self._run, self._run.index(time)
        robot = Pose(*run.poses[k])
        past = slice(run.index(time - TRAIL), k + 1)
        self._trail.set_data(run.poses[past, 0], run.poses[past, 1])
        self._body.set_xy(robot.transform(run.robot.shape.outline()))
        self._nose.set_data(*robot.transform(heading_mark(run.robot.shape)).T)
        ahead = self._plan_ahead(time)
        self.plan.set_data(ahead[:, 0], ahead[:, 1])
        screen = run.robot.screen
        if screen is not None:
            self._screen.set_xy(screen_box(robot, screen, float(run.pan[k])))
            self._cone.set_xy(camera_cone(run.home, robot, screen, float(run.pan[k])))
        goal = goal_at(run, time)
        self._goal.set_data([goal.pose.x] if goal else [], [goal.pose.y] if goal else [])

    def _plan_ahead(self, time: float) -> Floats:
        """Return the rest of the plan in force (N, 2), in ``map``, m."""
        number = bisect_right(self._starts, time) - 1
        if number < 0:
            return np.empty((0, 2))
        record = self._run.plans[number]
        done = max(int((time - record.plan.start) / record.plan.dt), 0)
        return transform_poses(record.map_from_odom, record.plan.poses[done:])[:, :2]


class PeopleArtists:
    """Everybody, each with a nose that says which way they look.

    Args:
        axes: to draw on.
        run: the drive.
    """

    def __init__(self, axes: Axes, run: Run) -> None:
        self._run = run
        people = range(run.people.shape[1])
        self._bodies = [
            Circle((0, 0), 0.25, facecolor=person_colour(n), edgecolor="white", linewidth=0.8) for n in people
        ]
        self._noses = [axes.plot([], [], color="white", linewidth=1.6, zorder=7)[0] for _ in people]
        for body in self._bodies:
            body.set_zorder(6)
            axes.add_patch(body)

    @property
    def all(self) -> list[Artist]:
        """Bodies, then noses."""
        return [*self._bodies, *self._noses]

    def move(self, time: float) -> None:
        """Show everybody at a moment, s."""
        states = self._run.people[self._run.index(time)]
        for state, body, nose in zip(states, self._bodies, self._noses, strict=True):
            x, y, yaw, _, _, radius = state
            there = bool(np.isfinite(x))
            body.set_visible(there)
            nose.set_visible(there)
            if there:
                body.set_center((x, y))
                body.set_radius(radius)
                tip = 0.8 * radius
                nose.set_data([x, x + tip * math.cos(yaw)], [y, y + tip * math.sin(yaw)])


class PlanningArtists:
    """The newest planning cycle: candidates, forecasts of people, and the robot at the effect time.

    Args:
        axes: to draw on.
        run: the drive.
        shown: whether anything of it is shown.
    """

    def __init__(self, axes: Axes, run: Run, *, shown: bool) -> None:
        self._run = run
        self._times = [snapshot.time for snapshot in run.snapshots] if shown else []
        latency = run.robot.latency
        self._lead = latency.planning + latency.actuation + latency.actuation_lag
        self._candidates = LineCollection([], linewidths=0.9, zorder=4)
        self._people = PatchCollection([], edgecolor="none", zorder=3.5)
        self.robot = _polygon(axes, "none", edge=style.ROBOT, width=1.0, alpha=0.8, order=6.5)
        self.robot.set_linestyle((0, (2.5, 1.5)))
        axes.add_collection(self._candidates)
        axes.add_collection(self._people)

    @property
    def is_shown(self) -> bool:
        """Whether any planning cycle is shown."""
        return bool(self._times)

    @property
    def below(self) -> list[Artist]:
        """Artists below the plan."""
        return [self._people, self._candidates]

    def move(self, time: float) -> None:
        """Show the newest planning cycle that has begun at a moment, s."""
        number = bisect_right(self._times, time + self._lead) - 1
        if number < 0:
            return
        snapshot = self._run.snapshots[number]
        curves, ranks = ranked(snapshot)
        self._candidates.set_segments(list(curves[:, ::3]))
        self._candidates.set_color([tuple(colour) for colour in style.BETTER_WORSE(ranks)])
        predicted = [
            (path[k], radius + sigma[k], GHOST * (radius / (radius + sigma[k])) ** 1.5)
            for path, sigma, radius in zip(snapshot.people, snapshot.sigma, snapshot.radii, strict=True)
            for k in range(0, len(path), 2)
            if sigma[k] < LOST
        ]
        self._people.set_paths([Circle(tuple(place), reach) for place, reach, _ in predicted])
        self._people.set_facecolor([to_rgba(style.PERSON, dense) for _, _, dense in predicted])
        self.robot.set_xy(snapshot.pose.transform(self._run.robot.shape.outline()))


def goal_at(run: Run, time: float) -> GoalRecord | None:
    """Return the goal that is driven to at a moment, s; None without one."""
    return next((goal for goal in run.goals if goal.requested <= time < goal.ended), None)


def person_colour(number: int) -> str:
    """Return the colour of a person by their row."""
    return style.PEOPLE[number % len(style.PEOPLE)]


def _polygon(
    axes: Axes, face: str, *, edge: str = "none", width: float = 0.0, alpha: float = 1.0, order: float
) -> Polygon:
    """Return a polygon that has no place yet.

    Args:
        axes: to draw on.
        face: its colour.
        edge: colour of its edge.
        width: of its edge, points.
        alpha: how dense it is.
        order: higher ones are drawn over lower ones.
    """
    shape = Polygon(np.zeros((3, 2)), facecolor=face, edgecolor=edge, linewidth=width, alpha=alpha)
    shape.set_zorder(order)
    axes.add_patch(shape)
    return shape
