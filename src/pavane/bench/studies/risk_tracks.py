"""People whose future is known, tracked from noisy detections, with what was foretold of them: recorded and simulated.

Fitted to (``prediction.forecast_parameters``, ``perception.imm``) were every second person of the recordings, but none
of those named in ``UNSEEN``, and simulated people in ``FITTED_HOMES`` and in the homes that come with Pavane. Judged
are the others.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pavane.bench.scenes.pairs import read_pairs
from pavane.core.arrays import Bools, Floats
from pavane.core.belief import LocalMap, Track
from pavane.core.errors import BadFile, BadSetting
from pavane.core.geometry import Pose
from pavane.core.messages import Detections
from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap, load_map
from pavane.maps.clearance import clearance_grid
from pavane.perception.tracker import PeopleTracker
from pavane.prediction import hypotheses, rooms_ahead
from pavane.sim import PersonSpec, World
from pavane.sim.people import Kind, TrackReplay, read_tracks

UNSEEN = "citr"  # recordings whose names begin so were not fitted to at all
FITTED_HOMES = "flatA"  # likewise homes that were
DT = 0.05  # s between the moments at which the truth is known
FRAME = 2  # moments from one look of the detector to the next: 10 Hz
EVERY = 5  # looks from one forecast to the next
AHEAD = 70  # moments foretold, the moment of sensing the first: 3.45 s
POSITION_STD, MISS = 0.05, 0.05  # m; share of looks that miss somebody
YOUNG = 0.3  # s; tracks that are younger are not judged
SAME = 0.5  # m within which a track is of somebody
CAST: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("simulated", ("yielding", "stubborn", "distracted", "stopping")),
    ("children", ("child", "child")),
)
PACES = (0.5, 1.1)  # m/s, between which people walk at home
HYPOTHESES = 4


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """People whose way is known.

    Args:
        source: what kind of people: recorded, simulated or children.
        name: of the recording or the home.
        truth: (T, N, 2) where they are every 50 ms, in ``map``, m; NaN while they are not there.
        judged: (N,) who was not fitted to.
        window: what is solid around them; None where nobody has said.
    """

    source: str
    name: str
    truth: Floats
    judged: Bools
    window: LocalMap | None


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """n forecasts and what came of them; hypotheses that do not exist weigh nothing.

    Args:
        source: see ``Crowd``.
        name: see ``Crowd``.
        truth: (n, K, 2) where they went, from the moment of sensing on, m.
        state: (n, 4) x, y, vx, vy of the track then.
        weights: (n, M), with means (n, M, K, 2), velocities (n, M, K, 2) and covariances (n, M, K): see ``Forecast``.
    """

    source: str
    name: str
    truth: Floats
    state: Floats
    weights: Floats
    means: Floats
    velocities: Floats
    sigma_pp: Floats
    sigma_pv: Floats
    sigma_vv: Floats

    def some(self, which: Bools) -> Foretold:
        """Return those that are asked for."""
        rows = ("truth", "state", "weights", "means", "velocities", "sigma_pp", "sigma_pv", "sigma_vv")
        return replace(self, **{name: getattr(self, name)[which] for name in rows})


def crowds(data: Path, quick: bool) -> Iterator[Crowd]:
    """Return all crowds of ``pedestrians/*.csv`` and ``homes/*.yaml``; with ``quick`` the first 60 s of each.

    Raises:
        BadFile: there are none.
    """
    files = [f for f in sorted((data / "pedestrians").glob("*.csv")) if not f.stem.endswith(".vehicle")]
    homes = [f for f in sorted((data / "homes").glob("*.pairs.json")) if not f.name.startswith(FITTED_HOMES)]
    if not files or not homes:
        raise BadFile("no people in the data folder", value=data, limit="pedestrians/NAME.csv and homes/NAME.yaml")
    for file in files:
        yield recorded(file, 60.0 if quick else np.inf)
    for file in homes:
        for source, kinds in CAST:
            crowd = simulated(file, source, kinds, 60.0 if quick else 180.0)
            if crowd is not None:
                yield crowd


def recorded(file: Path, seconds: float = np.inf) -> Crowd:
    """Return the people of a recording; of most recordings every second person was fitted to."""
    replay = TrackReplay(read_tracks(file))
    start, end = replay.span
    truth = replay.over(np.arange(start, min(end, start + seconds) + 1e-9, DT))[:, :, :2]
    fitted = np.arange(truth.shape[1]) % 2 == 0
    return Crowd("recorded", file.stem, truth, ~fitted | file.stem.startswith(UNSEEN), None)


def simulated(file: Path, source: str, kinds: tuple[Kind, ...], seconds: float) -> Crowd | None:
    """People who wander in a home while a robot stands at the start of its first pair; None if it has no room."""
    name = file.name.removesuffix(".pairs.json")
    home = load_map(file.with_name(f"{name}.yaml"))
    return wandering(home, name, read_pairs(file, 1)[0].start, source, kinds, seconds)


def wandering(
    home: OccupancyMap, name: str, start: Pose, source: str, kinds: tuple[Kind, ...], seconds: float
) -> Crowd | None:
    """People who wander in a home, called by ``name``, while a robot stands at ``start``; None if it has no room."""
    seed = zlib.crc32(f"{name}/{source}".encode())
    world = _inhabited(home, kinds, start, seed)
    if world is None:
        return None
    truth = []
    for k in range(round(seconds / DT)):
        world.advance(k * DT)
        world.receive()
        truth.append(world.truth.people[:, :2])
    grid = clearance_grid(home)
    window = LocalMap(grid.data, np.ones(grid.data.shape, np.bool_), grid.resolution, grid.origin, 0.0)
    ways = np.array(truth)
    return Crowd(source, name, ways, np.ones(ways.shape[1], np.bool_), window)


def _inhabited(home: OccupancyMap, kinds: tuple[Kind, ...], start: Pose, seed: int) -> World | None:
    rng = np.random.default_rng(seed)
    paces = [round(float(rng.uniform(*PACES)), 2) for _ in kinds]
    people = [
        PersonSpec(kind=k, speed=None if k in ("child", "distracted") else p) for k, p in zip(kinds, paces, strict=True)
    ]
    while people:
        try:
            return World(home, RobotProfile.load("round"), start, people, seed=seed)
        except BadSetting:  # no room for so many
            people.pop()
    return None


def foretell(crowd: Crowd) -> Foretold | None:
    """Track a crowd by our own tracker from detections with noise and misses, and foretell those who are judged."""
    rng = np.random.default_rng(zlib.crc32(crowd.name.encode()))
    tracker = PeopleTracker(None)
    elapsed = DT * np.arange(AHEAD, dtype=np.float64)
    here = Pose(0.0, 0.0)
    truth, state, parts = [], [], []
    for look, k in enumerate(range(0, len(crowd.truth) - AHEAD, FRAME)):
        points = crowd.truth[k]
        there = np.isfinite(points[:, 0]) & (rng.random(len(points)) >= MISS)
        seen = points[there] + rng.normal(0.0, POSITION_STD, (int(there.sum()), 2))
        tracks = tracker.update(Detections(k * DT, seen, POSITION_STD), here)
        if look % EVERY:
            continue
        chosen = [(t, who) for t in tracks if (who := _whom(t, crowd, k)) is not None]
        if not chosen:
            continue
        people = [t for t, _ in chosen]
        rooms = None if crowd.window is None else rooms_ahead(people, crowd.window, here)
        for (track, who), forecast in zip(chosen, hypotheses(people, elapsed, rooms), strict=True):
            truth.append(crowd.truth[k : k + AHEAD, who])
            state.append(track.state.mean)
            lacks = HYPOTHESES - len(forecast.weights)
            parts.append(
                [
                    np.concatenate([values, np.repeat(fill * values[:1], lacks, axis=0)])
                    for values, fill in (
                        (forecast.weights, 0.0), (forecast.means, 1.0), (forecast.velocities, 1.0),
                        (forecast.sigma_pp, 1.0), (forecast.sigma_pv, 1.0), (forecast.sigma_vv, 1.0),
                    )
                ]
            )  # fmt: skip
    if not parts:
        return None
    columns = [np.array(column) for column in zip(*parts, strict=True)]
    return Foretold(crowd.source, crowd.name, np.array(truth), np.array(state), *columns)


def _whom(track: Track, crowd: Crowd, k: int) -> int | None:
    """Whom a track is of, if it has just been detected and that person is judged and there until the end."""
    if track.elapsed > 1e-6 or track.age < YOUNG:
        return None
    away = np.hypot(*(crowd.truth[k] - track.position).T)
    if np.isnan(away).all():
        return None
    who = int(np.nanargmin(away))
    stays = bool(np.isfinite(crowd.truth[k : k + AHEAD, who, 0]).all())
    return who if away[who] < SAME and crowd.judged[who] and stays else None
