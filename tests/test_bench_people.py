"""The study of encounters: what is drawn, what freezing is, what the rivals weigh, and what is reported."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pavane.baselines.kernels import evaluate_constrained, gradient_constrained
from pavane.baselines.objectives import KNOB, OURS, RIVALS, Tuning, chance_constrained, cheap_shapes, maker, spread
from pavane.baselines.shape_kernels import evaluate_shapes, gradient_shapes, shaped_rate
from pavane.bench.metrics.freezing import freezes
from pavane.bench.metrics.statistics import wilcoxon
from pavane.bench.runner.checkpoint import Checkpoint
from pavane.bench.runner.planner_queries import PlannerQuery, record
from pavane.bench.runner.report import Figure, write_report
from pavane.bench.scenes.encounters import COURSES, KINDS, RECORDED, Encounter, draw, list_encounters, list_rooms
from pavane.bench.studies.homes import list_jobs
from pavane.bench.studies.people import QUICK, choose, report, study
from pavane.bench.studies.people_drives import (
    JUDGED,
    OTHERS,
    TUNING,
    EncounterDrive,
    EncounterEffort,
    EncounterKey,
    judged_drives,
    points,
    tuning_drives,
)
from pavane.cli import main
from pavane.core.errors import BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.drive_log import CommandSeries, GoalRecord, Run
from pavane.maps import OccupancyMap
from pavane.maps.ways import way_length
from pavane.planning.local_planner import PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.problem import build_problem
from pavane.planning.local_planner.seeds import box
from pavane.sim.scenario import pose_of

Row = dict[str, Figure]
MANY = [*(Encounter(kind, manner, n) for kind in KINDS for manner in ("yielding", "non_yielding") for n in range(4))]


@pytest.mark.parametrize("encounter", [*MANY, *list_rooms(4)])
def test_there_is_a_world_with_a_way_for_each_encounter(encounter: Encounter) -> None:
    scenario = draw(encounter, None)
    assert scenario == draw(encounter, None)
    assert scenario.people != draw(encounter._replace(number=77), None).people or encounter.kind == "room"
    home, robot = scenario.make_home(), scenario.make_profile()
    world = scenario.make_world(home, robot, encounter.seed)
    assert len(world.names) >= 1
    goal = scenario.tasks[0].go_to
    assert goal is not None
    way = way_length(home, robot.shape.inscribed_radius + 0.05, world.truth.pose, pose_of(goal, home))
    assert 0.5 < way < 12.0
    away = np.hypot(*(world.truth.people[:, :2] - (world.truth.pose.x, world.truth.pose.y)).T)
    assert away.min() > 0.5


def test_non_yielding_people_do_not_heed_the_robot() -> None:
    for kind in KINDS:
        for number in range(5):
            assert not any(p.heeds_robot for p in draw(Encounter(kind, "non_yielding", number), None).people)
            assert all(p.heeds_robot for p in draw(Encounter(kind, "yielding", number), None).people)


def test_kinds_and_manners_take_turns() -> None:
    every = list_encounters(170)
    assert len(set(every)) == 170
    counts = {(e.kind, e.manner): 0 for e in every}
    for each in every:
        counts[each.kind, each.manner] += 1
    assert set(counts.values()) == {10}
    assert {kind for kind, manner in counts if manner == RECORDED} == set(COURSES)
    assert not any(e.manner == RECORDED for e in list_encounters(100, recorded=False))
    assert list_encounters(30)[:17] == list_encounters(17)


def test_recorded_people_need_recordings(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="no recording"):
        draw(Encounter("oncoming", RECORDED, 0), None)
    folder = tmp_path / "pedestrians"
    folder.mkdir()
    lines = ["frame_time_s,ped_id,x_m,y_m", *(f"{0.4 * k:.1f},1,{0.5 * k:.2f},{0.1 * k:.2f}" for k in range(20))]
    for name in ("eth", "zara01", "students03"):
        (folder / f"{name}.csv").write_text("\n".join(lines))
    scenario = draw(Encounter("oncoming", RECORDED, 0), tmp_path)
    world = scenario.make_world(scenario.make_home(), scenario.make_profile(), 0)
    assert world.names == ("1",)
    turned = math.radians(scenario.start[2]) - math.atan2(0.1, 0.5)
    assert math.cos(turned) < -0.8  # they come towards each other


def drive_of(poses: np.ndarray, people: np.ndarray) -> Run:
    """A drive of 30 s in a corridor of 8 x 1 m to (7, 0.5), from poses (T, 2) and one person's places (T, 2)."""
    ticks = len(poses)
    times, still = np.linspace(0.0, 30.0, ticks), np.zeros(ticks)
    persons = np.concatenate([people, np.zeros((ticks, 3)), np.full((ticks, 1), 0.2)], axis=1)[:, None]
    home = OccupancyMap(Grid(np.zeros((20, 160), np.uint8), 0.05, Pose(0.0, 0.0)))
    return Run(
        home, RobotProfile.load("round"), times, np.column_stack([poses, still]), still, still,
        CommandSeries(still, still, still.astype(np.bool_), ("",) * ticks), still, persons,
        goals=(GoalRecord(0.0, "there", Pose(7.0, 0.5), Status.DRIVING, 30.0),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "person", "count"),
    [
        (1.0, (7.8, 0.2), 2),  # stands, the way is open
        (1.0, (4.0, 0.5), 0),  # stands, somebody is in the way
        (6.8, (7.8, 0.2), 0),  # drives all the time
        (1.08, (7.8, 0.2), 2),  # less than a decimetre is no progress
    ],
)
def test_freezing_is_no_progress_although_a_way_is_open(ends: float, person: tuple[float, float], count: int) -> None:
    poses = np.linspace((1.0, 0.5), (ends, 0.5), 601)
    assert freezes(drive_of(poses, np.tile(person, (601, 1)))) == count


def test_a_way_that_opens_late_is_no_freezing_yet() -> None:
    people = np.where(np.linspace(0.0, 30.0, 601)[:, None] < 15.0, (4.0, 0.5), (7.8, 0.2))
    assert freezes(drive_of(np.tile((1.0, 0.5), (601, 1)), people)) == 1


@pytest.fixture(scope="module")
def moment() -> PlannerQuery:
    moments = record(next(job for job in list_jobs(None, 1, 3, None, 0) if job.home == "flat"), 25)
    return max(moments, key=lambda m: len(m.belief.tracks))


def test_a_weighted_sum_is_linear_in_its_weights(moment: PlannerQuery) -> None:
    robot, costs = RobotProfile.load("round"), {}
    for people in (0.5, 1.0, 2.0):
        planner = maker("weighted_sum", Tuning(people=people))(robot, PlannerConfig(), np.random.default_rng(0))
        s = moment.scheduled
        problem = build_problem(moment.belief, robot.shape, planner.config.objective, (s.v, s.omega, s.a, s.alpha), 8)
        decisions, _ = planner.seeds.make(problem, None, moment.belief.stamp)
        costs[people] = np.empty(decisions.shape[1], np.float32)
        evaluate(decisions, *planner.context(problem).arguments, costs[people])
    low, high = costs[1.0] - costs[0.5], costs[2.0] - costs[1.0]
    assert np.abs(high).max() > 0.1
    np.testing.assert_allclose(high, 2.0 * low, rtol=0.02, atol=0.01)


def test_a_chance_constraint_costs_nothing_below_what_is_allowed(moment: PlannerQuery) -> None:
    planner = chance_constrained(0.05, Tuning(), RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0))
    s = moment.scheduled
    problem = build_problem(moment.belief, planner.shape, planner.config.objective, (s.v, s.omega, s.a, s.alpha), 8)
    context = planner.context(replace(problem, people=spread(problem.people, 1.2)))
    low, high = box(planner.bounds)
    u = (low[:, None] + (high - low)[:, None] * np.random.default_rng(1).random((8, 64))).astype(np.float32)

    def costs(allowed: float, price: float) -> np.ndarray:
        out = np.empty(64, np.float32)
        limits = np.array([allowed, price], np.float32)
        evaluate_constrained(u, *context.arguments[:-1], limits, out)
        return out

    free, priced = costs(0.0, 0.0), costs(0.0, 1.0)
    risk = priced - free  # the probability of a contact
    assert risk.min() >= -1e-4 and risk.max() > 0.02
    np.testing.assert_allclose(costs(0.01, 10.0), free + 10.0 * np.maximum(risk - 0.01, 0.0), atol=2e-3)
    values, slopes = np.empty(64, np.float32), np.empty((8, 64), np.float32)
    gradient_constrained(u, *context.arguments[:-1], np.array([0.01, 10.0], np.float32), values, slopes)
    np.testing.assert_allclose(values, costs(0.01, 10.0), atol=2e-3)
    plan = planner.plan(moment.belief, s, moment.previous)
    assert plan.candidates is not None and plan.candidates.stages[-1].weighed == 240
    assert np.abs(plan.v[-1]) < 2e-3


@pytest.mark.parametrize(("d", "v", "closing"), [(0.5, 0.8, 1.5), (0.03, -0.2, 0.1), (0.0, 0.0, 0.0), (2.0, 1.0, 0.0)])
def test_shapes_beside_people(d: float, v: float, closing: float) -> None:
    reach, touch = 0.15 + 0.15 * 0.8, 0.04 + 0.06 * 0.8
    near = (v**2 + 0.5 * closing**2) / 0.4 * math.exp(-d / (reach + 0.15 * abs(v))) * 0.15 / reach
    bell = max(0.0, 1.0 - d**2 / (6.0 * touch**2)) ** 3  # nearly e^(-d^2 / 2 touch^2)
    thin = (abs(v) + closing + 0.02) / 0.3 * bell * 0.04 / touch
    figures = (np.float32(x) for x in (d, v, closing, reach, touch))
    assert shaped_rate(*figures) == pytest.approx(near + thin, rel=1e-4)


def test_shapes_in_place_of_chances(moment: PlannerQuery) -> None:
    s, shares = moment.scheduled, (0.0, 1.0)
    costs, slopes, again = np.empty((2, 64), np.float32), np.empty((8, 64), np.float32), np.empty(64, np.float32)
    for i, share in enumerate(shares):
        planner = cheap_shapes(
            Tuning(people=share), RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0)
        )
        problem = build_problem(moment.belief, planner.shape, planner.config.objective, (s.v, s.omega, s.a, s.alpha), 8)
        low, high = box(planner.bounds)
        u = (low[:, None] + (high - low)[:, None] * np.random.default_rng(1).random((8, 64))).astype(np.float32)
        evaluate_shapes(u, *planner.context(problem).arguments, costs[i])
        gradient_shapes(u, *planner.context(problem).arguments, again, slopes)
        np.testing.assert_allclose(again, costs[i], atol=2e-3)
    alone = TrajectoryPlanner(RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0))
    evaluate(u, *alone.context(replace(problem, people=problem.people[:, :0])).arguments, again)
    np.testing.assert_allclose(costs[0], again, atol=2e-3)  # shapes that weigh nothing are nobody
    assert costs[1].mean() > costs[0].mean() + 0.05
    plan = planner.plan(moment.belief, s, moment.previous)
    assert plan.candidates is not None and plan.candidates.stages[-1].weighed == 240


def test_the_knob_turns_harm_by_speed() -> None:
    made = {
        name: maker(name, Tuning())(RobotProfile.load("round"), PlannerConfig(), np.random.default_rng(0))
        for name in (OURS, *KNOB)
    }
    speeds = {name: planner.config.objective.harm_speed for name, planner in made.items()}
    assert speeds["brisk"] < speeds[OURS] < speeds["cautious"]


def test_tuning_points_spread_around_the_plain_one() -> None:
    found = points(12)
    assert len(set(found)) == 12 and found[0] == Tuning() and points(5) == found[:5]
    assert all(0.25 <= v <= 4.0 for t in found for v in (t.people, t.walls, t.effort))


def test_nothing_is_judged_that_was_tuned_on() -> None:
    effort = EncounterEffort(episodes=40, paired=20, rooms=2, points=3, tuning=10)
    tuning, chosen = tuning_drives(effort, None), dict.fromkeys(RIVALS, 1)
    judged = judged_drives(effort, None, chosen)
    assert len(tuning) == 10 * 3 * len(RIVALS)
    assert len(judged) == 2 + 40 + 20 * len(OTHERS)
    assert {d.key.encounter for d in tuning}.isdisjoint({d.key.encounter for d in judged})
    assert all(d.key.number >= TUNING for d in tuning)


def row_of(key: EncounterKey, **other: Figure) -> Row:
    figures = {"reached": 1, "success": 1, "contacts": 0, "contacts_by_robot": 0, "contacts_avoidable": 0, "freezes": 0}
    driven = {"time_s": 10.0, "rms_jerk": 1.0, "peak_deceleration": 1.0, "stopped_s": 0.0, "psc": 1.0}
    return {**key._asdict(), **figures, **driven, **other}


def test_the_tuning_with_the_least_cost_is_chosen() -> None:
    rows = [row_of(EncounterKey("chance_5", p, "oncoming", "yielding", TUNING), time_s=10.0 - p) for p in range(3)]
    rows[2]["contacts_by_robot"] = 1
    assert choose(rows) == {"chance_5": 1, "chance_20": 0, "weighted_sum": 0, "shapes": 0}


def test_the_report_compares_pairs(tmp_path: Path) -> None:
    every = list_encounters(14, recorded=False)
    rows = [row_of(EncounterKey(OURS, JUDGED, *each), time_s=10.0 + 0.1 * i) for i, each in enumerate(every)]
    rows += [row_of(EncounterKey(OURS, JUDGED, *each)) for each in list_rooms(2)]
    for i, each in enumerate(every[:10]):
        rows += [row_of(EncounterKey(rival, 0, *each), time_s=12.0 + 0.3 * i, contacts_by_robot=1) for rival in OTHERS]
    summary, table = report(rows, dict.fromkeys(RIVALS, 0))
    assert (summary["episodes"], summary["rooms"], summary["rooms_done"], summary["recorded"]) == (14, 2, 2, 0)
    for key in ("contacts_avoidable", "freezes", "success", "time_s", "rms_jerk", "psc"):
        assert key in summary and all(key in row for row in table)
    every_kind = [row for row in table if row["kind"] == "all"]
    assert [row["driver"] for row in every_kind] == [OURS, *OTHERS]
    assert all(row["episodes"] == 10 for row in every_kind)
    assert every_kind[0]["time_s_p"] == 1.0 and every_kind[1]["time_s_p"] < 0.01
    assert every_kind[1]["contacts_by_robot_p"] == pytest.approx(2 * 0.5**10, abs=1e-4)
    write_report(tmp_path / "people.json", summary, table)


def test_the_study_goes_on_where_it_was(tmp_path: Path) -> None:
    drives = [EncounterDrive(EncounterKey(OURS, JUDGED, "crossing", "yielding", 1), None)]
    told: list[Row] = []
    rows = study(drives, 1, Checkpoint(tmp_path / "kept", {}), lambda row: told.append(dict(row)))
    assert rows[0]["reached"] == 1 and rows == told
    (again,) = study(drives, 1, Checkpoint(tmp_path / "kept", {}), lambda row: None)
    assert again == rows[0]
    (anew,) = study(drives, 1, None, lambda row: None)
    assert anew == again


def test_quick_tunes_nothing() -> None:
    assert tuning_drives(QUICK, None) == []
    assert choose([]) == dict.fromkeys(RIVALS, 0)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAVANE_DATA", raising=False)
    file, asked = tmp_path / "people.json", ["--episodes", "2", "--paired", "1", "--rooms", "1", "--tuning", "0"]
    assert main(["bench", "people", *asked, "--jobs", "1", "--keep", str(tmp_path / "kept"), "--json", str(file)]) == 0
    found = json.loads(file.read_text())
    assert (found["summary"]["episodes"], found["summary"]["rooms"], found["summary"]["recorded"]) == (2, 1, 0)
    assert len(found["rows"]) == 2 * (1 + len(OTHERS))
    assert len((tmp_path / "kept").read_text().splitlines()) == 1 + 1 + 2 + len(OTHERS)


def test_wilcoxon() -> None:
    assert wilcoxon(np.zeros(5)) == wilcoxon(np.array([])) == 1.0
    assert wilcoxon(np.arange(1.0, 11.0)) == pytest.approx(2.0**-9)
