"""The study of spaces: what can be driven in ours and in others, against what the limits of the base allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pavane.baselines.kernels import extreme_references, places_along
from pavane.baselines.trajectory_spaces import SPACES, KnotSpace, Space
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, table_of
from pavane.bench.studies.space_extremes import TAIL, least_stop, least_turn, quickest_stop, quickest_turn
from pavane.core.arrays import Floats, Floats32, Ints
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.motion.model import DT, STEPS, Bounds

ROBOT = "astro_like"
ROBOTS = ("astro_like", "round", "turtlebot4", "jackal")  # of the legal shares
MOMENTS = (20, 40, 60)  # steps: 1, 2 and 3 s
CELL, SECTOR = 0.2, math.radians(20.0)  # of places that are told apart
POINTS = 600
FINE = 50  # parts of a step: 1 ms
SLACK = 1e-6  # share of a limit that rounding may take


@dataclass(frozen=True, slots=True)
class SpaceStudy:
    """Compare spaces of trajectories: what can be driven in them, against what the limits of the base allow.

    Example: pavane bench space --json space.json

    Args:
        json: file for the figures (docs/guides/studies.md).
        quick: fewer samples, about a minute.
    """

    json: str | None = None
    quick: bool = False

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        with terminal.progress("getting ready", None) as bar:
            found = study(self.quick, lambda text: bar.show(0, text))
        summary, rows = report(*found)
        columns = {
            "space": "space", "legal": "legal_share", "reached 1 s": "coverage_1s", "2 s": "coverage_2s",
            "3 s": "coverage_3s", "stop": "stop_ratio", "turn": "turn90_ratio",
        }  # fmt: skip
        return Findings("Our space", summary, rows, (table_of("Spaces of trajectories", columns, rows),))


@dataclass(frozen=True, slots=True)
class SpaceAbilities:
    """What one space can do.

    Args:
        space: its name.
        legal: share of random motions that keep every limit at 1 ms, their stops included.
        covered: share of the reachable cells of place and heading that it reaches at 1, 2 and 3 s.
        covered_by_few: likewise with 600 points.
        stop: time of the best stop from full speed, against the least that the limits allow.
        turn: likewise of a quarter turn in the stand, until it has turned.
        turn_to_rest: likewise, until it stands again.
    """

    space: str
    legal: float
    covered: tuple[float, ...]
    covered_by_few: tuple[float, ...]
    stop: float
    turn: float
    turn_to_rest: float


def study(quick: bool, tell: Callable[[str], None]) -> tuple[list[SpaceAbilities], float]:
    """A row for each space, ours first, and how much of what half the extreme motions reach the other half knows too.

    Args:
        quick: fewer samples.
        tell: told what is measured next.
    """
    b = bounds(RobotProfile.load(ROBOT))
    samples = 30_000 if quick else 300_000
    start = np.array([0.0, 0.0, 0.0, 0.5 * float(b.v_high), 0.0, 0.0, 0.0])
    tell("what the limits allow")
    halves = [hardest(b, start, samples, seed) for seed in (1, 2)]
    known = float(np.isin(halves[0][-1], halves[1][-1]).mean())
    reached = []
    for space in SPACES:
        tell(f"what the {space.name} reach")
        reached.append(cells(space.references(draw(space, b, samples, 3), start, b), start, b))
    every = [np.unique(np.concatenate([r[i] for r in (*halves, *reached)])) for i in range(len(MOMENTS))]
    rows = []
    for space, ours in zip(SPACES, reached, strict=True):
        tell(f"limits and quickest motions of the {space.name}")
        few = cells(space.references(draw(space, b, POINTS, 4), start, b), start, b)
        rows.append(
            SpaceAbilities(
                space.name,
                legal_share(space, POINTS // 10 if quick else POINTS),
                tuple(len(mine) / len(all_) for mine, all_ in zip(ours, every, strict=True)),
                tuple(len(mine) / len(all_) for mine, all_ in zip(few, every, strict=True)),
                quickest_stop(space, b) / least_stop(b),
                quickest_turn(space, b, to_rest=False) / least_turn(b, to_rest=False),
                quickest_turn(space, b, to_rest=True) / least_turn(b, to_rest=True),
            )
        )
    return rows, known


def report(rows: list[SpaceAbilities], known: float) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, which is about our space, and a row for each."""
    table = [_figures(row) for row in rows]
    return table[0] | {"robot": ROBOT, "points": POINTS, "reach_known": figure(known)}, table


def _figures(row: SpaceAbilities) -> dict[str, Figure]:
    out: dict[str, Figure] = {"space": row.space, "legal_share": figure(row.legal)}
    for key, shares in (("coverage", row.covered), (f"coverage_{POINTS}", row.covered_by_few)):
        out |= {f"{key}_{k}s": figure(share) for k, share in zip((1, 2, 3), shares, strict=True)}
    return out | {
        "stop_ratio": figure(row.stop),
        "turn90_ratio": figure(row.turn),
        "turn90_to_rest_ratio": figure(row.turn_to_rest),
    }


def draw(space: Space, b: Bounds, count: int, seed: int) -> Floats32:
    """Return random decisions (D, count): in the box, and one in four with some variables at their bounds."""
    low, high = space.box(b)
    rng = np.random.default_rng(seed)
    shares = rng.random((len(low), count))
    at_bound = (rng.random(shares.shape) < 0.5) & (np.arange(count) % 4 == 0)
    shares = np.where(at_bound, np.rint(shares), shares)
    return (low[:, None] + shares * (high - low)[:, None]).astype(np.float32)


def hardest(b: Bounds, start: Floats, count: int, seed: int) -> list[Ints]:
    """Cells reached at each of the MOMENTS by motions of extreme accelerations that change at random times."""
    rng = np.random.default_rng(seed)
    mean = 0.05 * 2.0 ** rng.uniform(0.0, 5.0, (2, 1, count))  # s between changes: some hurry, some hardly change
    change = rng.random((2, STEPS, count)) < DT / mean
    change[:, 0] = True
    latest = np.maximum.accumulate(np.where(change, np.arange(STEPS)[None, :, None], 0), axis=1)
    signs = np.take_along_axis(rng.integers(-1, 2, change.shape), latest, axis=1).astype(np.float64)
    references = np.empty((4, STEPS, count), np.float32)
    extreme_references(signs, start, b, references)
    return cells(references, start, b)


def cells(references: Floats32, start: Floats, b: Bounds) -> list[Ints]:
    """Return the cells of place and heading, each once, in which candidates are at each of the MOMENTS."""
    places = np.empty((len(MOMENTS), references.shape[2], 4))
    places_along(references, start, b, np.array(MOMENTS), places)
    column, row = (np.rint(places[:, :, i] / CELL).astype(np.int64) + 500 for i in (0, 1))
    sector = np.mod(np.rint(places[:, :, 2] / SECTOR), round(2 * math.pi / SECTOR)).astype(np.int64)
    return [np.unique(codes) for codes in (column * 1000 + row) * 100 + sector]


def legal_share(space: Space, count: int) -> float:
    """Share of random motions from random states, which legal motion has led to, that keep every limit at 1 ms."""
    legal = []
    for number, name in enumerate(ROBOTS):
        b = bounds(RobotProfile.load(name))
        before, after = draw(KnotSpace(), b, count, 10 * number), draw(space, b, count, 10 * number + 1)
        steps = np.random.default_rng(number).integers(0, STEPS, count)
        for i in range(count):
            start = KnotSpace().states(before[:, i].astype(np.float64), np.zeros(7), b, 0)[steps[i]]
            states = space.states(after[:, i].astype(np.float64), start, b, TAIL)
            legal.append(excess(states, b) <= SLACK and bool((np.abs(states[-1, 3:5]) < 2e-3).all()))
    return float(np.mean(legal))


def excess(states: Floats, b: Bounds) -> float:
    """The most by which a motion (K, 7) passes a limit, as a share of it; accelerations are linear in each step."""
    tau = np.arange(FINE) * DT / FINE
    v, w, a, al = states[:, 3:].T

    def fine(speed: Floats, rate: Floats) -> tuple[Floats, Floats, Floats]:
        jerk = np.diff(rate) / DT
        rates = rate[:-1, None] + jerk[:, None] * tau
        speeds = speed[:-1, None] + (rate[:-1, None] + 0.5 * jerk[:, None] * tau) * tau
        return np.append(speeds, speed[-1]), np.append(rates, rate[-1]), np.abs(jerk)

    (speeds, rates, jerks), (turns, turn_rates, turn_jerks) = fine(v, a), fine(w, al)
    over = [
        speeds.max() / b.v_high, np.abs(turns).max() / b.w_high, rates.max() / b.a_high, rates.min() / b.a_low,
        np.abs(turn_rates).max() / b.al_high, jerks.max() / b.jerk, turn_jerks.max() / b.jerk_w,
        1.0 + (b.v_low - speeds.min()) / b.v_high,
    ]  # fmt: skip
    if b.half_track > 0.0:
        over.append((np.abs(speeds) + b.half_track * np.abs(turns)).max() / b.wheel)
    return float(max(over)) - 1.0
