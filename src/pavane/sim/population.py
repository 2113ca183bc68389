"""Everybody in the home, moved together in small steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.random import Generator

from pavane.arrays import Floats, Ints
from pavane.geometry import Pose, wrap_angle
from pavane.kernels.overlap import cell_clearance
from pavane.kernels.raycast import in_sight
from pavane.maps import OccupancyMap
from pavane.sim.contacts import Body
from pavane.sim.forces import Vector, avoid, drive, off_robot, off_wall
from pavane.sim.ground import Ground, Ways, ground_of
from pavane.sim.people import PersonSpec, free_place, haunts, stand_on
from pavane.sim.person import Mode, Person
from pavane.sim.yielding import NEAR, Other

STEP = 0.02  # s
THINK = 5  # steps between decisions
ACCELERATION = 2.5  # m/s^2, the most a person's legs give
NEIGHBOUR = 2.5  # m within which people heed each other
SHOULDERS = 0.7  # of the radius: people turn their shoulders when they squeeze past each other
STANDOFF = 0.12  # m of air that a yielding person never gives up by walking
CAUTION = 2.5  # 1/s: how quickly the speed towards a robot fades with the air that is left
TURNING = 4.0  # rad/s
_POINT = np.zeros((1, 2))


class Population:
    """The people of one world.

    Args:
        home: the true home.
        specs: who they are.
        start: map_from_base of the robot at the start; nobody who is placed by the seed starts near it.
        rng: draws places, goals and pauses.

    Raises:
        BadGoal: a start or goal that a person cannot stand on.
        BadSetting: no room for everybody.
    """

    def __init__(self, home: OccupancyMap, specs: Sequence[PersonSpec], start: Pose, rng: Generator) -> None:
        self._ways: dict[tuple[float, int], Ways] = {}
        self._frame = (home.grid.resolution, home.grid.origin.x, home.grid.origin.y)
        self._count = 0
        self.persons: list[Person] = []
        taken = [spec.start for spec in specs if spec.start is not None]
        places: dict[int, Ints] = {}
        for index, spec in enumerate(specs):
            ground = ground_of(home, spec.radius)
            begin = spec.start
            if begin is None:
                begin = free_place(ground, rng, start, taken)
                taken.append(begin)
            node = stand_on(ground, begin, "start")
            part = int(ground.parts[node])
            if spec.goals:
                goals: Ints = np.array([stand_on(ground, goal, "goal") for goal in spec.goals], dtype=np.int64)
            else:
                goals = places.setdefault(part, haunts(ground, rng, node))
            if cell_clearance(_POINT, spec.radius, *begin, 0.0, ground.walls, *self._frame, 0.0) < 0.0:
                begin = (float(ground.places[node, 0]), float(ground.places[node, 1]))
            ways_to = partial(self._ways_on, ground, spec.radius)
            stream = np.random.default_rng(rng.integers(2**63))
            self.persons.append(Person(spec, index, ground, begin, goals, ways_to, stream))

    def _ways_on(self, ground: Ground, radius: float, node: int) -> Ways:
        if (radius, node) not in self._ways:
            self._ways[radius, node] = ground.ways_to(node)
        return self._ways[radius, node]

    def states(self) -> Floats:
        """(N, 6) x, y, yaw, vx, vy, radius in ``map``."""
        rows = [(p.x, p.y, p.yaw, p.vx, p.vy, p.spec.radius) for p in self.persons]
        return np.array(rows, dtype=np.float64).reshape(-1, 6)

    def step(self, time: float, robot: Body) -> None:
        """Move everybody by 20 ms to ``time``."""
        if self._count % THINK == 0:
            self._think(time, robot)
        self._count += 1
        pushes = [self._push(person, robot) for person in self.persons]
        for person, push in zip(self.persons, pushes, strict=True):
            self._move(person, push, robot)
        self._part()

    def _think(self, time: float, robot: Body) -> None:
        pose, other = robot.pose, Other.robot(robot)
        for person in self.persons:
            heeds = person.spec.kind == "yielding"
            near = heeds and math.hypot(person.x - pose.x, person.y - pose.y) < NEAR
            walls = person.ground.walls
            person.sees_robot = near and in_sight(walls, *self._frame, person.x, person.y, pose.x, pose.y)
            person.decide(time, other if person.sees_robot else None, self.persons)

    def _push(self, person: Person, robot: Body) -> Vector:
        """Acceleration of a person by all that acts on them, no more than legs give."""
        x, y, vx, vy = person.x, person.y, person.vx, person.vy
        forces = [drive(Vector(vx, vy), person.wanted())]
        clearance, slope_x, slope_y = person.ground.wall(x, y)
        forces.append(off_wall(clearance, person.spec.radius, Vector(slope_x, slope_y)))
        for other in self.persons:
            offset = Vector(other.x - x, other.y - y)
            if other is not person and abs(offset.x) < NEIGHBOUR and abs(offset.y) < NEIGHBOUR:
                forces.append(avoid(offset, Vector(vx - other.vx, vy - other.vy)))
        if person.sees_robot:
            robot_vx, robot_vy = robot.velocity_at(robot.pose.x, robot.pose.y)
            if person.mode is Mode.WALK:
                offset = Vector(robot.pose.x - x, robot.pose.y - y)
                forces.append(avoid(offset, Vector(vx - robot_vx, vy - robot_vy)))
            distance, out_x, out_y = robot.gap_to(x, y)
            forces.append(off_robot(distance - person.spec.radius, Vector(out_x, out_y)))
        ax, ay = sum(f.x for f in forces), sum(f.y for f in forces)
        size = math.hypot(ax, ay)
        scale = min(1.0, ACCELERATION / size) if size > 0.0 else 1.0
        return Vector(ax * scale, ay * scale)

    def _move(self, person: Person, push: Vector, robot: Body) -> None:
        vx, vy = person.vx + push.x * STEP, person.vy + push.y * STEP
        speed, most = math.hypot(vx, vy), 1.2 * person.spec.speed
        if speed > most:
            vx, vy = vx * most / speed, vy * most / speed
        if person.sees_robot:
            distance, out_x, out_y = robot.gap_to(person.x, person.y)
            towards = -(vx * out_x + vy * out_y)
            excess = towards - CAUTION * max(0.0, distance - person.spec.radius - STANDOFF)
            if towards > 0.0 and excess > 0.0:
                vx, vy = vx + excess * out_x, vy + excess * out_y
        x, y = person.x + vx * STEP, person.y + vy * STEP
        if not self._fits(person, x, y):  # slide along the wall
            if self._fits(person, x, person.y):
                y, vy = person.y, 0.0
            elif self._fits(person, person.x, y):
                x, vx = person.x, 0.0
            else:
                x, y, vx, vy = person.x, person.y, 0.0, 0.0
        person.x, person.y, person.vx, person.vy = x, y, vx, vy
        if math.hypot(vx, vy) > 0.15:
            turn = wrap_angle(math.atan2(vy, vx) - person.yaw)
            person.yaw = wrap_angle(person.yaw + min(max(turn, -TURNING * STEP), TURNING * STEP))

    def _fits(self, person: Person, x: float, y: float) -> bool:
        if not person.ground.on_floor(x, y):
            return False
        walls = person.ground.walls
        return cell_clearance(_POINT, person.spec.radius, x, y, 0.0, walls, *self._frame, 0.0) >= 0.0

    def _part(self) -> None:
        """Move apart those who overlap by more than turned shoulders allow."""
        for i, one in enumerate(self.persons):
            for two in self.persons[i + 1 :]:
                dx, dy = two.x - one.x, two.y - one.y
                least = SHOULDERS * (one.spec.radius + two.spec.radius)
                distance = math.hypot(dx, dy)
                if distance >= least:
                    continue
                nx, ny = (dx / distance, dy / distance) if distance > 1e-9 else (1.0, 0.0)
                move = 0.5 * (least - distance)
                for person, sign in ((one, -1.0), (two, 1.0)):
                    x, y = person.x + sign * move * nx, person.y + sign * move * ny
                    if self._fits(person, x, y):
                        person.x, person.y = x, y
                    into = -sign * (person.vx * nx + person.vy * ny)
                    if into > 0.0:
                        person.vx, person.vy = person.vx + sign * into * nx, person.vy + sign * into * ny
