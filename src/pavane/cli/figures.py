"""``pavane figures``: pictures of the ideas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from pavane.cli.show import progress, say
from pavane.core.errors import BadFile, BadSetting
from pavane.core.options import at_least

if TYPE_CHECKING:
    from pavane.bench.runner.report import Figure

SAMPLES, SPEED = 600, 0.25  # share of full speed at which the robot is shown
DEMO_SECONDS, DEMO_SIZE = 20.5, 760  # s; pixels of the longer side


@dataclass(frozen=True, slots=True)
class FiguresCommand:
    """Draw the ideas, each as PNG and SVG, from drives made for it; docs/guides/figures.md says what to see in which.

    Example: pavane figures out/figures --only space

    Args:
        out: folder; made where it is missing.
        only: one of space, snapshot, layers, latency, objective, calibration, encounter, kinds, demo; all without it.
        robot: name or file of a profile; latency, objective and calibration have their own.
        seed: of the samples and the drives.
        risk: JSON of pavane bench risk, for calibration; without it a short one of simulated people is made.
    """

    out: Annotated[Positional[str], arg(metavar="OUT")] = "out/figures"
    only: str | None = None
    robot: str = "astro_like"
    seed: int = 0
    risk: str | None = None

    def __call__(self) -> bool:
        """Do it."""
        from pavane.core.files import make_folder
        from pavane.core.robot import RobotProfile

        at_least("seed", self.seed, 0)
        if self.only is not None and self.only not in FIGURES:
            raise BadSetting("no such figure", value=self.only, limit=", ".join(FIGURES))
        RobotProfile.load(self.robot)
        if self.risk is not None:
            _read_risk(self.risk)  # before minutes of drawing go into the others
        folder = Path(make_folder(self.out))
        names = [self.only] if self.only else list(FIGURES)
        with progress("getting ready", len(names)) as bar:
            for i, name in enumerate(names):
                bar.show(i, name)
                FIGURES[name](self, folder / name)
                endings = "gif" if name == "demo" else "png, svg"
                say(f"written: {folder / name}.{endings}")
        return True


def _space(asked: FiguresCommand, out: Path) -> None:
    import numpy as np

    from pavane.core.robot import RobotProfile
    from pavane.figures import space_picture
    from pavane.figures.staged import HORIZON
    from pavane.planning.local_planner import sample_motions

    robot = RobotProfile.load(asked.robot)
    speed = SPEED * robot.limits.vx_max
    motions = sample_motions(robot, SAMPLES, np.random.default_rng(asked.seed), speed=speed)
    space_picture(motions, HORIZON, robot, out)


def _snapshot(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import snapshot_picture
    from pavane.figures.staged import most_interesting, run_errand

    run, _ = run_errand(asked.robot, asked.seed)
    snapshot_picture(most_interesting(run), run.home, run.robot, out)


def _layers(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import layers_picture
    from pavane.figures.staged import layers_of, most_interesting, near_moment, run_errand

    run, scans = run_errand(asked.robot, asked.seed)
    snapshot = most_interesting(run)
    near, sweep = near_moment(run, scans, snapshot)
    layers_picture(snapshot, near, sweep, run.home, run.robot, layers_of(run, snapshot), out)


def _latency(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import comparison_picture
    from pavane.figures.staged import LATE_VIEW, drive_late

    title = "Half a second late: fine if it looks ahead, else it circles its goal"
    note = "one encounter of pavane bench latency, same seed; the robot every half second, people fading in"
    comparison_picture(drive_late(), title, note, LATE_VIEW, 20.0, out, turns=True)


def _objective(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import comparison_picture
    from pavane.figures.staged import OBJECTIVE_VIEW, drive_objectives

    title = "The same encounter under four objectives"
    note = "one of pavane bench people, same seed, rivals untuned; the robot every half second, people fading in"
    comparison_picture(drive_objectives(), title, note, OBJECTIVE_VIEW, 21.0, out)


def _read_risk(path: str) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Return the summary and rows of a report of pavane bench risk.

    Raises:
        BadFile: it is none.
    """
    from pavane.bench.runner.report import read_report

    report = read_report(path)
    summary, rows = report.summary, report.rows
    if "inside_50" not in summary or not rows or not {"people", "horizon_s", "contacts", "foretold"} <= set(rows[0]):
        raise BadFile("not a report of risk", value=path, limit="what pavane bench risk --json wrote")
    return summary, rows


def _calibration(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import calibration_picture
    from pavane.figures.staged import RISK_SECONDS, judge_risk

    if asked.risk is None:
        summary, rows = judge_risk(RISK_SECONDS, asked.seed)
        note = f"adults and children simulated for {RISK_SECONDS:g} s in each home that comes along"
    else:
        summary, rows = _read_risk(asked.risk)
        note = f"pavane bench risk: {summary['pairs']} pairs of a motion and a person"
    calibration_picture(summary, rows, note, out)


def _encounter(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import encounter_picture
    from pavane.figures.staged import CORRIDOR_VIEW, MOMENTS, meet

    encounter_picture(meet(asked.robot, asked.seed), CORRIDOR_VIEW, MOMENTS, 13.0, out)


def _kinds(asked: FiguresCommand, out: Path) -> None:
    from pavane.core.robot import RobotProfile
    from pavane.figures import kinds_picture
    from pavane.figures.staged import drive_past_kinds

    run, things = drive_past_kinds(RobotProfile.load(asked.robot), asked.seed)
    kinds_picture(run, things, out)


def _demo(asked: FiguresCommand, out: Path) -> None:
    from pavane.figures import run_animation
    from pavane.figures.staged import DEMO_VIEW, run_errand

    run, _ = run_errand(asked.robot, asked.seed)
    run_animation(run, out.with_suffix(".gif"), view=DEMO_VIEW, seconds_max=DEMO_SECONDS, size=DEMO_SIZE, overlays=True)


FIGURES: dict[str, Callable[[FiguresCommand, Path], None]] = {
    "space": _space, "snapshot": _snapshot, "layers": _layers, "latency": _latency, "objective": _objective,
    "calibration": _calibration, "encounter": _encounter, "kinds": _kinds, "demo": _demo,
}  # fmt: skip
