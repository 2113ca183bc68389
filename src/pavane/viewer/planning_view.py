"""PlanningView: one planning cycle as values in ``map``: the fan of candidates, and everybody's hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats, Floats32
from pavane.core.belief import Belief, Track
from pavane.core.geometry import Grid, Pose, transform_poses
from pavane.core.plan import Plan, ScreenPlan
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import STEPS
from pavane.navigator import Navigator
from pavane.perception.local_map import added
from pavane.planning.local_planner import Objective, motions
from pavane.prediction import Forecast, hypotheses, rooms_ahead
from pavane.prediction.contact_risk import contact_probability, entry_rate
from pavane.viewer.frame import Fan, MapWindow, PersonForecast

HORIZON, STEP = 3.0, 0.1  # s
DRAWN = 5  # steps between the places at which hypotheses are shown
EVERY = 0.5  # m between arrows
LOOK = 5  # samples of the plan from one look of the screen to the next
SEEN_OF = 0.15  # m around somebody's body: what scans hit there is theirs


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """A plan, the belief that it was made from, and forecasts of everybody meanwhile.

    Args:
        belief: at the plan's effect time.
        plan: that is driven.
        moving: those of the belief's tracks that move by themselves.
        forecasts: of each, every 0.1 s from the effect time on.
        survival: chance that the plan touches nobody in its 3 s.
    """

    belief: Belief
    plan: Plan
    moving: tuple[Track, ...]
    forecasts: tuple[Forecast, ...]
    survival: float


def look_out(robot: RobotProfile, objective: Objective, belief: Belief, plan: Plan) -> Outlook:
    """Return what may come of a plan.

    Args:
        robot: whose outline to use.
        objective: knows which kinds move.
        belief: that the plan was made from.
        plan: that is driven.
    """
    times = np.arange(0.0, HORIZON + 1e-9, STEP)
    moving = tuple(track for track in belief.tracks if objective.kinds[track.kind].moves)
    forecasts = tuple(hypotheses(moving, times, rooms_ahead(moving, belief.local_map, belief.map_from_odom)))
    survival = 1.0
    for track, forecast in zip(moving, forecasts, strict=True):
        survival *= 1.0 - _touched(robot, plan, track, forecast)
    return Outlook(belief, plan, moving, forecasts, survival)


def make_fan(
    number: int, robot: RobotProfile, known: Grid[np.float32], outlook: Outlook, screen: ScreenPlan | None
) -> Fan:
    """Return one planning cycle as it is drawn.

    Args:
        number: of the plan.
        robot: that plans.
        known: clearance of the robot's map, m.
        outlook: on the plan.
        screen: where the screen is to look meanwhile.
    """
    belief, plan = outlook.belief, outlook.plan
    assert plan.candidates is not None
    window, guidance = belief.local_map, belief.guidance
    effect = belief.map_from_odom @ belief.robot.pose
    poses = transform_poses(belief.map_from_odom, plan.poses)
    pairs = zip(outlook.moving, outlook.forecasts, strict=True)
    return Fan(
        number=number,
        time=plan.start,
        effect=effect.array(),
        curves=_curves(robot, effect, plan),
        costs=plan.candidates.costs,
        chosen=int(np.argmin(plan.candidates.costs)),
        path=np.column_stack([poses, plan.v, plan.omega]),
        gaze=_looks(poses, screen),
        times=np.arange(0.0, HORIZON + 1e-9, DRAWN * STEP),
        people=tuple(_person_forecast(belief, track, forecast) for track, forecast in pairs),
        survival=outlook.survival,
        route=np.zeros((0, 2)) if guidance is None else guidance.path,
        arrows=_arrows(belief),
        local=MapWindow(
            (window.origin.x, window.origin.y, window.resolution * len(window.clearance)),
            _surprises(belief, known),
            window.resolution,
        ),
    )


class PlanningView:
    """The newest plan of a drive, with what may come of it.

    Args:
        known: clearance of the robot's map, m.
    """

    def __init__(self, known: Grid[np.float32]) -> None:
        self._known = known
        self._plan: Plan | None = None
        self._number = 0
        self._outlook: Outlook | None = None
        self._fan: Fan | None = None

    @property
    def survival(self) -> float:
        """Chance that the newest plan touches nobody in its 3 s; 1 before the first."""
        return 1.0 if self._outlook is None else self._outlook.survival

    def update(self, navigator: Navigator) -> None:
        """Look out upon the plan in force, if that is a new one."""
        plan, belief = navigator.plan, navigator.belief
        if plan is not self._plan and plan is not None and belief is not None:
            self._plan, self._number = plan, self._number + 1
            self._outlook = look_out(navigator.robot, navigator.config.planner.objective, belief, plan)

    def fan(self, navigator: Navigator) -> Fan | None:
        """Return the newest plan as it is drawn, made once somebody asks for it; None before the first."""
        if self._outlook is not None and (self._fan is None or self._fan.number < self._number):
            self._fan = make_fan(
                self._number, navigator.robot, self._known, self._outlook, navigator.schedule.screen_plan
            )
        return self._fan


def _curves(robot: RobotProfile, start: Pose, plan: Plan) -> Floats32:
    """Return the candidates (N, K, 2) in ``map``, every 0.1 s, m."""
    assert plan.candidates is not None
    state = np.array([start.x, start.y, start.yaw, plan.v[0], plan.omega[0], plan.a[0], plan.alpha[0]])
    return motions(plan.candidates.decisions, state, bounds(robot))[:, ::2, :2].astype(np.float32)


def _looks(poses: Floats, screen: ScreenPlan | None) -> Floats:
    """Return places along the plan and the direction of the screen there (G, 3), m, rad."""
    if screen is None:
        return np.empty((0, 3))
    looks = poses[: STEPS + 1 : LOOK].copy()
    times = LOOK * 0.05 * np.arange(len(looks))
    looks[:, 2] += np.interp(times, screen.dt * np.arange(len(screen.pan)), screen.pan)
    return looks


def _person_forecast(belief: Belief, track: Track, forecast: Forecast) -> PersonForecast:
    """Return a track and its hypotheses in ``map``, the likeliest first."""
    order = np.argsort(-forecast.weights, kind="stable")
    to_map = belief.map_from_odom
    places = forecast.means[order, ::DRAWN]
    return PersonForecast(
        track.identity, track.kind, to_map.transform(track.position[None])[0], to_map.rotate(track.velocity[None])[0],
        track.radius, belief.stamp - track.sensed, forecast.weights[order],
        to_map.transform(places.reshape(-1, 2)).reshape(places.shape), np.sqrt(forecast.sigma_pp[order, ::DRAWN]),
    )  # fmt: skip


def _touched(robot: RobotProfile, plan: Plan, track: Track, forecast: Forecast) -> float:
    """Return the chance that the plan touches somebody within the horizon, by ``pavane.prediction.contact_risk``.

    Gaps are those of the outline; against a place that is uncertain the robot is as wide as the mean of its widths.

    Args:
        robot: whose outline to use.
        plan: that is driven.
        track: somebody.
        forecast: theirs.
    """
    shape, every = robot.shape, round(STEP / plan.dt)
    rows = np.minimum(every * np.arange(forecast.means.shape[1]), len(plan.v) - 1)
    x, y, yaw = plan.poses[rows].T
    c, s = np.cos(yaw), np.sin(yaw)
    off_x, off_y = forecast.means[..., 0] - x, forecast.means[..., 1] - y  # (M, K)
    local = np.stack([c * off_x + s * off_y, c * off_y - s * off_x], axis=-1)
    away = np.maximum(np.hypot(off_x, off_y), 1e-6)
    gaps = shape.signed_distance(local.reshape(-1, 2)).reshape(away.shape) - track.radius
    corners = shape.vertices
    around = float(np.hypot(*(np.roll(corners, -1, axis=0) - corners).T).sum())
    radius = track.radius + shape.radius + around / (2.0 * np.pi)
    stretch = np.maximum(gaps + radius, 1e-3) / away
    offset = np.stack([off_x * stretch, off_y * stretch], axis=-1)
    velocity = forecast.velocities - np.stack([plan.v[rows] * c, plan.v[rows] * s], axis=-1)
    rates = entry_rate(offset, velocity, radius, forecast.sigma_pp, forecast.sigma_pv, forecast.sigma_vv)
    return float(np.clip(contact_probability(forecast.weights, rates, STEP)[-1], 0.0, 1.0))


def _arrows(belief: Belief) -> Floats:
    """Return places and unit vectors down the cost-to-go there (A, 4), on the same lattice of the map in each cycle."""
    if belief.guidance is None:
        return np.empty((0, 4))
    field, window = belief.guidance.cost_to_go, belief.local_map
    stride = max(round(EVERY / field.resolution), 1)
    corner = np.array([[window.origin.x, window.origin.y]])
    side = window.resolution * len(window.clearance)
    (c0, r0), (c1, r1) = field.indices(corner)[0].tolist(), field.indices(corner + side)[0].tolist()
    rows, columns = field.data.shape
    first_row, first_column = (-(-max(first, 2) // stride) * stride for first in (r0, c0))
    lattice = np.mgrid[first_row : min(r1, rows - 2) : stride, first_column : min(c1, columns - 2) : stride]
    row, column = lattice.reshape(2, -1)
    with np.errstate(invalid="ignore"):
        slope = np.stack(
            [
                field.data[row, column - 2] - field.data[row, column + 2],
                field.data[row - 2, column] - field.data[row + 2, column],
            ],
            axis=1,
        ).astype(np.float64)
        lengths = np.hypot(slope[:, 0], slope[:, 1])
    kept = np.isfinite(lengths) & (lengths > 1e-6)
    places = field.centres(np.stack([column, row], axis=1)[kept])
    return np.hstack([places, slope[kept] / lengths[kept, None]])


def _surprises(belief: Belief, known: Grid[np.float32]) -> Floats:
    """Return the solid cells (S, 2) of the local map that the map does not show and that are not of people, m."""
    window = belief.local_map
    places = Grid(window.clearance, window.resolution, window.origin).centres(
        np.argwhere(added(known, window))[:, ::-1]
    )
    for track in belief.tracks:
        x, y = belief.map_from_odom.transform(track.position[None])[0]
        places = places[np.hypot(places[:, 0] - x, places[:, 1] - y) > track.radius + SEEN_OF]
    return places
