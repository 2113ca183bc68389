"""What walls cost, and things that stay where they are: clearances, hazard beside them, touch.

With d the clearance of the nearest of the outline's discs, s the speed of that disc and v that of the robot:

    beside walls     wall_scale s^2 E(d / (wall_length + wall_reach s))       :func:`wall_hazard`
    in touch         touch_scale (s + 0.02) mean of B(d; touch_width)         :func:`touch_hazard`
    beside things    wall_scale v^2 e^(-c / DISCOMFORT_LENGTH)                    :func:`beside_things`

each times the harm of a touch, harm_base + harm_speed s^2; E and B are those of ``shapes``.
"""

from __future__ import annotations

from pavane.numerics.jit import inline, spliced
from pavane.numerics.lanes import (
    HALF,
    ONE,
    ZERO,
    F,
    absolute,
    exp,
    inner,
    minimum,
    outer,
    primal,
    sqrt,
    where_greater,
)
from pavane.planning.local_planner.objective.fields import clearance_at
from pavane.planning.local_planner.objective.shapes import bell_area, shape_bell, shape_exp

DISCOMFORT_LENGTH = F(0.05)  # m of equivalent clearance over which discomfort falls by e
FAR = F(1.0)  # m of equivalent clearance at which nothing is felt any more


@inline
def disc_clearance(x, y, discs, i, fields):
    """Return the clearance of one disc at (x, y), with the slopes in x and y alone."""
    return clearance_at(inner(x, 0, 2), inner(y, 1, 2), discs[i, 3], fields) - discs[i, 2]


@inline
def clearances(pose, v, w, discs, fields):
    """Return the clearance of the outline's discs from static things, the speed of the nearest one, and the equivalent
    clearance of the discs that meet things with a kind of their own.

    Args:
        pose: of the base.
        v, w: its speed and yaw rate.
        discs: (D, 4) x, y, radius and the first word of the field that each is looked up in; 0 is that of static
            things.
        fields: clearances.
    """
    x, y, c, s = pose.x, pose.y, pose.cos, pose.sin
    ox, oy = discs[0, 0] + ZERO * primal(x), discs[0, 1] + ZERO * primal(x)
    d = disc_clearance(x + ox * c - oy * s, y + ox * s + oy * c, discs, 0, fields)
    ux, uy, u = ox, oy, ZERO * d + FAR
    for i in range(1, discs.shape[0]):
        nx, ny = discs[i, 0], discs[i, 1]
        e = disc_clearance(x + nx * c - ny * s, y + nx * s + ny * c, discs, i, fields)
        if discs[i, 3] == ZERO:
            nearer = where_greater(primal(d), primal(e), ONE, ZERO)
            ox, oy = where_greater(nearer, HALF, nx, ox), where_greater(nearer, HALF, ny, oy)
            d = minimum(d, e)
        else:
            nearer = where_greater(primal(u), primal(e), ONE, ZERO)
            ux, uy = where_greater(nearer, HALF, nx, ux), where_greater(nearer, HALF, ny, uy)
            u = minimum(u, e)
    across, along = v - w * oy, w * ox
    d = outer(d, (x + ox * c - oy * s, y + ox * s + oy * c))
    u = outer(u, (x + ux * c - uy * s, y + ux * s + uy * c))
    return d, sqrt(across * across + along * along + F(1e-6)), u


@inline
def wall_hazard(d, speed, weights):
    """Return the rate of harm beside walls, 1/s: wall_scale s^2 E(d / (wall_length + wall_reach s)).

    It vanishes faster than linearly with speed.
    """
    return speed * speed * weights.wall_scale * shape_exp(d / (weights.wall_length + weights.wall_reach * speed))


@inline
def wall_rates(d, speed, weights):
    """Return the rate of harm beside walls, 1/s, and that times its harm, harm_base + harm_speed s^2."""
    rate = wall_hazard(d, speed, weights)
    return rate, rate * (weights.harm_base + weights.harm_speed * speed * speed)


@spliced
def beside_walls(clearance, speed, weights):
    """Return what :func:`wall_rates` gives, with the slopes of clearance and speed."""
    rate, harm = wall_rates(inner(clearance, 0, 2), inner(speed, 1, 2), weights)
    return outer(rate, (clearance, speed)), outer(harm, (clearance, speed))


@spliced
def beside_things(equivalent, v, weights):
    """Return the discomfort beside things with a kind of their own, m/s.

    It is wall_scale v^2 e^(-equivalent / DISCOMFORT_LENGTH) (harm_base + harm_speed v^2).
    """
    square = v * v
    discomfort = exp(-equivalent / DISCOMFORT_LENGTH) * (weights.wall_scale * square)
    return discomfort * (weights.harm_base + weights.harm_speed * square)


@inline
def touch_hazard(d0, d1, speed, weights):
    """Return the mean rate of harm by touch on a way on which the clearance changes evenly from d0 to d1, 1/s.

    It is touch_scale (s + 0.02) (A(d1) - A(d0)) / (d1 - d0), A the integral of B. The band of touch is thinner than the
    way from one look to the next: seen at its ends alone it would be missed.
    """
    change = d1 - d0
    apart = where_greater(absolute(change), F(1e-4), ONE, ZERO)
    along = (bell_area(d1, weights.touch_width) - bell_area(d0, weights.touch_width)) / where_greater(
        apart, HALF, change, ONE
    )
    here = shape_bell(HALF * (d0 + d1), weights.touch_width)
    return (speed + F(0.02)) * weights.touch_scale * where_greater(apart, HALF, along, here)


@inline
def touching(d0, d1, speed0, speed1, weights):
    """Return the mean rate of harm by touch from one look to the next, 1/s, and that times its harm.

    Args:
        d0, d1: clearance at both, m.
        speed0, speed1: of the nearest disc, m/s.
        weights: of the objective.
    """
    mean = HALF * (speed0 + speed1)
    speed = inner(mean, 2, 3)
    rate = touch_hazard(inner(d0, 0, 3), inner(d1, 1, 3), speed, weights)
    harm = rate * (weights.harm_base + weights.harm_speed * speed * speed)
    return outer(rate, (d0, d1, mean)), outer(harm, (d0, d1, mean))
