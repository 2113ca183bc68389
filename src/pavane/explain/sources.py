"""What there is around the robot that may be a reason, by name and place, and the same problem without one of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.ndimage import distance_transform_edt, label

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.belief import Belief, LocalMap, Track
from pavane.core.entities import Entity
from pavane.core.geometry import Grid, Pose, cover, passage_radius, wrap_angle
from pavane.core.tasks import Follow
from pavane.explain.moment import Moment
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.numerics.distance import clearance as distance
from pavane.perception.local_map import added, mapped
from pavane.planning.global_planner import descend
from pavane.planning.local_planner import covering_discs, discomfort_field
from pavane.planning.local_planner.problem import FARTHEST, PlanningProblem, build_problem, pack, with_things
from pavane.prediction.occlusion import blind_corners

BODY = 0.35  # m beyond somebody's radius within which what was seen is taken for them
AT_DOOR = 0.35  # m from a door's opening within which what was seen is taken for its leaf
AT_WALL = 0.12  # m from a mapped wall within which what the guard sees is that wall
JOINED = 2  # cells of gap across which what was seen is one thing
FREE = 3.0  # m of clearance where a cause is left out
NEAR_GOAL = 2.5  # m within which a goal is a reason of its own


@dataclass(frozen=True, slots=True)
class Source:
    """Something that may be a reason.

    Args:
        kind: ``person``, ``pet``, ``thing`` (these move), ``wall``, ``obstacle`` (solid, not on the map), ``door``,
            ``corner``, another of ``entities.KINDS`` for things that stay, ``goal`` or ``way``.
        name: what to call it.
        place: x, y in ``map``, m, of the part of it that matters; None where it is everywhere.
        number: identity of a track; else which one of its kind.
        velocity: of what moves, in ``map``, m/s.
        age: since it was detected, s; 0 for what no detector tells of.
    """

    kind: str
    name: str
    place: tuple[float, float] | None = None
    number: int = 0
    velocity: tuple[float, float] = (0.0, 0.0)
    age: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """What tells it apart from all others of the moment."""
        return self.kind, self.number


class Circumstances:
    """One moment's problem, what is in it, and the problem without parts of it.

    Args:
        moment: with a belief and a plan.
    """

    def __init__(self, moment: Moment) -> None:
        assert moment.belief is not None and moment.plan is not None
        self.moment, self.belief, self.plan = moment, moment.belief, moment.plan
        self._planner = moment.planner
        self._objective = self._planner.config.objective
        window = self.belief.local_map
        static = static_clearance(moment.home)
        self._map_only, self._seen = mapped(static, window), added(static, window)
        self.problem = self._build(self.belief)
        here = self.belief.map_from_odom @ self.belief.robot.pose
        self.here = here
        self._tracks = {t.identity: t for t in self.belief.tracks}
        self.movers = [self._track_source(self._tracks[i]) for i in _once(self.problem.whose) if i != 0]
        still = [t for t in self.belief.tracks if not self._objective.kinds[t.kind].moves]
        self.things = [self._track_source(t) for t in still]
        self._clusters: list[tuple[Source, Bools]] = []
        self._find_clusters()
        hidden = int((self.problem.whose == 0).sum())
        places = blind_corners(window, here).places[:hidden]
        self.corners = [
            Source("corner", "a blind corner", (float(x), float(y)), n + 1) for n, (x, y) in enumerate(places)
        ]
        self.wall = Source("wall", "the walls")
        self.entities = [
            Source(e.kind, _called(e), _nearest_of(e, here), n + 1)
            for n, e in enumerate(moment.home.entities)
            if e.kind != "wall" and float(e.distance(np.array([[here.x, here.y]]))[0]) < FREE
        ]
        uneasy = [*self.entities, *self.things]
        self.beside = Source("beside", uneasy[0].name if len(uneasy) == 1 else "things it had rather not be near")
        guidance = self.belief.guidance
        self.goal = self.way = None
        if guidance is not None:
            goal = guidance.stand
            self.way = Source("way", "the way to the goal")
            if here.distance(goal) < NEAR_GOAL:
                follows = isinstance(moment.task, Follow)
                name = "its place behind the person it follows" if follows else "the goal"
                self.goal = Source("goal", name, (goal.x, goal.y))

    # -- what is there ----------------------------------------------------------------------------------------------

    @property
    def seen(self) -> list[Source]:
        """What scans added: things that the map does not know."""
        return [source for source, _ in self._clusters]

    @property
    def added(self) -> Floats:
        """Centres (N, 2) in ``map`` of the cells that scans added."""
        window = self.belief.local_map
        return Grid(self._seen, window.resolution, window.origin).centres(np.argwhere(self._seen)[:, ::-1])

    @property
    def all(self) -> list[Source]:
        """Everything that can be left out."""
        ends = [s for s in (self.goal, self.way) if s is not None]
        return [*self.movers, *self.things, *self.seen, self.wall, *self.entities, *self.corners, *ends]

    def _track_source(self, track: Track) -> Source:
        x, y = self.belief.map_from_odom.transform(track.position[None])[0]
        u, v = self.belief.map_from_odom.rotate(track.velocity[None])[0]
        age = self.moment.now - track.sensed
        name = f"{track.kind} {track.identity}"
        return Source(track.kind, name, (float(x), float(y)), track.identity, (float(u), float(v)), age)

    def _find_clusters(self) -> None:
        """What scans added, in pieces; what lies at somebody is them, what lies in a doorway is the door."""
        if not self._seen.any():
            return
        near = distance_transform_edt(~self._seen) <= JOINED
        pieces, count = label(near, np.ones((3, 3), int))
        window = self.belief.local_map
        grid = Grid(self._seen, window.resolution, window.origin)
        by_source: dict[tuple[str, int], tuple[Source, Bools]] = {}
        for n in range(1, count + 1):
            mask = self._seen & (pieces == n)
            centres = grid.centres(np.argwhere(mask)[:, ::-1])
            place = centres[int(np.argmin(np.hypot(*(centres - (self.here.x, self.here.y)).T)))]
            source = self.name_at(place, len(by_source) + 1)
            key = source.key
            before = by_source.get(key)
            by_source[key] = (source, mask) if before is None else (before[0], before[1] | mask)
        self._clusters = list(by_source.values())

    def name_at(self, place: Floats, number: int = 0) -> Source:
        """What is solid at a place (2,) in ``map``."""
        at = (float(place[0]), float(place[1]))
        for track in self.belief.tracks:
            middle = self.belief.map_from_odom.transform(track.position[None])[0]
            if math.hypot(*(place - middle)) < track.radius + BODY:
                source = self._track_source(track)
                return replace(source, place=at) if source.place is None else source
        for n, door in enumerate(self.moment.home.doors):
            if _to_segment(place, np.array(door.start), np.array(door.end)) < AT_DOOR:
                return Source("door", f"the door {door.name!r}" if door.name else "a door", at, n + 1)
        for n, entity in enumerate(self.moment.home.entities):
            if entity.kind != "wall" and float(entity.distance(place[None])[0]) < AT_WALL:
                return Source(entity.kind, _called(entity), at, n + 1)
        if float(static_clearance(self.moment.home).sample(place[None], outside=-1.0)[0]) < AT_WALL:
            return Source("wall", "the wall", at)
        return Source("obstacle", "something that is not on the map", at, number)

    # -- the problem without something --------------------------------------------------------------------------------

    def without(self, sources: Sequence[Source], *, through: bool = False) -> PlanningProblem:
        """The problem as it would be if these were not there.

        Walls stay where they are, but short of a touch it is of no matter how near; with ``through`` they are gone.
        """
        gone = {s.key for s in sources}
        numbers = {s.number for s in sources if s in self.movers or s in self.things}
        belief = replace(self.belief, tracks=tuple(t for t in self.belief.tracks if t.identity not in numbers))
        masks = [mask for source, mask in self._clusters if source.key in gone]
        if masks:
            belief = replace(belief, local_map=self._unseen(np.any(masks, axis=0)))
        entities = {s.number for s in sources if s in self.entities}
        if entities:
            belief = replace(belief, local_map=self._unfelt(belief.local_map, entities))
        problem = self._build(belief)
        corners = [s.number - 1 for s in sources if s.kind == "corner"]
        if corners:
            problem = _fewer_corners(problem, corners)
        if self.wall in sources:
            problem = self._no_walls(problem, belief, through)
        if self.goal is not None and self.goal in sources:
            problem = self._onward(problem, self._to_goal())
        if self.way is not None and self.way in sources:
            problem = self._onward(problem, (math.cos(self.here.yaw), math.sin(self.here.yaw)))
        return problem

    def _build(self, belief: Belief) -> PlanningProblem:
        plan, config = self.plan, self._planner.config
        start = (float(plan.v[0]), float(plan.omega[0]), float(plan.a[0]), float(plan.alpha[0]))
        return build_problem(belief, self._planner.shape, config.objective, start, config.most_tracks)

    def _unseen(self, mask: Bools) -> LocalMap:
        """The window as if nothing had been seen at these cells."""
        window, left = self.belief.local_map, self._seen & ~mask
        field = self._map_only
        if left.any():
            field = np.minimum(field, distance(left, window.resolution, FARTHEST))
        return replace(window, clearance=field.astype(np.float32))

    def _unfelt(self, window: LocalMap, numbers: set[int]) -> LocalMap:
        """The window without what mapped things of these numbers add."""
        left = [e for n, e in enumerate(self.moment.home.entities) if n + 1 not in numbers]
        lattice = Grid(window.clearance, window.resolution, window.origin)
        field = discomfort_field(left, self._objective.kinds, lattice, float(covering_discs(self._planner.shape)[0, 2]))
        return replace(window, discomfort=None if field is None else field.data)

    def _no_walls(self, problem: PlanningProblem, belief: Belief, through: bool) -> PlanningProblem:
        """It does no harm to be near mapped walls, or ``through`` them; the way stays as it is."""
        window = belief.local_map
        seen = added(static_clearance(self.moment.home), window)
        field = np.full(window.clearance.shape, FREE, np.float32)
        if not through:
            touched = self._map_only < passage_radius(self._planner.shape) + 0.5 * window.resolution
            field[touched] = self._map_only[touched]
        if seen.any():
            field = np.minimum(field, distance(seen, window.resolution, FARTHEST)).astype(np.float32)
        open_window = replace(window, clearance=field, discomfort=window.discomfort)
        drawn = with_things(replace(belief, local_map=open_window), self._planner.shape, self._objective)
        return _with_clearance(problem, drawn)

    def _to_goal(self) -> tuple[float, float]:
        assert self.belief.guidance is not None
        stand = self.belief.guidance.stand
        dx, dy = stand.x - self.here.x, stand.y - self.here.y
        r = math.hypot(dx, dy)
        return (math.cos(self.here.yaw), math.sin(self.here.yaw)) if r < 0.05 else (dx / r, dy / r)

    def _onward(self, problem: PlanningProblem, ahead: tuple[float, float]) -> PlanningProblem:
        """The way leads on for ever in one direction."""
        rows, columns = int(problem.fields.rows), int(problem.fields.columns)
        step = self.belief.local_map.resolution
        r, c = np.ogrid[:rows, :columns]
        x, y = (c + 0.5 - 0.5 * columns) * step, (r + 0.5 - 0.5 * rows) * step
        cost = (8.0 - ahead[0] * x - ahead[1] * y).astype(np.float32)
        fields = pack(np.zeros_like(cost), cost, step)
        packed = problem.fields._replace(cost=fields.cost, cost_scale=fields.cost_scale)
        return replace(
            problem, fields=packed, flow=np.ascontiguousarray(cost.ravel()),
            weights=problem.weights._replace(goal_pose=np.float32(0.0)),
        )  # fmt: skip

    # -- for words --------------------------------------------------------------------------------------------------

    def narrowest(self) -> tuple[float, Floats]:
        """The least air that the chosen motion has from mapped walls, m, and where (2,) in ``map`` the wall is then."""
        static = static_clearance(self.moment.home)
        shape, place = self._planner.shape, self.belief.map_from_odom
        poses = [place @ Pose(*row) for row in self.plan.poses[: round(3.0 / self.plan.dt) + 1 : 4].tolist()]
        discs = cover(shape)
        gaps = np.array([static.sample(p.transform(discs[:, :2]), outside=-0.5) - discs[:, 2] for p in poses])
        step, disc = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
        middle = poses[step].transform(discs[disc, :2][None])[0]
        e = 0.5 * static.resolution
        around = middle + e * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        right, left, up, down = static.sample(around, outside=-0.5)
        slope = np.array([right - left, up - down])
        towards = -slope / max(float(np.hypot(*slope)), 1e-9)
        return float(gaps[step, disc]), middle + towards * (gaps[step, disc] + discs[disc, 2])

    def bend(self) -> float | None:
        """By how much the way to the goal turns away from the robot's heading within a metre or so, rad."""
        guidance = self.belief.guidance
        path = None if guidance is None else descend(guidance.cost_to_go, self.here)
        if path is None or len(path) < 2:
            return None
        gone = np.cumsum(np.hypot(*np.diff(path, axis=0, prepend=path[:1]).T))
        x, y = path[min(int(np.searchsorted(gone, 1.5)), len(path) - 1)]
        return wrap_angle(math.atan2(y - self.here.y, x - self.here.x) - self.here.yaw)

    # -- for the ledger ---------------------------------------------------------------------------------------------

    def solids(self) -> tuple[list[Source], Floats]:
        """Solid causes, and the distance (C, rows, columns) from each cell of the window to each of them, m."""
        step = self.belief.local_map.resolution
        sources, fields = [self.wall], [np.asarray(self._map_only, float)]
        for source, mask in self._clusters:
            sources.append(source)
            fields.append(distance_transform_edt(~mask) * step)
        grid = Grid(self._seen, step, self.belief.local_map.origin)
        rows, columns = self._seen.shape
        for source in self.things:
            if self._objective.kinds[source.kind].solid and source.place is not None:
                column, row = grid.cell(*source.place)
                r, c = np.ogrid[:rows, :columns]
                radius = self._tracks[source.number].radius
                sources.append(source)
                fields.append(np.hypot(r - row, c - column) * step - radius)
        return sources, np.array(fields)

    def groups(self) -> tuple[list[Source], list[Bools]]:
        """Who has rows of people, and which."""
        whose = self.problem.whose
        sources: list[Source] = list(self.movers)
        masks: list[Bools] = [whose == s.number for s in self.movers]
        hidden = np.flatnonzero(whose == 0)
        for corner, row in zip(self.corners, hidden, strict=True):
            mask = np.zeros(len(whose), np.bool_)
            mask[row] = True
            sources.append(corner)
            masks.append(mask)
        return sources, masks


@lru_cache(maxsize=2)
def static_clearance(home: OccupancyMap) -> Grid[np.float32]:
    """The map's clearance, as the navigator has it."""
    return clearance_grid(home)


def _with_clearance(problem: PlanningProblem, window: LocalMap) -> PlanningProblem:
    """A problem that meets another window's solid things on the same way."""
    clearance = np.clip(window.clearance, -1.0, FARTHEST)
    cost = problem.flow.reshape(clearance.shape)
    uneasy = len(problem.fields.clearance) > clearance.size
    fields = pack(clearance, cost, window.resolution, window.discomfort if uneasy else None)
    return replace(problem, fields=fields)


def _fewer_corners(problem: PlanningProblem, numbers: Sequence[int]) -> PlanningProblem:
    rows = np.flatnonzero(problem.whose == 0)[list(numbers)]
    keep = np.setdiff1d(np.arange(len(problem.whose)), rows)
    return replace(problem, people=np.ascontiguousarray(problem.people[:, keep]), whose=problem.whose[keep])


def _once(numbers: Ints) -> list[int]:
    return list(dict.fromkeys(int(n) for n in numbers))


def _called(entity: Entity) -> str:
    return f"the {entity.name}" if entity.name else f"{'an' if entity.kind[0] in 'aeiou' else 'a'} {entity.kind}"


def _nearest_of(entity: Entity, here: Pose) -> tuple[float, float]:
    """The place on an entity's lines that is nearest to a pose."""
    points = entity.along(0.1)
    x, y = points[int(np.argmin(np.hypot(*(points - (here.x, here.y)).T)))]
    return float(x), float(y)


def _to_segment(place: Floats, a: Floats, b: Floats) -> float:
    edge = b - a
    share = min(max(float((place - a) @ edge) / max(float(edge @ edge), 1e-12), 0.0), 1.0)
    return float(np.hypot(*(place - a - share * edge)))
