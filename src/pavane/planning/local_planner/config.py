"""What the local trajectory planner weighs, and how hard it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pavane.core.entities import KINDS, KindCost
from pavane.core.errors import BadSetting
from pavane.planning.local_planner.objective.weights import Weights


@dataclass(frozen=True)  # no slots: its weights are made once
class Objective:
    """Uncertainty-adjusted progress, in metres: all its weights. The equation: ``objective.cost``; why it is so:
    docs/concepts/objective.md.

    | name | symbol | unit | default | what it does |
    |---|---|---|---|---|
    | wall_scale | λ_w | s/m² | 2.0 | hazard beside static things per squared speed |
    | wall_reach | r_w | s | 0.04 | how much longer that reaches per speed |
    | touch_scale | λ_t | 1/m | 20.0 | hazard in touch per speed |
    | person_scale | λ_p | s/m² | 2.5 | discomfort beside what moves per squared speed |
    | person_reach | r_p | s | 0.15 | how much longer that reaches per speed |
    | hidden | h | 1 | 0.5 | how far somebody is expected behind a blind corner: 1 is as if one stood there |
    | harm_base | c₀ | m | 0.5 | harm of touching a wall at rest |
    | harm_speed | c₁ | s²/m | 2.5 | harm per squared speed: the knob from brisk (small) to cautious (large) |
    | harm_standing | b | 1 | 0.2 | share of that if somebody walks into the standing robot; all of it at speed |
    | effort_a | e_a | s³/m | 0.02 | acceleration, squared, per second |
    | effort_al | e_α | m s³/rad² | 0.005 | angular acceleration, squared, per second |
    | effort_w | e_ω | m s/rad² | 0.02 | yaw rate, squared, per second |
    | effort_jerk | e_j | s⁵/m | 0.0005 | jerk, squared, per second |
    | effort_jerk_w | e_jω | m s⁵/rad² | 1e-05 | angular jerk, squared, per second |
    | effort_reverse | e_r | 1 | 0.6 | a metre in reverse |
    | undiscounted_harm | u | 1 | 0.02 | harm that survival does not discount, so that hopeless cases are still ranked |
    | survival_bonus | B | m | 1.5 | to be unharmed at the end; more than all end penalties, so that dying never pays |
    | heading | w_h | m | 0.3 | ending turned away from the way |
    | look_ahead | l | m | 0.4 | distance over which that is measured |
    | overspeed | w_o | s | 0.15 | ending too fast for the rest of the way |
    | goal_pose | w_g | m/rad | 0.35 | the wrong heading at a goal pose |
    | discount | ρ | 1/s | 0.7 | time discount |
    | kinds | – | – | KINDS | how each kind of thing is treated; ``wall`` is all that has no kind of its own |
    """

    wall_scale: float = 2.0
    wall_reach: float = 0.04
    touch_scale: float = 20.0
    person_scale: float = 2.5
    person_reach: float = 0.15
    hidden: float = 0.5
    harm_base: float = 0.5
    harm_speed: float = 2.5
    harm_standing: float = 0.2
    effort_a: float = 0.02
    effort_al: float = 0.005
    effort_w: float = 0.02
    effort_jerk: float = 5e-4
    effort_jerk_w: float = 1e-5
    effort_reverse: float = 0.6
    undiscounted_harm: float = 0.02
    survival_bonus: float = 1.5
    heading: float = 0.3
    look_ahead: float = 0.4
    overspeed: float = 0.15
    goal_pose: float = 0.35
    discount: float = 0.7
    kinds: Mapping[str, KindCost] = field(default_factory=lambda: dict(KINDS))

    def __post_init__(self) -> None:
        for kind, kind_cost in self.kinds.items():
            if not isinstance(kind_cost, KindCost):
                raise BadSetting(f"kind {kind!r} has no cost", value=kind_cost, limit="a pavane.core.entities.KindCost")
        missing = sorted({"wall", "person"} - set(self.kinds))
        if missing:
            raise BadSetting("kinds of things are missing", value=", ".join(missing), limit="wall and person at least")
        if self.kinds["wall"].harm != 1.0:
            raise BadSetting("harm of a wall is the measure", value=self.kinds["wall"].harm, limit="1; see harm_base")

    def weights(self, *, match_heading: bool) -> Weights:
        """The figures that the kernels read."""
        return self._weights[1 if match_heading else 0]

    @cached_property
    def _weights(self) -> tuple[Weights, Weights]:
        """Without and with a heading to match."""
        wall = self.kinds["wall"]
        special = {"goal_pose": 0.0, "wall_length": wall.reach, "touch_width": wall.touch}
        free = Weights(*(np.float32(special[n] if n in special else getattr(self, n)) for n in Weights._fields))
        return free, free._replace(goal_pose=np.float32(self.goal_pose))


class Refinement(NamedTuple):
    """One stage of refinement: how many candidates go on, the best and an explorer, and for how many rounds."""

    kept: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Search:
    """How hard the optimizer looks: a few hundred candidates a cycle.

    Args:
        spread: scattered points over the whole space in stage 1.
        nearby: points around the previous solution in stage 1.
        stages: what follows stage 1. The first keeps a multiple of 16, of which no two are alike; each later one a
            multiple of 4, the best of those before and an explorer. Each round weighs four points for each candidate.
    """

    spread: int = 20
    nearby: int = 32
    stages: tuple[Refinement, ...] = (Refinement(16, 0), Refinement(4, 6))

    def __post_init__(self) -> None:
        kept = [stage.kept for stage in self.stages]
        fills = all(k > 0 and k % (4 if i else 16) == 0 for i, k in enumerate(kept))
        if self.spread < 0 or self.nearby < 0 or self.spread % 2 or self.nearby % 2 or not self.spread + self.nearby:
            raise BadSetting(
                "the scattered candidates are no pairs of mirror images",
                value=f"spread {self.spread}, nearby {self.nearby}",
                limit="even numbers, not both 0",
            )
        if not fills or kept != sorted(kept, reverse=True):
            raise BadSetting(
                "the candidates kept in each stage do not fill the kernels' lanes, or grow",
                value=kept,
                limit="first a multiple of 16, then falling multiples of 4",
            )


@dataclass(frozen=True, slots=True)
class PlannerConfig:
    """The local trajectory planner's configuration."""

    objective: Objective = field(default_factory=Objective)
    search: Search = field(default_factory=Search)
    most_tracks: int = 8
