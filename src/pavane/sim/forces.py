"""The forces that move people: towards their way, around each other, off the walls.

The social force model of D. Helbing and P. Molnár, "Social force model for pedestrian dynamics", Physical Review E 51
(1995), with the interaction law that M. Moussaïd et al., "Experimental study of the behavioural mechanisms underlying
self-organization in human crowds", Proceedings of the Royal Society B 276 (2009), measured: it depends on where two
people are heading relative to each other, so they choose a side early instead of bouncing off late. Forces are
accelerations.
"""

from __future__ import annotations

import math
from typing import NamedTuple

RELAXATION = 0.5  # s in which a person takes up the speed they want
STRENGTH = 4.5  # m/s^2; this and the next four are the values Moussaïd et al. fitted
REACH = 0.35
LOOK_AHEAD = 2.0
TURN_FOCUS = 2.0
SLOW_FOCUS = 3.0
RIGHT_BIAS = 0.005  # rad by which a perfect head-on meeting is off, so that both step to their right
WALL_STRENGTH = 2.5  # m/s^2 at the skin
WALL_REACH = 0.06  # m over which it fades; short, because homes are narrow
AIR = 0.45  # m that a person likes to keep from a robot
AIR_STRENGTH = 1.6  # m/s^2 when there is none


class Vector(NamedTuple):
    """A vector in ``map``."""

    x: float
    y: float


def drive(velocity: Vector, wanted: Vector) -> Vector:
    """Acceleration towards the velocity that is wanted."""
    return Vector((wanted.x - velocity.x) / RELAXATION, (wanted.y - velocity.y) / RELAXATION)


def avoid(offset: Vector, approach: Vector) -> Vector:
    """Acceleration of a person because of another body.

    Args:
        offset: from the person to the other, m.
        approach: velocity of the person minus that of the other, m/s.
    """
    distance = math.hypot(offset.x, offset.y)
    if distance < 1e-6:
        return Vector(0.0, 0.0)
    toward_x, toward_y = offset.x / distance, offset.y / distance
    course_x, course_y = LOOK_AHEAD * approach.x + toward_x, LOOK_AHEAD * approach.y + toward_y
    urgency = math.hypot(course_x, course_y)
    if urgency < 1e-6:
        return Vector(0.0, 0.0)
    course_x, course_y = course_x / urgency, course_y / urgency
    cross = course_x * toward_y - course_y * toward_x
    bearing = math.atan2(cross, course_x * toward_x + course_y * toward_y) + RIGHT_BIAS  # other to the left: positive
    span = REACH * urgency
    fade = STRENGTH * math.exp(-distance / span)
    slow = -fade * math.exp(-((SLOW_FOCUS * span * bearing) ** 2))
    turn = -math.copysign(fade, bearing) * math.exp(-((TURN_FOCUS * span * bearing) ** 2))
    return Vector(slow * course_x - turn * course_y, slow * course_y + turn * course_x)


def off_wall(clearance: float, radius: float, outward: Vector) -> Vector:
    """Acceleration away from the nearest wall; ``clearance`` is that of the person's centre, m."""
    push = WALL_STRENGTH * math.exp(min(radius - clearance, 0.0) / WALL_REACH)
    return Vector(push * outward.x, push * outward.y)


def off_robot(gap: float, outward: Vector) -> Vector:
    """Acceleration that keeps air between a person and a robot; ``gap`` is from skin to skin, m."""
    push = AIR_STRENGTH * max(0.0, 1.0 - max(gap, 0.0) / AIR)
    return Vector(push * outward.x, push * outward.y)
