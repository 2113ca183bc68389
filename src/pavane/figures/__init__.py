"""Pictures of recorded runs, drawn from plain values."""

from pavane.figures.animation import run_animation
from pavane.figures.run import run_picture
from pavane.figures.snapshot import snapshot_picture
from pavane.figures.space import space_picture

__all__ = ["run_animation", "run_picture", "snapshot_picture", "space_picture"]
