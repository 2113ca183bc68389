"""Simulated person detectors: misses, false alarms, noise, numbers, and the camera that turns with the screen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from intervals import count_fits, mean_fits, share_fits, variance_fits
from pavane.core.geometry import Pose
from pavane.core.messages import Detections
from pavane.core.robot import Detector
from pavane.sim.sensors import DetectorSettings, Ghost, Scene, ScreenSettings, StillHome
from pavane.sim.sensors.detector import DetectorSensor, on_screen
from pavane.sim.sensors.odometry import ScreenSensor
from sensor_scenes import ABSENT, ROOM, scene

CAMERA = Detector(range_max=4.0, field_of_view_deg=100.0, position_std=0.05)
POSE = Pose(2.0, 2.0, 0.0)
AHEAD = (3.8, 2.3)
LOOKS = 2000


def detector(camera: Detector = CAMERA, seed: int = 1, **settings: object) -> DetectorSensor:
    return DetectorSensor(camera, DetectorSettings(**settings), np.random.default_rng(seed))


def look(sensor: DetectorSensor, view: Scene) -> Detections:
    return sensor.read(view, view.stamp).message


def looks(sensor: DetectorSensor, view: Scene, count: int = LOOKS) -> list[Detections]:
    return [look(sensor, view) for _ in range(count)]


def found(messages: list[Detections]) -> int:
    return sum(len(m.positions) for m in messages)


# -- whom it finds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("miss", [0.0, 0.05, 0.4])
def test_it_misses_the_stated_share(miss: float) -> None:
    messages = looks(detector(miss=miss), scene(pose=POSE, people=[AHEAD]))
    assert found(messages) == LOOKS if miss == 0.0 else share_fits(LOOKS - found(messages), LOOKS, miss)


@pytest.mark.parametrize("away", [0.5, 2.0, 3.5])
def test_misses_grow_with_distance(away: float) -> None:
    messages = looks(detector(miss=0.1, miss_far=0.7), scene(pose=POSE, people=[(2.0 + away, 2.0)]))
    assert share_fits(LOOKS - found(messages), LOOKS, 0.1 + 0.6 * away / 4.0)


def test_it_sees_within_its_own_view_only() -> None:
    exact = detector(miss=0.0, position_std=0.0)
    edge = np.radians(50.0)
    for bearing, away, seen in ((edge - 0.01, 1.5, 1), (edge + 0.01, 1.5, 0), (-edge + 0.01, 1.5, 1), (0.0, 3.95, 1)):
        person = (2.0 + away * np.cos(bearing), 2.0 + away * np.sin(bearing))
        assert found([look(exact, scene(pose=POSE, people=[person]))]) == seen
    far = Detector(range_max=1.0, field_of_view_deg=100.0)
    assert found([look(detector(far, miss=0.0), scene(pose=POSE, people=[(3.05, 2.0)]))]) == 0


def test_dogs_and_the_absent_are_not_found_and_dogs_hide_nobody() -> None:
    view = scene(pose=POSE, people=[(3.0, 2.0), ABSENT, (4.0, 2.0)], detectable=[False, True, True])
    reading = detector(miss=0.0, position_std=0.0).read(view, 0.0)
    np.testing.assert_allclose(reading.message.positions, [[2.0, 0.0]], atol=1e-9)
    assert reading.seen == (2,)


def test_somebody_behind_somebody_else_or_a_wall_is_hidden() -> None:
    sensor = detector(miss=0.0)
    assert sensor.read(scene(pose=POSE, people=[(3.0, 2.0), (4.0, 2.0)]), 0.0).seen == (0,)
    opaque = ROOM.opaque.copy()
    opaque[:, 60] = True
    assert sensor.read(scene(pose=POSE, people=[(3.5, 2.0)], home=StillHome(opaque, ROOM.frame)), 0.0).seen == ()


def test_a_person_who_is_seen_in_part_is_found_less_often() -> None:
    opaque = ROOM.opaque.copy()
    opaque[41:, 45] = True  # hides four of nine strips of whoever stands straight ahead, and half of the fifth
    view = scene(pose=Pose(2.0, 1.99, 0.0), people=[(3.0, 1.99)], home=StillHome(opaque, ROOM.frame))
    clear = looks(detector(miss=0.0, hidden_below=0.1, clear_above=0.2), view, 10)
    assert found(clear) == 10
    messages = looks(detector(miss=0.0, hidden_below=0.2, clear_above=1.0), view)
    assert share_fits(found(messages), LOOKS, (5 / 9 - 0.2) / 0.8)
    assert found(looks(detector(miss=0.0, hidden_below=0.6, clear_above=1.0), view, 200)) == 0


# -- where it finds them -------------------------------------------------------------------------------------


def test_noise_along_and_across_the_line_of_sight_is_as_stated() -> None:
    view = scene(pose=POSE, people=[AHEAD])
    messages = looks(detector(miss=0.0, position_std=0.03, range_std=0.12), view)
    true = np.array(AHEAD) - (2.0, 2.0)
    ray = true / np.hypot(*true)
    errors = np.concatenate([m.positions for m in messages]) - true
    for direction, std in ((ray, 0.12), (np.array([-ray[1], ray[0]]), 0.03)):
        assert mean_fits(errors @ direction, 0.0)
        assert variance_fits(errors @ direction, std**2)
    assert {m.position_std for m in messages} == {0.05}  # what it says of itself is the profile's


def test_the_profile_s_noise_is_the_default() -> None:
    errors = np.concatenate([m.positions for m in looks(detector(miss=0.0), scene(pose=POSE, people=[AHEAD]))])
    assert variance_fits(errors[:, 0], 0.05**2) and variance_fits(errors[:, 1], 0.05**2)


def test_somebody_in_view_does_not_change_the_noise_of_the_others() -> None:
    settings = {"miss": 0.3, "false_alarms": 1.0, "identities": True, "id_switches": 0.0}
    one, two = detector(**settings), detector(**settings)
    here, gone = scene(pose=POSE, people=[AHEAD, (3.0, 1.6)]), scene(pose=POSE, people=[AHEAD, ABSENT])
    for _ in range(50):
        a, b = one.read(here, 0.0), two.read(gone, 0.0)
        assert (0 in a.seen) == (0 in b.seen)
        if 0 in a.seen:
            np.testing.assert_array_equal(a.message.positions[0], b.message.positions[0])
        alarms = len(b.message.positions) - len(b.seen)
        np.testing.assert_array_equal(
            a.message.positions[len(a.seen) :], b.message.positions[len(b.seen) :].reshape(alarms, 2)
        )


# -- whom it imagines ----------------------------------------------------------------------------------------


def test_false_alarms_come_at_the_stated_rate_all_over_the_view() -> None:
    view = scene(pose=POSE)
    messages = looks(detector(false_alarms=0.6), view)
    points = np.concatenate([m.positions for m in messages])
    assert count_fits(len(points), 0.6 * LOOKS)
    assert variance_fits(np.array([len(m.positions) for m in messages]), 0.6, excess_kurtosis=1 / 0.6)
    bearing = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    assert stats.kstest(bearing, stats.uniform(-50.0, 100.0).cdf).pvalue > 0.01
    assert (np.hypot(*points.T) <= 4.0 + 1e-9).all()
    inside = POSE.transform(points)
    assert (inside > -1e-9).all() and (inside < np.array([6.0, 4.0]) + 1e-9).all()  # none behind a wall
    assert all(detector(false_alarms=0.6).read(view, 0.0).seen == () for _ in range(10))


def test_a_flood_fills_every_frame_and_passes_without_a_trace() -> None:
    view = scene(pose=POSE, people=[AHEAD])
    calm, flooded = detector(false_alarms=0.5), detector(false_alarms=0.5)
    flooded.flood(30)
    for _ in range(5):
        before = look(calm, view)
        assert len(look(flooded, view).positions) == len(before.positions) + 30
    flooded.flood(0)
    for _ in range(20):
        np.testing.assert_array_equal(look(calm, view).positions, look(flooded, view).positions)


def test_a_coat_stand_is_taken_for_a_person_now_and_then() -> None:
    opaque = ROOM.opaque.copy()
    opaque[37:43, 77:83] = True  # the stand itself
    home = StillHome(opaque, ROOM.frame)
    sensor = detector(position_std=0.0, ghosts=(Ghost(3.95, 1.95, 0.3), Ghost(1.0, 2.0, 1.0)))  # the other is behind
    messages = looks(sensor, scene(pose=POSE, home=home))
    assert share_fits(found(messages), LOOKS, 0.3)
    np.testing.assert_allclose(next(m for m in messages if len(m.positions)).positions, [[1.95, -0.05]], atol=1e-9)
    hidden = opaque.copy()
    hidden[:, 60] = True
    assert found(looks(sensor, scene(pose=POSE, home=StillHome(hidden, ROOM.frame)), 200)) == 0


# -- whom it takes for whom ----------------------------------------------------------------------------------


def numbers(sensor: DetectorSensor, people: list[tuple[float, float]], count: int, period: float = 0.1) -> np.ndarray:
    messages = [look(sensor, scene(0.1 * k * period / 0.1, POSE, people)) for k in range(count)]
    return np.array([m.ids for m in messages])


def test_without_identities_there_are_no_numbers() -> None:
    assert look(detector(), scene(pose=POSE, people=[AHEAD])).ids is None


def test_a_person_keeps_their_number_and_gets_a_new_one_after_a_gap() -> None:
    sensor = detector(miss=0.0, identities=True, id_memory=1.0)
    assert len(set(numbers(sensor, [AHEAD], 50).ravel())) == 1
    (soon,) = look(sensor, scene(5.9, POSE, [AHEAD])).ids
    (later,) = look(sensor, scene(7.1, POSE, [AHEAD])).ids
    assert soon == 1 and later != soon


def test_numbers_switch_at_the_stated_rate() -> None:
    ids = numbers(detector(miss=0.0, identities=True, id_switches=0.5), [AHEAD], LOOKS).ravel()
    switched = (np.diff(ids) != 0).sum()
    assert share_fits(switched, LOOKS - 1, -np.expm1(-0.5 * 0.1))
    assert len(set(ids)) == switched + 1  # no number comes back


def test_two_who_are_in_view_trade_their_numbers() -> None:
    ids = numbers(detector(miss=0.0, identities=True, id_switches=0.3), [AHEAD, (3.5, 1.6)], LOOKS)
    assert {tuple(row) for row in ids} == {(1, 2), (2, 1)}
    # a trade by either of two; both in one look undo each other
    once = -np.expm1(-0.3 * 0.1)
    assert share_fits((np.diff(ids[:, 0]) != 0).sum(), LOOKS - 1, 2 * once * (1 - once))


def test_false_alarms_have_numbers_of_their_own() -> None:
    sensor = detector(miss=0.0, identities=True, false_alarms=1.0)
    messages = looks(sensor, scene(pose=POSE, people=[AHEAD]), 200)
    assert {int(m.ids[0]) for m in messages} == {int(messages[0].ids[0])}
    alarms = [int(i) for m in messages for i in m.ids[1:]]
    assert len(set(alarms)) == len(alarms) > 100 and all(len(m.ids) == len(m.positions) for m in messages)


# -- on the screen -------------------------------------------------------------------------------------------


def on_screen_at(settings: ScreenSettings, seed: int = 2) -> DetectorSensor:
    screen = ScreenSensor(settings, np.random.default_rng(seed))
    exact = DetectorSettings(miss=0.0, position_std=0.0)
    return DetectorSensor(CAMERA, exact, np.random.default_rng(seed), on_screen(0.1, 0.0, screen.pan_of_camera))


def test_the_screen_s_camera_looks_where_the_screen_points() -> None:
    behind = (0.8, 2.2)
    turned, straight = scene(pose=POSE, people=[behind], pan=np.pi), scene(pose=POSE, people=[behind])
    sensor = on_screen_at(ScreenSettings())
    message = look(sensor, turned)
    np.testing.assert_allclose(message.positions, [[-1.2, 0.2]], atol=1e-9)  # in base, wherever the screen points
    assert message.view is not None and message.view.mount == Pose(0.1, 0.0, np.pi)
    assert message.view.range_max == 4.0 and message.view.field_of_view == pytest.approx(np.radians(100.0))
    assert look(sensor, straight).positions.shape == (0, 2)
    assert look(detector(), straight).view is None  # that of the profile


def test_errors_of_the_measured_pan_turn_what_the_camera_sees() -> None:
    sensor, view = (
        on_screen_at(ScreenSettings(pan_std=0.02, pan_offset=0.05)),
        scene(pose=POSE, people=[AHEAD], pan=0.2),
    )
    messages = looks(sensor, view)
    error = np.array([m.view.mount.yaw for m in messages if m.view]) - 0.2
    assert mean_fits(error, 0.05) and variance_fits(error, 0.02**2)
    local = np.array(AHEAD) - (2.1, 2.0)
    bearing = np.array([np.arctan2(y, x - 0.1) for m in messages for x, y in m.positions])
    np.testing.assert_allclose(bearing - np.arctan2(local[1], local[0]), error, atol=1e-9)


def test_a_pan_that_is_read_late_lags_while_the_screen_turns() -> None:
    view = scene(pose=POSE, people=[AHEAD], pan=0.2, pan_rate=1.5)
    message = look(on_screen_at(ScreenSettings(pan_lag=0.1)), view)
    assert message.view is not None and message.view.mount.yaw == pytest.approx(0.05)


def test_the_screen_s_encoder_has_the_stated_noise() -> None:
    screen = ScreenSensor(ScreenSettings(pan_std=0.01, rate_std=0.1, pan_offset=-0.1), np.random.default_rng(3))
    messages = [screen.read(scene(pan=0.4, pan_rate=0.3), 0.0).message for _ in range(LOOKS)]
    pan, rate = np.array([m.pan for m in messages]), np.array([m.rate for m in messages])
    assert mean_fits(pan, 0.3) and variance_fits(pan, 0.01**2)
    assert mean_fits(rate, 0.3) and variance_fits(rate, 0.1**2)
