"""Everybody in the home, moved together in small steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.errors import BadGoal
from pavane.core.geometry import Pose
from pavane.maps import OccupancyMap
from pavane.numerics.overlap import cell_clearance
from pavane.numerics.raycast import in_sight
from pavane.sim.contacts import RobotBody
from pavane.sim.people.doors import DoorService, DoorUser, Doorway, doorways
from pavane.sim.people.encounter import notices
from pavane.sim.people.groups import Group
from pavane.sim.people.kernels.social_force import RADIUS, TURN, TURNING, VX, VY, YAW, Pedestrians, X, Y
from pavane.sim.people.kernels.step import step_crowd
from pavane.sim.people.kernels.terrain import RobotOutline
from pavane.sim.people.navigation import KnownWays, WalkableSpace, ground_of, shut, terrain_of
from pavane.sim.people.person import Person
from pavane.sim.people.placing import free_place, stand_on, wander_goals
from pavane.sim.people.replay import TrackReplay
from pavane.sim.people.spec import FASTEST, PersonSpec
from pavane.sim.people.state import Mode
from pavane.sim.people.yielding import Other

STEP = 0.02  # s
THINK = 5  # steps between decisions
HURRY = 1.2  # of the preferred pace: the most that others make somebody walk
PULL = 0.1  # s in which somebody who is led by the hand closes most of the way to where they are led
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
        frame = (home.grid.resolution, home.grid.origin.x, home.grid.origin.y)
        self._replay, self._time, self._count = replay, 0.0, 0
        self._led: dict[int, tuple[float, float]] = {}  # numbers of those led by the hand, and where to, m in map
        lines = [] if doors is None else doorways(doors, home.grid.data == 1, frame)
        self._locked = [] if doors is None else [line for line in lines if doors.locked(line.index)]
        home = shut(home, self._locked) if self._locked else home
        radii = sorted({spec.body_radius for spec in specs})
        ways = {radius: KnownWays(ground_of(home, radius)) for radius in radii}
        self.persons = _settle(ways, specs, start, rng, doors, lines)
        self._terrain = terrain_of([known.ground for known in ways.values()]) if ways else None
        self._pedestrians = Pedestrians(
            states=np.array([_row(p) for p in self.persons]).reshape(-1, 8),
            bodies=np.array([_body(spec) for spec in specs], dtype=np.float64).reshape(-1, 5),
            wishes=np.array([p.wish(0.0) for p in self.persons], dtype=np.float64).reshape(-1, 9),
            groups=np.array([-1 if p.group is None else p.group.number for p in self.persons], dtype=np.int64),
            layers=np.array([radii.index(p.state.radius) for p in self.persons], dtype=np.int64),
        )
        self._rows = self._as_rows()
        recorded = () if replay is None else replay.names
        self.names = tuple(p.spec.name or f"{p.spec.kind} {i}" for i, p in enumerate(self.persons)) + recorded
        simulated = np.array([spec.traits.detectable for spec in specs], dtype=np.bool_)
        self.detectable: Bools = simulated if replay is None else np.concatenate([simulated, replay.detectable])

    def states(self, time: float | None = None) -> Floats:
        """Return x, y, yaw, vx, vy, radius (N, 6) in ``map``: persons as of the last step, then those recorded.

        Args:
            time: s, for those recorded; None: that of the last step. A row of NaN is somebody who is not there.
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
        pose, shape = robot.pose, robot.shape
        velocity = robot.velocity_at(pose.x, pose.y)
        outline = RobotOutline(pose.x, pose.y, pose.yaw, *velocity, robot.omega, shape.vertices, shape.radius)
        people = self._pedestrians
        after = step_crowd(people, self._bystanders(), self._terrain, outline, STEP)
        for index, place in self._led.items():
            after[index] = _led_on(people.states[index], place, float(people.bodies[index, TURNING]))
        people.states[:] = after
        self._rows = self._as_rows()

    # -- what somebody outside does to them -------------------------------------------------------------------------

    def lead(self, index: int, x: float, y: float) -> None:
        """Lead a person by the hand to a place, straight, at a run at most; until they are let go.

        Walls, furniture and others do not stop them then; their velocity is the one with which they are moved.

        Raises:
            BadGoal: they could not stand there, or not walk on from there.
        """
        person = self.persons[index]
        graph = person.ground.graph
        node = stand_on(person.ground, (x, y), "place")
        if graph.parts[node] != graph.parts[graph.node(person.state.x, person.state.y)]:
            raise BadGoal("no way leads on from a person's place", value=f"({x:.2f}, {y:.2f})")
        self._led[index] = (x, y)

    def let_go(self, index: int) -> None:
        """Let go of a person: they go on from where they are."""
        if self._led.pop(index, None) is not None:
            _look_up(self.persons[index], self._pedestrians.states[index].tolist())
            self.persons[index].carry_on(self._time)

    def led(self) -> Bools:
        """Return which of them (N,) are led by the hand."""
        led: Bools = np.zeros(len(self.names), dtype=np.bool_)
        led[list(self._led)] = True
        return led

    def find_ways(self, home: OccupancyMap) -> None:
        """Let people be stopped by what stands now, and go round it: something was put down or taken away.

        Args:
            home: the true home with its doors open.
        """
        if self._terrain is None:
            return
        home = shut(home, self._locked) if self._locked else home
        radii = sorted({person.state.radius for person in self.persons})
        ways = {radius: KnownWays(WalkableSpace(home, radius)) for radius in radii}
        for person in self.persons:
            person.stand_in(ways[person.state.radius])
            if person.state.mode is Mode.ASIDE:
                person.carry_on(self._time)
        self._terrain = terrain_of([known.ground for known in ways.values()])

    def _as_rows(self) -> Floats:
        """Return the persons' rows (N, 6) of ``states``."""
        return np.column_stack([self._pedestrians.states[:, X : VY + 1], self._pedestrians.bodies[:, RADIUS]])

    def _bystanders(self) -> Floats:
        """Return those recorded who are there, (M, 5) x, y, vx, vy, radius in ``map``."""
        if self._replay is None:
            return np.empty((0, 5))
        states = self._replay.states(self._time)
        return np.ascontiguousarray(states[np.isfinite(states[:, 0])][:, [0, 1, 3, 4, 5]])

    def _think(self, time: float, robot: RobotBody) -> None:
        """Let everybody decide what to do next, at ``time``, s; those led by the hand do not."""
        pose, other = robot.pose, Other.robot(robot)
        for person, row in zip(self.persons, self._pedestrians.states.tolist(), strict=True):
            _look_up(person, row)
        for i, person in enumerate(self.persons):
            if i in self._led:
                continue
            spec, here, ground = person.spec, person.state, person.ground
            away = here.distance(pose.x, pose.y)
            departs = here.trips == 0 and spec.departs_near is not None and away <= spec.departs_near
            noticed = notices(spec, here, other)
            seen = (noticed or departs) and in_sight(ground.walls, *ground.frame, here.x, here.y, pose.x, pose.y)
            if departs and (seen or not spec.departs_in_sight):
                person.depart(time)
            person.sees_robot = noticed and seen
            person.decide(time, other if person.sees_robot else None, self.persons)
            if person.doors.busy:
                person.doors.leave(here.x, here.y, self._others(i, pose))
            self._pedestrians.wishes[i] = person.wish(time)

    def _others(self, index: int, pose: Pose) -> Floats:
        """Return where everybody else is, and the robot: (M, 2) in ``map``, m."""
        places = np.vstack([self._pedestrians.states[:, :2], [[pose.x, pose.y]]])
        return np.delete(places, index, axis=0)


def _settle(
    ways: dict[float, KnownWays],
    specs: Sequence[PersonSpec],
    start: Pose,
    rng: Generator,
    doors: DoorService | None,
    lines: list[Doorway],
) -> list[Person]:
    """Place everybody, give them goals, and bring groups together.

    Args:
        ways: the grounds, by radius.
        specs: who they are.
        start: map_from_base of the robot at the start.
        rng: draws places, goals and each one's stream.
        doors: of the home; None when it has none.
        lines: of the doors.
    """
    persons: list[Person] = []
    taken = [spec.start for spec in specs if spec.start is not None]
    haunts: dict[tuple[float, int], Ints] = {}  # goals of wanderers, by radius and part of the home
    groups: dict[str, Group] = {}
    for index, spec in enumerate(specs):
        known = ways[spec.body_radius]
        ground, graph = known.ground, known.ground.graph
        begin, group = spec.start, groups.get(spec.group)
        if begin is None:
            begin = free_place(ground, rng, start, taken, beside=None if group is None else group.meeting_place)
            taken.append(begin)
        if spec.group and group is None:
            group = groups[spec.group] = Group(len(groups), begin)
        node = stand_on(ground, begin, "start")
        if spec.goals:
            goals: Ints = np.array([stand_on(ground, goal, "goal") for goal in spec.goals], dtype=np.int64)
        else:
            key = (spec.body_radius, int(graph.parts[node]))
            goals = haunts[key] if key in haunts else haunts.setdefault(key, wander_goals(ground, rng, node))
        if cell_clearance(_POINT, spec.body_radius, *begin, 0.0, ground.walls, *ground.frame, 0.0) < 0.0:
            begin = graph.place(node)
        stream = np.random.default_rng(rng.integers(2**63))
        uses = DoorUser(doors, lines, spec.closes_doors, stream)
        persons.append(Person(spec, index, known, begin, goals, uses, stream))
        if group is not None:
            persons[-1].join(group)
    return persons


def _look_up(person: Person, state: list[float]) -> None:
    """Tell a person where they are, by their row of the kernel's states."""
    here = person.state
    here.x, here.y, here.yaw, here.vx, here.vy = state[:5]


def _row(person: Person) -> tuple[float, ...]:
    """Return a person's row of ``states`` of the kernel, at rest."""
    return (person.state.x, person.state.y, person.state.yaw, *[0.0] * 5)


def _led_on(state: Floats, place: tuple[float, float], turning: float) -> Floats:
    """Return the row of states after one step of somebody who is led by the hand.

    Args:
        state: (8,) their row before.
        place: where they are led to in ``map``, m.
        turning: most yaw rate, rad/s.
    """
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
    """Return a row of ``bodies`` of the kernel."""
    traits = spec.traits
    return spec.body_radius, HURRY * spec.paces[1], traits.acceleration, traits.braking, traits.turning
