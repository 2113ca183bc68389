"""Channels: how late messages are, which are lost, what their stamps say, and what faults do to them."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from scipy import stats

from intervals import mean_fits, share_fits, variance_fits
from pavane.core.errors import BadSetting
from pavane.core.messages import ScreenFeedback
from pavane.sim.sensors import Channel, ChannelSettings, Delivery, LidarSettings, Reading, SensorSettings

RATE = 20.0


def channel(latency: float = 0.1, rate: float = RATE, seed: int = 1, **settings: object) -> Channel:
    return Channel(msgspec.convert(settings, ChannelSettings), rate, latency, np.random.default_rng(seed))


class Counter:
    """A sensor that counts its readings; the count stands in the message."""

    def __init__(self) -> None:
        self.count = -1

    def read(self, stamp: float) -> Reading:
        self.count += 1
        return Reading(ScreenFeedback(stamp, float(self.count), 0.0), (self.count,))


def deliveries(one: Channel, count: int, sensor: Counter | None = None, start: int = 0) -> list[Delivery]:
    """Deliveries of ``count`` samples, from sample ``start`` on."""
    sensor = sensor or Counter()
    sent = [one.sample(k / RATE, sensor.read) for k in range(start, start + count)]
    return [delivery for delivery in sent if delivery is not None]


def contents(sent: list[Delivery]) -> list[float]:
    return [delivery.message.pan for delivery in sent]


def late(sent: list[Delivery]) -> np.ndarray:
    return np.array([delivery.arrival - delivery.sensed for delivery in sent])


def test_without_jitter_the_latency_is_the_stated_one() -> None:
    sent = deliveries(channel(0.123), 100)
    assert len(sent) == 100 and np.allclose(late(sent), 0.123, atol=1e-12)
    assert [d.message.stamp for d in sent] == [d.sensed for d in sent] == [k / RATE for k in range(100)]
    assert [d.seen for d in sent] == [(k,) for k in range(100)]


def test_the_next_sample_is_due_after_a_period() -> None:
    one, sensor = channel(rate=8.0), Counter()
    for k in range(20):
        assert one.next == k / 8.0
        one.sample(one.next, sensor.read)


@pytest.mark.parametrize(("latency", "jitter"), [(0.3, 0.05), (0.05, 0.02), (0.02, 0.04)])
def test_latency_has_the_stated_mean_and_spread_and_is_never_negative(latency: float, jitter: float) -> None:
    lags = late(deliveries(channel(latency, jitter=jitter, reorders=True), 5000))
    shape = (latency / jitter) ** 2
    assert lags.min() >= 0.0
    assert mean_fits(lags, latency)
    assert variance_fits(lags, jitter**2, excess_kurtosis=6.0 / shape)
    assert stats.kstest(lags, stats.gamma(shape, scale=latency / shape).cdf).pvalue > 0.01


def test_messages_keep_their_order_unless_they_may_overtake() -> None:
    in_order = [d.arrival for d in deliveries(channel(0.1, jitter=0.08), 2000)]
    assert (np.diff(in_order) >= 0.0).all()
    free = [d.arrival for d in deliveries(channel(0.1, jitter=0.08, reorders=True), 2000)]
    assert (np.diff(free) < 0.0).any()
    assert np.allclose(np.maximum.accumulate(free), in_order)  # the same draws: each waits for those before it


def test_jitter_without_a_latency_is_refused() -> None:
    with pytest.raises(BadSetting, match="jitter needs a latency"):
        channel(0.0, jitter=0.01)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_the_stated_share_is_lost(share: float) -> None:
    sent = deliveries(channel(dropout=share), 5000)
    assert share_fits(5000 - len(sent), 5000, share)


def test_stamps_follow_the_sensor_s_own_clock() -> None:
    sent = deliveries(channel(clock_offset=0.2, clock_drift=1e-3), 1000)
    assert len(sent) == 1000
    for delivery in sent:
        assert delivery.message.stamp == pytest.approx(0.2 + 1.001 * delivery.sensed, abs=1e-12)
        assert delivery.arrival == pytest.approx(delivery.sensed + 0.1)
    coarse = deliveries(channel(stamp_resolution=0.04), 1000)
    error = np.array([d.sensed - d.message.stamp for d in coarse])
    assert error.min() > -1e-6 and error.max() < 0.04
    steps = np.array([d.message.stamp / 0.04 for d in coarse])
    assert np.allclose(steps, np.round(steps))


# -- faults --------------------------------------------------------------------------------------------------


def test_a_frozen_sensor_repeats_its_content_with_new_stamps() -> None:
    one, sensor = channel(), Counter()
    deliveries(one, 10, sensor)
    one.freeze(True)
    frozen = deliveries(one, 5, sensor, 10)
    assert contents(frozen) == [9.0] * 5
    assert [d.message.stamp for d in frozen] == [k / RATE for k in range(10, 15)]
    assert [d.sensed for d in frozen] == [9 / RATE] * 5 and {d.seen for d in frozen} == {(9,)}
    one.freeze(False)
    assert contents(deliveries(one, 3, sensor, 15)) == [15.0, 16.0, 17.0]


def test_a_sensor_frozen_from_the_start_repeats_its_first_content() -> None:
    one = channel()
    one.freeze(True)
    assert contents(deliveries(one, 4)) == [0.0] * 4


def test_a_silent_sensor_sends_nothing() -> None:
    one, sensor = channel(), Counter()
    one.lose(1.0)
    assert deliveries(one, 10, sensor) == []
    one.lose(0.0)
    assert contents(deliveries(one, 2, sensor, 10)) == [10.0, 11.0]


def test_a_delayed_message_keeps_its_stamp_and_holds_up_those_after_it() -> None:
    one, sensor = channel(), Counter()
    one.delay(0.4)
    slow = deliveries(one, 5, sensor)
    assert np.allclose(late(slow), 0.5) and [d.message.stamp for d in slow] == [d.sensed for d in slow]
    one.delay(0.0)
    after = deliveries(one, 20, sensor, 5)
    assert after[0].arrival == slow[-1].arrival
    assert late(after)[-1] == pytest.approx(0.1)


def test_a_clock_steps_and_is_set_right_again() -> None:
    one, sensor = channel(), Counter()
    one.clock(-0.3)
    wrong = deliveries(one, 5, sensor)
    assert np.allclose([d.message.stamp - d.sensed for d in wrong], -0.3)
    assert np.allclose(late(wrong), 0.1)
    one.clock(0.0)
    right = deliveries(one, 5, sensor, 5)
    assert len(right) == 5 and all(d.message.stamp == d.sensed for d in right)


def test_losses_of_a_fault_come_on_top() -> None:
    one = channel(dropout=0.2)
    one.lose(0.5)
    assert share_fits(len(deliveries(one, 4000)), 4000, 0.8 * 0.5)
    one.lose(1.0)
    assert deliveries(one, 100, start=4000) == []


@pytest.mark.parametrize("fault", ["freeze", "lose", "delay", "clock"])
def test_a_fault_leaves_later_messages_as_they_would_have_been(fault: str) -> None:
    runs = []
    for broken in (False, True):
        one, sensor = channel(0.05, jitter=0.01, dropout=0.2, reorders=True), Counter()
        if broken:
            getattr(one, fault)({"freeze": True, "lose": 1.0}.get(fault, 0.7))
        deliveries(one, 50, sensor)
        getattr(one, fault)(0.0)
        runs.append([(d.arrival, d.message.pan) for d in deliveries(one, 50, sensor, 50)])
    assert runs[0] == runs[1]


def test_a_sensor_with_nothing_to_say_sends_nothing() -> None:
    assert channel().sample(0.0, lambda _: None) is None


def test_the_same_seed_gives_the_same_messages() -> None:
    same = [
        [dataclasses.astuple(d) for d in deliveries(channel(0.1, jitter=0.03, dropout=0.1, seed=seed), 200)]
        for seed in (3, 3, 4)
    ]
    assert same[0] == same[1] != same[2]


@pytest.mark.parametrize(
    ("sensor", "key", "value"),
    [
        ("lidar", "latency", -0.1), ("lidar", "ray_dropout", 1.5), ("lidar", "rate", 0.0), ("lidar", "dropuot", 0.1),
        ("detector", "false_alarms", -1.0), ("odometry", "v_std", math.nan), ("localization", "wander_time", 0.0),
        ("screen", "pan_lag", math.inf),
    ],
)  # fmt: skip
def test_settings_beyond_their_bounds_are_refused(sensor: str, key: str, value: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({sensor: {key: value}}, SensorSettings)


def test_settings_are_values() -> None:
    assert LidarSettings() == LidarSettings() and SensorSettings().lidar == LidarSettings()
    with pytest.raises(BadSetting, match="hidden_below"):
        msgspec.convert({"detector": {"hidden_below": 0.7}}, SensorSettings)
