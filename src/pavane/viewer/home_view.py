"""HomeView: one drive in the browser: the home, robot and people in it, and overlays on the floor."""

from __future__ import annotations

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.viewer import colours, shapes
from pavane.viewer.actors import PersonFigure, RobotFigure, turn
from pavane.viewer.frame import Frame, Movables
from pavane.viewer.mesh_pool import MeshPool
from pavane.viewer.overlays import Overlays
from pavane.viewer.scenery import WALL_HEIGHT, add_scenery, write_on_floor

DOORS, TOYS, BOXES = 60, 60, 60  # at most that are drawn
LEAF = WALL_HEIGHT - 0.03  # m: height of a door
BOX = 0.3  # m: height of one


class HomeView:
    """Nodes of one drive, under one node that can be moved aside.

    Args:
        scene: to put them into.
        root: name of that node.
        home: the map to build.
        robot: the robot to build.
        offset: x, y where the map's origin is put, m.
        name: written before the home; empty for a drive that stands alone.

    Attributes:
        overlays: the layers.
        people: figures of everybody, by their row in the frame.
        offset: see above.
    """

    def __init__(
        self,
        scene: viser.SceneApi,
        root: str,
        home: OccupancyMap,
        robot: RobotProfile,
        offset: tuple[float, float],
        name: str = "",
    ) -> None:
        self._scene, self._root, self.offset = scene, root, offset
        self._frame = scene.add_frame(root, show_axes=False, position=(*offset, 0.0))
        add_scenery(scene, root, home)
        if name:
            at = home.grid.origin.x + 0.5 * home.grid.size[0], home.grid.origin.y - 0.5
            write_on_floor(scene, f"{root}/name", name, *at, size=3.0)
        self._robot = RobotFigure(scene, f"{root}/robot", robot)
        self.people: list[PersonFigure] = []
        self.overlays = Overlays(scene, f"{root}/overlays", home, robot)
        square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        block = shapes.prism(square, 0.0, 1.0)
        self._doors = MeshPool(scene, f"{root}/doors", block, DOORS, colours.DOOR)
        self._boxes = MeshPool(scene, f"{root}/boxes", block, BOXES, colours.CARTON)
        self._ball = shapes.ball(1.0, 1.0, sides=14)
        self._toys = MeshPool(scene, f"{root}/toys", self._ball, TOYS, colours.TOY)
        self._goal = scene.add_frame(f"{root}/goal", show_axes=False, visible=False)
        for number, mesh in enumerate(_goal_mark()):
            scene.add_mesh_simple(
                f"{root}/goal/{number}", mesh.vertices, mesh.faces, color=colours.GOAL, opacity=0.85, cast_shadow=False,
                receive_shadow=False,
            )  # fmt: skip
        self._drawn: tuple[Floats, ...] = ()

    def show(self, frame: Frame, *, limbs: bool, slow: bool) -> None:
        """Draw a frame.

        Args:
            frame: to draw.
            limbs: whether arms and legs are moved as well.
            slow: whether goal, doors, toys, boxes and the camera's view are drawn as well, which need not hurry.
        """
        self._robot.move(frame.robot.pose, frame.robot.pan)
        people = frame.people.states
        while len(self.people) < len(people):
            self._add_person(frame, len(self.people))
        for figure, state in zip(self.people, people, strict=False):
            figure.move(state, frame.time, limbs=limbs)
        self.overlays.show(frame)
        if slow:
            self.overlays.show_camera(frame)
            self._show_goal(frame)
            self._show_movables(frame.movables)

    def remove(self) -> None:
        """Take all nodes away."""
        self._frame.remove()

    def _add_person(self, frame: Frame, number: int) -> None:
        colour = colours.PEOPLE[number % len(colours.PEOPLE)]
        radius, kind = float(frame.people.states[number, 5]), frame.people.kinds[number]
        name = f"{self._root}/people/{number}"
        self.people.append(PersonFigure(self._scene, name, kind, colour, radius))

    def _show_goal(self, frame: Frame) -> None:
        if frame.goal is not None:
            self._goal.position = np.array([*frame.goal[:2], 0.0])
            self._goal.wxyz = turn(float(frame.goal[2]))
        self._goal.visible = frame.goal is not None

    def _show_movables(self, movables: Movables) -> None:
        """Draw doors, toys and boxes, if any of them has changed."""
        toys = movables.toys
        outlines = (*(door.corners for door in movables.doors), toys, *movables.boxes)
        same = len(outlines) == len(self._drawn) and all(map(np.array_equal, outlines, self._drawn))
        if not same:
            self._drawn = tuple(outline.copy() for outline in outlines)
            self._doors.show(_blocks([door.corners for door in movables.doors], LEAF))
            self._boxes.show(_blocks(list(movables.boxes), BOX))
            at = np.column_stack([toys[:, :2], np.zeros(len(toys))])
            self._toys.show(self._ball.vertices * (toys[:, 2, None, None]) + at[:, None])


def _blocks(outlines: list[Floats], height: float) -> Floats:
    """Return outlines of four corners pulled up from the floor (N, 8, 3), m."""
    if not outlines:
        return np.empty((0, 8, 3))
    corners = np.array([outline[:4] for outline in outlines])
    corners = np.array([c[::-1] if shapes.doubled_area(c) < 0.0 else c for c in corners])
    low = np.concatenate([corners, np.zeros((*corners.shape[:2], 1))], axis=2)
    return np.concatenate([low, low + np.array([0.0, 0.0, height])], axis=1)


def _goal_mark() -> list[shapes.Mesh]:
    """Return a ring on the floor with a tip that says which way to turn there, and a pin above it."""
    inner, outer = shapes.disc(0.2, 36), shapes.disc(0.26, 36)
    i = np.arange(36)
    j = (i + 1) % 36
    rim = np.column_stack([np.vstack([inner, outer]), np.full(72, 0.05)])
    ring = shapes.Mesh(rim, np.vstack([np.column_stack([i, i + 36, j + 36]), np.column_stack([i, j + 36, j])]))
    tip = shapes.flat(np.array([[0.28, -0.09], [0.42, 0.0], [0.28, 0.09]]), 0.05)
    pin = shapes.turned([(0.0, 0.62), (0.03, 0.72), (0.09, 0.92), (0.09, 0.98), (0.06, 1.04), (0.0, 1.06)], 24)
    return [shapes.merge([ring, tip]), pin]
