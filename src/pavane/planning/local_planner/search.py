"""StagedSearch: weigh the seeds, refine the best of them in stages of ever fewer, and go on with an explorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple, Protocol

import numpy as np

from pavane.core.arrays import Floats32, Ints, Names
from pavane.core.plan import FRESH, Candidates, Explorer, Plan, Stage
from pavane.motion.model import Bounds
from pavane.planning.local_planner.bfgs import Descent
from pavane.planning.local_planner.config import Search
from pavane.planning.local_planner.kernels import distinct
from pavane.planning.local_planner.objective.arguments import Context
from pavane.planning.local_planner.objective.cost import evaluate, gradient
from pavane.planning.local_planner.problem import PlanningProblem
from pavane.planning.local_planner.seeds import EXPLORER, Seeds, box, explored_by

DISTINCT = 0.25  # share of the box by which two refined candidates must differ
PATIENCE = 4  # cycles that refine an explorer


def never() -> bool:
    """No deadline."""
    return False


def unchanged(problem: PlanningProblem) -> PlanningProblem:
    """The problem as it is."""
    return problem


@dataclass(frozen=True, slots=True)
class CostFunction:
    """What candidates are judged by: ours, or a rival's in studies.

    Args:
        evaluate: the kernel that gives costs.
        gradient: the kernel that gives costs and slopes.
        adapt: the problem as these kernels read it.
        figures: what these kernels take beside a problem's arguments, between those and the costs.
    """

    evaluate: Callable[..., None] = evaluate
    gradient: Callable[..., None] = gradient
    adapt: Callable[[PlanningProblem], PlanningProblem] = unchanged
    figures: tuple[Floats32, ...] = ()


OBJECTIVE = CostFunction()


class Question(NamedTuple):
    """What a search is asked.

    Args:
        problem: what the candidates meet.
        context: what they are judged by.
        previous: the committed plan, for the warm start.
        effect_time: when the new plan takes effect, s.
        overdue: asked between rounds; once true the best so far is to be good enough.
        began: reading of the clock that the stages' times count from, s.
    """

    problem: PlanningProblem
    context: Context
    previous: Plan | None
    effect_time: float
    overdue: Callable[[], bool]
    began: float


class SearchStrategy(Protocol):
    """Finds candidates."""

    def __call__(self, question: Question) -> Candidates:
        """Every candidate with its cost, a stop among them."""
        ...


MakeSearch = Callable[[Bounds, Search, Seeds, CostFunction, Callable[[], float]], SearchStrategy]


class StagedSearch:
    """Every candidate weighed: the seeds, then what the best of them became. At least the seeds are weighed.

    The last of those that are refined is an explorer: in turns one of those that are not the best, which ``PATIENCE``
    cycles refine. What one cycle can refine to its end is what looks good at once; where that is to stand still, a
    robot would stand for ever.

    Args:
        bounds: limits of the base.
        config: how hard to look.
        seeds: where to begin.
        cost: what candidates are judged by.
        clock: what the stages' times are read from, s.
    """

    def __init__(
        self,
        bounds: Bounds,
        config: Search,
        seeds: Seeds,
        cost: CostFunction = OBJECTIVE,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._config, self._seeds, self._cost, self._clock = config, seeds, cost, clock
        self._low, self._high = box(bounds)

    def __call__(self, question: Question) -> Candidates:
        """See :class:`SearchStrategy`."""
        seeds, kinds = self._seeds.make(question.problem, question.previous, question.effect_time)
        costs = np.empty(seeds.shape[1], np.float32)
        self._cost.evaluate(seeds, *question.context.arguments, costs)
        stages = [self._reached(question, seeds.shape[1], costs, kinds)]
        explorer = explored_by(question.previous)
        if question.overdue() or not self._config.stages:
            onward = explorer._replace(decision=seeds[:, EXPLORER].copy())
            return Candidates(seeds, costs, kinds, tuple(stages), onward)
        chosen = self._choose(seeds, costs, explorer)
        first = np.ascontiguousarray(seeds[:, chosen])
        descent = Descent(first, self._low, self._high, question.context, self._cost.gradient)
        refined = _Refinement(descent, kinds[chosen], explorer, chosen)
        weighed = seeds.shape[1] + len(chosen)
        for kept, rounds in self._config.stages:
            refined.narrow(kept)
            for _ in range(rounds):
                if question.overdue():
                    break
                weighed += descent.round()
            stages.append(self._reached(question, weighed, descent.costs, refined.origins))
        return Candidates(*refined.all_after(seeds, costs, kinds), tuple(stages), refined.onward())

    def _reached(self, question: Question, weighed: int, costs: Floats32, origins: Names) -> Stage:
        best = int(np.argmin(costs))
        return Stage(weighed, float(costs[best]), str(origins[best]), self._clock() - question.began)

    def _choose(self, seeds: Floats32, costs: Floats32, explorer: Explorer) -> Ints:
        """Columns of the seeds that are refined: the best that differ, and an explorer that is under way."""
        chosen = np.empty(self._config.stages[0].kept, np.int64)
        distinct(seeds, np.argsort(costs, kind="stable"), 0.5 * (self._high - self._low), DISTINCT, chosen)
        if explorer.age and not (chosen == EXPLORER).any():
            chosen[-1] = EXPLORER
        return chosen


class _Refinement:
    """The candidates that are refined, ever fewer, one of them the explorer; and those that were left behind.

    Args:
        descent: refines them.
        origins: (M,) the kind of seed that each one comes from.
        explorer: what the cycle before left.
        chosen: (M,) their columns among the seeds.
    """

    def __init__(self, descent: Descent, origins: Names, explorer: Explorer, chosen: Ints) -> None:
        self.origins = origins
        self._descent, self._explorer = descent, explorer
        # the explorer's place; -1 until there is a choice to choose it from
        self._place = int(np.flatnonzero(chosen == EXPLORER)[0]) if explorer.age else -1
        self._left: list[tuple[Floats32, Floats32, Names]] = []

    def narrow(self, kept: int) -> None:
        """Leave behind all but so many: the best, and the explorer as the last of them."""
        if kept >= len(self.origins):
            return
        descent, order = self._descent, np.argsort(self._descent.costs, kind="stable")
        if self._place < 0:
            self._place = int(order[kept - 1 + self._explorer.turn % (len(order) - kept + 1)])
        others = order[order != self._place]
        order = np.concatenate([others[: kept - 1], [self._place], others[kept - 1 :]])
        self._place = kept - 1
        left = order[kept:]
        self._left.append((descent.u[:, left], descent.costs[left], self.origins[left]))
        descent.narrow(order[:kept])
        self.origins = self.origins[order[:kept]]

    def all_after(self, seeds: Floats32, costs: Floats32, kinds: Names) -> tuple[Floats32, Floats32, Names]:
        """Decisions (8, N), costs (N,) and origins (N,): the seeds, those left behind, those refined to the end."""
        parts = [(seeds, costs, kinds), *self._left, (self._descent.u, self._descent.costs, self.origins)]
        decisions, costs, origins = (np.concatenate(list(part), axis=-1) for part in zip(*parts, strict=True))
        return decisions, costs, origins

    def onward(self) -> Explorer:
        """What the next cycle goes on with.

        An explorer's turn is over when it has become the best, or when ``PATIENCE`` cycles have refined it.
        """
        if self._place < 0:
            return FRESH
        explorer, best = self._explorer, int(np.argmin(self._descent.costs))
        last = best == self._place or explorer.age + 1 == PATIENCE
        decision = self._descent.u[:, self._place].copy()
        return Explorer(decision, explorer.turn + last, 0 if last else explorer.age + 1)
