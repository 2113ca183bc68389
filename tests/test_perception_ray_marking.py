"""Marks of a scan against a plain Python twin."""

import math
import time

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from pavane.core.geometry import Grid, Pose
from pavane.core.messages import Scan
from pavane.perception.kernels.ray_marking import mark_rays
from pavane.perception.scan_layer import ScanLayer

RESOLUTION, SCALE, EXPLAINED, FAR = 0.025, 2, 0.08, 5.0


def twin(hits, seen, clearance, sensor, directions, ranges, stamp, skip):
    def cell(x, y):
        return math.floor(y + 0.5), math.floor(x + 0.5)

    def known(r, c):
        return 0 <= r < hits.shape[0] and 0 <= c < hits.shape[1]

    for (dx, dy), reach in zip(directions, ranges, strict=True):
        if math.isnan(reach):
            continue
        for j in range(int(2.0 * (min(reach, FAR) / RESOLUTION - 2.0))):
            place = cell(sensor[0] + 0.5 * j * dx, sensor[1] + 0.5 * j * dy)
            if known(*place):
                hits[place], seen[place] = -np.inf, True
    for (dx, dy), reach in zip(directions, ranges, strict=True):
        if not math.isfinite(reach) or reach >= FAR:
            continue
        x, y = sensor[0] + reach / RESOLUTION * dx, sensor[1] + reach / RESOLUTION * dy
        r, c = cell(x, y)
        if known(r, c):
            seen[r, c] = True
            coarse = np.clip((np.array([y, x]) + 0.5) / SCALE - 0.5, 0.0, np.array(clearance.shape) - 1.001)
            explained = map_coordinates(clearance.astype(float), coarse[:, None], order=1)[0] < EXPLAINED
            person = any(math.hypot(x - px, y - py) < radius for px, py, radius in skip)
            if not explained and not person:
                hits[r, c] = stamp


@pytest.mark.parametrize("seed", range(6))
def test_marks_equal_the_twins(seed):
    rng = np.random.default_rng(seed)
    old = np.where(rng.random((70, 90)) < 0.2, 3.0, -np.inf)
    clearance = rng.uniform(0.0, 0.5, (35, 45)).astype(np.float32)
    sensor = rng.uniform(5, 65, 2) if seed < 4 else rng.uniform(-15, 0, 2)  # also from beside the lattice
    angles = rng.uniform(-np.pi, np.pi, 40)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    directions[4:8] = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)
    ranges = rng.uniform(0.01, 2.0, 40)
    ranges[:4] = np.nan, np.inf, FAR, 0.0
    skip = np.array([[30.0, 30.0, 12.0]])[: seed % 2]
    results = []
    for run in ("kernel", "twin"):
        hits, seen = old.copy(), np.zeros(old.shape, bool)
        if run == "kernel":
            layer, rays = (hits, seen, clearance, SCALE, RESOLUTION), (sensor, directions, ranges, FAR)
            mark_rays(layer, rays, 7.0, EXPLAINED, skip)
        else:
            twin(hits, seen, clearance, sensor, directions, ranges, 7.0, skip)
        results.append((hits, seen))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][1], results[1][1])
    assert (results[0][0] == 7.0).any()


def test_what_a_ray_sees_through_is_forgotten_and_what_stops_it_is_marked():
    hits, seen = np.full((40, 80), -np.inf), np.zeros((40, 80), bool)
    hits[20, 30] = 1.0
    directions, ranges, skip = np.array([[1.0, 0.0]]), np.array([1.0]), np.empty((0, 3))
    far = np.ones((20, 40), np.float32)
    layer, rays = (hits, seen, far, SCALE, RESOLUTION), (np.array([10.0, 20.0]), directions, ranges, FAR)
    mark_rays(layer, rays, 2.0, EXPLAINED, skip)
    assert hits[20, 50] == 2.0
    assert np.isinf(hits[20, 30])
    assert np.isfinite(hits).sum() == 1
    assert seen[20, 10:46].all()
    assert seen.sum() == seen[20].sum()


def test_a_ray_is_followed_no_further_than_the_lattice_reaches():
    hits, seen = np.full((40, 80), 1.0), np.zeros((40, 80), bool)
    angles = np.linspace(-np.pi, np.pi, 1000)
    directions, ranges = np.stack([np.cos(angles), np.sin(angles)], axis=1), np.full(1000, np.inf)
    ranges[::7] = 1e250
    far = np.ones((20, 40), np.float32)
    layer, rays = (hits, seen, far, SCALE, RESOLUTION), (np.array([10.0, 20.0]), directions, ranges, 1e300)
    began = time.perf_counter()
    mark_rays(layer, rays, 2.0, EXPLAINED, np.empty((0, 3)))
    assert time.perf_counter() - began < 1.0  # 1000 rays of 1e300 m; the kernel is compiled above
    assert np.isneginf(hits).all() and seen.all()


def test_a_scan_of_other_numbers_does_not_compile_the_kernel_in_mid_drive():
    layer = ScanLayer(Grid(np.ones((20, 40), np.float32), 0.05, Pose(0.0, 0.0)), EXPLAINED)
    ranges = np.full(40, 0.5)
    layer.add(Scan(1.0, -1.0, 0.05, ranges, 5.0, Pose(0.0, 0.0)), Pose(1.0, 0.5), np.empty((0, 3)))
    marked, compiled = layer.hits.copy(), len(mark_rays.signatures)
    odd = (ranges.astype(np.float32), np.repeat(ranges, 2)[::2], ranges.astype(np.float16))
    for other in odd:
        layer.add(Scan(1, -1, 0.05, other, 5, Pose(0, 0)), Pose(1.0, 0.5), np.empty((0, 3)))
        np.testing.assert_array_equal(layer.hits, marked)
    assert len(mark_rays.signatures) == compiled
