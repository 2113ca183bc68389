"""Session: a live drive that people can reach into; the page shows it, and every switch of the page is a setting."""

from __future__ import annotations

import math
from dataclasses import replace

import msgspec
import numpy as np

from pavane.core.arrays import Floats
from pavane.core.errors import BadSetting, PavaneError
from pavane.core.geometry import Footprint, Pose
from pavane.core.messages import is_finite
from pavane.core.plan import Command, Plan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.drive import as_recorded
from pavane.drive_log import ContactRecord
from pavane.maps import OccupancyMap, load_map
from pavane.maps.floor_plan import Rectangle
from pavane.navigator import TICK, Navigator
from pavane.sim import DetectorSettings, LidarSettings, PlantSettings, World, WorldSettings, crowd
from pavane.sim.home import Add, DoorSpec, Toy
from pavane.sim.home.leaf import SWING
from pavane.viewer.errands import Errands
from pavane.viewer.frame import Doorleaf, Fan, Frame
from pavane.viewer.live_navigator import LiveNavigator
from pavane.viewer.planning_view import Outlook, look_out, make_fan
from pavane.viewer.settings import Settings
from pavane.viewer.timeline import Timeline

NAMES = (
    "Ada", "Ben", "Cleo", "Dan", "Ella", "Finn", "Gus", "Hana", "Ivo", "Jo", "Kim", "Leo", "Mia", "Nils", "Olga", "Pia",
    "Quinn", "Rosa", "Sam", "Tess",
)  # fmt: skip
WIDEST = 1.4  # m of an opening that a leaf hangs in; what is wider is an archway
REST, REST_ASKED = 1.0, 4.0  # s at the goal of an errand, and of what was asked for, before the next errand
PATIENCE = 60.0  # s for an errand
SAMPLE = 5  # ticks between samples of the timeline, and between looks at what has become of the task
NEAR_TRACK = 0.8  # m from where somebody is, within which the robot's track of them is
TOY = 0.08  # m, radius
BOX = (0.4, 0.3)  # m
OFF = "that is not on the map"
AIR = 0.01  # m that what is put down keeps from what stands


class Session:
    """One robot in one home, in lock-step: the same settings, seed and pokes at the same times give the same drive.

    It goes on errands by itself. Every method that a click leads to gives one clear sentence when it cannot be done,
    and has changed nothing then; else an empty text.

    Args:
        settings: see there.

    Attributes:
        settings: as they are now.
        home: the map to draw: walls, furniture and rooms; the leaves of doors that move are in the frames.
        robot: its profile: outline, screen, camera.

    Raises:
        BadFile, BadMap, BadProfile, BadSetting: a home, robot or setting that cannot be used.
    """

    settings: Settings
    home: OccupancyMap
    robot: RobotProfile

    def __init__(self, settings: Settings) -> None:
        self._begin(settings)

    def _begin(self, settings: Settings) -> None:
        home, robot = load_map(settings.home), RobotProfile.load(settings.robot)
        errands = Errands(home, robot, settings.seed)
        rng = np.random.default_rng([settings.seed, settings.people])
        people = [
            msgspec.structs.replace(spec, name=name, closes_doors=0.0)  # doors are for clicks
            for spec, name in zip(crowd(home, settings.people, rng, avoid=errands.start), NAMES, strict=False)
        ]
        doors = _doors_of(home)
        at_once = DetectorSettings(latency=0.0)  # how late all that is comes from the settings, while driving
        true = WorldSettings(
            doors=doors, plant=PlantSettings(dead_time=0.0), lidar=LidarSettings(latency=0.0), detector=at_once,
            screen_detector=at_once,
        )  # fmt: skip
        world = World(home, robot, errands.start, people, seed=settings.seed, settings=true)
        known = world.home.snapshot() if doors else home  # the robot's map was made with the doors as they stand
        live = LiveNavigator(robot, known, settings)
        # from here on nothing fails: what was there before is only replaced by what can be driven
        self.settings, self.home, self.robot = settings, home, robot
        self._world, self._live, self._errands = world, live, errands
        self._kinds = tuple(spec.kind for spec in people)
        self._ticks, self._owed, self._due = 0, 0.0, 0.0
        self._command = Command(0.0, 0.0, 0.0)
        self._doing, self._asked, self._stays = "", False, False
        self._began, self._ended = 0.0, -math.inf  # of the task, s; -inf while it lasts
        self._goals = self._guarded = 0
        self._boxes: list[Floats] = []
        self._contacts: list[ContactRecord] = []
        self._plan: Plan | None = None  # the newest, with its number and, once somebody has looked at it, its fan
        self._number = 0
        self._outlook: Outlook | None = None
        self._fan: Fan | None = None
        self._timeline = Timeline()
        self._leaves: dict[int, Doorleaf] = {}
        self._be_late()
        self._next_errand()

    @property
    def time(self) -> float:
        """Of the simulated world, s."""
        return self._world.time

    @property
    def navigator(self) -> Navigator:
        """The navigator that drives: to be asked, not to be told."""
        return self._live.navigator

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
            self._tick()

    def _tick(self) -> None:
        """Messages in, command out, and the world goes on."""
        world, navigator = self._world, self.navigator
        for message in world.receive():
            navigator.observe(message)
        self._command = command = navigator.step(world.clock)
        self._due = max(self._due, command.stamp + navigator.robot.latency.actuation)  # commands do not overtake
        world.send(command, delay=self._due - command.stamp)
        self._guarded += bool(command.reason)
        if navigator.plan is not self._plan and navigator.plan is not None and navigator.belief is not None:
            self._plan, self._number = navigator.plan, self._number + 1
            self._outlook = look_out(
                navigator.robot, navigator.config.planner.objective, navigator.belief, navigator.plan
            )
        if self._ticks % SAMPLE == 0:
            self._judge_task()
            self._timeline.add(
                world, navigator, self._guarded / SAMPLE, 1.0 if self._outlook is None else self._outlook.survival
            )
            self._guarded = 0
        self._ticks += 1
        world.advance(self._ticks * TICK)

    # -- what is to be seen -----------------------------------------------------------------------------------------

    def frame(self) -> Frame:
        """What is to be seen now."""
        world, navigator, command = self._world, self.navigator, self._command
        truth, near = world.truth, None if navigator.reflex.reaction is None else navigator.reflex.reaction.near
        goal = None
        if isinstance(navigator.task, GoTo):
            goal = navigator.goal_pose(navigator.task).array()
        elif navigator.guidance is not None:
            goal = navigator.guidance.stand.array()
        self._contacts += map(as_recorded, world.contacts[len(self._contacts) :])
        return Frame(
            time=world.time,
            pose=truth.pose.array(),
            v=truth.v,
            omega=truth.omega,
            pan=truth.pan,
            people=truth.people,
            names=world.names,
            kinds=self._kinds,
            held=world.led,
            fan=self._newest_fan(),
            goal=goal,
            near=None if near is None else (near.origin.x, near.origin.y, near.resolution * len(near.solid)),
            alarm=np.empty((0, 2)) if near is None or not command.reason else self._live.alarm(near, command.reason),
            alarm_cell=0.0 if near is None else near.resolution,
            status=navigator.status.value,
            doing=self._doing,
            reason=command.reason,
            emergency=command.emergency,
            contacts=tuple(self._contacts),
            goals=self._goals,
            doors=tuple(self._leaf(i) for i in range(world.home.doors.count)),
            toys=world.home.low[:, :3],
            boxes=tuple(self._boxes),
            series=self._timeline.series(),
        )

    def _newest_fan(self) -> Fan | None:
        if self._outlook is not None and (self._fan is None or self._fan.number < self._number):
            self._fan = make_fan(
                self._number, self.navigator.robot, self._live.known, self._outlook, self.navigator.schedule.screen_plan
            )
        return self._fan

    def _leaf(self, index: int) -> Doorleaf:
        """A door as it stands; made anew when it moves."""
        doors = self._world.home.doors
        openness, wanted = doors.openness(index), doors.wanted(index) > 0.5
        known = self._leaves.get(index)
        if known is None or known.openness != openness or known.wanted != wanted:
            corners = doors.corners(index)
            known = self._leaves[index] = Doorleaf(
                doors.names[index], 0.5 * (corners[0] + corners[3]), np.array(doors.middle(index)), corners,
                SWING * openness, openness, wanted,
            )  # fmt: skip
        return known

    # -- what the robot is asked ------------------------------------------------------------------------------------

    def send_to(self, x: float, y: float) -> str:
        """Send the robot to a point, whichever way it is turned there."""
        if not self._is_on_map(x, y):
            return f"The robot cannot go there: {OFF}."
        return self._ask(GoTo(Pose(x, y), match_heading=False), f"going to ({x:.1f}, {y:.1f}), as asked")

    def follow(self, person: int) -> str:
        """Let it follow somebody, by their row in the frame; it must know of them now."""
        if not self._is_somebody(person):
            return self._nobody(person)
        name, belief = self._world.names[person], self.navigator.belief
        x, y = self._world.truth.people[person, :2]
        near: dict[float, int] = {}
        if belief is not None:
            for track in belief.tracks:
                place = belief.map_from_odom.transform(track.position[None])[0]
                if track.kind == "person":
                    near[math.hypot(place[0] - x, place[1] - y)] = track.identity
        if not near or min(near) > NEAR_TRACK:
            return f"The robot cannot follow {name}: it does not see them now."
        return self._ask(Follow(near[min(near)]), f"following {name}, as asked")

    def stop(self) -> str:
        """Let it stop and stay until it is asked again."""
        text = self._ask(Stop(), "staying, as asked")
        self._stays = True
        return text

    def go_on(self) -> str:
        """Let it go on with its errands."""
        self._next_errand()
        return ""

    def _ask(self, task: Task, doing: str) -> str:
        try:
            self.navigator.request(task)
        except PavaneError as error:
            return f"The robot cannot go there: {error.what}."
        self._doing, self._asked, self._stays = doing, True, False
        self._began, self._ended = self.time, -math.inf
        return ""

    def _next_errand(self) -> None:
        target = self._errands.next()
        self.navigator.request(GoTo(target))
        name = target if isinstance(target, str) else f"({target.x:.1f}, {target.y:.1f})"
        self._doing, self._asked, self._stays = f"on an errand: {name.replace('_', ' ')}", False, False
        self._began, self._ended = self.time, -math.inf

    def _judge_task(self) -> None:
        """Count a goal when it is reached, and go on with errands when what there was to do is done."""
        status, now = self.navigator.status, self.time
        if self._ended == -math.inf and status in (Status.REACHED, Status.NO_ROUTE, Status.STOPPED):
            self._ended = now
            self._goals += status is Status.REACHED
        rests = REST_ASKED if self._asked else REST
        done = self._ended > -math.inf and now >= self._ended + rests and not self._stays
        if done or (not self._asked and now >= self._began + PATIENCE):
            self._next_errand()

    # -- what is done to its world ----------------------------------------------------------------------------------

    def grab(self, person: int) -> str:
        """Take somebody by the hand, by their row in the frame: they stand until they are dragged."""
        if not self._is_somebody(person):
            return self._nobody(person)
        x, y = self._world.truth.people[person, :2]
        return self._lead(person, float(x), float(y))

    def drag(self, person: int, x: float, y: float) -> str:
        """Lead who was grabbed to a point, straight, at a run at most."""
        if not self._is_somebody(person):
            return self._nobody(person)
        name = self._world.names[person]
        if not self._world.led[person]:
            return f"{name} cannot be led there: grab them first."
        if not self._is_on_map(x, y):
            return f"{name} cannot be led there: {OFF}."
        return self._lead(person, x, y)

    def release(self, person: int) -> str:
        """Let go of somebody: they go about their business from where they are."""
        if not self._is_somebody(person):
            return self._nobody(person)
        self._world.let_go(person)
        return ""

    def _lead(self, person: int, x: float, y: float) -> str:
        try:
            self._world.lead(person, x, y)
        except PavaneError as error:
            return f"{self._world.names[person]} cannot be led there: {error.what}."
        return ""

    def _is_on_map(self, x: float, y: float) -> bool:
        return is_finite(x) and is_finite(y) and bool(self.home.grid.inside(np.array([[x, y]], dtype=np.float64))[0])

    def _is_somebody(self, person: int) -> bool:
        return isinstance(person, int | np.integer) and 0 <= person < len(self._world.names)

    def _nobody(self, person: int) -> str:
        return f"There is no person {person}: there are {len(self._world.names)}, counted from 0."

    def doors(self) -> tuple[str, ...]:
        """Names of the doors that can be moved."""
        return self._world.home.doors.names

    def set_door(self, index: int, open: bool) -> str:
        """Open or close a door; its leaf waits for whoever stands in its way."""
        doors = self._world.home.doors
        if not (isinstance(index, int | np.integer) and 0 <= index < doors.count):
            return f"There is no door {index}: there are {doors.count}, counted from 0."
        doors.request(int(index), bool(open))
        return ""

    def drop_toy(self, x: float, y: float) -> str:
        """Put a low thing on the floor, which the lidar makes out late."""
        if not self._is_on_map(x, y):
            return f"A toy cannot be dropped there: {OFF}."
        return self._put_down("toy", x, y, Footprint.disc(TOY), Toy(at=(x, y), radius=TOY))

    def drop_box(self, x: float, y: float) -> str:
        """Put down a box, 40 x 30 cm, that is on no map."""
        if not self._is_on_map(x, y):
            return f"A box cannot be dropped there: {OFF}."
        half = 0.5 * np.array(BOX)
        corners = half * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        box = Rectangle(f"box {len(self._boxes) + 1}", (x, y), BOX)
        text = self._put_down("box", x, y, Footprint.polygon(corners), Add(piece=box))
        if not text:
            self._boxes.append(corners + np.array([x, y]))
        return text

    def _put_down(self, what: str, x: float, y: float, shape: Footprint, change: Add | Toy) -> str:
        try:
            if self._world.home.clearance(shape, Pose(x, y), 2.0 * AIR) < AIR:
                return f"A {what} cannot be dropped there: something stands at ({x:.2f}, {y:.2f})."
            if not self._world.put_down(change):
                return f"A {what} cannot be dropped there: somebody stands at ({x:.2f}, {y:.2f})."
        except PavaneError as error:
            return f"A {what} cannot be dropped there: {error.what}."
        return ""

    # -- settings ---------------------------------------------------------------------------------------------------

    def change(self, settings: Settings) -> str:
        """Take on other settings while driving: robot, people and doors go on from where they are.

        Numbers of people, seed, home and robot are those of the next ``restart``.
        """
        self._live.switch(settings)
        self.settings = settings
        self._be_late()
        return ""

    def restart(self) -> str:
        """Begin again with the settings as they are: the same pokes then give the same drive."""
        try:
            self._begin(self.settings)
        except PavaneError as error:
            return f"This cannot be driven: {error}"
        return ""

    def _be_late(self) -> None:
        """Let sensing be as late as the settings say; the way to the wheels is added where commands are sent."""
        latency = self.navigator.robot.latency
        self._world.delay_sensing("lidar", latency.scan)
        for sensor in ("detector", "screen_detector"):
            self._world.delay_sensing(sensor, latency.perception)


def _doors_of(home: OccupancyMap) -> tuple[DoorSpec, ...]:
    """A leaf in each door that the map names, archways left out."""
    widths = {door.name: math.dist(door.start, door.end) for door in home.doors}
    return tuple(DoorSpec(name=name) for name, width in widths.items() if width <= WIDEST)
