"""without: the planning problem of a moment as it would be if some of its sources were not there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pavane.core.arrays import Bools
from pavane.core.belief import Belief, LocalMap
from pavane.core.geometry import Grid, passage_radius
from pavane.explain.circumstances import Circumstances, static_clearance
from pavane.explain.sources import Source
from pavane.numerics.distance import clearance as distance
from pavane.perception.local_map import added
from pavane.planning.local_planner import covering_discs, discomfort_field
from pavane.planning.local_planner.problem import FARTHEST, PlanningProblem, pack, with_things

FREE = 3.0  # m of clearance where a source is left out


def without(around: Circumstances, sources: Sequence[Source], *, through: bool = False) -> PlanningProblem:
    """Return the problem of a moment as it would be if some sources were not there.

    Without walls, they stay where they are, but short of a touch it does not matter how near; with ``through`` they
    are gone.

    Args:
        around: the moment.
        sources: that are left out.
        through: whether the robot may drive through the walls that are left out.
    """
    known = around.sources
    gone = {s.key for s in sources}
    numbers = {s.number for s in sources if s in known.moving or s in known.detected}
    belief = replace(around.belief, tracks=tuple(t for t in around.belief.tracks if t.identity not in numbers))
    masks = [mask for source, mask in known.seen if source.key in gone]
    if masks:
        belief = replace(belief, local_map=_without_obstacles(around, np.any(masks, axis=0)))
    entities = {s.number for s in sources if s in known.entities}
    if entities:
        belief = replace(belief, local_map=_without_discomfort(around, belief.local_map, entities))
    problem = around.build(belief)
    corners = [s.number - 1 for s in sources if s.kind == "corner"]
    if corners:
        problem = _without_corners(problem, corners)
    if known.wall in sources:
        problem = _without_walls(around, problem, belief, through=through)
    if known.goal is not None and known.goal in sources:
        problem = _onward(around, problem, _to_goal(around))
    if known.way is not None and known.way in sources:
        problem = _onward(around, problem, (math.cos(around.here.yaw), math.sin(around.here.yaw)))
    return problem


def _without_obstacles(around: Circumstances, mask: Bools) -> LocalMap:
    """Return the local map as if scans had seen nothing at these cells (rows, columns)."""
    window, left = around.belief.local_map, around.seen & ~mask
    field = around.mapped_clearance
    if left.any():
        field = np.minimum(field, distance(left, window.resolution, FARTHEST))
    return replace(window, clearance=field.astype(np.float32))


def _without_discomfort(around: Circumstances, window: LocalMap, numbers: set[int]) -> LocalMap:
    """Return the local map without the discomfort that mapped entities of these numbers, from 1, add."""
    planner = around.moment.planner
    left = [e for n, e in enumerate(around.moment.home.entities) if n + 1 not in numbers]
    lattice = Grid(window.clearance, window.resolution, window.origin)
    reach = float(covering_discs(planner.shape)[0, 2])
    field = discomfort_field(left, planner.config.objective.kinds, lattice, reach)
    return replace(window, discomfort=None if field is None else field.data)


def _without_corners(problem: PlanningProblem, numbers: Sequence[int]) -> PlanningProblem:
    """Return a problem without the people who may come from behind blind corners of these numbers, from 0."""
    rows = np.flatnonzero(problem.whose == 0)[list(numbers)]
    keep = np.setdiff1d(np.arange(len(problem.whose)), rows)
    return replace(problem, people=np.ascontiguousarray(problem.people[:, keep]), whose=problem.whose[keep])


def _without_walls(
    around: Circumstances, problem: PlanningProblem, belief: Belief, *, through: bool
) -> PlanningProblem:
    """Return a problem in which it does no harm to be near mapped walls; the way stays as it is.

    Args:
        around: the moment.
        problem: without whatever else is left out.
        belief: likewise.
        through: whether it does no harm to drive through the walls either.
    """
    window, planner = belief.local_map, around.moment.planner
    seen = added(static_clearance(around.moment.home), window)
    field = np.full(window.clearance.shape, FREE, np.float32)
    if not through:
        touched = around.mapped_clearance < passage_radius(planner.shape) + 0.5 * window.resolution
        field[touched] = around.mapped_clearance[touched]
    if seen.any():
        field = np.minimum(field, distance(seen, window.resolution, FARTHEST)).astype(np.float32)
    open_belief = replace(belief, local_map=replace(window, clearance=field))
    return _with_clearance(problem, with_things(open_belief, planner.shape, planner.config.objective))


def _with_clearance(problem: PlanningProblem, window: LocalMap) -> PlanningProblem:
    """Return a problem with the clearance and discomfort of another local map on the same way."""
    clearance = np.clip(window.clearance, -1.0, FARTHEST)
    cost = problem.flow.reshape(clearance.shape)
    has_discomfort = len(problem.fields.clearance) > clearance.size
    fields = pack(clearance, cost, window.resolution, window.discomfort if has_discomfort else None)
    return replace(problem, fields=fields)


def _to_goal(around: Circumstances) -> tuple[float, float]:
    """Return the unit vector towards the goal in ``map``; straight ahead where the robot is upon it."""
    assert around.belief.guidance is not None
    stand, here = around.belief.guidance.stand, around.here
    dx, dy = stand.x - here.x, stand.y - here.y
    r = math.hypot(dx, dy)
    return (math.cos(here.yaw), math.sin(here.yaw)) if r < 0.05 else (dx / r, dy / r)


def _onward(around: Circumstances, problem: PlanningProblem, ahead: tuple[float, float]) -> PlanningProblem:
    """Return a problem whose way leads on for ever in the direction of a unit vector in ``map``."""
    rows, columns = int(problem.fields.rows), int(problem.fields.columns)
    step = around.belief.local_map.resolution
    r, c = np.ogrid[:rows, :columns]
    x, y = (c + 0.5 - 0.5 * columns) * step, (r + 0.5 - 0.5 * rows) * step
    cost = (8.0 - ahead[0] * x - ahead[1] * y).astype(np.float32)
    fields = pack(np.zeros_like(cost), cost, step)
    packed = problem.fields._replace(cost=fields.cost, cost_scale=fields.cost_scale)
    return replace(
        problem, fields=packed, flow=np.ascontiguousarray(cost.ravel()),
        weights=problem.weights._replace(goal_pose=np.float32(0.0)),
    )  # fmt: skip
