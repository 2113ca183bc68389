"""take_snapshot: one planning cycle in full, for pictures."""

from __future__ import annotations

import numpy as np

from pavane.core.belief import Belief
from pavane.core.geometry import Grid
from pavane.core.plan import Plan
from pavane.core.robot import RobotProfile
from pavane.drive_log import Snapshot
from pavane.motion.limits import bounds
from pavane.planning.local_planner import Objective, motions
from pavane.prediction import hypotheses, rooms_ahead

LIKELY = 0.1  # hypotheses below this chance are not drawn


def take_snapshot(robot: RobotProfile, objective: Objective, belief: Belief, plan: Plan, pan: float) -> Snapshot:
    """The candidates of a plan as curves in ``map``, with what the planner knew."""
    assert plan.candidates is not None
    decisions, costs = plan.candidates.decisions, plan.candidates.costs
    limits = bounds(robot)
    start = belief.map_from_odom @ belief.robot.pose
    state = np.array([start.x, start.y, start.yaw, plan.v[0], plan.omega[0], plan.a[0], plan.alpha[0]])
    curves = motions(decisions, state, limits)[:, :, :2].astype(np.float32)
    elapsed = np.arange(0.0, 3.01, 0.5)
    moving = [track for track in belief.tracks if objective.kinds[track.kind].moves]
    people, sigma, radii = [np.zeros((0, len(elapsed), 2))], [np.zeros((0, len(elapsed)))], []
    rooms = rooms_ahead(moving, belief.local_map, belief.map_from_odom)
    for track, forecast in zip(moving, hypotheses(moving, elapsed, rooms), strict=True):
        likely = forecast.weights > LIKELY
        people += [belief.map_from_odom.transform(places)[None] for places in forecast.means[likely]]
        sigma.append(np.sqrt(forecast.sigma_pp[likely]))
        radii += [track.radius] * int(likely.sum())
    window, guidance = belief.local_map, belief.guidance
    return Snapshot(
        plan.start, start, pan, Grid(window.clearance, window.resolution, window.origin), window.seen, curves, costs,
        int(np.argmin(costs)), np.zeros((0, 2)) if guidance is None else guidance.path,
        None if guidance is None else guidance.cost_to_go, np.concatenate(people),
        np.concatenate(sigma), np.array(radii),
    )  # fmt: skip
