"""Messages: when they arrive, and what they say of the truth."""

import math
from collections import Counter

import msgspec
import numpy as np
import pytest

from intervals import mean_fits, variance_fits
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, Localization, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command
from pavane.core.robot import Detector
from pavane.sim import PersonSpec, PlantSettings, World, WorldSettings
from pavane.sim.sensors import (
    DetectorSettings,
    LidarSettings,
    LocalizationSettings,
    OdometrySettings,
    Sensors,
    SensorSettings,
)
from sensor_scenes import scene
from sim_scenes import ROBOT, blind, hold, room

START = Pose(3.0, 2.0, 0.4)
EXACT = WorldSettings(
    lidar=LidarSettings(range_std=0.0),
    detector=DetectorSettings(position_std=0.0, miss=0.0),
    odometry=OdometrySettings(v_std=0.0, omega_std=0.0),
)


def first_arrivals(world, until, step=0.001):
    arrivals = []
    for k in range(1, round(until / step) + 1):
        world.advance(k * step)
        arrivals += [(world.time, message) for message in world.receive()]
    return arrivals


@pytest.mark.parametrize("perception", [0.0, 0.123, 0.3])
def test_each_kind_of_message_has_its_latency(perception):
    settings = WorldSettings(
        detector=DetectorSettings(latency=perception),
        lidar=LidarSettings(latency=0.04),
        localization=LocalizationSettings(latency=0.02),
    )
    world = World(room(), ROBOT, START, seed=1, settings=settings)
    latency = {Scan: 0.04, Detections: perception, Odometry: 0.01, ScreenFeedback: 0.01, Localization: 0.02}
    arrivals = first_arrivals(world, 1.0)
    assert {type(message) for _, message in arrivals} == set(latency)
    for time, message in arrivals:
        late = time - message.stamp - latency[type(message)]
        assert -1e-9 <= late < 0.0011


def test_the_profile_gives_latencies_unless_told_otherwise():
    world = World(room(), ROBOT, START, seed=1)
    late = {type(m): round(t - m.stamp, 3) for t, m in first_arrivals(world, 0.6)}
    assert late[Scan] == pytest.approx(ROBOT.latency.scan, abs=0.0011)
    assert late[Detections] == pytest.approx(ROBOT.latency.perception, abs=0.0011)


def test_rates_and_stamps():
    world = World(room(), ROBOT, START, seed=1)
    world.advance(10.0)
    messages = world.receive()
    world.advance(10.5)
    messages += world.receive()
    count = Counter(type(m) for m in messages if m.stamp < 10.0 - 1e-6)
    assert count == {Odometry: 1000, ScreenFeedback: 1000, Scan: 200, Detections: 100, Localization: 100}
    assert world.receive() == []


def test_a_robot_without_detector_and_screen_sends_neither():
    world = World(room(), blind(), START, seed=1)
    world.advance(2.0)
    assert {type(m) for m in world.receive()} == {Scan, Odometry, Localization}


def walls_along(pose, angles):
    """Distance from a pose to the walls of the 6 x 4 m room."""
    dx, dy = np.cos(angles), np.sin(angles)
    with np.errstate(divide="ignore"):
        to_x = np.where(dx > 0, (6.0 - pose.x) / dx, -pose.x / dx)
        to_y = np.where(dy > 0, (4.0 - pose.y) / dy, -pose.y / dy)
    return np.minimum(to_x, to_y)


def test_scans_fit_the_walls_up_to_their_noise():
    world = World(room(), ROBOT, START, seed=1, settings=WorldSettings(lidar=LidarSettings(range_std=0.013)))
    errors = []
    world.advance(10.0)
    for message in world.receive():
        if isinstance(message, Scan):
            eye = START @ message.mount
            true = walls_along(eye, message.angles + eye.yaw)
            assert np.isinf(message.ranges[true > message.range_max]).all()
            errors.append((message.ranges - true)[true <= message.range_max])
    errors = np.concatenate(errors)
    assert np.sqrt((errors**2).mean()) == pytest.approx(0.013, rel=0.02)
    assert abs(errors.mean()) < 0.0005


def test_people_stand_in_the_scan_as_discs():
    person = PersonSpec(start=(4.5, 2.0), goals=((4.5, 2.0),))
    world = World(room(), ROBOT, Pose(3.0, 2.0, 0.0), [person], seed=1, settings=EXACT)
    world.advance(0.5)
    scan = next(m for m in world.receive() if isinstance(m, Scan))
    x, y = world.truth.people[0, :2]
    assert scan.ranges[len(scan.ranges) // 2] == pytest.approx(math.hypot(x - 3.1, y - 2.0) - 0.2, abs=0.01)


def test_detections_are_in_the_base_frame_of_their_stamp():
    person = PersonSpec(start=(4.52, 3.02), goals=((4.52, 3.02),), kind="stubborn")
    world = World(room(), ROBOT, Pose(2.0, 2.0, 0.0), [person], seed=1, settings=EXACT)
    hold(world, 0.0, 1.0, 1.0)
    poses = {}
    for k in range(400):
        world.advance(1.0 + 0.005 * k)
        poses[round(world.time, 6)] = world.truth.pose
    seen = 0
    for message in world.receive():
        if isinstance(message, Detections) and round(message.stamp, 6) in poses and len(message.positions):
            pose = poses[round(message.stamp, 6)]
            np.testing.assert_allclose(pose.transform(message.positions), [[4.52, 3.02]], atol=0.01)
            seen += 1
    assert seen > 3


def test_the_detector_misses_and_is_blocked_as_it_is_told():
    people = [PersonSpec(start=(4.5, 2.0), goals=((4.5, 2.0),)), PersonSpec(start=(1.0, 2.0), goals=((1.0, 2.0),))]
    world = World(
        room(), ROBOT, Pose(3.0, 2.0, 0.0), people, seed=1, settings=WorldSettings(detector=DetectorSettings(miss=0.2))
    )
    world.advance(60.0)
    seen = [len(m.positions) for m in world.receive() if isinstance(m, Detections)]
    assert max(seen) == 1  # the other stands behind the robot
    assert np.mean(seen) == pytest.approx(0.8, abs=0.06)
    home = room()
    home.grid.data[:, 75] = 1
    walled = World(home, ROBOT, Pose(3.0, 2.0, 0.0), people[:1], seed=1)
    walled.advance(2.0)
    hidden = [len(m.positions) for m in walled.receive() if isinstance(m, Detections)]
    assert hidden and max(hidden) == 0


def test_odometry_starts_at_zero_and_keeps_the_truth():
    world = World(room(), ROBOT, START, seed=1)
    for k in range(150):
        world.send(Command(world.time, 0.2, 0.8 * math.sin(0.1 * k)))
        world.advance(world.time + 0.02)
    messages = world.receive()
    odometry = [m for m in messages if isinstance(m, Odometry)]
    assert odometry[0].pose == Pose(0.0, 0.0, 0.0)
    world.advance(world.time + 0.01)
    last = [m for m in world.receive() if isinstance(m, Odometry)][-1]
    assert abs(last.v - 0.2) < 0.02
    for message in messages:
        if isinstance(message, Localization):
            assert message.map_from_odom.distance(START) < 1e-9
            assert message.map_from_odom.yaw == pytest.approx(START.yaw, abs=1e-9)


def test_odometry_that_misjudges_its_wheels_drifts_and_localization_tells():
    small = PlantSettings(left_scale=1.0 / 1.1, right_scale=1.0 / 1.1)  # wheels, so encoders count too much
    world = World(room(), ROBOT, Pose(1.0, 2.0, 0.0), seed=1, settings=WorldSettings(plant=small))
    hold(world, 0.2, 0.0, 5.0)
    messages = world.receive()
    driven = world.truth.pose.x - 1.0
    odometry = [m for m in messages if isinstance(m, Odometry)][-1]
    assert odometry.pose.x == pytest.approx(1.1 * driven, abs=0.01)
    localization = [m for m in messages if isinstance(m, Localization)][-1]
    assert localization.map_from_odom.x == pytest.approx(1.0 - 0.1 * driven, abs=0.01)


# -- both cameras ------------------------------------------------------------------------------------------------------


def two_cameras():
    screen = msgspec.structs.replace(ROBOT.screen, detector=Detector(field_of_view_deg=80.0, rate=5.0))
    return msgspec.structs.replace(ROBOT, screen=screen)


def test_the_screen_s_camera_reports_what_the_base_does_not_see():
    person = PersonSpec(start=(1.2, 2.0), goals=((1.2, 2.0),), kind="stubborn")
    settings = WorldSettings(
        detector=DetectorSettings(miss=0.0, latency=0.3), screen_detector=DetectorSettings(miss=0.0, latency=0.12)
    )
    pan = 0.9 * ROBOT.screen.pan_limit
    start = Pose(
        3.0, 2.0, math.pi - pan
    )  # the person stands where the panned screen looks, far outside the base's view
    world = World(room(), two_cameras(), start, [person], seed=1, settings=settings)
    world.send(Command(0.0, 0.0, 0.0, pan))
    arrivals = [(t, m) for t, m in first_arrivals(world, 3.5, 0.005) if isinstance(m, Detections)]
    base = [(t, m) for t, m in arrivals if m.view is None]
    screen = [(t, m) for t, m in arrivals if m.view is not None]
    assert {round(t - m.stamp, 3) for t, m in base} == {0.3} and {round(t - m.stamp, 3) for t, m in screen} == {0.12}
    assert np.allclose(np.diff([m.stamp for _, m in screen]), 0.2) and np.allclose(
        np.diff([m.stamp for _, m in base]), 0.1
    )
    assert not len(base[-1][1].positions)
    for _, message in screen:
        if message.stamp > 2.5:
            (place,) = start.transform(message.positions)
            assert math.hypot(place[0] - 1.2, place[1] - 2.0) < 0.3
            assert message.view.mount.yaw == pytest.approx(pan, abs=1e-3)


# -- the whole set -----------------------------------------------------------------------------------------------------


def sensed(sensors, seconds, people=(), start=0.0):
    """Every delivery of a robot that stands still, in the order of sensing."""
    out = []
    for k in range(round(start / 0.005), round((start + seconds) / 0.005)):
        out += sensors.sense(0.005 * k, lambda k=k: scene(0.005 * k, people=people))
    return out


def noise_of(deliveries, kind):
    return [
        m.ranges.tobytes() if isinstance(m, Scan) else m.positions.tobytes() if isinstance(m, Detections) else m
        for m in (d.message for d in deliveries)
        if isinstance(m, kind)
    ]


def test_each_sensor_draws_from_its_own_stream():
    full = sensed(Sensors(two_cameras(), SensorSettings(), np.random.default_rng(1)), 2.0, [(3.0, 2.3)])
    changes = {
        Scan: SensorSettings(
            odometry=OdometrySettings(rate=50.0), detector=DetectorSettings(false_alarms=3.0, jitter=0.1, dropout=0.5)
        ),
        Detections: SensorSettings(lidar=LidarSettings(rate=10.0, dropout=0.3, ray_dropout=0.1)),
        Odometry: SensorSettings(
            localization=LocalizationSettings(std=0.1, jump_rate=1.0), lidar=LidarSettings(range_std=0.0)
        ),
    }
    for kind, settings in changes.items():
        other = sensed(Sensors(two_cameras(), settings, np.random.default_rng(1)), 2.0, [(3.0, 2.3)])
        assert noise_of(full, kind) == noise_of(other, kind)
        assert len(full) != len(other) or kind is Odometry
    blind_robot = sensed(Sensors(blind(), SensorSettings(), np.random.default_rng(1)), 2.0, [(3.0, 2.3)])
    assert noise_of(blind_robot, Scan) == noise_of(full, Scan)


def test_deliveries_say_when_what_and_whom():
    sensors = Sensors(two_cameras(), SensorSettings(), np.random.default_rng(1))
    assert sensors.names == ("odometry", "localization", "lidar", "detector", "screen", "screen_detector")
    assert sensors.channel("lidar") is not None and sensors.channel("sonar") is None
    assert Sensors(blind(), SensorSettings(), np.random.default_rng(1)).names == ("odometry", "localization", "lidar")
    shown = {type(d.message): d.seen for d in sensed(sensors, 0.5, [(3.0, 2.3), (1.0, 2.0)])}
    assert shown == {Odometry: (), ScreenFeedback: (), Localization: (), Scan: (0,), Detections: (0,)}


def test_faults_reach_the_sensor_that_is_named():
    sensors = Sensors(two_cameras(), SensorSettings(), np.random.default_rng(1))
    sensed(sensors, 0.5)
    sensors.channel("lidar").lose(1.0)
    sensors.detectors["detector"].flood(7)
    sensors.odometry.jump(Pose(1.0, 0.0, 0.0))
    after = sensed(sensors, 0.5, start=0.5)
    assert not noise_of(after, Scan)
    looks = [d.message for d in after if isinstance(d.message, Detections)]
    assert looks and all(len(look.positions) == (7 if look.view is None else 0) for look in looks)
    jumped = Pose(2.0, 2.0, 0.3) @ Pose(1.0, 0.0, 0.0)
    poses = noise_of(after, Odometry)
    assert poses and all(m.pose.distance(jumped) < 1e-9 for m in poses)


@pytest.mark.parametrize(("latency", "jitter"), [(0.3, 0.06), (0.05, 0.03)])
def test_the_latency_of_a_world_s_messages_has_the_stated_mean_and_spread(latency, jitter):
    settings = WorldSettings(detector=DetectorSettings(latency=latency, jitter=jitter, reorders=True))
    sensors = Sensors(ROBOT, settings, np.random.default_rng(1))
    lags = np.array([d.arrival - d.sensed for d in sensed(sensors, 200.0) if isinstance(d.message, Detections)])
    assert mean_fits(lags, latency)
    assert variance_fits(lags, jitter**2, excess_kurtosis=6.0 * (jitter / latency) ** 2)
