"""Layers of the overlays, each a class: candidates, plan, guidance, people, maps, surprises, camera, trail."""

from __future__ import annotations

import math

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile, Screen
from pavane.maps import OccupancyMap
from pavane.maps.sight import in_sight
from pavane.viewer import colours, floor_meshes, shapes
from pavane.viewer.actors import BODY, turn
from pavane.viewer.colours import Colour
from pavane.viewer.floor_meshes import NOTHING, along, cubes, strip, strips
from pavane.viewer.frame import Fan, Frame, PersonForecast
from pavane.viewer.mesh_pool import MeshPool

SHADES = 6  # of the candidates
CURVES = 110  # at most of one shade
POINTS = 11  # of a curve
THIN, THICK = 0.012, 0.055  # m: width of a candidate and of the plan
DISCS = 4  # along each hypothesis
WIDEST = 1.2  # m: radius of the largest disc that is drawn
LIKELY = 0.15  # weight from which a second hypothesis is drawn
ARROWS, CELLS, ALARMS = 160, 500, 120  # at most
TRAIL = 160  # poses
TRAIL_STEP = 0.1  # s
REACH = 2.4  # m: how far the camera's cone is drawn
RAYS = 41


class OverlayLayer:
    """One layer; a subclass overrides the methods that concern it."""

    def show(self, frame: Frame) -> None:
        """Draw what changes from frame to frame, whether the layer is shown or not."""

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """Draw a new planning cycle; ``shown`` is False while the layer is hidden."""


class CandidateCurves(OverlayLayer):
    """Layer of all candidates of a planning cycle, in shades from the best to the worst."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        shades = colours.better_to_worse(np.linspace(0.0, 1.0, SHADES)).tolist()
        self._shades = [MeshPool(scene, f"{root}/{n}", strip(POINTS), CURVES, tuple(c)) for n, c in enumerate(shades)]

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        if shown:
            for shade, curves, height in _shades(fan):
                self._shades[shade].show(strips(curves, THIN, height))


class PlanPath(OverlayLayer):
    """Layer of the plan that is driven, and of the robot at its effect time."""

    def __init__(self, scene: viser.SceneApi, root: str, robot: RobotProfile) -> None:
        self._path = MeshPool(scene, f"{root}/path", strip(41), 1, colours.CHOSEN)
        low, high = BODY
        ghost = shapes.prism(robot.shape.outline(), low, high)
        self._ghost = scene.add_mesh_simple(
            f"{root}/ghost", ghost.vertices, ghost.faces, color=colours.GHOST, opacity=0.35, flat_shading=True,
            cast_shadow=False, visible=False,
        )  # fmt: skip

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        if shown:
            self._path.show(strips(along(fan.path[:, :2], 41)[None], THICK, 0.045))
            self._ghost.visible = True
            self._ghost.position = np.array([*fan.effect[:2], 0.0])
            self._ghost.wxyz = turn(float(fan.effect[2]))


class GuidanceArrows(OverlayLayer):
    """Layer of the route and of arrows down the cost-to-go."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        self._route = MeshPool(scene, f"{root}/route", strip(81), 1, colours.GUIDE, 0.55)
        self._arrows = MeshPool(scene, f"{root}/arrows", floor_meshes.ARROW, ARROWS, colours.GUIDE)

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        if shown:
            self._route.show(strips(along(fan.route, 81)[None], 0.035, 0.02) if len(fan.route) > 1 else NOTHING)
            self._arrows.show(floor_meshes.pointing(fan.arrows))


class PeopleForecasts(OverlayLayer):
    """Layer of where people may be: their likeliest hypothesis and others."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        disc = shapes.flat(shapes.disc(1.0, floor_meshes.DISC), 0.0)
        self._likely = MeshPool(scene, f"{root}/likely", disc, 8 * DISCS, colours.DOUBT, 0.13)
        self._other = MeshPool(scene, f"{root}/other", disc, 24 * DISCS, colours.DOUBT, 0.05)
        self._ways = MeshPool(scene, f"{root}/ways", strip(POINTS), 32, colours.DOUBT)

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        if not shown:
            return
        likely: list[Floats] = []
        other: list[Floats] = []
        ways: list[Floats] = []
        for person in fan.people:
            for number, weight in enumerate(person.weights.tolist()):
                if number > 0 and weight < LIKELY:
                    continue
                (likely if number == 0 else other).append(_spread(person, number))
                ways.append(along(person.places[number], POINTS))
        for pool, discs in ((self._likely, likely), (self._other, other)):
            pool.show(np.concatenate(discs) if discs else NOTHING)
        self._ways.show(strips(np.array(ways), 0.02, 0.03) if ways else NOTHING)


class _Rim:
    """Rim of a square window, not shown before the first.

    Args:
        scene: to put it into.
        name: of its node.
        colour: of it.
        width: as a share of the window's edge.
    """

    def __init__(self, scene: viser.SceneApi, name: str, colour: Colour, width: float) -> None:
        mesh = floor_meshes.square_rim(width)
        self._window: tuple[float, float, float] | None = None
        self._node = scene.add_mesh_simple(
            name, mesh.vertices, mesh.faces, color=colour, opacity=0.8, cast_shadow=False, receive_shadow=False,
            visible=False,
        )  # fmt: skip

    def put(self, window: tuple[float, float, float]) -> None:
        """Put it around a window: x, y of the lower left corner and edge, m."""
        if self._window == window:
            return
        self._window = window
        x, y, edge = window
        self._node.position = np.array([x, y, 0.0])
        self._node.visible = True
        self._node.scale = (edge, edge, 1.0)


class MapRims(OverlayLayer):
    """Layer of the rims of the planner's map and of the guard's, always kept up to date."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        self._local = _Rim(scene, f"{root}/local", colours.LOCAL, 0.008)
        self._near = _Rim(scene, f"{root}/near", colours.NEAR, 0.016)

    def show(self, frame: Frame) -> None:
        """See :class:`OverlayLayer`."""
        if frame.near is not None:
            self._near.put(frame.near.window)

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        self._local.put(fan.local.window)


class Surprises(OverlayLayer):
    """Layer of what was seen and is not on the map, and of what the guard reacts to, always kept up to date."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        self._cells = MeshPool(scene, f"{root}/cells", floor_meshes.CUBE, CELLS, colours.SURPRISE, 0.75)
        self._alarm = MeshPool(scene, f"{root}/alarm", floor_meshes.CUBE, ALARMS, colours.NEAR)

    def show(self, frame: Frame) -> None:
        """See :class:`OverlayLayer`."""
        near = frame.near
        self._alarm.show(NOTHING if near is None else cubes(near.cells, near.cell, 0.12))

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        self._cells.show(cubes(fan.local.cells, fan.local.cell, 0.22))


class CameraSight(OverlayLayer):
    """Layer of what the camera sees, and of where the screen will look along the plan.

    Args:
        scene: to put it into.
        root: name of its node.
        home: the map.
        robot: with a screen, or nothing is drawn.
    """

    def __init__(self, scene: viser.SceneApi, root: str, home: OccupancyMap, robot: RobotProfile) -> None:
        self._home, self._screen = home, robot.screen
        cone = floor_meshes.cone(np.zeros(2), np.zeros((RAYS, 2)))
        self._cone = MeshPool(scene, f"{root}/cone", cone, 1, colours.CAMERA, 0.28)
        self._gaze = MeshPool(scene, f"{root}/gaze", strip(2), 16, colours.CAMERA)

    def show_cone(self, frame: Frame) -> None:
        """Draw what the camera sees now."""
        if self._screen is not None:
            robot = frame.robot
            points = seen_by_camera(self._home, Pose(*robot.pose.tolist()), self._screen, robot.pan)
            self._cone.show(floor_meshes.cone(points[0], points[1:]).vertices[None])

    def show_fan(self, fan: Fan, *, shown: bool) -> None:
        """See :class:`OverlayLayer`."""
        if len(fan.gaze) and shown:
            x, y, angle = fan.gaze.T
            tips = np.stack([x + 0.32 * np.cos(angle), y + 0.32 * np.sin(angle)], axis=1)
            self._gaze.show(strips(np.stack([fan.gaze[:, :2], tips], axis=1), 0.014, 0.05))


class Trail(OverlayLayer):
    """Layer of where the robot has been, always kept up to date."""

    def __init__(self, scene: viser.SceneApi, root: str) -> None:
        self._past = MeshPool(scene, f"{root}/past", strip(TRAIL), 1, colours.ROBOT, 0.3)
        self._places: list[tuple[float, float]] = []
        self._time = -math.inf

    def show(self, frame: Frame) -> None:
        """See :class:`OverlayLayer`."""
        if frame.time - self._time < TRAIL_STEP:
            return
        self._time = frame.time
        x, y = frame.robot.pose[:2].tolist()
        if not self._places or math.dist(self._places[-1], (x, y)) > 0.02:
            self._places = [*self._places[1 - TRAIL :], (x, y)]
            if len(self._places) > 1:
                self._past.show(strips(along(np.array(self._places), TRAIL)[None], 0.03, 0.012))


def seen_by_camera(home: OccupancyMap, robot: Pose, screen: Screen, pan: float) -> Floats:
    """Return the camera and how far it sees over the floor in each direction (1 + RAYS, 2), in ``map``, m.

    Args:
        home: the map.
        robot: map_from_base.
        screen: of the robot, with its camera.
        pan: angle of the screen, rad.
    """
    camera, angle = robot @ Pose(screen.x, screen.y, pan), math.radians(screen.camera_field_of_view_deg)
    return in_sight(home, camera, angle, REACH, RAYS, home.grid.resolution)


def _shades(fan: Fan) -> list[tuple[int, Floats, float]]:
    """Return candidates (N, POINTS, 2) by shade, the best last and highest.

    By rank: a few hopeless ones would else turn all others green.
    """
    order = np.argsort(fan.costs, kind="stable")
    if len(order) > SHADES * CURVES:
        order = order[np.linspace(0, len(order) - 1, SHADES * CURVES).astype(int)]
    curves = along(np.asarray(fan.curves, dtype=np.float64)[order], POINTS)
    parts = np.array_split(np.arange(len(order)), SHADES)
    return [(n, curves[part], 0.04 - 0.004 * n) for n, part in enumerate(parts)]


def _spread(person: PersonForecast, number: int) -> Floats:
    """Return discs (DISCS, corners, 3) of the body and one standard deviation around it along one hypothesis."""
    sigma = along(np.stack([person.sigma[number]] * 2, axis=-1), DISCS)[:, 0]
    return floor_meshes.discs(along(person.places[number], DISCS), np.minimum(person.radius + sigma, WIDEST))
