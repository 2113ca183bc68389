"""TrajectoryPlanner: one cycle from a belief at the effect time to a plan."""

from __future__ import annotations

import math

import numpy as np

from pavane.arrays import Floats32
from pavane.belief import Belief
from pavane.geometry import transform_poses
from pavane.kernels.evaluate import evaluate, rollout
from pavane.kernels.model import DT, STEPS
from pavane.kernels.search import distinct
from pavane.limits import bounds
from pavane.plan import Candidates, Plan, PlanPoint
from pavane.robot import RobotProfile
from pavane.trajectory.config import PlannerConfig
from pavane.trajectory.optimize import refine
from pavane.trajectory.scene import Scene, build_scene
from pavane.trajectory.seeds import Seeds, box

SETTLE = 1.4  # s in which what is left of the speed dies away
DISTINCT = 0.25  # share of the box by which two refined candidates must differ


class TrajectoryPlanner:
    """Searches the space of smooth, realizable motions for the one with the best uncertainty-adjusted progress.

    Args:
        robot: its limits shape the space.
        config: what is weighed and how hard to look.
        rng: scrambles the scattered seeds.
    """

    def __init__(self, robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> None:
        self.config = config
        self.bounds = bounds(robot)
        self.shape = robot.shape
        self._seeds = Seeds(self.bounds, config.search.spread, config.search.nearby, rng)
        # a robot that hardly reverses had better turn round, even for a goal close behind it
        self._back = np.float32(float(self.bounds.v_high) / max(-float(self.bounds.v_low), 0.01) - 1.0)
        limits = robot.limits
        forward = stop_seconds(limits.vx_max, min(-limits.ax_min, limits.ax_max), limits.ax_max, limits.jx_max)
        turning = stop_seconds(limits.wz_max, limits.az_max, limits.az_max, limits.jz_max)
        self._tail = math.ceil((max(forward, turning) + SETTLE) / DT)

    def plan(self, belief: Belief, scheduled: PlanPoint, previous: Plan | None) -> Plan:
        """The plan that takes effect at ``belief.stamp`` from the scheduled command, at the predicted pose.

        Args:
            belief: fast-forwarded to the effect time.
            scheduled: what will be commanded there: v, omega, a, alpha.
            previous: the committed plan, for the warm start.
        """
        start = (scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        scene = build_scene(belief, self.shape, self.config.objective, start, self.config.most_tracks)
        decisions, costs = self.search(scene, previous, belief.stamp)
        best = int(np.argmin(costs))
        states = np.zeros((STEPS + 1 + self._tail, 7))
        rollout(decisions[:, best].astype(np.float64), scene.start, self.bounds, self._tail, states)
        return Plan(
            belief.stamp,
            DT,
            transform_poses(scene.odom_from_window, states[:, :3]),
            states[:, 3],
            states[:, 4],
            states[:, 5],
            states[:, 6],
            decisions[:, best].copy(),
            float(costs[best]),
            Candidates(decisions, costs),
        )

    def search(self, scene: Scene, previous: Plan | None, effect_time: float) -> tuple[Floats32, Floats32]:
        """Every decision weighed, (8, N), and its cost (N,), m: the seeds, then the refined best of them."""
        search = self.config.search
        seeds = self._seeds.make(scene, previous, effect_time)
        goal = scene.goal._replace(back=self._back)
        context = (
            scene.start.astype(np.float32), self.bounds, scene.weights, scene.fields, goal, scene.discs,
            scene.body, scene.people, scene.discount,
        )  # fmt: skip
        costs = np.empty(seeds.shape[1], np.float32)
        evaluate(seeds, *context, costs)
        low, high = box(self.bounds)
        chosen = np.empty(search.kept, np.int64)
        distinct(seeds, np.argsort(costs, kind="stable"), 0.5 * (high - low), DISTINCT, chosen)
        kept = np.ascontiguousarray(seeds[:, chosen])
        refined, _ = refine(kept, low, high, context, search.rounds, search.lengths)
        return np.concatenate([seeds, kept], axis=1), np.concatenate([costs, refined])


def stop_seconds(speed: float, brake: float, acceleration: float, jerk: float) -> float:
    """Longest time, s, to come to rest from ``speed`` while still gaining it at ``acceleration``, jerk limited."""
    ramp = acceleration / jerk
    peak = speed + 0.5 * acceleration * ramp
    if peak * jerk >= brake * brake:
        return ramp + peak / brake + brake / jerk
    return ramp + 2.0 * math.sqrt(peak / jerk)
