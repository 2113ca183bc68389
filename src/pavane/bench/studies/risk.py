"""The study of risk, open loop: are chances of contact, and regions where people will be, what they say they are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, data_folder, table_of
from pavane.bench.studies import risk_corridor, risk_sampling
from pavane.bench.studies.risk_forecasts import HORIZONS, ROBOT, CrowdResult, Judged, Placed, judge_crowds
from pavane.bench.studies.risk_tracks import crowds
from pavane.core.arrays import Bools, Floats
from pavane.core.errors import BadSetting
from pavane.core.options import at_least
from pavane.core.robot import RobotProfile

BANDS = (0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0)  # of chances that are told apart
ENOUGH = 200  # contacts with which a band says something
SHARES = (0.5, 0.9, 0.99)  # of the regions
SMALLEST = 1e-6  # chance that a log loss is taken of
SPREADS = ("dt_spread", "dt_spread_200ms", "dt_spread_single_p99")  # what steps of all lengths come to
QUICK_EVERY, QUICK_MOTIONS = 10, 30  # steps of corridors that one is driven of; motions that are looked at


@dataclass(frozen=True, slots=True)
class RiskStudy:
    """Hold what is foretold of people against what they did: chances of contact, and regions where they will be.

    Also how fast corridors are driven, whether that is continuous and as theory says, and whether steps matter.

    Example: pavane bench risk --data path/to/data --json risk.json

    Args:
        data: folder with pedestrians/NAME.csv, and homes as for ``bench homes``; default: $PAVANE_DATA.
        json: file for the figures (docs/guides/studies.md).
        quick: a minute of each recording and home.
        seed: draws the candidates.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        at_least("seed", self.seed, 0)
        data = data_folder(self.data)
        if data is None:
            raise BadSetting("recorded people are needed", value="no data", remedy="Name a folder with --data.")
        with terminal.progress("getting ready", None) as bar:
            every = QUICK_EVERY if self.quick else 1
            speeds = risk_corridor.study(RobotProfile.load(ROBOT), lambda text: bar.show(0, text), every)
            bar.show(0, "steps of all lengths")
            motions = QUICK_MOTIONS if self.quick else risk_sampling.MOTIONS
            steps = risk_sampling.spread(risk_sampling.survivals(motions))
            found = judge_crowds(crowds(data, self.quick), self.seed, lambda text: bar.show(0, text))
        summary, rows = report(found)
        named = {key: figure(step) for key, step in zip(SPREADS, steps, strict=True)}
        columns = {key: key for key in ("people", "from", "to", "pairs", "contacts", "foretold", "ratio")}
        columns = {"people": "people", "s": "horizon_s"} | columns
        table = table_of("Chances of contact", columns, rows)
        summary = named | risk_corridor.report(speeds) | summary
        return Findings("People foretold, open loop", summary, rows, (table,))


def report(found: Sequence[CrowdResult]) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, and a row for each source, horizon and band of chances.

    The summary's regions and errors are of recorded people; its chances are of everybody.
    """
    sources = {"all": list(found)} | {
        s: [f for f in found if f.source == s] for s in dict.fromkeys(f.source for f in found)
    }
    joined = {source: _joined(parts) for source, parts in sources.items()}
    rows = [row for source, found_of in joined.items() for row in bands(source, found_of.chance, found_of.touched)]
    everybody = joined["all"]
    enough, shaped = _told(rows), _told(bands("all", everybody.shaped, everybody.touched))
    loss = log_loss(everybody.chance, everybody.touched)
    summary: dict[str, Figure] = {
        "calibration_ratio_low": figure(min(enough, default=np.nan)),
        "calibration_ratio_high": figure(max(enough, default=np.nan)),
        "log_loss": figure(float(loss.mean()), 5),
        "log_loss_gain": figure(float(gain(everybody).mean()), 5),
        "log_loss_gain_shapes": figure(float((log_loss(everybody.shaped, everybody.touched) - loss).mean()), 5),
        "calibration_ratio_low_shapes": figure(min(shaped, default=np.nan)),
        "calibration_ratio_high_shapes": figure(max(shaped, default=np.nan)),
        "pairs": len(everybody.chance),
        "contacts": int(everybody.touched[:, -1].sum()),
        "forecasts": sum(len(f.placed.level) for f in found),
    }
    for source, parts in sources.items():
        if source != "all":
            end = "" if source == "recorded" else f"_{source}"
            summary |= {f"{key}{end}": value for key, value in _regions([f.placed for f in parts]).items()}
            summary[f"log_loss_gain_{source}"] = figure(float(gain(joined[source]).mean()), 5)
    return summary, rows


def _told(rows: Sequence[dict[str, Figure]]) -> list[float]:
    """Return the ratios of the bands that say something."""
    return [float(row["ratio"]) for row in rows if int(row["contacts"]) >= ENOUGH and row["ratio"] != "none"]


def _regions(placed: Sequence[Placed]) -> dict[str, Figure]:
    level = np.concatenate([p.level for p in placed])
    out: dict[str, Figure] = {f"inside_{round(100 * s)}": figure(100.0 * float((level <= s).mean()), 2) for s in SHARES}
    for key in ("error", "fixed_error"):
        values = np.concatenate([getattr(p, key) for p in placed])
        out |= {f"{key}_{h:.0f}s_m": figure(float(values[:, k].mean())) for k, h in enumerate(HORIZONS)}
    for key in ("log_density", "fixed_log_density"):
        out[key] = figure(float(np.concatenate([getattr(p, key) for p in placed]).mean()))
    return out


def _joined(found: Sequence[CrowdResult]) -> Judged:
    parts = [f.judged for f in found]
    return Judged(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("chance", "fixed", "shaped", "touched"))
    )


def bands(source: str, chances: Floats, touches: Bools) -> list[dict[str, Figure]]:
    """Return how many contacts were foretold, and how many there were, in each band of chances."""
    rows = []
    for k, horizon in enumerate(HORIZONS):
        chance, touched = chances[:, k], touches[:, k]
        for low, high in pairwise(BANDS):
            inside = (chance >= low) & ((chance < high) | (high == 1.0))
            contacts, foretold = int(touched[inside].sum()), float(chance[inside].sum())
            row: dict[str, Figure] = {"people": source, "horizon_s": horizon, "from": low, "to": high}
            row |= {"pairs": int(inside.sum()), "contacts": contacts, "foretold": figure(foretold, 1)}
            rows.append(row | {"ratio": figure(foretold / contacts if contacts else np.nan, 3)})
    return rows


def log_loss(chance: Floats, touched: Bools) -> Floats:
    """-log of the chance given to what came to be; chances are kept a millionth away from 0 and 1."""
    p = np.clip(chance, SMALLEST, 1.0 - SMALLEST)
    loss: Floats = -np.where(touched, np.log(p), np.log1p(-p))
    return loss


def gain(judged: Judged) -> Floats:
    """Return how much log loss (n, H) constant velocity has beyond ours."""
    return log_loss(judged.fixed, judged.touched) - log_loss(judged.chance, judged.touched)
