"""The crowd's kernel in plain NumPy, for people in the open: every pair at once, no walls."""

from types import SimpleNamespace

import numpy as np

from pavane.sim.people.kernels import acceleration, social_force, step

k = SimpleNamespace(**{**vars(social_force), **vars(acceleration), **vars(step)})  # their constants


def wrap(angle):
    return angle - 2 * np.pi * np.floor(angle / (2 * np.pi) + 0.5)


def avoid(offset, approach):
    """(..., 2) accelerations by Moussaïd et al. (2009), from offsets and approach velocities (..., 2)."""
    distance = np.hypot(offset[..., 0], offset[..., 1])
    toward = offset / np.maximum(distance, 1e-12)[..., None]
    course = k.LOOK_AHEAD * approach + toward
    urgency = np.hypot(course[..., 0], course[..., 1])
    course = course / np.maximum(urgency, 1e-12)[..., None]
    angles = np.arctan2(toward[..., 1], toward[..., 0]) - np.arctan2(course[..., 1], course[..., 0])
    bearing = wrap(angles) + k.RIGHT_BIAS
    span = np.maximum(k.REACH * urgency, 1e-12)
    fade = k.STRENGTH * np.exp(-distance / span)
    slow = -fade * np.exp(-((k.SLOW_FOCUS * span * bearing) ** 2))
    turn = -np.copysign(fade, bearing) * np.exp(-((k.TURN_FOCUS * span * bearing) ** 2))
    left = np.stack([-course[..., 1], course[..., 0]], axis=-1)
    force = slow[..., None] * course + turn[..., None] * left
    return np.where(((distance < 1e-6) | (urgency < 1e-6))[..., None], 0.0, force)


def clip(vectors, most):
    size = np.hypot(vectors[..., 0], vectors[..., 1])
    return vectors * np.minimum(1.0, most / np.maximum(size, 1e-12))[..., None]


def still_stops(gap):
    air = np.maximum(gap, 0.0)
    return np.minimum(k.CAUTION * air, np.sqrt(2 * k.BRAKES * air))


def with_group(place, velocity, wishes, groups):
    """(N, 2) accelerations by Moussaïd et al. (2010)."""
    force = np.zeros_like(place)
    for i in range(len(place)):
        mates = (groups == groups[i]) & (np.arange(len(place)) != i) & (wishes[:, k.WALKS] > 0)
        if groups[i] < 0 or not mates.any():
            continue
        off = place[i] - place[mates]
        distance = np.hypot(*off.T)
        close = (distance < k.ELBOW_ROOM) & (distance > 1e-6)
        force[i] += (k.REPULSION * (1 / distance[close] - 1 / k.ELBOW_ROOM)[:, None] * off[close]).sum(axis=0)
        to = place[mates].mean(axis=0) - place[i]
        away, speed = np.hypot(*to), np.hypot(*velocity[i])
        if speed > 0.1 and away > k.NEAR_MATES:
            angle = np.arccos(np.clip(velocity[i] @ to / (speed * away), -1, 1))
            force[i] -= k.GAZE * max(0.0, angle - k.SIGHT) * velocity[i]
        count = mates.sum()
        beyond = np.hypot(*(place[i] - np.vstack([place[mates], place[i]]).mean(axis=0))) - 0.5 * count
        force[i] += k.COHESION * np.clip(beyond / k.FADE, 0, 1) * to / away
        force[i] = clip(force[i], k.LOYALTY * wishes[i, k.PACE] / k.RELAXATION)
    return force


def social_forces(states, bodies, wishes, groups, bystanders, robot):
    """(N, 2) the social force on everybody; ``robot`` is x, y, vx, vy, radius of a disc."""
    place, velocity = states[:, :2], states[:, 3:5]
    to = wishes[:, :2] - place
    distance = np.hypot(*to.T)
    rest = np.maximum(wishes[:, k.REST], 0)
    speed = np.minimum(wishes[:, k.PACE], np.minimum(np.sqrt(2 * k.ARRIVING * rest), 1.5 * np.maximum(rest, distance)))
    unit = to / distance[:, None]
    ahead = np.cos(states[:, 2]) * unit[:, 0] + np.sin(states[:, 2]) * unit[:, 1]
    speed = speed * (k.SIDESTEP + (1 - k.SIDESTEP) * np.maximum(0, ahead))
    sway = wishes[:, k.SWAY] * np.minimum(1, speed / 0.3)
    want = speed[:, None] * unit + sway[:, None] * np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    sudden = wishes[:, k.SUDDEN] > 0
    drive = (want - velocity) / np.where(sudden, k.SUDDENLY, k.RELAXATION)[:, None]
    all_places = np.vstack([place, bystanders[:, :2]])
    all_velocities = np.vstack([velocity, bystanders[:, 2:4]])
    numbers = np.concatenate([groups, np.full(len(bystanders), -1)])
    offset = all_places[None] - place[:, None]
    force = avoid(offset, velocity[:, None] - all_velocities[None])
    mates = (numbers[None] == groups[:, None]) & (groups[:, None] >= 0)
    ignored = (np.abs(offset).max(axis=-1) > k.NEIGHBOUR) | mates | np.eye(len(place), len(all_places), dtype=bool)
    push = np.where(ignored[..., None], 0.0, force).sum(axis=1)
    walks, sees = wishes[:, k.WALKS] > 0, wishes[:, k.SEES] > 0
    push += np.where(walks[:, None], with_group(place, velocity, wishes, groups), 0)
    out = place - robot[:2]
    gap = np.hypot(*out.T) - robot[4] - bodies[:, k.RADIUS]
    push += np.where((walks & sees)[:, None], avoid(-out, velocity - robot[2:4]), 0)
    strength = np.where(sees, k.AIR_STRENGTH * np.maximum(0, 1 - np.maximum(gap, 0) / k.AIR), 0)
    push += strength[:, None] * out / np.hypot(*out.T)[:, None]
    still = (want == 0).all(axis=1)
    left = np.maximum(0, 1 - k.TRIFLE / np.maximum(np.hypot(*push.T), 1e-9))
    push *= np.where(still, left, 1)[:, None]
    return np.where(sudden[:, None], drive, drive + push)


def accelerations(states, bodies, wishes, groups, bystanders, robot, dt):
    """(N, 2) accelerations that everybody takes."""
    place, velocity = states[:, :2], states[:, 3:5]
    force = social_forces(states, bodies, wishes, groups, bystanders, robot)
    sudden = wishes[:, k.SUDDEN] > 0
    wanted = clip(force, np.where(sudden, bodies[:, k.HARD], bodies[:, k.COMFORT]))
    places = np.vstack([place, bystanders[:, :2]])
    velocities = np.vstack([velocity, bystanders[:, 2:4]])
    radii = np.concatenate([bodies[:, k.RADIUS], bystanders[:, 4]])
    taken = np.empty_like(place)
    for i in range(len(place)):
        a, abrupt = wanted[i], sudden[i]
        limits = []
        for j in range(len(places)):
            off = place[i] - places[j]
            if j == i or np.abs(off).max() > k.NEIGHBOUR:
                continue
            out = off / np.hypot(*off)
            gap = np.hypot(*off) - k.SHOULDERS * (radii[i] + radii[j])
            flees = -velocities[j] @ out
            limits.append((out, still_stops(gap) + flees if flees > 0 else still_stops(gap / 2)))
        if wishes[i, k.SEES] > 0:
            off = place[i] - robot[:2]
            out = off / np.hypot(*off)
            gap = np.hypot(*off) - robot[4] - bodies[i, k.RADIUS] - k.STANDOFF
            gap -= k.HEADWAY * max(0, robot[2:4] @ out)
            limits.append((out, still_stops(gap)))
        for out, most in limits:
            towards = -velocity[i] @ out
            excess = -a @ out - (most - towards) / k.HEADWAY
            if excess > 0:
                a, abrupt = a + excess * out, abrupt or towards > most
        if wishes[i, k.SEES] > 0 and gap <= 0 and -velocity[i] @ out > 0:
            a = -velocity[i] / k.HEADWAY
        a = clip(a, bodies[i, k.HARD])
        taken[i] = states[i, 5:7] + clip(a - states[i, 5:7], (k.ABRUPT if abrupt else k.GENTLE) * dt)
    return taken
