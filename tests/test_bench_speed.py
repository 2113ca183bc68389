"""The study of speed: that it measures, and says it in the keys that are promised; never how fast."""

from __future__ import annotations

import re
import shutil
import sys
from ctypes import CDLL
from pathlib import Path

import numpy as np
import pytest

from cost_twin import make
from pavane.bench.contest.arena import cores, in_turns, on_one_core
from pavane.bench.contest.c import Evaluate, build
from pavane.bench.contest.contest import (  # fmt: skip
    AGREED,
    COUNTS,
    ROBOT,
    Contest,
    context_of,
    house_problem,
    scattered,
    twins,
)
from pavane.bench.contest.peers import PEERS, plain
from pavane.bench.runner.planner_queries import PlannerQuery
from pavane.bench.runner.report import write_report
from pavane.bench.runner.timed_drive import WARM, carry_out
from pavane.bench.studies.homes import ROBOT as HOMES_ROBOT
from pavane.bench.studies.speed import Cycles, Timings, drive_cycles, in_turn, report, route_ms
from pavane.bench.studies.speed_deadline import DeadlinePlans, busy, replay
from pavane.bench.studies.speed_startup import FirstPlans, plan_once
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.maps import load_map, stock_homes
from pavane.motion.limits import bounds
from pavane.planning.local_planner.objective.cost import evaluate

DOCS = (Path(__file__).parents[1] / "docs" / "benchmarks" / "speed.md").read_text()
PART = DOCS
BARS = {
    "speedup_vs_naive", "evaluate_600x60_people4_ms", "ratio_vs_c", "ratio_vs_pytorch_mppi", "scaling_worst",
    "gradients_16_ms", "cycle_p50_ms", "cycle_p99_ms", "cycles", "deadline_missed_share", "cut_short_share",
    "legal_plans_share", "peak_memory_mb", "warm_start_s", "first_run_compile_s", "reflex_p99_ms", "route_ms",
    "realtime_factor",
}  # fmt: skip


def timings() -> Timings:
    times = np.arange(1.0, 101.0)
    ours = {count: 0.01 * count + times - 1.0 for count in COUNTS}
    held = np.ones(100, np.bool_)
    late = DeadlinePlans(times, times > 16.0, held)
    return Timings(
        Contest(ours, times, {"naive": 120.0 + times - 1.0}, {"naive": 1e-4}),
        Cycles(times, 3, [], 1.0), times, 12.0, times, FirstPlans(20.0, np.array([1.0, 2.0, 3.0]), 200.0), late, late,
    )  # fmt: skip


def test_the_report_has_the_promised_keys(tmp_path: Path) -> None:
    summary, rows = report(timings())
    assert set(summary) >= BARS
    assert summary["evaluate_600x60_people4_ms"] == 6.0
    assert summary["evaluate_600x60_people4_ms_median"] == 55.5
    assert summary["speedup_vs_naive"] == 20.0
    assert summary["ratio_vs_c"] == summary["ratio_vs_pytorch_mppi"] == "none"
    assert summary["scaling_worst"] == 1.0
    assert summary["deadline_missed_share"] == 0.8
    assert summary["cut_short_share"] == 0.84
    assert summary["warm_start_s"] == 2.0
    write_report(tmp_path / "speed.json", summary, rows)


def test_every_key_is_explained() -> None:
    summary, rows = report(timings())
    named = set(re.findall(r"`([\w.]+)`", PART))
    assert set(summary) | set(rows[0]) <= named | {f"{key}_median" for key in named}
    assert {f"ratio_vs_{peer}" for peer in PEERS} <= named


def test_the_same_model_gives_the_same_costs() -> None:
    limits = bounds(RobotProfile.load(ROBOT))
    found = {name: difference for name, _, difference in twins(context_of(house_problem(), limits), limits)}
    assert set(found) == {"naive"} | ({"c"} if shutil.which("cc") else set())
    assert max(found.values()) < AGREED


@pytest.fixture(scope="module")
def library() -> CDLL:
    found = build()
    if found is None:
        pytest.skip("no C compiler here")
    return found


@pytest.mark.parametrize("name", ["astro_like", "jackal", "turtlebot3_burger"])
def test_c_agrees_beside_a_goal_and_where_wheels_limit(name: str, library: CDLL) -> None:
    for seed in range(3):
        problem = make(seed, name, people=3)
        context = problem.context()
        decisions = scattered(problem.b, 150)
        ours, theirs = np.empty(150, np.float32), np.empty(150, np.float32)
        evaluate(decisions, *context.arguments, ours)
        Evaluate(library, context)(decisions, theirs)
        close = np.isclose(theirs, ours, rtol=AGREED, atol=AGREED)
        assert close.mean() >= 0.98, close.mean()  # the rest lies on the seam of two limits


def test_without_a_compiler_there_is_no_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert build() is None


def test_contestants_have_their_turns_on_one_core() -> None:
    called: list[str] = []
    with on_one_core() as core:
        assert core is None or cores() == [core]
        times = in_turns({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, 2)
    assert called == ["a", "b", *"aabb" * 2]
    assert {name: len(part) for name, part in times.items()} == {"a": 2, "b": 2}


def test_peers_are_told_the_scene() -> None:
    problem = house_problem()
    world = plain(problem, bounds(RobotProfile.load(ROBOT)))
    assert world.people.shape == (60, 4, 3)
    np.testing.assert_allclose(world.people[1, :, :2], problem.people[1, :, :2])
    assert world.clearance.shape == world.cost.shape == (120, 120)


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_that_is_not_installed_says_so(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("torch", "jax", "dwa"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError):
        PEERS[peer](house_problem(), bounds(RobotProfile.load(ROBOT)), 600)


@pytest.fixture(scope="module")
def cycles() -> Cycles:
    told: list[str] = []
    found = drive_cycles(in_turn(None), 20, told.append)
    assert told[0] == "planning cycles in homes, 0 of 20"
    return found


def test_drives_give_cycles_and_moments(cycles: Cycles) -> None:
    assert len(cycles.ms) >= 20
    assert cycles.homes == 1
    assert len(cycles.ms) // 3 <= len(cycles.moments) <= len(cycles.ms) // 3 + 2
    assert isinstance(cycles.moments[0], PlannerQuery)


def test_plans_with_a_deadline_are_judged(cycles: Cycles, monkeypatch: pytest.MonkeyPatch) -> None:
    robot = RobotProfile.load(HOMES_ROBOT)
    with busy(cores()[:1]):
        found = replay(robot, cycles.moments, 5)
    assert found.legal.all()
    monkeypatch.setattr("pavane.bench.studies.speed_deadline.DEADLINE", 0.0)
    hurried = replay(robot, cycles.moments, 5)
    assert hurried.cut.all()
    assert hurried.missed.all()
    assert hurried.legal.all()


def test_drives_go_through_all_homes_before_a_second_pair() -> None:
    jobs = in_turn(None)
    first, then = ([next(jobs) for _ in stock_homes()] for _ in range(2))
    assert [job.home for job in first] == [job.home for job in then] == stock_homes()
    assert {job.number for job in first} == {0}
    assert {job.number for job in then} == {1}


def test_the_parts_can_be_timed() -> None:
    assert (route_ms(1) > 0.0).all()
    plan_once()


def test_a_drive_is_timed_without_being_changed() -> None:
    home, robot = load_map("flat"), RobotProfile.load("round")
    told: list[float] = []
    outcome = carry_out(
        home, robot, home.place("dock"), [GoTo("bath")], seed=0, seconds=2.0, people=1,
        progress=lambda navigator, now: told.append(now),
    )  # fmt: skip
    assert 17 <= len(outcome.cycle_ms) < 20  # 10 Hz, without the first, which may compile
    assert len(outcome.reflex_ms) + WARM == len(outcome.run.times)
    assert (outcome.reflex_ms > 0.0).all()
    assert told == [1.0, 2.0]
