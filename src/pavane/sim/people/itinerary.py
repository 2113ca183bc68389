"""Itinerary: the goals of a person, given in turn or drawn for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Ints
from pavane.sim.people.behaviour import Behaviour
from pavane.sim.people.state import PersonState
from pavane.sim.people.walk_graph import WalkGraph

ARRIVED = 0.20  # m from a goal at which a person is there
NO_TRIP = 1.5  # m within which a goal is not worth setting out to


class Destination(NamedTuple):
    """A goal that a person sets out to.

    Args:
        node: of the graph.
        usual: whether it is one of their own goals, to which others go as well.
    """

    node: int
    usual: bool


class Itinerary:
    """The goals of one person.

    Args:
        goals: (N,) nodes.
        wanders: whether they are drawn for ever, or else gone to in turn.
        behaviour: of the person, who may visit somebody instead.
        rng: the person's stream.
    """

    def __init__(self, goals: Ints, wanders: bool, behaviour: Behaviour, rng: Generator) -> None:
        self.wanders = wanders
        self._goals, self._behaviour, self._rng = goals, behaviour, rng
        self._next = 0

    @property
    def over(self) -> bool:
        """Whether all goals have been gone to."""
        return not self.wanders and self._next >= len(self._goals)

    def last(self, graph: WalkGraph) -> tuple[float, float]:
        """Return the place of the last goal in ``map``, m."""
        return graph.place(int(self._goals[-1]))

    def advance(self, graph: WalkGraph, here: PersonState, people: Sequence[PersonState]) -> Destination | None:
        """Choose the next goal; None for somebody who has been to all of them and stands at the last.

        Args:
            graph: the ground.
            here: the person.
            people: whom they may visit.
        """
        if self.wanders:
            return self._draw(graph, here, people)
        if self.over and here.distance(*self.last(graph)) < 2.0 * ARRIVED:
            return None
        node = int(self._goals[min(self._next, len(self._goals) - 1)])
        self._next += 1
        return Destination(node, usual=True)

    def move_to(self, graph: WalkGraph, before: WalkGraph) -> None:
        """Keep the goals when the ground has changed from that of ``before``, as near as one can stand now."""
        self._goals = np.array([graph.node(*before.place(node)) for node in self._goals.tolist()], dtype=np.int64)

    def _draw(self, graph: WalkGraph, here: PersonState, people: Sequence[PersonState]) -> Destination:
        """Draw a goal that is not near, or somebody to visit; arguments as in ``advance``."""
        somebody = self._behaviour.visits(people)
        away = np.hypot(*(graph.places[self._goals] - (here.x, here.y)).T)
        far = self._goals[away > NO_TRIP]
        choice = far if len(far) else self._goals
        node = int(choice[int(self._rng.integers(len(choice)))])
        if somebody is not None and graph.connects((here.x, here.y), somebody):
            return Destination(graph.node(*somebody), usual=False)
        return Destination(node, usual=True)
