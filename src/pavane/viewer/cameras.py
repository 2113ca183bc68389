"""Cameras: where those who look at the page look from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import viser

from pavane.core.arrays import Floats

LOOKS = ("whole home", "from above", "with the robot")
BESIDE = 1.5  # m between two homes
PANEL, SHEET = 345, 0.45  # pixels that the panel covers on a wide screen, share that it covers on a tall one
STEEP = math.radians(60.0)  # downwards, on the whole home
FIELD = math.radians(40.0)  # of view
WINDOW = (1280, 800)  # pixels, until a browser has told its own


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """All that is to be seen, m.

    Args:
        low: (2,) lower left corner of all that is drawn.
        high: (2,) upper right corner.
        robot: (2,) the robot to look at.
    """

    low: Floats
    high: Floats
    robot: Floats


class Cameras:
    """The cameras of all browsers that show the page, which look from the same place.

    Args:
        server: of the page.

    Attributes:
        how: one of ``LOOKS``.
    """

    def __init__(self, server: viser.ViserServer) -> None:
        self._server = server
        self.how = LOOKS[0]

    @property
    def follows(self) -> bool:
        """Whether they move along with the robot."""
        return self.how == LOOKS[2]

    def look(self, how: str, sight: Sight) -> None:
        """Look from elsewhere, one of ``LOOKS``."""
        self.how = how
        start = self._server.initial_camera
        position, at = self._view(sight, *WINDOW)
        start.position, start.look_at, start.fov = tuple(position), tuple(at), FIELD
        for client in self._server.get_clients().values():
            self.aim(client, sight)

    def aim(self, client: viser.ClientHandle, sight: Sight) -> None:
        """Let one browser look from where all do."""
        with client.atomic():
            client.camera.fov = FIELD
            client.camera.position, client.camera.look_at = self._view(
                sight, client.camera.image_width, client.camera.image_height
            )

    def follow(self, sight: Sight) -> None:
        """Move all cameras some way along with the robot."""
        at = np.array([*sight.robot, 0.3])
        for client in self._server.get_clients().values():
            camera = client.camera
            moved = 0.15 * (at - camera.look_at)
            with client.atomic():
                camera.position, camera.look_at = camera.position + moved, camera.look_at + moved

    def aside(self, width: float, height: float) -> tuple[float, float]:
        """Return where the second of two homes of a size is put, m: to the right or in front, whichever is larger."""
        screens = [(c.camera.image_width, c.camera.image_height) for c in self._server.get_clients().values()]
        wide, tall = (screens or [WINDOW])[0]
        across, down = (wide, (1.0 - SHEET) * tall) if wide < tall else (wide - PANEL, float(tall))
        deep = math.sin(STEEP) * height
        right = min(across / (2.0 * width + BESIDE), down / deep)
        front = min(across / width, down / (2.0 * deep + BESIDE))
        return (width + BESIDE, 0.0) if right > front else (0.0, -height - BESIDE)

    def _view(self, sight: Sight, width: int, height: int) -> tuple[Floats, Floats]:
        """Return where the camera stands and the point that it looks at, (3,) each, for a picture of so many pixels."""
        aspect = width / max(height, 1)
        tall_screen = aspect < 1.0
        free = 1.0 if tall_screen else max(width - PANEL, 0.4 * width) / width  # share of the width beside the panel
        if self.follows:
            at = np.array([*sight.robot, 0.3])
            return at + np.array([-1.0, -4.4, 5.0]) * max(1.0, 1.1 / aspect), at
        low, high = sight.low, sight.high
        wide, deep = (high - low).tolist()
        steep = math.radians(89.0) if self.how == LOOKS[1] else STEEP
        spread = 2.0 * math.tan(0.5 * FIELD)
        tall = deep * math.sin(steep) + 1.0
        above = 1.0 - SHEET if tall_screen else 1.0
        far = 1.1 * max(wide / (spread * aspect * free), tall / (spread * above)) + 0.5 * deep * math.cos(steep)
        middle = 0.5 * (low + high)
        aside, up = 0.5 * (1.0 - free) * spread * aspect * far, 0.5 * (1.0 - above) * spread * far / math.sin(steep)
        at = np.array([middle[0] + aside, middle[1] - up - 0.02 * deep, 0.0])
        return at + np.array([0.0, -far * math.cos(steep), far * math.sin(steep)]), at
