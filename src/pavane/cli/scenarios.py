"""``pavane scenarios``: test drives by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from pavane.cli.pictures import write_pictures
from pavane.cli.places import check_json
from pavane.cli.show import progress, say, table, write
from pavane.core.options import at_least

if TYPE_CHECKING:
    from pavane.bench.studies.scenarios import Trial, TrialVerdict

ALL = "all"
KEEP = 0.4  # s between planning cycles that are kept for the snapshot


@dataclass(frozen=True, slots=True)
class ScenariosCommand:
    """List the test drives that come along, or let somebody drive them.

    Example: pavane scenarios late_toy blind_corner --driver navigator stop_and_go

    Args:
        names: scenarios to drive, by name or as a YAML file (docs/guides/scenarios.md); all for every one. Without any
            they are listed.
        driver: who drives: navigator, or baselines such as stop_and_go and straight (docs/guides/scenarios.md).
        seed: shifts the seeds of every scenario.
        jobs: worker processes; they change no figure.
        json: file for the figures (docs/guides/studies.md).
        out: folder for run.png, run.gif and snapshot.png of each drive; without it nothing is drawn.
        record: folder to record each drive of the navigator in, as NAME-SEED.mcap (docs/guides/recording.md).
    """

    names: Annotated[Positional[tuple[str, ...]], arg(metavar="NAMES")] = ()
    driver: tuple[str, ...] = ("navigator",)
    seed: int = 0
    jobs: int = 2
    json: str | None = None
    out: str | None = None
    record: str | None = None

    def __call__(self) -> bool:
        """Do it; False when a drive fell short."""
        from pavane.sim.scenario import load_scenario, stock_scenarios

        if not self.names:
            width = max(map(len, stock_scenarios()))
            for name in stock_scenarios():
                say(f"{name:<{width}}  {load_scenario(name).title}")
            return True
        names = [n for name in self.names for n in (stock_scenarios() if name == ALL else (name,))]
        verdicts = self._drive(names)
        if self.out is not None:
            _draw(self.out, verdicts)
        return not any(verdict.failures for verdict in verdicts)

    def _drive(self, names: Sequence[str]) -> list[TrialVerdict]:
        from pavane.bench.studies.scenarios import list_trials, run_trials, summarise
        from pavane.core.files import make_folder

        at_least("seed", self.seed, 0)
        at_least("jobs", self.jobs, 1)
        check_json(self.json)
        trials = list_trials(names, self.driver, self.seed)
        if self.record is not None:
            folder = make_folder(self.record)
            trials = [trial._replace(record=str(folder / _recording(trial))) for trial in trials]
        with progress(f"{len(trials)} drives (the first time compiles, about half a minute)", len(trials)) as bar:
            finished: list[TrialVerdict] = []

            def done(verdict: TrialVerdict) -> None:
                finished.append(verdict)
                passed = sum(not each.failures for each in finished)
                bar.show(len(finished), f"{len(finished)} of {len(trials)}, {passed} passed")

            verdicts = run_trials(trials, self.jobs, done)
        rows = [verdict.row for verdict in verdicts]
        table(
            "Drives", ("scenario", "driver", "seed", "passed", "time s", "nearest person m", "failed by"),
            [
                (r["scenario"], r["driver"], r["seed"], "yes" if r["passed"] else "NO", r["seconds"],
                 r["person_distance_m"], "" if r["passed"] else r["failed_by"])
                for r in rows
            ],
        )  # fmt: skip
        for row in rows:
            if not row["passed"]:
                say(f"{row['scenario']}, {row['driver']}, seed {row['seed']}: {row['why']}")
        summary = summarise(verdicts)
        say(", ".join(f"{key} {value}" for key, value in summary.items()))
        write(self.json, summary, rows)
        return verdicts


def _recording(trial: Trial) -> str:
    return f"{Path(trial.scenario).stem}-{trial.seed}.mcap"


def _draw(out: str, verdicts: Sequence[TrialVerdict]) -> None:
    """Drive each trial again, here, and draw it."""
    from pavane.bench.studies.scenarios import drive_scenario
    from pavane.core.files import make_folder
    from pavane.sim.scenario import load_scenario

    for verdict in verdicts:
        trial = verdict.trial
        scenario = load_scenario(trial.scenario)
        folder = make_folder(Path(out) / f"{scenario.name}-{trial.driver}-{trial.seed}")
        with progress(f"drawing {folder.name}", None) as bar:
            run = drive_scenario(scenario, trial.driver, trial.seed, snapshot_every=KEEP)
            write_pictures(run, folder, lambda text: bar.show(0, text))
        say(f"pictures: {folder}{os.sep}")
