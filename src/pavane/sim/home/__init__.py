"""The home as it really is: what the robot's map does not know, and doors that move.

Begin with ``home``: it lets the ``events`` of a scenario's ``changes`` happen on ``cells``; ``doors`` moves leaves.
"""

from pavane.sim.home.bodies import Bodies
from pavane.sim.home.changes import Add, Carpet, Change, Clear, Glass, Move, Remove, Shuffle, Table, Toy
from pavane.sim.home.door_spec import Appointment, DoorSpec
from pavane.sim.home.doors import Doors
from pavane.sim.home.home import TrueHome
from pavane.sim.home.pieces import Piece

__all__ = [
    "Add",
    "Appointment",
    "Bodies",
    "Carpet",
    "Change",
    "Clear",
    "DoorSpec",
    "Doors",
    "Glass",
    "Move",
    "Piece",
    "Remove",
    "Shuffle",
    "Table",
    "Toy",
    "TrueHome",
]
