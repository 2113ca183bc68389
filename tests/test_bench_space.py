"""The study of spaces: what is legal, what can be reached, and what is least by the limits alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from cost_twin import make
from motion_twin import STOCK
from motion_twin import excess as twin_excess
from pavane.baselines.trajectory_spaces import SPACES, KnotSpace, Space
from pavane.bench.runner.report import write_report
from pavane.bench.studies.space import SpaceAbilities, cells, draw, excess, hardest, legal_share, report
from pavane.bench.studies.space_extremes import least_stop, least_turn, quickest_stop, quickest_turn, ramp
from pavane.motion.model import DT
from pavane.planning.local_planner.objective.cost import evaluate

B = STOCK["astro_like"]
NAMES = [space.name for space in SPACES]


@pytest.mark.parametrize("space", SPACES, ids=NAMES)
def test_every_point_of_every_space_is_legal(space: Space) -> None:
    assert legal_share(space, 12) == 1.0


@pytest.mark.parametrize("space", SPACES, ids=NAMES)
def test_references_lead_where_the_states_say(space: Space) -> None:
    start = np.array([0.0, 0.0, 0.3, 0.4, 0.2, 0.1, -0.2])
    decisions = draw(space, B, 32, 0)
    from_states = space.states(decisions[:, 5].astype(float), start, B, 0)
    found = cells(space.references(decisions, start, B)[:, :, 5:6], start, B)
    here = from_states[60]
    column, row = round(here[0] / 0.2) + 500, round(here[1] / 0.2) + 500
    assert (column * 1000 + row) * 100 + round(here[2] / math.radians(20)) % 18 == found[2][0]


def test_sampled_references_cost_what_the_knots_do() -> None:
    from pavane.baselines.kernels import evaluate_references

    scene, knots = make(2, "round"), KnotSpace()
    decisions = draw(knots, scene.b, 64, 1)
    direct, sampled = np.empty(64, np.float32), np.empty(64, np.float32)
    evaluate(decisions, *scene.context().arguments, direct)
    evaluate_references(knots.references(decisions, scene.start, scene.b), *scene.context().arguments, sampled)
    np.testing.assert_allclose(sampled, direct, rtol=2e-4, atol=2e-4)


def test_excess_equals_its_twin_and_sees_what_is_too_much() -> None:
    states = KnotSpace().states(draw(KnotSpace(), B, 4, 3)[:, 0].astype(float), np.zeros(7), B, 60)
    assert excess(states, B) == pytest.approx(max(twin_excess(states[:, 3:], B, DT).values()), abs=1e-9)
    states[:, 3] *= 3.0
    assert excess(states, B) > 0.5


def test_more_extreme_motions_reach_more_and_each_cell_once() -> None:
    few, many = hardest(B, np.zeros(7), 200, 0), hardest(B, np.zeros(7), 2000, 0)
    for some, more in zip(few, many, strict=True):
        assert len(np.unique(some)) == len(some) <= len(more)
    assert len(many[0]) < len(many[1]) < len(many[2])


def test_what_is_least_equals_the_formulas() -> None:
    v, a, j = 1.0, 1.2, 5.0
    assert least_stop(B) == pytest.approx(0.5 * v * (v / a + a / j), rel=1e-4)
    times, speeds = ramp(0.1, a, j)  # too short for the full deceleration
    assert times[-1] == pytest.approx(2 * math.sqrt(0.1 / j)) and speeds[-1] == pytest.approx(0.0, abs=1e-9)
    assert np.diff(speeds).max() <= 1e-12
    w, al, jw = 1.9, 3.5, 25.0
    assert least_turn(B, to_rest=True) == pytest.approx(0.5 * math.pi / w + w / al + al / jw, rel=0.2)
    assert least_turn(B, to_rest=False) < least_turn(B, to_rest=True)


def test_our_space_stops_and_turns_nearly_as_quickly_as_the_limits_allow() -> None:
    """The same with --quick: what is best is searched for to the end, or the figure would be of the search."""
    assert 1.0 <= quickest_stop(KnotSpace(), B) / least_stop(B) < 1.01
    assert 1.0 <= quickest_turn(KnotSpace(), B, to_rest=False) / least_turn(B, to_rest=False) < 1.02


def test_the_report_has_the_promised_keys(tmp_path: Path) -> None:
    row = SpaceAbilities("knots", 1.0, (0.9, 0.8, 0.7), (0.3, 0.2, 0.1), 1.01, 1.02, 1.2)
    summary, rows = report([row, row], 0.9)
    assert summary["coverage_3s"] == 0.7 and summary["coverage_600_1s"] == 0.3
    assert {"legal_share", "stop_ratio", "turn90_ratio", "turn90_to_rest_ratio"} < set(summary)
    write_report(tmp_path / "space.json", summary, rows)
