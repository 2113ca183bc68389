"""Kinds of people: what tells them apart, how they depart, keep together, use doors and flow."""

import math

import numpy as np
import pytest

from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.sim.contacts import RobotBody
from pavane.sim.people import KINDS, PersonSpec, Population, RecordedTrack, TrackReplay
from sim_scenes import corridor, house, room

SHAPE = RobotProfile.load("round").shape
AWAY = Pose(0.3, 0.3)


def body(pose, v=0.0):
    return RobotBody(pose, v, 0.0, SHAPE, SHAPE.circumscribed_radius)


def live(home, specs, seconds, robot=lambda t: body(AWAY), *, seed=0, doors=None, replay=None):
    """States (T, N, 6) of everybody, 20 ms apart."""
    people = Population(home, specs, robot(0.0).pose, np.random.default_rng(seed), doors=doors, replay=replay)
    states = [people.states()]
    for k in range(round(seconds * 50)):
        time = (k + 1) * 0.02
        people.step(time, robot(time))
        states.append(people.states())
        if doors is not None:
            doors.move(time)
    return np.array(states)


def speeds(states):
    return np.hypot(states[..., 3], states[..., 4])


def accelerations(states):
    return np.hypot(*(np.diff(states[..., 3:5], axis=0) / 0.02).transpose(2, 0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_walks_within_its_traits(kind):
    states = live(house(), [PersonSpec(kind=kind), PersonSpec(kind=kind)], 40.0, seed=1)
    traits = KINDS[kind]
    assert speeds(states).max() <= 1.2 * traits.paces[1] + 1e-9
    assert speeds(states).max(axis=0).min() > 0.6 * traits.paces[0]
    assert np.percentile(accelerations(states), 99.5) <= traits.braking + 1e-6
    assert (states[..., 5] == traits.radius).all()


def test_the_same_seed_gives_the_same_people_to_the_bit():
    specs = [PersonSpec(kind=kind) for kind in KINDS] + [PersonSpec(group="a"), PersonSpec(group="a")]
    one, two, other = (live(house(), specs, 10.0, seed=seed) for seed in (3, 3, 4))
    assert one.tobytes() == two.tobytes() != other.tobytes()


def test_only_a_dog_is_no_person_to_a_detector():
    specs = [PersonSpec(kind=kind) for kind in KINDS]
    people = Population(house(), specs, AWAY, np.random.default_rng(0))
    assert people.detectable.tolist() == [kind != "dog" for kind in KINDS]
    assert people.names[0] == "yielding 0"


def test_a_person_who_stops_stops_hard_at_the_given_time_and_goes_on():
    person = PersonSpec(start=(0.5, 2.0), goals=((9.5, 2.0),), speed=1.0, stops=((4.0, 2.0),))
    states = live(room(10.0, 4.0), [person], 9.0)[:, 0]
    fast = speeds(states)
    assert fast[199] > 0.9 and fast[260:299].max() < 0.05 and fast[400] > 0.8
    braking = -np.diff(fast)[200:260].min() / 0.02
    assert 2.0 < braking <= 3.0 + 1e-6
    share = (speeds(live(room(10.0, 6.0), [PersonSpec(kind="stopping")] * 3, 90.0)) < 0.05).mean()
    usual = (speeds(live(room(10.0, 6.0), [PersonSpec()] * 3, 90.0)) < 0.05).mean()
    assert share > usual


def test_a_distracted_person_notices_late_and_sways():
    """Towards a robot that stands in the middle of a wide room: the gap at which they first leave their line."""
    gaps = {}
    for kind in ("yielding", "distracted"):
        person = PersonSpec(start=(0.5, 2.0), goals=((9.5, 2.0),), speed=0.6, kind=kind)
        states = live(room(10.0, 4.0), [person], 20.0, lambda t: body(Pose(6.0, 2.0, math.pi)))[:, 0]
        gap = np.hypot(states[:, 0] - 6.0, states[:, 1] - 2.0) - 0.37
        assert gap.min() > 0.0
        gaps[kind] = gap[np.argmax(np.abs(states[:, 1] - 2.0) > 0.1)]
    assert gaps["distracted"] < 0.5 and gaps["yielding"] > 1.2


def test_a_person_who_does_not_heed_walks_on_whatever_the_kind():
    for heeds, contact in ((False, True), (True, False)):
        person = PersonSpec(start=(1.5, 1.5), goals=((10.5, 1.5),), speed=1.0, heeds=heeds)
        states = live(corridor(0.9), [person], 12.0, lambda t: body(Pose(6.0, 1.5, math.pi)))[:, 0]
        assert bool((np.hypot(states[:, 0] - 6.0, states[:, 1] - 1.5) < 0.37).any()) is contact


@pytest.mark.parametrize("sight", [False, True])
def test_somebody_behind_a_door_post_steps_out_when_the_robot_comes_near(sight):
    """A 0.9 m corridor's mouth; the person stands beside it, out of sight, the robot comes along it."""
    person = PersonSpec(
        start=(2.7, 0.6), goals=((2.6, 1.5),), heeds=False, departs_near=2.0, departs_in_sight=sight
    )  # fmt: skip
    states = live(corridor(0.9), [person], 12.0, lambda t: body(Pose(8.0 - 0.5 * t, 1.5, math.pi), 0.5))[:, 0]
    moved = int(np.argmax(speeds(states) > 0.05))
    robot_x = 8.0 - 0.5 * moved * 0.02
    near = math.hypot(robot_x - 2.7, 0.9)
    assert near < 2.0
    assert (near > 1.7) is not sight
    later = PersonSpec(start=(2.7, 0.6), goals=((2.6, 1.5),), departs=3.0)
    assert 2.9 < np.argmax(speeds(live(corridor(0.9), [later], 5.0)[:, 0]) > 0.05) * 0.02 < 3.4


def test_people_stay_at_goals_as_long_as_they_are_told():
    person = PersonSpec(start=(0.5, 2.0), goals=((3.0, 2.0), (5.5, 2.0)), stays=4.0)
    states = live(room(), [person], 20.0)[:, 0]
    there = np.hypot(states[:, 0] - 3.0, states[:, 1] - 2.0) < 0.3
    assert 3.5 < there.sum() * 0.02 < 6.5


def test_a_group_keeps_together_and_stands_face_to_face():
    specs = [PersonSpec(group="a") for _ in range(3)]
    states = live(house(), specs, 90.0, seed=2)
    spread = np.hypot(*(states[..., :2] - states[..., :2].mean(axis=1, keepdims=True)).transpose(2, 0, 1))
    assert np.percentile(spread, 95) < 1.6
    assert np.hypot(*np.ptp(states[:, 0, :2], axis=0)) > 3.0
    alone = live(house(), [PersonSpec() for _ in range(3)], 90.0, seed=2)
    apart = np.hypot(*(alone[..., :2] - alone[..., :2].mean(axis=1, keepdims=True)).transpose(2, 0, 1))
    assert np.median(apart) > 2.0 * np.median(spread)
    still = (speeds(states) < 0.05).all(axis=1) & (spread.max(axis=1) < 1.2)
    assert still.any()
    to_middle = states[still][..., :2].mean(axis=1, keepdims=True) - states[still][..., :2]
    error = np.arctan2(to_middle[..., 1], to_middle[..., 0]) - states[still][..., 2]
    assert np.median(np.abs(np.remainder(error + np.pi, 2 * np.pi) - np.pi)) < math.radians(35.0)


@pytest.mark.parametrize(("kind", "opens"), [("yielding", True), ("stubborn", False)])
def test_a_group_that_talks_opens_for_a_robot_that_asks_or_not(kind, opens):
    """Three stand in the middle of a 1.6 m passage; the robot stands before them and waits."""
    places = [(6.0 + 0.45 * math.cos(a), 1.5 + 0.45 * math.sin(a)) for a in (0.0, 2.1, 4.2)]
    specs = [PersonSpec(start=p, goals=(p,), group="t", kind=kind) for p in places]
    states = live(corridor(1.6), specs, 20.0, lambda t: body(Pose(5.0, 1.5)))
    moved = np.hypot(*(states[:, :, :2] - places).transpose(2, 0, 1)).max(axis=0)
    assert bool((moved > 0.3).any()) is opens


@pytest.mark.parametrize("width", [1.2, 1.6])
def test_a_quick_walker_overtakes_in_a_corridor(width):
    specs = [
        PersonSpec(start=(2.4, 1.5), goals=((14.0, 1.5),), speed=0.45),
        PersonSpec(start=(1.0, 1.5), goals=((14.0, 0.8),), speed=1.1),
    ]
    states = live(corridor(width, 10.0), specs, 18.0)
    ahead = states[:, 1, 0] > states[:, 0, 0]
    assert ahead.any() and 3.0 < states[np.argmax(ahead), 0, 0] < 12.0
    assert accelerations(states).max() < 3.0


@pytest.mark.parametrize("width", [1.2, 1.6])
@pytest.mark.parametrize("seed", range(2))
def test_twelve_people_walking_both_ways_flow_through_a_corridor(width, seed):
    rng = np.random.default_rng(seed)
    specs = []
    for i in range(6):
        at, side, speed = 0.4 + 0.9 * (i // 2), 1.0 + (i % 2), float(rng.uniform(0.8, 1.2))
        specs.append(PersonSpec(start=(at, side), goals=((13.5, 0.5 + 0.35 * i),), speed=speed))
        specs.append(PersonSpec(start=(14.0 - at, side), goals=((0.5, 0.5 + 0.35 * i),), speed=speed))
    states = live(corridor(width, 8.0), specs, 40.0, lambda t: body(Pose(7.0, -3.0)), seed=seed)
    assert (states[-1, ::2, 0] > 11.5).all() and (states[-1, 1::2, 0] < 2.5).all()


class Leaves:
    """Doors that open and shut in a while when they are asked to."""

    def __init__(self, middles, locked=(), seconds=1.2):
        self._middles, self._locked, self._seconds = middles, locked, seconds
        self._open, self._wanted = [0.0] * len(middles), [False] * len(middles)
        self.asked = []

    @property
    def count(self):
        return len(self._middles)

    def middle(self, index):
        return self._middles[index]

    def openness(self, index):
        return self._open[index]

    def locked(self, index):
        return index in self._locked

    def request(self, index, open):
        if self._wanted[index] != open:
            self.asked.append(open)
        self._wanted[index] = open

    def move(self, time):
        for i, wanted in enumerate(self._wanted):
            self._open[i] = min(max(self._open[i] + (0.02 if wanted else -0.02) / self._seconds, 0.0), 1.0)


@pytest.mark.parametrize("closes", [0.0, 1.0])
def test_a_person_opens_a_door_waits_goes_through_and_closes_it(closes):
    doors = Leaves([(6.0, 1.5)], seconds=3.0)
    person = PersonSpec(start=(1.5, 1.5), goals=((10.5, 1.5),), closes_doors=closes)
    states = live(corridor(0.9), [person], 20.0, doors=doors)[:, 0]
    waits = states[(speeds(states) < 0.1) & (states[:, 0] > 4.0) & (states[:, 0] < 7.0), 0]
    assert 0.5 < 0.02 * len(waits) < 4.0
    assert waits.min() > 4.9 and waits.max() < 5.8
    assert states[-1, 0] > 10.0
    assert doors.asked == ([True, False] if closes else [True])
    assert accelerations(states[:, None]).max() <= 3.0 + 1e-6


def test_nobody_gets_through_a_locked_door_nor_shuts_one_in_front_of_others():
    person = PersonSpec(start=(1.5, 1.5))
    states = live(corridor(0.9), [person], 60.0, seed=1, doors=Leaves([(6.0, 1.5)], locked=(0,)))[:, 0]
    assert states[:, 0].max() < 6.0 < live(corridor(0.9), [person], 60.0, seed=1)[:, 0, 0].max()
    doors = Leaves([(6.0, 1.5)])
    specs = [PersonSpec(start=(x, 1.5), goals=((10.5, y),), closes_doors=1.0) for x, y in ((2.0, 0.8), (1.2, 2.2))]
    states = live(corridor(0.9), specs, 25.0, doors=doors)
    assert (states[-1, :, 0] > 10.0).all()
    assert doors.asked == [True, False]


def test_people_keep_off_recorded_ones_who_react_to_nobody():
    walk = np.array([[9.0, 2.0], [1.0, 2.0]])
    replay = TrackReplay([RecordedTrack("recorded", np.array([0.0, 8.0]), walk)])
    person = PersonSpec(start=(1.0, 2.0), goals=((9.0, 2.0),), speed=1.0)
    states = live(room(10.0, 4.0), [person], 12.0, replay=replay)
    assert states.shape[1] == 2 and np.isnan(states[-1, 1]).all()
    there = np.isfinite(states[:, 1, 0])
    np.testing.assert_allclose(states[there, 1, 1], 2.0)
    assert np.hypot(*(states[there, 0, :2] - states[there, 1, :2]).T).min() > 0.3
    assert states[-1, 0, 0] > 8.5
    alone = Population(room(), [], AWAY, np.random.default_rng(0), replay=replay)
    alone.step(1.0, body(AWAY))
    assert alone.states().shape == (1, 6) and alone.states(4.0)[0, 0] == pytest.approx(5.0)
    assert alone.names == ("recorded",) and alone.detectable.tolist() == [True]


@pytest.mark.parametrize(
    "wrong",
    [{"speed": 0.0}, {"speed": 9.0}, {"radius": 0.0}, {"departs": -1.0}, {"stays": -1.0}, {"closes_doors": 1.5},
     {"kind": "ghost"}, {"stops": ((1.0, -2.0),)}, {"departs_near": math.nan}],
)  # fmt: skip
def test_settings_of_a_person_out_of_range_are_refused(wrong):
    with pytest.raises(BadSetting) as error:
        PersonSpec(**wrong)
    assert "\n" not in str(error.value)
