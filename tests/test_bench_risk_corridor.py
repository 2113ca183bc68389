"""Speed in corridors is what theory says, and steps do not matter."""

import numpy as np
import pytest

from pavane.bench.studies.risk_corridor import (
    largest_jump,
    met_speed,
    report,
    steady_speed,
    steps_of,
    study,
    theory_speed,
)
from pavane.bench.studies.risk_sampling import spread, survivals
from pavane.core.robot import RobotProfile

ROUND = RobotProfile.load("round")


@pytest.mark.parametrize("width", [0.43, 0.7, 1.0, 2.0])
def test_the_steady_speed_is_what_theory_says(width: float) -> None:
    assert steady_speed(ROUND, width) == pytest.approx(theory_speed(ROUND, width), abs=0.1)
    assert steady_speed(ROUND, width) > 0.3


def test_somebody_near_makes_it_slower() -> None:
    assert met_speed(ROUND, 1.5, 0.0) < met_speed(ROUND, 4.0, 0.0) - 0.1


def test_a_centimetre_changes_little_however_near_somebody_comes() -> None:
    """Whether to stand or to pass is no switch: who is slow is little to blame, not who is below a speed."""
    speeds = [met_speed(ROUND, 0.01 * cm, 0.0) for cm in range(80, 121)]
    assert np.abs(np.diff(speeds)).max() < 0.1


def test_a_summary_of_few_steps() -> None:
    told: list[str] = []
    summary = report(study(ROUND, told.append, every=60))
    assert told
    assert 0.0 < float(summary["corridor_speed_least"]) < float(summary["corridor_speed_3m"]) <= 1.0
    assert float(summary["theory_error"]) < 0.1
    assert 0.0 < float(summary["max_speed_jump"]) < 0.1
    assert float(summary["corridor_speed_1m_cautious"]) < float(summary["corridor_speed_1m_brisk"]) - 0.2


def test_a_jump_is_one_from_a_value_to_the_next_however_few_are_looked_at() -> None:
    at = [0.01 * k for k in range(100)]
    assert steps_of(at, 1) == at
    few = steps_of(at, 10)
    assert few[:4] == [0.0, 0.01, 0.1, 0.11]
    assert largest_jump(np.array(few), 5.0 * np.array(few)) == pytest.approx(0.05)


def test_survival_does_not_depend_on_the_steps() -> None:
    fine, coarse, single = spread(survivals(30))
    assert fine < 0.01 and coarse < 0.05 and single < 0.1
    assert np.isfinite(single)
