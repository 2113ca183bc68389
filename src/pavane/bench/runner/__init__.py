"""Workers, checkpoints, reports."""
