"""Scenarios: small YAML files that say everything about one test drive except who drives.

The robot's map is ``home``; how the truth differs from it, and from the robot's profile, stands under ``world``.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct

from pavane.core.compute import Compute, ComputeTimes
from pavane.core.errors import BadScenario
from pavane.core.geometry import Pose
from pavane.core.robot import RobotProfile
from pavane.core.yaml_file import convert, read_yaml
from pavane.maps import OccupancyMap, load_map, make_map
from pavane.sim.config import WorldSettings
from pavane.sim.faults import stalls
from pavane.sim.people import PersonSpec, ReplaySpec, crowd
from pavane.sim.world import World

SCHEMA = 1
SCENARIOS = Path(__file__).parent / "scenarios"

Line = Annotated[str, Meta(min_length=1, max_length=110)]
Target = str | tuple[float, float, float]  # name of a place, or m, m, degrees in map


class Request(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A task that the robot is given: exactly one of the first three.

    Without a time it is asked as soon as the task before has ended; with one, whatever the robot is doing then.
    """

    go_to: Target | None = None
    follow: Literal["nearest"] | None = None
    stop: Literal[True] | None = None
    at: Annotated[float, Meta(ge=0.0)] | None = None  # s
    match_heading: bool = True  # of go_to

    def __post_init__(self) -> None:
        asked = [name for name in ("go_to", "follow", "stop") if getattr(self, name) is not None]
        if len(asked) != 1:
            limit = "exactly one of go_to, follow, stop"
            raise BadScenario("a task asks for none or several", value=asked, limit=limit)


class Fails(Struct, frozen=True, forbid_unknown_fields=True):
    """A simple driver that fails here, and how: what makes this scenario worth having."""

    baseline: str
    by: Literal["contact", "not_reached", "figure"]


class KnownCause(Struct, frozen=True, forbid_unknown_fields=True):
    """The reason for which the robot does something, known from how the scenario is made, for ``pavane bench why``."""

    what: Literal[
        "person", "pet", "obstacle", "wall", "door", "corner", "goal", "way", "sensor", "task", "route", "planner"
    ]
    when: Literal["slowest", "braking", "turning", "standing", "arriving"] | Annotated[float, Meta(ge=0.0)]  # or s
    who: tuple[int | str, ...] = ()  # numbers of people, or names of objects; any of them; empty: whichever


class Expect(Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of the figures of ``pavane.bench.metrics.drive_metrics`` that a good drive keeps, besides its goals."""

    contacts_by_robot: Annotated[int, Meta(ge=0)] = 0
    at_most: dict[str, float] = {}
    at_least: dict[str, float] = {}


class Staging(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The stage of a test drive: a home, a robot, people, and how the truth differs from the robot's map."""

    schema: int
    title: Line  # one line for people
    home: str | dict[str, Any]  # a stock home, a map's file beside this one, or a floor plan written here
    start: Target
    robot: str = "round"  # a stock profile, or its file beside this one
    profile: dict[str, Any] = {}  # keys of the profile that are other here: what the robot knows of itself
    people: tuple[PersonSpec, ...] = ()
    wanderers: Annotated[int, Meta(ge=0, le=50)] = 0  # people besides, who start and go where the seed says
    replay: ReplaySpec | None = None  # recorded people
    world: WorldSettings = WorldSettings()  # what the robot does not know
    compute: ComputeTimes = ComputeTimes()
    name: str = ""  # that of the file
    folder: str = ""  # where the file lies; other files are beside it

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise BadScenario("scenario has another schema", value=self.schema, limit=f"schema: {SCHEMA}")

    def make_profile(self) -> RobotProfile:
        """Return the robot as it knows itself."""
        profile = RobotProfile.load(self._beside(self.robot) if "." in self.robot else self.robot)
        if not self.profile:
            return profile
        fields = _merged(msgspec.to_builtins(profile), self.profile)
        return convert(fields, RobotProfile, f"{self.name}: profile", BadScenario)

    def make_home(self) -> OccupancyMap:
        """Return the robot's map."""
        if isinstance(self.home, str):
            return load_map(self._beside(self.home) if "." in self.home else self.home)
        return make_map({"schema": 1, "name": self.name, **self.home}, self.name)

    def make_world(self, home: OccupancyMap, robot: RobotProfile, seed: int) -> World:
        """Return the truth at time 0.

        Args:
            home: from ``make_home``.
            robot: from ``make_profile``.
            seed: of all noise and of what people choose.
        """
        start = pose_of(self.start, home)
        people = list(self.people)
        if self.wanderers:
            people += crowd(home, self.wanderers, np.random.default_rng([seed, self.wanderers]), avoid=start)
        replay = self.replay.tracks(Path(self.folder)) if self.replay is not None else None
        return World(home, robot, start, people, seed=seed, settings=self.world, replay=replay)

    def make_compute(self, seed: int) -> Compute:
        """Return how long computing takes, faults of computing included."""
        return Compute(self.compute, stalls(self.world.faults), rng=np.random.default_rng([seed, 0xC0]))

    def _beside(self, name: str) -> Path:
        """Return a file beside the scenario's."""
        return Path(self.folder) / name


class Scenario(Staging, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One test drive: its stage, the tasks of the robot, and the bounds of a good drive.

    See docs/guides/scenarios.md for every key.
    """

    tasks: Annotated[tuple[Request, ...], Meta(min_length=1)]
    seconds: Annotated[float, Meta(gt=0.0, le=3600.0)]  # most, for each task
    fails: Fails
    cause: KnownCause | None = None
    expect: Expect = Expect()
    seeds: Annotated[tuple[int, ...], Meta(min_length=1)] = (0,)
    complaint: str = ""  # the users' complaint it stands for


def load_scenario(source: str | Path) -> Scenario:
    """Read a scenario from its file, or one that comes with Pavane by its name.

    Raises:
        BadFile: no such file, or not YAML.
        BadScenario: a key is missing, unknown, of the wrong type or out of its range.
    """
    path = Path(source)
    if not path.suffix:
        path = SCENARIOS / f"{source}.yaml"
        if not path.exists():
            raise BadScenario("no scenario of this name", value=source, remedy="See pavane scenarios.")
    fields = {**read_yaml(path, "scenario"), "name": path.stem, "folder": str(path.parent)}
    return convert(fields, Scenario, path.name, BadScenario, "See docs/guides/scenarios.md for every key.")


@lru_cache
def stock_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with Pavane."""
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*.yaml")))


def pose_of(target: Target, home: OccupancyMap) -> Pose:
    """Return the pose in ``map`` that a scenario means."""
    if isinstance(target, str):
        return home.place(target)
    x, y, yaw_deg = target
    return Pose(x, y, math.radians(yaw_deg))


def _merged(base: Any, other: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with the keys of another written over it, at every depth."""
    out = dict(base)
    for key, value in other.items():
        deeper = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merged(out[key], value) if deeper else value
    return out
