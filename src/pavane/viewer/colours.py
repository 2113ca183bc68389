"""Colours of the page, red green blue 0 to 255: the same as in the pictures of ``pavane.figures``."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Bytes, Floats

Colour = tuple[int, int, int]

PAPER: Colour = (244, 241, 234)
FLOOR: Colour = (232, 220, 200)
GROUND: Colour = (236, 232, 224)
WALL: Colour = (246, 243, 237)
WALL_TOP: Colour = (78, 86, 100)
WOOD: Colour = (196, 160, 118)
CLOTH: Colour = (148, 168, 186)
LINEN: Colour = (236, 233, 226)
WHITE: Colour = (245, 245, 243)
DARK: Colour = (62, 66, 76)
GREEN: Colour = (112, 150, 98)
CLAY: Colour = (186, 112, 80)
STONE: Colour = (206, 196, 180)
DOOR: Colour = (176, 132, 84)
TOY: Colour = (226, 92, 70)
CARTON: Colour = (190, 152, 106)
ROBOT: Colour = (176, 37, 138)  # the article's magenta
CHOSEN: Colour = (16, 120, 58)  # the plan that is driven
GUIDE: Colour = (47, 110, 214)
GOAL: Colour = (34, 140, 96)
GHOST: Colour = (214, 120, 196)
SURPRISE: Colour = (136, 60, 190)
DOUBT: Colour = (207, 106, 69)
CAMERA: Colour = (240, 186, 70)
LOCAL: Colour = (70, 92, 130)
NEAR: Colour = (214, 74, 60)
EYES: Colour = (150, 236, 255)
SKIN: Colour = (233, 190, 160)
PEOPLE: tuple[Colour, ...] = (
    (207, 106, 69), (84, 122, 172), (118, 146, 78), (150, 103, 158), (196, 150, 52), (80, 148, 144),
)  # fmt: skip
_BEST_TO_WORST = np.array([(46, 160, 88), (160, 196, 70), (240, 206, 80), (232, 146, 70), (208, 66, 60)], np.float64)


def better_to_worse(rank: Floats) -> Bytes:
    """Return colours (N, 3) for ranks (N,) from 0, the best, to 1, the worst."""
    place = np.linspace(0.0, 1.0, len(_BEST_TO_WORST))
    channels = [np.interp(rank, place, channel) for channel in _BEST_TO_WORST.T]
    return np.stack(channels, axis=1).astype(np.uint8)
