"""From a belief to the arrays that the kernels read: fields, goal and people, all in the window frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pavane.core.arrays import Floats, Floats32, Ints
from pavane.core.belief import Belief, LocalMap, Track
from pavane.core.entities import Entity, KindCost
from pavane.core.geometry import Footprint, Grid, Pose, cover, passage_radius
from pavane.core.plan import Guidance
from pavane.motion.model import DT, STEPS
from pavane.numerics.window_marching import cost_to_go_within, from_lowest
from pavane.planning.global_planner import pace, slowed
from pavane.planning.local_planner.config import Objective
from pavane.planning.local_planner.discomfort_field import add_discomfort, covering_discs, equivalent_clearance
from pavane.planning.local_planner.objective.fields import QUANTA, Fields, pack_blocks, pack_rows
from pavane.planning.local_planner.objective.hazards import LOOKS, STRIDE
from pavane.planning.local_planner.objective.people import PERSON, PERSON_COLUMNS, RoundedRectangle, fill_rows
from pavane.planning.local_planner.objective.progress import Goal
from pavane.planning.local_planner.objective.stop import STOP_POINTS
from pavane.planning.local_planner.objective.weights import Weights
from pavane.prediction import Forecast, hypotheses, rooms_ahead
from pavane.prediction.contact_risk import ENTRIES
from pavane.prediction.occlusion import blind_corners

FARTHEST = 1.5  # m of clearance that are told apart
FARTHEST_TRACK = 7.0  # m; who is further away cannot be met within the plan
NEAR_GOAL = 2.5  # m; the goal's heading matters within this
STANDING = 0.25  # m/s; slower people make the place around them slow to cross (docs/concepts/guidance.md)
BESIDE, BESIDE_PACE = 0.35, 0.25  # m around who stands, and the share of full speed there
STOP_SECONDS = 0.15  # between the places weighed along the final stop
FIELD_SPAN = 20.0  # m of cost-to-go told apart inside a window
NEAR_COST = 3.0  # m: far from the goal only differences matter
HIDDEN_SPEED = 0.3  # m/s at which somebody is taken to step out
HIDDEN_PLACE, HIDDEN_GROWTH = 0.15, 0.2  # m and m/s: how unsure that is
UNEASY = 1e-6  # less discomfort than this is none
# s after the effect time: looks and the places along the final stop; in the middle between looks, and the end
LOOKED = np.append(np.arange(LOOKS + 1) * STRIDE * DT, STEPS * DT + (np.arange(STOP_POINTS) + 1) * STOP_SECONDS)
BETWEEN = np.append((np.arange(LOOKS) + 0.5) * STRIDE * DT, STEPS * DT)


@dataclass(frozen=True, slots=True, eq=False)
class PlanningProblem:
    """What one planning cycle looks at. ``odom_from_window`` has the map's axes and the window's centre as origin."""

    odom_from_window: Pose
    start: Floats  # (7,) x, y, yaw, v, omega, a, alpha in the window frame
    fields: Fields
    flow: Floats32  # (rows * columns,) cost-to-go, m
    goal: Goal
    weights: Weights
    discs: Floats32  # (D, 4), see discs_of
    body: RoundedRectangle
    people: Floats32  # (LOOKS + 1 + STOP_POINTS, P, PERSON_COLUMNS), at each look from the start on
    whose: Ints  # (P,) identity of the track that each row of people belongs to; 0 for those behind blind corners
    discount: Floats32  # (LOOKS + 1,) in the middle between looks, and at the end


def build_problem(
    belief: Belief, shape: Footprint, objective: Objective, start: tuple[float, float, float, float], most_tracks: int
) -> PlanningProblem:
    """Gather a belief at the effect time; ``start`` is the scheduled v, omega, a, alpha there."""
    window = belief.local_map
    half = 0.5 * window.clearance.shape[1] * window.resolution
    odom_from_window = belief.map_from_odom.inverse() @ window.origin @ Pose(half, half)
    window_from_odom = odom_from_window.inverse()
    here = window_from_odom @ belief.robot.pose
    window = with_things(belief, shape, objective)
    belief = replace(belief, local_map=window)
    tracks = _nearest(belief, objective, most_tracks)
    cost, goal, match_heading = _cost_field(belief, shape, tracks)
    clearance = np.minimum(np.maximum(window.clearance, -1.0), FARTHEST)
    discomfort = window.discomfort if window.discomfort is not None and window.discomfort.max() > UNEASY else None
    return PlanningProblem(
        odom_from_window,
        np.array([here.x, here.y, here.yaw, *start]),
        pack(clearance, cost, window.resolution, discomfort),
        np.ascontiguousarray(cost.ravel()),
        goal,
        objective.weights(match_heading=match_heading),
        discs_of(shape, 0 if discomfort is None else clearance.size),
        _body(shape),
        *_people(belief, tracks, window_from_odom, objective),
        np.exp(-objective.discount * BETWEEN).astype(np.float32),
    )


def with_things(belief: Belief, shape: Footprint, objective: Objective) -> LocalMap:
    """The local map with what was detected, has a kind of its own and stays where it is."""
    window = belief.local_map
    still = [t for t in belief.tracks if not objective.kinds[t.kind].moves]
    if not still:
        return window
    clearance = window.clearance.copy()
    discomfort = np.zeros_like(clearance) if window.discomfort is None else window.discomfort.copy()
    grid = Grid(discomfort, window.resolution, window.origin, "map")
    size = float(covering_discs(shape)[0, 2])
    for track in still:
        place, kind_cost = belief.map_from_odom.transform(track.position[None]), objective.kinds[track.kind]
        thing = Entity(track.kind, place, 2.0 * track.radius)
        if track.kind != "wall":
            add_discomfort(grid, thing, kind_cost, size)
        # where the robot is it cannot be: a detection was off, or the thing has been taken away
        here = belief.robot.pose.inverse().transform(track.position[None])
        if kind_cost.solid and float(shape.signed_distance(here)[0]) > track.radius:
            part, places = grid.part(*thing.bounds(FARTHEST))
            gap = clearance[part]
            np.minimum(gap, thing.distance(places).reshape(gap.shape).astype(np.float32), out=gap)
    return replace(window, clearance=clearance, discomfort=discomfort)


def _nearest(belief: Belief, objective: Objective, most: int) -> list[Track]:
    x, y = belief.robot.pose.x, belief.robot.pose.y
    moving = [t for t in belief.tracks if objective.kinds[t.kind].moves]
    away = [math.hypot(t.state.mean.item(0) - x, t.state.mean.item(1) - y) for t in moving]
    ranked = sorted(range(len(moving)), key=away.__getitem__)
    return [moving[n] for n in ranked[:most] if away[n] < FARTHEST_TRACK]


def _cost_field(belief: Belief, shape: Footprint, tracks: list[Track]) -> tuple[Floats32, Goal, bool]:
    """Cost-to-go (rows, columns) inside the window, from the guidance on its border; the goal; if its yaw counts."""
    window = belief.local_map
    rows, columns = window.clearance.shape
    centre = window.origin @ Pose(0.5 * columns * window.resolution, 0.5 * rows * window.resolution)
    guidance = belief.guidance
    if guidance is None:
        return _stay(belief, centre, rows, columns)
    speed = pace(window.clearance, passage_radius(shape), window.discomfort)
    grid = Grid(speed, window.resolution, window.origin, "map")
    speed = slowed(speed, grid, guidance.slow)
    standing = []
    for track in tracks:
        x, y, vx, vy = track.state.mean.tolist()
        if math.hypot(vx, vy) < STANDING:
            x, y = belief.map_from_odom.point(x, y)
            # who is followed is kept at a distance by the stand-off, which counts in plain metres
            if math.hypot(x - guidance.goal.x, y - guidance.goal.y) >= guidance.stand_off:
                standing.append((x, y, track.radius + BESIDE))
    if standing:
        speed = slowed(speed, grid, np.array(standing), BESIDE_PACE)
    coarse = guidance.cost_to_go
    half = 0.5 * window.resolution
    column, row = (round(number) for number in coarse.cell(*window.origin.point(half, half)))
    c, r = grid.cell(guidance.goal.x, guidance.goal.y)
    inside = 1 < c < columns - 2 and 1 < r < rows - 2
    at = (r, c) if inside else None
    corner = row, column
    cost = cost_to_go_within(speed, coarse.data, at, window.resolution, guidance.pace, corner)
    cost = from_lowest(cost, guidance.stand_off, NEAR_COST, FIELD_SPAN)  # a small offset keeps them exact in 16 bits
    stand = _stand(belief, guidance)
    goal = centre.inverse() @ stand
    near = inside and guidance.match_heading and _distance_to(belief, stand) < NEAR_GOAL
    return cost, _goal(goal), near


def _stand(belief: Belief, guidance: Guidance) -> Pose:
    """Where to end: as the route says, or, nearer than that, where the robot comes to rest by itself, facing the goal.

    Where the route began is behind it by then, and a robot that wants to be there drives round in a circle.
    """
    if _distance_to(belief, guidance.goal) >= guidance.stand_off:
        return guidance.stand
    place = belief.map_from_odom @ _resting(belief)
    return Pose(place.x, place.y, math.atan2(guidance.goal.y - place.y, guidance.goal.x - place.x))


def _resting(belief: Belief) -> Pose:
    """Where the robot comes to rest by itself, in ``odom``."""
    robot = belief.robot
    return robot.pose.advance(robot.v, robot.omega, 0.5 * abs(robot.v))


def _stay(belief: Belief, centre: Pose, rows: int, columns: int) -> tuple[Floats32, Goal, bool]:
    """With nothing to reach, the goal is the place where the robot comes to rest by itself."""
    place = centre.inverse() @ belief.map_from_odom @ _resting(belief)
    r, c = np.ogrid[:rows, :columns]
    step = belief.local_map.resolution
    x, y = (c + 0.5 - 0.5 * columns) * step - place.x, (r + 0.5 - 0.5 * rows) * step - place.y
    goal = _goal(place)
    return np.hypot(x, y).astype(np.float32), goal, False


def _distance_to(belief: Belief, goal: Pose) -> float:
    return (belief.map_from_odom @ belief.robot.pose).distance(goal)


def pack(clearance: Floats32, cost: Floats32, resolution: float, discomfort: Floats32 | None = None) -> Fields:
    """Fields (rows, columns), m, on one lattice centred on the window's origin, as the kernels read them.

    ``discomfort`` is what things with a kind of their own add (``trajectory.discomfort``).
    """
    rows, columns = clearance.shape
    quantum = np.float32(resolution / QUANTA)
    fields = 1 if discomfort is None else 2
    words, numbers = np.empty(fields * rows * columns, np.int64), np.empty(rows * columns + 1, np.int16)
    pack_blocks(clearance, quantum, words)
    if discomfort is not None:
        pack_blocks(equivalent_clearance(discomfort), quantum, words[rows * columns :])
    scale = pack_rows(cost, numbers)
    corner = (0.5 - 0.5 * columns) * resolution, (0.5 - 0.5 * rows) * resolution
    lattice = (np.float32(f) for f in (columns, rows, *corner, 1.0 / resolution))
    return Fields(words, quantum, numbers, scale, *lattice)


@lru_cache(maxsize=8)
def discs_of(shape: Footprint, discomfort_from: int = 0) -> Floats32:
    """Discs (D, 4) that cover the outline: x, y, radius in the base frame, m, and the first word of their field.

    With ``discomfort_from``, the first word of discomfort, the discs that meet it follow: their size is in that field.
    """
    outline = np.pad(cover(shape), ((0, 0), (0, 1)))
    if discomfort_from:
        meeting = np.pad(covering_discs(shape)[:, :2], ((0, 0), (0, 2)))
        meeting[:, 3] = discomfort_from
        outline = np.concatenate([outline, meeting])
    return outline.astype(np.float32)


@lru_cache(maxsize=8)
def _body(shape: Footprint) -> RoundedRectangle:
    return RoundedRectangle(*(np.float32(f) for f in shape.rounded_rectangle()))


def _people(belief: Belief, tracks: list[Track], window_from_odom: Pose, objective: Objective) -> tuple[Floats32, Ints]:
    """Rows for the kernels, and whose each one is."""
    own = 0.5 * (belief.robot.covariance.item(0, 0) + belief.robot.covariance.item(1, 1))
    rooms = rooms_ahead(tracks, belief.local_map, belief.map_from_odom)
    forecasts = hypotheses(tracks, LOOKED, rooms)
    parts = [
        _rows(track, forecast, belief.stamp + LOOKED, window_from_odom, objective.kinds[track.kind], own)
        for track, forecast in zip(tracks, forecasts, strict=True)
    ]
    hidden = _hidden(belief, window_from_odom, objective) if objective.hidden > 0.0 else None
    parts.append(np.zeros((len(LOOKED), 0, PERSON_COLUMNS), np.float32) if hidden is None else hidden)
    names = *(track.identity for track in tracks), 0
    whose = [name for name, part in zip(names, parts, strict=True) for _ in range(part.shape[1])]
    return np.concatenate(parts, axis=1), np.array(whose, np.int64)


def _hidden(belief: Belief, window_from_odom: Pose, objective: Objective) -> Floats32:
    """(K, N, PERSON_COLUMNS) people who may step out from behind blind corners."""
    window_from_map = window_from_odom @ belief.map_from_odom.inverse()
    places, ways = blind_corners(belief.local_map, belief.map_from_odom @ belief.robot.pose)
    person = objective.kinds["person"]
    out = np.zeros((len(LOOKED), len(places), PERSON_COLUMNS), np.float32)
    steps = HIDDEN_SPEED * window_from_map.rotate(ways)
    variance = HIDDEN_PLACE**2 + (HIDDEN_GROWTH * LOOKED) ** 2
    out[:, :, [PERSON.x, PERSON.y]] = window_from_map.transform(places) + LOOKED[:, None, None] * steps
    # they are where they may be by then, and stand: somebody who does not move harms nobody who is not there
    out[:, :, PERSON.radius], out[:, :, PERSON.precision] = person.radius, 1.0 / variance[:, None]
    out[:, :, PERSON.chance] = ENTRIES * objective.hidden
    out[:, :, PERSON.discomfort_gain], out[:, :, PERSON.discomfort_reach] = 0.0, 1.0
    out[:, :, PERSON.harm] = person.harm
    return out


def _rows(
    track: Track, forecast: Forecast, times: Floats, window_from_odom: Pose, kind_cost: KindCost, own: float
) -> Floats32:
    """(K, M, PERSON_COLUMNS) what the kernels read of each hypothesis; ``own`` is the variance of the robot's place."""
    moves = min(1.0, 0.1 + math.hypot(*track.velocity))
    reaches = kind_cost.reach + kind_cost.growth * moves * (times - track.sensed)
    f, frame = forecast, (window_from_odom.x, window_from_odom.y, window_from_odom.yaw)
    out = np.empty((len(times), len(f.weights), PERSON_COLUMNS), np.float32)
    fill_rows(
        ENTRIES * f.weights, f.means, f.velocities, f.sigma_pp, f.sigma_pv, f.sigma_vv, frame, own, track.radius,
        reaches, kind_cost.comfort, kind_cost.harm, out,
    )  # fmt: skip
    return out


def _goal(pose: Pose) -> Goal:
    return Goal(np.float32(pose.x), np.float32(pose.y), np.float32(pose.yaw), np.float32(0.0))
