"""The last check: no command leaves whose stopping sweep is blocked in the newest near map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pavane.belief import NearMap
from pavane.geometry import Pose
from pavane.kernels.guard import body_clearance, largest_scale, sweep_clearance
from pavane.kernels.model import Bounds
from pavane.reflex.follow import CommandState, approach
from pavane.robot import RobotProfile

MARGIN = 0.005  # m of air that every stopping sweep keeps
LATE = 0.1  # s that a scan may be overdue before the robot slows
FADE = 0.35  # s over which it then slows to a stop
REST = 0.005  # m/s; a robot in touch that is no faster may turn without braking hard first
ESCAPE_SECONDS = 0.3  # s over which a motion out of a touch must gain clearance


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard lets through, whether it needed the emergency limits, and why it changed anything."""

    state: CommandState
    emergency: bool = False
    reason: str = ""


def blind_after(robot: RobotProfile) -> float:
    """Age of the newest scan, s, at which the robot has been slowed to a stop."""
    return robot.latency.scan + 1.0 / robot.lidar.rate + LATE + FADE


def guard(
    near: NearMap, at: Pose, wanted: CommandState, before: CommandState, robot: RobotProfile, bounds: Bounds,
    now: float, dt: float, reaction: float,
) -> Verdict:  # fmt: skip
    """Let ``wanted`` through, or the largest share of it whose stopping sweep is free, or brake.

    The sweep of a command starts at ``at`` (in ``map``), where the commands already in the dead time will have brought
    the robot, holds the command until the next one can act, and brakes along the same arc. Slow-downs keep the comfort
    limits while a stop with the emergency limits stays free; only then are those used, and the tick is flagged.

    Args:
        near: the newest near map.
        at: predicted pose when the command takes effect.
        wanted: what follow asks for.
        before: the command of the previous tick.
        robot: outline, emergency limits.
        bounds: comfort limits.
        now: time of the tick, s.
        dt: time between ticks, s.
        reaction: how long the command is held before a brake can act: until the next tick, and the base's lag, s.
    """
    shape, limits = robot.shape, robot.limits
    place = near.origin.inverse() @ at

    def share(state: CommandState, brake: float, brake_w: float, seconds: float) -> float:
        return float(
            largest_scale(
                near.solid, near.resolution, place.x, place.y, place.yaw, state.v, state.omega, seconds, brake,
                brake_w, shape.vertices, shape.radius, MARGIN, 0.02,
            )
        )  # fmt: skip

    age = now - near.stamp
    sight = float(np.clip((blind_after(robot) - age) / FADE, 0.0, 1.0))
    comfort = share(wanted, -limits.ax_min, limits.az_max, reaction - 0.5 * limits.ax_min / limits.jx_max)
    slow, reason = wanted, ""
    if sight < 1.0:
        cap = sight * min(limits.vx_max / max(abs(wanted.v), 1e-6), limits.wz_max / max(abs(wanted.omega), 1e-6))
        comfort, reason = min(comfort, cap), f"scan is {age:.2f} s old"
    if 0.0 <= comfort < 1.0:
        reason = reason or "the stopping path is blocked"
        slow = approach(before, comfort * wanted.v, comfort * wanted.omega, bounds, dt)
    hard = share(slow, -robot.emergency.ax_min, robot.emergency.az_max, reaction)
    if hard >= 1.0:
        return Verdict(slow, False, reason)
    out = _way_out(near, place, wanted, robot) if hard < 0.0 and sight > 0.0 else None
    if out is not None:
        if abs(before.v) <= (robot.creep_speed if out.v != 0.0 else REST):
            eased = approach(before, out.v, out.omega, bounds, dt, out.a, out.alpha)
            return Verdict(eased, False, "moving out of a touch")
        return Verdict(_brake(before, out, 1.0, robot, dt), True, "moving out of a touch")
    moving = max(abs(before.v), abs(before.omega)) > 1e-6
    braked = _brake(before, slow, max(hard, 0.0), robot, dt)
    reason = "an obstacle is too near to slow down gently" if moving else "an obstacle is in touch"
    return Verdict(braked, moving, reason)


def _way_out(near: NearMap, place: Pose, wanted: CommandState, robot: RobotProfile) -> CommandState | None:
    """What a robot in touch may do of what is wanted: all of it if that gains clearance, at creep speed at most, or the
    turn alone if that loses none, so that one that has to turn before it can leave is not held for ever."""
    window, corners, radius = (near.solid, near.resolution), robot.shape.vertices, robot.shape.radius

    def after(v: float, omega: float) -> float:
        pose = place.advance(v, omega, ESCAPE_SECONDS)
        return float(body_clearance(*window, pose.x, pose.y, pose.yaw, corners, radius, MARGIN + 0.02))

    def on_the_way(v: float, omega: float) -> float:
        start = place.x, place.y, place.yaw
        return float(sweep_clearance(*window, *start, v, omega, ESCAPE_SECONDS, corners, radius, here - 0.001))

    here = after(0.0, 0.0)
    if after(wanted.v, wanted.omega) > here + 1e-4 and on_the_way(wanted.v, wanted.omega) >= here - 0.001:
        part = min(1.0, robot.creep_speed / max(abs(wanted.v), 1e-6))
        return CommandState(part * wanted.v, part * wanted.omega, part * wanted.a, part * wanted.alpha)
    turn = wanted.omega
    if turn != 0.0 and min(after(0.0, turn), on_the_way(0.0, turn)) >= here - 1e-6:
        return CommandState(0.0, turn, 0.0, wanted.alpha)
    return None


def _brake(before: CommandState, wanted: CommandState, share: float, robot: RobotProfile, dt: float) -> CommandState:
    """Towards ``share`` of ``wanted`` as far as the emergency limits allow in one tick; v and omega fall together."""
    change_v, change_w = share * wanted.v - before.v, share * wanted.omega - before.omega
    reach_v, reach_w = -robot.emergency.ax_min * dt, robot.emergency.az_max * dt
    part = min(1.0, reach_v / max(abs(change_v), 1e-9), reach_w / max(abs(change_w), 1e-9))
    v, omega = before.v + part * change_v, before.omega + part * change_w
    a = _fading(v, part * change_v / dt, robot.limits.jx_max)
    alpha = _fading(omega, part * change_w / dt, robot.limits.jz_max)
    return CommandState(v, omega, a, alpha)


def _fading(speed: float, slope: float, jerk: float) -> float:
    """The slope, but no more than fades at ``jerk`` before it has carried the speed through zero to the other side."""
    most = 0.7 * float(np.sqrt(2.0 * jerk * abs(speed)))
    return float(np.clip(slope, -most, most))
