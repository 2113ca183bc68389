"""The last check: no command leaves whose stopping sweep is blocked in the newest near map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.belief import NearMap
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.motion.model import Bounds
from pavane.planning.reactive.follow import CommandState, approach
from pavane.planning.reactive.kernels import body_clearance, largest_scale, runs_into, sweep_clearance

MARGIN = 0.005  # m of air that every stopping sweep keeps
AIR, CLOSE = 0.1, 0.05  # m that is kept from where something that moves will be, gently and in an emergency
COMES = "something comes into the stopping path"
LATE = 0.1  # s that a scan may be overdue before the robot slows
FADE = 0.35  # s over which it then slows to a stop
REST = 0.005  # m/s; a robot in touch that is no faster may turn without braking hard first
ESCAPE_TURNS, ESCAPE_OMEGA = (0.0, 0.2, -0.2, 0.4, -0.4, 0.8, -0.8), 0.5  # rad that it may turn first, rad/s
WISH = 1e-4  # m/s; less is no wish to drive, but what is left of a speed
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
    the robot, holds the command until the next one can act, and brakes along the same arc. What moves is met where it
    will be by then: no part of the robot goes towards it, but at a snail's pace; it may go away, and stands when it
    cannot. Slow-downs keep the comfort limits while a stop with the emergency limits stays free; only then are those
    used, and the tick is flagged.

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
    into = near.origin.inverse()
    place = into @ at
    comers = np.concatenate([into.transform(near.moving[:, :2]), into.rotate(near.moving[:, 2:])], axis=1)

    def share(state: CommandState, moving: Floats, air: float, brake: float, brake_w: float, seconds: float) -> float:
        return float(
            largest_scale(
                near.solid, near.resolution, moving, air, place.x, place.y, place.yaw, state.v, state.omega, seconds,
                brake, brake_w, shape.vertices, shape.radius, MARGIN, 0.02,
            )
        )  # fmt: skip

    def meets(state: CommandState) -> bool:
        stop = max(abs(state.v) / -robot.emergency.ax_min, abs(state.omega) / robot.emergency.az_max)
        return bool(
            runs_into(
                comers, place.x, place.y, place.yaw, state.v, state.omega, reaction, stop, shape.vertices,
                shape.radius, CLOSE,
            )
        )  # fmt: skip

    age = now - near.stamp
    sight = float(np.clip((blind_after(robot) - age) / FADE, 0.0, 1.0))
    gently = AIR, -limits.ax_min, limits.az_max, reaction - 0.5 * limits.ax_min / limits.jx_max
    comfort = share(wanted, comers, *gently)
    slow, reason = wanted, ""
    if sight < 1.0:
        cap = sight * min(limits.vx_max / max(abs(wanted.v), 1e-6), limits.wz_max / max(abs(wanted.omega), 1e-6))
        comfort, reason = min(comfort, cap), f"scan is {age:.2f} s old"
    if 0.0 <= comfort < 1.0:
        if not reason:
            reason = COMES if share(wanted, comers[:0], *gently) > comfort else "the stopping path is blocked"
        slow = approach(before, comfort * wanted.v, comfort * wanted.omega, bounds, dt)
    hard_brakes = CLOSE, -robot.emergency.ax_min, robot.emergency.az_max, reaction
    hard = share(slow, comers, *hard_brakes)
    if hard >= 1.0:
        return Verdict(slow, False, reason)
    ways = _ways_out(near, place, wanted, before, robot) if hard < 0.0 and sight > 0.0 else iter(())
    out = next((way for way in ways if not meets(way)), None)
    if out is not None:
        if abs(before.v) <= (robot.creep_speed if out.v != 0.0 else REST):
            eased = approach(before, out.v, out.omega, bounds, dt, out.a, out.alpha)
            return Verdict(eased, False, "moving out of a touch")
        return Verdict(_brake(before, out, 1.0, robot, dt), True, "moving out of a touch")
    drives = max(abs(before.v), abs(before.omega)) > 1e-6
    braked = _brake(before, slow, max(hard, 0.0), robot, dt)
    what = "something that moves" if hard >= 0.0 and share(slow, comers[:0], *hard_brakes) > hard else "an obstacle"
    return Verdict(braked, drives, f"{what} is {'too near to slow down gently' if drives else 'in touch'}")


def by_what_moves(reason: str) -> bool:
    """Whether it is something that moves for which the guard gives a reason."""
    return reason.startswith("something")


def _ways_out(
    near: NearMap, place: Pose, wanted: CommandState, before: CommandState, robot: RobotProfile
) -> Iterator[CommandState]:
    """What a robot in touch may do: all that is wanted if that gains clearance, at creep speed at most; or the turn
    alone if that loses none.

    At rest, where driving is wanted, it may also go straight on if that gains, or turn by itself to where it would:
    what it touches is nearer than the planner can tell, and one that has to turn before it can leave is not to be held
    for ever.
    """
    window, corners, radius = (near.solid, near.resolution), robot.shape.vertices, robot.shape.radius

    def clearance(pose: Pose) -> float:
        return float(body_clearance(*window, pose.x, pose.y, pose.yaw, corners, radius, MARGIN + 0.02))

    def on_the_way(v: float, omega: float) -> float:
        start = place.x, place.y, place.yaw
        return float(sweep_clearance(*window, *start, v, omega, ESCAPE_SECONDS, corners, radius, here - 0.001))

    def may_turn(omega: float) -> bool:
        return min(clearance(place.advance(0.0, omega, ESCAPE_SECONDS)), on_the_way(0.0, omega)) >= here - 1e-6

    here = clearance(place)
    gains = clearance(place.advance(wanted.v, wanted.omega, ESCAPE_SECONDS)) > here + 1e-4
    part = min(1.0, robot.creep_speed / max(abs(wanted.v), 1e-6))
    if gains and on_the_way(wanted.v, wanted.omega) >= here - 0.001:
        yield CommandState(part * wanted.v, part * wanted.omega, part * wanted.a, part * wanted.alpha)
    if abs(wanted.v) > WISH and abs(before.v) <= REST:
        creep = float(np.copysign(robot.creep_speed, wanted.v))
        for turn in ESCAPE_TURNS:
            aside = Pose(place.x, place.y, place.yaw + turn)
            if clearance(aside.advance(creep, 0.0, ESCAPE_SECONDS)) > here + 1e-4:
                omega = float(np.copysign(ESCAPE_OMEGA, turn))
                if turn == 0.0 and on_the_way(creep, 0.0) >= here - 0.001:
                    yield CommandState(part * wanted.v, 0.0, part * wanted.a)
                elif turn != 0.0 and may_turn(omega):
                    yield CommandState(0.0, omega)
    if wanted.omega != 0.0 and may_turn(wanted.omega):
        yield CommandState(0.0, wanted.omega, 0.0, wanted.alpha)


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
