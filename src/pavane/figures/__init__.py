"""Pictures of recorded runs, drawn from plain values."""

from pavane.figures.animation import run_animation
from pavane.figures.kinds import Passed, kinds_picture
from pavane.figures.replay import replay_picture
from pavane.figures.run import run_picture
from pavane.figures.snapshot import snapshot_picture
from pavane.figures.space import space_picture
from pavane.figures.why import why_picture

__all__ = [
    "Passed",
    "kinds_picture",
    "replay_picture",
    "run_animation",
    "run_picture",
    "snapshot_picture",
    "space_picture",
    "why_picture",
]
