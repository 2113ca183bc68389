"""Everybody in the home, moved together in small steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.maps import OccupancyMap
from pavane.numerics.overlap import cell_clearance
from pavane.numerics.raycast import in_sight
from pavane.sim.contacts import RobotBody
from pavane.sim.people.doors import DoorService, DoorUser, doorways
from pavane.sim.people.groups import Group
from pavane.sim.people.kernels.social_force import TURN, TURNING, VX, VY, YAW, X, Y
from pavane.sim.people.kernels.step import step_crowd
from pavane.sim.people.kernels.terrain import Machine
from pavane.sim.people.navigation import ShortestWays, WalkableSpace, ground_of, shut, terrain_of
from pavane.sim.people.person import Mode, Person
from pavane.sim.people.placing import free_place, haunts, stand_on
from pavane.sim.people.replay import TrackReplay
from pavane.sim.people.spec import FASTEST, PersonSpec
from pavane.sim.people.yielding import Other

STEP = 0.02  # s
THINK = 5  # steps between decisions
HURRY = 1.2  # of the preferred pace: the most that others make somebody walk
PULL = 0.1  # s in which who is led by the hand closes most of the way to where they are led
FACING = 0.3  # m/s above which they face where they move
_POINT = np.zeros((1, 2))


class Population:
    """The people of one world.

    Args:
        home: the true home with its doors open.
        specs: who they are.
        start: map_from_base of the robot at the start; nobody who is placed by the seed starts near it.
        rng: draws places, goals and pauses.
        replay: recorded bodies besides, who react to nobody.
        doors: the home's doors; those locked now stay shut for people.

    Raises:
        BadGoal: a start or goal that a person cannot stand on.
        BadSetting: no room for everybody.
    """

    def __init__(
        self,
        home: OccupancyMap,
        specs: Sequence[PersonSpec],
        start: Pose,
        rng: Generator,
        *,
        replay: TrackReplay | None = None,
        doors: DoorService | None = None,
    ) -> None:
        self._frame = (home.grid.resolution, home.grid.origin.x, home.grid.origin.y)
        self._replay, self._time, self._count = replay, 0.0, 0
        self._ways: dict[tuple[float, int], ShortestWays] = {}
        self._led: dict[int, tuple[float, float]] = {}  # who is led by the hand, and where to
        lines = [] if doors is None else doorways(doors, home.grid.data == 1, self._frame)
        self._locked = [] if doors is None else [line for line in lines if doors.locked(line.index)]
        home = shut(home, self._locked) if self._locked else home
        radii = sorted({spec.body_radius for spec in specs})
        grounds = {radius: ground_of(home, radius) for radius in radii}
        self.persons = self._settle(grounds, specs, start, rng)
        for person in self.persons:
            person.doors = DoorUser(doors, lines, person.spec.closes_doors, person.rng)
        self._groups = self._gather()
        self._terrain = terrain_of(list(grounds.values())) if grounds else None
        self._which: Ints = np.array([radii.index(p.radius) for p in self.persons], dtype=np.int64)
        self._bodies = np.array([_body(spec) for spec in specs], dtype=np.float64).reshape(-1, 5)
        self._states = np.array([(p.x, p.y, p.yaw, *[0.0] * 5) for p in self.persons]).reshape(-1, 8)
        self._wishes = np.array([p.wish(0.0) for p in self.persons], dtype=np.float64).reshape(-1, 9)
        self._rows = self._as_rows()
        recorded = () if replay is None else replay.names
        self.names = tuple(p.spec.name or f"{p.spec.kind} {i}" for i, p in enumerate(self.persons)) + recorded
        simulated = np.array([spec.traits.detectable for spec in specs], dtype=np.bool_)
        self.detectable: Bools = simulated if replay is None else np.concatenate([simulated, replay.detectable])

    def states(self, time: float | None = None) -> Floats:
        """(N, 6) x, y, yaw, vx, vy, radius in ``map``: persons as of the last step, then those recorded.

        Args:
            time: s, for those recorded; None: that of the last step. Who is not there has a row of NaN.
        """
        if self._replay is None:
            return self._rows
        return np.vstack([self._rows, self._replay.states(self._time if time is None else time)])

    def step(self, time: float, robot: RobotBody) -> None:
        """Move everybody by 20 ms to ``time``."""
        self._time = time
        if self._terrain is None:
            return
        if self._count % THINK == 0:
            self._think(time, robot)
        self._count += 1
        pose = robot.pose
        velocity = robot.velocity_at(pose.x, pose.y)
        shape = robot.shape
        machine = Machine(pose.x, pose.y, pose.yaw, *velocity, robot.omega, shape.vertices, shape.radius)
        before = self._states
        self._states = step_crowd(
            before, self._bodies, self._wishes, self._groups, self._which, self._bystanders(), self._terrain,
            machine, STEP,
        )  # fmt: skip
        for index, place in self._led.items():
            self._states[index] = _led_on(before[index], place, float(self._bodies[index, TURNING]))
        self._rows = self._as_rows()

    # -- what somebody outside does to them -------------------------------------------------------------------------

    def lead(self, index: int, x: float, y: float) -> None:
        """Lead a person by the hand to a place, straight, at a run at most; until they are let go.

        Walls, furniture and others do not stop who is led; their velocity is the one with which they are moved.

        Raises:
            BadGoal: they could not stand there, or not walk on from there.
        """
        person = self.persons[index]
        node = stand_on(person.ground, (x, y), "place")
        if person.ground.parts[node] != person.ground.parts[person.ground.node(person.x, person.y)]:
            raise BadGoal("no way leads on from a person's place", value=f"({x:.2f}, {y:.2f})")
        self._led[index] = (x, y)

    def let_go(self, index: int) -> None:
        """Let go of a person: they go on from where they are."""
        if self._led.pop(index, None) is not None:
            self._look_up(self.persons[index], self._states[index].tolist())
            self.persons[index].carry_on(self._time)

    def led(self) -> Bools:
        """(N,) who is led by the hand."""
        led: Bools = np.zeros(len(self.names), dtype=np.bool_)
        led[list(self._led)] = True
        return led

    def find_ways(self, home: OccupancyMap) -> None:
        """Things were put down or taken away: people are stopped by what stands now, and go round it.

        Args:
            home: the true home with its doors open.
        """
        if self._terrain is None:
            return
        home = shut(home, self._locked) if self._locked else home
        grounds = {radius: WalkableSpace(home, radius) for radius in sorted({person.radius for person in self.persons})}
        self._ways.clear()
        for person in self.persons:
            ground = grounds[person.radius]
            person.stand_in(ground, partial(self._ways_on, ground, person.radius))
            if person.mode is Mode.ASIDE:
                person.carry_on(self._time)
        self._terrain = terrain_of(list(grounds.values()))

    def _as_rows(self) -> Floats:
        return np.column_stack([self._states[:, X : VY + 1], self._bodies[:, 0]])

    def _bystanders(self) -> Floats:
        """(M, 5) x, y, vx, vy, radius of those recorded who are there."""
        if self._replay is None:
            return np.empty((0, 5))
        states = self._replay.states(self._time)
        return np.ascontiguousarray(states[np.isfinite(states[:, 0])][:, [0, 1, 3, 4, 5]])

    def _think(self, time: float, robot: RobotBody) -> None:
        pose, other = robot.pose, Other.robot(robot)
        for person, row in zip(self.persons, self._states.tolist(), strict=True):
            self._look_up(person, row)
        for i, person in enumerate(self.persons):
            if i in self._led:
                continue
            spec = person.spec
            away = math.hypot(person.x - pose.x, person.y - pose.y)
            departs = person.trips == 0 and spec.departs_near is not None and away <= spec.departs_near
            notices = person.notices(other)
            walls = person.ground.walls
            seen = (notices or departs) and in_sight(walls, *self._frame, person.x, person.y, pose.x, pose.y)
            if departs and (seen or not spec.departs_in_sight):
                person.depart(time)
            person.sees_robot = notices and seen
            person.decide(time, other if person.sees_robot else None, self.persons)
            if person.doors.busy:
                person.doors.leave(person.x, person.y, self._others(i, pose))
            self._wishes[i] = person.wish(time)

    @staticmethod
    def _look_up(person: Person, state: list[float]) -> None:
        person.x, person.y, person.yaw, person.vx, person.vy = state[:5]

    def _others(self, index: int, pose: Pose) -> Floats:
        """(M, 2) where everybody else is, and the robot."""
        places = np.vstack([self._states[:, :2], [[pose.x, pose.y]]])
        return np.delete(places, index, axis=0)

    def _settle(
        self, grounds: dict[float, WalkableSpace], specs: Sequence[PersonSpec], start: Pose, rng: Generator
    ) -> list[Person]:
        """Place everybody and give them goals."""
        persons = []
        taken = [spec.start for spec in specs if spec.start is not None]
        places: dict[tuple[float, int], Ints] = {}
        met: dict[str, tuple[float, float]] = {}  # where the first of each group stands
        for index, spec in enumerate(specs):
            radius = spec.body_radius
            ground = grounds[radius]
            begin = spec.start
            if begin is None:
                begin = free_place(ground, rng, start, taken, beside=met.get(spec.group))
                taken.append(begin)
            if spec.group:
                met.setdefault(spec.group, begin)
            node = stand_on(ground, begin, "start")
            part = int(ground.parts[node])
            if spec.goals:
                goals: Ints = np.array([stand_on(ground, goal, "goal") for goal in spec.goals], dtype=np.int64)
            else:
                key = (radius, part)
                goals = places[key] if key in places else places.setdefault(key, haunts(ground, rng, node))
            if cell_clearance(_POINT, radius, *begin, 0.0, ground.walls, *self._frame, 0.0) < 0.0:
                begin = (float(ground.places[node, 0]), float(ground.places[node, 1]))
            stream = np.random.default_rng(rng.integers(2**63))
            ways_to = partial(self._ways_on, ground, radius)
            persons.append(Person(spec, index, ground, begin, goals, ways_to, stream))
        return persons

    def _gather(self) -> Ints:
        """The number (N,) of each person's group, -1 for none."""
        groups: dict[str, Group] = {}
        for person in self.persons:
            name = person.spec.group
            if name:
                person.group = groups.setdefault(name, Group(len(groups)))
                person.group.members.append(person)
        return np.array([-1 if p.group is None else p.group.number for p in self.persons], dtype=np.int64)

    def _ways_on(self, ground: WalkableSpace, radius: float, node: int) -> ShortestWays:
        if (radius, node) not in self._ways:
            self._ways[radius, node] = ground.ways_to(node)
        return self._ways[radius, node]


def _led_on(state: Floats, place: tuple[float, float], turning: float) -> Floats:
    """One step of who is led to a place in ``map``: their row of states, at a yaw rate of ``turning`` rad/s at most."""
    after = np.zeros_like(state)
    way_x, way_y = place[0] - state[X], place[1] - state[Y]
    share = 1.0 / max(PULL, math.hypot(way_x, way_y) / FASTEST)
    after[VX], after[VY] = share * way_x, share * way_y
    after[X], after[Y], after[YAW] = state[X] + STEP * after[VX], state[Y] + STEP * after[VY], state[YAW]
    if math.hypot(after[VX], after[VY]) > FACING:
        turn = math.remainder(math.atan2(after[VY], after[VX]) - state[YAW], 2.0 * math.pi)
        after[TURN] = min(max(turn / STEP, -turning), turning)
        after[YAW] = math.remainder(state[YAW] + STEP * after[TURN], 2.0 * math.pi)
    return after


def _body(spec: PersonSpec) -> tuple[float, ...]:
    """A row of ``bodies`` of the kernel."""
    traits = spec.traits
    return spec.body_radius, HURRY * spec.paces[1], traits.acceleration, traits.braking, traits.turning
