"""Pictures of drives and of the ideas, drawn from plain values; the only room that knows matplotlib.

A module for each picture: its first function, ``NAME_picture``, draws it into a file. Begin with ``run`` and ``scene``;
``staged`` makes the drives that the pictures of the ideas show.
"""

from pavane.figures.animation import run_animation
from pavane.figures.calibration import calibration_picture
from pavane.figures.comparison import Way, comparison_picture
from pavane.figures.encounter import encounter_picture
from pavane.figures.kinds import Passed, kinds_picture
from pavane.figures.layers import LayerPanel, layers_picture
from pavane.figures.replay import replay_picture
from pavane.figures.run import run_picture
from pavane.figures.snapshot import interest, snapshot_picture
from pavane.figures.space import space_picture
from pavane.figures.why import why_picture

__all__ = [
    "LayerPanel",
    "Passed",
    "Way",
    "calibration_picture",
    "comparison_picture",
    "encounter_picture",
    "interest",
    "kinds_picture",
    "layers_picture",
    "replay_picture",
    "run_animation",
    "run_picture",
    "snapshot_picture",
    "space_picture",
    "why_picture",
]
