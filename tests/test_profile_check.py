import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.core.belief import NearMap
from pavane.core.geometry import Pose
from pavane.core.profile_check import ProfileReport, check_profile, jerk_limited_stop
from pavane.core.robot import RobotProfile, stock_profiles
from pavane.motion.limits import bounds
from pavane.planning.reactive import CommandState, Proposal, guard

ASTRO = RobotProfile.load("astro_like")


def with_limits(profile: RobotProfile, **changes: float) -> RobotProfile:
    return msgspec.structs.replace(profile, limits=msgspec.structs.replace(profile.limits, **changes))


def test_astro_by_hand() -> None:
    """On paper from v 1.0, a 1.2, j 5.0, emergency 2.5, front 0.212, farthest corner (0.212, 0.07)."""
    report = check_profile(ASTRO)
    assert report.reaction_time == pytest.approx(0.05 + 0.02 + 0.08 + 0.04)
    assert report.comfort_stop == pytest.approx(0.5 * (1.0 / 1.2 + 1.2 / 5.0))  # 0.537
    assert report.emergency_stop == pytest.approx(1.0 / 5.0)
    assert report.room == pytest.approx(
        1.0 - 0.025 - 0.005 - 0.223258, abs=1e-6
    )  # 0.746742: a cell, the margin, the circle
    assert report.emergency_speed == pytest.approx(2.5 * (math.sqrt(0.19**2 + 2 * 0.746742 / 2.5) - 0.19))  # 1.515
    assert report.comfort_speed == pytest.approx(1.0174, abs=1e-4)  # v^2/2.4 + v (0.19 + 0.12) = 0.746742
    assert report.sensing_range == pytest.approx(3.0 - 0.212)  # the 6 x 6 m window ends before the lidar does
    assert report.turn_at_vx_max == pytest.approx(0.2 * 2 / 0.22)  # 1.82 of 1.9 rad/s
    assert report.has_screen
    assert [w.split(",")[0].split(":")[0] for w in report.warnings] == [
        "at top speed the wheels leave 1.82 of 1.90 rad/s for turning; |v| + |omega| * track_width / 2 stays below "
        "wheels.speed_max.",
        "the lidar does not see behind",
    ]


def test_jackal_by_hand() -> None:
    """A rectangle of 0.508 x 0.430 m: the circle through its corners counts, not its front, as in the guard."""
    report = check_profile(RobotProfile.load("jackal"))
    assert report.reaction_time == pytest.approx(0.04 + 0.02 + 0.06 + 0.08)
    assert report.room == pytest.approx(0.97 - 0.332778, abs=1e-6)  # 0.637222
    assert report.emergency_speed == pytest.approx(1.4453, abs=1e-4)  # v^2 / 6 + 0.2 v = 0.637222
    assert report.comfort_speed == pytest.approx(1.0105, abs=1e-4)  # v^2 / 3 + v (0.2 + 1.5 / 16) = 0.637222


@pytest.mark.parametrize("name", stock_profiles())
@pytest.mark.parametrize("offset", [0.0, 0.012, 0.0249])
def test_the_guard_lets_through_what_the_report_promises(name: str, offset: float) -> None:
    """Along an axis of an empty window, wherever in its middle cell the base stands, and a little old odometry."""
    profile = RobotProfile.load(name)
    report = check_profile(profile)
    fast = msgspec.structs.replace(profile, wheels=msgspec.structs.replace(profile.wheels, speed_max=6.0))
    fast = with_limits(fast, vx_max=4.0)
    gone = profile.latency.actuation + 0.02
    near = NearMap(np.zeros((80, 80), np.bool_), 0.025, Pose(-1.0 - offset, -1.01), 0.0)
    for speed, comfortable in ((report.emergency_speed, False), (report.comfort_speed, True)):
        state = CommandState(speed)
        at = Pose(speed * gone, 0.0)
        reaction = 0.02 + fast.latency.actuation_lag
        verdict = guard(near, Proposal(state, state, at, 0.0, 0.02, reaction), fast, bounds(fast))
        assert not verdict.emergency
        assert verdict.state.v == speed or not comfortable


@given(st.floats(0.01, 5.0), st.floats(0.1, 5.0), st.floats(0.2, 50.0))
def test_jerk_limited_stop_against_simulation(v: float, a: float, j: float) -> None:
    peak = min(a, math.sqrt(v * j))  # deceleration actually reached
    duration = v / peak + peak / j
    time = (np.arange(20_000) + 0.5) * duration / 20_000
    deceleration = np.minimum(np.minimum(j * time, j * (duration - time)), peak)
    speed = v - np.cumsum(deceleration) * duration / 20_000
    assert speed[-1] == pytest.approx(0.0, abs=1e-3 * v)
    assert jerk_limited_stop(v, a, j) == pytest.approx(speed.mean() * duration, rel=2e-3)


@pytest.mark.parametrize("name", stock_profiles())
def test_the_speeds_fill_the_room_exactly(name: str) -> None:
    profile = RobotProfile.load(name)
    report = check_profile(profile)
    v = report.emergency_speed
    assert v * report.reaction_time + v * v / (2 * -profile.emergency.ax_min) == pytest.approx(report.room, abs=1e-6)
    v = report.comfort_speed
    stop = jerk_limited_stop(v, -profile.limits.ax_min, profile.limits.jx_max)
    assert v * report.reaction_time + stop == pytest.approx(report.room, abs=1e-6)
    assert report.comfort_speed <= report.emergency_speed
    assert report.vx_max <= report.emergency_speed, "a stock robot must be able to drive at its own top speed"


def warns(report: ProfileReport, words: str) -> bool:
    return any(words in warning for warning in report.warnings)


def test_warnings_name_what_is_wrong() -> None:
    fast_wheels = msgspec.structs.replace(ASTRO, wheels=msgspec.structs.replace(ASTRO.wheels, speed_max=4.0))
    assert not warns(check_profile(fast_wheels), "wheels leave")
    assert warns(check_profile(with_limits(fast_wheels, vx_max=1.2)), "more than comfortable braking")
    assert warns(check_profile(with_limits(fast_wheels, vx_max=3.0)), "the guard may hold the robot to 1.51 m/s")
    assert warns(check_profile(with_limits(fast_wheels, vx_max=3.0)), "the planner learns of things too late")
    assert warns(check_profile(RobotProfile.load("turtlebot3_burger")), "no person detector")
    slow = msgspec.structs.replace(ASTRO, lidar=msgspec.structs.replace(ASTRO.lidar, rate=2.0))
    assert warns(check_profile(slow), "every 0.50 s")
    behind = msgspec.structs.replace(ASTRO, lidar=msgspec.structs.replace(ASTRO.lidar, yaw_deg=180.0))
    assert warns(check_profile(behind), "does not look straight ahead")
    all_round = msgspec.structs.replace(ASTRO, lidar=msgspec.structs.replace(ASTRO.lidar, field_of_view_deg=340.0))
    assert not warns(check_profile(all_round), "does not see behind")
    assert not warns(check_profile(with_limits(ASTRO, vx_min=0.0)), "does not see behind")


def test_a_short_sighted_lidar_lowers_the_sensing_speed() -> None:
    near = msgspec.structs.replace(ASTRO, lidar=msgspec.structs.replace(ASTRO.lidar, range_max=1.0))
    report = check_profile(near)
    assert report.sensing_range == pytest.approx(0.15 + 1.0 - 0.212)
    v, delay = report.sensing_speed, 0.30 + 0.05 + 0.12
    assert v * delay + jerk_limited_stop(v, 1.2, 5.0) == pytest.approx(report.sensing_range, abs=1e-6)


def test_lines_are_for_people() -> None:
    lines = check_profile(ASTRO).to_lines()
    assert lines[0] == "astro_like: top speed 1.00 m/s"
    assert any("0.54 m" in line for line in lines)
    assert any("planned" in line for line in lines)
    assert any("none: nothing to plan for" in line for line in check_profile(RobotProfile.load("jackal")).to_lines())
    assert all("\n" not in line for line in lines)
