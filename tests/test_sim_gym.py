"""The Gymnasium environment: by its own checker, vectorised, repeatable, and honest about what a robot knows."""

from __future__ import annotations

import hashlib
import math
import re
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from hypothesis import given, settings
from hypothesis import strategies as st

import pavane.sim.gym
from pavane.core.errors import BadSetting, PavaneError
from pavane.core.robot import RobotProfile
from pavane.maps import write_ros_map
from pavane.maps.floor_plan import Rectangle
from pavane.sim import DetectorSettings, LidarSettings, LocalizationSettings, WorldSettings
from pavane.sim.gym import EnvSettings, HomeEnv, progress_reward
from pavane.sim.gym.episode import draw_trip, load_home
from pavane.sim.home import Add
from sim_scenes import room

DOCS = Path(__file__).parents[1] / "docs" / "guides" / "gym.md"
QUICK = {"home": "flat", "people": 1}
LIMITS = RobotProfile.load("round").limits


@pytest.fixture(scope="module")
def hall(tmp_path_factory) -> Path:
    """An empty room, 8 x 6 m."""
    path = tmp_path_factory.mktemp("hall") / "hall.yaml"
    write_ros_map(room(8.0, 6.0), path)
    return path


def act(v: float, omega: float) -> np.ndarray:
    return np.array([v, omega], np.float32)


def towards(observation) -> np.ndarray:
    """Straight at the goal."""
    bearing = math.atan2(observation["goal"][1], observation["goal"][0])
    return act(0.5 if abs(bearing) < 0.4 else 0.0, float(np.clip(0.8 * bearing, -1.0, 1.0)))


def fingerprint(env: gymnasium.Env, seed: int, steps: int = 15) -> str:
    """All that an environment says to the same actions."""
    said = hashlib.sha256()

    def take_in(observation, *others) -> None:
        for key in sorted(observation):
            said.update(observation[key].tobytes())
        said.update(repr(others).encode())

    take_in(*env.reset(seed=seed))
    for k in range(steps):
        take_in(*env.step(act(0.5, math.sin(0.3 * k))))
    return said.hexdigest()


# -- Gymnasium's rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keywords", [{}, {"robot": "astro_like", "people": 0, "step": 0.05}])
def test_gymnasiums_checker_finds_nothing(keywords):
    env = gymnasium.make("Pavane-v0", render_mode="rgb_array", **QUICK | keywords)
    check_env(env.unwrapped)  # warnings are errors here
    env.close()


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectorised_it_says_the_same_as_alone(mode):
    vector = gymnasium.make_vec("Pavane-v0", num_envs=4, vectorization_mode=mode, **QUICK)
    alone = [gymnasium.make("Pavane-v0", **QUICK) for _ in range(4)]
    try:
        observations, _ = vector.reset(seed=20)
        singly = [env.reset(seed=20 + i)[0] for i, env in enumerate(alone)]
        for k in range(4):
            for key, value in observations.items():
                np.testing.assert_array_equal(value, [observation[key] for observation in singly])
            action = act(0.4, 0.2 * k)
            observations, rewards, *_ = vector.step(np.tile(action, (4, 1)))
            steps = [env.step(action) for env in alone]
            singly = [step[0] for step in steps]
            np.testing.assert_array_equal(rewards, [step[1] for step in steps])
        assert observations in vector.observation_space
    finally:
        vector.close()


def test_the_same_seed_repeats_to_the_bit():
    env, other = HomeEnv(**QUICK), HomeEnv(**QUICK)
    first = fingerprint(env, 5)
    assert fingerprint(env, 5) == fingerprint(other, 5) == first
    assert fingerprint(env, 6) != first


def test_episodes_after_each_other_differ_and_repeat():
    env = HomeEnv(**QUICK)
    goals = [tuple(env.reset(seed=seed)[1]["goal"]) for seed in (3, None, None, 3, None)]
    assert len(set(goals)) == 3
    assert goals[:2] == goals[3:]


# -- what the robot knows ---------------------------------------------------------------------------------------------


def test_everything_is_as_old_as_its_latency():
    env = HomeEnv(home="flat", people=2)
    observation, info = env.reset(seed=1)
    latency = env.robot.latency
    assert info["time"] == 0.0
    for _ in range(8):
        scan, look = observation["ages"]
        assert latency.scan - 1e-6 <= scan < latency.scan + 1.0 / env.robot.lidar.rate
        assert latency.perception - 1e-6 <= look < latency.perception + 1.0 / env.robot.detector.rate
        observation, *_ = env.step(act(0.3, 0.2))


def test_the_goal_is_seen_from_where_the_robot_believes_to_be(hall):
    jump = LocalizationSettings(std=0.3)
    exact, wrong = HomeEnv(home=hall, people=0), HomeEnv(home=hall, people=0, world=WorldSettings(localization=jump))
    errors = []
    for env in (exact, wrong):
        observation, info = env.reset(seed=2)
        (x, y, yaw), goal = info["pose"], info["goal"]
        c, s = math.cos(yaw), math.sin(yaw)
        true = np.array([[c, s], [-s, c]]) @ (goal[:2] - (x, y))
        errors.append(np.hypot(*(observation["goal"][:2] - true)))
        turn = goal[2] - yaw
        np.testing.assert_allclose(observation["goal"][2:], [math.sin(turn), math.cos(turn)], atol=1e-5)
    assert errors[0] < 1e-4
    assert 0.01 < errors[1] < 2.0


def test_rays_without_an_answer_have_the_longest_range(hall):
    env = HomeEnv(home=hall, people=0, world=WorldSettings(lidar=LidarSettings(ray_dropout=0.5)))
    ranges = env.reset(seed=0)[0]["lidar"]
    assert np.isfinite(ranges).all()
    assert (ranges == np.float32(env.robot.lidar.range_max)).mean() > 0.3


def test_people_are_where_they_were_seen_and_the_nearest_come_first(hall):
    sharp = WorldSettings(detector=DetectorSettings(miss=0.0, position_std=0.0001, hidden_below=0.0, clear_above=0.01))
    env = HomeEnv(home=hall, people=5, people_seen=3, world=sharp)
    seen = 0
    for seed in range(6):
        observation, info = env.reset(seed=seed)
        for _ in range(5):  # turning: what is not brought to now would be up to 0.5 rad off
            observation, *_, info = env.step(act(0.0, 0.7))
        x, y, yaw = info["pose"]
        c, s = math.cos(yaw), math.sin(yaw)
        people = (info["people"][:, :2] - (x, y)) @ np.array([[c, -s], [s, c]])
        count = int(observation["present"].sum())
        found = observation["people"][:count]
        assert (np.diff(np.hypot(*found.T)) >= 0.0).all()
        assert (observation["people"][count:] == 0.0).all()
        for point in found:
            assert np.hypot(*(people - point).T).min() < 0.45 + 0.1  # they walk up to 1.1 m/s for up to 0.4 s
        seen += count
    assert seen >= 5


# -- acting -----------------------------------------------------------------------------------------------------------


def test_an_action_is_a_share_of_the_limits(hall):
    env = HomeEnv(home=hall, people=0, contact_ends=False, apart=0.0)
    for action, v, omega in ((act(0.5, 0.0), 0.5 * LIMITS.vx_max, 0.0), (act(-0.5, 0.4), 0.5 * LIMITS.vx_min, 1.0)):
        env.reset(seed=8)
        for _ in range(10):
            *_, info = env.step(action)
        np.testing.assert_allclose(info["velocity"], [v, omega], atol=0.01)


@settings(max_examples=8)
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=4, max_size=12))
def test_commands_keep_the_acceleration_limits(actions):
    env = HomeEnv(home="flat", people=0, contact_ends=False)
    env.reset(seed=0)
    sent = []
    send = env.world.send
    env.world.send = lambda command: (sent.append(command), send(command))
    for v, omega in actions:
        env.step(act(v, omega))
    v = np.diff([0.0] + [command.v for command in sent]) / 0.02
    omega = np.diff([0.0] + [command.omega for command in sent]) / 0.02
    assert len(sent) == 5 * len(actions)
    assert LIMITS.ax_min - 1e-6 <= v.min() <= v.max() <= LIMITS.ax_max + 1e-6
    assert np.abs(omega).max() <= LIMITS.az_max + 1e-6


def test_reaching_the_goal_ends_the_episode(hall):
    env = HomeEnv(home=hall, people=0)
    observation, info = env.reset(seed=4)
    shortest, rewards = info["way"], []
    terminated = truncated = False
    while not (terminated or truncated):
        observation, reward, terminated, truncated, info = env.step(towards(observation))
        rewards.append(reward)
    assert terminated
    assert info["success"] is True
    assert np.hypot(*(info["pose"] - info["goal"])[:2]) <= env.settings.goal_radius
    assert info["spl"] == pytest.approx(shortest / max(shortest, info["distance"]))
    assert info["spl"] > 0.9
    assert sum(rewards) == pytest.approx(shortest - info["way"] + 5.0 - 0.1 * info["time"], abs=1e-6)


def test_the_heading_at_the_goal_can_matter(hall):
    env = HomeEnv(home=hall, people=0, goal_turn=0.1, seconds=15.0)
    observation, info = env.reset(seed=4)
    terminated = truncated = False
    while not (terminated or truncated):
        near = math.hypot(*observation["goal"][:2]) < 0.2
        action = act(0.0, 0.5 * math.atan2(*observation["goal"][2:])) if near else towards(observation)
        observation, _, terminated, truncated, info = env.step(action)
    assert info["success"]
    assert abs(math.remainder(info["pose"][2] - info["goal"][2], math.tau)) <= 0.1


@pytest.mark.parametrize("ends", [True, False])
def test_a_contact_ends_the_episode_if_it_shall(hall, ends):
    env = HomeEnv(home=hall, people=0, contact_ends=ends, seconds=20.0)
    env.reset(seed=4)
    terminated = truncated = False
    rewards = []
    while not (terminated or truncated):
        _, reward, terminated, truncated, info = env.step(act(0.5, 0.0))
        rewards.append(reward)
    assert terminated is ends
    assert truncated is not ends
    assert info["contacts"] == info["contacts_by_robot"] == 1
    assert len(info["new_contacts"]) == (1 if ends else 0)
    assert min(rewards) == pytest.approx(-5.0, abs=0.1)
    assert ends or len(rewards) == 200


def test_another_reward_can_be_brought():
    env = gymnasium.make("Pavane-v0", reward=lambda step: step.after.v - step.before.v, **QUICK)
    env.reset(seed=0)
    _, reward, *_, info = env.step(act(1.0, 0.0))
    assert reward == info["velocity"][0]


# -- episodes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("robot", ["round", "jackal"])
def test_a_way_leads_from_start_to_goal(robot):
    home, radius = load_home("house"), RobotProfile.load(robot).shape.circumscribed_radius
    rng = np.random.default_rng(0)
    for _ in range(20):
        trip = draw_trip(home, radius, 4.0, rng)
        way = trip.way_from(trip.start)
        assert max(4.0, trip.start.distance(trip.goal) - 0.05) <= way < 60.0
        assert trip.way_from(trip.goal) == pytest.approx(0.0, abs=0.05)


def test_homes_and_kinds_are_drawn():
    env = HomeEnv(home=("flat", "house"), people=4, kinds=("yielding", "dog", "child"))
    names, radii = set(), set()
    for seed in range(6):
        _, info = env.reset(seed=seed)
        names.add(env._attempt.episode.home.name)
        radii |= set(info["people"][:, 5])
    assert len(names) == 2
    assert len(radii) >= 2


def test_a_scenario_says_everything(tmp_path):
    scenario = tmp_path / "across.yaml"
    scenario.write_text("""
schema: 1
title: Across the flat.
home: flat
start: dock
tasks: [{go_to: bath}]
seconds: 20
fails: {baseline: straight, by: contact}
robot: turtlebot4
wanderers: 1
""")
    env = HomeEnv(scenario=scenario)
    _, info = env.reset(seed=0)
    flat = load_home("flat")
    np.testing.assert_allclose(info["goal"], flat.place("bath").array())
    np.testing.assert_allclose(info["pose"], flat.place("dock").array(), atol=1e-6)
    assert env.robot.name == "turtlebot4"
    assert len(info["people"]) == 1
    assert 0.0 < info["way"] < math.inf
    assert fingerprint(env, 1, 5) == fingerprint(env, 1, 5)


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_a_picture_shows_robot_goal_and_people(hall):
    env = HomeEnv(home=hall, people=2, render_mode="rgb_array")
    env.reset(seed=4)
    env.step(act(0.3, 0.0))
    picture = env.render()
    assert picture.dtype == np.uint8
    assert max(picture.shape) == 640
    assert picture.std() > 5.0
    env.reset(seed=5)
    assert (env.render() != picture).any()
    assert HomeEnv(**QUICK).render() is None


def test_the_robot_is_painted_where_it_is(hall):
    env = HomeEnv(home=hall, people=0, render_mode="rgb_array")
    _, info = env.reset(seed=4)
    picture = env.render().astype(int)
    magenta = (picture[..., 0] > 150) & (picture[..., 1] < 80) & (picture[..., 2] > 100)
    rows, columns = np.nonzero(magenta)
    scale = 640 / (8.05 + 0.3)  # from the middles of the outermost cells, and the margin
    x, y = -0.175 + columns.mean() / scale, 6.175 - rows.mean() / scale
    assert math.hypot(x - info["pose"][0], y - info["pose"][1]) < 0.06


def test_what_has_changed_in_the_home_is_painted(hall):
    box = Add(piece=Rectangle(name="parcel", at=(4.0, 3.0), size=(0.6, 0.6)))
    plain, changed = (
        HomeEnv(home=hall, people=0, render_mode="rgb_array", world=WorldSettings(changes=changes))
        for changes in ((), (box,))
    )
    for env in (plain, changed):
        env.reset(seed=4)
    row, column = round((6.175 - 3.0) * 640 / 8.35), round((4.0 + 0.175) * 640 / 8.35)
    assert tuple(plain.render()[row, column]) != tuple(changed.render()[row, column])


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "says"),
    [
        ({"colour": 1}, "colour"),
        ({"people": -1}, "people"),
        ({"people": 2.5}, "whole number"),
        ({"step": 0.0}, "step"),
        ({"seconds": math.nan}, "seconds"),
        ({"kinds": ("ghost",)}, "ghost"),
        ({"kinds": ()}, "kinds"),
        ({"home": ()}, "home"),
        ({"home": "castle"}, "castle"),
        ({"robot": "tank"}, "tank"),
        ({"render_mode": "human"}, "human"),
        ({"scenario": "no_such_scenario"}, "no_such_scenario"),
    ],
)
def test_bad_keywords_are_refused_in_one_line(keywords, says):
    with pytest.raises(PavaneError, match=says) as caught:
        HomeEnv(**keywords)
    assert "\n" not in str(caught.value)


def test_what_a_home_has_no_room_for_is_said(hall, tmp_path):
    with pytest.raises(BadSetting, match="so far apart"):
        HomeEnv(home=hall, apart=50.0).reset(seed=0)
    closet = tmp_path / "closet.yaml"
    write_ros_map(room(2.5, 2.0), closet)
    with pytest.raises(BadSetting, match="no room"):
        HomeEnv(home=closet, people=10, apart=0.5).reset(seed=0)


def test_misuse_is_said():
    env = HomeEnv(**QUICK)
    with pytest.raises(BadSetting, match="reset"):
        env.step(act(0, 0))
    with pytest.raises(BadSetting, match="options"):
        env.reset(options={"weather": "rain"})
    env.reset(seed=0)
    for action in (act(math.nan, 0.0), np.zeros(3, np.float32)):
        with pytest.raises(BadSetting, match="action"):
            env.step(action)


def test_without_gymnasium_it_says_what_to_install():
    code = "import sys; sys.modules['gymnasium'] = None; import pavane.sim.gym"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'pavane[gym]'" in done.stderr.splitlines()[-1]


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_names_every_keyword_and_key():
    page = DOCS.read_text()
    table = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert table == {*EnvSettings.__dataclass_fields__, "reward", "render_mode", *HomeEnv(**QUICK).observation_space}
    for key in HomeEnv(**QUICK).reset(seed=0)[1]:
        assert f"`{key}`" in page


def test_the_examples_run():
    first, second = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(first, names)
    assert names["picture"].shape[2] == 3
    assert names["done"]
    exec(second, names)
    env = names["env"]
    env.reset(seed=0)
    assert math.isfinite(env.step(act(0.2, 0.0))[1])
    assert progress_reward is pavane.sim.gym.progress_reward
