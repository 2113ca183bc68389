"""Cost-to-go against straight lines and a brute-force shortest path over many directions."""

import heapq
import math

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from pavane.numerics.fast_marching import cost_to_go, march
from pavane.numerics.pace import paces
from pavane.numerics.window_marching import cost_to_go_within, from_lowest

RESOLUTION = 0.05
SHAPE = (90, 110)
GOAL = (31.3, 40.8)
SPAN = 6  # cells a brute-force step reaches


def wall(shape=SHAPE):
    speed = np.ones(shape, np.float32)
    speed[20:75, 60:63] = 0.0
    return speed


def brute(speed, goal):
    """Shortest ways (rows, columns), m, by steps of up to SPAN cells in 96 directions; each integrates slowness."""
    rows, columns = speed.shape
    r, c = np.indices(speed.shape)
    heads, tails, weights = [], [], []
    for dr in range(-SPAN, SPAN + 1):
        for dc in range(-SPAN, SPAN + 1):
            if math.gcd(dr, dc) != 1:
                continue
            inside = (r + dr >= 0) & (r + dr < rows) & (c + dc >= 0) & (c + dc < columns)
            slowness = np.zeros(inside.sum())
            samples = 2 * SPAN
            for i in range(samples + 1):
                rr = np.rint(r[inside] + dr * i / samples).astype(int)
                cc = np.rint(c[inside] + dc * i / samples).astype(int)
                slowness += np.where(speed[rr, cc] > 0, 1 / np.maximum(speed[rr, cc], 1e-9), np.inf) / (samples + 1)
            keep = np.isfinite(slowness)
            heads.append((r[inside] * columns + c[inside])[keep])
            tails.append(((r[inside] + dr) * columns + c[inside] + dc)[keep])
            weights.append(slowness[keep] * math.hypot(dr, dc) * RESOLUTION)
    graph = coo_matrix((np.concatenate(weights), (np.concatenate(heads), np.concatenate(tails))), (speed.size,) * 2)
    start = round(goal[0]) * columns + round(goal[1])
    return dijkstra(graph.tocsr(), indices=start).reshape(speed.shape)


def test_free_space_is_measured_in_straight_lines():
    ours = cost_to_go(np.ones(SHAPE, np.float32), *GOAL, RESOLUTION)
    r, c = np.indices(SHAPE)
    straight = np.hypot(r - GOAL[0], c - GOAL[1]) * RESOLUTION
    far = straight > 0.1
    assert np.abs(ours[far] / straight[far] - 1.0).max() < 0.03
    assert np.abs(ours - straight).max() < 0.06


def test_a_slow_room_costs_in_proportion():
    fast = cost_to_go(np.ones(SHAPE, np.float32), *GOAL, RESOLUTION)
    slow = cost_to_go(np.full(SHAPE, 0.5, np.float32), *GOAL, RESOLUTION)
    np.testing.assert_allclose(slow, 2 * fast, rtol=1e-5)


def test_the_way_around_a_wall_is_the_shortest():
    speed = wall()
    goal = (45.0, 40.0)
    ours, expected = cost_to_go(speed, *goal, RESOLUTION), brute(speed, goal)
    free = (speed > 0) & (expected > 0.3)
    np.testing.assert_allclose(ours[free], expected[free], rtol=0.03, atol=0.06)
    assert np.isinf(ours[speed == 0]).all()


def test_slow_places_are_gone_around_when_that_is_shorter():
    speed = np.ones(SHAPE, np.float32)
    speed[15:70, 55:70] = 0.25
    goal = (45.0, 40.0)
    ours, expected = cost_to_go(speed, *goal, RESOLUTION), brute(speed, goal)
    # where the pace changes inside a step, either is right to half a cell of the slowest: 0.1 m
    np.testing.assert_allclose(ours, expected, rtol=0.03, atol=0.15)
    assert np.median(np.abs(ours - expected)) < 0.06
    assert ours[40, 80] < cost_to_go(np.full(SHAPE, 0.25, np.float32), *goal, RESOLUTION)[40, 80] / 2


def test_what_is_walled_in_has_no_way():
    speed = np.ones(SHAPE, np.float32)
    speed[60:80, 60], speed[60:80, 80], speed[60, 60:81], speed[79, 60:81] = 0, 0, 0, 0
    ours = cost_to_go(speed, *GOAL, RESOLUTION)
    assert np.isinf(ours[61:79, 61:80]).all()
    assert np.isfinite(ours[:60]).all()


def test_a_goal_inside_something_solid_leads_nowhere():
    speed = wall()
    assert np.isinf(cost_to_go(speed, 40.0, 61.0, RESOLUTION)).all()


@pytest.mark.parametrize("corner", [(15, 25), (35, 50), (0, 0)])
def test_a_window_given_its_border_equals_the_whole_map(corner):
    rng = np.random.default_rng(2)
    speed = np.where(wall() > 0, rng.choice([0.5, 0.8, 1.0], SHAPE), 0.0).astype(np.float32)
    whole = cost_to_go(speed, *GOAL, RESOLUTION)
    n = 50
    part = np.s_[corner[0] : corner[0] + n, corner[1] : corner[1] + n]
    goal = (GOAL[0] - corner[0], GOAL[1] - corner[1])
    inside = 5 < goal[0] < n - 6 and 5 < goal[1] < n - 6
    ours = cost_to_go_within(speed[part].copy(), whole, goal if inside else None, RESOLUTION, corner=corner)
    free = speed[part] > 0
    # around a goal inside, the patch of straight lines may sample another cell at a tie
    np.testing.assert_allclose(ours[free], whole[part][free], rtol=1e-4, atol=0.02 if inside else 1e-4)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("inside", [False, True])
def test_what_is_known_of_a_window_need_not_be_solved_again(seed, inside):
    """Some places are slower now, some blocked, and what does not hang on them keeps its cost."""
    rng = np.random.default_rng(seed)
    before = np.where(wall() > 0, rng.choice([0.5, 0.8, 1.0], SHAPE), 0.0).astype(np.float32)
    whole = cost_to_go(before, *GOAL, RESOLUTION)
    n, (r0, c0) = 50, (15, 25) if inside else (35, 50)
    part = np.s_[r0 : r0 + n, c0 : c0 + n]
    speed = before[part].copy()
    for _ in range(rng.integers(0, 5)):
        r, c = rng.integers(3, n - 8, 2)
        speed[r : r + 5, c : c + 3] *= np.float32(rng.choice([0.0, 0.25]))
    goal = (GOAL[0] - r0, GOAL[1] - c0) if inside else None
    again = cost_to_go_within(speed, whole, goal, RESOLUTION, before, (r0, c0))
    afresh = cost_to_go_within(speed, whole, goal, RESOLUTION, corner=(r0, c0))
    np.testing.assert_allclose(again, afresh, rtol=1e-4, atol=1e-4 if not inside else 0.02)


def test_values_rise_into_walls_and_stop_after_a_few_cells():
    speed = np.ones((40, 40), np.float32)
    speed[:, 20:] = 0.0
    border = np.full(speed.shape, np.inf, np.float32)
    ours = cost_to_go_within(speed, border, (20.0, 5.0), RESOLUTION)
    into = ours[20, 19:27]
    assert (np.diff(into[:7]) >= 0.9 * 3.0 * RESOLUTION).all()
    assert np.isinf(ours[:, 26:]).all()
    assert np.isfinite(ours[:, :26]).all()


def heap_twin(speed, value, resolution):
    """Fast marching with a heap: the same differences, from the smallest value on."""
    value, done = value.astype(float), np.zeros(value.shape, bool)
    rows, columns = speed.shape
    heap = [(value[i], i) for i in zip(*np.nonzero(np.isfinite(value)), strict=True)]
    heapq.heapify(heap)
    while heap:
        _, (r, c) = heapq.heappop(heap)
        if done[r, c]:
            continue
        done[r, c] = True
        for i, j in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if not (0 <= i < rows and 0 <= j < columns) or done[i, j] or speed[i, j] <= 0:
                continue

            def known(p, q):
                return value[p, q] if 0 <= p < rows and 0 <= q < columns and done[p, q] else math.inf

            x, y = min(known(i, j - 1), known(i, j + 1)), min(known(i - 1, j), known(i + 1, j))
            low, high, h = min(x, y), max(x, y), resolution / speed[i, j]
            new = low + h if high - low >= h else 0.5 * (low + high + math.sqrt(2 * h * h - (high - low) ** 2))
            if new < value[i, j]:
                value[i, j] = new
                heapq.heappush(heap, (new, (i, j)))
    return value


def marched(speed, value):
    """What the kernel makes of a map, in the rim of inf that it asks for."""
    with np.errstate(divide="ignore"):
        step = np.where(speed > 0, np.float32(RESOLUTION) / speed, np.float32(np.inf))
    flat, step = (np.pad(f, 1, constant_values=np.inf).astype(np.float32).ravel() for f in (value, step))
    width = speed.shape[1] + 2
    march(flat, step, np.zeros(len(flat), bool), width, RESOLUTION)
    return flat.reshape(-1, width)[1:-1, 1:-1]


@pytest.mark.parametrize("seed", range(6))
def test_buckets_give_what_a_heap_does_also_mirrored(seed):
    rng = np.random.default_rng(seed)
    shape = (31, 43)
    speed = np.clip(rng.choice([0.0, 0.1, 0.5, 1.0], shape, p=[0.25, 0.15, 0.3, 0.3]), 0, 1).astype(np.float32)
    value = np.full(shape, np.inf, np.float32)
    for r, c in ((0, 5), (15, 20), (30, 40)):
        value[r, c] = rng.uniform(0.0, 300.0 if seed == 5 else 2.0)  # far apart: more than the buckets span
    ours = marched(speed, value)
    np.testing.assert_allclose(ours, heap_twin(speed, value, RESOLUTION), atol=2e-5, rtol=1e-6)
    mirrored = marched(speed[::-1], value[::-1])
    np.testing.assert_allclose(mirrored[::-1], ours, atol=1e-5, rtol=1e-6)


@pytest.mark.parametrize("uneasy", [False, True])
def test_paces_equal_their_twin(uneasy):
    rng = np.random.default_rng(1)
    clearance = rng.uniform(-0.3, 0.9, (30, 40)).astype(np.float32)
    discomfort = rng.uniform(0.0, 3.0, clearance.shape).astype(np.float32) if uneasy else np.zeros((0, 0), np.float32)
    gap = clearance - np.float32(0.17)
    expected = np.clip(0.5 + 0.5 * gap / 0.3, 0.5, 1.0)
    if uneasy:
        expected = 1.0 / (1.0 / expected + 0.7 * discomfort)
    expected = np.where(gap < 0.0, 0.0, np.where(gap < 0.02, np.minimum(expected, 0.1), expected))
    np.testing.assert_allclose(paces(clearance, discomfort, 0.17, 0.3, 0.02, 0.7), expected, rtol=1e-5)


@pytest.mark.parametrize("stand_off", [0.0, 0.8])
@pytest.mark.parametrize("lowest", [0.3, 12.0])
def test_costs_are_lowered_and_keep_their_differences(stand_off, lowest):
    cost = np.random.default_rng(2).uniform(lowest, lowest + 30.0, (30, 40)).astype(np.float32)
    cost[0, 0], cost[5, 5:9] = lowest, np.inf
    ours = from_lowest(cost, stand_off, 3.0, 20.0)
    left = max(lowest - stand_off, 0.0)
    expected = np.minimum(np.maximum(cost - stand_off, 0.0) - left, 20.0) + min(left, 3.0)
    np.testing.assert_allclose(ours, expected, atol=1e-5)
    assert np.isfinite(from_lowest(np.full((4, 5), np.inf, np.float32), stand_off, 3.0, 20.0)).all()
