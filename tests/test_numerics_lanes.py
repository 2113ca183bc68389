"""Lanes against NumPy: values in float32, derivatives against central differences, scalars in float64."""

import math

import numba
import numpy as np
import pytest

from pavane.numerics import lanes
from pavane.numerics.lanes import (
    BLOCK,
    F,
    Lanes,
    load,
    look_up_block,
    look_up_row,
    primal,
    splat,
    store,
    tangent,
    variable,
)

W = 8
N = 64
jit = numba.njit(fastmath=True, error_model="numpy")

# name: the function, its NumPy twin, lowest and highest argument, relative tolerance in float32
ONE = {
    "exp": (lanes.exp, np.exp, -30.0, 30.0, 6e-6),
    "sin": (lanes.sin, np.sin, -9.0, 9.0, 0.0),
    "cos": (lanes.cos, np.cos, -9.0, 9.0, 0.0),
    "sqrt": (lanes.sqrt, np.sqrt, 0.01, 50.0, 1e-6),
    "inverse_sqrt": (lanes.inverse_sqrt, lambda x: 1.0 / np.sqrt(x), 0.01, 50.0, 2e-6),
    "absolute": (lanes.absolute, np.abs, -3.0, 3.0, 0.0),
    "wrap": (lanes.wrap, lambda x: x - 2 * np.pi * np.rint(x / (2 * np.pi)), -20.0, 20.0, 0.0),
}
TWO = {
    "add": (lanes.add, np.add),
    "sub": (lanes.sub, np.subtract),
    "mul": (lanes.mul, np.multiply),
    "div": (lanes.div, np.divide),
    "minimum": (lanes.minimum, np.minimum),
    "maximum": (lanes.maximum, np.maximum),
    "atan2": (lanes.atan2, np.arctan2),
}


def over_lanes(one):
    """Compile ``one(x, y, z)`` over arrays: values (N,) and derivatives (3, N)."""

    one = jit(one)

    @jit
    def run(x, y, z, value, slopes):
        for i in range(0, x.shape[0], W):
            a, b, c = variable(load(x, i, W), 0, 3), variable(load(y, i, W), 1, 3), variable(load(z, i, W), 2, 3)
            r = one(a, b, c) + F(0.0) * (a + b + c)  # so that a result without slopes carries them too
            store(value, i, primal(r))
            store(slopes[0], i, tangent(r, 0))
            store(slopes[1], i, tangent(r, 1))
            store(slopes[2], i, tangent(r, 2))

    def call(*arguments):
        value, slopes = np.empty(N, np.float32), np.empty((3, N), np.float32)
        run(*(np.asarray(a, np.float32) for a in arguments), value, slopes)
        return value.astype(np.float64), slopes.astype(np.float64)

    return call


def differences(twin, arguments, h=1e-6):
    slopes = np.zeros((3, N))
    for i in range(3):
        up, down = [a.copy() for a in arguments], [a.copy() for a in arguments]
        up[i] += h
        down[i] -= h
        slopes[i] = (twin(*up) - twin(*down)) / (2 * h)
    return slopes


def arguments(seed, low=-3.0, high=3.0):
    rng = np.random.default_rng(seed)
    return [rng.uniform(low, high, N).astype(np.float32).astype(np.float64) for _ in range(3)]


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_number(name):
    ours, twin, low, high, relative = ONE[name]
    given = arguments(1, low, high)
    value, slopes = over_lanes(lambda x, y, z: ours(x))(*given)
    expected = twin(given[0])
    np.testing.assert_allclose(value, expected, rtol=relative, atol=3e-6)
    np.testing.assert_allclose(slopes, differences(lambda x, y, z: twin(x), given), rtol=3e-4, atol=3e-5)
    scalar = jit(lambda x: ours(x))
    in_double = np.array([scalar(x) for x in given[0]])
    np.testing.assert_allclose(in_double, expected, rtol=max(relative, 1e-7), atol=1e-6)


@pytest.mark.parametrize("name", TWO)
def test_functions_of_two_numbers(name):
    ours, twin = TWO[name]
    given = arguments(2)
    value, slopes = over_lanes(lambda x, y, z: ours(x, y))(*given)
    np.testing.assert_allclose(value, twin(given[0], given[1]), rtol=2e-6, atol=2e-6)
    far = np.hypot(given[0], given[1]) > 0.1
    expected = differences(lambda x, y, z: twin(x, y), given)
    np.testing.assert_allclose(slopes[:, far], expected[:, far], rtol=1e-4, atol=1e-4)
    scalar = jit(lambda x, y: ours(x, y))
    in_double = np.array([scalar(x, y) for x, y in zip(given[0], given[1], strict=True)])
    np.testing.assert_allclose(in_double, twin(given[0], given[1]), rtol=1e-12, atol=3e-6)


def test_arithmetic_clamp_and_choice_chain_their_derivatives():
    given = arguments(3)

    def ours(x, y, z):
        low = lanes.minimum(y, z)
        inside = lanes.clamp(x, low, low + F(1.5))
        return lanes.where_greater(x * y, z, lanes.exp(inside) / (F(4.0) + z), -inside) - 2 * x + y / 3.5

    def twin(x, y, z):
        low = np.minimum(y, z)
        inside = np.clip(x, low, low + 1.5)
        return np.where(x * y > z, np.exp(inside) / (4.0 + z), -inside) - 2 * x + y / 3.5

    value, slopes = over_lanes(ours)(*given)
    np.testing.assert_allclose(value, twin(*given), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(slopes, differences(twin, given), rtol=1e-4, atol=1e-4)


def test_rounding_has_no_slope():
    given = arguments(4)
    for ours, twin in ((lanes.nearest, np.rint), (lanes.floor, np.floor)):
        value, slopes = over_lanes(lambda x, y, z, ours=ours: ours(x))(*given)
        np.testing.assert_array_equal(value, twin(given[0]))
        np.testing.assert_array_equal(slopes, 0.0)


def test_atan2_on_the_axes_and_at_the_origin():
    scalar = jit(lambda y, x: lanes.atan2(y, x))
    for y, x in [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (1.0, 1.0), (1.0, -1.0), (-1.0, -1.0), (0.0, 0.0)]:
        assert scalar(y, x) == pytest.approx(math.atan2(y, x), abs=2e-6)


def test_exp_of_what_is_very_negative_is_nothing():
    scalar = jit(lambda x: lanes.exp(x))
    assert 0.0 <= scalar(-1e6) < 1e-25
    value, slopes = over_lanes(lambda x, y, z: lanes.exp(x))(*[np.full(N, -1e6)] * 3)
    assert np.all((value >= 0.0) & (value < 1e-25))
    assert np.all(np.abs(slopes) < 1e-25)


def test_powers_of_two_are_exact():
    scalar = jit(lambda x: lanes.power_of_two(x))
    assert [scalar(float(n)) for n in (-80, -1, 0, 1, 7)] == [2.0**n for n in (-80, -1, 0, 1, 7)]


def test_a_number_splat_is_in_every_lane():
    @jit
    def run(out):
        store(out, 0, splat(2.5, W))

    out = np.zeros(W + 1, np.float32)
    run(out)
    assert out.tolist() == [2.5] * W + [0.0]


def test_three_neighbours_are_looked_up_at_once_from_anywhere():
    rng = np.random.default_rng(4)
    values = rng.integers(-30000, 30000, 203).astype(np.int16)
    places = rng.integers(0, 150, N).astype(np.float32)

    @jit
    def run(values, places, out):
        for i in range(0, places.shape[0], W):
            a, b, c = look_up_row(values, load(places, i, W), 50)
            store(out[0], i, a)
            store(out[1], i, b)
            store(out[2], i, c)

    out = np.empty((3, N), np.float32)
    run(values, places, out)
    index = places.astype(int) + 50
    np.testing.assert_array_equal(out, [values[index + n] for n in range(3)])
    scalar = jit(lambda values, place: look_up_row(values, place, 50))
    assert [scalar(values, float(i)) for i in index - 50] == [tuple(values[i : i + 3]) for i in index]


def test_a_block_of_nine_is_looked_up_from_one_word():
    rng = np.random.default_rng(5)
    numbers = np.array([rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), 90) for _, _, bits in BLOCK])
    numbers[:, :2] = [[-(1 << (bits - 1)), (1 << (bits - 1)) - 1] for _, _, bits in BLOCK]  # the extremes of each
    words = np.zeros(90, np.uint64)
    for row, (half, shift, bits) in zip(numbers, BLOCK, strict=True):
        words |= (row & ((1 << bits) - 1)).astype(np.uint64) << np.uint64(32 * half + shift)
    words = words.view(np.int64)
    places = np.concatenate([[0, 1], rng.integers(0, 90, N - 2)]).astype(np.float32)

    @jit
    def run(words, places, out):
        for i in range(0, places.shape[0], W):
            for n, part in enumerate(look_up_block(words, load(places, i, W))):
                store(out[n], i, part)

    out = np.empty((9, N), np.float32)
    run(words, places, out)
    np.testing.assert_array_equal(out, numbers[:, places.astype(int)])
    scalar = jit(lambda words, place: look_up_block(words, place))
    assert scalar(words, 7.0) == tuple(numbers[:, 7])


def test_lane_types_are_told_apart_by_width_and_derivatives():
    assert Lanes(8, 0) == Lanes(8, 0)
    assert len({Lanes(8, 0), Lanes(8, 3), Lanes(16, 0)}) == 3
