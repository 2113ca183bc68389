"""TrueHome: the home as it really is, where the robot has only its map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from pavane.core.arrays import Bools, Floats
from pavane.core.errors import BadSetting
from pavane.core.geometry import Footprint, Grid, Pose
from pavane.maps import OccupancyMap, Outline
from pavane.numerics.overlap import cell_clearance
from pavane.sim.home.bodies import Bodies
from pavane.sim.home.cells import Cells
from pavane.sim.home.changes import Add, Change, Shuffle, Toy
from pavane.sim.home.door_spec import DoorSpec, check_hour
from pavane.sim.home.doors import RETRY, Doors
from pavane.sim.home.events import Event, work_out
from pavane.sim.home.pieces import Piece, Stand, read_fabric, stand
from pavane.sim.home.shuffle import find_room, limits_for


class TrueHome:
    """The home as it is, which changes; the robot's map does not.

    Args:
        home: the robot's map.
        changes: how the truth differs from it, before the drive and during it.
        doors: the doors whose leaves move; all others stay as the map has them.
        hour: time of day at time 0, in hours since midnight; 24 and more are later days.
        rng: draws where chairs are left and how doors stand.

    Attributes:
        doors: the leaves, for people who open and close them.
        low: (M, 4) x, y, radius, seen_within of low objects in ``map``, m; rows are only ever added.
        frame: resolution, x and y of the outer corner of cell (0, 0), as kernels take them, m.
        version: counts up when a cell or a low object has changed.

    Raises:
        BadSetting: a change or door that names what is not there, or lies outside of the map.
    """

    def __init__(
        self,
        home: OccupancyMap,
        *,
        changes: Sequence[Change] = (),
        doors: Sequence[DoorSpec] = (),
        hour: float = 12.0,
        rng: Generator,
    ) -> None:
        grid = home.grid
        if grid.origin.yaw != 0.0:
            raise BadSetting("the home's axes are turned", value=grid.origin.yaw, limit="origin yaw 0")
        seed = int(rng.integers(2**63))
        fabric = read_fabric(home)
        self.frame = (grid.resolution, grid.origin.x, grid.origin.y)
        self.low: Floats = np.empty((0, 4))
        self._map = home
        self._cells = Cells(grid, fabric.fixed)
        for leaf in fabric.leaves.values():
            self._cells.place(leaf.cells, leaf.cells)
        self._standing: dict[Piece, Stand] = {}
        for piece in fabric.pieces:
            self._put(piece)
        self._grip: Floats | None = None
        self._waiting: list[Event] = []
        self._due = math.inf
        self.doors = Doors(doors, home, fabric, self._cells, check_hour(hour), seed)
        self._prepare(sorted(changes, key=lambda change: change.at_time), seed)
        self.doors.settle()

    @property
    def solid(self) -> Bools:
        """(rows, columns) True where the robot is stopped; kept true in place, like the other two."""
        return self._cells.solid

    @property
    def opaque(self) -> Bools:
        """(rows, columns) True where a lidar's ray is stopped: what is solid but for glass and the tops of tables."""
        return self._cells.opaque

    @property
    def walls(self) -> Bools:
        """(rows, columns) True where people are stopped: what is solid but for unknown cells."""
        return self._cells.walls

    @property
    def version(self) -> int:
        """Counts up when a cell or a low object has changed."""
        return self._cells.version + len(self.low)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All that stands on the floor."""
        return tuple(self._standing)

    def grip(self, x: float, y: float) -> float:
        """Return the way made good for each metre of a wheel at a point in ``map``: 1 on hard floor, less on carpet."""
        if self._grip is None:
            return 1.0
        resolution, origin_x, origin_y = self.frame
        row, column = math.floor((y - origin_y) / resolution), math.floor((x - origin_x) / resolution)
        rows, columns = self._grip.shape
        return float(self._grip[row, column]) if 0 <= row < rows and 0 <= column < columns else 1.0

    def clearance(self, shape: Footprint, pose: Pose, reach: float) -> float:
        """Return the distance of an outline from what stands and from unknown cells, m; exact, negative in an overlap.

        Args:
            shape: the outline.
            pose: map_from_base of its frame.
            reach: m, which is given where the distance is larger.
        """
        at = (pose.x, pose.y, pose.yaw)
        return float(cell_clearance(shape.vertices, shape.radius, *at, self.solid, *self.frame, reach))

    def step(self, time: float, bodies: Callable[[], Bodies]) -> None:
        """Let doors move and changes happen up to ``time``, s.

        Args:
            time: not before that of the last step.
            bodies: gives robot and people at this time; asked only when something is about to move.
        """
        if time < self._due and time < self.doors.next_time:
            return
        for event in [event for event in self._waiting if event.time <= time + 1e-9]:
            self.doors.step(event.time, bodies)
            self._waiting.remove(event)
            if self._can(event, bodies):
                self._do(event)
                self.doors.wake(event.time)
            else:
                self._wait(replace(event, time=time + RETRY))
        self._due = self._waiting[0].time if self._waiting else math.inf
        self.doors.step(time, bodies)

    def put_down(self, change: Add | Toy, time: float, bodies: Callable[[], Bodies]) -> bool:
        """Let something come to stand or lie now, s; False, and nothing happens, if somebody is there.

        Raises:
            BadSetting: it lies outside of the map.
        """
        event = replace(work_out(change, list(self._standing), self._map.grid), time=time)
        if not self._can(event, bodies):
            return False
        self._do(event)
        self.doors.wake(time)
        return True

    def snapshot(self, *, leaves: bool = True) -> OccupancyMap:
        """Return the home as it stands now, as a map; without the leaves of moving doors, where people can go."""
        doors = self.doors
        outlines = [outline for outline in self._map.outlines if outline.wall]
        outlines += [Outline(piece.name, piece.corners, wall=False) for piece in self._standing]
        if leaves:
            outlines += [Outline(name, doors.corners(i), wall=False) for i, name in enumerate(doors.names)]
        states = self._cells.states(np.empty(0, dtype=np.int64) if leaves else doors.leaf_cells())
        grid = Grid(states, self.frame[0], self._map.grid.origin)
        return replace(self._map, grid=grid, outlines=tuple(outlines))

    def _prepare(self, changes: list[Change], seed: int) -> None:
        """Let happen what happens before the drive, and work out the rest."""
        planned = list(self._standing)
        for number, change in enumerate(changes):
            if isinstance(change, Shuffle):
                self._shuffle(change, np.random.default_rng([seed, number]))
                planned = list(self._standing)
                continue
            event = work_out(change, planned, self._map.grid)
            planned = [piece for piece in planned if piece is not event.gone]
            planned += [] if event.new is None else [event.new]
            if event.time <= 0.0:
                self._do(event)
            else:
                self._wait(event)
        self._due = self._waiting[0].time if self._waiting else math.inf

    def _shuffle(self, change: Shuffle, rng: Generator) -> None:
        """Leave the pieces that a shuffle names elsewhere, one after the other."""
        limits = limits_for(self._map, self.doors, self._cells)
        chosen = [piece for piece in self._standing if any(word in piece.name for word in change.names)]
        if not chosen:
            names = ", ".join(sorted({piece.name for piece in self._standing}))
            raise BadSetting(
                "no piece to shuffle", value=", ".join(change.names), limit=names or "no names on this map"
            )
        for piece in chosen:
            self._lift(piece)
            self._put(find_room(piece, change.within, limits, rng))

    def _can(self, event: Event, bodies: Callable[[], Bodies]) -> bool:
        """Return whether nobody is where something comes to stand, and what is to go has come."""
        if event.gone is not None and event.gone not in self._standing:
            return False
        grid = self._map.grid
        if event.low is not None:
            x, y, radius, _ = event.low.tolist()
            return not bodies().at_disc(x, y, radius)
        if event.new is not None:
            rows, columns = np.divmod(stand(event.new, grid).cells, grid.data.shape[1])
            return not bodies().at_cells(grid.centres(np.stack([columns, rows], axis=1)), grid.resolution)
        return True

    def _do(self, event: Event) -> None:
        """Let an event happen."""
        if event.gone is not None:
            self._lift(event.gone)
        if event.new is not None:
            self._put(event.new)
        if event.low is not None:
            self.low = np.vstack([self.low, event.low])
        if len(event.cleared):
            self._cells.clear(event.cleared)
        if len(event.glazed):
            self._cells.glaze(event.glazed)
        if len(event.covered):
            if self._grip is None:
                self._grip = np.ones(self._map.grid.data.shape)
            self._grip.reshape(-1)[event.covered] = event.grip

    def _wait(self, event: Event) -> None:
        """Keep an event until its time has come; of one time, the first comes first."""
        self._waiting.append(event)
        self._waiting.sort(key=lambda waiting: waiting.time)

    def _put(self, piece: Piece) -> None:
        """Let a piece stand."""
        self._standing[piece] = where = stand(piece, self._map.grid)
        self._cells.place(where.cells, where.seen)

    def _lift(self, piece: Piece) -> None:
        """Take a piece away."""
        where = self._standing.pop(piece)
        self._cells.lift(where.cells, where.seen)
