"""The social force: what draws people along their way, around each other, off the walls, and to their group.

The social force model of D. Helbing and P. Molnár, "Social force model for pedestrian dynamics", Physical Review E 51
(1995), with the interaction law that M. Moussaïd et al., "Experimental study of the behavioural mechanisms underlying
self-organization in human crowds", Proceedings of the Royal Society B 276 (2009), measured: it depends on where two
people are heading relative to each other, so they choose a side early instead of bouncing off late. Those who walk
together follow M. Moussaïd et al., "The walking behaviour of pedestrian social groups and its impact on crowd
dynamics", PLoS ONE 5 (2010), whose steps are rounded off. Forces are accelerations.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from pavane.core.arrays import Floats, Ints
from pavane.numerics.jit import exact_kernel
from pavane.sim.people.kernels.terrain import Clearance, RobotOutline

RELAXATION = 0.5  # s in which a person takes up the speed they want
SUDDENLY = 0.2  # s, likewise in a sudden stop
STRENGTH = 4.5  # m/s^2; this and the next four are the values Moussaïd et al. (2009) fitted
REACH = 0.35
LOOK_AHEAD = 2.0
TURN_FOCUS = 2.0
SLOW_FOCUS = 3.0
RIGHT_BIAS = 0.005  # rad by which a perfect head-on meeting is off, so that both step to their right
NEIGHBOUR = 2.5  # m within which people heed each other
WALL_STRENGTH = 2.5  # m/s^2 at the skin
WALL_REACH = 0.06  # m over which it fades; short, because homes are narrow
AIR = 0.45  # m that a person likes to keep from a robot
AIR_STRENGTH = 1.6  # m/s^2 when there is none
GAZE, COHESION, REPULSION = 4.0, 3.0, 1.0  # m/s^2 and 1/s, of groups, Moussaïd et al. (2010)
SIGHT = 0.5 * math.pi  # rad to each side in which a person has their group in view
ELBOW_ROOM = 0.8  # m below which those who walk together spread
LOYALTY = 0.4  # of the driving force, that the group can hold back
NEAR_MATES = 0.6  # m up to which nobody minds having the others behind
FADE = 0.5  # m over which cohesion rises to full strength, so that it has no step
TRIFLE = 0.5  # m/s^2 below which pushes do not move somebody who stands
ARRIVING = 1.0  # m/s^2 with which people come to rest at a goal
SIDESTEP = 0.5  # of the pace, that people walk where they do not face
X, Y, YAW, VX, VY, AX, AY, TURN = range(8)  # columns of ``Pedestrians.states``
RADIUS, TOP, COMFORT, HARD, TURNING = range(5)  # columns of ``Pedestrians.bodies``
GOAL_X, GOAL_Y, REST, PACE, SWAY, FACE, SUDDEN, SEES, WALKS = range(9)  # columns of ``Pedestrians.wishes``


class Pedestrians(NamedTuple):
    """Everybody who is simulated, a row each.

    Args:
        states: (N, 8) x, y, yaw, vx, vy, ax, ay, yaw rate in ``map``; m, rad, s.
        bodies: (N, 5) radius m, top speed m/s, acceleration in comfort and at most m/s^2, yaw rate at most rad/s.
        wishes: (N, 9) where to walk now x, y in ``map``, way left m, pace m/s, sideways sway m/s, yaw to face when
            standing or NaN, then 1 or 0: stops suddenly, sees a robot it heeds, is walking.
        groups: (N,) number of each one's group, negative for none.
        layers: (N,) layer of the terrain's fields for each one's radius.
    """

    states: Floats
    bodies: Floats
    wishes: Floats
    groups: Ints
    layers: Ints


@exact_kernel
def avoid(offset_x: float, offset_y: float, approach_x: float, approach_y: float) -> tuple[float, float]:
    """Return the acceleration (x, y) of a person because of another body, Moussaïd et al. (2009), in m/s^2.

    Args:
        offset_x: from the person to the other, m.
        offset_y: likewise.
        approach_x: velocity of the person minus that of the other, m/s.
        approach_y: likewise.
    """
    distance = math.hypot(offset_x, offset_y)
    if distance < 1e-6:
        return 0.0, 0.0
    toward_x, toward_y = offset_x / distance, offset_y / distance
    course_x, course_y = LOOK_AHEAD * approach_x + toward_x, LOOK_AHEAD * approach_y + toward_y
    urgency = math.hypot(course_x, course_y)
    if urgency < 1e-6:
        return 0.0, 0.0
    course_x, course_y = course_x / urgency, course_y / urgency
    cross = course_x * toward_y - course_y * toward_x
    bearing = math.atan2(cross, course_x * toward_x + course_y * toward_y) + RIGHT_BIAS  # other to the left: positive
    span = REACH * urgency
    fade = STRENGTH * math.exp(-distance / span)
    slow = -fade * math.exp(-((SLOW_FOCUS * span * bearing) ** 2))
    turn = -math.copysign(fade, bearing) * math.exp(-((TURN_FOCUS * span * bearing) ** 2))
    return slow * course_x - turn * course_y, slow * course_y + turn * course_x


@exact_kernel
def clip(x: float, y: float, most: float) -> tuple[float, float]:
    """Return the vector (x, y), shortened to the length ``most`` where it is longer."""
    size = math.hypot(x, y)
    if size <= most:
        return x, y
    return x * most / size, y * most / size


@exact_kernel
def _group_force(i: int, people: Pedestrians) -> tuple[float, float]:
    """Return the acceleration (x, y) that keeps those together who walk together, Moussaïd et al. (2010), in m/s^2.

    Gaze: a person who has the others behind slows down. Cohesion: beyond (N - 1) / 2 m from the middle, back to it.
    Repulsion: not too close. All of it never stops them altogether, so that nobody is held by others behind a wall.
    """
    states, wishes, groups = people.states, people.wishes, people.groups
    x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
    mates, mid_x, mid_y, ax, ay = 0, 0.0, 0.0, 0.0, 0.0
    for j in range(len(states)):
        if j == i or groups[j] != groups[i] or wishes[j, WALKS] == 0.0:
            continue
        mates += 1
        mid_x += states[j, X]
        mid_y += states[j, Y]
        off_x, off_y = x - states[j, X], y - states[j, Y]
        distance = math.hypot(off_x, off_y)
        if 1e-6 < distance < ELBOW_ROOM:
            push = REPULSION * (1.0 - distance / ELBOW_ROOM) / distance
            ax += push * off_x
            ay += push * off_y
    if mates == 0:
        return 0.0, 0.0
    to_x, to_y = mid_x / mates - x, mid_y / mates - y
    speed, distance = math.hypot(vx, vy), math.hypot(to_x, to_y)
    if speed > 0.1 and distance > NEAR_MATES:
        angle = math.acos(min(max((vx * to_x + vy * to_y) / (speed * distance), -1.0), 1.0))
        gaze = GAZE * max(0.0, angle - SIGHT)
        ax -= gaze * vx
        ay -= gaze * vy
    middle = distance * mates / (mates + 1.0)  # distance from the middle of all, this person included
    if distance > 0.0:
        pull = COHESION * min(max(0.0, middle - 0.5 * mates) / FADE, 1.0) / distance
        ax += pull * to_x
        ay += pull * to_y
    return clip(ax, ay, LOYALTY * wishes[i, PACE] / RELAXATION)


@exact_kernel
def _desired_velocity(i: int, people: Pedestrians) -> tuple[float, float]:
    """Return the velocity (x, y) towards a person's waypoint, m/s: slower near its end, and where they do not face."""
    states, wishes = people.states, people.wishes
    to_x, to_y = wishes[i, GOAL_X] - states[i, X], wishes[i, GOAL_Y] - states[i, Y]
    distance = math.hypot(to_x, to_y)
    if distance <= 1e-3:
        return 0.0, 0.0
    rest = max(wishes[i, REST], 0.0)
    speed = min(wishes[i, PACE], min(math.sqrt(2.0 * ARRIVING * rest), 1.5 * max(rest, distance)))
    facing = (math.cos(states[i, YAW]) * to_x + math.sin(states[i, YAW]) * to_y) / distance
    speed *= SIDESTEP + (1.0 - SIDESTEP) * max(0.0, facing)
    sway = wishes[i, SWAY] * min(1.0, speed / 0.3)
    return (speed * to_x - sway * to_y) / distance, (speed * to_y + sway * to_x) / distance


@exact_kernel
def _add_repulsion(ax: float, ay: float, i: int, people: Pedestrians, others: Floats) -> tuple[float, float]:
    """Return an acceleration (x, y) with the forces of all bodies near by added that are not of the person's group.

    Args:
        ax: the acceleration, m/s^2.
        ay: likewise.
        i: the person's row.
        people: everybody who is simulated.
        others: (N + M, 5) x, y, vx, vy, radius of these and of all other bodies.
    """
    states, groups = people.states, people.groups
    x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
    for j in range(len(others)):
        off_x, off_y = others[j, 0] - x, others[j, 1] - y
        if j == i or abs(off_x) > NEIGHBOUR or abs(off_y) > NEIGHBOUR:
            continue
        if j < len(states) and groups[i] >= 0 and groups[j] == groups[i]:
            continue
        fx, fy = avoid(off_x, off_y, vx - others[j, 2], vy - others[j, 3])
        ax += fx
        ay += fy
    return ax, ay


@exact_kernel
def social_force(
    i: int, people: Pedestrians, others: Floats, off_wall: Clearance, off_robot: Clearance, robot: RobotOutline
) -> tuple[float, float]:
    """Return the acceleration (x, y) that moves one person, before what legs give, in m/s^2.

    It is (desired velocity - velocity) / relaxation time plus the forces of walls, bodies, their group and the robot.
    In a sudden stop the first term is all there is; somebody who stands is not moved by trifles.

    Args:
        i: the person's row.
        people: everybody who is simulated.
        others: (N + M, 5) x, y, vx, vy, radius of these and of all other bodies.
        off_wall: of the person, from walls.
        off_robot: of the person's centre, from the robot.
        robot: its outline and motion.
    """
    states, bodies, wishes = people.states, people.bodies, people.wishes
    x, y, vx, vy = states[i, X], states[i, Y], states[i, VX], states[i, VY]
    walks = wishes[i, WALKS] > 0.0
    want_x, want_y = _desired_velocity(i, people)
    relaxation = SUDDENLY if wishes[i, SUDDEN] > 0.0 else RELAXATION
    drive_x, drive_y = (want_x - vx) / relaxation, (want_y - vy) / relaxation
    if wishes[i, SUDDEN] > 0.0:
        return drive_x, drive_y
    push = WALL_STRENGTH * math.exp(-max(off_wall.gap, 0.0) / WALL_REACH)
    ax, ay = drive_x + push * off_wall.out_x, drive_y + push * off_wall.out_y
    ax, ay = _add_repulsion(ax, ay, i, people, others)
    if people.groups[i] >= 0 and walks:
        fx, fy = _group_force(i, people)
        ax += fx
        ay += fy
    if wishes[i, SEES] > 0.0:
        if walks:
            fx, fy = avoid(robot.x - x, robot.y - y, vx - robot.vx, vy - robot.vy)
            ax += fx
            ay += fy
        push = AIR_STRENGTH * max(0.0, 1.0 - max(off_robot.gap - bodies[i, RADIUS], 0.0) / AIR)
        ax += push * off_robot.out_x
        ay += push * off_robot.out_y
    if want_x != 0.0 or want_y != 0.0:
        return ax, ay
    push_x, push_y = ax - drive_x, ay - drive_y
    left = max(0.0, 1.0 - TRIFLE / max(math.hypot(push_x, push_y), 1e-9))
    return drive_x + left * push_x, drive_y + left * push_y
