"""Blind corners: where somebody may stand unseen, and where nobody can."""

import math

import numpy as np
import pytest

from pavane.core.belief import LocalMap
from pavane.core.geometry import Pose
from pavane.numerics.distance import clearance
from pavane.prediction.kernels.occlusion import BEHIND
from pavane.prediction.occlusion import BODY, MOST, REACH, blind_corners

CELLS, STEP = 120, 0.05


HERE = Pose(0.0, 0.0)


def window(solid, origin=HERE):
    field = clearance(solid, STEP, 1.5)
    return LocalMap(field, np.ones_like(solid), STEP, origin, 0.0)


def corner():
    """Two corridors of 1.4 m: the robot comes from the left, the other one goes up."""
    solid = np.zeros((CELLS, CELLS), bool)
    solid[28 + 10 :, :70] = True  # the block inside the corner, at (3.5, 1.9)
    solid[:10], solid[:, 98:] = True, True
    return solid


def test_somebody_may_stand_behind_a_corner():
    view = Pose(1.5, 1.2)
    found = blind_corners(window(corner()), view)
    (place,), (way,) = found.places, found.ways
    assert place[0] > 3.5 and place[1] > 1.9  # in the other corridor
    edge = math.atan2(1.9 - view.y, 3.5 - view.x)
    assert math.atan2(place[1] - view.y, place[0] - view.x) > edge  # behind the edge
    assert way @ (np.array([3.5, 1.9]) - place) > 0  # and comes round it
    assert np.hypot(*way) == pytest.approx(1.0)


def test_nobody_hides_in_an_open_room_nor_behind_a_leg_of_a_chair():
    empty = np.zeros((CELLS, CELLS), bool)
    empty[[0, -1]] = empty[:, [0, -1]] = True
    assert len(blind_corners(window(empty), Pose(3.0, 3.0)).places) == 0
    leg = empty.copy()
    leg[70:72, 70:72] = True
    assert len(blind_corners(window(leg), Pose(3.0, 3.0)).places) == 0


def test_places_are_where_a_body_fits_unseen():
    rng = np.random.default_rng(0)
    for _ in range(20):
        solid = np.zeros((CELLS, CELLS), bool)
        for r, c, h, w in rng.integers((0, 0, 4, 4), (100, 100, 30, 30), (8, 4)):
            solid[r : r + h, c : c + w] = True
        solid[56:64, 56:64] = False
        here = np.array([3.0, 3.0])
        found = blind_corners(window(solid), Pose(*here))
        assert len(found.places) <= MOST
        for place in found.places:
            distance = np.hypot(*(place - here))
            assert distance < REACH + max(BEHIND) + BODY
            cell = (place / STEP).astype(int)
            assert clearance(solid, STEP, 1.5)[cell[1], cell[0]] >= BODY
            line = here + np.linspace(0.0, 1.0, 200)[:, None] * (place - here)
            assert solid[tuple((line / STEP).astype(int)[:, ::-1].T)].any()


def test_a_home_that_is_moved_and_turned_has_the_same_corners():
    solid, view = corner(), Pose(1.5, 1.2, 0.3)
    origin = Pose(4.0, -2.0, 0.7)
    there, here = blind_corners(window(solid, origin), origin @ view), blind_corners(window(solid), view)
    np.testing.assert_allclose(there.places, origin.transform(here.places), atol=1e-9)
    np.testing.assert_allclose(there.ways, origin.rotate(here.ways), atol=1e-9)


def test_mirrored_corners_are_mirrored():
    """But for what cells a ray along their border runs in."""
    view = Pose(1.513, 1.207)
    here = blind_corners(window(corner()), view)
    size = CELLS * STEP
    there = blind_corners(window(corner()[::-1].copy()), Pose(view.x, size - view.y))
    np.testing.assert_allclose(there.places, here.places * (1, -1) + (0, size), atol=0.06)
