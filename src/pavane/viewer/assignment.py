"""Assignment: what the robot of a live drive is doing: an errand, or what somebody has asked for."""

from __future__ import annotations

import math

from pavane.core.errors import PavaneError
from pavane.core.plan import Status
from pavane.core.tasks import GoTo, Task
from pavane.navigator import Navigator
from pavane.viewer.errands import Errands

REST, REST_ASKED = 1.0, 4.0  # s at the goal of an errand, and of a request, before the next errand
PATIENCE = 60.0  # s for an errand


class Assignment:
    """One task after the other: errands, and requests in between.

    Args:
        navigator: is given the tasks.
        errands: says where to go when nobody asks for anything.

    Attributes:
        doing: where the robot goes, in words.
        goals: how many it has reached.
    """

    def __init__(self, navigator: Navigator, errands: Errands) -> None:
        self._navigator, self._errands = navigator, errands
        self.goals = 0
        self.next_errand(0.0)

    def ask(self, task: Task, doing: str, now: float, *, stays: bool = False) -> str:
        """Do something that was asked for.

        Args:
            task: to do.
            doing: that, in words.
            now: s.
            stays: whether no errand follows it.

        Returns:
            Empty, or in one sentence why it cannot be done; nothing has changed then.
        """
        try:
            self._navigator.request(task)
        except PavaneError as error:
            return f"The robot cannot go there: {error.what}."
        self._begin(doing, now, asked=True, stays=stays)
        return ""

    def next_errand(self, now: float) -> None:
        """Go on the next errand; ``now`` is the time, s."""
        target = self._errands.next()
        self._navigator.request(GoTo(target))
        name = target if isinstance(target, str) else f"({target.x:.1f}, {target.y:.1f})"
        self._begin(f"on an errand: {name.replace('_', ' ')}", now, asked=False, stays=False)

    def _begin(self, doing: str, now: float, *, asked: bool, stays: bool) -> None:
        self.doing, self._asked, self._stays = doing, asked, stays
        self._began, self._ended = now, -math.inf  # s; -inf while it lasts

    def judge(self, now: float) -> None:
        """Count a goal when it is reached, and go on with errands when a task is done; ``now`` is the time, s."""
        status = self._navigator.status
        if self._ended == -math.inf and status in (Status.REACHED, Status.NO_ROUTE, Status.STOPPED):
            self._ended = now
            self.goals += status is Status.REACHED
        rests = REST_ASKED if self._asked else REST
        done = self._ended > -math.inf and now >= self._ended + rests and not self._stays
        if done or (not self._asked and now >= self._began + PATIENCE):
            self.next_errand(now)
