"""The study of risk: what it counts, and that it would notice a forecast that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pavane.bench.runner.report import Figure, write_report
from pavane.bench.studies.risk import gain, log_loss, report
from pavane.bench.studies.risk_forecasts import HORIZONS, CrowdResult, candidates, judge, place
from pavane.bench.studies.risk_tracks import AHEAD, DT, Crowd, Foretold, crowds, foretell, recorded
from pavane.core.errors import BadFile

PROMISED = {
    "calibration_ratio_low", "calibration_ratio_high", "log_loss_gain", "inside_50", "inside_90", "inside_99",
    "pairs", "contacts", "error_3s_m", "fixed_error_3s_m",
}  # fmt: skip


def sure(n: int, seed: int = 0) -> Foretold:
    """People of one hypothesis who do exactly what is said of them: a velocity that is unsure and stays."""
    rng = np.random.default_rng(seed)
    t = np.arange(AHEAD) * DT
    velocity = rng.normal(0.0, 0.7, (n, 2))
    place_std, speed_std = 0.05, 0.2
    true = rng.normal(0.0, place_std, (n, 1, 2)) + (velocity + rng.normal(0.0, speed_std, (n, 2)))[:, None] * t[:, None]
    mean = velocity[:, None] * t[:, None]
    grow = np.ones((n, 1, 1))
    return Foretold(
        "recorded", "made up", true, np.hstack([np.zeros((n, 2)), velocity]), np.ones((n, 1)), mean[:, None],
        np.repeat(velocity[:, None, None], AHEAD, axis=2), grow * (place_std**2 + (speed_std * t) ** 2),
        grow * speed_std**2 * t, grow * speed_std**2 * np.ones_like(t),
    )  # fmt: skip


@pytest.fixture(scope="module")
def motions() -> np.ndarray:
    return candidates(np.random.default_rng(0))


def judged(foretold: Foretold, motions: np.ndarray) -> CrowdResult:
    rng = np.random.default_rng(1)
    return CrowdResult(
        foretold.source, foretold.name, judge(foretold, motions, rng), place(foretold.some(np.arange(400)), rng)
    )


def test_a_true_forecast_is_found_true_and_a_false_one_is_not(motions: np.ndarray, tmp_path: Path) -> None:
    truth = sure(3000)
    summary, rows = report([judged(truth, motions)])
    assert set(summary) >= PROMISED and len(rows) == 2 * 7 * len(HORIZONS)
    assert 0.8 < summary["calibration_ratio_low"] < summary["calibration_ratio_high"] < 1.25  # type: ignore[operator]
    for share in (50, 90, 99):
        assert abs(float(summary[f"inside_{share}"]) - share) < 3.0
    assert float(summary["log_loss_gain_shapes"]) > 0.0  # shapes mean no chance
    assert float(summary["calibration_ratio_high_shapes"]) > 1.5
    write_report(tmp_path / "risk.json", summary, rows)
    narrow = replace(truth, sigma_pp=0.2 * truth.sigma_pp, sigma_pv=0.2 * truth.sigma_pv, sigma_vv=0.2 * truth.sigma_vv)
    wrong, _ = report([judged(narrow, motions)])
    assert off(wrong) > off(summary) + 0.05 and float(wrong["inside_90"]) < 80.0
    assert float(wrong["log_loss"]) > float(summary["log_loss"])


def off(summary: dict[str, Figure]) -> float:
    """How far the worst band is off, as a ratio above 1."""
    return max(float(summary["calibration_ratio_high"]), 1.0 / float(summary["calibration_ratio_low"]))


def test_a_log_loss_is_lower_for_who_is_right() -> None:
    touched = np.array([True, False])
    assert log_loss(np.array([0.9, 0.1]), touched).sum() < log_loss(np.array([0.5, 0.5]), touched).sum()
    assert np.isfinite(log_loss(np.array([0.0, 1.0]), touched)).all()


def test_nobody_is_judged_who_was_fitted_to(tmp_path: Path) -> None:
    lines = ["frame_time_s,ped_id,x_m,y_m"]
    lines += [f"{0.4 * k:.1f},{who},{0.4 * k:.2f},{3.0 * who}" for who in range(4) for k in range(20)]
    for name, count in (("zara01", 2), ("citr_x", 4)):
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(lines))
        crowd = recorded(file)
        assert crowd.judged.sum() == count
        foretold = foretell(crowd)
        assert foretold is not None and foretold.truth.shape[1:] == (AHEAD, 2)
        assert np.allclose(foretold.weights.sum(axis=1), 1.0)
        lanes = np.unique(np.round(foretold.truth[:, 0, 1] / 3.0))
        assert len(lanes) == count


def test_who_is_not_there_any_more_is_not_judged() -> None:
    short = Crowd("recorded", "short", np.zeros((AHEAD - 10, 1, 2)), np.ones(1, np.bool_), None)
    assert foretell(short) is None


def test_a_folder_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no people"):
        next(crowds(tmp_path, False))


def test_the_gain_is_against_constant_velocity(motions: np.ndarray) -> None:
    found = judged(sure(500), motions)
    assert gain(found.judged).shape == found.judged.chance.shape
