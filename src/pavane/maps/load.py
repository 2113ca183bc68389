"""load_map: one way in for every kind of map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pavane.core.errors import BadMap
from pavane.core.yaml_file import read_yaml
from pavane.maps.floor_plan import parse_floor_plan
from pavane.maps.occupancy import OccupancyMap
from pavane.maps.rasterise import rasterise
from pavane.maps.ros import read_ros_map

HOMES = Path(__file__).parent / "homes"


def load_map(source: str | Path) -> OccupancyMap:
    """Read a ROS map or a floor plan, told apart by their keys, or a home that comes with Pavane by its name.

    Args:
        source: path of a YAML file, or ``flat`` or ``house``.

    Raises:
        BadFile: missing, not YAML, a key written twice, or the image is missing, truncated or of another format.
        BadMap: the values cannot be used.
    """
    path = Path(source)
    if isinstance(source, str) and not path.suffix and len(path.parts) == 1:
        path = HOMES / f"{source}.yaml"
        if not path.exists():
            raise BadMap(
                "no home of this name comes with Pavane", value=source, limit=", ".join(stock_homes()),
                remedy="For a map of your own give the path of its YAML file.",
            )  # fmt: skip
    fields = read_yaml(path, "map")
    if "image" in fields:
        return read_ros_map(path, fields)
    if "walls" in fields:
        return make_map(fields, path.name)
    raise BadMap(
        f"{path.name} is neither a ROS map nor a floor plan", value=", ".join(map(str, fields)) or "no keys",
        limit="a key image (ROS map) or walls (floor plan)", remedy="See docs/maps.md.",
    )  # fmt: skip


def make_map(fields: dict[str, Any], what: str) -> OccupancyMap:
    """Return the map of a floor plan that is given as decoded YAML; ``what`` names it in errors.

    Raises:
        BadMap: the values cannot be used.
    """
    return rasterise(parse_floor_plan(what, fields))


def stock_homes() -> list[str]:
    """Return the names of the homes that come with Pavane."""
    return sorted(path.stem for path in HOMES.glob("*.yaml"))
