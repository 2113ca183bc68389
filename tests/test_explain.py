"""Why the robot does what it does: terms, causes, layers, words, and that asking changes nothing."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from cost_twin import make
from pavane.bench.studies.scenarios import drive_scenario
from pavane.bench.studies.why import QUICK, Moments, ask, known_causes, moment_of, watch
from pavane.cli import main
from pavane.core.errors import BadScenario
from pavane.core.tasks import Stop
from pavane.explain import DecidingLayer, explain, summary_of, terms_of
from pavane.explain.terms import CostAttribution, Nearest
from pavane.motion.rollout import rollout
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.seeds import box
from pavane.record import Recorder
from pavane.sim.scenario import KnownCause, load_scenario


@pytest.fixture(scope="module")
def standing():
    """Somebody stands on the way: a drive and its moments."""
    return watch(load_scenario("standing_on_path"), 0)


@pytest.fixture(scope="module")
def toy():
    """A toy that is seen late."""
    return watch(load_scenario("late_toy"), 0)


def at(drive, time):
    run, moments = drive
    return moments[run.index(time)]


# -- terms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "name", "uneasy"), [(0, "round", False), (1, "astro_like", False), (4, "round", True)]
)
def test_terms_add_up_to_the_cost_of_the_kernels(seed, name, uneasy):
    problem = make(seed, name, people=2, uneasy=uneasy)
    context = problem.context()
    rows = np.arange(context.people.shape[1])
    groups = [rows % 2 == 0, rows % 2 == 1]
    ledger = CostAttribution(context, groups, 1, Nearest(np.zeros((1, *problem.clearance.shape)), 0.1))
    low, high = box(problem.b)
    u = np.random.default_rng(seed).uniform(low[:, None], high[:, None], (8, 32)).astype(np.float32)
    costs = np.empty(32, np.float32)
    evaluate(u, *context.arguments, costs)
    states = np.zeros((61, 7))
    for i in range(10):
        rollout(u[:, i].astype(float), problem.start.astype(float), problem.b, 0, states)
        terms = ledger.terms(states)
        assert terms.cost == pytest.approx(float(costs[i]), rel=1e-3, abs=1e-3)
        chances = [share.chance for share in (*terms.still, *terms.moving)]
        assert min(chances) >= 0.0 and sum(chances) <= 1.0 + 1e-9
        assert min(share.harm for share in (*terms.still, *terms.moving)) >= -1e-9


def test_who_is_not_there_takes_nothing():
    problem = make(3, "round", people=1)
    context = problem.context()
    nobody = np.zeros(context.people.shape[1], np.bool_)
    ledger = CostAttribution(context, [~nobody, nobody], 1, Nearest(np.zeros((1, *problem.clearance.shape)), 0.1))
    states = np.zeros((61, 7))
    rollout(np.full(8, 0.3), problem.start.astype(float), problem.b, 0, states)
    terms = ledger.terms(states)
    assert terms.moving[1].total == 0.0
    assert terms.moving[0].total > 0.0


# -- causes -----------------------------------------------------------------------------------------------------------


def test_it_slows_and_turns_for_who_stands_on_the_way(standing):
    why = explain(at(standing, 4.0))
    assert why.layer is DecidingLayer.PLANNER
    assert why.main is not None and why.main.name == "person 1"
    (cause,) = (c for c in why.speed if why.main in c.sources)
    assert cause.price > 0.2
    assert cause.without.speed > why.chosen.motion.speed + 0.2
    assert why.ours and why.chosen.terms.cost == pytest.approx(why.cost, rel=1e-3, abs=1e-3)
    assert why.onward.terms.way < why.chosen.terms.way  # it would get farther
    assert why.onward.terms.cost > why.chosen.terms.cost  # and pay for it
    assert why.onward.share(why.main).chance > why.chosen.share(why.main).chance
    text = why.text()
    assert "slows down" in text and "Without person 1 it would go" in text and "the local planner" in text


def test_nothing_holds_it_back_on_a_free_way(toy):
    why = explain(at(toy, 3.0))
    assert why.main is None and not why.speed
    assert "nothing holds it back" in why.text()


def test_the_goal_is_why_it_slows_at_the_end(standing):
    why = explain(at(standing, 12.8))
    assert why.main.kind == "goal"


def test_the_guard_is_named_with_what_it_guards_against(toy):
    run, moments = toy
    tick = next(i for i, reason in enumerate(run.commands.reasons) if reason == "the stopping path is blocked")
    why = explain(moments[tick])
    assert why.layer is DecidingLayer.GUARD
    assert why.main.kind == "obstacle"
    assert np.hypot(why.main.place[0] - 6.0, why.main.place[1] - 4.0) < 0.3
    assert "the stopping path is blocked" in why.text()


def test_layers_that_need_no_plan(standing):
    first = explain(at(standing, 0.0))
    assert first.layer is DecidingLayer.SENSORS and "has not come yet" in first.text()
    moment = at(standing, 4.0)
    assert explain(replace(moment, task=Stop())).layer is DecidingLayer.TASK
    assert explain(replace(moment, task=None)).layer is DecidingLayer.TASK
    late = replace(moment, command=replace(moment.command, stamp=moment.now + 1.0), stamps=_later(moment, 1.0))
    late = replace(late, reaction=replace(moment.reaction, command=late.command))
    assert explain(late).layer is DecidingLayer.LATE
    old = replace(moment, stamps={**moment.stamps, "scan": moment.now - 2.0})
    blind = explain(old)
    assert blind.layer is DecidingLayer.SENSORS and "2.00 s old" in blind.text()


def _later(moment, seconds):
    return {name: stamp + seconds for name, stamp in moment.stamps.items()}


def test_every_moment_has_an_answer(standing):
    asked = standing[1][::90]
    assert len(asked) >= 2
    for moment in asked:
        text = explain(moment).text()
        assert text.startswith(f"At {moment.now:.2f} s the robot ") and "Why: " in text and "nan" not in text


def test_asking_twice_gives_the_same_and_changes_nothing():
    class Asking(Moments):
        def keep(self, navigator, tick, decision):
            super().keep(navigator, tick, decision)
            if len(self.kept) in (100, 150):
                first, again = explain(navigator), explain(self.kept[-1])
                assert first.text() == again.text()

    scenario = msgspec.structs.replace(load_scenario("standing_on_path"), seconds=4.0)
    plain = drive_scenario(scenario, "navigator", 0)
    asked = drive_scenario(scenario, "navigator", 0, journal=Asking())
    np.testing.assert_array_equal(plain.commands.v, asked.commands.v)
    np.testing.assert_array_equal(plain.commands.omega, asked.commands.omega)


def test_figures_of_an_explanation_add_up(standing):
    why = explain(at(standing, 4.0))
    rows = terms_of(why)
    for column in ("chosen", "regardless", "other"):
        values = [row[column] for row in rows]
        assert sum(values[:-1]) == pytest.approx(values[-1], abs=5e-3)
    summary = summary_of(why, since=1.0)
    assert summary["time_s"] == pytest.approx(2.98, abs=0.03)
    assert summary["main"] == "person" and summary["layer"] == "planner"


# -- known causes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUICK)
def test_the_known_cause_is_named(name):
    answer = ask(name)
    assert answer.right, answer.text


def test_enough_scenarios_know_their_cause():
    kinds = {load_scenario(name).cause.what for name in known_causes()}
    assert len(known_causes()) >= 20
    assert {"person", "obstacle", "door", "wall", "goal", "way", "sensor", "task", "route", "planner"} <= kinds


def test_moments_are_found_in_what_was_commanded(standing):
    run, _ = standing
    slowest = moment_of(run, KnownCause("person", "slowest"))
    assert run.commands.v[slowest] < 0.6 and 4.0 < run.times[slowest] < 8.0
    arriving = moment_of(run, KnownCause("goal", "arriving"))
    assert run.times[arriving] > run.times[slowest]
    assert moment_of(run, KnownCause("goal", 3.0)) == run.index(3.0)
    braking = moment_of(run, KnownCause("person", "braking"))
    assert 2.0 < run.times[braking] < run.times[slowest]


def test_a_scenario_without_a_cause_is_refused():
    with pytest.raises(BadScenario, match="does not say its cause"):
        known_causes(["carpet"])


# -- command line -----------------------------------------------------------------------------------------------------


def test_why_on_a_recording(tmp_path, capsys):
    path = tmp_path / "standing_on_path-0.mcap"
    scenario = msgspec.structs.replace(load_scenario("standing_on_path"), seconds=4.5)
    with Recorder(str(path)) as recorder:
        drive_scenario(scenario, "navigator", 0, journal=recorder)
    report, out = tmp_path / "why.json", tmp_path / "out"
    assert main(["why", str(path), "--at", "4", "--terms", "--json", str(report), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "At 4.00 s the robot slows down" in said and "person 1: harm" in said
    assert msgspec.json.decode(report.read_bytes())["summary"]["main"] == "person"
    assert (out / "why.png").stat().st_size > 20_000
    for time in ("9", "-1", "nan"):
        assert main(["why", str(path), "--at", time]) == 2
    assert "the recording has no such moment; got 9 s; expected 0 to 4.48 s" in capsys.readouterr().err
