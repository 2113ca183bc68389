"""One step of everybody in the home: what they feel like, what legs give, and what walls and bodies leave of it.

Unlike in the social force models, acceleration and jerk are bounded and people brake in time: the speed towards
anything is kept below what still lets them stop before it. Only a touch changes velocity at once.
"""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.numerics.jit import exact_kernel
from pavane.sim.people.kernels.social_force import (
    AX,
    AY,
    COMFORT,
    FACE,
    GOAL_X,
    GOAL_Y,
    HARD,
    NEIGHBOUR,
    PACE,
    RADIUS,
    REST,
    SEES,
    SUDDEN,
    TOP,
    TURN,
    TURNING,
    VX,
    VY,
    YAW,
    X,
    Y,
    clip,
    urge,
)
from pavane.sim.people.kernels.terrain import Air, Machine, Terrain, fits, into_wall, off_machine, off_walls

BRAKES = 1.2  # m/s^2 with which people expect to brake before what is in their way
CAUTION = 2.5  # 1/s: most speed towards something for each metre of air; tells near from far
HEADWAY = 0.2  # s in which a speed that is too high for the air is corrected
STANDOFF = 0.12  # m of air that a yielding person never gives up by walking
SHOULDERS = 0.7  # of the radius: people turn their shoulders when they squeeze past each other
GENTLE, ABRUPT = 12.0, 45.0  # m/s^3: change of acceleration, in comfort and when something is close
FACING = 0.3  # m/s above which a body faces where it moves
AGILITY = 25.0  # rad/s^2 with which a body turns
PARTING = 0.3  # m/s with which bodies that overlap are moved apart
STANDING = 0.05  # m/s below which who ends up in a robot steps out of it
SOFT = 6.0  # m/s^2 with which bodies that touch slow each other down
NEAR_WALL = 0.1  # m of air below which walls are looked at exactly; more than a step is long
TOUCH = 1e-6  # m kept from a wall that is touched


@exact_kernel
def _still_stops(gap: float) -> float:
    """The speed towards something at ``gap`` m at which a person still stops before it in comfort, m/s."""
    air = max(gap, 0.0)
    return min(CAUTION * air, math.sqrt(2.0 * BRAKES * air))


@exact_kernel
def _brake(
    ax: float, ay: float, vx: float, vy: float, out_x: float, out_y: float, most: float
) -> tuple[float, float, bool]:
    """An acceleration (x, y) of which the part that keeps the speed against ``out`` above ``most`` is taken; if any."""
    towards = -(vx * out_x + vy * out_y)
    limit = (most - towards) / HEADWAY
    excess = -(ax * out_x + ay * out_y) - limit
    if excess <= 0.0:
        return ax, ay, False
    return ax + excess * out_x, ay + excess * out_y, towards > most


@exact_kernel
def _walk(
    terrain: Terrain, x: float, y: float, vx: float, vy: float, radius: float, near_wall: bool, dt: float
) -> tuple[float, float, float, float]:
    """Place and velocity after a step: who touches a wall slides along it, and stands where that leads nowhere."""
    new_x, new_y = x + vx * dt, y + vy * dt
    if not near_wall or fits(terrain, new_x, new_y, radius):
        return new_x, new_y, vx, vy
    for _ in range(3):
        wall = into_wall(terrain, new_x, new_y, radius)
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
    return angle - 2.0 * math.pi * math.floor(angle / (2.0 * math.pi) + 0.5)


@exact_kernel
def _face(state: Floats, wish: Floats, turning: float, dt: float) -> None:
    """Turn a body to where it moves, or wants to."""
    speed = math.hypot(state[VX], state[VY])
    to_x, to_y = wish[GOAL_X] - state[X], wish[GOAL_Y] - state[Y]
    if speed > FACING:
        aim = math.atan2(state[VY], state[VX])
    elif wish[PACE] > 0.0 and wish[REST] > 0.3 and math.hypot(to_x, to_y) > 0.1:
        aim = math.atan2(to_y, to_x)
    elif not math.isnan(wish[FACE]):
        aim = wish[FACE]
    else:
        aim = state[YAW]
    error = _wrap(aim - state[YAW])
    rate = min(max(4.0 * error, -turning), turning)
    state[TURN] += min(max(rate - state[TURN], -AGILITY * dt), AGILITY * dt)
    state[YAW] = _wrap(state[YAW] + state[TURN] * dt)


@exact_kernel
def _legs(
    i: int, states: Floats, bodies: Floats, wishes: Floats, groups: Ints, others: Floats, off_wall: Air,
    machine: Machine, off_robot: Air, dt: float,
) -> tuple[float, float]:  # fmt: skip
    """The acceleration (x, y) that a person takes: what they feel like, within what legs give, braking in time."""
    x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
    radius, hard = bodies[i, RADIUS], bodies[i, HARD]
    ax, ay = urge(i, states, bodies, wishes, groups, others, off_wall, machine, off_robot)
    sudden = wishes[i, SUDDEN] > 0.0
    ax, ay = clip(ax, ay, hard if sudden else bodies[i, COMFORT])
    for j in range(len(others)):
        off_x, off_y = x - others[j, 0], y - others[j, 1]
        if j == i or abs(off_x) > NEIGHBOUR or abs(off_y) > NEIGHBOUR:
            continue
        distance = math.hypot(off_x, off_y)
        if distance < 1e-6:
            continue
        out_x, out_y = off_x / distance, off_y / distance
        gap = distance - SHOULDERS * (radius + others[j, 4])
        flees = -(others[j, 2] * out_x + others[j, 3] * out_y)  # speed at which the other goes away
        most = _still_stops(gap) + flees if flees > 0.0 else _still_stops(0.5 * gap)
        ax, ay, close = _brake(ax, ay, vx, vy, out_x, out_y, most)
        sudden = sudden or close
    steep = math.hypot(off_wall.out_x, off_wall.out_y)
    if steep > 0.3:
        out_x, out_y = off_wall.out_x / steep, off_wall.out_y / steep
        ax, ay, close = _brake(ax, ay, vx, vy, out_x, out_y, _still_stops(off_wall.gap))
        sudden = sudden or close
    if wishes[i, SEES] > 0.0:
        comes = max(0.0, machine.vx * off_robot.out_x + machine.vy * off_robot.out_y)
        gap = off_robot.gap - radius - STANDOFF - HEADWAY * comes
        ax, ay, close = _brake(ax, ay, vx, vy, off_robot.out_x, off_robot.out_y, _still_stops(gap))
        if gap <= 0.0 and vx * off_robot.out_x + vy * off_robot.out_y < 0.0:
            # who slides along a wall towards it stops altogether: braking off it would only press on the wall
            ax, ay = -vx / HEADWAY, -vy / HEADWAY
        sudden = sudden or close
    ax, ay = clip(ax, ay, hard)
    step_x, step_y = clip(ax - states[i, AX], ay - states[i, AY], (ABRUPT if sudden else GENTLE) * dt)
    return states[i, AX] + step_x, states[i, AY] + step_y


@exact_kernel
def _part(states: Floats, others: Floats, bodies: Floats, terrain: Terrain, dt: float) -> None:
    """Move apart those who overlap by more than turned shoulders allow: the only touch among people."""
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
def step_crowd(
    states: Floats, bodies: Floats, wishes: Floats, groups: Ints, which: Ints, bystanders: Floats, terrain: Terrain,
    machine: Machine, dt: float,
) -> Floats:  # fmt: skip
    """States (N, 8) of everybody one step later.

    Args:
        states: (N, 8) x, y, yaw, vx, vy, ax, ay, yaw rate in ``map``.
        bodies: (N, 5) radius m, top speed m/s, acceleration in comfort and at most m/s^2, yaw rate at most rad/s.
        wishes: (N, 9) where to walk now x, y in ``map``, way left m, pace m/s, sideways sway m/s, yaw to face when
            standing or NaN, then 1 or 0: stops suddenly, sees a robot it heeds, is walking.
        groups: (N,) number of each one's group, negative for none.
        which: (N,) layer of ``terrain`` for each one's radius.
        bystanders: (M, 5) x, y, vx, vy, radius of bodies that are not moved here.
        terrain: where they can be.
        machine: the robot.
        dt: length of the step, s.
    """
    count = len(states)
    after = states.copy()
    others = np.empty((count + len(bystanders), 5))
    others[:count, 0], others[:count, 1] = states[:, X], states[:, Y]
    others[:count, 2], others[:count, 3] = states[:, VX], states[:, VY]
    others[:count, 4] = bodies[:, RADIUS]
    others[count:] = bystanders
    for i in range(count):
        x, y = states[i, X], states[i, Y]
        off_wall, off_robot = off_walls(terrain, which[i], x, y), off_machine(machine, x, y)
        ax, ay = _legs(i, states, bodies, wishes, groups, others, off_wall, machine, off_robot, dt)
        vx, vy = states[i, VX], states[i, VY]
        top = max(bodies[i, TOP], math.hypot(vx, vy))
        new_vx, new_vy = clip(vx + ax * dt, vy + ay * dt, top)
        after[i, AX], after[i, AY] = (new_vx - vx) / dt, (new_vy - vy) / dt
        near = off_wall.gap < max(2.0 * terrain.resolution, NEAR_WALL)
        after[i, X], after[i, Y], after[i, VX], after[i, VY] = _walk(
            terrain, x, y, new_vx, new_vy, bodies[i, RADIUS], near, dt
        )
    _part(after, others, bodies, terrain, dt)
    for i in range(count):
        off_robot = off_machine(machine, after[i, X], after[i, Y])
        deep = bodies[i, RADIUS] - off_robot.gap
        if deep > 0.0 and math.hypot(after[i, VX], after[i, VY]) < STANDING:
            move = min(deep, PARTING * dt)
            x, y = after[i, X] + move * off_robot.out_x, after[i, Y] + move * off_robot.out_y
            if fits(terrain, x, y, bodies[i, RADIUS]):
                after[i, X], after[i, Y] = x, y
        _face(after[i], wishes[i], bodies[i, TURNING], dt)
    return after
