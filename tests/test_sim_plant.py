"""The plant: dead time, lag, limits, contacts with walls."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pavane.core.errors import BadGoal, BadMessage
from pavane.core.geometry import Pose
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.sim import PlantSettings, World, WorldSettings
from pavane.sim.plant import Plant
from sim_scenes import ROBOT, hold, room

MIDDLE = Pose(3.0, 2.0, 0.4)


def test_dead_time_then_first_order_lag():
    world = World(room(), ROBOT, MIDDLE, seed=0, settings=WorldSettings(plant=PlantSettings(dead_time=0.083, lag=0.05)))
    world.send(Command(0.0, 0.08, 0.3))
    world.advance(0.08)
    assert world.truth.v == 0.0 and world.truth.pose == MIDDLE
    world.advance(0.083 + 0.10)
    assert world.truth.v == pytest.approx(0.08 * (1 - math.exp(-2.0)), rel=1e-9)
    assert world.truth.omega == pytest.approx(0.3 * (1 - math.exp(-2.0)), rel=1e-9)


def test_commands_keep_their_stamps_whenever_they_are_handed_in():
    one, two = (World(room(), ROBOT, MIDDLE, seed=0) for _ in range(2))
    commands = [Command(0.02 * k, 0.1 * math.sin(k), 0.2) for k in range(20)]
    for command in reversed(commands):
        one.send(command)
    one.advance(1.0)
    for command in commands:
        two.advance(command.stamp)
        two.send(command)
    two.advance(1.0)
    assert one.truth.pose.distance(two.truth.pose) < 1e-12


def test_distance_driven_is_the_integral_of_the_speed():
    world = World(room(), ROBOT, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 0.1, 0.0, 4.0)
    latency = ROBOT.latency
    assert world.truth.pose.x - 1.0 == pytest.approx(0.1 * (4.0 - latency.actuation_delay), abs=1e-9)


def test_gains_and_wheel_limit():
    gains = WorldSettings(plant=PlantSettings(speed_gain=0.9, turn_gain=1.1))
    world = World(room(), ROBOT, MIDDLE, seed=0, settings=gains)
    hold(world, 0.2, 0.4, 1.5)
    assert world.truth.v == pytest.approx(0.18, rel=1e-6) and world.truth.omega == pytest.approx(0.44, rel=1e-6)
    spinning = World(room(), ROBOT, MIDDLE, seed=0)
    hold(spinning, 0.0, 50.0, 4.0)
    assert spinning.truth.omega * ROBOT.wheels.track_width / 2 == pytest.approx(ROBOT.wheels.speed_max, rel=1e-6)


def test_no_command_stops_the_robot_faster_than_its_emergency_brake():
    world = World(room(), ROBOT, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 1.0, 0.0, 2.0)
    world.send(Command(world.time, 0.0, 0.0))
    speeds = []
    for _ in range(100):
        world.advance(world.time + 0.005)
        speeds.append(world.truth.v)
    assert np.diff(speeds).min() / 0.005 >= ROBOT.emergency.ax_min - 1e-9


def test_the_screen_keeps_its_limits_and_arrives():
    world = World(room(), ROBOT, MIDDLE, seed=0)
    screen = ROBOT.screen
    assert screen is not None
    world.send(Command(0.0, 0.0, 0.0, pan=9.0))
    pans = []
    for _ in range(800):
        world.advance(world.time + 0.005)
        pans.append(world.truth.pan)
    rates = np.diff(pans) / 0.005
    assert pans[-1] == pytest.approx(screen.pan_limit, abs=1e-3)
    assert np.abs(rates).max() <= screen.rate_max * 1.001
    assert max(pans) <= screen.pan_limit + 1e-9


def test_commands_that_are_not_finite_are_refused():
    with pytest.raises(BadMessage):
        World(room(), ROBOT, MIDDLE, seed=0).send(Command(0.0, math.nan, 0.0))


def test_a_start_in_the_wall_is_refused():
    with pytest.raises(BadGoal):
        World(room(), ROBOT, Pose(0.1, 2.0), seed=0)


def test_the_wall_stops_the_robot_once_and_lets_it_go_again():
    world = World(room(), ROBOT, Pose(1.0, 2.0, math.pi), seed=0)
    hold(world, 1.0, 0.0, 4.0)
    assert [c.kind for c in world.contacts] == ["wall"]
    contact = world.contacts[0]
    assert contact.robot_speed > 0.9 and contact.caused_by_robot and contact.index == -1
    assert 0.17 <= world.truth.pose.x < 0.175
    hold(world, -0.3, 0.0, world.time + 2.0)
    assert world.truth.pose.x > 0.5
    hold(world, 0.3, 0.0, world.time + 4.0)
    assert len(world.contacts) == 2


@settings(max_examples=25, deadline=None)
@given(x=st.floats(0.4, 5.6), y=st.floats(0.4, 3.6), yaw=st.floats(-3.1, 3.1), omega=st.floats(-1.0, 1.0))
def test_no_robot_ends_in_a_wall(x, y, yaw, omega):
    home = room()
    home.grid.data[40:43, 40:43] = 1  # a thin leg of a table
    for robot in (ROBOT, RobotProfile.load("astro_like")):
        try:
            world = World(home, robot, Pose(x, y, yaw), seed=0)
        except BadGoal:
            continue
        hold(world, 1.0, omega, 6.0)
        pose = world.truth.pose
        corners = np.argwhere(home.solid)[:, ::-1] * 0.05 - 0.05
        grid = np.stack(np.meshgrid([0.0, 0.025, 0.05], [0.0, 0.025, 0.05]), axis=-1).reshape(-1, 2)
        points = (corners[:, None] + grid).reshape(-1, 2)
        assert robot.shape.signed_distance(pose.inverse().transform(points)).min() >= -1e-9


def test_thin_walls_cannot_be_tunnelled_at_top_speed():
    home = room()
    home.grid.data[:, 60] = 1
    fast = msgspec.structs.replace(ROBOT, wheels=msgspec.structs.replace(ROBOT.wheels, speed_max=5.0))
    world = World(home, fast, Pose(1.0, 2.0, 0.0), seed=0)
    hold(world, 5.0, 0.0, 5.0)
    assert world.truth.pose.x < 2.95 - 0.17 + 1e-9


# -- what differs from the profile -------------------------------------------------------------------------------------


def plant_of(**settings):
    return Plant(ROBOT, PlantSettings(**settings), Pose(0.0, 0.0), np.random.default_rng(4))


def run_plant(plant, command, seconds, grip=1.0, step=0.005):
    """States (v, omega true; v, omega of the encoders) after each step of one command, sent at its start."""
    plant.send(command)
    rows = []
    for k in range(round(seconds / step)):
        plant.obey(command.stamp + k * step)
        plant.accept(plant.propose(step, grip), step)
        rows.append((plant.v, plant.omega, *plant.wheels))
    return np.array(rows)


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.floats(0.001, 2.0), min_size=1, max_size=12), v=st.floats(-0.3, 1.0), omega=st.floats(-2.0, 2.0)
)
def test_how_the_time_is_cut_changes_nothing(cuts, v, omega):
    """In comfort, where no limit of acceleration binds, the response is exact for any step."""
    gentle = Command(0.0, 0.15 * v, 0.15 * omega)
    once, cut = (World(room(), ROBOT, MIDDLE, seed=0) for _ in range(2))
    once.send(gentle)
    cut.send(gentle)
    once.advance(2.0)
    for time in sorted(cuts):
        cut.advance(time)
    cut.advance(2.0)
    assert once.truth.v == pytest.approx(cut.truth.v, abs=1e-9)
    assert once.truth.pose.distance(cut.truth.pose) < 1e-8


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 199), min_size=1, max_size=12), v=st.floats(-0.3, 1.0), omega=st.floats(-2.0, 2.0))
def test_time_cut_at_the_worlds_ticks_gives_the_same_bits(cuts, v, omega):
    """Whatever is commanded, limits that bind included."""
    once, cut = (World(room(), ROBOT, MIDDLE, seed=0) for _ in range(2))
    for world in (once, cut):
        world.send(Command(0.0, v, omega))
    once.advance(1.0)
    for tick in sorted(cuts):
        cut.advance(0.005 * tick)
    cut.advance(1.0)
    assert once.truth.pose == cut.truth.pose
    assert (once.truth.v, once.truth.omega) == (cut.truth.v, cut.truth.omega)


RANDOM = {
    "dead_time": st.floats(0.0, 0.5), "lag": st.floats(0.0, 0.5), "dead_time_jitter": st.floats(0.0, 0.1),
    "speed_gain": st.floats(0.5, 2.0), "turn_gain": st.floats(0.5, 2.0), "deadband": st.floats(0.0, 0.1),
    "left_scale": st.floats(0.9, 1.1), "right_scale": st.floats(0.9, 1.1), "track_scale": st.floats(0.9, 1.1),
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(given=st.fixed_dictionaries(RANDOM), v=st.floats(-3.0, 3.0), omega=st.floats(-9.0, 9.0))
def test_limits_hold_and_energy_comes_from_the_motors_alone(given, v, omega):
    plant = plant_of(**given)
    rows = run_plant(plant, Command(0.0, v, omega), 2.0)
    coasting = run_plant(plant, Command(2.0, 0.0, 0.0), 3.0)
    half, wheels, emergency = 0.5 * ROBOT.wheels.track_width, ROBOT.wheels, ROBOT.emergency
    for states in (rows, coasting):
        rims = np.abs(states[:, 2]) + half * np.abs(states[:, 3])
        assert rims.max() <= wheels.speed_max + 1e-9
        assert np.abs(np.diff(states[:, 2])).max() <= -emergency.ax_min * 0.005 + 1e-9
        assert np.abs(np.diff(states[:, 3])).max() <= emergency.az_max * 0.005 + 1e-9
    # a disc of unit mass: the motors give no more than their acceleration times the speed
    inertia = 0.5 * 0.17**2
    energy = 0.5 * rows[:, 2] ** 2 + 0.5 * inertia * rows[:, 3] ** 2
    power = -emergency.ax_min * np.abs(rows[1:, 2]) + inertia * emergency.az_max * np.abs(rows[1:, 3])
    assert (np.diff(energy) <= power * 0.005 + 1e-12).all()
    after = coasting[round((given["dead_time"] + 1.0) / 0.005) :]  # what the first command leaves has arrived
    energy = 0.5 * after[:, 2] ** 2 + 0.5 * inertia * after[:, 3] ** 2
    assert (np.diff(energy) <= 1e-12).all()


def test_below_the_deadband_a_wheel_sticks():
    rows = run_plant(plant_of(deadband=0.05), Command(0.0, 0.04, 0.0), 1.0)
    assert not rows.any()
    half = 0.5 * ROBOT.wheels.track_width
    one_sticks = run_plant(plant_of(deadband=0.05), Command(0.0, 0.06, 0.03 / half), 2.0)
    assert one_sticks[-1, 0] == pytest.approx(0.045, abs=1e-6)  # left 0.03 sticks, right 0.09 turns


@pytest.mark.parametrize(("left", "right"), [(1.0, 1.05), (0.9, 1.0), (0.95, 0.95)])
def test_wheels_of_unequal_size_bend_the_way_and_odometry_does_not_see_it(left, right):
    plant = plant_of(left_scale=left, right_scale=right)
    rows = run_plant(plant, Command(0.0, 0.4, 0.0), 4.0)
    track = ROBOT.wheels.track_width
    curvature = 2.0 * (right - left) / (track * (right + left))
    assert rows[-1, 1] / rows[-1, 0] == pytest.approx(curvature, rel=1e-9, abs=1e-12)
    assert rows[-1, 0] == pytest.approx(0.4 * 0.5 * (left + right), rel=1e-6)
    assert plant.odom.yaw == 0.0
    assert plant.pose.yaw == pytest.approx(plant.odom.x * (right - left) / track, rel=1e-6)


def test_odometry_is_off_by_the_slip():
    plant = plant_of()
    run_plant(plant, Command(0.0, 0.4, 0.3), 4.0, grip=0.7)
    assert plant.pose.yaw == pytest.approx(0.7 * plant.odom.yaw, rel=1e-9)
    straight = plant_of()
    run_plant(straight, Command(0.0, 0.4, 0.0), 4.0, grip=0.7)
    assert straight.pose.x == pytest.approx(0.7 * straight.odom.x, rel=1e-9)


def test_a_wider_track_turns_less():
    plant = plant_of(track_scale=1.1)
    run_plant(plant, Command(0.0, 0.0, 0.5), 4.0)
    assert plant.pose.yaw * 1.1 == pytest.approx(plant.odom.yaw, rel=1e-9)


def test_noise_of_the_odometry_grows_with_the_way():
    ends = []
    for seed in range(120):
        plant = Plant(
            ROBOT, PlantSettings(way_noise=0.05, drift_noise=0.04), Pose(0.0, 0.0), np.random.default_rng(seed)
        )
        run_plant(plant, Command(0.0, 0.5, 0.0), 2.2, step=0.02)
        ends.append((plant.odom.x - plant.pose.x, plant.odom.yaw - plant.pose.yaw))
    way = plant.pose.x
    low, high = stats.chi2.ppf([0.005, 0.995], 119) / 119  # 99 % interval of a variance
    for column, std in ((0, 0.05), (1, 0.04)):
        ratio = float(np.var(np.array(ends)[:, column], ddof=1)) / (std**2 * way)
        assert low * 0.97 < ratio < high * 1.03  # heading errors shorten the way by a little


def test_a_jittering_dead_time_keeps_the_order_and_has_its_mean():
    plant = plant_of(dead_time=0.1, dead_time_jitter=0.02, lag=0.0)
    for k in range(400):
        plant.send(Command(0.5 * k, 0.1 + 1e-4 * k, 0.0))
    dues, time = [], 0.0
    while math.isfinite(time := plant.obey(time)):
        dues.append(time)
    late = np.array(dues) - 0.5 * np.arange(400) - 0.1
    assert (late >= 0.0).all() and (np.diff(dues) >= 0.0).all()
    assert abs(late.mean() - 0.02) < 2.576 * 0.02 / math.sqrt(400)  # an exponential's std is its mean


def test_a_robot_that_is_carried_rests_elsewhere():
    plant = plant_of()
    run_plant(plant, Command(0.0, 0.4, 0.0), 1.0)
    odom = plant.odom
    plant.carry_to(Pose(3.0, 1.0, 2.0))
    assert plant.pose == Pose(3.0, 1.0, 2.0) and plant.odom == odom and plant.v == 0.0
