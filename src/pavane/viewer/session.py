"""Session: a live drive that people can reach into; the page shows it, and each of the page's switches is a setting."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from pavane.core.errors import BadSetting, PavaneError
from pavane.core.geometry import Footprint, Pose
from pavane.core.messages import is_finite
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop
from pavane.maps import OccupancyMap
from pavane.maps.floor_plan import Rectangle
from pavane.navigator import TICK, Navigator
from pavane.sim.home import Add, Toy
from pavane.viewer.frame import Frame
from pavane.viewer.live_drive import LiveDrive
from pavane.viewer.settings import Settings

NEAR_TRACK = 0.8  # m from where somebody is, within which the robot's track of them is
TOY = 0.08  # m, radius
BOX = (0.4, 0.3)  # m
OFF = "that is not on the map"
AIR = 0.01  # m that an object that is put down keeps from others


class Session:
    """One robot in one home, in lock-step: the same settings, seed and pokes at the same times give the same drive.

    It goes on errands by itself. Every method that a click leads to gives one clear sentence when it cannot be done,
    and has changed nothing then; else an empty text.

    Args:
        settings: see there.

    Attributes:
        settings: as they are now.

    Raises:
        BadFile, BadMap, BadProfile, BadSetting: a home, robot or setting that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings, self._drive, self._owed = settings, LiveDrive(settings), 0.0

    @property
    def home(self) -> OccupancyMap:
        """Map to draw: walls, furniture and rooms; the leaves of doors that move are in the frames."""
        return self._drive.home

    @property
    def robot(self) -> RobotProfile:
        """Profile of the robot: outline, screen, camera."""
        return self._drive.robot

    @property
    def time(self) -> float:
        """Time of the simulated world, s."""
        return self._drive.world.time

    @property
    def navigator(self) -> Navigator:
        """Navigator that drives: to be asked, not to be told."""
        return self._drive.navigator

    def warm_up(self) -> None:
        """Compile or load all that is needed, before the first ``advance``; the drive itself is not touched."""
        for objective in ("ours", "chance_5"):  # the others have the kernels of these
            other = Session(replace(self.settings, objective=objective))
            other.advance(0.5)
            other.frame()

    def advance(self, seconds: float) -> None:
        """Let the world go on by so many seconds, in whole ticks of 20 ms; what is left over counts the next time.

        Raises:
            BadSetting: the time is negative or not finite.
        """
        if not (is_finite(seconds) and seconds >= 0.0):
            raise BadSetting("a session cannot go on by that", value=seconds, limit="seconds >= 0")
        self._owed += seconds
        while self._owed >= TICK - 1e-9:
            self._owed -= TICK
            self._drive.tick()

    def frame(self) -> Frame:
        """Return what is to be seen now."""
        return self._drive.frame()

    # -- what the robot is asked ------------------------------------------------------------------------------------

    def send_to(self, x: float, y: float) -> str:
        """Send the robot to a point, whichever way it is turned there."""
        if not self._is_on_map(x, y):
            return f"The robot cannot go there: {OFF}."
        task = GoTo(Pose(x, y), match_heading=False)
        return self._drive.assignment.ask(task, f"going to ({x:.1f}, {y:.1f}), as asked", self.time)

    def follow(self, person: int) -> str:
        """Let the robot follow somebody, by their row in the frame; it must know of them now."""
        if not self._is_somebody(person):
            return self._nobody(person)
        world, belief = self._drive.world, self.navigator.belief
        name = world.names[person]
        x, y = world.truth.people[person, :2]
        near: dict[float, int] = {}
        if belief is not None:
            for track in belief.tracks:
                place = belief.map_from_odom.transform(track.position[None])[0]
                if track.kind == "person":
                    near[math.hypot(place[0] - x, place[1] - y)] = track.identity
        if not near or min(near) > NEAR_TRACK:
            return f"The robot cannot follow {name}: it does not see them now."
        return self._drive.assignment.ask(Follow(near[min(near)]), f"following {name}, as asked", self.time)

    def stop(self) -> str:
        """Let the robot stop and stay until it is asked again."""
        return self._drive.assignment.ask(Stop(), "staying, as asked", self.time, stays=True)

    def go_on(self) -> str:
        """Let the robot go on with its errands."""
        self._drive.assignment.next_errand(self.time)
        return ""

    # -- what is done to its world ----------------------------------------------------------------------------------

    def grab(self, person: int) -> str:
        """Take somebody by the hand, by their row in the frame: they stand until they are dragged."""
        if not self._is_somebody(person):
            return self._nobody(person)
        x, y = self._drive.world.truth.people[person, :2]
        return self._lead(person, float(x), float(y))

    def drag(self, person: int, x: float, y: float) -> str:
        """Lead somebody who was grabbed to a point, straight, at a run at most."""
        if not self._is_somebody(person):
            return self._nobody(person)
        name = self._drive.world.names[person]
        if not self._drive.world.led[person]:
            return f"{name} cannot be led there: grab them first."
        if not self._is_on_map(x, y):
            return f"{name} cannot be led there: {OFF}."
        return self._lead(person, x, y)

    def release(self, person: int) -> str:
        """Let go of somebody: they go about their business from where they are."""
        if not self._is_somebody(person):
            return self._nobody(person)
        self._drive.world.let_go(person)
        return ""

    def _lead(self, person: int, x: float, y: float) -> str:
        try:
            self._drive.world.lead(person, x, y)
        except PavaneError as error:
            return f"{self._drive.world.names[person]} cannot be led there: {error.what}."
        return ""

    def _is_on_map(self, x: float, y: float) -> bool:
        return is_finite(x) and is_finite(y) and bool(self.home.grid.inside(np.array([[x, y]], dtype=np.float64))[0])

    def _is_somebody(self, person: int) -> bool:
        return isinstance(person, int | np.integer) and 0 <= person < len(self._drive.world.names)

    def _nobody(self, person: int) -> str:
        return f"There is no person {person}: there are {len(self._drive.world.names)}, counted from 0."

    def doors(self) -> tuple[str, ...]:
        """Return the names of the doors that can be moved."""
        return self._drive.world.home.doors.names

    def set_door(self, index: int, open: bool) -> str:
        """Open or close a door; its leaf waits for whoever stands in its way."""
        doors = self._drive.world.home.doors
        if not (isinstance(index, int | np.integer) and 0 <= index < doors.count):
            return f"There is no door {index}: there are {doors.count}, counted from 0."
        doors.request(int(index), bool(open))
        return ""

    def drop_toy(self, x: float, y: float) -> str:
        """Put a low object on the floor, which the lidar makes out late."""
        if not self._is_on_map(x, y):
            return f"A toy cannot be dropped there: {OFF}."
        return self._put_down("toy", x, y, Footprint.disc(TOY), Toy(at=(x, y), radius=TOY))

    def drop_box(self, x: float, y: float) -> str:
        """Put down a box, 40 x 30 cm, that is on no map."""
        if not self._is_on_map(x, y):
            return f"A box cannot be dropped there: {OFF}."
        half = 0.5 * np.array(BOX)
        corners = half * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        boxes = self._drive.boxes
        box = Rectangle(f"box {len(boxes) + 1}", (x, y), BOX)
        text = self._put_down("box", x, y, Footprint.polygon(corners), Add(piece=box))
        if not text:
            boxes.append(corners + np.array([x, y]))
        return text

    def _put_down(self, what: str, x: float, y: float, shape: Footprint, change: Add | Toy) -> str:
        """Put something down where nothing and nobody stands.

        Args:
            what: to call it.
            x: where its middle comes to lie, in ``map``, m.
            y: likewise.
            shape: its outline about its middle.
            change: of the home.

        Returns:
            Empty, or in one sentence why it cannot be put there.
        """
        try:
            if self._drive.world.home.clearance(shape, Pose(x, y), 2.0 * AIR) < AIR:
                return f"A {what} cannot be dropped there: something stands at ({x:.2f}, {y:.2f})."
            if not self._drive.world.put_down(change):
                return f"A {what} cannot be dropped there: somebody stands at ({x:.2f}, {y:.2f})."
        except PavaneError as error:
            return f"A {what} cannot be dropped there: {error.what}."
        return ""

    # -- settings ---------------------------------------------------------------------------------------------------

    def change(self, settings: Settings) -> str:
        """Take on other settings while driving: robot, people and doors go on from where they are.

        Numbers of people, seed, home and robot are those of the next ``restart``.
        """
        self._drive.live.switch(settings)
        self.settings = settings
        self._drive.delay_sensing()
        return ""

    def restart(self) -> str:
        """Begin again with the settings as they are, if they can be driven: the same pokes give the same drive."""
        try:
            self._drive, self._owed = LiveDrive(self.settings), 0.0
        except PavaneError as error:
            return f"This cannot be driven: {error}"
        return ""
