"""The acceleration that a person takes: the social force, within what legs give, braking in time.

Unlike in the social force models, acceleration and jerk are bounded and people brake in time: the speed towards
anything is kept below what still lets them stop before it.
"""

from __future__ import annotations

import math

from pavane.core.arrays import Floats
from pavane.numerics.jit import exact_kernel
from pavane.sim.people.kernels.social_force import (
    AX,
    AY,
    COMFORT,
    HARD,
    NEIGHBOUR,
    RADIUS,
    SEES,
    SUDDEN,
    VX,
    VY,
    Pedestrians,
    X,
    Y,
    clip,
    social_force,
)
from pavane.sim.people.kernels.terrain import Clearance, RobotOutline

BRAKES = 1.2  # m/s^2 with which people expect to brake before what is in their way
CAUTION = 2.5  # 1/s: most speed towards something for each metre of air; tells near from far
HEADWAY = 0.2  # s in which a speed that is too high for the air is corrected
STANDOFF = 0.12  # m of air that a yielding person never gives up by walking
SHOULDERS = 0.7  # of the radius: people turn their shoulders when they squeeze past each other
GENTLE, ABRUPT = 12.0, 45.0  # m/s^3: change of acceleration, in comfort and when something is close


@exact_kernel
def _still_stops(gap: float) -> float:
    """Return the speed towards something at ``gap`` m at which a person still stops before it in comfort, m/s."""
    air = max(gap, 0.0)
    return min(CAUTION * air, math.sqrt(2.0 * BRAKES * air))


@exact_kernel
def _brake(
    ax: float, ay: float, vx: float, vy: float, out_x: float, out_y: float, most: float
) -> tuple[float, float, bool]:
    """Return an acceleration (x, y) that keeps the speed towards something below a limit, and whether it is above now.

    Args:
        ax: the acceleration that is asked for, m/s^2.
        ay: likewise.
        vx: velocity, m/s.
        vy: likewise.
        out_x: unit vector that leads away from what is in the way.
        out_y: likewise.
        most: greatest speed against that vector, m/s.
    """
    towards = -(vx * out_x + vy * out_y)
    limit = (most - towards) / HEADWAY
    excess = -(ax * out_x + ay * out_y) - limit
    if excess <= 0.0:
        return ax, ay, False
    return ax + excess * out_x, ay + excess * out_y, towards > most


@exact_kernel
def _brake_for_others(ax: float, ay: float, i: int, people: Pedestrians, others: Floats) -> tuple[float, float, bool]:
    """Return an acceleration (x, y) that brakes in time before all bodies near by, and whether one is too close.

    Args:
        ax: the acceleration that is asked for, m/s^2.
        ay: likewise.
        i: the person's row.
        people: everybody who is simulated.
        others: (N + M, 5) x, y, vx, vy, radius of these and of all other bodies.
    """
    states, radius, sudden = people.states, people.bodies[i, RADIUS], False
    x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
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
    return ax, ay, sudden


@exact_kernel
def acceleration(
    i: int, people: Pedestrians, others: Floats, off_wall: Clearance, off_robot: Clearance, robot: RobotOutline,
    dt: float,
) -> tuple[float, float]:  # fmt: skip
    """Return the acceleration (x, y) that a person takes: the social force, within what legs give, braking in time.

    Args:
        i: the person's row.
        people: everybody who is simulated.
        others: (N + M, 5) x, y, vx, vy, radius of these and of all other bodies.
        off_wall: of the person, from walls.
        off_robot: of the person's centre, from the robot.
        robot: its outline and motion.
        dt: length of the step, s.
    """
    states, bodies, wishes = people.states, people.bodies, people.wishes
    vx, vy = states[i, VX], states[i, VY]
    radius, hard = bodies[i, RADIUS], bodies[i, HARD]
    ax, ay = social_force(i, people, others, off_wall, off_robot, robot)
    sudden = wishes[i, SUDDEN] > 0.0
    ax, ay = clip(ax, ay, hard if sudden else bodies[i, COMFORT])
    ax, ay, close = _brake_for_others(ax, ay, i, people, others)
    sudden = sudden or close
    steep = math.hypot(off_wall.out_x, off_wall.out_y)
    if steep > 0.3:
        out_x, out_y = off_wall.out_x / steep, off_wall.out_y / steep
        ax, ay, close = _brake(ax, ay, vx, vy, out_x, out_y, _still_stops(off_wall.gap))
        sudden = sudden or close
    if wishes[i, SEES] > 0.0:
        comes = max(0.0, robot.vx * off_robot.out_x + robot.vy * off_robot.out_y)
        gap = off_robot.gap - radius - STANDOFF - HEADWAY * comes
        ax, ay, close = _brake(ax, ay, vx, vy, off_robot.out_x, off_robot.out_y, _still_stops(gap))
        if gap <= 0.0 and vx * off_robot.out_x + vy * off_robot.out_y < 0.0:
            # somebody who slides along a wall towards it stops altogether: braking off it would only press on the wall
            ax, ay = -vx / HEADWAY, -vy / HEADWAY
        sudden = sudden or close
    ax, ay = clip(ax, ay, hard)
    step_x, step_y = clip(ax - states[i, AX], ay - states[i, AY], (ABRUPT if sudden else GENTLE) * dt)
    return states[i, AX] + step_x, states[i, AY] + step_y
