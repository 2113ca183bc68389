"""Circumstances: the planning problem of one moment, and the sources around the robot that make it what it is."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.ndimage import distance_transform_edt, label

from pavane.core.arrays import Bools, Floats, Ints
from pavane.core.belief import Belief
from pavane.core.geometry import Grid
from pavane.core.tasks import Follow
from pavane.explain.moment import Moment
from pavane.explain.sources import Source, Sources, entity_source, nearest_of, track_source
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.perception.local_map import added, mapped
from pavane.planning.local_planner.problem import PlanningProblem, build_problem
from pavane.prediction.occlusion import blind_corners

BODY = 0.35  # m beyond somebody's radius within which scan hits are taken for them
AT_DOOR = 0.35  # m from a door's opening within which scan hits are taken for its leaf
AT_WALL = 0.12  # m from a mapped wall within which a cell that the guard sees is that wall
JOINED = 2  # cells of gap across which scan hits are one obstacle
NEARBY = 3.0  # m within which a mapped entity may be a reason
NEAR_GOAL = 2.5  # m within which a goal is a reason of its own


class Circumstances:
    """One moment's planning problem, and what is in it.

    Args:
        moment: with a belief and a plan.

    Attributes:
        moment: see above.
        belief: that the plan was made from.
        plan: the plan.
        problem: that was solved.
        here: map_from_base at the plan's effect time.
        mapped_clearance: (rows, columns) of the local map if no scan had added anything, m.
        seen: (rows, columns) cells of the local map that scans added.
        sources: all that may be a reason.
    """

    def __init__(self, moment: Moment) -> None:
        assert moment.belief is not None and moment.plan is not None
        self.moment, self.belief, self.plan = moment, moment.belief, moment.plan
        window, static = self.belief.local_map, static_clearance(moment.home)
        self.mapped_clearance, self.seen = mapped(static, window), added(static, window)
        self.problem = self.build(self.belief)
        self.here = self.belief.map_from_odom @ self.belief.robot.pose
        self.sources = self._find_sources()

    def build(self, belief: Belief) -> PlanningProblem:
        """Return the problem that the planner would build from a belief, from the state in which the plan starts."""
        plan, planner = self.plan, self.moment.planner
        start = (float(plan.v[0]), float(plan.omega[0]), float(plan.a[0]), float(plan.alpha[0]))
        return build_problem(belief, planner.shape, planner.config.objective, start, planner.config.most_tracks)

    # -- which sources there are ----------------------------------------------------------------------------------

    @property
    def added(self) -> Floats:
        """Centres (N, 2) in ``map`` of the cells that scans added, m."""
        return self._centres(self.seen)

    def _centres(self, mask: Bools) -> Floats:
        """Return the centres (N, 2) in ``map`` of cells of the local map, m."""
        window = self.belief.local_map
        return Grid(self.seen, window.resolution, window.origin).centres(np.argwhere(mask)[:, ::-1])

    def _find_sources(self) -> Sources:
        moment, belief, here = self.moment, self.belief, self.here
        tracks, kinds = {t.identity: t for t in belief.tracks}, moment.planner.config.objective.kinds
        hidden = int((self.problem.whose == 0).sum())
        places = blind_corners(belief.local_map, here).places[:hidden]
        detected = tuple(track_source(t, belief, moment.now) for t in belief.tracks if not kinds[t.kind].moves)
        entities = tuple(
            entity_source(e, nearest_of(e, here), n + 1)
            for n, e in enumerate(moment.home.entities)
            if e.kind != "wall" and float(e.distance(np.array([[here.x, here.y]]))[0]) < NEARBY
        )
        unpleasant = [*entities, *detected]
        name = unpleasant[0].name if len(unpleasant) == 1 else "things it had rather not be near"
        goal, way = self._find_ends()
        return Sources(
            moving=tuple(
                track_source(tracks[i], belief, moment.now) for i in _once(self.problem.whose) if i != 0
            ),
            detected=detected,
            seen=self._find_obstacles(),
            wall=Source("wall", "the walls"),
            entities=entities,
            corners=tuple(
                Source("corner", "a blind corner", (float(x), float(y)), n + 1) for n, (x, y) in enumerate(places)
            ),
            beside=Source("beside", name),
            goal=goal,
            way=way,
        )  # fmt: skip

    def _find_obstacles(self) -> tuple[tuple[Source, Bools], ...]:
        """Return what scans added, in pieces with masks; hits at somebody are them, hits in a doorway are the door."""
        if not self.seen.any():
            return ()
        pieces, count = label(distance_transform_edt(~self.seen) <= JOINED, np.ones((3, 3), int))
        found: dict[tuple[str, int], tuple[Source, Bools]] = {}
        for n in range(1, count + 1):
            mask = self.seen & (pieces == n)
            centres = self._centres(mask)
            place = centres[int(np.argmin(np.hypot(*(centres - (self.here.x, self.here.y)).T)))]
            source = self.name_at(place, len(found) + 1)
            before = found.get(source.key)
            found[source.key] = (source, mask) if before is None else (before[0], before[1] | mask)
        return tuple(found.values())

    def _find_ends(self) -> tuple[Source | None, Source | None]:
        """Return goal and way as sources; None for one that there is not, and for a goal far away."""
        guidance = self.belief.guidance
        if guidance is None:
            return None, None
        goal, way = guidance.stand, Source("way", "the way to the goal")
        if self.here.distance(goal) >= NEAR_GOAL:
            return None, way
        follows = isinstance(self.moment.task, Follow)
        name = "its place behind the person it follows" if follows else "the goal"
        return Source("goal", name, (goal.x, goal.y)), way

    def name_at(self, place: Floats, number: int = 0) -> Source:
        """Return what is solid at a place (2,) in ``map``, m; ``number`` is that of an obstacle nobody knows."""
        at = (float(place[0]), float(place[1]))
        for track in self.belief.tracks:
            middle = self.belief.map_from_odom.transform(track.position[None])[0]
            if math.hypot(*(place - middle)) < track.radius + BODY:
                return track_source(track, self.belief, self.moment.now)
        for n, door in enumerate(self.moment.home.doors):
            if _to_segment(place, np.array(door.start), np.array(door.end)) < AT_DOOR:
                return Source("door", f"the door {door.name!r}" if door.name else "a door", at, n + 1)
        for n, entity in enumerate(self.moment.home.entities):
            if entity.kind != "wall" and float(entity.distance(place[None])[0]) < AT_WALL:
                return entity_source(entity, at, n + 1)
        if float(static_clearance(self.moment.home).sample(place[None], outside=-1.0)[0]) < AT_WALL:
            return Source("wall", "the wall", at)
        return Source("obstacle", "something that is not on the map", at, number)

    # -- sources for the attribution of cost ---------------------------------------------------------------------------

    def solids(self) -> tuple[list[Source], Floats]:
        """Return the solid sources, and distances (C, rows, columns) of the local map's cells to each of them, m."""
        window, kinds = self.belief.local_map, self.moment.planner.config.objective.kinds
        step = window.resolution
        sources, fields = [self.sources.wall], [np.asarray(self.mapped_clearance, float)]
        for source, mask in self.sources.seen:
            sources.append(source)
            fields.append(distance_transform_edt(~mask) * step)
        grid = Grid(self.seen, step, window.origin)
        rows, columns = self.seen.shape
        radii = {t.identity: t.radius for t in self.belief.tracks}
        for source in self.sources.detected:
            if kinds[source.kind].solid and source.place is not None:
                column, row = grid.cell(*source.place)
                r, c = np.ogrid[:rows, :columns]
                sources.append(source)
                fields.append(np.hypot(r - row, c - column) * step - radii[source.number])
        return sources, np.array(fields)

    def groups(self) -> tuple[list[Source], list[Bools]]:
        """Return the sources that have rows of people in the problem, and a mask over those rows for each."""
        whose = self.problem.whose
        sources: list[Source] = list(self.sources.moving)
        masks: list[Bools] = [whose == s.number for s in self.sources.moving]
        hidden = np.flatnonzero(whose == 0)
        for corner, row in zip(self.sources.corners, hidden, strict=True):
            mask = np.zeros(len(whose), np.bool_)
            mask[row] = True
            sources.append(corner)
            masks.append(mask)
        return sources, masks


@lru_cache(maxsize=2)
def static_clearance(home: OccupancyMap) -> Grid[np.float32]:
    """Return the map's clearance, m, as the navigator has it."""
    return clearance_grid(home)


def _once(numbers: Ints) -> list[int]:
    """Return each number once, in the order of their first coming."""
    return list(dict.fromkeys(int(n) for n in numbers))


def _to_segment(place: Floats, a: Floats, b: Floats) -> float:
    """Return the distance of a place (2,) from the segment from ``a`` to ``b``, m."""
    edge = b - a
    share = min(max(float((place - a) @ edge) / max(float(edge @ edge), 1e-12), 0.0), 1.0)
    return float(np.hypot(*(place - a - share * edge)))
