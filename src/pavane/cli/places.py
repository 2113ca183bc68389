"""Poses, places and files as people write them on the command line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pavane.core.errors import BadSetting

if TYPE_CHECKING:
    from pavane.core.geometry import Pose
    from pavane.maps import OccupancyMap


def read_pose(what: str, text: str) -> Pose:
    """``X,Y,YAW`` as a pose.

    Raises:
        BadSetting: it is not three finite numbers, or too far away.
    """
    from pavane.core.geometry import Pose
    from pavane.core.messages import FARTHEST

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 3 or not all(math.isfinite(number) for number in numbers):
        raise BadSetting(
            f"--{what} is not a pose", value=repr(text), limit="X,Y,YAW: three numbers, metres and radians"
        )
    if max(map(abs, numbers[:2])) > FARTHEST:
        raise BadSetting(f"--{what} is too far away", value=repr(text), limit=f"X, Y within {FARTHEST:g} m")
    return Pose(*numbers)


def read_target(what: str, text: str, home: OccupancyMap) -> Pose:
    """``X,Y,YAW`` or the name of a place on the map, as a pose.

    Raises:
        BadSetting: it is neither a pose nor a name.
        BadGoal: the map has no such place.
    """
    if "," in text or not text.strip() or text[0].isdigit() or text[0] in "+-.":
        return read_pose(what, text)
    return home.place(text)


def check_json(path: str | None) -> None:
    """Refuse, before anything is driven, a file for the figures that cannot be written.

    Raises:
        BadFile: it cannot.
    """
    from pavane.core.files import check_writable

    if path is not None:
        check_writable(path)
