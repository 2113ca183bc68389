"""The study of the optimizer: how far from the best trajectory it ends, and what each part of it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.baselines.trajectory_spaces import SPACES, KnotSpace, Space
from pavane.bench.runner.planner_queries import PlannerQuery, record
from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal, data_folder, table_of, watched
from pavane.bench.runner.workers import in_workers
from pavane.bench.studies.homes import ROBOT, HomeDrive, list_jobs
from pavane.core.arrays import Bools, Floats, Floats32
from pavane.core.plan import Candidates
from pavane.core.robot import RobotProfile
from pavane.planning.local_planner import PlannerConfig, Refinement, Search, TrajectoryPlanner
from pavane.planning.local_planner.bfgs import Descent
from pavane.planning.local_planner.kernels import distinct
from pavane.planning.local_planner.objective.arguments import Context
from pavane.planning.local_planner.objective.cost import evaluate
from pavane.planning.local_planner.problem import PlanningProblem, build_problem
from pavane.planning.local_planner.search import DISTINCT
from pavane.planning.local_planner.seeds import KINDS, box

PEOPLE = 3  # in each home
EVERY = 9  # cycles from one moment to the next
AHEAD = 1.0  # s: where two plans are compared
SAMPLES = (300, 600, 5000)  # points of a space without anything else
ELITES = 0.1  # share that the cross-entropy method goes on with
ROUNDS = (2, 4, 6, 10, 20)  # of polish along the curve


@dataclass(frozen=True, slots=True)
class OptimizerStudy:
    """Measure how far from the best trajectory the optimizer ends, and what each part of it is worth.

    Example: pavane bench optimize --data path/to/data --json optimize.json

    Args:
        data: homes as for ``bench homes``; moments of drives among three people in them are searched anew.
        json: file for the figures (docs/guides/studies.md).
        quick: moments of four drives, about a minute.
        pairs: how many drives in each home.
        jobs: worker processes.
        seed: shifts the seeds of all drives.
    """

    data: str | None = None
    json: str | None = None
    quick: bool = False
    pairs: int = 2
    jobs: int = 2
    seed: int = 0

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        drives = list_jobs(data_folder(self.data), self.pairs, PEOPLE, None, self.seed)
        drives = drives[:: max(len(drives) // 4, 1)][:4] if self.quick else drives
        with watched(terminal, f"{len(drives)} drives, each searched anew", len(drives), _progress) as done:
            parts = in_workers(search_all, drives, self.jobs, done)
        summary, rows = report([moment for part in parts for moment in part])
        columns = {
            "method": "method", "weighed": "evaluations", "median m": "regret_median_m", "mean m": "regret_mean_m",
            "p95 m": "regret_p95_m", "jump rad/s": "omega_jump",
        }  # fmt: skip
        table = table_of("Regret: cost above the best that is known", columns, rows)
        return Findings("Our search", summary, rows, (table,))


def _progress(parts: Sequence[list[list[MethodResult]]]) -> str:
    return f" drives, {sum(map(len, parts))} moments"


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What a method found at one moment.

    Args:
        method: its name.
        weighed: candidates weighed.
        regret: cost above the best that any method found there, m.
        omega_jump: change of the yaw rate planned for 1 s later against the committed plan, rad/s; NaN without one.
    """

    method: str
    weighed: int
    regret: float
    omega_jump: float


def search_all(job: HomeDrive) -> list[list[MethodResult]]:
    """Drive one pair and search anew at its moments with every method."""
    asked = Asked()
    return [asked.everything(moment, number) for number, moment in enumerate(record(job, EVERY))]


class Asked:
    """The methods, made once and asked at many moments."""

    def __init__(self) -> None:
        self.robot = RobotProfile.load(ROBOT)
        stages: dict[str, tuple[Refinement, ...]] = {
            "three stages": Search().stages,
            "two stages: 16 for 6 rounds": (Refinement(16, 6),),
            "two stages: 16 for 2 rounds": (Refinement(16, 2),),
            "one stage: seeds alone": (),
        }
        stages |= {f"polish for {n} rounds": (Refinement(16, 2), Refinement(4, n)) for n in ROUNDS}
        self.searches = {name: self._planner(Search(stages=chosen)) for name, chosen in stages.items()}
        self.plain = self.searches["three stages"]
        self.low, self.high = box(self.plain.bounds)

    def _planner(self, search: Search) -> TrajectoryPlanner:
        return TrajectoryPlanner(self.robot, PlannerConfig(search=search), np.random.default_rng(0))

    def everything(self, moment: PlannerQuery, seed: int) -> list[MethodResult]:
        """Return what every method finds at a moment."""
        belief, at = moment.belief, moment.scheduled
        start = (at.v, at.omega, at.a, at.alpha)
        config = self.plain.config
        problem = build_problem(belief, self.robot.shape, config.objective, start, config.most_tracks)
        results: list[tuple[str, int, float, float]] = []
        for name, planner in self.searches.items():
            results.append(self._of(name, planner.search(problem, moment.previous, belief.stamp), moment))
        results.append(self._of("cold", self.plain.search(problem, None, belief.stamp), moment))  # no warm start
        context = self.plain.context(problem)
        seeds, kinds = self.plain.seeds.make(problem, moment.previous, belief.stamp)
        for kind in KINDS:
            results.append((f"without the seeds: {kind}", *self._refined(seeds, kinds != kind, context), np.nan))
        rng = np.random.default_rng(seed)
        costs = np.empty(seeds.shape[1], np.float32)
        evaluate(seeds, *context.arguments, costs)
        cost, weighed = cross_entropy(KnotSpace(), seeds, costs, context, rng, 100, 4)
        results.append(("no gradient: cross-entropy from our seeds", seeds.shape[1] + weighed, cost, np.nan))
        for space in SPACES:
            results += self._sampled(space, context, rng)
        best = min(self._reference(problem, moment, context), min(r[2] for r in results))
        return [MethodResult(name, weighed, cost - best, jump) for name, weighed, cost, jump in results]

    def _of(self, name: str, found: Candidates, moment: PlannerQuery) -> tuple[str, int, float, float]:
        best = int(np.argmin(found.costs))
        jump = np.nan
        if moment.previous is not None:
            at = moment.scheduled
            start = np.array([0.0, 0.0, 0.0, at.v, at.omega, at.a, at.alpha])
            states = KnotSpace().states(found.decisions[:, best].astype(np.float64), start, self.plain.bounds, 0)
            later = moment.previous.at(moment.belief.stamp + AHEAD).omega
            jump = abs(float(states[20, 4]) - later)
        return name, found.stages[-1].weighed, float(found.costs[best]), jump

    def _refined(self, seeds: Floats32, kept: Bools, context: Context) -> tuple[int, float]:
        """Return the candidates weighed, and the cost that our stages reach from some of the seeds."""
        some = np.ascontiguousarray(seeds[:, kept])
        costs = np.empty(some.shape[1], np.float32)
        evaluate(some, *context.arguments, costs)
        chosen = np.empty(16, np.int64)
        distinct(some, np.argsort(costs, kind="stable"), 0.5 * (self.high - self.low), DISTINCT, chosen)
        descent = Descent(np.ascontiguousarray(some[:, chosen]), self.low, self.high, context)
        weighed = some.shape[1] + 16
        for stage in Search().stages:
            descent.narrow(np.argsort(descent.costs, kind="stable")[: stage.kept])
            for _ in range(stage.rounds):
                weighed += descent.round()
        return weighed, float(descent.costs.min())

    def _sampled(self, space: Space, context: Context, rng: np.random.Generator) -> list[tuple[str, int, float, float]]:
        """Return what random points of a space find, and half of them with the cross-entropy method."""
        low, high = space.box(context.bounds)
        u = (low[:, None] + rng.random((len(low), SAMPLES[-1])) * (high - low)[:, None]).astype(np.float32)
        costs = space.costs(u, context)
        out = [(f"{space.name}: points", n, float(costs[:n].min()), np.nan) for n in SAMPLES]
        for first, more in ((300, 300), (600, 4400)):
            batch = 100 if more == 300 else 400
            cost, weighed = cross_entropy(space, u[:, :first], costs[:first], context, rng, batch, more // batch)
            out.append((f"{space.name}: cross-entropy", first + weighed, cost, np.nan))
        return out

    def _reference(self, problem: PlanningProblem, moment: PlannerQuery, context: Context) -> float:
        """Return the best of some 25,000 more candidates of our space: many starts, refined for long."""
        wide = self._planner(Search(spread=6000, nearby=1500)).seeds
        seeds, _ = wide.make(problem, moment.previous, moment.belief.stamp)
        costs = np.empty(seeds.shape[1], np.float32)
        evaluate(seeds, *context.arguments, costs)
        order, best = np.argsort(costs, kind="stable"), float(costs.min())
        for apart in (DISTINCT, 0.6):
            chosen = np.empty(64, np.int64)
            distinct(seeds, order, 0.5 * (self.high - self.low), apart, chosen)
            descent = Descent(np.ascontiguousarray(seeds[:, chosen]), self.low, self.high, context)
            for kept, rounds in ((64, 20), (32, 20), (16, 20)):
                descent.narrow(np.argsort(descent.costs, kind="stable")[:kept])
                for _ in range(rounds):
                    descent.round()
            best = min(best, float(descent.costs.min()))
        return best


def cross_entropy(
    space: Space, u: Floats32, costs: Floats32, context: Context, rng: np.random.Generator, batch: int, batches: int
) -> tuple[float, int]:
    """The best cost and the candidates weighed beyond ``u`` (D, N), by sampling again and again about the best tenth.

    Rubinstein, "The cross-entropy method for combinatorial and continuous optimization", 1999.
    """
    low, high = space.box(context.bounds)
    best = float(costs.min())
    for _ in range(batches):
        elite = u[:, np.argsort(costs, kind="stable")[: max(round(ELITES * len(costs)), 8)]]
        mean, spread = elite.mean(axis=1), elite.std(axis=1) + 0.01 * (high - low)
        drawn = mean[:, None] + spread[:, None] * rng.standard_normal((len(low), batch))
        u = np.clip(drawn, low[:, None], high[:, None]).astype(np.float32)
        costs = space.costs(u, context)
        best = min(best, float(costs.min()))
    return best, batch * batches


def report(moments: list[list[MethodResult]]) -> tuple[dict[str, Figure], list[dict[str, Figure]]]:
    """Summary, which is about our search, and a row for each method."""
    rows = [_row([moment[i] for moment in moments]) for i in range(len(moments[0]))]
    cold = next(row for row in rows if row["method"] == "cold")
    ours = {key: value for key, value in rows[0].items() if key not in ("method", "evaluations")}
    more: dict[str, Figure] = {
        "evaluations_p50": rows[0]["evaluations"],
        "omega_jump_cold": cold["omega_jump"],
        "moments": len(moments),
        "robot": ROBOT,
    }
    return ours | more, rows


def _row(found: Sequence[MethodResult]) -> dict[str, Figure]:
    regrets: Floats = np.array([f.regret for f in found])
    jumps = np.array([f.omega_jump for f in found])
    out: dict[str, Figure] = {"method": found[0].method}
    out["evaluations"] = figure(float(np.median([f.weighed for f in found])), 0)
    out["regret_median_m"] = figure(float(np.median(regrets)), 5)
    out["regret_mean_m"] = figure(float(regrets.mean()), 5)
    out["regret_p95_m"] = figure(float(np.percentile(regrets, 95)), 5)
    out["regret_max_m"] = figure(float(regrets.max()), 5)
    out["omega_jump"] = figure(float(np.nanmean(jumps)) if np.isfinite(jumps).any() else np.nan)
    return out
