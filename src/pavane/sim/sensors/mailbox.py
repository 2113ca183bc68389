"""Mailbox: the messages that are under way to the robot."""

from __future__ import annotations

import heapq

from pavane.sim.sensors.scene import Delivery


class Mailbox:
    """Holds deliveries until they arrive; of those that arrive at one time, the first posted comes first."""

    def __init__(self) -> None:
        self._under_way: list[tuple[float, int, Delivery]] = []
        self._posted = 0

    def post(self, delivery: Delivery) -> None:
        """Send a message on its way."""
        self._posted += 1
        heapq.heappush(self._under_way, (delivery.arrival, self._posted, delivery))

    def collect(self, time: float) -> list[Delivery]:
        """Take out, in the order of their arrival, all that have arrived by ``time``, s."""
        arrived = []
        while self._under_way and self._under_way[0][0] <= time + 1e-9:
            arrived.append(heapq.heappop(self._under_way)[2])
        return arrived
