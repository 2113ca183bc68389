"""The guard's sweeps against exact polygons and squares, and its promise: what it lets through can stop."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.core.geometry import Footprint, Pose
from pavane.core.robot import RobotProfile, stock_profiles
from pavane.perception.kernels.near_map import near_window
from pavane.planning.reactive.kernels import FAR, LOOK, TOWARDS, body_clearance, largest_scale, sweep_clearance

RESOLUTION, SIDE = 0.025, 80
QUARTER = 0.25 * RESOLUTION  # poses of a sweep lie within this of each other, measured at any point of the outline
SHAPES = {name: RobotProfile.load(name).shape for name in stock_profiles()}
SHAPES["wedge"] = Footprint.polygon(np.array([[0.25, -0.05], [0.25, 0.05], [-0.1, 0.16], [-0.1, -0.16]]))
REACTION, MARGIN, AIR = 0.06, 0.005, 0.05
BRAKES = BRAKE, BRAKE_W = 1.2, 4.0
STILL = np.zeros((0, 4))


def gaps(shape, pose, solid):
    """Exact distance of the outline from every solid square, or minus the depth of their overlap, m."""
    cells = np.argwhere(solid)[:, ::-1]
    centre, half = (cells + 0.5) * RESOLUTION, 0.5 * RESOLUTION
    near = np.hypot(*(centre - (pose.x, pose.y)).T) < shape.circumscribed_radius + 0.4
    centre = centre[near]
    polygon = pose.transform(shape.vertices)
    if len(centre) == 0:
        return np.array([np.inf])

    def from_square(points):  # (P, 2) -> (P, S), 0 inside
        out = np.maximum(np.abs(points[:, None] - centre) - half, 0.0)
        return np.hypot(out[..., 0], out[..., 1])

    if len(polygon) == 1:
        return from_square(polygon)[0] - shape.radius
    corners = centre[:, None] + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])  # (S, 4, 2)
    edges = np.roll(polygon, -1, axis=0) - polygon
    offset = corners[:, :, None] - polygon  # (S, 4, E, 2)
    along = np.clip((offset * edges).sum(-1) / (edges**2).sum(-1), 0.0, 1.0)
    to_edges = np.hypot(*np.moveaxis(offset - along[..., None] * edges, -1, 0)).min(axis=(1, 2))
    distance = np.minimum(from_square(polygon).min(axis=0), to_edges)
    # apart along one of the axes, or overlapping by the least depth over all of them
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / np.hypot(*edges.T)[:, None]
    own = (offset * normals).sum(-1).min(axis=1).max(axis=1)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    theirs = np.maximum(low - centre - half, centre - half - high).max(axis=1)
    apart = np.maximum(own, theirs)
    return np.where(apart > 0.0, distance, apart) - shape.radius


def exact(shape, pose, solid):
    return float(gaps(shape, pose, solid).min())


def clearance(shape, pose, solid, reach=0.1):
    return body_clearance((solid, RESOLUTION), tuple(pose.array()), (shape.vertices, shape.radius), reach)


def room(rng, density, centre=1.0):
    """Random cells around a place kept mostly free."""
    solid = rng.random((SIDE, SIDE)) < density
    r, c = (np.indices(solid.shape) + 0.5) * RESOLUTION - centre
    solid[np.hypot(r, c) < rng.uniform(0.15, 0.35)] = False
    return solid


@pytest.mark.parametrize("name", SHAPES)
def test_clearance_is_never_larger_than_the_truth_and_nearly_it(name):
    rng = np.random.default_rng(3)
    shape = SHAPES[name]
    compared = 0
    for _ in range(120):
        solid = room(rng, rng.choice([0.002, 0.01, 0.05]))
        pose = Pose(*(1.0 + rng.uniform(-0.15, 0.15, 2)), rng.uniform(-np.pi, np.pi))
        truth, ours = min(exact(shape, pose, solid), 0.1), clearance(shape, pose, solid)
        if shape.is_disc and truth < -0.9 * shape.radius:
            continue  # a disc whose centre is inside a cell: touching in any case
        assert ours <= truth + 1e-12
        if truth > -0.02:
            assert ours > truth - 0.01
            compared += truth < 0.1
    assert compared > 10


@pytest.mark.parametrize("name", ["astro_like", "round"])
def test_the_windows_edge_counts_as_blocked(name):
    free = np.zeros((SIDE, SIDE), bool)
    outer = SHAPES[name].circumscribed_radius
    assert clearance(SHAPES[name], Pose(1.0, 1.0, 0.3), free) == pytest.approx(0.1)
    assert clearance(SHAPES[name], Pose(outer + 0.03, 1.0, 0.3), free) == pytest.approx(0.03)
    assert clearance(SHAPES[name], Pose(1.0, 2.0 - outer + 0.01, 0.3), free) == pytest.approx(-0.01)


def along(pose, v, omega, seconds, count):
    return [pose.advance(v, omega, seconds * i / count) for i in range(count + 1)]


speeds = st.tuples(st.floats(-0.5, 1.0), st.floats(-2.5, 2.5))
worlds = st.tuples(st.integers(0, 10**6), st.sampled_from([0.002, 0.01, 0.03]), st.floats(-np.pi, np.pi))


@pytest.mark.parametrize("name", ["astro_like", "round", "wedge"])
@given(world=worlds, speed=speeds)
def test_a_sweep_is_the_least_clearance_of_its_poses(name, world, speed):
    seed, density, yaw = world
    shape, solid, pose = SHAPES[name], room(np.random.default_rng(seed), density), Pose(1.0, 1.0, yaw)
    outline = shape.vertices, shape.radius
    ours = sweep_clearance((solid, RESOLUTION), tuple(pose.array()), speed, 0.3, outline, MARGIN)
    dense = min(clearance(shape, p, solid, MARGIN + 0.02) for p in along(pose, *speed, 0.3, 60))
    assert ours <= FAR
    assert dense >= min(ours, MARGIN) - QUARTER - 1e-6 if ours >= MARGIN else dense <= MARGIN + QUARTER


def allowed(shape, solid, pose, speed, moving=STILL):
    window, outline, stopping = (solid, RESOLUTION), (shape.vertices, shape.radius), (MARGIN, AIR, *BRAKES, REACTION)
    return largest_scale(window, moving, tuple(pose.array()), speed, outline, stopping, 0.02)


def stop_seconds(v, omega):
    """How long the command would last that drives as far as reacting and braking do."""
    return REACTION + 0.5 * max(abs(v) / BRAKE, abs(omega) / BRAKE_W)


@pytest.mark.parametrize("name", ["astro_like", "round", "wedge"])
@given(world=worlds, speed=speeds)
def test_what_is_let_through_can_stop_in_free_space(name, world, speed):
    """The stopping sweep of the share let through, sampled densely with the exact twin, keeps the margin."""
    seed, density, yaw = world
    shape, solid, pose = SHAPES[name], room(np.random.default_rng(seed), density), Pose(1.0, 1.0, yaw)
    scale = allowed(shape, solid, pose, speed)
    if scale < 0.0:
        assert clearance(shape, pose, solid) < MARGIN
        return
    assert 0.0 <= scale <= 1.0
    v, omega = scale * speed[0], scale * speed[1]
    for place in along(pose, v, omega, stop_seconds(v, omega), 40):
        assert exact(shape, place, solid) >= MARGIN - QUARTER - 1e-6


@given(world=worlds, speed=speeds, more=st.integers(0, 10**6))
def test_more_obstacles_never_let_more_through(world, speed, more):
    seed, density, yaw = world
    shape, solid, pose = SHAPES["astro_like"], room(np.random.default_rng(seed), density), Pose(1.0, 1.0, yaw)
    fuller = solid | room(np.random.default_rng(more), 0.01)
    assert allowed(shape, fuller, pose, speed) <= allowed(shape, solid, pose, speed)


@given(
    name=st.sampled_from(sorted(SHAPES)),
    world=worlds,
    speed=speeds,
    place=st.tuples(st.floats(-0.8, 0.8), st.floats(-0.8, 0.8)),
    velocity=st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
)
def test_what_is_let_through_does_not_run_into_what_moves(name, world, speed, place, velocity):
    """While it brakes, no part of the outline goes to where something that goes on will be: an exact, dense twin."""
    shape, pose = SHAPES[name], Pose(1.0, 1.0, world[2])
    solid, moving = np.zeros((SIDE, SIDE), bool), np.array([[1.0 + place[0], 1.0 + place[1], *velocity]])
    scale = allowed(shape, solid, pose, speed, moving)
    assert 0.0 <= scale <= 1.0
    v, omega = scale * speed[0], scale * speed[1]
    stop = max(abs(v) / BRAKE, abs(omega) / BRAKE_W)
    for t in np.linspace(0.0, REACTION + stop, 200):
        braking = max(t - REACTION, 0.0) / max(stop, 1e-9)
        here = pose.advance(v, omega, t - 0.5 * braking**2 * stop)
        point = here.inverse().transform(moving[:, :2] + t * moving[:, 2:])[0]
        gap = shape.signed_distance(point[None])[0]
        step = 1e-5
        outward = [shape.signed_distance((point + np.eye(2)[i] * step)[None])[0] - gap for i in range(2)]
        pace = (1.0 - braking) * (np.array([v - omega * point[1], omega * point[0]]) @ outward) / step
        moved = 0.5 * LOOK * (math.hypot(*velocity) + abs(v) + abs(omega) * math.hypot(*point))  # from look to look
        assert gap >= AIR - moved - 1e-6 or pace < 2.0 * TOWARDS + 2.0 * moved * (abs(omega) + abs(v)) / 0.15


def test_a_wall_ahead_lets_through_what_stops_before_it():
    shape = SHAPES["round"]
    for gap in (0.03, 0.1, 0.2, 0.4):
        solid = np.zeros((SIDE, SIDE), bool)
        column = round((1.0 + shape.radius + gap) / RESOLUTION)
        solid[:, column:] = True
        truth = column * RESOLUTION - 1.0 - shape.radius - MARGIN
        v = allowed(shape, solid, Pose(1.0, 1.0, 0.0), (1.0, 0.0))
        ways = v * stop_seconds(v, 0.0)
        assert ways <= truth + 1e-9
        assert ways > truth - 0.02 or v == 1.0
    assert allowed(shape, solid, Pose(1.0, 1.0, np.pi), (0.3, 0.0)) == 1.0


def test_the_near_window_holds_walls_fresh_hits_and_what_lies_beyond():
    rng = np.random.default_rng(4)
    clear = rng.uniform(-0.02, 0.1, (30, 40))
    hits = np.where(rng.random((60, 80)) < 0.1, rng.uniform(0.0, 4.0, (60, 80)), -np.inf)
    solid = np.empty((SIDE, SIDE), bool)
    near_window(clear, hits, solid, -5, 10, 2, 2.0)
    for i, j in rng.integers(0, SIDE, (600, 2)):
        r, c = 10 + i, -5 + j
        if not (0 <= r < 60 and 0 <= c < 80):
            assert solid[i, j]
            continue
        y, x = np.clip((r + 0.5) / 2 - 0.5, 0, 29), np.clip((c + 0.5) / 2 - 0.5, 0, 39)
        r0, c0 = min(int(y), 28), min(int(x), 38)
        weights = np.outer([1 - y + r0, y - r0], [1 - x + c0, x - c0])
        value = (weights * clear[r0 : r0 + 2, c0 : c0 + 2]).sum()
        assert solid[i, j] == (value < 0.4 * RESOLUTION or hits[r, c] > 2.0)
