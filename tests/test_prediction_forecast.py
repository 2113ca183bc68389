"""Hypotheses of people: what they may do is likelier the more they have done it, and regions hold who they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beliefs import believe, track
from pavane.core.belief import Track
from pavane.core.geometry import Pose
from pavane.core.messages import Detections
from pavane.core.robot import RobotProfile
from pavane.perception.tracker import PeopleTracker
from pavane.prediction import Forecast, hypotheses, later, rooms_ahead, walk
from sim_scenes import room

ORIGIN = Pose(0.0, 0.0)
TIMES = np.linspace(0.0, 3.0, 7)


def tracked(places: np.ndarray, kind: str = "person") -> Track:
    """Somebody seen at places (T, 2), ten times a second."""
    rng = np.random.default_rng(0)
    tracker = PeopleTracker(None)
    tracks: tuple[Track, ...] = ()
    for k, place in enumerate(places):
        seen = place[None] + rng.normal(0.0, 0.05, (1, 2))
        tracks = tracker.update(Detections(0.1 * k, seen, 0.05, kinds=(kind,)), ORIGIN)
    (only,) = tracks
    return only


def straight(speed: float, seconds: float = 3.0) -> np.ndarray:
    t = np.arange(round(10 * seconds)) * 0.1
    return np.stack([speed * t, np.zeros_like(t)], axis=1)


def one(seen: Track, rooms: np.ndarray | None = None, times: np.ndarray = TIMES) -> Forecast:
    (forecast,) = hypotheses([seen], times, rooms)
    return forecast


def mean(forecast: Forecast) -> np.ndarray:
    return np.einsum("m,mki->ki", forecast.weights, forecast.means)


def spread(forecast: Forecast) -> np.ndarray:
    """Variances (K,) of a coordinate of the whole mixture."""
    off = forecast.means - mean(forecast)
    return np.einsum("m,mk->k", forecast.weights, forecast.sigma_pp + 0.5 * (off * off).sum(-1))


def test_who_walks_goes_on_and_who_stands_stays() -> None:
    walking, standing = one(tracked(straight(1.0))), one(tracked(straight(0.0)))
    assert np.abs(mean(walking)[-1] - (2.9 + 2.8, 0.0)).max() < 0.5
    assert np.abs(mean(standing)[-1]).max() < 0.25
    still = int(np.argmax(standing.weights))
    assert standing.weights[still] > 0.5
    assert (standing.velocities[still] == 0.0).all()
    assert np.sqrt(standing.sigma_vv[still]).max() < 0.03  # m/s: a robot at rest beside them is safe
    assert np.sqrt(standing.sigma_pp[still]).max() < 0.05


def test_who_turns_again_and_again_is_less_sure_than_who_goes_straight() -> None:
    t = np.arange(60) * 0.1
    zigzag = np.stack([0.8 * t, 0.5 * np.abs((t % 2.0) - 1.0)], axis=1)
    restless, calm = tracked(zigzag), tracked(straight(0.8, 6.0))
    assert restless.modes is not None and calm.modes is not None
    assert restless.modes.innovation > calm.modes.innovation
    assert spread(one(restless))[-1] > 1.5 * spread(one(calm))[-1]


def test_a_wall_ahead_makes_turning_likely_and_nobody_walks_through_it() -> None:
    seen = tracked(straight(1.0))
    free, walled = one(seen), one(seen, np.array([0.8]))
    assert walled.weights[-1] > 0.2 > 0.1 > free.weights[-1]  # of who changes
    on = int(np.argmax(free.weights))
    near = np.abs(walled.means[:, -1, 0] - 2.9 - 0.8).min()
    assert near < 0.15 and free.means[on, -1, 0] > 5.0


def test_rooms_are_measured_to_the_next_wall() -> None:
    people = (track(2.0, 2.0, 1.0, 0.0), track(2.0, 2.0, -1.0, 0.0, identity=2), track(3.0, 2.0, 0.0, 0.1, identity=3))
    belief = believe(room(6.0, 4.0), RobotProfile.load("round"), Pose(3.0, 2.0), people=people)
    ahead, behind, aside = rooms_ahead(people, belief.local_map, belief.map_from_odom)
    assert abs(ahead - 3.8) < 0.15 and abs(behind - 1.8) < 0.15 and abs(aside - 1.8) < 0.15


def test_time_since_sensing_counts_and_going_a_then_b_is_going_a_plus_b() -> None:
    seen = tracked(straight(0.8))
    waited = later(later(seen, 0.2), 0.3)
    assert waited.elapsed == seen.elapsed + 0.5
    then, now = one(waited, times=TIMES), one(seen, times=TIMES + 0.5)
    for name in ("weights", "means", "velocities", "sigma_pp", "sigma_pv", "sigma_vv"):
        assert np.allclose(getattr(then, name), getattr(now, name))


@given(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.floats(0.3, 6.0), st.sampled_from(["person", "pet", "thing"]))
def test_a_forecast_is_one_whatever_the_state(vx: float, vy: float, ahead: float, kind: str) -> None:
    forecast = one(replace(track(1.0, 2.0, vx, vy), kind=kind), np.array([ahead]))
    count = len(forecast.weights)
    assert 1 <= count <= 4 and abs(forecast.weights.sum() - 1.0) < 1e-9
    assert forecast.means.shape == forecast.velocities.shape == (count, len(TIMES), 2)
    assert (forecast.sigma_pp > 0.0).all() and (np.diff(forecast.sigma_pp, axis=1) >= 0.0).all()
    assert (forecast.sigma_pp * forecast.sigma_vv - forecast.sigma_pv**2 >= -1e-12).all()


def test_covariances_are_half_the_slope_of_variances() -> None:
    times = np.linspace(0.2, 3.0, 400)
    forecast = one(tracked(straight(0.9)), times=times)
    slope = 0.5 * np.gradient(forecast.sigma_pp, times, axis=1)
    assert np.allclose(forecast.sigma_pv[:, 1:-1], slope[:, 1:-1], rtol=2e-3, atol=1e-4)


def test_many_are_forecast_as_each_alone() -> None:
    people = [tracked(straight(1.0)), tracked(straight(0.0)), tracked(straight(0.6), "pet")]
    for seen, together in zip(people, hypotheses(people, TIMES), strict=True):
        alone = one(seen)
        assert np.allclose(together.weights, alone.weights) and np.allclose(together.means, alone.means)
    assert hypotheses([], TIMES) == []


def test_the_mean_walk_agrees_with_the_hypotheses() -> None:
    seen = tracked(straight(0.9))
    places, _ = walk(seen, TIMES)
    assert np.abs(places - mean(one(seen))).max() < 0.3
