"""The study of the optimizer: moments of a drive, the methods at one of them, and what the report promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cost_twin import make
from pavane.baselines.trajectory_spaces import SPACES, Space
from pavane.bench.runner.planner_queries import PlannerQuery, record
from pavane.bench.runner.report import write_report
from pavane.bench.studies.homes import list_jobs
from pavane.bench.studies.optimize import Asked, MethodResult, cross_entropy, report
from pavane.bench.studies.space import draw


@pytest.fixture(scope="module")
def moments() -> list[PlannerQuery]:
    job = next(job for job in list_jobs(None, 1, 2, None, 0) if job.home == "flat")
    return record(job, 25)


def test_moments_are_what_the_planner_was_asked(moments: list[PlannerQuery]) -> None:
    assert len(moments) >= 3
    stamps = [moment.belief.stamp for moment in moments]
    assert np.allclose(np.diff(stamps), 2.5, atol=1e-6)
    asked = moments[1]
    assert asked.previous is not None and asked.previous.candidates is None
    point = asked.previous.at(asked.belief.stamp)
    assert asked.scheduled.v == pytest.approx(point.v, abs=1e-9)


def test_ours_is_close_to_the_best_that_is_known_and_a_few_points_are_not(moments: list[PlannerQuery]) -> None:
    found = Asked().everything(moments[1], 0)
    by_name = {f.method: f for f in found}
    points = [f.regret for f in found if f.method.endswith(": points") and f.weighed == 300]
    assert len(points) == len(SPACES) and min(points) > found[0].regret
    assert found[0].method == "three stages" and found[0].weighed < 600
    assert found[0].regret < 0.02
    assert by_name["three stages"].regret <= by_name["one stage: seeds alone"].regret
    summary, rows = report([found, found])
    assert summary["moments"] == 2 and len(rows) == len(found)


@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.name)
def test_sampling_about_the_best_makes_better(space: Space) -> None:
    problem = make(4, "round")
    u = draw(space, problem.b, 200, 0)
    costs = space.costs(u, problem.context())
    best, weighed = cross_entropy(space, u, costs, problem.context(), np.random.default_rng(0), 100, 4)
    assert weighed == 400 and best <= costs.min()


def test_the_report_has_the_promised_keys(tmp_path: Path) -> None:
    moment = [
        MethodResult("three stages", 469, 0.001, 0.1),
        MethodResult("cold", 469, 0.003, 0.2),
        MethodResult("x", 9, 0.1, np.nan),
    ]
    summary, rows = report([moment, moment])
    promised = {"regret_median_m", "regret_p95_m", "evaluations_p50", "omega_jump", "omega_jump_cold", "moments"}
    assert promised <= set(summary) and summary["omega_jump_cold"] == 0.2
    assert rows[2]["omega_jump"] == "none"
    write_report(tmp_path / "optimize.json", summary, rows)
