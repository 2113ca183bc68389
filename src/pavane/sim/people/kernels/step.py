"""One step of everybody in the home: the acceleration that legs give, and what walls and bodies leave of the motion.

Only a touch changes velocity at once.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats
from pavane.numerics.jit import exact_kernel
from pavane.sim.people.kernels.acceleration import SHOULDERS, acceleration
from pavane.sim.people.kernels.social_force import (
    AX,
    AY,
    FACE,
    GOAL_X,
    GOAL_Y,
    PACE,
    RADIUS,
    REST,
    TOP,
    TURN,
    TURNING,
    VX,
    VY,
    YAW,
    Pedestrians,
    X,
    Y,
    clip,
)
from pavane.sim.people.kernels.terrain import (
    RobotOutline,
    Terrain,
    disc_clearance,
    fits,
    robot_clearance,
    wall_clearance,
)

FACING = 0.3  # m/s above which a body faces where it moves
AGILITY = 25.0  # rad/s^2 with which a body turns
PARTING = 0.3  # m/s with which bodies that overlap are moved apart
STANDING = 0.05  # m/s below which somebody who ends up in a robot steps out of it
SOFT = 6.0  # m/s^2 with which bodies that touch slow each other down
NEAR_WALL = 0.1  # m of air below which walls are looked at exactly; more than a step is long
TOUCH = 1e-6  # m kept from a wall that is touched


@exact_kernel
def _walk(
    terrain: Terrain, x: float, y: float, vx: float, vy: float, radius: float, dt: float
) -> tuple[float, float, float, float]:
    """Return place x, y and velocity vx, vy after a step beside walls.

    A person who touches a wall slides along it, and stands where that leads nowhere.

    Args:
        terrain: the ground.
        x: of their centre in ``map``, m.
        y: likewise.
        vx: velocity without walls, m/s.
        vy: likewise.
        radius: of their body, m.
        dt: length of the step, s.
    """
    new_x, new_y = x + vx * dt, y + vy * dt
    if fits(terrain, new_x, new_y, radius):
        return new_x, new_y, vx, vy
    for _ in range(3):
        wall = disc_clearance(terrain, new_x, new_y, radius)
        if wall.gap < 0.0 and (wall.out_x != 0.0 or wall.out_y != 0.0):
            new_x += (TOUCH - wall.gap) * wall.out_x
            new_y += (TOUCH - wall.gap) * wall.out_y
            into = -(vx * wall.out_x + vy * wall.out_y)
            if into > 0.0:
                vx += into * wall.out_x
                vy += into * wall.out_y
        if fits(terrain, new_x, new_y, radius):
            return new_x, new_y, vx, vy
    if fits(terrain, x + vx * dt, y, radius):
        return x + vx * dt, y, vx, 0.0
    if fits(terrain, x, y + vy * dt, radius):
        return x, y + vy * dt, 0.0, vy
    return x, y, 0.0, 0.0


@exact_kernel
def _wrap(angle: float) -> float:
    """Return an angle as one in [-pi, pi), rad."""
    return angle - 2.0 * math.pi * math.floor(angle / (2.0 * math.pi) + 0.5)


@exact_kernel
def _face(i: int, people: Pedestrians, dt: float) -> None:
    """Turn a body to where it moves, or wants to."""
    states, wishes, turning = people.states, people.wishes, people.bodies[i, TURNING]
    speed = math.hypot(states[i, VX], states[i, VY])
    to_x, to_y = wishes[i, GOAL_X] - states[i, X], wishes[i, GOAL_Y] - states[i, Y]
    if speed > FACING:
        aim = math.atan2(states[i, VY], states[i, VX])
    elif wishes[i, PACE] > 0.0 and wishes[i, REST] > 0.3 and math.hypot(to_x, to_y) > 0.1:
        aim = math.atan2(to_y, to_x)
    elif not math.isnan(wishes[i, FACE]):
        aim = wishes[i, FACE]
    else:
        aim = states[i, YAW]
    error = _wrap(aim - states[i, YAW])
    rate = min(max(4.0 * error, -turning), turning)
    states[i, TURN] += min(max(rate - states[i, TURN], -AGILITY * dt), AGILITY * dt)
    states[i, YAW] = _wrap(states[i, YAW] + states[i, TURN] * dt)


@exact_kernel
def _part(people: Pedestrians, others: Floats, terrain: Terrain, dt: float) -> None:
    """Move apart those who overlap by more than turned shoulders allow: the only touch among people.

    Args:
        people: after the step; their states are changed.
        others: (N + M, 5) x, y, vx, vy, radius of all bodies before the step.
        terrain: the ground.
        dt: length of the step, s.
    """
    states, bodies = people.states, people.bodies
    for i in range(len(states)):
        for j in range(i + 1, len(others)):
            simulated = j < len(states)
            other_x, other_y = (states[j, X], states[j, Y]) if simulated else (others[j, 0], others[j, 1])
            dx, dy = other_x - states[i, X], other_y - states[i, Y]
            least = SHOULDERS * (bodies[i, RADIUS] + others[j, 4])
            distance = math.hypot(dx, dy)
            if distance >= least:
                continue
            nx, ny = (dx / distance, dy / distance) if distance > 1e-9 else (1.0, 0.0)
            move = min((least - distance) * (0.5 if simulated else 1.0), PARTING * dt)
            for k, sign in ((i, -1.0), (j, 1.0)):
                if k >= len(states):
                    continue
                x, y = states[k, X] + sign * move * nx, states[k, Y] + sign * move * ny
                if fits(terrain, x, y, bodies[k, RADIUS]):
                    states[k, X], states[k, Y] = x, y
                into = min(-sign * (states[k, VX] * nx + states[k, VY] * ny), SOFT * dt)
                if into > 0.0:
                    states[k, VX] += sign * into * nx
                    states[k, VY] += sign * into * ny


@exact_kernel
def _step_out(i: int, people: Pedestrians, robot: RobotOutline, terrain: Terrain, dt: float) -> None:
    """Move somebody who stands in the robot out of it.

    Args:
        i: their row.
        people: after the step; their states are changed.
        robot: its outline.
        terrain: the ground.
        dt: length of the step, s.
    """
    states, radius = people.states, people.bodies[i, RADIUS]
    off_robot = robot_clearance(robot, states[i, X], states[i, Y])
    deep = radius - off_robot.gap
    if deep > 0.0 and math.hypot(states[i, VX], states[i, VY]) < STANDING:
        move = min(deep, PARTING * dt)
        x, y = states[i, X] + move * off_robot.out_x, states[i, Y] + move * off_robot.out_y
        if fits(terrain, x, y, radius):
            states[i, X], states[i, Y] = x, y


@exact_kernel
def step_crowd(people: Pedestrians, bystanders: Floats, terrain: Terrain, robot: RobotOutline, dt: float) -> Floats:
    """Return the states (N, 8) of everybody one step later; columns as in :class:`Pedestrians`.

    Args:
        people: before the step.
        bystanders: (M, 5) x, y, vx, vy, radius of bodies that are not moved here.
        terrain: the ground.
        robot: its outline and motion.
        dt: length of the step, s.
    """
    states, bodies = people.states, people.bodies
    count = len(states)
    others = np.empty((count + len(bystanders), 5))
    others[:count, 0], others[:count, 1] = states[:, X], states[:, Y]
    others[:count, 2], others[:count, 3] = states[:, VX], states[:, VY]
    others[:count, 4] = bodies[:, RADIUS]
    others[count:] = bystanders
    after = Pedestrians(states.copy(), bodies, people.wishes, people.groups, people.layers)
    for i in range(count):
        x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
        off_wall, off_robot = wall_clearance(terrain, people.layers[i], x, y), robot_clearance(robot, x, y)
        ax, ay = acceleration(i, people, others, off_wall, off_robot, robot, dt)
        top = max(bodies[i, TOP], math.hypot(vx, vy))
        new_vx, new_vy = clip(vx + ax * dt, vy + ay * dt, top)
        row = after.states[i]
        row[AX], row[AY] = (new_vx - vx) / dt, (new_vy - vy) / dt
        row[X], row[Y], row[VX], row[VY] = x + new_vx * dt, y + new_vy * dt, new_vx, new_vy
        if off_wall.gap < max(2.0 * terrain.resolution, NEAR_WALL):
            row[X], row[Y], row[VX], row[VY] = _walk(terrain, x, y, new_vx, new_vy, bodies[i, RADIUS], dt)
    _part(after, others, terrain, dt)
    for i in range(count):
        _step_out(i, after, robot, terrain, dt)
        _face(i, after, dt)
    return after.states
