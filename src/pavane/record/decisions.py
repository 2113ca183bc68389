"""To MessagePack and back, exact to the bit: plans, and for analysis the candidates and beliefs behind them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from pavane.core.belief import Belief, Track
from pavane.core.geometry import Pose
from pavane.core.plan import Candidates, Plan
from pavane.record.codec import pack, plain_pose, unpack
from pavane.record.tick import Decision

SHOWN = 10  # one candidate in so many is kept, and the best


def pack_decision(decision: Decision) -> bytes:
    """Return a plan of base and screen with the frame and the delay that it was made with, without its candidates."""
    plan, screen = decision.plan, decision.screen
    return pack(
        {
            "start": plan.start,
            "dt": plan.dt,
            "poses": plan.poses,
            "v": plan.v,
            "omega": plan.omega,
            "a": plan.a,
            "alpha": plan.alpha,
            "decision": plan.decision,
            "cost": plan.cost,
            "map_from_odom": plain_pose(decision.belief.map_from_odom),
            "delay": decision.delay,
            "screen": None if screen is None else dataclasses.astuple(screen),
        }
    )


def unpack_plan(data: bytes) -> tuple[Plan, Pose, float]:
    """Return the plan that was packed, without candidates; map_from_odom; the delay, s."""
    plain = unpack(data)
    names = ("start", "dt", "poses", "v", "omega", "a", "alpha", "decision", "cost")
    return Plan(*(plain[name] for name in names)), Pose(*plain["map_from_odom"]), plain["delay"]


def pack_candidates(candidates: Candidates, start: float) -> bytes:
    """Return one candidate in ``SHOWN`` and the best, and the search's stages; ``start`` is the plan's."""
    best = int(np.argmin(candidates.costs))
    kept = np.unique(np.append(np.arange(0, len(candidates.costs), SHOWN), best))
    return pack(
        {
            "start": start,
            "weighed": len(candidates.costs),
            "decisions": candidates.decisions[:, kept],
            "costs": candidates.costs[kept],
            "origins": candidates.origins[kept].tolist(),
            "stages": [tuple(stage) for stage in candidates.stages],
        }
    )


def pack_belief(belief: Belief) -> bytes:
    """Return the belief that a plan was made from, for analysis, without maps."""
    robot = belief.robot
    return pack(
        {
            "stamp": belief.stamp,
            "map_from_odom": plain_pose(belief.map_from_odom),
            "pose": plain_pose(robot.pose),
            "speeds": (robot.v, robot.omega, robot.a, robot.alpha),
            "covariance": robot.covariance,
            "screen": (belief.screen.pan, belief.screen.rate, belief.screen.acceleration),
            "tracks": _tracks(belief.tracks),
        }
    )


def _tracks(tracks: Sequence[Track]) -> dict[str, Any]:
    """Return each figure of all tracks in one array: small arrays cost more to pack than they hold, and are many."""
    moving = [(i, track.modes) for i, track in enumerate(tracks) if track.modes is not None]
    return {
        "identity": [track.identity for track in tracks],
        "kind": [track.kind for track in tracks],
        "mean": np.array([track.state.mean for track in tracks]),
        "covariance": np.array([track.state.covariance for track in tracks]),
        "age": [track.age for track in tracks],
        "sensed": [track.sensed for track in tracks],
        "radius": [track.radius for track in tracks],
        "modes": {
            "track": [i for i, _ in moving],
            "weights": np.array([modes.weights for _, modes in moving]),
            "means": np.array([modes.means for _, modes in moving]),
            "covariances": np.array([modes.covariances for _, modes in moving]),
            "innovation": [modes.innovation for _, modes in moving],
        },
    }
