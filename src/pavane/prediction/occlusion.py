"""Blind corners: places just out of sight from which a person may step."""

from __future__ import annotations

from typing import NamedTuple

from pavane.core.arrays import Floats
from pavane.core.belief import LocalMap
from pavane.core.geometry import Pose
from pavane.prediction.kernels.occlusion import hidden_places

REACH = 3.5  # m; corners further away wait
BODY = 0.2  # m, half the width of a body that a corner can hide
MOST = 3  # corners, the nearest


class Hidden(NamedTuple):
    """Places where a person may stand unseen.

    Args:
        places: (N, 2) in ``map``, m.
        ways: (N, 2) unit vectors into view.
    """

    places: Floats
    ways: Floats


def blind_corners(window: LocalMap, map_from_base: Pose) -> Hidden:
    """Return the nearest places out of sight from a pose, at the edge of the view; walls hide, people do not."""
    here = window.origin.inverse() @ map_from_base
    nearest = hidden_places(window.clearance, window.resolution, here.x, here.y, REACH, BODY, MOST)
    return Hidden(window.origin.transform(nearest[:, 1:3]), window.origin.rotate(nearest[:, 3:5]))
