"""``pavane replay``: a recorded drive again."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, UseAppendAction, arg

from pavane.cli.places import check_json
from pavane.cli.show import figures, progress, say, table, write
from pavane.core.errors import BadSetting

if TYPE_CHECKING:
    from pavane.bench.runner.report import Figure
    from pavane.record import Recorder, Recording
    from pavane.record.comparison import Comparison

MOST_TOLD = 40  # lines of what happened


@dataclass(frozen=True, slots=True)
class ReplayCommand:
    """Play a recorded drive again: say what happened in it, hold it against the same code, or change a setting.

    Example: pavane replay drive.mcap --set objective=chance_5 --out out/replay

    Args:
        file: a recording (pavane run, demo or scenarios with --record; docs/guides/recording.md).
        verify: play it through the same code and say whether every command, plan and status is the same to the bit.
        set: NAME=VALUE, once for each setting that is other: objective (ours, chance_5, chance_20, weighted_sum), seed,
            forwarding.robot, planner.objective.harm_speed, robot.latency.perception and others. What is decided then
            is shown beside what was; it is open loop: sensors say what they said, and the world does not answer.
        out: folder for replay.png, which draws both.
        json: file for the figures (docs/guides/studies.md).
    """

    file: Annotated[Positional[str], arg(metavar="FILE")]
    verify: bool = False
    set: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="NAME=VALUE")] = ()
    out: str | None = None
    json: str | None = None

    def __call__(self) -> bool:
        """Do it; False when it is to be the same and is not."""
        from pavane.record import open_recording

        if self.verify and self.set:
            raise BadSetting("--verify and --set do not go together", limit="one of them")
        if self.out is not None and not self.set:
            raise BadSetting("--out draws a comparison", remedy="Name a setting with --set.")
        check_json(self.json)
        with progress("reading", None):
            recording = open_recording(self.file)
        _tell(recording)
        if self.set:
            self._compare(recording)
            return True
        return self._verify(recording) if self.verify else self._narrate(recording)

    def _verify(self, recording: Recording) -> bool:
        from pavane.bench.studies.replay import make_replay
        from pavane.record import verify

        with progress("replaying", recording.duration) as bar:
            found = verify(make_replay(recording), lambda now: bar.show(now, f"{now:.0f} s"))
        other = found.difference
        if other is None:
            say(f"identical: {found.ticks} ticks, {found.plans} plans")
        else:
            say(f"not identical: after {found.ticks} ticks, at {other.time:.2f} s, {other.field}")
            say(f"  recorded {_short(other.recorded)}")
            say(f"  replayed {_short(other.replayed)}")
        write(self.json,
            {
                "identical": int(other is None), "ticks": found.ticks, "plans": found.plans,
                "first_difference_s": "none" if other is None else round(other.time, 3),
                "first_difference": "none" if other is None else other.field,
            }, [],
        )  # fmt: skip
        return other is None

    def _compare(self, recording: Recording) -> None:

        from pavane.bench.studies.replay import make_replay
        from pavane.core.files import make_folder
        from pavane.record import compare

        replay = make_replay(recording, self.set)
        folder = None if self.out is None else make_folder(self.out)
        with progress("replaying", recording.duration) as bar:
            found = compare(replay, lambda now: bar.show(now, f"{now:.0f} s"))
        if not len(found.times):
            raise BadSetting("there is nothing to compare", value="no tick", remedy="Record a longer drive.")
        rows = _differences(found)
        names = {
            "v": "speed asked for, m/s", "omega": "turn asked for, rad/s", "pan": "screen, rad",
            "plan_m": "plans apart within 3 s, m",
        }  # fmt: skip
        shown = [(names[str(row["of"])], row["largest"], row["at_s"], row["mean"]) for row in rows]
        table("With " + ", ".join(self.set) + ": differences", ("of", "largest", "at s", "mean"), shown)
        say(f"another status on {found.other_status} of {len(found.times)} ticks")
        say("open loop: it decided on what the recorded drive sensed; the world did not answer")
        summary: dict[str, Figure] = {
            "set": ", ".join(self.set), "ticks": len(found.times), "plans": len(found.plan_times),
            "other_status_ticks": found.other_status, **{f"{row['of']}_largest": row["largest"] for row in rows},
        }  # fmt: skip
        if folder is not None:
            from pavane.figures import replay_picture

            path = folder / "replay.png"
            title = f"{recording.setup.robot.name} in {recording.setup.home.name}, {', '.join(self.set)}"
            replay_picture(found, recording.setup.home, title, path)
            say(f"picture: {path}")
        write(self.json, summary, rows)

    def _narrate(self, recording: Recording) -> bool:
        from pavane.record import happenings

        told = happenings(recording)
        table("What happened", ("s", ""), [(f"{each.time:.2f}", each.text) for each in told[:MOST_TOLD]])
        if len(told) > MOST_TOLD:
            say(f"and {len(told) - MOST_TOLD} more (--json FILE for all)")
        write(
            self.json,
            {"ticks": recording.ticks, "plans": recording.plans, "seconds": round(recording.duration, 3)},
            [{"time_s": round(each.time, 3), "what": each.text} for each in told],
        )
        return True


def _differences(found: Comparison) -> list[dict[str, Figure]]:
    """Return a row for each thing that may differ: the largest difference, when it was, and the mean."""
    import numpy as np

    from pavane.bench.runner.report import figure

    rows: list[dict[str, Figure]] = []
    for column, name in enumerate(("v", "omega", "pan")):
        most, when = found.largest(column)
        mean = np.abs(found.replayed[:, column] - found.recorded[:, column]).mean()
        rows.append({"of": name, "largest": figure(most), "at_s": figure(when, 2), "mean": figure(float(mean))})
    gaps = found.plan_gaps[np.isfinite(found.plan_gaps)]
    worst = int(np.nanargmax(found.plan_gaps)) if len(gaps) else 0
    rows.append(
        {
            "of": "plan_m", "largest": figure(float(gaps.max()) if len(gaps) else 0.0),
            "at_s": figure(float(found.plan_times[worst]) if len(gaps) else 0.0, 2),
            "mean": figure(float(gaps.mean()) if len(gaps) else 0.0),
        }
    )  # fmt: skip
    return rows


def _tell(recording: Recording) -> None:
    """What kind of recording this is, and whether other code made it."""
    from pavane.record import fingerprint

    setup, megabytes = recording.setup, recording.path.stat().st_size / 1e6
    minutes = max(recording.duration, 1e-9) / 60.0
    figures(
        recording.path.name,
        {
            "robot": f"{setup.robot.name} in {setup.home.name}, planner {setup.planner.name}, seed {setup.seed}",
            "length": f"{recording.duration:.1f} s, {recording.ticks} ticks, {recording.plans} plans",
            "size": f"{megabytes:.2f} MB, {megabytes / minutes:.1f} MB a minute",
        },
    )
    if recording.cut:
        say(f"the file is not whole: {recording.cut}; this is all before that")
    here, there = fingerprint(), setup.code
    others = [f"{name} {there.get(name, 'none')} (here {here[name]})" for name in here if there.get(name) != here[name]]
    if others:
        say(f"other code made it, so that it may differ: {', '.join(others)}")


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 100 else text[:97] + "..."


def recording_to(path: str | None) -> AbstractContextManager[Recorder | None]:
    """Return a recorder of one drive into a file; none where none is asked for.

    Raises:
        BadFile: it cannot be written.
        BadSetting: what is needed for it is not installed.
    """
    if path is None:
        return nullcontext()
    from pavane.record import Recorder

    return Recorder(path)
