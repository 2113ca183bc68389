"""Recorded people: they are where the file says, and only when it says so."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from pavane.core.errors import BadFile, BadSetting
from pavane.core.geometry import Pose
from pavane.sim import World
from pavane.sim.people import RecordedTrack, ReplaySpec, TrackReplay, read_tracks
from sim_scenes import ROBOT, room

HEADER = "frame_time_s,ped_id,x_m,y_m\n"


def rows_of(path):
    with path.open() as file:
        return [(float(r["frame_time_s"]), r["ped_id"], float(r["x_m"]), float(r["y_m"])) for r in csv.DictReader(file)]


def test_everybody_recorded_is_at_the_stamps_where_the_file_says(data):
    files = [p for folder in ("pedestrians", "socnavbench") for p in sorted((data / folder).glob("*.csv"))]
    files = [path for path in files if not path.name.endswith(".vehicle.csv")]
    assert len(files) >= 36
    for path in files:
        replay = TrackReplay(read_tracks(path))
        column = {name: i for i, name in enumerate(replay.names)}
        stamps = {}
        for time, name, x, y in rows_of(path):
            stamps.setdefault(time, []).append((column[name], x, y))
        for time, rows in stamps.items():
            states = replay.states(time)
            who, x, y = (np.array(values) for values in zip(*rows, strict=True))
            np.testing.assert_array_equal(states[who, :2], np.column_stack([x, y]), err_msg=path.name)


def test_a_world_has_them_at_the_stamps_where_the_file_says(data):
    """Stamps of 0.25 s are no whole number of the people's steps of 20 ms."""
    path = data / "pedestrians" / "hermes_bo-360-050-050.csv"
    replay = ReplaySpec(file=path.name, x=20.0, y=20.0, delay=-10.0).tracks(path.parent)
    column = {name: i for i, name in enumerate(replay.names)}
    world = World(room(40.0, 40.0), ROBOT, Pose(1.0, 1.0), seed=0, replay=replay)
    rows = [row for row in rows_of(path) if 10.0 < row[0] <= 14.0]
    assert len(rows) > 100
    for time in sorted({row[0] for row in rows}):
        world.advance(time - 10.0)
        world.receive()
        people = world.truth.people
        for _, name, x, y in (row for row in rows if row[0] == time):
            np.testing.assert_allclose(people[column[name], :2], (20.0 + x, 20.0 + y), atol=1e-9)


def test_a_recording_is_turned_shifted_and_delayed_as_a_whole(data):
    path = data / "socnavbench" / "eth_follow.csv"
    plain = TrackReplay(read_tracks(path))
    moved = ReplaySpec(file=path.name, x=3.0, y=-2.0, yaw_deg=40.0, delay=1.5, radius=0.25).tracks(path.parent)
    pose = Pose(3.0, -2.0, math.radians(40.0))
    times = np.linspace(0.0, 10.0, 83)
    before, after = plain.over(times), moved.over(times + 1.5)
    there = np.isfinite(before[..., 0])
    assert (there == np.isfinite(after[..., 0])).all() and there.any() and not there.all()
    np.testing.assert_allclose(after[there][:, :2], pose.transform(before[there][:, :2]), atol=1e-9)
    np.testing.assert_allclose(after[there][:, 3:5], pose.rotate(before[there][:, 3:5]), atol=1e-6)
    assert (after[there][:, 5] == 0.25).all()


tracks = st.lists(
    st.tuples(st.floats(0.05, 2.0), st.floats(-5.0, 5.0), st.floats(-5.0, 5.0)), min_size=1, max_size=8
).map(lambda rows: RecordedTrack("a", np.cumsum([r[0] for r in rows]), np.array([r[1:] for r in rows])))


@given(tracks)
def test_between_stamps_nobody_overshoots_and_velocity_is_the_derivative(track):
    replay = TrackReplay([track])
    inner = np.linspace(track.times[0], track.times[-1], 101)
    states = replay.over(inner)[:, 0]
    if len(track.times) == 1:
        np.testing.assert_array_equal(replay.states(track.times[0])[0, :2], track.places[0])
        return
    interval = np.clip(np.searchsorted(track.times, inner, side="right") - 1, 0, len(track.times) - 2)
    ends = np.sort([track.places[interval], track.places[interval + 1]], axis=0)
    assert (states[:, :2] >= ends[0] - 1e-9).all() and (states[:, :2] <= ends[1] + 1e-9).all()
    twin = PchipInterpolator(track.times, track.places)
    np.testing.assert_allclose(states[:, :2], twin(inner), atol=1e-8)
    np.testing.assert_allclose(states[:, 3:5], twin(inner, 1), atol=1e-6)


def test_a_person_exists_from_the_first_to_the_last_stamp():
    replay = TrackReplay([RecordedTrack("a", np.array([1.0, 2.0]), np.array([[0.0, 0.0], [1.0, 0.0]]))])
    there = [bool(np.isfinite(replay.states(t)).all()) for t in (0.99, 1.0, 1.5, 2.0, 2.01)]
    assert there == [False, True, True, True, False]
    assert np.isnan(replay.states(0.5)).all()
    assert replay.span == (1.0, 2.0)


def test_somebody_who_stands_keeps_facing_where_they_went():
    places = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    replay = TrackReplay([RecordedTrack("a", np.arange(4.0), places)])
    assert replay.states(2.7)[0, 2] == pytest.approx(math.pi / 2)
    assert (replay.states(2.7)[0, 3:5] == 0.0).all()


def test_key_frames_repeat_with_a_jump(data):
    import json

    for path in sorted((data / "dynabarn").glob("*.json"))[:5]:
        moving = json.loads(path.read_text())["moving"]
        frames = [np.array(mover["keyframes_t_x_y"]) for mover in moving]
        periods = [mover["period_s"] for mover in moving]
        tracks = [
            RecordedTrack(mover["name"], keys[:, 0], keys[:, 1:]) for mover, keys in zip(moving, frames, strict=True)
        ]
        replay = TrackReplay(tracks, radius=0.5, period=periods)
        for i, (keys, period) in enumerate(zip(frames, periods, strict=True)):
            for t, x, y in keys[keys[:, 0] < period]:
                for again in (0, 3):
                    state = replay.states(t + again * period + 1e-9)[i]
                    assert math.hypot(state[0] - x, state[1] - y) < 0.01
                    assert state[5] == 0.5
    assert np.isfinite(replay.states(1e4)).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lack a column"),
        ("frame_time_s,ped_id,x_m\n0,1,2\n", "y_m"),
        (HEADER, "hold nobody"),
        (HEADER + "0,1,nan,2\n", "line 2"),
        (HEADER + "0,1,,2\n", "not a number"),
        (HEADER + "0,1,inf,2\n", "finite"),
        (HEADER + "0,1,1,2\n0.4,1,1,2\n0.4,1,2,2\n", "does not increase"),
        (HEADER + "0,1,1\n", "number of fields"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "UTF-8"),
        (HEADER.encode() + b"0,1,\x00,2\n", "not text"),
    ],
)
def test_bad_tracks_are_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "tracks.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFile) as error:
        read_tracks(path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_what_else_cannot_be_replayed_is_refused(tmp_path):
    path = tmp_path / "tracks.csv"
    path.write_text("\ufeff" + HEADER + "0,7,1,2\n\n0.5,7,2,2\n", encoding="utf-8")
    assert read_tracks(path)[0].name == "7"
    with pytest.raises(BadFile):
        read_tracks(tmp_path / "none.csv")
    with pytest.raises(BadFile):
        ReplaySpec(file="tracks.csv", people=("8",)).tracks(tmp_path)
    with pytest.raises(BadSetting):
        ReplaySpec(file="tracks.csv", radius=2.0)
    five_seconds = RecordedTrack("a", np.array([0.0, 5.0]), np.array([[0.0, 0.0], [1.0, 0.0]]))
    with pytest.raises(BadSetting):
        TrackReplay([five_seconds], period=[4.0])
    with pytest.raises(BadSetting):
        TrackReplay([])
