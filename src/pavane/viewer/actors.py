"""Figures that move through the home: the robot with its screen on a mast, people, and a dog."""

from __future__ import annotations

import math

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.robot import RobotProfile
from pavane.viewer import colours, shapes
from pavane.viewer.colours import Colour
from pavane.viewer.shapes import Mesh

BODY = (0.035, 0.24)  # m: the robot's body from the floor
MAST = 0.42  # m: middle of its screen
SCREEN = (0.03, 0.17)  # m: depth and height of it
STRIDE = 0.7  # m walked in half a swing of the legs
SWING = 0.6  # rad, the most of it
CHILD = 0.68  # size of a child
TALL = 1.62  # m: a grown-up
STANDS = 0.05  # m/s: slower than this the legs are still


def turn(yaw: float) -> Floats:
    """Return the quaternion w, x, y, z (4,) of a turn about z by ``yaw`` rad."""
    return np.array([math.cos(0.5 * yaw), 0.0, 0.0, math.sin(0.5 * yaw)])


class RobotFigure:
    """The robot: body, wheels, and its screen on a mast that turns.

    Args:
        scene: to put it into.
        name: of its node.
        robot: its outline and screen are built.
    """

    def __init__(self, scene: viser.SceneApi, name: str, robot: RobotProfile) -> None:
        outline = robot.shape.outline()
        self._frame = scene.add_frame(name, show_axes=False)
        low, high = BODY
        body = shapes.merge([shapes.prism(outline, 0.06, high, bevel=0.045)])
        belt = shapes.prism(shapes.inset(outline, -0.003), 0.1, 0.125, lid=False)
        base = shapes.prism(shapes.inset(outline, 0.012), low, 0.06)
        wheels = [_wheel(side * 0.5 * robot.wheels.track_width) for side in (-1.0, 1.0)]
        parts = [(colours.ROBOT, body), (colours.WHITE, belt), (colours.DARK, shapes.merge([base, *wheels]))]
        if robot.screen is None:
            front = float(outline[:, 0].max())
            puck = shapes.turned([(0.06, high), (0.06, high + 0.05), (0.0, high + 0.055)], 20)
            nose = shapes.flat(np.array([[0.3, -0.1], [0.85, 0.0], [0.3, 0.1]]) * front, high + 0.002)
            parts += [(colours.DARK, puck), (colours.WHITE, nose)]
        for number, (colour, mesh) in enumerate(parts):
            _add(scene, f"{name}/{number}", mesh, colour)
        self._head: viser.FrameHandle | None = None
        self._pan = 0.0
        if robot.screen is not None:
            at = (robot.screen.x, robot.screen.y, 0.0)
            self._head = scene.add_frame(f"{name}/head", show_axes=False, position=at)
            for number, (colour, mesh) in enumerate(_screen(robot.screen.width, high)):
                _add(scene, f"{name}/head/{number}", mesh, colour)

    def move(self, pose: Floats, pan: float) -> None:
        """Put it at x, y, yaw, its screen turned by ``pan`` rad."""
        self._frame.position = np.array([pose[0], pose[1], 0.0])
        self._frame.wxyz = turn(float(pose[2]))
        if self._head is not None and pan != self._pan:
            self._pan = pan
            self._head.wxyz = turn(pan)


class PersonFigure:
    """Somebody: a body that turns the way they walk, and legs and arms that swing with their steps.

    Args:
        scene: to put them into.
        name: of the node.
        kind: of ``pavane.sim.people``: a child is smaller, a dog is a dog.
        colour: of the clothes.
        radius: of the body, m.

    Attributes:
        body: the node to take hold of.
    """

    def __init__(self, scene: viser.SceneApi, name: str, kind: str, colour: Colour, radius: float) -> None:
        self._frame = scene.add_frame(name, show_axes=False)
        self._limbs: list[tuple[viser.FrameHandle, float]] = []  # and the sense in which each swings
        self._way, self._time, self._swing = 0.0, math.nan, 0.0
        self._pose = (math.nan, math.nan, math.nan)
        if kind == "dog":
            self.body = self._build_dog(scene, name, radius)
        else:
            self.body = self._build_person(scene, name, kind, colour, radius)

    def move(self, state: Floats, time: float, *, limbs: bool = True) -> None:
        """Put them at x, y, yaw, and let their legs go with vx, vy; ``time`` is the frame's, s."""
        x, y, yaw, vx, vy = state[:5].tolist()
        if (x, y, yaw) != self._pose:
            self._pose = (x, y, yaw)
            self._frame.position = np.array([x, y, 0.0])
            self._frame.wxyz = turn(yaw)
        speed = math.hypot(vx, vy)
        if math.isfinite(self._time):
            self._way += speed * max(time - self._time, 0.0)
        self._time = time
        swing = SWING * min(speed / 0.8, 1.0) * math.sin(math.pi * self._way / STRIDE) if speed > STANDS else 0.0
        if not limbs or swing == self._swing:
            return
        self._swing = swing
        for limb, sense in self._limbs:
            half = 0.5 * swing * sense
            limb.wxyz = np.array([math.cos(half), 0.0, math.sin(half), 0.0])

    def _build_person(
        self, scene: viser.SceneApi, name: str, kind: str, colour: Colour, radius: float
    ) -> viser.MeshHandle:
        tall = TALL * (CHILD if kind == "child" else 1.0)
        wide = min(radius, 0.26)
        hip, neck = 0.46 * tall, 0.83 * tall
        chest = [(0.55, hip - 0.04), (0.7, hip), (0.66, hip + 0.35 * (neck - hip)), (0.86, neck - 0.12 * tall),
                 (0.78, neck - 0.06 * tall), (0.3, neck), (0.0, neck + 0.01)]  # fmt: skip
        torso = shapes.turned([(r * wide, z) for r, z in chest], 20)
        torso = Mesh(torso.vertices * (0.72, 1.0, 1.0), torso.faces)  # wider than deep
        skull = 0.093 * tall
        middle = neck + 0.8 * skull
        head = shapes.ball(skull, middle, squeeze=1.12)
        nose = shapes.ball(0.22 * skull, middle - 0.1 * skull, sides=8).moved(skull, 0.0, 0.0)
        hair = shapes.ball(1.06 * skull, middle + 0.16 * skull, squeeze=1.05).moved(-0.22 * skull, 0.0, 0.0)
        _add(scene, f"{name}/head", shapes.merge([head, nose]), colours.SKIN, smooth=True)
        _add(scene, f"{name}/hair", hair, colours.DARK if kind != "child" else colours.WOOD, smooth=True)
        if kind == "distracted":
            phone = shapes.box((0.9 * wide, 0.94 * wide), (-0.04, 0.04), (0.68 * tall, 0.77 * tall))
            _add(scene, f"{name}/phone", phone, colours.DARK)
        for side in (-1.0, 1.0):
            leg = _capsule(0.062 * tall, 0.0, -hip + 0.02)
            self._add_limb(scene, f"{name}/leg{side:+.0f}", (0.0, side * 0.4 * wide, hip), leg, colours.DARK, side)
            arm = _capsule(0.036 * tall, 0.0, -0.36 * tall)
            at = (0.0, side * 0.92 * wide, neck - 0.09 * tall)
            self._add_limb(scene, f"{name}/arm{side:+.0f}", at, arm, colour, -side)
        return _add(scene, f"{name}/body", torso, colour, smooth=True)

    def _build_dog(self, scene: viser.SceneApi, name: str, radius: float) -> viser.MeshHandle:
        long = 1.5 * radius
        trunk = shapes.ball(radius, 0.34, squeeze=0.75)
        trunk = Mesh(trunk.vertices * (1.5, 0.7, 1.0), trunk.faces)
        head = shapes.ball(0.55 * radius, 0.5).moved(long, 0.0, 0.0)
        snout = shapes.ball(0.3 * radius, 0.46, sides=10).moved(long + 0.5 * radius, 0.0, 0.0)
        tail = shapes.ball(0.16 * radius, 0.0, squeeze=5.0, sides=8).moved(-long, 0.0, 0.48)
        for front in (-1.0, 1.0):
            for side in (-1.0, 1.0):
                at = (0.8 * front * radius, 0.4 * side * radius, 0.3)
                leg = _capsule(0.2 * radius, 0.0, -0.28)
                self._add_limb(scene, f"{name}/leg{front:+.0f}{side:+.0f}", at, leg, colours.CLAY, front * side)
        return _add(scene, f"{name}/body", shapes.merge([trunk, head, snout, tail]), colours.CLAY, smooth=True)

    def _add_limb(
        self, scene: viser.SceneApi, name: str, at: tuple[float, float, float], mesh: Mesh, colour: Colour, sense: float
    ) -> None:
        limb = scene.add_frame(name, show_axes=False, position=at)
        _add(scene, f"{name}/shape", mesh, colour, smooth=True)
        self._limbs.append((limb, sense))


def _add(scene: viser.SceneApi, name: str, mesh: Mesh, colour: Colour, *, smooth: bool = False) -> viser.MeshHandle:
    return scene.add_mesh_simple(name, mesh.vertices, mesh.faces, color=colour, flat_shading=not smooth)


def _wheel(y: float) -> Mesh:
    """Return a wheel that stands at the side of the robot, ``y`` m from its middle."""
    rim = [(0.0, -0.014), (0.055, -0.014), (0.06, -0.006), (0.06, 0.006), (0.055, 0.014), (0.0, 0.014)]
    upright = shapes.turned(rim)
    x, z, depth = upright.vertices.T
    return Mesh(np.stack([x, y - depth, z + 0.06], axis=1), upright.faces)


def _screen(width: float, foot: float) -> list[tuple[Colour, Mesh]]:
    """Return the mast and the screen, which looks along x, with two eyes: ``width`` and height of the foot, m."""
    depth, height = SCREEN
    half, low, high = 0.5 * width, MAST - 0.5 * height, MAST + 0.5 * height
    mast = shapes.turned([(0.02, foot - 0.02), (0.016, MAST), (0.0, MAST)], 14).moved(-depth - 0.016, 0.0, 0.0)
    rim = shapes.box((-depth, 0.0), (-half, half), (low, high), bevel=0.006)
    glass = shapes.box((0.0, 0.004), (-half + 0.01, half - 0.01), (low + 0.01, high - 0.01))
    eyes = []
    for side in (-1.0, 1.0):
        eye = shapes.disc(0.022, 20) * (0.9, 1.35) + (side * 0.26 * width, MAST)
        mesh = shapes.flat(eye, 0.006)
        y, z, x = mesh.vertices.T
        eyes.append(Mesh(np.stack([x, y, z], axis=1), mesh.faces))
    return [(colours.STONE, mast), (colours.WHITE, rim), (colours.DARK, glass), (colours.EYES, shapes.merge(eyes))]


def _capsule(radius: float, top: float, low: float) -> Mesh:
    """Return a round limb that hangs down from ``top`` to ``low``, m."""
    r = radius
    loop = [(0.0, low), (0.8 * r, low + 0.02), (r, low + r), (r, top - 0.5 * r), (0.6 * r, top), (0.0, top + 0.1 * r)]
    return shapes.turned(loop, 12)
