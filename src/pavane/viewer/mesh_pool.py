"""MeshPool: many equal pieces in one mesh, for shapes that change many times a second."""

from __future__ import annotations

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.viewer.colours import Colour
from pavane.viewer.shapes import Mesh


class MeshPool:
    """A mesh of a fixed number of equal pieces, of which as many as are needed are shown: no buffer is made anew.

    Args:
        scene: to put it into.
        name: of its node.
        piece: one of them: its faces, and how many vertices (V, 3) it has.
        most: pieces that are shown at once.
        colour: of all.
        opacity: None: solid.
    """

    def __init__(
        self, scene: viser.SceneApi, name: str, piece: Mesh, most: int, colour: Colour, opacity: float | None = None
    ) -> None:
        count = len(piece.vertices)
        faces = piece.faces[None] + count * np.arange(most)[:, None, None]
        self._vertices = np.zeros((most, count, 3), np.float32)
        self._most, self._used = most, 0
        self.node = scene.add_mesh_simple(
            name, self._vertices.reshape(-1, 3), faces.reshape(-1, 3), color=colour, opacity=opacity, side="double",
            cast_shadow=False, receive_shadow=False,
        )  # fmt: skip

    def show(self, pieces: Floats) -> None:
        """Show pieces (N, V, 3), m; those beyond the most are left out."""
        used = min(len(pieces), self._most)
        if used == 0 and self._used == 0:
            return
        self._vertices[:used] = pieces[:used]
        self._vertices[used : self._used] = 0.0
        self._used = used
        self.node.vertices = self._vertices.reshape(-1, 3)
