"""What the robot can be asked to do."""

from pavane.tasks.tasks import Follow, GoTo, Stop, Task

__all__ = ["Follow", "GoTo", "Stop", "Task"]
