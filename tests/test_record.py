"""Recordings: written while driving, read whole or in part, by others too, and replayed to the bit."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.writer import Writer
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader as Bag
from rosbags.typesys import Stores, get_typestore

import pavane
from pavane import (
    BadFile,
    BadGoal,
    BadMessage,
    BadSetting,
    Follow,
    GoTo,
    Navigator,
    NavigatorConfig,
    Pose,
    RobotProfile,
    Stop,
    load_map,
)
from pavane.baselines.objectives import Tuning
from pavane.bench.runner.timed_drive import carry_out
from pavane.bench.studies.replay import RecordedDrive, list_drives, make_replay, name_of, planner_of, run_drive
from pavane.core.entities import KINDS, KindCost
from pavane.core.messages import Detections, FieldOfView, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command, Status
from pavane.core.tasks import Task
from pavane.navigator import TICK, Strategies
from pavane.planning.local_planner import Objective, PlannerConfig, TrajectoryPlanner
from pavane.record import (
    Journal,
    PlannerName,
    Recorder,
    Recording,
    Replay,
    Setup,
    changed,
    codec,
    compare,
    fingerprint,
    happenings,
    open_recording,
    recorded_navigator,
    verify,
)  # fmt: skip
from pavane.record.recorder import APART
from pavane.record.recording import MAGIC, read_messages
from pavane.record.tick import Call, JobEnd, Tick, Unknown
from pavane.record.topics import TYPES, nanoseconds
from pavane.sim import World

SECONDS = 6.0


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drive through the flat among two people, recorded."""
    path = tmp_path_factory.mktemp("record") / "drive.mcap"
    home, robot = load_map("flat"), RobotProfile.load("astro_like")
    with Recorder(path) as recorder:
        carry_out(
            home, robot, home.place("dock"), [GoTo("kitchen")], seed=3, seconds=SECONDS, people=2, journal=recorder
        )
    assert recorder.error == ""
    return path


@pytest.fixture(scope="module")
def recording(path: Path) -> Recording:
    return open_recording(path)


def fresh(path: Path, **options: Any) -> tuple[Navigator, World, Recorder]:
    home, robot = load_map("flat"), RobotProfile.load("astro_like")
    recorder = Recorder(path)
    world = World(home, robot, home.place("dock"), [], seed=1)
    return recorded_navigator(robot, home, journal=recorder, **options), world, recorder


def run(navigator: Navigator, world: World, ticks: int) -> None:
    first = round(world.time / TICK)
    for tick in range(first, first + ticks):
        for message in world.receive():
            navigator.observe(message)
        world.send(navigator.step(world.clock))
        world.advance((tick + 1) * TICK)


# -- exact replay -----------------------------------------------------------------------------------------------------


def test_a_replay_is_the_same_to_the_bit(recording: Recording) -> None:
    found = verify(Replay(recording))
    assert found.difference is None
    assert found.ticks == recording.ticks == round(SECONDS / TICK)
    assert found.plans == recording.plans > 50


def test_recording_changes_nothing(recording: Recording) -> None:
    home, robot = load_map("flat"), RobotProfile.load("astro_like")
    plain = carry_out(home, robot, home.place("dock"), [GoTo("kitchen")], seed=3, seconds=SECONDS, people=2)
    commands = [codec.unpack_tick(entry.tick).command for entry in recording.entries()]
    assert [command.v for command in commands if command] == plain.run.commands.v.tolist()
    assert [command.omega for command in commands if command] == plain.run.commands.omega.tolist()


FAULTS = ["planner_stalls", "clock_steps", "commands_lost", "uneven_computer"]


@pytest.mark.parametrize("name", FAULTS)
def test_faults_replay_to_the_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pavane.bench.studies.replay.SECONDS", 6.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # what goes wrong is told, as it should be
        row = run_drive(RecordedDrive("scenario", name, "ours", 0))
    assert row["identical"] == 1, row["first_difference"]


def test_another_objective_replays_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pavane.bench.studies.replay.SECONDS", 3.0)
    assert run_drive(RecordedDrive("scenario", "crossing", "weighted_sum", 0))["identical"] == 1


def test_a_drive_in_real_time_replays_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pavane.bench.studies.replay.SECONDS", 2.0)
    row = run_drive(RecordedDrive("real time", "flat", "ours", 0))
    assert row["identical"] == 1, row["first_difference"]


def test_the_study_lists_every_scenario_homes_rivals_and_real_time() -> None:
    drives = list_drives(100, 6, 0)
    assert len(set(drives)) == 100
    assert len({drive.name for drive in drives if drive.kind == "scenario"}) > 60
    assert {"chance_5", "chance_20", "weighted_sum"} <= {drive.planner for drive in drives}
    assert {"home", "real time"} <= {drive.kind for drive in drives}


def test_what_is_refused_and_what_fails_belongs_to_the_record(tmp_path: Path) -> None:
    navigator, world, recorder = fresh(tmp_path / "x.mcap")
    with pytest.raises(BadGoal):
        navigator.request(GoTo("nowhere"))
    with pytest.raises(BadMessage):
        navigator.observe("no message")  # type: ignore[arg-type]
    with pytest.raises(BadSetting):
        navigator.step(float("nan"))
    navigator.request(GoTo(Pose(1.5, 1.5), match_heading=False))
    run(navigator, world, 30)

    def fail(*_: object) -> None:
        raise MemoryError("none is left")

    whole = navigator.planner.plan
    navigator.planner.plan = fail  # type: ignore[method-assign, assignment]
    with pytest.warns(RuntimeWarning, match="plan: MemoryError: none is left"):
        run(navigator, world, 10)
    navigator.planner.plan = whole  # type: ignore[method-assign]
    navigator.request(Stop())
    run(navigator, world, 20)
    recorder.close()
    recording = open_recording(tmp_path / "x.mcap")
    found = verify(Replay(recording))
    assert found.difference is None and found.ticks == 61
    told = [happening.text for happening in happenings(recording)]
    for text in (
        "BadGoal: unknown place",
        "BadMessage: no such message",
        "time of a step is not finite",
        "none is left",
    ):
        assert any(text in each for each in told), text
    assert "asked: stop" in told


def test_a_difference_is_named_with_its_place_and_values(recording: Recording) -> None:
    other = Replay(recording, setup=changed(recording.setup, ("planner.objective.harm_speed=4",)))
    found = verify(other)
    assert found.difference is not None
    assert found.difference.field.startswith("plan.")
    assert found.difference.recorded != found.difference.replayed
    assert 0.0 < found.difference.time < 1.0


def test_until_gives_the_navigator_at_any_time_in_any_order(recording: Recording) -> None:
    replay = Replay(recording)
    late = replay.until(3.0)
    assert replay.time == pytest.approx(3.0)
    assert late.plan is not None and late.belief is not None and late.status is Status.DRIVING
    kept = late.plan.decision
    assert replay.until(1.0).plan is not None and replay.time == pytest.approx(1.0)
    again = replay.until(3.0)
    assert again.plan is not None
    np.testing.assert_array_equal(again.plan.decision, kept)
    replay.until(1e9)
    assert replay.time == pytest.approx(recording.duration)


def test_what_would_have_been_with_another_setting(recording: Recording) -> None:
    same = compare(Replay(recording))
    assert same.largest(0)[0] == same.largest(1)[0] == 0.0
    assert float(np.nanmax(same.plan_gaps)) == 0.0 and same.other_status == 0
    slow = compare(make_replay(recording, ("robot.limits.vx_max=0.4",)))
    assert slow.replayed[:, 0].max() <= 0.4 + 1e-6 < slow.recorded[:, 0].max()
    rival = compare(make_replay(recording, ("objective=chance_5", "forwarding.people=false")))
    assert float(np.nanmax(rival.plan_gaps)) > 0.0
    assert len(rival.times) == recording.ticks and rival.plans.shape[1:] == (2, 31, 2)
    assert np.isfinite(rival.poses[50:]).all()


@pytest.mark.parametrize(
    "change", ["", "harm", "forwarding=true", "forwarding.robot=2", "planner.objective.harm=1", "seed=x", "a.b.c=1"]
)
def test_a_setting_that_cannot_be_is_refused(recording: Recording, change: str) -> None:
    with pytest.raises(BadSetting):
        changed(recording.setup, (change,))


def test_a_planner_of_its_own_must_be_given(tmp_path: Path) -> None:
    def own(robot: RobotProfile, config: PlannerConfig, rng: np.random.Generator) -> TrajectoryPlanner:
        return TrajectoryPlanner(robot, replace(config, most_tracks=2), rng)

    navigator, world, recorder = fresh(tmp_path / "x.mcap", strategies=Strategies(own))
    run(navigator, world, 5)
    recorder.close()
    recording = open_recording(tmp_path / "x.mcap")
    with pytest.raises(BadSetting, match="of its own"):
        Replay(recording)
    with pytest.raises(BadSetting, match="no such objective"):
        make_replay(recording)
    assert verify(Replay(recording, planner=own)).difference is None


def test_names_of_planners_come_back() -> None:
    name = name_of("weighted_sum", Tuning(people=2.0))
    assert dict(name.figures) == {"people": 2.0, "walls": 1.0, "effort": 1.0}
    assert planner_of(PlannerName("ours")) is TrajectoryPlanner
    planner_of(name)(RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0))


# -- to the file and back ---------------------------------------------------------------------------------------------

numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
near = st.floats(-50.0, 50.0)
poses = st.builds(Pose, near, near, st.floats(-4.0, 4.0))
calls = st.one_of(
    st.builds(Odometry, numbers, poses, near, near),
    st.builds(Localization, numbers, poses),
    st.builds(ScreenFeedback, numbers, numbers, numbers),
    st.builds(GoTo, st.one_of(st.text(max_size=5), poses), st.booleans(), st.floats(0.01, 1.0), st.floats(0.01, 1.0)),
    st.builds(Follow, st.none() | st.integers(0, 99), st.floats(0.1, 3.0)),
    st.just(Stop()),
    st.builds(Unknown, st.text(max_size=5), st.text(max_size=9)),
)


@settings(max_examples=30)
@given(st.lists(calls, max_size=4), numbers, st.lists(st.text(max_size=9), max_size=2), near)
def test_a_tick_comes_back_as_it_was(values: list[Any], now: float, texts: list[str], v: float) -> None:
    tick = Tick(
        tuple(Call(value, not isinstance(value, Odometry), "") for value in values), now,
        Command(0.1 + 0.2, v, -v, 1e-300, True, "why"), Status.WAITING, (JobEnd(3, "planning", 0.3, 2, 0.05, -1),),
        tuple(texts),
    )  # fmt: skip
    data = codec.pack_tick(tick)
    back = codec.unpack_tick(data)
    assert codec.pack_tick(back) == data
    assert [call.value for call in back.calls] == values
    assert back.command == tick.command and back.status is tick.status and back.jobs == tick.jobs


def test_every_message_and_task_can_be_recorded() -> None:
    pose = Pose(0.1, 0.2, 0.3)
    known = [
        Scan(1.0, -1.0, 0.1, np.array([1.0]), 5.0, pose), Odometry(1.0, pose, 0.1, 0.2), Localization(1.0, pose),
        Detections(1.0, np.zeros((0, 2)), 0.1), ScreenFeedback(1.0, 0.1, 0.2), GoTo(pose), Follow(), Stop(),
    ]  # fmt: skip
    assert {type(each) for each in known} == {*get_args(Message), *get_args(Task)}
    data = codec.pack_tick(Tick(tuple(Call(each, False) for each in known), 1.0, None, Status.IDLE))
    assert codec.pack_tick(codec.unpack_tick(data)) == data


@pytest.mark.parametrize("kind", ["<f8", "<f4", "<i8", "<u2"])
def test_arrays_keep_their_numbers_shape_and_bits(kind: str) -> None:
    ranges = np.array([1.0, 2.0, 3.0]).astype(kind)
    if kind[1] == "f":
        ranges[1], ranges[2] = np.inf, np.nan
    view = FieldOfView(Pose(0.1, 0.0), 1.0, 5.0)
    found = Detections(1.0, np.array([[1.0, 2.0], [3.0, 4.0]]), 0.1, np.array([4, 5]), view, ("person", "toy"))
    scan = Scan(np.float64(1.0), -1.0, 0.1, ranges, 5.0, Pose(0.0, 0.0))
    back = codec.unpack_tick(codec.pack_tick(Tick((Call(scan, False), Call(found, False)), 1.0, None, Status.IDLE)))
    one, other = (call.value for call in back.calls)
    assert isinstance(one, Scan) and isinstance(other, Detections)
    assert one.ranges.dtype == ranges.dtype and one.ranges.tobytes() == ranges.tobytes()
    assert other.ids is not None and other.ids.tolist() == [4, 5] and other.view == view and other.kinds == found.kinds
    assert other.positions.tobytes() == found.positions.tobytes()


@pytest.mark.parametrize("home", ["house", "flat"])
def test_a_setup_comes_back_as_it_was(home: str) -> None:
    kinds = {**KINDS, "plant": KindCost(0.2, harm=3.0)}
    config = NavigatorConfig(PlannerConfig(Objective(harm_speed=3.3, kinds=kinds)))
    setup = Setup(
        RobotProfile.load("astro_like"), load_map(home), config, PlannerName("x", (("a", 0.1),)), 7, {"b": "c"}
    )
    back = codec.unpack_setup(codec.unpack(codec.pack_setup(setup)))
    assert codec.pack_setup(back) == codec.pack_setup(setup)
    assert back.robot == setup.robot and back.config == setup.config and back.planner == setup.planner
    np.testing.assert_array_equal(back.home.grid.data, setup.home.grid.data)
    assert back.home.places == setup.home.places and back.home.doors == setup.home.doors


def test_a_setup_of_the_first_schema_keeps_its_weights() -> None:
    config = NavigatorConfig(PlannerConfig(Objective(undiscounted_harm=0.31, survival_bonus=2.7, heading=0.4)))
    setup = Setup(RobotProfile.load("round"), load_map("flat"), config, PlannerName("x", ()), 7, {"b": "c"})
    old = codec.unpack(codec.pack_setup(setup))
    objective = old["config"]["planner"]["objective"]
    objective["regret"], objective["alive"] = objective.pop("undiscounted_harm"), objective.pop("survival_bonus")
    assert codec.unpack_setup({**old, "schema": 1}).config == config


# -- what others read -------------------------------------------------------------------------------------------------


def test_rosbags_reads_every_standard_topic(path: Path) -> None:
    store = get_typestore(Stores.ROS2_HUMBLE)
    read: dict[str, list[Any]] = {}
    with Bag(path) as bag:
        for connection, _, raw in bag.messages():
            if not connection.topic.startswith("/pavane/"):
                read.setdefault(connection.topic, []).append(store.deserialize_cdr(raw, connection.msgtype))
                assert connection.msgtype == TYPES[connection.topic]
    assert read.keys() == TYPES.keys()
    home = load_map("flat")
    rows, columns = home.grid.data.shape
    (drawn,) = read["/map"]
    assert (drawn.info.height, drawn.info.width) == (rows, columns)
    assert set(np.unique(drawn.data).tolist()) <= {-1, 0, 100}
    assert {(t.header.frame_id, t.child_frame_id) for m in read["/tf"] for t in m.transforms} == {
        ("map", "odom"), ("odom", "base_link"), ("base_link", "screen"),
    }  # fmt: skip
    assert read["/tf_static"][0].transforms[0].child_frame_id == "laser"
    assert len(read["/cmd_vel"]) == round(SECONDS / TICK)
    assert max(m.twist.linear.x for m in read["/cmd_vel"]) > 0.3
    assert read["/scan"][0].ranges.dtype == np.float32
    goal = read["/goal_pose"][0].pose.position
    assert (goal.x, goal.y) == pytest.approx((home.place("kitchen").x, home.place("kitchen").y))
    assert any("DRIVING" in m.msg for m in read["/rosout"])
    assert any(m.poses for m in read["/people"])
    assert read["/local_costmap"][0].data.max() > 80


def test_rosbags_reads_it_by_the_definitions_in_the_file_alone(path: Path) -> None:
    with AnyReader([path]) as bag:
        connections = [c for c in bag.connections if not c.topic.startswith("/pavane/")]
        assert all(c.msgdef.data for c in connections)
        assert sum(1 for c, _, raw in bag.messages(connections) if bag.deserialize(raw, c.msgtype)) > 500


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_time_can_be_told(stamp: float) -> None:
    seconds, rest = divmod(nanoseconds(stamp), 10**9)
    assert 0 <= seconds < 2**31 and 0 <= rest < 10**9


def test_the_library_of_mcap_reads_it_with_all_checksums(path: Path) -> None:
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert sum(1 for _ in reader.iter_messages()) == summary.statistics.message_count > 1000
        assert summary.statistics.chunk_count >= round(SECONDS)
    assert len(list(read_messages(path))) == summary.statistics.message_count


# -- files that are not whole -----------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.floats(0.0, 1.0))
def test_a_file_cut_anywhere_is_read_up_to_there(path: Path, share: float) -> None:
    whole, content = list(read_messages(path)), path.read_bytes()
    cut = path.with_name("cut.mcap")
    length = round(share * len(content))
    cut.write_bytes(content[:length])
    if length < len(MAGIC):
        with pytest.raises(BadFile):
            list(read_messages(cut))
        return
    read = list(read_messages(cut))
    assert read == whole[: len(read)]
    inside = sum(1 for _ in _whole_chunks(content[:length]))
    assert len(read) >= inside


def _whole_chunks(content: bytes) -> Iterator[int]:
    """Messages in the chunks that are whole, by their indexes' counts."""
    at = len(MAGIC)
    while at + 9 <= len(content):
        kind, length = struct.unpack_from("<BQ", content, at)
        at += 9 + length
        if at <= len(content) and kind == 0x07:  # an index of a channel's messages follows its chunk
            size = struct.unpack_from("<I", content, at - length + 2)[0]
            yield from range(size // 16)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_cut_recording_opens_and_replays_up_to_the_cut(path: Path, recording: Recording, share: float) -> None:
    content = path.read_bytes()
    cut = path.with_name(f"cut-{share}.mcap")
    cut.write_bytes(content[: round(share * len(content))])
    part = open_recording(cut)
    assert part.cut and 0.0 < part.duration < recording.duration
    assert part.duration > share * recording.duration - 2.0
    found = verify(Replay(part))
    assert found.difference is None and found.ticks == part.ticks


def test_damage_ends_the_reading_and_is_told(path: Path, recording: Recording) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    hurt = path.with_name("hurt.mcap")
    hurt.write_bytes(content)
    part = open_recording(hurt)
    assert part.cut and part.ticks < recording.ticks
    assert verify(Replay(part)).difference is None


KILLED = """
import sys, time
from pathlib import Path
from test_record import fresh, run
from pavane import GoTo
navigator, world, recorder = fresh(Path(sys.argv[1]))
navigator.request(GoTo("kitchen"))
while True:
    run(navigator, world, 1)
    if world.time > 3.0:
        print("ready", flush=True)
        time.sleep(60.0)
"""


def test_a_killed_process_leaves_a_file_that_lacks_a_second_at_most(tmp_path: Path) -> None:
    path = tmp_path / "killed.mcap"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    with process, process.stdout:
        assert process.stdout.readline().strip() == "ready"
        process.send_signal(signal.SIGKILL)
    part = open_recording(path)
    assert part.cut and 2.0 <= part.duration <= 3.0
    assert verify(Replay(part)).difference is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"schema: 1\nname: hall\n", "no MCAP file"),
        (MAGIC[:5], "breaks off"),
        (MAGIC, "breaks off before the setup"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.mcap").write_bytes(content)
    with pytest.raises(BadFile, match=message):
        open_recording(tmp_path / "x.mcap")


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="No such file"):
        open_recording(tmp_path / "x.mcap")


def write_mcap(path: Path, topic: str, data: bytes) -> Path:
    with path.open("wb") as file:
        writer = Writer(file)
        writer.start()
        channel = writer.register_channel(topic, "msgpack", 0)
        writer.add_message(channel, 0, data, 0)
        writer.finish()
    return path


def test_other_mcap_files_and_other_schemas_are_told_apart(tmp_path: Path, recording: Recording) -> None:
    with pytest.raises(BadFile, match="no recording of Pavane"):
        open_recording(write_mcap(tmp_path / "a.mcap", "/chatter", b"\x90"))
    newer = {**codec.unpack(codec.pack_setup(recording.setup)), "schema": codec.SCHEMA + 1}
    with pytest.raises(BadFile, match="another schema"):
        open_recording(write_mcap(tmp_path / "b.mcap", "/pavane/setup", codec.pack(newer)))
    with pytest.raises(BadFile, match="cannot be used"):
        open_recording(write_mcap(tmp_path / "c.mcap", "/pavane/setup", b"\xc1"))


# -- the recorder -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_once_and_the_robot_goes_on() -> None:
    with pytest.warns(RuntimeWarning, match="the drive goes on") as told:
        navigator, world, recorder = fresh(Path("/dev/full"))
        navigator.request(GoTo("kitchen"))
        run(navigator, world, 150)
        recorder.close()
    assert len(told) == 1 and "No space left" in recorder.error
    assert world.truth.v > 0.2


def test_a_file_that_is_taken_away_is_told_once(tmp_path: Path) -> None:
    navigator, world, recorder = fresh(tmp_path / "x.mcap")
    (tmp_path / "x.mcap").unlink()
    with pytest.warns(RuntimeWarning, match="the file is gone") as told:
        run(navigator, world, 120)
    recorder.close()
    assert len(told) == 1


def test_what_cannot_be_written_does_not_stop_the_robot(tmp_path: Path) -> None:
    navigator, world, recorder = fresh(tmp_path / "x.mcap")
    with pytest.warns(RuntimeWarning, match="ends here"):
        navigator.request(Follow(10**30))
        run(navigator, world, 5)
    recorder.close()
    assert open_recording(tmp_path / "x.mcap").setup.seed == 0


def test_a_place_that_cannot_be_written_is_refused_before_the_drive(tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        Recorder(tmp_path / "none" / "x.mcap")
    with pytest.raises(BadFile):
        Recorder(tmp_path)


def test_a_recorder_keeps_one_drive(tmp_path: Path) -> None:
    navigator, _, recorder = fresh(tmp_path / "x.mcap")
    with recorder, pytest.raises(BadSetting, match="one drive"):
        recorded_navigator(navigator.robot, navigator.home, journal=recorder)
    with Recorder(tmp_path / "y.mcap"):
        pass
    with pytest.raises(BadFile, match="is empty"):
        open_recording(tmp_path / "y.mcap")


def test_the_fingerprint_tells_code_and_versions() -> None:
    assert {"pavane", "numpy", "numba", "python", "source"} <= fingerprint().keys()


def test_rooms_that_the_fingerprint_leaves_out_exist() -> None:
    root = Path(pavane.__file__).parent
    assert [name for name in APART if not (root / name).exists()] == []


def test_recording_is_cheap(path: Path, recording: Recording) -> None:
    """Time of the thread for each simulated second: 0.02 measured; up to 0.05 where others fill the caches."""

    class Clocked:
        def __init__(self, recorder: Recorder) -> None:
            self._recorder, self.seconds = recorder, 0.0

        def begin(self, *arguments: Any) -> None:
            self._recorder.begin(*arguments)

        def keep(self, *arguments: Any) -> None:
            began = time.thread_time()
            self._recorder.keep(*arguments)
            self.seconds += time.thread_time() - began

    replay = Replay(recording)
    with Recorder(path.with_name("again.mcap")) as recorder:
        journal: Journal = Clocked(recorder)
        journal.begin(replay.navigator, replay.setup.planner, replay.setup.seed)
        for played in replay:
            journal.keep(replay.navigator, played.tick, played.decision)
    assert isinstance(journal, Clocked) and journal.seconds / recording.duration < 0.08
    assert path.stat().st_size / recording.duration * 60.0 < 15e6


def test_messages_are_msgspec_and_nothing_else(path: Path) -> None:
    topics = set()
    for topic, _, data in read_messages(path):
        if topic.startswith("/pavane/"):
            topics.add(topic)
            msgspec.msgpack.decode(data)
    assert topics == set(codec.OWN)
