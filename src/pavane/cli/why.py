"""``pavane why``: why the robot did what it did at one moment of a recorded drive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from pavane.cli.places import check_json
from pavane.cli.show import progress, say, table, write
from pavane.core.errors import BadSetting

if TYPE_CHECKING:
    from pavane.explain import Explanation
    from pavane.record import Recording


@dataclass(frozen=True, slots=True)
class WhyCommand:
    """Say why the robot slowed, stopped, turned or chose a side at one moment of a recorded drive, in plain words.

    The drive is replayed to that moment, and the moment is planned again some ten times, each time with one thing left
    out: a person, what was seen that is not on the map, a blind corner, the nearness of walls, the goal, the bend of
    the way. What the robot would then do otherwise is what it does for that thing.

    Example: pavane why drive.mcap --at 7.5

    Args:
        file: a recording (pavane run, demo or scenarios with --record; docs/guides/recording.md).
        at: s since the start of the drive.
        terms: show the cost of the chosen motion and of the others term by term, too.
        out: folder for why.png, which draws the motions and marks what was named.
        json: file for the figures (docs/concepts/why.md).
    """

    file: Annotated[Positional[str], arg(metavar="FILE")]
    at: float
    terms: bool = False
    out: str | None = None
    json: str | None = None

    def __call__(self) -> bool:
        """Do it."""
        from pavane.bench.studies.replay import make_replay
        from pavane.explain import explain, summary_of, terms_of
        from pavane.record import open_recording

        check_json(self.json)
        with progress("reading", None):
            recording = open_recording(self.file)
        self._check(recording)
        with progress("replaying", None):
            why = explain(make_replay(recording).until(self.at))
        since = recording.start
        say(why.text(since))
        if self.terms and why.chosen is not None:
            _show_terms(why)
        if self.out is not None:
            from pavane.core.files import make_folder
            from pavane.figures import why_picture

            path = make_folder(self.out) / "why.png"
            why_picture(why, path, since)
            say(f"picture: {path}")
        write(self.json, summary_of(why, since), terms_of(why))
        return True

    def _check(self, recording: Recording) -> None:
        if not 0.0 <= self.at <= recording.duration + 1e-6:
            limit = f"0 to {recording.duration:.2f} s"
            raise BadSetting("the recording has no such moment", value=f"{self.at:g} s", limit=limit)


def _show_terms(why: Explanation) -> None:
    from pavane.explain import terms_of

    rows = terms_of(why)
    columns = ("m, lower is better", "chosen", "regardless", "other way")
    table("Terms", columns, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "" if value == "none" else str(value)
