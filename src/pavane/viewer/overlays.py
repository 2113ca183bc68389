"""What the robot thinks, drawn on the floor: candidates, plan, guidance, people as foretold, maps, surprises."""

from __future__ import annotations

import math

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile, Screen
from pavane.maps import OccupancyMap
from pavane.maps.sight import in_sight
from pavane.viewer import colours, shapes
from pavane.viewer.actors import BODY, turn
from pavane.viewer.colours import Colour
from pavane.viewer.frame import Fan, Frame, PersonForecast
from pavane.viewer.mesh_pool import MeshPool
from pavane.viewer.shapes import Mesh

LAYERS = {
    "candidates": "all that was weighed, green better, red worse",
    "plan": "what is driven, and the robot when it begins to count",
    "guidance": "blue: the loose advice of the route",
    "people": "where they may be: discs that grow with the doubt",
    "maps": "6 x 6 m of the planner, 2 x 2 m of the guard",
    "surprises": "violet: seen, not on the map; red: what the guard sees",
    "camera": "what the camera sees, and where the screen will look",
    "trail": "where it has been",
}  # and what each shows
SHADES = 6  # of the candidates
CURVES = 110  # at most of one shade
POINTS = 11  # of a curve
THIN, THICK = 0.012, 0.055  # m: width of a candidate and of the plan
DISC = 20  # corners of a disc
DISCS = 4  # along each hypothesis
WIDEST = 1.2  # m: radius of the largest disc that is drawn
LIKELY = 0.15  # weight from which a second hypothesis is drawn
ARROWS, CELLS, ALARMS = 160, 500, 120  # at most
TRAIL = 160  # poses
TRAIL_STEP = 0.1  # s
REACH = 2.4  # m: how far the camera's cone is drawn
RAYS = 41


class Overlays:
    """The layers of one drive.

    Args:
        scene: to put them into.
        root: name of the node above them.
        home: its map, for what the camera can see.
        robot: its outline and screen.
    """

    def __init__(self, scene: viser.SceneApi, root: str, home: OccupancyMap, robot: RobotProfile) -> None:
        self._layers = {layer: scene.add_frame(f"{root}/{layer}", show_axes=False) for layer in LAYERS}
        self._home, self._screen = home, robot.screen
        self._number = 0
        self._trail: list[tuple[float, float]] = []
        self._trail_time = -math.inf

        def sheet(name: str, piece: Mesh, most: int, colour: Colour, opacity: float | None = None) -> MeshPool:
            return MeshPool(scene, f"{root}/{name}", piece, most, colour, opacity)

        strip = shapes.ribbon(np.zeros((POINTS, 2)), 1.0, 0.0)
        shades = colours.better_to_worse(np.linspace(0.0, 1.0, SHADES)).tolist()
        self._fan = [sheet(f"candidates/{n}", strip, CURVES, tuple(c)) for n, c in enumerate(shades)]
        self._plan = sheet("plan/path", shapes.ribbon(np.zeros((41, 2)), 1.0, 0.0), 1, colours.CHOSEN)
        low, high = BODY
        ghost = shapes.prism(robot.shape.outline(), low, high)
        self._ghost = scene.add_mesh_simple(
            f"{root}/plan/ghost", ghost.vertices, ghost.faces, color=colours.GHOST, opacity=0.35, flat_shading=True,
            cast_shadow=False, visible=False,
        )  # fmt: skip
        self._route = sheet("guidance/route", shapes.ribbon(np.zeros((81, 2)), 1.0, 0.0), 1, colours.GUIDE, 0.55)
        self._arrows = sheet("guidance/arrows", _ARROW, ARROWS, colours.GUIDE)
        round_ = shapes.flat(shapes.disc(1.0, DISC), 0.0)
        self._likely = sheet("people/likely", round_, 8 * DISCS, colours.DOUBT, 0.13)
        self._other = sheet("people/other", round_, 24 * DISCS, colours.DOUBT, 0.05)
        self._ways = sheet("people/ways", shapes.ribbon(np.zeros((POINTS, 2)), 1.0, 0.0), 32, colours.DOUBT)
        self._local = _square(scene, f"{root}/maps/local", colours.LOCAL, 0.008)
        self._near = _square(scene, f"{root}/maps/near", colours.NEAR, 0.016)
        self._windows: list[tuple[float, float, float] | None] = [None, None]
        cell = shapes.box((-0.5, 0.5), (-0.5, 0.5), (0.0, 1.0))
        self._surprises = sheet("surprises/cells", cell, CELLS, colours.SURPRISE, 0.75)
        self._alarm = sheet("surprises/alarm", cell, ALARMS, colours.NEAR)
        self._cone = sheet("camera/cone", _cone(np.zeros(2), np.zeros((RAYS, 2))), 1, colours.CAMERA, 0.28)
        self._gaze = sheet("camera/gaze", shapes.ribbon(np.zeros((2, 2)), 1.0, 0.0), 16, colours.CAMERA)
        self._past = sheet("trail/past", shapes.ribbon(np.zeros((TRAIL, 2)), 1.0, 0.0), 1, colours.ROBOT, 0.3)

    def choose(self, layer: str, shown: bool) -> None:
        """Show a layer or hide it."""
        self._layers[layer].visible = shown
        self._number = 0  # what was hidden was not kept up to date

    def show(self, frame: Frame) -> None:
        """Draw a frame; the fan only when there is a new one."""
        if frame.near is not None:
            self._put_square(1, self._near, frame.near)
        self._alarm.show(_cubes(frame.alarm, frame.alarm_cell, 0.12))
        fan = frame.fan
        if fan is not None and fan.number != self._number:
            self._number = fan.number
            self._show_fan(fan)
        self._remember(frame)

    def show_camera(self, frame: Frame) -> None:
        """Draw what the camera sees; not needed as often."""
        if self._screen is not None and self._layers["camera"].visible:
            points = seen_by_camera(self._home, Pose(*frame.pose.tolist()), self._screen, frame.pan)
            mesh = _cone(points[0], points[1:])
            self._cone.show(mesh.vertices[None])

    def _show_fan(self, fan: Fan) -> None:
        if self._layers["candidates"].visible:
            for sheet, curves, height in _shades(fan):
                sheet_of = self._fan[sheet]
                sheet_of.show(_strips(curves, THIN, height))
        if self._layers["plan"].visible:
            self._plan.show(_strips(_along(fan.path[:, :2], 41)[None], THICK, 0.045))
            self._ghost.visible = True
            self._ghost.position = np.array([*fan.effect[:2], 0.0])
            self._ghost.wxyz = turn(float(fan.effect[2]))
        if self._layers["guidance"].visible:
            self._route.show(_strips(_along(fan.route, 81)[None], 0.035, 0.02) if len(fan.route) > 1 else _NOTHING)
            self._arrows.show(_pointing(fan.arrows))
        if self._layers["people"].visible:
            self._show_people(fan)
        self._put_square(0, self._local, fan.window)
        self._surprises.show(_cubes(fan.surprises, fan.cell, 0.22))
        if len(fan.gaze) and self._layers["camera"].visible:
            x, y, angle = fan.gaze.T
            tips = np.stack([x + 0.32 * np.cos(angle), y + 0.32 * np.sin(angle)], axis=1)
            lines = np.stack([fan.gaze[:, :2], tips], axis=1)
            self._gaze.show(_strips(lines, 0.014, 0.05))

    def _show_people(self, fan: Fan) -> None:
        likely: list[Floats] = []
        other: list[Floats] = []
        ways: list[Floats] = []
        for person in fan.people:
            for number, weight in enumerate(person.weights.tolist()):
                if number > 0 and weight < LIKELY:
                    continue
                (likely if number == 0 else other).append(_doubt(person, number))
                ways.append(_along(person.places[number], POINTS))
        for sheet, discs in ((self._likely, likely), (self._other, other)):
            sheet.show(np.concatenate(discs) if discs else _NOTHING)
        self._ways.show(_strips(np.array(ways), 0.02, 0.03) if ways else _NOTHING)

    def _put_square(self, number: int, node: viser.MeshHandle, window: tuple[float, float, float]) -> None:
        if self._windows[number] == window:
            return
        self._windows[number] = window
        x, y, edge = window
        node.position = np.array([x, y, 0.0])
        node.visible = True
        node.scale = (edge, edge, 1.0)

    def _remember(self, frame: Frame) -> None:
        if frame.time - self._trail_time < TRAIL_STEP:
            return
        self._trail_time = frame.time
        x, y = frame.pose[:2].tolist()
        if not self._trail or math.dist(self._trail[-1], (x, y)) > 0.02:
            self._trail = [*self._trail[1 - TRAIL :], (x, y)]
            if len(self._trail) > 1:
                self._past.show(_strips(_along(np.array(self._trail), TRAIL)[None], 0.03, 0.012))


def seen_by_camera(home: OccupancyMap, robot: Pose, screen: Screen, pan: float) -> Floats:
    """(1 + RAYS, 2) the camera and how far it sees over the floor in each direction, in ``map``, m."""
    camera, angle = robot @ Pose(screen.x, screen.y, pan), math.radians(screen.camera_field_of_view_deg)
    return in_sight(home, camera, angle, REACH, RAYS, home.grid.resolution)


def _shades(fan: Fan) -> list[tuple[int, Floats, float]]:
    """Candidates (N, POINTS, 2) by shade, the best last and highest.

    By rank: a few hopeless ones would else turn all others green.
    """
    order = np.argsort(fan.costs, kind="stable")
    if len(order) > SHADES * CURVES:
        order = order[np.linspace(0, len(order) - 1, SHADES * CURVES).astype(int)]
    curves = _along(np.asarray(fan.curves, dtype=np.float64)[order], POINTS)
    parts = np.array_split(np.arange(len(order)), SHADES)
    return [(n, curves[part], 0.04 - 0.004 * n) for n, part in enumerate(parts)]


def _along(paths: Floats, count: int) -> Floats:
    """(..., count, 2) points evenly in number along paths (..., K, 2)."""
    place = np.linspace(0.0, paths.shape[-2] - 1.0, count)
    low = np.minimum(place.astype(int), max(paths.shape[-2] - 2, 0))
    share = (place - low)[:, None]
    high = np.minimum(low + 1, paths.shape[-2] - 1)
    found: Floats = (1.0 - share) * paths[..., low, :] + share * paths[..., high, :]
    return found


def _strips(paths: Floats, width: float, z: float) -> Floats:
    """(N, 2 K, 3) paths (N, K, 2) as strips lying at a height, in the order of ``shapes.ribbon``."""
    along = np.empty_like(paths)
    along[:, 1:-1] = paths[:, 2:] - paths[:, :-2]
    along[:, 0], along[:, -1] = paths[:, 1] - paths[:, 0], paths[:, -1] - paths[:, -2]
    length = np.maximum(np.hypot(along[..., 0], along[..., 1]), 1e-9)[..., None]
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1) * (0.5 * width / length)
    sides = np.concatenate([paths - across, paths + across], axis=1)
    return np.concatenate([sides, np.full((*sides.shape[:2], 1), z)], axis=2)


def _pointing(arrows: Floats) -> Floats:
    """(A, 7, 3) arrows (A, 4) x, y and unit vector."""
    shape = _ARROW.vertices
    x, y, c, s = arrows.T[:, :, None]
    out = np.empty((len(arrows), len(shape), 3))
    out[..., 0] = x + c * shape[:, 0] - s * shape[:, 1]
    out[..., 1] = y + s * shape[:, 0] + c * shape[:, 1]
    out[..., 2] = 0.022
    return out


def _cubes(points: Floats, cell: float, height: float) -> Floats:
    """(N, 8, 3) blocks over cells with their middles at (N, 2)."""
    shape = _CUBE.vertices * (cell, cell, height)
    at = np.column_stack([points, np.zeros(len(points))])
    return shape[None] + at[:, None]


def _doubt(person: PersonForecast, number: int) -> Floats:
    """(DISCS, DISC, 3) discs of the body and one standard deviation around it along one hypothesis."""
    places = _along(person.places[number], DISCS)
    sigma = _along(np.stack([person.sigma[number]] * 2, axis=-1), DISCS)[:, 0]
    radius = np.minimum(person.radius + sigma, WIDEST)
    rim = places[:, None] + radius[:, None, None] * shapes.disc(1.0, DISC)
    height = 0.014 + 0.001 * np.arange(DISCS)[:, None, None]
    return np.concatenate([rim, np.broadcast_to(height, (DISCS, DISC, 1))], axis=2)


def _cone(tip: Floats, rim: Floats) -> Mesh:
    """A fan of triangles from a tip to a rim (R, 2)."""
    i = np.arange(len(rim) - 1)
    faces = np.column_stack([np.zeros_like(i), i + 1, i + 2])
    return Mesh(np.column_stack([np.vstack([tip[None], rim]), np.full(len(rim) + 1, 0.016)]), faces)


def _square(scene: viser.SceneApi, name: str, colour: Colour, w: float) -> viser.MeshHandle:
    """The rim of a unit square, ``w`` wide."""
    sides = ((0.0, 1.0, 0.0, w), (0.0, 1.0, 1.0 - w, 1.0), (0.0, w, w, 1.0 - w), (1.0 - w, 1.0, w, 1.0 - w))
    mesh = shapes.merge([shapes.box((a, b), (c, d), (0.01, 0.02)) for a, b, c, d in sides])
    return scene.add_mesh_simple(
        name, mesh.vertices, mesh.faces, color=colour, opacity=0.8, cast_shadow=False, receive_shadow=False,
        visible=False,
    )  # fmt: skip


_NOTHING = np.empty((0, 1, 3))
_CUBE = shapes.box((-0.5, 0.5), (-0.5, 0.5), (0.0, 1.0))
_SHAFT = [(-0.14, -0.018), (0.04, -0.018), (0.04, -0.06), (0.15, 0.0), (0.04, 0.06), (0.04, 0.018), (-0.14, 0.018)]
_ARROW = shapes.flat(np.array(_SHAFT), 0.0)
