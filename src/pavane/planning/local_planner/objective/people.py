"""What people and other things that move cost: how near they are, the chance of touching them, discomfort beside them.

With d the distance between both outlines, c the speed at which they come nearer, v that of the robot:

    touch         chance * rate at which their Gaussian place enters the outline      :func:`entry_rate`
    its harm      harm (harm_base + harm_speed blame max(|v|, c)^2)                   :func:`contact_harm`
    discomfort    person_scale gain (v^2 + c^2 / 2) E(d / (reach + person_reach |v|)) :func:`person_discomfort`

discomfort times that harm. The kernels read a row of figures for each hypothesis at each look, :class:`PersonRow`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from pavane.numerics.jit import exact_kernel, inline, spliced
from pavane.numerics.lanes import (
    HALF,
    ONE,
    TWO,
    ZERO,
    F,
    absolute,
    any_greater,
    exp,
    inner,
    inverse_sqrt,
    maximum,
    minimum,
    outer,
    primal,
    where_greater,
)
from pavane.planning.local_planner.objective.shapes import shape_exp

UNLIKELY = 30.0  # squared standard deviations beyond which nobody is: a rate of entry is e^-15 of what it is in touch
SLOW = F(0.5)  # m/s: a robot that comes at much less than this is hardly to blame for a touch
SIDEWAYS = F(0.5)  # of the squared speed across the line to somebody, how much counts like speed towards them


class PersonRow(NamedTuple):
    """Somebody who may be somewhere, at one look: the columns of the arrays (looks, P, PERSON_COLUMNS) of people.

    ``PERSON`` numbers them: ``people[:, :, PERSON.harm]``.
    """

    x: Any  # mean of the place, m
    y: Any
    vx: Any  # mean of the velocity, m/s
    vy: Any
    radius: Any  # of the body, m
    precision: Any  # 1 / variance of the relative place along an axis, 1/m^2
    velocity_gain: Any  # covariance of place and velocity / variance of place, 1/s
    residual_velocity_var: Any  # variance of the velocity that the place does not tell, m^2/s^2
    chance: Any  # that they are there, times the entries that a contact takes
    discomfort_gain: Any  # 0 where nothing is felt beside them
    discomfort_reach: Any  # m
    harm: Any  # of a contact, against touching a wall


PERSON_COLUMNS = len(PersonRow._fields)
PERSON = PersonRow(*range(PERSON_COLUMNS))


class RoundedRectangle(NamedTuple):
    """The outline as people meet it: what lies within ``radius`` of a rectangle in the base frame, m."""

    x: Any  # its centre
    y: Any
    half_length: Any
    half_width: Any
    radius: Any


@inline
def beside_person(pose, people, look, i, body):
    """Return the distance of the outline from somebody's, m, and what :func:`approach` takes.

    That is where they are from the outline's middle, how far beyond its edges, and 1 / the distance.

    Args:
        pose: of the base.
        people: rows of them.
        look, i: which row.
        body: the outline.
    """
    c, s = pose.cos, pose.sin
    dx, dy = people[look, i, PERSON.x] - pose.x, people[look, i, PERSON.y] - pose.y
    ahead, left = dx * c + dy * s - body.x, dy * c - dx * s - body.y
    over_x, over_y = absolute(ahead) - body.half_length, absolute(left) - body.half_width
    out_x, out_y = maximum(over_x, ZERO), maximum(over_y, ZERO)
    square = out_x * out_x + out_y * out_y + F(1e-6)
    inverse = inverse_sqrt(square)
    d = square * inverse + minimum(maximum(over_x, over_y), ZERO) - people[look, i, PERSON.radius] - body.radius
    return d, (ahead, left, out_x, out_y, inverse)


@inline
def approach(beside, pose, v, people, look, i):
    """Return how fast the robot and somebody come nearer, m/s, and across the line between them; the square of the
    robot's own speed, as far as it does not lead away from them.

    Args:
        beside: from :func:`beside_person`.
        pose, v: of the base, and its speed.
        people: rows of them.
        look, i: which row.
    """
    ahead, left, out_x, out_y, inverse = beside
    c, s = pose.cos, pose.sin
    away_x = v - (people[look, i, PERSON.vx] * c + people[look, i, PERSON.vy] * s)
    away_y = people[look, i, PERSON.vx] * s - people[look, i, PERSON.vy] * c
    out_x = where_greater(ahead, ZERO, out_x, -out_x) * inverse
    out_y = where_greater(left, ZERO, out_y, -out_y) * inverse
    towards, aside = maximum(v * out_x, ZERO), v * out_y
    own = towards * towards + SIDEWAYS * aside * aside
    return away_x * out_x + away_y * out_y, away_x * out_y - away_y * out_x, own


@inline
def contact_harm(v, closing, own, weights):
    """Return how bad it is to touch somebody, against a wall: harm_base + harm_speed blame max(|v|, closing)^2.

    blame = (own + harm_standing SLOW^2) / (own + SLOW^2): little of the speed's harm is the fault of a robot that
    stands or goes away, ``own`` of :func:`approach` being small.
    """
    fast = maximum(absolute(v), closing)
    blame = (own + weights.harm_standing * (SLOW * SLOW)) / (own + SLOW * SLOW)
    return weights.harm_base + weights.harm_speed * blame * fast * fast


@inline
def entry_rate(d, closing, across, radius, precision, velocity_gain, residual_velocity_var):
    """Return the rate at which somebody whose place is not sure comes into touch, 1/s.

    Its integral is the chance of it. It is the rate at which a Gaussian relative position enters a disc (Rice 1945,
    over its boundary); the closed form is a fit to the exact one, see ``prediction.contact_risk``. For ``d`` below zero
    it stays as it is in touch.

    Args:
        d: clearance, m.
        closing, across: speed at which the means come nearer, and across the line between them, m/s.
        radius: of the disc: half the sum of both widths, m.
        precision, velocity_gain, residual_velocity_var: see :class:`PersonRow`.
    """
    gap = maximum(d, ZERO)
    r = gap + radius
    kappa = r * (radius * precision)
    g = inverse_sqrt(kappa * kappa + kappa + ONE + F(6.0) / (kappa + TWO))
    q = ONE + F(2.0 * np.pi) * kappa - F(2.5708) * kappa / (kappa + F(0.6))
    a = closing + velocity_gain * r
    square = residual_velocity_var + across * across * g + a * a / (TWO + kappa * kappa) + F(1e-6)
    inverse = inverse_sqrt(square)
    z = (kappa * g * a - velocity_gain * radius) * inverse
    u = absolute(z)
    mean = maximum(z, ZERO) + F(0.39894) * exp(-u * (F(1.25177) + u * (F(0.29188) + F(0.02251) * u)))
    return exp(-HALF * precision * gap * gap) * inverse_sqrt(q) * (radius * precision) * (square * inverse) * mean


@inline
def person_discomfort(d, speed, closing, gain, reach, weights):
    """Return how unpleasant it is to be that near to somebody, 1/s, at distance d between outlines.

    It is person_scale gain (s^2 + closing^2 / 2) E(d / (reach + person_reach s)).

    Args:
        d: distance, m.
        speed: of the robot, m/s.
        closing: how fast both come nearer, m/s; 0 where they part.
        gain, reach: of the discomfort, see :class:`PersonRow`.
        weights: of the objective.
    """
    near = (speed * speed + HALF * closing * closing) * (weights.person_scale * gain)
    return near * shape_exp(d / (reach + weights.person_reach * speed))


@spliced
def beside_people(harm, pose, v, look, situation):
    """Return ``harm`` with the discomfort beside people at a look; the rate of touching them, and that times its harm.

    Args:
        harm: what discomfort is added to, m/s.
        pose: of the base; its cosine and sine carry their slopes.
        v: its speed.
        look: number of the look.
        situation: whose ``people``, ``body`` and ``weights`` count.
    """
    people, body, weights = situation.people, situation.body, situation.weights
    moving, harm_moving = ZERO * (v * v), ZERO * (v * v)
    width = body.radius + F(2.0 / np.pi) * (body.half_length + body.half_width)
    for i in range(people.shape[1]):
        d, beside = beside_person(pose, people, look, i, body)
        room, precision = maximum(primal(d), ZERO), people[look, i, PERSON.precision]
        near, uneasy = any_greater(F(UNLIKELY), precision * room * room), people[look, i, PERSON.discomfort_gain] > ZERO
        if not near and not uneasy:
            continue
        nearing, across, own = approach(beside, pose, v, people, look, i)
        closing = maximum(nearing, ZERO)
        cost = people[look, i, PERSON.harm] * contact_harm(v, closing, own, weights)
        if uneasy:
            pace = absolute(v)
            unpleasant = person_discomfort(
                inner(d, 0, 3), inner(pace, 1, 3), inner(closing, 2, 3),
                people[look, i, PERSON.discomfort_gain], people[look, i, PERSON.discomfort_reach], weights,
            )  # fmt: skip
            harm = harm + cost * outer(unpleasant, (d, pace, closing))
        if near:
            rate = entry_rate(
                inner(d, 0, 3), inner(nearing, 1, 3), inner(across, 2, 3), width + people[look, i, PERSON.radius],
                precision, people[look, i, PERSON.velocity_gain], people[look, i, PERSON.residual_velocity_var],
            )  # fmt: skip
            rate = people[look, i, PERSON.chance] * outer(rate, (d, nearing, across))
            moving = moving + rate
            harm_moving = harm_moving + rate * cost
    return harm, moving, harm_moving


@exact_kernel
def fill_rows(weights, places, velocities, pp, pv, vv, frame, own, radius, reaches, comfort, harm, out):
    """Fill in the rows of one person: ``out`` (K, M, PERSON_COLUMNS).

    Args:
        weights, places, velocities, pp, pv, vv: of a ``Forecast``; the weights times the entries that a contact takes.
        frame: x, y, yaw of the forecast's frame in the window's.
        own: variance of a coordinate of the robot's place, m^2.
        radius: of the body, m.
        reaches: (K,) of the discomfort, m.
        comfort, harm: how much beside them, and of a contact.
        out: what is filled in.
    """
    x, y, yaw = frame
    cos, sin = math.cos(yaw), math.sin(yaw)
    likeliest = 0  # what somebody feels like is asked of one hypothesis
    for m in range(len(weights)):
        likeliest = m if weights[m] > weights[likeliest] else likeliest
    for k in range(len(reaches)):
        for m in range(len(weights)):
            row, place = out[k, m], pp[m, k] + own
            velocity_gain = pv[m, k] / place
            row[PERSON.x] = x + cos * places[m, k, 0] - sin * places[m, k, 1]
            row[PERSON.y] = y + sin * places[m, k, 0] + cos * places[m, k, 1]
            row[PERSON.vx] = cos * velocities[m, k, 0] - sin * velocities[m, k, 1]
            row[PERSON.vy] = sin * velocities[m, k, 0] + cos * velocities[m, k, 1]
            row[PERSON.radius] = radius
            row[PERSON.precision] = 1.0 / place
            row[PERSON.velocity_gain] = velocity_gain
            row[PERSON.residual_velocity_var] = vv[m, k] - velocity_gain * pv[m, k]
            row[PERSON.chance] = weights[m]
            row[PERSON.discomfort_gain] = comfort / reaches[k] if m == likeliest else 0.0
            row[PERSON.discomfort_reach] = reaches[k]
            row[PERSON.harm] = harm
