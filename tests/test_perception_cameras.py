"""People seen by two cameras: frames that state their own view, and frames that come late."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pavane.core.belief import Track
from pavane.core.errors import BadMessage
from pavane.core.geometry import Pose
from pavane.core.messages import Detections, FieldOfView
from pavane.core.robot import Detector
from pavane.perception.tracker import FORGET, LATE, PeopleTracker

ORIGIN = Pose(0.0, 0.0)
BASE = Detector(range_max=6.0, field_of_view_deg=120.0)
BACK = FieldOfView(Pose(0.1, 0.0, math.pi), math.radians(90.0), 6.0)  # the screen looks back


def frame(stamp: float, *points: tuple[float, float], view: FieldOfView | None = None) -> Detections:
    return Detections(stamp, np.array(points, dtype=np.float64).reshape(-1, 2), 0.05, view=view)


def same(ours: tuple[Track, ...], theirs: tuple[Track, ...]) -> bool:
    """Equal to the bit but for the numbers."""
    return len(ours) == len(theirs) and all(
        (a.state.mean == b.state.mean).all()
        and (a.state.covariance == b.state.covariance).all()
        and (a.age, a.sensed) == (b.age, b.sensed)
        for a, b in zip(ours, theirs, strict=True)
    )


def test_who_stands_in_the_view_of_the_screen_alone_is_kept_by_it() -> None:
    tracker = PeopleTracker(BASE)
    for k in range(100):
        tracker.update(frame(0.1 * k), ORIGIN)
        tracks = tracker.update(frame(0.1 * k + 0.05, (-2.0, 0.3), view=BACK), ORIGIN)
    assert len(tracks) == 1 and tracks[0].identity == 1 and tracks[0].age == pytest.approx(9.9)


def test_who_is_in_the_view_of_one_camera_is_not_taken_to_slow_down_by_the_other() -> None:
    alone, both = PeopleTracker(BASE), PeopleTracker(BASE)
    for k in range(30):
        t, y = 0.1 * k, -1.0 + 0.08 * k
        tracks = alone.update(frame(t, (2.5, y)), ORIGIN)
        both.update(frame(t, (2.5, y)), ORIGIN)
        beside = both.update(frame(t, view=BACK), ORIGIN)
    np.testing.assert_allclose(beside[0].velocity, tracks[0].velocity, atol=1e-9)
    assert beside[0].velocity[1] == pytest.approx(0.8, abs=0.05)


def test_a_look_that_does_not_show_them_does_not_forget_them() -> None:
    tracker = PeopleTracker(BASE)
    tracker.update(frame(0.0, (2.0, 0.0)), ORIGIN)
    for k in range(1, 30):
        tracks = tracker.update(frame(0.1 * k, view=BACK), ORIGIN)  # looks the other way
    assert len(tracks) == 1


@pytest.mark.parametrize(("turned", "kept"), [(0.0, False), (math.pi, True)])
def test_who_should_be_in_the_view_that_a_frame_states_is_soon_forgotten(turned: float, kept: bool) -> None:
    tracker = PeopleTracker(BASE)
    robot = Pose(1.0, 1.0, turned)
    tracker.update(frame(0.0, *robot.inverse().transform(np.array([[-1.0, 1.0]])), view=BACK), robot)
    for k in range(1, round(FORGET / 0.1) + 2):
        tracks = tracker.update(frame(0.1 * k, view=BACK), robot)
    assert bool(tracks) == kept


def test_a_late_frame_takes_its_place() -> None:
    in_order, late = PeopleTracker(BASE), PeopleTracker(BASE)
    rng = np.random.default_rng(1)
    noise = rng.normal(0.0, 0.05, (20, 2))
    frames = [frame(0.1 * k, (2.0 + noise[k, 0], 0.08 * k + noise[k, 1])) for k in range(20)]
    for f in frames:
        expected = in_order.update(f, ORIGIN)
    for f in frames[:15] + frames[16:]:
        late.update(f, ORIGIN)
    assert late.stamp == frames[-1].stamp
    assert same(late.update(frames[15], ORIGIN), expected) and late.stamp == frames[-1].stamp


def test_a_frame_that_is_too_late_changes_nothing() -> None:
    tracker = PeopleTracker(BASE)
    for k in range(20):
        tracks = tracker.update(frame(0.1 * k, (2.0, 0.0)), ORIGIN)
    assert same(tracker.update(frame(1.9 - LATE - 0.01, (3.0, 1.0)), ORIGIN), tracks)
    assert len(tracker.update(frame(1.9 - LATE + 0.01, (3.0, 1.0)), ORIGIN)) == 2


def test_a_person_keeps_the_number_that_was_told_when_an_earlier_frame_comes() -> None:
    tracker = PeopleTracker(None)
    (first,) = tracker.update(frame(1.0, (2.0, 0.0)), ORIGIN)
    tracks = tracker.update(frame(0.9, (-2.0, 0.0)), ORIGIN)
    assert {t.identity: t.position[0] for t in tracks} == {first.identity: 2.0, first.identity + 1: -2.0}


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 0.2),
            st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)), max_size=3),
            st.booleans(),
            st.sampled_from([0.0, 0.15, 0.3]),
        ),
        min_size=1,
        max_size=15,
    )
)
def test_tracks_do_not_depend_on_when_frames_arrive(frames: list) -> None:
    stamp, sent = 0.0, []
    for gap, points, screen, latency in frames:
        stamp += gap + 1e-3
        pose = Pose(0.3 * stamp, 0.1, 0.5 * stamp)
        sent.append((stamp + latency, frame(stamp, *points, view=BACK if screen else None), pose))
    in_order, by_arrival = PeopleTracker(BASE), PeopleTracker(BASE)
    for _, message, pose in sent:
        expected = in_order.update(message, pose)
    told: dict[int, float] = {}
    for _, message, pose in sorted(sent, key=lambda s: s[0]):
        tracks = by_arrival.update(message, pose)
        assert len({t.identity for t in tracks}) == len(tracks)
        for t in tracks:
            assert told.setdefault(t.identity, by_arrival.stamp - t.age) == pytest.approx(by_arrival.stamp - t.age)
    assert same(tracks, expected)


def test_a_frame_with_a_bad_view_or_bad_numbers_is_refused() -> None:
    nowhere = Pose(math.nan, 0.0)
    for view in (
        FieldOfView(nowhere, 1.0, 1.0),
        FieldOfView(ORIGIN, 0.0, 1.0),
        FieldOfView(ORIGIN, 7.0, 1.0),
        FieldOfView(ORIGIN, 1.0, math.inf),
    ):
        with pytest.raises(BadMessage):
            frame(0.0, view=view)
    with pytest.raises(BadMessage, match="ids do not fit"):
        Detections(0.0, np.zeros((2, 2)), 0.05, np.array([1]))
    assert Detections(0.0, np.zeros((2, 2)), 0.05, np.array([1, 2])).ids is not None
