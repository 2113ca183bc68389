"""Maps of homes: ROS ``map_server`` files and our own floor plans, read into one value.

Begin with ``occupancy`` (that value) and ``load`` (the way in); ``clearance`` makes the field that all layers share.
"""

from pavane.maps.load import load_map, make_map, stock_homes
from pavane.maps.occupancy import FREE, OCCUPIED, UNKNOWN, Door, OccupancyMap, Outline, Room
from pavane.maps.ros import write_ros_map

__all__ = [
    "FREE",
    "OCCUPIED",
    "UNKNOWN",
    "Door",
    "OccupancyMap",
    "Outline",
    "Room",
    "load_map",
    "make_map",
    "stock_homes",
    "write_ros_map",
]
