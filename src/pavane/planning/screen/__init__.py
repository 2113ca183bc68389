"""The screen: looks where the robot will go, before it goes there."""

from pavane.planning.screen.gaze import plan_gaze

__all__ = ["plan_gaze"]
