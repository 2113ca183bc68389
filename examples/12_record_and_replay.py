"""Record a drive, replay it to the bit, and ask what a more cautious robot would have done. Needs pavane[record]."""

import sys

from pavane import GoTo, RobotProfile, load_map
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import replay_picture
from pavane.record import Recorder, Replay, changed, compare, open_recording, recorded_navigator, verify
from pavane.sim import PersonSpec, World

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = load_map("house"), RobotProfile.load("astro_like")
person = PersonSpec(start=(9.8, 5.5), goals=((6.0, 5.5),), speed=0.6, kind="stubborn")
world = World(home, robot, home.place("dock"), [person], seed=0)

with Recorder(out / "drive.mcap") as recorder:  # opens in Foxglove and rosbags, too
    run = drive(recorded_navigator(robot, home, journal=recorder), world, [GoTo("bath")], seconds=30.0)
recording = open_recording(out / "drive.mcap")
print(f"{run.goals[0].status.value}: {recording.ticks} ticks, {(out / 'drive.mcap').stat().st_size / 1e6:.1f} MB")

verified = verify(Replay(recording))
print("the same to the bit" if verified.difference is None else f"differs: {verified.difference}")

cautious = changed(recording.setup, ("planner.objective.harm_speed=12",))
comparison = compare(Replay(recording, setup=cautious))
replay_picture(comparison, home, "as driven, and more cautious", out / "12_record_and_replay.png")
