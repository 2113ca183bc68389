"""The last check: no command leaves whose stopping sweep is blocked in the newest near map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Bools, Floats
from pavane.core.belief import NearMap
from pavane.core.geometry import Footprint, Pose
from pavane.core.robot import RobotProfile
from pavane.motion.model import Bounds
from pavane.planning.reactive.follow import CommandState, approach
from pavane.planning.reactive.kernels import body_clearance, largest_scale, runs_into, sweep_clearance

MARGIN = 0.005  # m of air that every stopping sweep keeps
AIR, CLOSE = 0.1, 0.05  # m that is kept from where something that moves will be, gently and in an emergency
COMES, BLOCKED = "something comes into the stopping path", "the stopping path is blocked"
TOUCH = "moving out of a touch"
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


class Proposal(NamedTuple):
    """A command that is to be checked, and when and where it acts.

    Args:
        wanted: what follow asks for.
        before: the command of the previous tick.
        at: predicted pose in ``map`` when the command takes effect.
        now: time of the tick, s.
        dt: time between ticks, s.
        reaction: how long the command is held before a brake can act: until the next tick, and the base's lag, s.
    """

    wanted: CommandState
    before: CommandState
    at: Pose
    now: float
    dt: float
    reaction: float


def blind_after(robot: RobotProfile) -> float:
    """Return the age of the newest scan, s, at which the robot has been slowed to a stop."""
    return robot.latency.scan + 1.0 / robot.lidar.rate + LATE + FADE


def guard(near: NearMap, proposal: Proposal, robot: RobotProfile, bounds: Bounds) -> Verdict:
    """Let a command through, or the largest share of it whose stopping sweep is free, or brake.

    The sweep of a command starts where the commands already in the dead time will have brought the robot, holds the
    command until the next one can act, and brakes along the same arc. What moves is met where it will be by then: no
    part of the robot goes towards it, but at a snail's pace; it may go away, and stands when it cannot. Slow-downs keep
    the comfort limits while a stop with the emergency limits stays free; only then are those used, and the tick is
    flagged.

    Args:
        near: the newest near map.
        proposal: the command that is wanted, and when and where it acts.
        robot: outline, emergency limits.
        bounds: comfort limits.
    """
    wanted, before, dt = proposal.wanted, proposal.before, proposal.dt
    sweeps = _Sweeps.of(near, proposal.at, robot.shape)
    sight = min(max((blind_after(robot) - (proposal.now - near.stamp)) / FADE, 0.0), 1.0)
    slow, reason = _slowed(sweeps, proposal, robot, bounds, sight)
    hard = _Stopping(CLOSE, -robot.emergency.ax_min, robot.emergency.az_max, proposal.reaction)
    free = sweeps.free_share(slow, hard)
    if free >= 1.0:
        return Verdict(slow, False, reason)
    if free < 0.0 and sight > 0.0:
        ways = _ways_out(sweeps, wanted, before, robot.creep_speed)
        out = next((way for way in ways if not sweeps.run_into(way, hard)), None)
        if out is not None:
            if abs(before.v) <= (robot.creep_speed if out.v != 0.0 else REST):
                return Verdict(approach(before, out.v, out.omega, bounds, dt, out.a, out.alpha), False, TOUCH)
            return Verdict(_brake(before, out, 1.0, robot, dt), True, TOUCH)
    drives = max(abs(before.v), abs(before.omega)) > 1e-6
    braked = _brake(before, slow, max(free, 0.0), robot, dt)
    moves = free >= 0.0 and sweeps.free_share(slow, hard, as_if_still=True) > free
    what = "something that moves" if moves else "an obstacle"
    return Verdict(braked, drives, f"{what} is {'too near to slow down gently' if drives else 'in touch'}")


def by_what_moves(reason: str) -> bool:
    """Return whether it is something that moves for which the guard gives a reason."""
    return reason.startswith("something")


class _Stopping(NamedTuple):
    """How a command is braked, and the air that is kept from what moves."""

    air: float  # m
    brake: float  # m/s^2
    brake_w: float  # rad/s^2
    reaction: float  # s that the command is held before


class _Sweeps(NamedTuple):
    """The near map from the place where a command takes effect, in the axes of its window."""

    window: tuple[Bools, float]  # solid cells, and their edge, m
    moving: Floats  # (M, 4) x, y, vx, vy
    stamp: float  # of the newest scan, s
    pose: Pose
    shape: tuple[Floats, float]  # corners and radius of the outline

    @classmethod
    def of(cls, near: NearMap, at: Pose, outline: Footprint) -> _Sweeps:
        into = near.origin.inverse()
        moving = np.concatenate([into.transform(near.moving[:, :2]), into.rotate(near.moving[:, 2:])], axis=1)
        return cls((near.solid, near.resolution), moving, near.stamp, into @ at, (outline.vertices, outline.radius))

    def free_share(self, command: CommandState, stopping: _Stopping, *, as_if_still: bool = False) -> float:
        """Return the largest share of a command that leaves a free way to stop; -1 if not even standing is free."""
        moving = self.moving[:0] if as_if_still else self.moving
        arc = command.v, command.omega
        return float(largest_scale(self.window, moving, _plain(self.pose), arc, self.shape, (MARGIN, *stopping), 0.02))

    def run_into(self, command: CommandState, stopping: _Stopping) -> bool:
        """Return whether a command runs into what moves before the robot rests."""
        stop = max(abs(command.v) / stopping.brake, abs(command.omega) / stopping.brake_w)
        arc = command.v, command.omega
        pose = _plain(self.pose)
        return bool(runs_into(self.moving, pose, arc, stopping.reaction, stop, self.shape, stopping.air))

    def clearance(self, pose: Pose) -> float:
        """Return the clearance at a pose, m, no more than what matters to a robot in touch."""
        return float(body_clearance(self.window, _plain(pose), self.shape, MARGIN + 0.02))

    def least_clearance(self, v: float, omega: float, enough: float) -> float:
        """Return the least clearance of a way out of a touch, m, or one below ``enough``."""
        return float(sweep_clearance(self.window, _plain(self.pose), (v, omega), ESCAPE_SECONDS, self.shape, enough))


def _plain(pose: Pose) -> tuple[float, float, float]:
    return pose.x, pose.y, pose.yaw


def _slowed(
    sweeps: _Sweeps, proposal: Proposal, robot: RobotProfile, bounds: Bounds, sight: float
) -> tuple[CommandState, str]:
    """Return the wanted command, or one slowed within the comfort limits towards what is free and seen; and why.

    Args:
        sweeps: what is near.
        proposal: the command that is wanted.
        robot: its limits.
        bounds: likewise.
        sight: share of full speed that the age of the scan allows.
    """
    wanted, limits = proposal.wanted, robot.limits
    gentle = _Stopping(AIR, -limits.ax_min, limits.az_max, proposal.reaction - 0.5 * limits.ax_min / limits.jx_max)
    free, reason = sweeps.free_share(wanted, gentle), ""
    if sight < 1.0:
        cap = sight * min(limits.vx_max / max(abs(wanted.v), 1e-6), limits.wz_max / max(abs(wanted.omega), 1e-6))
        free, reason = min(free, cap), f"scan is {proposal.now - sweeps.stamp:.2f} s old"
    if not 0.0 <= free < 1.0:
        return wanted, reason
    if not reason:
        reason = COMES if sweeps.free_share(wanted, gentle, as_if_still=True) > free else BLOCKED
    return approach(proposal.before, free * wanted.v, free * wanted.omega, bounds, proposal.dt), reason


def _ways_out(
    sweeps: _Sweeps, wanted: CommandState, before: CommandState, creep_speed: float
) -> Iterator[CommandState]:
    """Yield what a robot in touch may do: all that is wanted if that gains clearance, or its turn if none is lost.

    It goes at creep speed at most. At rest, where driving is wanted, it may also go straight on if that gains, or turn
    by itself to where it would: what it touches is nearer than the planner can tell, and one that has to turn before it
    can leave is not to be held for ever.

    Args:
        sweeps: what is near.
        wanted: what follow asks for.
        before: the command of the previous tick.
        creep_speed: m/s.
    """
    place = sweeps.pose
    here = sweeps.clearance(place)

    def may_turn(omega: float) -> bool:
        aside = sweeps.clearance(place.advance(0.0, omega, ESCAPE_SECONDS))
        return min(aside, sweeps.least_clearance(0.0, omega, here - 0.001)) >= here - 1e-6

    gains = sweeps.clearance(place.advance(wanted.v, wanted.omega, ESCAPE_SECONDS)) > here + 1e-4
    part = min(1.0, creep_speed / max(abs(wanted.v), 1e-6))
    if gains and sweeps.least_clearance(wanted.v, wanted.omega, here - 0.001) >= here - 0.001:
        yield CommandState(part * wanted.v, part * wanted.omega, part * wanted.a, part * wanted.alpha)
    if abs(wanted.v) > WISH and abs(before.v) <= REST:
        creep = float(np.copysign(creep_speed, wanted.v))
        for turn in ESCAPE_TURNS:
            aside = Pose(place.x, place.y, place.yaw + turn)
            if sweeps.clearance(aside.advance(creep, 0.0, ESCAPE_SECONDS)) > here + 1e-4:
                omega = float(np.copysign(ESCAPE_OMEGA, turn))
                if turn == 0.0 and sweeps.least_clearance(creep, 0.0, here - 0.001) >= here - 0.001:
                    yield CommandState(part * wanted.v, 0.0, part * wanted.a)
                elif turn != 0.0 and may_turn(omega):
                    yield CommandState(0.0, omega)
    if wanted.omega != 0.0 and may_turn(wanted.omega):
        yield CommandState(0.0, wanted.omega, 0.0, wanted.alpha)


def _brake(before: CommandState, wanted: CommandState, share: float, robot: RobotProfile, dt: float) -> CommandState:
    """Return the command towards a share of another, as far as the emergency limits allow; v and omega fall together.

    Args:
        before: the command of the previous tick.
        wanted: the other.
        share: of it.
        robot: its emergency limits.
        dt: time between ticks, s.
    """
    change_v, change_w = share * wanted.v - before.v, share * wanted.omega - before.omega
    reach_v, reach_w = -robot.emergency.ax_min * dt, robot.emergency.az_max * dt
    part = min(1.0, reach_v / max(abs(change_v), 1e-9), reach_w / max(abs(change_w), 1e-9))
    v, omega = before.v + part * change_v, before.omega + part * change_w
    a = _fading(v, part * change_v / dt, robot.limits.jx_max)
    alpha = _fading(omega, part * change_w / dt, robot.limits.jz_max)
    return CommandState(v, omega, a, alpha)


def _fading(speed: float, slope: float, jerk: float) -> float:
    """Return the slope, or what of it fades at ``jerk`` before it has carried the speed through zero."""
    most = 0.7 * float(np.sqrt(2.0 * jerk * abs(speed)))
    return float(np.clip(slope, -most, most))
