"""What a robot's brakes, latencies and sensors allow, in plain numbers: ``pavane profile check``.

The figures are computed from distances, straight ahead, not by running the guard. They are never optimistic: as the
guard does, they keep a circle around the whole outline inside its window, wherever the window's cells fall, and count
the time from the lidar's look on. The guard itself lets a little more pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from pavane.core.robot import RobotProfile

NEAR_HALF = 1.0  # m from the middle of the guard's 2 x 2 m window to its edge
NEAR_SPARE = 0.03  # m: the base stands up to a cell of 2.5 cm off the middle, and the guard keeps a margin of 5 mm
LOCAL_HALF = 3.0  # m from the base origin to the edge of the planner's 6 x 6 m window
TICK = 0.02  # s between two looks of the guard, 50 Hz


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """How fast a robot can be driven, and why not faster; speeds in m/s, distances in m.

    Args:
        name: the profile's name.
        vx_max: the top speed that the profile asks for.
        reaction_time: sensed by the lidar -> felt by the wheels, through the guard, s.
        comfort_stop: distance to stop from vx_max within the comfort limits (jerk-limited), after the reaction.
        emergency_stop: the same with emergency braking.
        room: from the circle around the outline to the edge of the guard's window.
        comfort_speed: fastest speed at which reaction and comfortable stop fit into the room.
        emergency_speed: fastest speed at which reaction and emergency stop fit into it: the guard allows at least that.
        sensing_range: how far from the outline's front the local planner sees, straight ahead.
        sensing_speed: fastest speed at which what the planner sees last leaves it time for a comfortable stop.
        turn_at_vx_max: yaw rate that the wheels have left at vx_max, rad/s.
        has_screen: whether there is a screen to plan for.
        warnings: what the profile's writer should know, one sentence each.
    """

    name: str
    vx_max: float
    reaction_time: float
    comfort_stop: float
    emergency_stop: float
    room: float
    comfort_speed: float
    emergency_speed: float
    sensing_range: float
    sensing_speed: float
    turn_at_vx_max: float
    has_screen: bool
    warnings: tuple[str, ...]

    def to_lines(self) -> list[str]:
        """Return the report as lines of text for a terminal."""
        reaction = self.vx_max * self.reaction_time
        lines = [
            f"{self.name}: top speed {self.vx_max:.2f} m/s",
            f"  reaction, lidar to wheels      {self.reaction_time:.2f} s  ({reaction:.2f} m at top speed)",
            f"  then stops comfortably in      {self.comfort_stop:.2f} m",
            f"  then stops in an emergency in  {self.emergency_stop:.2f} m",
            f"  room in the guard's window     {self.room:.2f} m around the outline, which allows",
            f"    with comfortable braking     {self.comfort_speed:.2f} m/s",
            f"    with emergency braking       {self.emergency_speed:.2f} m/s",
            f"  the planner sees ahead         {self.sensing_range:.2f} m, which allows {self.sensing_speed:.2f} m/s",
            f"  the wheels leave for turning   {self.turn_at_vx_max:.2f} rad/s at top speed",
            f"  screen                         {'planned' if self.has_screen else 'none: nothing to plan for'}",
        ]
        return lines + [f"  note: {warning}" for warning in self.warnings]


def check_profile(profile: RobotProfile) -> ProfileReport:
    """Work out what a profile's brakes, latencies and sensors allow."""
    limits, latency, wheels = profile.limits, profile.latency, profile.wheels
    front = float(profile.shape.vertices[:, 0].max()) + profile.shape.radius
    reaction = latency.scan + TICK + latency.actuation_delay
    planned = latency.perception + latency.planning + latency.actuation_delay
    room = NEAR_HALF - NEAR_SPARE - profile.shape.circumscribed_radius
    sensing = min(LOCAL_HALF, profile.lidar.x + profile.lidar.range_max) - front

    def comfort(v: float) -> float:
        return jerk_limited_stop(v, -limits.ax_min, limits.jx_max)

    def emergency(v: float) -> float:
        return v * v / (2.0 * -profile.emergency.ax_min)

    report = ProfileReport(
        name=profile.name,
        vx_max=limits.vx_max,
        reaction_time=reaction,
        comfort_stop=comfort(limits.vx_max),
        emergency_stop=emergency(limits.vx_max),
        room=room,
        comfort_speed=_fastest(comfort, reaction, room),
        emergency_speed=_fastest(emergency, reaction, room),
        sensing_range=sensing,
        sensing_speed=_fastest(comfort, planned, sensing),
        turn_at_vx_max=min(limits.wz_max, (wheels.speed_max - limits.vx_max) * 2.0 / wheels.track_width),
        has_screen=profile.screen is not None,
        warnings=(),
    )
    return _with_warnings(report, profile)


def jerk_limited_stop(v: float, a: float, j: float) -> float:
    """Return the distance in which v (m/s) comes to rest with deceleration up to a (m/s^2) and jerk j (m/s^3).

    The deceleration rises, stays, and falls to zero as the robot comes to rest. The speed is then symmetric about its
    half, so the distance is v/2 times the duration: v/a + a/j, or 2 sqrt(v/j) when a is never reached.
    """
    duration = v / a + a / j if v * j >= a * a else 2.0 * math.sqrt(v / j)
    return 0.5 * v * duration


def _fastest(stop: Callable[[float], float], reaction: float, room: float) -> float:
    """Return the largest speed in m/s, at most 20, from which reaction and stop fit into the room; 0 if none does."""
    low, high = 0.0, 20.0
    for _ in range(50):
        v = 0.5 * (low + high)
        low, high = (v, high) if v * reaction + stop(v) <= room else (low, v)
    return low


def _with_warnings(report: ProfileReport, profile: RobotProfile) -> ProfileReport:
    limits, lidar = profile.limits, profile.lidar
    notes = []
    if report.vx_max > report.emergency_speed:
        notes.append(f"the guard may hold the robot to {report.emergency_speed:.2f} m/s: it cannot stop faster.")
    elif report.vx_max > report.comfort_speed:
        notes.append(f"above {report.comfort_speed:.2f} m/s a surprise may need more than comfortable braking.")
    if report.vx_max > report.sensing_speed:
        notes.append(f"above {report.sensing_speed:.2f} m/s the planner learns of things too late to stop in comfort.")
    if report.turn_at_vx_max < limits.wz_max - 1e-9:
        notes.append(
            f"at top speed the wheels leave {report.turn_at_vx_max:.2f} of {limits.wz_max:.2f} rad/s for turning; "
            "|v| + |omega| * track_width / 2 stays below wheels.speed_max."
        )
    if 1.0 / lidar.rate > report.reaction_time:
        notes.append(f"the lidar looks every {1.0 / lidar.rate:.2f} s: what moves is seen up to that much later.")
    if not _sees(profile, 0.0):
        notes.append("the lidar does not look straight ahead; check lidar.yaw_deg and lidar.field_of_view_deg.")
    if limits.vx_min < 0.0 and not profile.sees_behind:
        notes.append(f"the lidar does not see behind: reverse is held to creep_speed = {profile.creep_speed:.2f} m/s.")
    if profile.detector is None:
        notes.append("no person detector: people are avoided as things that do not move.")
    values = {field: getattr(report, field) for field in ProfileReport.__slots__}
    return ProfileReport(**values | {"warnings": tuple(notes)})


def _sees(profile: RobotProfile, direction: float) -> bool:
    """Return whether the lidar's field of view holds a direction (rad) of the base frame."""
    lidar = profile.lidar
    return abs(math.remainder(direction - lidar.mount.yaw, 2.0 * math.pi)) <= 0.5 * lidar.field_of_view + 1e-9
