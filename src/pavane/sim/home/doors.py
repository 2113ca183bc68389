"""Doors: leaves that follow their timetables and the people who ask, and stop before anybody in the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.errors import BadSetting
from pavane.maps import OccupancyMap
from pavane.sim.home.bodies import Bodies
from pavane.sim.home.cells import Cells
from pavane.sim.home.door_spec import DoorSpec
from pavane.sim.home.leaf import NOTCHES, Hanging, Leaf, hang
from pavane.sim.home.opening import Opening, opening_at
from pavane.sim.home.pieces import DrawnLeaf, Fabric, require_inside
from pavane.sim.home.timetable import Timetable

RETRY = 0.1  # s after which a leaf that stopped before somebody tries again
HOUR = 3600.0  # s
_EMPTY: Ints = np.empty(0, dtype=np.int64)


@dataclass(slots=True, eq=False)
class _Door:
    """One door: what it is, and where its leaf is.

    Args:
        notch: of the leaf now.
        target: notch that it is to come to.
        due: time of its next move, s; inf when it rests, or when an obstacle stops it.
        entry: number of the timetable's entry that comes next.
        entry_time: when that is, s.
    """

    spec: DoorSpec
    leaf: Leaf
    timetable: Timetable | None
    target: int
    notch: int = 0
    due: float = math.inf
    entry: int = 0
    entry_time: float = math.inf

    @property
    def next_time(self) -> float:
        """When something happens to it next, s."""
        return min(self.due, self.entry_time)

    @property
    def pace(self) -> float:
        """Time for one notch, s."""
        return self.spec.seconds / NOTCHES


class Doors:
    """The doors of a home that move; they are numbered as they were given.

    Args:
        specs: how they behave.
        home: the robot's map.
        fabric: what its cells are.
        cells: the true cells; leaves that the map shows are replaced by ones that move.
        hour: time of day at the start, h.
        seed: of the patterns.

    Raises:
        BadSetting: an unknown name, two specs for one door, or jambs that stand at no wall.
    """

    def __init__(
        self, specs: Sequence[DoorSpec], home: OccupancyMap, fabric: Fabric, cells: Cells, hour: float, seed: int
    ) -> None:
        self._cells, self._hour = cells, hour
        names = [spec.name for spec in specs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadSetting("two specs for one door", value=", ".join(twice), limit="each door once")
        openings = [_opening(spec, home, fabric) for spec in specs]
        for opening, spec in zip(openings, specs, strict=True):
            if spec.jambs is None:
                drawn = fabric.leaves[opening.name].cells
                cells.lift(drawn, drawn)
            else:
                cells.clear(opening.strip(home.grid))  # a door that was shut when the map was made, or a shadow
        places = list(home.places.values())
        self._doors = []
        for opening, spec in zip(openings, specs, strict=True):
            leaf = hang(opening, _choices(spec, opening, home), cells, places)
            timetable = spec.timetable(seed)
            first = _first(spec, timetable, hour, fabric.leaves.get(spec.name))
            self._doors.append(_Door(spec, leaf, timetable, first))
        self.next_time = math.inf  # s, before which nothing moves

    @property
    def count(self) -> int:
        """How many doors move."""
        return len(self._doors)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, by number."""
        return tuple(door.spec.name for door in self._doors)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Where they are, by number."""
        return tuple(door.leaf.opening for door in self._doors)

    def middle(self, index: int) -> tuple[float, float]:
        """Return the middle of an opening in ``map``, m."""
        return self._doors[index].leaf.opening.middle

    def openness(self, index: int) -> float:
        """Return how far a door is open: 0 closed, 1 open."""
        return self._doors[index].notch / NOTCHES

    def locked(self, index: int) -> bool:
        """Return whether nobody can open a door."""
        return self._doors[index].spec.locked

    def wanted(self, index: int) -> float:
        """Return how far open a door is to come, 0 to 1."""
        return self._doors[index].target / NOTCHES

    def corners(self, index: int) -> Floats:
        """Return the outline (4, 2) of a leaf in ``map`` as it stands, m; flat when it is gone into the wall."""
        door = self._doors[index]
        return door.leaf.corners(door.notch)

    def request(self, index: int, open: bool) -> None:
        """Open or close a door, as somebody does; it stays so until its timetable says otherwise. Locked doors stay."""
        door = self._doors[index]
        target = NOTCHES if open else 0
        if not door.spec.locked and door.target != target:
            door.target = target
            if door.due == math.inf:
                door.due = -math.inf  # from the next step on
                self.next_time = -math.inf

    def leaf_cells(self) -> Ints:
        """Return the numbers (K,) of the cells of all leaves as they stand, a cell once for each leaf on it."""
        return np.concatenate([_EMPTY, *(door.leaf.cells(door.notch) for door in self._doors)])

    def swept_cells(self) -> Ints:
        """Return the numbers (K,) of the cells that leaves pass over, openings included."""
        leaves = [door.leaf for door in self._doors]
        return np.concatenate([_EMPTY, *(leaf.numbers[leaf.swept()] for leaf in leaves)])

    def settle(self) -> None:
        """Bring every leaf from closed to where it is at the start, as far as obstacles let it."""
        for door in self._doors:
            while door.notch < door.target:
                if self._obstructed(door, self._fresh(door, door.notch + 1)):
                    break
                door.notch += 1
            stood = door.leaf.cells(door.notch)
            self._cells.place(stood, _EMPTY if door.spec.glass else stood)
            if door.timetable is not None:
                self._look_up(door, door.timetable, door.timetable.latest(self._hour) + 1)
        self._plan()

    def step(self, time: float, bodies: Callable[[], Bodies]) -> None:
        """Let the leaves move on to ``time``, s; ``bodies`` is asked only when one does."""
        if time < self.next_time:
            return
        for door in self._doors:
            if door.due == -math.inf:
                door.due = time + door.pace
            while door.next_time <= time + 1e-9:
                if door.entry_time <= door.due:
                    self._obey_timetable(door)
                else:
                    self._move(door, time, bodies)
        self._plan()

    def wake(self, time: float) -> None:
        """Let leaves that obstacles had stopped try again, from ``time``, s: something was taken away or put down."""
        for door in self._doors:
            if door.notch != door.target and door.due == math.inf:
                door.due = time + door.pace
        self._plan()

    def _obey_timetable(self, door: _Door) -> None:
        """Set what a door is to be from now on."""
        assert door.timetable is not None
        door.target = _notch(door.timetable.entry(door.entry).openness)
        if door.notch != door.target and door.due == math.inf:
            door.due = door.entry_time + door.pace
        self._look_up(door, door.timetable, door.entry + 1)

    def _look_up(self, door: _Door, timetable: Timetable, entry: int) -> None:
        """Wait for the entry of a number."""
        door.entry, door.entry_time = entry, (timetable.entry(entry).clock - self._hour) * HOUR

    def _move(self, door: _Door, time: float, bodies: Callable[[], Bodies]) -> None:
        """Move a leaf by one notch, unless it has arrived or is stopped."""
        if door.notch == door.target:
            door.due = math.inf
            return
        notch = door.notch + (1 if door.target > door.notch else -1)
        fresh = self._fresh(door, notch)
        if self._obstructed(door, fresh):
            door.due = math.inf  # until something is taken away or put down
        elif len(fresh) and bodies().at_cells(door.leaf.centres[fresh], self._cells.grid.resolution):
            door.due = time + RETRY
        else:
            self._turn(door, notch)
            door.due = door.due + door.pace if notch != door.target else math.inf

    def _fresh(self, door: _Door, notch: int) -> Ints:
        """Return the cells that a leaf would come to cover, as indices (L,) into its cells."""
        return np.setdiff1d(door.leaf.covered(notch), door.leaf.covered(door.notch), assume_unique=True)

    def _obstructed(self, door: _Door, fresh: Ints) -> bool:
        """Return whether something stands on cells (L,) that a leaf comes to cover, its own wall left aside."""
        ahead = fresh[door.leaf.in_way[fresh]]
        return bool(self._cells.taken(door.leaf.numbers[ahead]).any())

    def _turn(self, door: _Door, notch: int) -> None:
        """Bring a leaf to the next notch, and let leaves that it had stopped go on."""
        leaf = door.leaf
        fresh = leaf.numbers[self._fresh(door, notch)]
        left = leaf.numbers[np.setdiff1d(leaf.covered(door.notch), leaf.covered(notch), assume_unique=True)]
        self._cells.place(fresh, _EMPTY if door.spec.glass else fresh)
        self._cells.lift(left, _EMPTY if door.spec.glass else left)
        door.notch = notch
        for other in self._doors:  # what this leaf stopped may go on
            if other is not door and other.notch != other.target and other.due == math.inf and door.due < math.inf:
                other.due = door.due + other.pace

    def _plan(self) -> None:
        """Work out when something moves next."""
        self.next_time = min((door.next_time for door in self._doors), default=math.inf)


def _notch(openness: float) -> int:
    """Return the notch nearest to an openness of 0 to 1."""
    return round(openness * NOTCHES)


def _first(spec: DoorSpec, timetable: Timetable | None, hour: float, drawn: DrawnLeaf | None) -> int:
    """Return the notch of a leaf at the start.

    Args:
        spec: of the door.
        timetable: of the door; None when it has none.
        hour: time of day at the start, h.
        drawn: the leaf as the map shows it; None when it shows none.
    """
    if spec.locked:
        return 0
    if timetable is not None:
        return _notch(timetable.entry(timetable.latest(hour)).openness)
    return _notch(spec.openness(spec.state if spec.state is not None else drawn.state if drawn else "open"))


def _opening(spec: DoorSpec, home: OccupancyMap, fabric: Fabric) -> Opening:
    """Return where a door is."""
    drawn = {opening.name: opening for opening in fabric.openings}
    if spec.jambs is None:
        if spec.name not in drawn:
            raise BadSetting(
                "the map has no door of this name", value=spec.name,
                limit=", ".join(sorted(drawn)) or "no named doors on this map: give its jambs",
            )  # fmt: skip
        return drawn[spec.name]
    if spec.name in drawn:
        raise BadSetting(f"door {spec.name!r} is on the map already", value="jambs", limit="no jambs, or another name")
    return opening_at(spec.name, spec.jambs, home)


def _choices(spec: DoorSpec, opening: Opening, home: OccupancyMap) -> list[Hanging]:
    """Return the ways to hang a leaf that agree with its spec."""
    require_inside(f"door {spec.name!r}", home.grid, [p for p in (spec.hinge, spec.opens_to) if p is not None])
    ends, sides = [False, True], [True, False]
    if spec.hinge is not None:
        ends = [math.dist(spec.hinge, opening.end) < math.dist(spec.hinge, opening.start)]
    if spec.opens_to is not None:
        sides = [bool(opening.frame.inverse().transform(np.array([spec.opens_to]))[0, 1] > 0.0)]
    if spec.leaf == "sliding":
        sides = sides[:1]
    return [Hanging(end, side, spec.leaf) for side in sides for end in ends]
