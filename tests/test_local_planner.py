"""The local trajectory planner on made-up beliefs: what it does in a free room, before a wall, towards a person."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beliefs import believe, track
from pavane.core.belief import Belief, RobotState
from pavane.core.geometry import Pose
from pavane.core.plan import Plan, PlanPoint
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.maps.clearance import clearance_grid
from pavane.perception.local_map import EXPLAINED, local_map
from pavane.perception.scan_layer import ScanLayer
from pavane.planning.local_planner import Objective, PlannerConfig, TrajectoryPlanner
from pavane.planning.local_planner.problem import build_problem
from pavane.planning.local_planner.seeds import Seeds, box
from sim_scenes import RESOLUTION, corridor, room

ROBOT = RobotProfile.load("astro_like")
ROUND = RobotProfile.load("round")
REST = PlanPoint(Pose(0.0, 0.0), 0.0, 0.0, 0.0, 0.0)
HALL = room(12.0, 5.0)
STRAIGHT = believe(HALL, ROBOT, Pose(2.0, 2.5), Pose(11.0, 2.5))


def planner(robot: RobotProfile = ROBOT, seed: int = 0) -> TrajectoryPlanner:
    return TrajectoryPlanner(robot, PlannerConfig(), np.random.default_rng(seed))


def at(v: float, omega: float = 0.0, a: float = 0.0, alpha: float = 0.0) -> PlanPoint:
    return PlanPoint(Pose(0.0, 0.0), v, omega, a, alpha)


def moving(belief: Belief, v: float, omega: float = 0.0) -> Belief:
    return replace(belief, robot=RobotState(belief.robot.pose, v, omega))


def gaps(home: OccupancyMap, plan: Plan, robot: RobotProfile) -> np.ndarray:
    """(K,) clearance of the outline along a plan, exact but for the lattice."""
    static = clearance_grid(home)
    shape = robot.shape
    edge = np.linspace(0, 1, 8, endpoint=False)
    if shape.is_disc:
        return np.array([float(static.sample(p[None, :2])[0]) - shape.radius for p in plan.poses])
    corners = shape.vertices
    points = np.concatenate(
        [a + (b - a) * edge[:, None] for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)]
    )
    return np.array([static.sample(Pose(*p).transform(points)).min() for p in plan.poses])


def hold_limits(plan: Plan, robot: RobotProfile) -> None:
    limits, slack = robot.limits, 2e-4
    assert plan.v.max() <= limits.vx_max + slack and plan.v.min() >= limits.vx_min - slack
    assert np.abs(plan.omega).max() <= limits.wz_max + slack
    assert plan.a[1:].max() <= limits.ax_max + slack and plan.a[1:].min() >= limits.ax_min - slack
    assert np.abs(np.diff(plan.a)).max() <= limits.jx_max * plan.dt + 1e-3
    assert np.abs(np.diff(plan.alpha)).max() <= limits.jz_max * plan.dt + 1e-3
    assert np.allclose(np.diff(plan.v), 0.5 * plan.dt * (plan.a[1:] + plan.a[:-1]), atol=1e-6)
    assert plan.v[-1] == pytest.approx(0.0, abs=2e-3) and plan.omega[-1] == pytest.approx(0.0, abs=5e-3)


def drive(
    robot: RobotProfile, home: OccupancyMap, start: Pose, goal: Pose, *, cycles: int, match_heading: bool = True
) -> tuple[list[Pose], list[Plan]]:
    """Replan ten times a second and drive each plan exactly."""
    static = clearance_grid(home)
    layer = ScanLayer(static, EXPLAINED)
    belief = believe(home, robot, start, goal, match_heading=match_heading)
    plans: list[Plan] = []
    made, scheduled, poses = planner(robot), REST, [start]
    for k in range(cycles):
        pose = poses[-1]
        state = RobotState(pose, scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        window = local_map(static, layer, pose, 0.1 * k)
        belief = replace(belief, stamp=0.1 * k, robot=state, local_map=window)
        plans.append(made.plan(belief, scheduled, plans[-1] if plans else None))
        scheduled = plans[-1].at(0.1 * (k + 1))
        poses.append(scheduled.pose)
    return poses, plans


# -- one plan ------------------------------------------------------------------------------------------------


def test_in_a_free_room_it_speeds_up_towards_the_goal() -> None:
    plan = planner().plan(STRAIGHT, REST, None)
    hold_limits(plan, ROBOT)
    assert plan.v[60] > 0.9 and (np.diff(plan.v[:30]) > -1e-3).all()
    assert plan.poses[60, 0] - plan.poses[0, 0] > 1.6
    assert np.abs(plan.poses[:61, 1] - 2.5).max() < 0.05
    assert plan.start == STRAIGHT.stamp


def test_before_a_wall_it_is_slower_and_stops() -> None:
    belief = believe(room(5.0, 5.0), ROBOT, Pose(3.0, 2.5), Pose(4.5, 2.5))
    plan = planner().plan(belief, at(0.6), None)
    free = planner().plan(moving(STRAIGHT, 0.6), at(0.6), None)
    hold_limits(plan, ROBOT)
    assert plan.v[60] < 0.5 * free.v[60]
    assert gaps(room(5.0, 5.0), plan, ROBOT).min() > 0.02
    assert plan.poses[-1, 0] < 4.75


def test_a_wall_that_the_way_does_not_know_is_not_touched() -> None:
    """Only the local map knows of the wall: the goal pulls, and still the plan ends before it."""
    solid = HALL.grid.data.copy()
    solid[:, 71:73] = 1  # at x = 3.5, all across
    walled = OccupancyMap(replace(HALL.grid, data=solid))
    static = clearance_grid(walled)
    window = local_map(static, ScanLayer(static, EXPLAINED), Pose(2.0, 2.5), 0.0)
    belief = replace(moving(STRAIGHT, 0.6), local_map=window)
    plan = planner().plan(belief, at(0.6), None)
    hold_limits(plan, ROBOT)
    assert gaps(walled, plan, ROBOT).min() > 0.01
    assert plan.poses[-1, 0] < 3.5


def to_person(plan_pose: Pose, feet: tuple[float, float], radius: float) -> float:
    """Air between the outline and a person's body, m."""
    return float(ROBOT.shape.signed_distance(plan_pose.inverse().transform(np.array([feet])))[0]) - radius


def test_somebody_oncoming_makes_it_slower_and_swerve() -> None:
    home = corridor(1.6)
    alone = believe(home, ROBOT, Pose(4.0, 1.5), Pose(10.0, 1.5), v=0.6)
    person = track(6.2, 1.7, -0.7, 0.0, sensed=-0.35)
    made = planner().plan(replace(alone, tracks=(person,)), at(0.6), None)
    free = planner().plan(alone, at(0.6), None)
    hold_limits(made, ROBOT)
    assert made.v[:40].mean() < 0.9 * free.v[:40].mean()
    assert made.poses[:, 1].min() < 1.4  # it makes room on the free side
    assert gaps(home, made, ROBOT).min() > 0.0
    for k, pose in enumerate(made.poses):
        assert to_person(Pose(*pose), (6.2 - 0.7 * k * made.dt, 1.7), person.radius) > 0.0


@pytest.mark.parametrize("aside", [0.0, 0.1])
def test_somebody_oncoming_is_passed(aside: float) -> None:
    """Closed loop: they walk straight on and never make room; the robot sees them 0.35 s late."""
    home = corridor(1.6)
    static = clearance_grid(home)
    layer = ScanLayer(static, EXPLAINED)
    belief = believe(home, ROBOT, Pose(4.0, 1.5), Pose(10.0, 1.5), v=0.6)
    made, scheduled, previous, pose, least = planner(), at(0.6), None, Pose(4.0, 1.5), math.inf
    for k in range(70):
        time = 0.1 * k
        x = 7.5 - 0.7 * time
        window = local_map(static, layer, pose, time)
        state = RobotState(pose, scheduled.v, scheduled.omega, scheduled.a, scheduled.alpha)
        people = (track(x, 1.5 + aside, -0.7, 0.0, sensed=time - 0.35),)
        belief = replace(belief, stamp=time, robot=state, local_map=window, tracks=people)
        previous = made.plan(belief, scheduled, previous)
        scheduled = previous.at(time + 0.1)
        pose = scheduled.pose
        least = min(least, to_person(pose, (x - 0.07, 1.5 + aside), 0.25))
    assert least > 0.02
    assert pose.x > 6.5


def test_the_same_belief_gives_the_same_plan() -> None:
    first, second = (planner().plan(STRAIGHT, REST, None) for _ in range(2))
    assert (first.poses == second.poses).all() and (first.decision == second.decision).all()
    assert first.cost == second.cost
    again = planner()
    third = again.plan(STRAIGHT, REST, None)
    fourth = again.plan(STRAIGHT, REST, None)  # nothing is remembered from one call to the next
    assert (third.poses == fourth.poses).all() and (third.poses == first.poses).all()


@given(
    st.floats(0.0, 0.9), st.floats(-1.5, 1.5), st.floats(-1.0, 0.5), st.floats(-3.0, 3.0), st.floats(-3.1, 3.1),
    st.floats(-2.0, 2.0),
)  # fmt: skip
@settings(max_examples=25)
def test_it_starts_exactly_at_the_schedule_and_ends_at_rest(
    v: float, omega: float, a: float, alpha: float, yaw: float, drift: float
) -> None:
    place = Pose(5.0, 2.5, yaw)
    odom = Pose(drift, -drift, 0.7 * drift)
    belief = believe(HALL, ROBOT, odom.inverse() @ place, Pose(10.0, 2.5), v=v, omega=omega, map_from_odom=odom)
    plan = planner().plan(belief, at(v, omega, a, alpha), None)
    assert (plan.v[0], plan.omega[0], plan.a[0], plan.alpha[0]) == (v, omega, a, alpha)
    here = belief.robot.pose
    assert np.allclose(plan.poses[0, :2], (here.x, here.y), atol=1e-9)
    assert abs(math.remainder(plan.poses[0, 2] - here.yaw, 2 * math.pi)) < 1e-9
    assert plan.v[-1] == pytest.approx(0.0, abs=2e-3) and plan.omega[-1] == pytest.approx(0.0, abs=5e-3)
    hops = np.hypot(*np.diff(plan.poses[:, :2], axis=0).T)
    assert np.allclose(hops, np.abs(0.5 * (plan.v[1:] + plan.v[:-1])) * plan.dt, atol=1e-9)
    assert np.allclose(np.diff(plan.poses[:, 2]), 0.5 * plan.dt * (plan.omega[1:] + plan.omega[:-1]), atol=1e-9)


def test_the_frame_of_odometry_does_not_matter() -> None:
    place, goal = Pose(3.0, 2.0, 0.4), Pose(9.0, 3.5)
    odom = Pose(-4.0, 7.0, 2.1)
    direct = planner().plan(believe(HALL, ROBOT, place, goal, v=0.3), at(0.3), None)
    turned = planner().plan(
        believe(HALL, ROBOT, odom.inverse() @ place, goal, v=0.3, map_from_odom=odom), at(0.3), None
    )
    assert np.abs(odom.transform(turned.poses[:, :2]) - direct.poses[:, :2]).max() < 2e-3


def test_with_nothing_to_reach_it_comes_to_rest() -> None:
    belief = moving(replace(STRAIGHT, guidance=None), 0.8)
    plan = planner().plan(belief, at(0.8), None)
    hold_limits(plan, ROBOT)
    assert abs(plan.v[60]) < 0.05 and plan.poses[-1, 0] - 2.0 < 1.0


def test_with_nothing_to_reach_it_does_not_turn_on_for_next_to_nothing() -> None:
    belief = replace(STRAIGHT, guidance=None, tracks=(track(4.0, 1.5, 0.0, 0.0),))
    plan = planner().plan(belief, at(0.0, -0.06), None)
    assert not plan.decision.any() and np.abs(plan.omega[10:]).max() < 1e-3


# -- seeds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["astro_like", "turtlebot4", "jackal"])
def test_seeds_lie_in_the_box_and_all_are_weighed(name: str) -> None:
    robot = RobotProfile.load(name)
    made = planner(robot)
    belief = believe(HALL, robot, Pose(2.0, 2.5), Pose(11.0, 2.5))
    problem = build_problem(belief, robot.shape, Objective(), (0.0, 0.0, 0.0, 0.0), 8)
    seeds, kinds = Seeds(made.bounds, 96, 48, np.random.default_rng(0)).make(problem, None, 0.0)
    low, high = box(made.bounds)
    assert seeds.dtype == np.float32 and 200 < seeds.shape[1] < 400 and len(kinds) == seeds.shape[1]
    assert (seeds >= low[:, None]).all() and (seeds <= high[:, None]).all()
    assert (seeds[:, 1] == 0.0).all() and kinds[1] == "stop"
    found = made.search(problem, None, 0.0)
    assert len(found.stages) == 3 and found.stages[-1].weighed < 600
    assert np.isfinite(found.costs).all() and len(found.origins) == len(found.costs) == found.decisions.shape[1]
    assert (found.decisions >= low[:, None] - 1e-6).all() and (found.decisions <= high[:, None] + 1e-6).all()
    bests = [stage.best for stage in found.stages]
    assert (np.diff(bests) < 1e-5).all()  # refining never loses
    assert bests[-1] == pytest.approx(found.costs.min(), abs=1e-5)


@pytest.mark.parametrize("name", ["astro_like", "jackal"])
def test_a_search_that_is_cut_short_gives_a_legal_plan_and_longer_ones_are_never_worse(name: str) -> None:
    robot = RobotProfile.load(name)
    person = track(4.5, 2.7, -0.8, 0.1, sensed=-0.3)
    belief = replace(believe(HALL, robot, Pose(2.0, 2.5), Pose(11.0, 2.5), v=0.5, omega=0.4), tracks=(person,))
    costs = []
    for asked in range(14):
        left = iter([False] * asked)
        plan = planner(robot).plan(belief, at(0.5, 0.4, 0.3, -0.5), None, lambda left=left: next(left, True))
        hold_limits(plan, robot)
        costs.append(plan.cost)
    assert (np.diff(costs) < 1e-5).all() and costs[-1] < costs[0]
    assert costs[-1] == planner(robot).plan(belief, at(0.5, 0.4, 0.3, -0.5), None).cost


def test_stages_tell_how_long_they_took() -> None:
    ticks = iter(range(100))
    made = TrajectoryPlanner(ROBOT, PlannerConfig(), np.random.default_rng(0), clock=lambda: float(next(ticks)))
    candidates = made.plan(STRAIGHT, REST, None).candidates
    assert candidates is not None
    assert [stage.seconds for stage in candidates.stages] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("name", ["round", "astro_like"])
@pytest.mark.parametrize("side", [0.15, 0.5])
def test_a_mirrored_scene_gives_the_mirrored_plan(name: str, side: float) -> None:
    robot = RobotProfile.load(name)
    home = room(8.0, 5.0)
    cells = home.grid.data.copy()
    cells[52:66, 70:80] = 1  # off the middle, towards the left

    def made(sign: float) -> Plan:
        data = cells if sign > 0 else np.ascontiguousarray(cells[::-1])
        own = OccupancyMap(replace(home.grid, data=data))
        middle = 2.5
        start = Pose(2.0, middle + sign * side, sign * 0.2)
        belief = believe(own, robot, start, Pose(6.5, middle), v=0.5, omega=sign * 0.3)
        person = track(4.0, middle - sign * 0.6, -0.5, sign * 0.2, sensed=-0.3)
        return planner(robot).plan(replace(belief, tracks=(person,)), at(0.5, sign * 0.3), None)

    left, right = made(1.0), made(-1.0)
    assert left.cost == pytest.approx(right.cost, abs=2e-3)
    assert np.abs(left.poses[:61, 0] - right.poses[:61, 0]).max() < 0.02
    assert np.abs(left.poses[:61, 1] + right.poses[:61, 1] - 5.0).max() < 0.02
    assert np.abs(left.v[:61] - right.v[:61]).max() < 0.03 and np.abs(left.omega[:61] + right.omega[:61]).max() < 0.1


# -- many plans ----------------------------------------------------------------------------------------------


def test_a_goal_behind_in_a_narrow_corridor_is_reached() -> None:
    home = corridor(1.0)
    poses, plans = drive(ROBOT, home, Pose(6.0, 1.5), Pose(3.6, 1.5), cycles=110, match_heading=False)
    assert poses[-1].distance(Pose(3.6, 1.5)) < 0.08
    for plan in plans[::4]:
        hold_limits(plan, ROBOT)
        assert gaps(home, plan, ROBOT)[:3].min() > 0.0


ASIDE = [(0.0, 0.3, 0.0), (0.0, -0.3, 0.0), (0.3, 0.0, math.pi), (-0.3, 0.0, 0.0), (0.1, 0.3, 1.5)]


@pytest.mark.parametrize("robot", [ROBOT, ROUND], ids=["astro_like", "round"])
@pytest.mark.parametrize("offset", ASIDE)
def test_a_goal_to_the_side_is_reached_with_its_heading(
    robot: RobotProfile, offset: tuple[float, float, float]
) -> None:
    start = Pose(3.0, 2.0)
    goal = start @ Pose(*offset)
    poses, _ = drive(robot, room(), start, goal, cycles=120)
    end = poses[-1]
    assert end.distance(goal) < 0.03
    assert abs(math.remainder(end.yaw - goal.yaw, 2 * math.pi)) < math.radians(2.5)


def test_one_plan_follows_from_the_last() -> None:
    """Warm start: a second later, consecutive plans mean nearly the same."""
    solid = room(8.0, 6.0).grid.data.copy()
    solid[1:70, 80:84] = 1  # a wall to drive around
    home = OccupancyMap(replace(room(8.0, 6.0).grid, data=solid))
    _, plans = drive(ROBOT, home, Pose(2.0, 1.5), Pose(6.0, 1.5), cycles=60, match_heading=False)
    jumps = [abs(b.at(b.start + 1.0).omega - a.at(b.start + 1.0).omega) for a, b in pairwise(plans)]
    assert float(np.mean(jumps)) < 0.12
    assert float(np.median(jumps)) < 0.08


def test_the_map_may_be_small() -> None:
    """A home smaller than the window is planned in all the same."""
    home = room(1.5, 1.5)
    assert max(home.grid.size) < 120 * RESOLUTION
    poses, _ = drive(ROUND, home, Pose(0.4, 0.4), Pose(1.1, 1.1), cycles=90, match_heading=False)
    assert poses[-1].distance(Pose(1.1, 1.1)) < 0.08
