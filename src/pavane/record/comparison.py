"""compare: the commands and plans of a recorded drive beside those that another setting would have given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats, Ints
from pavane.core.geometry import Pose, transform_poses
from pavane.core.messages import Localization, Odometry
from pavane.core.plan import Plan
from pavane.record.decisions import unpack_plan
from pavane.record.replay import Replay

AHEAD = np.arange(0.0, 3.01, 0.1)  # s after the later start of two plans: where they are compared

NOWHERE = np.full(3, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two ways to decide on one drive's inputs. The world does not answer the second: it is open loop.

    Args:
        times: (T,) s since the first tick.
        recorded: (T, 3) v, omega, pan as commanded, m/s, rad/s, rad.
        replayed: (T, 3) as they would have been.
        poses: (T, 3) of the robot by odometry, in ``map``; NaN before the first message.
        other_status: how many ticks had another status.
        plan_times: (P,) s, when a recorded plan came into use.
        plan_gaps: (P,) the farthest that the plan in use then and the recorded one are from each other at one moment
            of the next 3 s, m; NaN where there is none.
        plans: (P, 2, K, 2) both as places in ``map``, recorded first; NaN where there is none.
        plan_ticks: (P,) of which tick.
    """

    times: Floats
    recorded: Floats
    replayed: Floats
    poses: Floats
    other_status: int
    plan_times: Floats
    plan_gaps: Floats
    plans: Floats
    plan_ticks: Ints

    def largest(self, column: int) -> tuple[float, float]:
        """Return the largest difference of v (0), omega (1) or pan (2), and its time, s."""
        gaps = np.abs(self.replayed[:, column] - self.recorded[:, column])
        k = int(np.argmax(gaps))
        return float(gaps[k]), float(self.times[k])


def compare(replay: Replay, progress: Callable[[float], None] | None = None) -> Comparison:
    """Play a recording to its end and keep both sides.

    Args:
        replay: at its beginning, with another setup.
        progress: called now and then with the time, s.
    """
    rows: list[tuple[float, ...]] = []
    poses: list[Floats] = []
    plan_rows: list[int] = []
    gaps: list[float] = []
    pairs: list[Floats] = []
    other = 0
    place: Pose | None = None
    at: Pose | None = None
    for played in replay:
        for call in played.recorded.calls:
            if isinstance(call.value, Localization):
                place = call.value.map_from_odom
            elif isinstance(call.value, Odometry):
                at = call.value.pose
        was, now = played.recorded.command, played.tick.command
        if was is None or now is None:
            continue
        rows.append((replay.time, was.v, was.omega, was.pan, now.v, now.omega, now.pan))
        poses.append(NOWHERE if place is None or at is None else (place @ at).array())
        other += played.recorded.status is not played.tick.status
        if played.entry.plan is not None:
            plan, map_from_odom, _ = unpack_plan(played.entry.plan)
            here, gap = _beside(plan, replay.navigator.plan, map_from_odom)
            plan_rows.append(len(rows) - 1)
            gaps.append(gap)
            pairs.append(here)
        if progress is not None and len(rows) % 50 == 0:
            progress(replay.time)
    table = np.array(rows, dtype=np.float64).reshape(-1, 7)
    ticks = np.array(plan_rows, dtype=np.int64)
    return Comparison(
        table[:, 0], table[:, 1:4], table[:, 4:7], np.array(poses).reshape(-1, 3), other, table[ticks, 0],
        np.array(gaps), np.array(pairs).reshape(-1, 2, len(AHEAD), 2), ticks,
    )  # fmt: skip


def _beside(recorded: Plan, replayed: Plan | None, map_from_odom: Pose) -> tuple[Floats, float]:
    """Return both plans (2, K, 2) in ``map`` from where the later begins, and how far they are apart at most, m."""
    out = np.full((2, len(AHEAD), 2), np.nan)
    start = recorded.start if replayed is None else max(recorded.start, replayed.start)
    for i, plan in enumerate((recorded, replayed)):
        if plan is not None:
            places = transform_poses(map_from_odom, plan.poses)
            own = plan.start + plan.dt * np.arange(len(plan.v))
            out[i] = np.stack([np.interp(start + AHEAD, own, places[:, axis]) for axis in (0, 1)], axis=1)
    return out, float(np.hypot(*(out[1] - out[0]).T).max())
