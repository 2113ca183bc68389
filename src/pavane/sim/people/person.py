"""Person: decides ten times a second what to do next: set out, walk, stay, or make room."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Ints
from pavane.sim.people.behaviour import Behaviour
from pavane.sim.people.doors import DoorUser
from pavane.sim.people.encounter import Evasion, RobotMemory
from pavane.sim.people.groups import Group
from pavane.sim.people.itinerary import Itinerary
from pavane.sim.people.navigation import KnownWays, WalkableSpace
from pavane.sim.people.spec import PersonSpec
from pavane.sim.people.state import Mode, PersonState
from pavane.sim.people.walk import AHEAD, GATHER, Walk
from pavane.sim.people.walk_graph import ShortestWays
from pavane.sim.people.yielding import AIR, NEAR, WIDE, Other, in_each_others_way, refuge

UNHURRIED = 0.6  # m/s, at most, with which they step aside: a short way, soon walked
PATIENCE = (6.0, 10.0)  # s after which they give up waiting and go somewhere else
STUCK = 2.5  # s without getting on after which something is in the way
AT_DOOR = 8.0  # s, likewise before a door that does not open
IN_FRONT = 1.2  # m within which somebody else may be what is in the way
SHUFFLE = 0.25  # m from their place up to which those who stay do not correct it
LATECOMERS = 10.0  # s for which the first of a group waits for the others


class Person:
    """A person in ``map``.

    Args:
        spec: who it is.
        index: their number; of two who block each other, the higher makes room.
        ways: where they can walk, shared with others of their radius.
        start: where they start.
        goals: (N,) nodes they go to.
        doors: how they use doors.
        rng: their own stream.

    Attributes:
        state: where they are and what they are about, for others to see.
        sees_robot: whether they make out, and heed, the robot now.
        group: that they belong to.
    """

    def __init__(
        self,
        spec: PersonSpec,
        index: int,
        ways: KnownWays,
        start: tuple[float, float],
        goals: Ints,
        doors: DoorUser,
        rng: Generator,
    ) -> None:
        self.spec, self.index, self.doors = spec, index, doors
        self.state = PersonState(*start, spec.body_radius, yaw=float(rng.uniform(-math.pi, math.pi)))
        self.sees_robot = False
        self.group: Group | None = None
        self._ways, self._rng = ways, rng
        self._behaviour = Behaviour(spec, rng)
        self._itinerary = Itinerary(goals, not spec.goals, self._behaviour, rng)
        self._walk = Walk(start)
        self._memory = RobotMemory()
        self._evasion = Evasion()
        self._until = self._behaviour.departure  # end of the stay, or of patience

    @property
    def ground(self) -> WalkableSpace:
        """The ground that they walk on."""
        return self._ways.ground

    def join(self, group: Group) -> None:
        """Belong to a group from now on."""
        self.group = group
        group.members.append(self.state)

    def wish(self, time: float) -> tuple[float, ...]:
        """Return what they want of the next moments: a row of ``wishes`` of ``kernels.social_force.Pedestrians``."""
        mode, walk = self.state.mode, self._walk
        halts = self._behaviour.halts(time)
        pace = self._behaviour.pace
        if halts or (mode is Mode.STAY and walk.rest < SHUFFLE):
            pace = 0.0
        elif mode is Mode.ASIDE:
            pace = min(pace, UNHURRIED)
        face = self.group.facing(self.state) if self.group is not None and mode is Mode.STAY else math.nan
        return (
            *walk.waypoint, walk.rest, pace, self._behaviour.sway(time), face,
            halts, self.sees_robot, mode is Mode.WALK,
        )  # fmt: skip

    def decide(self, time: float, robot: Other | None, people: list[Person]) -> None:
        """Think again.

        Args:
            time: s.
            robot: None when it is not seen or not heeded.
            people: everybody, this person included, by their numbers.
        """
        known = self._memory.update(time, robot, self.ground, self.state)
        if self._evasion.is_new(time):
            self._evasion.air = AIR
        self._perhaps_set_out(time, people)
        evasion, mode = self._evasion, self.state.mode
        if mode is Mode.ASIDE:
            self._make_room(time, known if evasion.person is None else Other.person(people[evasion.person].state))
        elif known is not None and self._meets(time, known):
            self._step_aside(time, known, None)
        elif mode is Mode.WALK:
            self._get_on(time, people)
        self._look_ahead(time)

    def depart(self, time: float) -> None:
        """Set out now, s, if they still wait for their departure."""
        if self.state.trips == 0 and self.state.mode is Mode.STAY:
            self._until = min(self._until, time)

    def stand_in(self, ways: KnownWays) -> None:
        """Take in that what stands in the home has changed: the same goals, another ground and other ways."""
        before, graph = self.ground.graph, ways.ground.graph
        self._ways = ways
        self._itinerary.move_to(graph, before)
        if self.state.goal is not None:
            node = graph.node(*self.state.goal)
            self.state.goal = graph.place(node)
            if self._walk.ways is not None:
                self._walk.ways = ways.to(node)

    def carry_on(self, time: float) -> None:
        """Go on from wherever they are now, at ``time``, s: to their goal, or stay here."""
        self._evasion.refuge, self._walk.waypoint = None, (self.state.x, self.state.y)
        if self._walk.ways is None:
            self.state.mode = Mode.STAY
        else:
            self._resume(time)

    def _guide(self) -> PersonState | None:
        """Return whom they follow: the first of their group, if they have no goals of their own."""
        if self.group is None or not self._itinerary.wanders or self.group.guide is self.state:
            return None
        return self.group.guide

    def _perhaps_set_out(self, time: float, people: list[Person]) -> None:
        """Set out if their guide has, if their stay is over, or if they change their mind."""
        guide, mode = self._guide(), self.state.mode
        wanders = mode is Mode.WALK and self._itinerary.wanders and guide is None
        changes = wanders and self._behaviour.changes(time)
        if guide is not None and guide.trips > self.state.trips:
            self._follow(time, guide)
        elif changes or (mode is Mode.STAY and time >= self._until and not self._waits_for_others(time)):
            self._set_out(time, people)

    def _set_out(self, time: float, people: list[Person]) -> None:
        """Choose the next goal; a person who has none left stays at the last, or goes back there."""
        guide = self._guide()
        if guide is not None:
            self._follow(time, guide)
            return
        graph = self.ground.graph
        others = [person.state for person in people if person is not self and person.spec.traits.detectable]
        destination = self._itinerary.advance(graph, self.state, others)
        if destination is None:
            self.state.mode, self._until = Mode.STAY, math.inf
            self._walk.ways, self._walk.waypoint = None, self._itinerary.last(graph)
            return
        node = destination.node
        self.state.trips += 1
        self._go(time, node, self._ways.to(node) if destination.usual else graph.ways_to(node))

    def _follow(self, time: float, guide: PersonState) -> None:
        """Go where the group's first goes, or has gone."""
        self.state.trips = guide.trips
        if guide.goal is not None:
            node = self.ground.graph.node(*guide.goal)
            self._go(time, node, self._ways.to(node))

    def _go(self, time: float, node: int, ways: ShortestWays) -> None:
        """Begin to walk to a node at ``time``, s."""
        place = self.ground.graph.place(node)
        self.state.goal, self.state.mode = place, Mode.WALK
        self._walk.ways, self._walk.own_place = ways, None
        self._behaviour.begin(time)
        self._walk.begin(time)
        if self.group is not None and self._itinerary.wanders:
            self._walk.own_place = self.group.place_of(self.state, place, float(node))

    def _waits_for_others(self, time: float) -> bool:
        """Return whether some of their group are still on their way here, for a while."""
        if self.group is None or not self._itinerary.wanders or time > self._until + LATECOMERS:
            return False
        others = [member for member in self.group.members if member is not self.state]
        return any(other.mode is not Mode.STAY and other.trips == self.state.trips for other in others)

    def _arrive(self, time: float) -> None:
        """Stay where they are, for a while or until the guide sets out."""
        self.state.mode, self._walk.ways = Mode.STAY, None
        self._until = math.inf if self._guide() is not None else time + self._behaviour.stay()

    def _meets(self, time: float, other: Other) -> bool:
        """Return whether they and somebody else meet where there is no room for both."""
        here, ground = self.state, self.ground
        if other is self._memory.robot and self._memory.stands_off(time, here):
            return True
        course: Ints = np.empty(0, dtype=np.int64)
        if self._walk.ways is not None and here.mode is not Mode.STAY:
            ahead = NEAR + (1.0 if here.mode is Mode.ASIDE else 0.0)
            course = ground.graph.course(self._walk.ways, here.x, here.y, ahead)
        return in_each_others_way(ground, here, course, other, self._evasion.air)

    def _step_aside(self, time: float, other: Other, person: int | None) -> None:
        """Begin to make room, or look for another place to do so.

        Args:
            time: s.
            other: whom they make room for.
            person: that person's number; None: it is the robot.
        """
        here, evasion = self.state, self._evasion
        if self._memory.stands_off(time, here) or here.mode is Mode.ASIDE:
            evasion.air = WIDE
        place = refuge(self.ground, here, other, evasion.air)
        if here.mode is not Mode.ASIDE and evasion.is_new(time):
            self._until = time + float(self._rng.uniform(*PATIENCE))
        here.mode = Mode.ASIDE
        evasion.plan(time, place, person)

    def _make_room(self, time: float, other: Other | None) -> None:
        """Go on when the way has been clear for a while; else wait, look for a better place, or change the plan."""
        here, evasion = self.state, self._evasion
        evasion.last = time
        if other is not None and self._meets(time, other):
            evasion.clear_since = time
            close = here.distance(other.x, other.y) < NEAR / 2
            if close and evasion.may_rethink(time) and here.speed < 0.1:
                self._step_aside(time, other, evasion.person)
            if time >= self._until:
                self._until = time + float(self._rng.uniform(*PATIENCE))
                self._change_plan(time)
        elif evasion.is_relieved(time):
            evasion.refuge = None
            self._set_out(time, []) if self._walk.ways is None else self._resume(time)

    def _resume(self, time: float) -> None:
        """Walk on to the goal."""
        self.state.mode = Mode.WALK
        self._walk.begin(time)

    def _change_plan(self, time: float) -> None:
        """Go somewhere else, rather where the robot is not in the way, as soon as that way is clear."""
        if self._itinerary.over:
            return
        for _ in range(4 if self._itinerary.wanders else 1):
            self._set_out(time, [])
            self.state.mode = Mode.ASIDE
            if self._memory.robot is None or not self._meets(time, self._memory.robot):
                break

    def _get_on(self, time: float, people: list[Person]) -> None:
        """Notice when walking leads nowhere: make room for somebody in front, or change the plan."""
        here, walk = self.state, self._walk
        assert walk.ways is not None
        left = float(walk.ways.length[self.ground.graph.node(here.x, here.y)])
        if walk.has_advanced(left) or self._behaviour.halts(time):
            walk.note(time, left)
        elif walk.stands_since(time) > (AT_DOOR if self.doors.waiting else STUCK):
            walk.begin(time)
            if walk.own_place is not None and left < GATHER:  # their place around the goal is taken
                self._arrive(time)
                return
            near = [p for p in people if p is not self and here.distance(p.state.x, p.state.y) < IN_FRONT]
            first = next((person for person in near if person.index < self.index), None)
            if first is not None and not self.doors.waiting:
                self._step_aside(time, Other.person(first.state), first.index)
            elif not near and self._itinerary.wanders:
                self._set_out(time, people)

    def _look_ahead(self, time: float) -> None:
        """Choose where to walk now, and notice when a goal is reached."""
        here, walk, ground = self.state, self._walk, self.ground
        ways = self._evasion.refuge if here.mode is Mode.ASIDE else walk.ways
        if ways is None or here.mode is Mode.STAY:
            walk.head_for(walk.waypoint, here)
            return
        course = ground.graph.course(ways, here.x, here.y, max(AHEAD, self.doors.reach))
        wait = self.doors.wait_at(time, here.x, here.y, ground.graph.places[course])
        if wait is not None:
            walk.head_for(wait, here)
            return
        arrived = walk.follow(ways, course[: 1 + int(AHEAD / ground.resolution)], ground, here)
        if here.mode is Mode.WALK:
            gathered = walk.gather(ways, ground, here)
            if arrived if gathered is None else gathered:
                self._arrive(time)
