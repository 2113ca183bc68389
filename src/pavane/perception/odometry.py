"""OdometryLog: the last seconds of odometry, and where the base was at any moment in them."""

from __future__ import annotations

from collections import deque

from pavane.core.geometry import Pose
from pavane.core.messages import Odometry

HISTORY = 2.0  # s that are kept
GAP = 0.2  # s that the base is carried on from the message before


class OdometryLog:
    """Messages in order of their stamps; an older one than the newest adds nothing and is left out."""

    def __init__(self) -> None:
        self._messages: deque[Odometry] = deque()

    @property
    def newest(self) -> Odometry | None:
        """The newest message, if any."""
        return self._messages[-1] if self._messages else None

    def add(self, message: Odometry) -> None:
        """Keep a message."""
        if self._messages and message.stamp <= self._messages[-1].stamp:
            return
        self._messages.append(message)
        while self._messages[0].stamp < message.stamp - HISTORY:
            self._messages.popleft()

    def pose_at(self, stamp: float) -> Pose | None:
        """Return odom_from_base at a stamp, carried on from the message before it; None when it is too long ago."""
        if not self._messages or stamp < self._messages[0].stamp - 0.1:
            return None
        for message in reversed(self._messages):
            if message.stamp <= stamp:
                return message.pose.advance(message.v, message.omega, min(stamp - message.stamp, GAP))
        return self._messages[0].pose
