"""Scenery: light, floor, walls and furniture of a home, as a few large meshes that stand still."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import viser
from PIL import Image, ImageDraw, ImageFont

from pavane.core.arrays import Bools, Floats
from pavane.core.geometry import Grid
from pavane.maps import OCCUPIED, UNKNOWN, OccupancyMap, Outline
from pavane.viewer import colours, shapes
from pavane.viewer.colours import Colour
from pavane.viewer.shapes import Mesh

WALL_HEIGHT = 0.85  # m: cut off, so that rooms can be seen into from above
BEVEL = 0.03  # m: cut from the upper edges of furniture
LETTER = 0.0055  # m: a pixel of the rooms' names
INK = (96, 88, 76)
# Furniture by a word in its name: height in m, colour. Any other is a wooden block of the last entry's height.
FURNITURE: tuple[tuple[str, float, Colour], ...] = (
    ("bedside", 0.5, colours.WOOD), ("bed", 0.48, colours.CLOTH), ("sofa", 0.5, colours.CLOTH),
    ("arm", 0.5, colours.CLAY), ("reading", 0.5, colours.CLAY), ("coffee", 0.4, colours.WOOD),
    ("chair", 0.48, colours.WOOD), ("stool", 0.48, colours.WOOD), ("bench", 0.45, colours.WOOD),
    ("table", 0.74, colours.WOOD), ("desk", 0.74, colours.WOOD), ("island", 0.82, colours.WHITE),
    ("counter", 0.82, colours.WHITE), ("fridge", 0.85, colours.WHITE), ("wash", 0.82, colours.WHITE),
    ("dryer", 0.82, colours.WHITE), ("tub", 0.55, colours.WHITE), ("toilet", 0.42, colours.WHITE),
    ("basin", 0.8, colours.WHITE), ("tv", 0.5, colours.DARK), ("piano", 0.8, colours.DARK),
    ("laundry", 0.5, colours.LINEN), ("", 0.8, colours.WOOD),
)  # fmt: skip
PLANT = ((0.0, 0.0), (0.6, 0.0), (0.8, 0.36), (0.7, 0.36), (0.0, 0.33))  # radius as a share, z in m


def dress(server: viser.ViserServer, shadows: bool) -> None:
    """Set light, background and colours of a page; ``shadows`` are beautiful, but slow without a graphics card."""
    scene = server.scene
    scene.configure_default_lights(False)
    scene.configure_environment_map(None)
    scene.add_light_hemisphere("/sky", sky_color=(255, 250, 240), ground_color=(178, 168, 156), intensity=2.1)
    scene.add_light_directional(
        "/sun", color=(255, 243, 224), intensity=1.7, position=(-7.0, -9.0, 15.0), cast_shadow=shadows
    )
    scene.set_background_image(np.full((4, 4, 3), colours.PAPER, np.uint8))
    server.gui.configure_theme(show_logo=False, show_share_button=False, brand_color=colours.ROBOT)
    server.gui.set_panel_label("Pavane")


def add_scenery(scene: viser.SceneApi, root: str, home: OccupancyMap) -> None:
    """Put a home under the node ``root`` of the scene."""
    parts: dict[Colour, list[Mesh]] = defaultdict(list)
    floor = cells_as_boxes(home.grid, home.grid.data != UNKNOWN)
    parts[colours.FLOOR] += [shapes.flat(corners, 0.0) for corners in floor]
    walls = [outline.corners for outline in home.outlines if outline.wall]
    for corners in walls or cells_as_boxes(home.grid, home.grid.data == OCCUPIED):
        parts[colours.WALL].append(shapes.prism(corners, 0.0, WALL_HEIGHT, lid=False))
        parts[colours.WALL_TOP].append(shapes.flat(corners, WALL_HEIGHT))
    for outline in home.outlines:
        if not outline.wall:
            for colour, mesh in _furniture(outline):
                parts[colour].append(mesh)
    for number, (colour, meshes) in enumerate(parts.items()):
        mesh = shapes.merge(meshes)
        scene.add_mesh_simple(
            f"{root}/home/{number}", mesh.vertices, mesh.faces, color=colour, flat_shading=True,
            cast_shadow=colour != colours.FLOOR,
        )  # fmt: skip
    for number, room in enumerate(home.rooms):
        write_on_floor(scene, f"{root}/names/{number}", room.name, room.x, room.y)


def write_on_floor(scene: viser.SceneApi, name: str, text: str, x: float, y: float, *, size: float = 1.0) -> None:
    """Write a word that lies on the floor.

    Args:
        scene: to put it into.
        name: of its node.
        text: the word.
        x: of its middle, m.
        y: likewise.
        size: of its letters; 1 is that of a room's name.
    """
    font = ImageFont.load_default(48)
    left, top, right, bottom = font.getbbox(text)
    width, height = int(right - left) + 8, int(bottom - top) + 8
    picture = Image.new("RGBA", (width, height), (*INK, 0))
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, font=font, fill=(*INK, 150))
    scene.add_image(
        name, np.array(picture), width * LETTER * size, height * LETTER * size, position=(x, y, 0.008),
        wxyz=(0.0, 1.0, 0.0, 0.0), cast_shadow=False,
    )  # fmt: skip


def cells_as_boxes(grid: Grid[np.uint8], cells: Bools) -> list[Floats]:
    """Return the corners (4, 2) of few rectangles that cover the cells, each once, m."""
    r, origin = grid.resolution, grid.origin
    found = []
    for row, column, rows, columns in shapes.boxes_of(cells):
        x, y = origin.x + column * r, origin.y + row * r
        x1, y1 = x + columns * r, y + rows * r
        found.append(np.array([[x, y], [x1, y], [x1, y1], [x, y1]]))
    return found


def _furniture(outline: Outline) -> list[tuple[Colour, Mesh]]:
    """Return a piece of furniture as meshes by colour, after a word in its name."""
    name = outline.name.lower()
    if "plant" in name:
        middle = outline.corners.mean(axis=0)
        x, y = middle.tolist()
        radius = float(np.hypot(*(outline.corners - middle).T).mean())
        pot = shapes.turned([(share * radius, z) for share, z in PLANT], 20)
        tuft = [
            shapes.ball(0.62 * radius, 0.55, sides=12),
            shapes.ball(0.5 * radius, 0.48, sides=12).moved(0.4 * radius, 0.2 * radius, 0.0),
            shapes.ball(0.5 * radius, 0.5, sides=12).moved(-0.4 * radius, 0.1 * radius, 0.0),
            shapes.ball(0.45 * radius, 0.66, sides=12).moved(0.1 * radius, -0.3 * radius, 0.0),
        ]
        return [(colours.CLAY, pot.moved(x, y, 0.0)), (colours.GREEN, shapes.merge(tuft).moved(x, y, 0.0))]
    _, height, colour = next(entry for entry in FURNITURE if entry[0] in name)
    return [(colour, shapes.prism(outline.corners, 0.0, height, bevel=BEVEL))]
