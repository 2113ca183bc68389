"""What is measured while driving: the base's delay, lag and scale, how long stages take, and what comes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pavane import GoTo, Navigator, Pose, RobotProfile
from pavane.core.arrays import Floats
from pavane.core.compute import Compute, ComputeTimes, Constant
from pavane.core.executor import LockStep
from pavane.core.messages import Odometry
from pavane.core.robot import Latencies
from pavane.navigator import TICK, NavigatorConfig
from pavane.prediction import Finding, Forwarding, LatencyMonitor, PlantIdentifier, PlantModel
from pavane.prediction.kernels.actuation import between, respond, roll_on, sums_of_squares, weigh_candidates
from pavane.sim import DetectorSettings, OdometrySettings, PlantSettings, World, WorldSettings
from sim_scenes import room

ROBOT = RobotProfile.load("round")
PROMISED = ROBOT.latency.actuation_delay
HOME = room(10.0, 6.0)


def speeds(seed: int, seconds: float) -> tuple[Floats, Floats, Floats]:
    """Commands of a robot that speeds up, turns and brakes: times, v, omega."""
    times, rng = TICK * np.arange(round(seconds / TICK)), np.random.default_rng(seed)
    knots = np.arange(0.0, seconds + 1.0, 1.0)
    smooth = np.ones(10) / 10
    v, omega = (
        np.convolve(np.interp(times, knots, rng.uniform(low, 1.0, len(knots))), smooth)[: len(times)]
        for low in (0.0, -1.0)
    )
    return times, v, omega


def teach(
    identifier: PlantIdentifier, plant: PlantModel, seconds: float = 10.0, *, later: float = 0.0, std: float = 2e-3,
    seed: int = 0,
) -> None:  # fmt: skip
    """Drive a base; from half time on it is ``later`` s slower to obey."""
    times, v, omega = speeds(seed, seconds)
    rng, dt, sent, obeyed, now = np.random.default_rng(seed), 2e-3, 0, -1, [0.0, 0.0]
    share = 1.0 - math.exp(-dt / plant.lag) if plant.lag > 0.0 else 1.0
    for k in range(round(seconds / dt)):
        time = k * dt
        while sent < len(times) and times[sent] <= time + 1e-9:
            identifier.sent(times[sent], v[sent], omega[sent])
            sent += 1
            if sent % 5 == 0:
                identifier.update(time)
        slow = later if time > 0.5 * seconds else 0.0
        while obeyed + 1 < sent and times[obeyed + 1] + plant.dead_time + slow <= time + 1e-9:
            obeyed += 1
        if obeyed >= 0:
            for axis, wanted in enumerate((plant.gain_v * v[obeyed], plant.gain_omega * omega[obeyed])):
                now[axis] += share * (wanted - now[axis])
        if k % 5 == 4:
            noisy = np.array(now) + std * rng.standard_normal(2)
            identifier.measured(Odometry(time + dt, Pose(0.0, 0.0), *noisy.tolist()))


@settings(max_examples=12, deadline=None)
@given(st.floats(0.0, 0.4), st.floats(0.0, 0.25), st.floats(0.9, 1.1), st.integers(0, 100))
def test_the_delay_is_found_within_ten_seconds(dead_time: float, lag: float, gain: float, seed: int) -> None:
    identifier, true = PlantIdentifier(Latencies()), PlantModel(dead_time, lag, gain, 1.0)
    teach(identifier, true, seed=seed)
    finding = identifier.find()
    assert abs(finding.plant.delay - true.delay) < 0.01
    assert finding.plant.gain_v == pytest.approx(gain, abs=0.02)
    assert finding.plant.gain_omega == pytest.approx(1.0, abs=0.02)
    assert finding.delay_std < 0.02 and finding.plant.v_std < 0.02


@pytest.mark.parametrize("later", [0.2, -0.2])
def test_a_change_on_the_way_is_noticed(later: float) -> None:
    identifier = PlantIdentifier(Latencies())
    teach(identifier, PlantModel(0.25, 0.05), 20.0, later=later)
    assert identifier.find().plant.delay == pytest.approx(0.3 + later, abs=0.01)
    assert identifier.plant.delay == pytest.approx(0.3 + later, abs=0.01)


def test_noise_alone_moves_nothing() -> None:
    latency = Latencies()
    identifier = PlantIdentifier(latency)
    teach(identifier, PlantModel.promised(latency), 20.0, std=0.02)
    assert identifier.plant.delay == pytest.approx(latency.actuation_delay, abs=0.006)


def test_who_stands_or_drives_evenly_learns_nothing() -> None:
    for v in (0.0, 0.7):
        identifier, rng = PlantIdentifier(Latencies()), np.random.default_rng(0)
        for k in range(1000):
            identifier.sent(k * TICK, v, 0.0)
            identifier.update(k * TICK)
            said = v + 0.02 * rng.standard_normal()
            identifier.measured(Odometry(k * TICK + 0.01, Pose(0.0, 0.0), said, 0.0))
        assert identifier.find() == Finding(identifier.plant, math.inf, identifier.find().lively)
        assert identifier.plant == PlantModel.promised(Latencies())


def test_what_was_learned_outlasts_a_stand() -> None:
    identifier = PlantIdentifier(Latencies())
    teach(identifier, PlantModel(0.2, 0.1))
    learned = identifier.find().plant.delay
    for k in range(3000):
        identifier.sent(10.0 + k * TICK, 0.0, 0.0)
        if k > 100:  # it has come to rest
            identifier.measured(Odometry(10.0 + k * TICK + 0.01, Pose(0.0, 0.0), 0.0, 0.0))
        identifier.update(10.0 + k * TICK)
    assert identifier.plant.delay == pytest.approx(learned, abs=0.01)


def test_a_shove_and_a_clock_that_is_set_back_teach_nothing_wrong() -> None:
    identifier = PlantIdentifier(Latencies())
    teach(identifier, PlantModel(0.2, 0.1))
    for k in range(100):
        identifier.sent(10.0 + k * TICK, 0.5 + 0.004 * k, 0.0)
        identifier.measured(Odometry(10.0 + k * TICK + 0.01, Pose(0.0, 0.0), 3.0, 0.0))
    assert identifier.find().plant.delay == pytest.approx(0.3, abs=0.01)
    teach(identifier, PlantModel(0.2, 0.1), seed=1)  # from time 0 again
    assert identifier.find().plant.delay == pytest.approx(0.3, abs=0.01)


def test_the_delay_is_moved_at_a_pace_that_commands_can_follow() -> None:
    identifier = PlantIdentifier(Latencies())
    teach(identifier, PlantModel(0.3, 0.1), 6.0)
    before = identifier.plant.delay
    for k in range(50):
        after = identifier.update(6.0 + 0.1 * k).delay
        assert abs(after - before) <= 0.01 + 1e-9
        before = after


def test_distributions_are_robust() -> None:
    monitor, rng = LatencyMonitor(), np.random.default_rng(0)
    assert monitor.of("scan") is None and monitor.stages == ()
    for k in range(200):
        monitor.add("scan", 5.0 if k % 20 == 7 else 0.05 + 0.005 * rng.standard_normal())
    told = monitor.of("scan")
    assert told is not None and monitor.stages == ("scan",) and told.count == 200
    assert told.median == pytest.approx(0.05, abs=0.003) and told.std == pytest.approx(0.005, abs=0.003)
    assert told.outliers == 3 and told.p90 < 0.1


def test_the_budget_is_what_nine_in_ten_plans_keep() -> None:
    monitor = LatencyMonitor()
    assert monitor.budget(0.05) == 0.05
    for k in range(60):
        monitor.add("planning", 0.4 if k % 30 == 0 else 0.08)
    assert monitor.budget(0.05) == pytest.approx(0.08)
    assert monitor.budget(0.2) == 0.2  # what is promised is not undercut: plans come when they were to come


def test_stamps_from_the_future_give_the_clock_away() -> None:
    monitor = LatencyMonitor()
    for _ in range(20):
        monitor.add("scan", 0.06)
    assert monitor.ahead("scan", 0.05) == 0.0
    for _ in range(60):
        monitor.add("scan", -0.15)
    assert monitor.ahead("scan", 0.05) == pytest.approx(0.2)
    assert monitor.ahead("nobody", 0.05) == 0.0


def drive(
    world: World, navigator: Navigator, seconds: float, goals: list[Pose], slower: tuple[float, float] = (math.inf, 0.0)
) -> list[tuple[float, float]]:
    """Go to and fro; from a time on commands take so much longer. Commands of each tick."""
    sent, ticks = [], 0
    while world.time < seconds:
        if navigator.task is None:
            navigator.request(GoTo(goals[0]))
            goals = [*goals[1:], goals[0]]
        for message in world.receive():
            navigator.observe(message)
        command = navigator.step(world.time)
        world.send(command, delay=slower[1] if world.time >= slower[0] else 0.0)
        sent.append((command.v, command.omega))
        ticks += 1
        world.advance(ticks * TICK)
    return sent


GOALS = [Pose(8.5, 4.5, 1.0), Pose(5.0, 1.5, 3.0), Pose(1.5, 4.0, -1.0)]


@pytest.mark.parametrize(("dead_time", "lag"), [(0.0, 0.02), (0.2, 0.12), (0.25, 0.15)])
def test_a_navigator_learns_its_base_in_ten_seconds_of_driving(dead_time: float, lag: float) -> None:
    settings = WorldSettings(
        plant=PlantSettings(dead_time=dead_time, lag=lag), odometry=OdometrySettings(v_std=0.01, omega_std=0.01)
    )
    world, navigator = World(HOME, ROBOT, Pose(1.5, 3.0), seed=1, settings=settings), Navigator(ROBOT, HOME)
    drive(world, navigator, 10.5, GOALS)
    assert navigator.plant.delay == pytest.approx(dead_time + lag, abs=0.01)
    assert navigator.belief is not None and np.diag(navigator.belief.robot.covariance).min() > 0.0


def test_a_warm_navigator_compiles_nothing_when_it_begins_to_learn() -> None:
    navigator, kernels = Navigator(ROBOT, HOME), (roll_on, respond, sums_of_squares, weigh_candidates, between)
    navigator.warm_up()
    before = [tuple(kernel.signatures) for kernel in kernels]
    drive(World(HOME, ROBOT, Pose(1.5, 3.0), seed=1), navigator, 4.0, GOALS)
    assert navigator.base.find().lively > 0.5
    assert all(before) and before == [tuple(kernel.signatures) for kernel in kernels]


def test_a_navigator_notices_that_its_base_has_become_slower() -> None:
    world, navigator = World(HOME, ROBOT, Pose(1.5, 3.0), seed=1), Navigator(ROBOT, HOME)
    drive(world, navigator, 20.0, GOALS, (10.0, 0.2))
    assert navigator.plant.delay == pytest.approx(PROMISED + 0.2, abs=0.01)


def plans_of(navigator: Navigator, seconds: float = 6.0, world: World | None = None) -> tuple[float, float]:
    """Largest discontinuity of v or omega, and of a or alpha, from plan to plan while the commands follow them."""
    world = world or World(HOME, ROBOT, Pose(1.5, 3.0), seed=1)
    navigator.request(GoTo(GOALS[0]))
    before, jumps, ticks = None, [(0.0, 0.0)], 0
    while world.time < seconds:
        for message in world.receive():
            navigator.observe(message)
        world.send(navigator.step(world.time))
        plan = navigator.plan
        if plan is not None and before is not None and plan is not before:
            old, new = before.at(plan.start), plan.at(plan.start)
            commanded = navigator.base.state
            if max(abs(old.v - commanded.v), abs(old.omega - commanded.omega)) < 1e-3:
                speed = max(abs(old.v - new.v), abs(old.omega - new.omega))
                jumps.append((speed, max(abs(old.a - new.a), abs(old.alpha - new.alpha))))
        before = plan
        ticks += 1
        world.advance(ticks * TICK)
    assert len(jumps) > 10
    return tuple(np.max(jumps, axis=0).tolist())


def computing(seconds: float) -> LockStep:
    return LockStep(Compute(ComputeTimes(planning=Constant(seconds)), rng=np.random.default_rng(0)))


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.05, 0.12])
def test_plans_join_without_a_seam_however_long_they_take(seconds: float) -> None:
    navigator = Navigator(ROBOT, HOME, executor=computing(seconds))
    speed, acceleration = plans_of(navigator)
    assert speed < 1e-6 and acceleration < 1e-6
    late = navigator.latencies.late
    assert late <= 10 if seconds > 0.05 else late == 0  # until the budget is learned
    assert navigator.latencies.budget(0.05) == pytest.approx(max(seconds, 0.05))


def test_plans_that_are_late_or_missing_are_counted() -> None:
    navigator = Navigator(ROBOT, HOME, executor=computing(0.3))
    plans_of(navigator, 3.0 + 5.0)
    assert navigator.latencies.late == 10
    assert navigator.latencies.missing >= 10


def test_a_fast_clock_of_the_detector_is_set_right() -> None:
    settings = WorldSettings(detector=DetectorSettings(clock_offset=0.4))
    world, navigator = World(HOME, ROBOT, Pose(1.5, 3.0), seed=1, settings=settings), Navigator(ROBOT, HOME)
    drive(world, navigator, 5.0, GOALS)
    assert navigator.latencies.ahead("Detections", 0.3) == pytest.approx(0.4, abs=0.02)
    assert navigator.senses.stamps["detections"] < navigator.inbox.now - 0.25


def test_without_fast_forward_the_robot_is_where_it_was_measured() -> None:
    slow = replace(ROBOT, latency=replace(ROBOT.latency, actuation=0.3))
    config = NavigatorConfig(forwarding=Forwarding(robot=False, people=False))
    navigator = Navigator(slow, HOME, config=config)
    drive(World(HOME, slow, Pose(1.5, 3.0), seed=1), navigator, 3.0, GOALS)
    assert navigator.delay == 0.0 and navigator.plant.delay > 0.3
