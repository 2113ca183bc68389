"""The library of scenarios: each can be driven, and the simple robot that it names fails in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pavane.baselines.reactive_baselines import BASELINES
from pavane.bench.metrics.drive_metrics import measure
from pavane.bench.studies.scenarios import (
    Trial,
    TrialVerdict,
    drive_scenario,
    judge,
    list_trials,
    run_trial,
    run_trials,
    summarise,
)
from pavane.core.errors import BadScenario, BadSetting, PavaneError
from pavane.core.plan import Status
from pavane.drive_log import ContactRecord
from pavane.sim.scenario import Expect, load_scenario, stock_scenarios

TRIVIAL = "stop_and_go"
COMPLAINTS = (  # what users of other planners complain about; each is a scenario
    "robot wobbles with 300-500 ms of actuator lag",
    "person on the path triggers a recovery instead of a smooth way round",
    "stops too late for sudden obstacles",
    "limits written in two places disagree",
    "hard deceleration on emergency stop tips or slips",
    "goal overshoot; oscillation in the last 0.5 m",
    "goal 0.3 m away",
    "goal behind the robot in a corridor",
    "rotation in place jerks",
    "a 0.70 m door",
    "costs need weeks of tuning",
    "CPU load",
    'misleading "missed its rate" warnings',
    "a stop zone that traps the robot (everything forbidden once something is inside)",
    "oscillating between two homotopies",
    "docking approach",
    "wheel slip",
)


def test_there_are_enough_and_every_complaint_is_one() -> None:
    names = stock_scenarios()
    assert len(names) >= 40
    said = {load_scenario(name).complaint for name in names} - {""}
    assert said == set(COMPLAINTS)


@pytest.mark.parametrize("name", stock_scenarios())
def test_the_trivial_robot_drives_it_and_the_named_baseline_fails(name: str) -> None:
    scenario = load_scenario(name)
    seed = scenario.seeds[0]
    trivial = run_trial(Trial(name, TRIVIAL, seed))
    assert float(trivial.row["seconds"]) > 0.0
    assert scenario.fails.baseline in BASELINES
    failing = trivial if scenario.fails.baseline == TRIVIAL else run_trial(Trial(name, scenario.fails.baseline, seed))
    assert scenario.fails.by in {failure.by for failure in failing.failures}, failing.row["why"]


def test_the_number_of_workers_changes_no_figure() -> None:
    trials = list_trials(["crossing", "late_toy", "goal_near_ahead"], [TRIVIAL, "no_reflex"])
    alone, three = (run_trials(trials, workers, lambda verdict: None) for workers in (1, 3))
    assert [(v.trial, v.row) for v in alone] == [(v.trial, v.row) for v in three]


def test_the_navigator_drives_a_scenario_and_repeats() -> None:
    once, again = (run_trial(Trial("goal_near_ahead", "navigator", 0)) for _ in range(2))
    assert once.row == again.row
    assert once.failures == ()


def test_judging_says_in_what_a_drive_fell_short() -> None:
    scenario = load_scenario("goal_near_ahead")
    run = drive_scenario(scenario, TRIVIAL, 0)
    assert judge(scenario, run, measure(run)) == ()
    touched = replace(
        run, contacts=(ContactRecord(1.0, "person", 0.4, True, 0), ContactRecord(2.0, "person", 0.0, False, 0))
    )
    (failure,) = judge(scenario, touched, measure(touched))
    assert (failure.by, failure.text) == ("contact", "person hit at 1.0 s with 0.40 m/s")
    late = replace(run, goals=(replace(run.goals[0], ended=0.1, status=Status.DRIVING),))
    assert [f.by for f in judge(scenario, late, measure(late))] == ["not_reached"]
    strict = msgspec.structs.replace(scenario, expect=Expect(at_most={"rms_jerk": 1e-6}, at_least={"psc": 1.5}))
    assert [f.by for f in judge(strict, run, measure(run))] == ["figure", "figure"]
    wrong = msgspec.structs.replace(scenario, expect=Expect(at_most={"beauty": 1.0}))
    with pytest.raises(BadScenario, match="no such figure; got beauty; expected seconds, "):
        judge(wrong, run, measure(run))


def test_a_task_that_was_replaced_need_not_be_reached() -> None:
    run = drive_scenario(load_scenario("task_switch"), TRIVIAL, 0)
    assert run.goals[0].status is not Status.REACHED
    assert not [f for f in run_trial(Trial("task_switch", TRIVIAL, 0)).failures if f.by == "not_reached"]


def test_a_summary_counts_for_each_driver() -> None:
    verdicts = [
        TrialVerdict(Trial("a", "one", 0), (), {"contacts_by_robot": 0}),
        TrialVerdict(
            Trial("a", "two", 0), run_trial(Trial("late_toy", "no_reflex", 0)).failures, {"contacts_by_robot": 1}
        ),
    ]
    expected = {
        "drives": 2, "one_passed": 1, "one_contacts_by_robot": 0, "two_passed": 0, "two_contacts_by_robot": 1,
    }  # fmt: skip
    assert summarise(verdicts) == expected


def test_an_unknown_driver_is_refused_before_work_begins() -> None:
    with pytest.raises(BadSetting, match="no such driver; got teb; expected navigator, stop_and_go"):
        list_trials(["crossing"], ["teb"])


GOOD = """
schema: 1
title: A short way
home: homes/hall.yaml
start: west
tasks: [{go_to: east}]
seconds: 20
fails: {baseline: straight, by: contact}
"""

MALFORMED = [
    ("schema: 1", "schema: 2", "another schema; got 2"),
    ("schema: 1", "", "missing required field `schema`"),
    ("seconds: 20", "seconds: 0", "seconds"),
    ("seconds: 20", "seconds: soon", "got soon"),
    ("seconds: 20", "seconds: 20\nwheels: 4", "unknown field `wheels`"),
    ("seconds: 20", "seconds: 20\nseconds: 30", "line 8: a key is written twice; got seconds"),
    ("[{go_to: east}]", "[]", "length >= 1"),
    ("[{go_to: east}]", "[{}]", "exactly one of go_to, follow, stop"),
    ("[{go_to: east}]", "[{go_to: east, stop: true}]", "exactly one of go_to, follow, stop"),
    ("[{go_to: east}]", "[{go_to: [1, 2]}]", "tasks"),
    ("by: contact", "by: chance", "Invalid enum value 'chance'"),
    ("seconds: 20", "seconds: 20\npeople: [{start: [1, 2], speed: 40}]", "speed is out of range; got 40"),
    ("seconds: 20", "seconds: 20\npeople: [{start: [1, 2], kind: cat}]", "cat"),
    ("seconds: 20", "seconds: 20\nworld: {doors: [{name: d, state: 3}]}", "state"),
    ("seconds: 20", "seconds: 20\nworld: {faults: [{fault: earthquake, at: 1}]}", "earthquake"),
    ("seconds: 20", "seconds: 20\nworld: {faults: [{fault: dropout, sensor: nose, at: 1, seconds: 1}]}", "nose"),
    ("seconds: 20", "seconds: 20\nworld: {changes: [{kind: add, piece: {shape: blob}}]}", "blob"),
    ("seconds: 20", "seconds: 20\ncompute: {planning: {time: drawn, median: 1, p99: 0.1}}", "below its median"),
]

UNUSABLE = [
    ("start: west", "start: nowhere", "unknown place; got nowhere"),
    ("start: west", "start: [-5, 0, 0]", "does not fit its start"),
    ("home: homes/hall.yaml", "home: palace", "no home of this name"),
    ("home: homes/hall.yaml", "home: {walls: []}", "walls"),
    ("seconds: 20", "seconds: 20\nrobot: tank", "no stock profile of this name; got tank"),
    ("seconds: 20", "seconds: 20\nprofile: {limits: {vx_max: 900}}", "vx_max"),
    ("seconds: 20", "seconds: 20\nprofile: {limit: {vx_max: 1}}", "unknown field `limit`"),
    ("seconds: 20", "seconds: 20\npeople: [{start: [-3, 4]}]", "start is not on free ground"),
    ("seconds: 20", "seconds: 20\nworld: {doors: [{name: gate}]}", "gate"),
    ("seconds: 20", "seconds: 20\nworld: {faults: [{fault: kidnap, at: 1, to: [50, 0, 0]}]}", "does not fit where"),
    ("seconds: 20", "seconds: 20\nreplay: {file: nobody.csv}", "nobody.csv"),
    ("[{go_to: east}]", "[{go_to: attic}]", "unknown place; got attic"),
]


def write(folder: Path, old: str, new: str) -> Path:
    path = folder / "mine.yaml"
    homes = Path(str(load_scenario("crossing").folder)) / "homes"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new).replace("homes/", f"{homes}/"))
    return path


def test_a_scenario_of_ones_own_is_a_file(tmp_path: Path) -> None:
    verdict = run_trial(Trial(str(write(tmp_path, "seconds: 20", "seconds: 30")), TRIVIAL, 0))
    assert verdict.row["scenario"] == "mine"
    assert verdict.failures == ()


@pytest.mark.parametrize(("old", "new", "words"), MALFORMED, ids=[new[-40:] for _, new, _ in MALFORMED])
def test_a_malformed_scenario_gives_one_clear_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(PavaneError) as caught:
        load_scenario(write(tmp_path, old, new))
    line = str(caught.value)
    assert words in line
    assert line.startswith("mine.yaml: ")
    assert "\n" not in line


@pytest.mark.parametrize(("old", "new", "words"), UNUSABLE, ids=[new[-40:] for _, new, _ in UNUSABLE])
def test_what_does_not_fit_together_gives_one_clear_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(PavaneError) as caught:
        run_trial(Trial(str(write(tmp_path, old, new)), TRIVIAL, 0))
    line = str(caught.value)
    assert words in line
    assert "\n" not in line


def test_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadScenario, match="no scenario of this name; got tea"):
        load_scenario("tea")
    with pytest.raises(PavaneError, match="cannot read scenario"):
        load_scenario(tmp_path / "tea.yaml")


def test_a_seed_is_all_that_differs_between_two_drives() -> None:
    scenario = load_scenario("child_running")
    runs = [drive_scenario(scenario, TRIVIAL, seed) for seed in (5, 5, 6)]
    np.testing.assert_array_equal(runs[0].poses, runs[1].poses)
    np.testing.assert_array_equal(runs[0].people, runs[1].people)
    assert not np.array_equal(runs[0].people[100], runs[2].people[100])
