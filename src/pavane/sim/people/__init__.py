"""The people of the simulated home: walkers who choose their own way, and recorded ones.

Begin with ``population``, which moves everybody by the kernels' ``step``, and ``person``, which decides what one of
them does next: ``itinerary`` and ``walk`` lead to goals, ``encounter`` and ``yielding`` make room for the robot.
"""

from pavane.sim.people.doors import DoorService
from pavane.sim.people.placing import crowd
from pavane.sim.people.population import STEP, Population
from pavane.sim.people.replay import ReplaySpec, TrackReplay
from pavane.sim.people.spec import KINDS, Kind, PersonSpec, Traits
from pavane.sim.people.tracks import RecordedTrack, read_tracks

__all__ = [
    "KINDS",
    "STEP",
    "DoorService",
    "Kind",
    "PersonSpec",
    "Population",
    "RecordedTrack",
    "ReplaySpec",
    "TrackReplay",
    "Traits",
    "crowd",
    "read_tracks",
]
