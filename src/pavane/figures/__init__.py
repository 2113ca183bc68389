"""Pictures of recorded runs, drawn from plain values."""

from pavane.figures.animation import run_animation
from pavane.figures.run import run_picture
from pavane.figures.snapshot import snapshot_picture

__all__ = ["run_animation", "run_picture", "snapshot_picture"]
