"""Pixels of map images: PGM (P5, P2) and PNG in, PGM and PNG out. Row 0 is the top, as in the image."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pavane.core.arrays import Bools, Bytes
from pavane.core.errors import BadFile, BadMap
from pavane.maps.occupancy import CELLS_MAX

SIDE_MAX = 20_000  # pixels; more is a mistake
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """Brightness of an image, kept in whole numbers so that thresholds compare exactly.

    Args:
        levels: (rows, columns) brightness from 0 (black) to ``top`` (white); colours are summed, not rounded.
        top: the level that is white.
        opaque: (rows, columns) True where nothing shines through, or None when the image has no transparency.
    """

    levels: NDArray[np.uint16]
    top: int
    opaque: Bools | None = None


def read_pixels(path: Path, *, average_alpha: bool) -> Pixels:
    """Read a PGM or PNG; what it is is told by its first bytes, not by its suffix.

    Args:
        path: the image file.
        average_alpha: count transparency as one more colour, as map_server does in its trinary mode.

    Raises:
        BadFile: missing, of another format, truncated or broken.
        BadMap: empty, larger than ``SIDE_MAX`` a side or of more than ``CELLS_MAX`` pixels.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(
            "cannot read map image", value=path, limit="a readable PGM or PNG",
            remedy="The image key is relative to the folder of the YAML file.",
        ) from error  # fmt: skip
    if data[:2] in (b"P5", b"P2"):
        return _read_pgm(data, path)
    if data.startswith(PNG_SIGNATURE):
        return _read_png(data, path, average_alpha=average_alpha)
    raise BadFile(
        f"{path.name} is neither PGM nor PNG", value=data[:8], limit="an image that starts with P5, P2 or the PNG mark",
        remedy="Convert the image to PNG, in grey, and name it in the YAML file.",
    )  # fmt: skip


def _check_size(name: str, columns: int, rows: int) -> None:
    """Refuse what is empty, larger than ``SIDE_MAX`` a side or of more than ``CELLS_MAX`` pixels."""
    if columns < 1 or rows < 1:
        raise BadMap(f"{name} is an empty map", value=f"{columns} x {rows} cells", limit="at least 1 x 1")
    if max(columns, rows) > SIDE_MAX or columns * rows > CELLS_MAX:
        raise BadMap(
            f"{name} is too large", value=f"{columns} x {rows} cells",
            limit=f"at most {SIDE_MAX:,} a side and {CELLS_MAX:,} in all",
            remedy="Crop the map or use a coarser resolution.",
        )  # fmt: skip


def _read_pgm(data: bytes, path: Path) -> Pixels:
    """Return the pixels of a PGM, P5 or P2; ``path`` names it in errors."""
    header = re.match(rb"P[25]" + rb"(?:\s+(?:#[^\n]*\n\s*)*)(\d+)" * 3, data)
    if header is None:
        raise BadFile(f"{path.name} has a broken PGM header", value=data[:20], limit="P5 or P2, width, height, maximum")
    columns, rows, top = (int(number[:9]) for number in header.groups())
    _check_size(path.name, columns, rows)
    if not 1 <= top <= 65535:
        raise BadFile(f"{path.name} has a broken PGM header", value=f"maximum {top}", limit="1 to 65535")
    body, count = data[header.end() :], rows * columns
    if data[:2] == b"P5":
        width = 1 if top < 256 else 2  # netpbm: two bytes, high one first
        # Exactly one white character ends the header; pixels may look like more of them.
        body = body[1 : 1 + count * width]
        levels = np.frombuffer(body[: len(body) // width * width], dtype=">u2" if width == 2 else "u1")
    else:
        words = re.sub(rb"#[^\n]*", b"", body).split()[:count]
        if not all(word.isdigit() and len(word) <= 5 for word in words):
            raise BadFile(f"{path.name} holds pixels that are not numbers", limit=f"whole numbers up to {top}")
        levels = np.array(words, dtype=np.uint16)
    if len(levels) < count:
        raise BadFile(
            f"{path.name} is truncated", value=f"{len(levels)} pixels", limit=f"{columns} x {rows} = {count}",
            remedy="Copy the file again.",
        )  # fmt: skip
    if int(levels.max()) > top:
        raise BadFile(f"{path.name} holds a pixel above its maximum", value=int(levels.max()), limit=top)
    return Pixels(levels.astype(np.uint16).reshape(rows, columns), top)


def _read_png(data: bytes, path: Path, *, average_alpha: bool) -> Pixels:
    """Return the pixels of a PNG; see :func:`read_pixels`."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            _check_size(path.name, *image.size)
            if image.mode.startswith("I"):  # 16-bit grey
                return Pixels(np.asarray(image, dtype=np.uint16), 65535)
            transparent = image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info
            if not transparent and image.mode in ("1", "L"):
                return Pixels(np.asarray(image.convert("L"), dtype=np.uint16), 255)
            channels = np.asarray(image.convert("RGBA" if transparent else "RGB"), dtype=np.uint16)
    except Image.DecompressionBombError as error:
        raise BadMap(f"{path.name} is too large", value=error, limit=f"at most {SIDE_MAX} pixels a side") from error
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise BadFile(f"{path.name} is a broken PNG", value=error, remedy="Copy the file again.") from error
    if not transparent:
        return Pixels(channels.sum(axis=2, dtype=np.uint16), 3 * 255)
    opaque = channels[..., 3] == 255
    counted = channels if average_alpha else channels[..., :3]
    return Pixels(counted.sum(axis=2, dtype=np.uint16), counted.shape[2] * 255, opaque)


def encode(pixels: Bytes, suffix: str) -> bytes:
    """Return the bytes of a grey image (rows, columns): a PNG for the suffix ``.png``, a P5 PGM for ``.pgm``."""
    if suffix == ".pgm":
        rows, columns = pixels.shape
        return b"P5\n%d %d\n255\n" % (columns, rows) + pixels.tobytes()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()
