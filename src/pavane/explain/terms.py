"""CostAttribution: the cost of a motion, term by term and source by source, in readable float64.

The terms add up to the cost by which the planner's kernels weigh.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Bools, Floats, Ints
from pavane.motion.model import DT
from pavane.planning.local_planner.objective import reference as naive
from pavane.planning.local_planner.objective.arguments import Context
from pavane.planning.local_planner.objective.hazards import FAINT, LOOKS, STRIDE
from pavane.planning.local_planner.objective.stop import STOP_POINTS


@dataclass(frozen=True, slots=True)
class CostShare:
    """Share of one source in the cost of a motion.

    Args:
        chance: that it harms first: of people and whatever else moves, the chance of touching them; of walls and
            corners a measure that orders motions, no probability.
        harm: expected harm and discomfort, m.
        lost: progress and well-being that would be lost after the harm, m.
    """

    chance: float
    harm: float
    lost: float

    @property
    def total(self) -> float:
        """Harm and loss together, m."""
        return self.harm + self.lost


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The cost of a motion, m, lower is better.

    Args:
        way: change of the way still to go in 3 s if nothing harms; negative is progress.
        effort: of acceleration, turning, jerk and reversing.
        end: turned away from the way, or too fast for the rest of it, at the end.
        alive: minus the worth of being unharmed at the end.
        still: share of each solid source, then of discomfort, in the order of the sources asked for.
        moving: share of each group of people's rows.
        least: smallest clearance from anything solid, m, and after how many seconds.
    """

    way: float
    effort: float
    end: float
    alive: float
    still: tuple[CostShare, ...]
    moving: tuple[CostShare, ...]
    least: tuple[float, float]

    @property
    def cost(self) -> float:
        """The sum of all, m."""
        return self.way + self.effort + self.end + self.alive + sum(t.total for t in (*self.still, *self.moving))


class CostAttribution:
    """Attributes the cost of motions in one problem to its sources.

    Args:
        context: by which the kernels judge.
        groups: masks over the rows of people, one for each source; together they are all rows.
        solids: how many solid sources there are besides discomfort.
        nearest: tells which solid source is nearest to places (N, 2) in the window frame.
    """

    def __init__(self, context: Context, groups: Sequence[Bools], solids: int, nearest: Nearest) -> None:
        c = context
        everything = naive.plain_situation(
            c.bounds, c.weights, naive.unpacked(c.fields), c.goal, c.discs, c.body, c.people, c.discount
        )
        self._world, self._nearest, self._solids = everything, nearest, solids
        outline = np.ascontiguousarray(everything.discs[everything.discs[:, 3] == 0.0])
        nobody = np.ascontiguousarray(everything.people[:, :0])
        self._still = everything._replace(people=nobody)
        self._bare = everything._replace(people=nobody, discs=outline)
        self._has_discomfort = len(outline) < len(everything.discs)
        self._outline = outline
        self._groups = [
            everything._replace(people=np.ascontiguousarray(everything.people[:, group]), discs=outline)
            for group in groups
        ]

    def terms(self, states: Floats) -> Terms:
        """Return the terms of a motion: states (61, 7) of x, y, yaw, v, omega, a, alpha in the window frame."""
        k, discount, look = self._world.weights, self._world.discount, STRIDE * DT
        tally = _Tally.of(self._solids + 1 + len(self._groups))
        way = effort_sum = 0.0
        x, y, yaw, v, w = states[0, :5]
        phi = naive.to_go(x, y, yaw, self._world)
        before = self._hazards(x, y, yaw, v, w, 0)
        rate, harm = before.rates(1.0)
        least = (before.gap, 0.0)
        for n in range(LOOKS):
            rows = range(n * STRIDE + 1, (n + 1) * STRIDE + 1)
            effort = DT * sum(naive.effort_of(states, row, DT, k) for row in rows)
            x, y, yaw, v, w = states[rows[-1], :5]
            after = self._hazards(x, y, yaw, v, w, n + 1)
            if after.gap < least[0]:
                least = (after.gap, (n + 1) * look)
            tally.moving_hazard += 0.5 * look * float((before.moving + after.moving).sum())
            rate_after, harm_after = after.rates(naive.survivor_factor(tally.moving_hazard))
            scrape, scratch = naive.touching(before.gap, after.gap, before.speed, after.speed, k)
            hazard, expected_harm = 0.5 * look * (rate + rate_after), 0.5 * look * (harm + harm_after)
            hazard[after.solid] += look * scrape
            expected_harm[after.solid] += look * scratch
            gain, now = naive.to_go(x, y, yaw, self._world) - phi, discount[n]
            way += now * gain
            effort_sum += now * effort
            tally.pass_on(hazard, expected_harm, gain + effort, now, k.undiscounted_harm)
            phi, rate, harm, before = phi + gain, rate_after, harm_after, after
        end, now = naive.end_penalties(x, y, yaw, v, phi, self._world), discount[LOOKS]
        tally.harm += now * self._stop(np.array([x, y, yaw, v, w]), before, tally)
        tally.lost += now * tally.chance * (k.survival_bonus - end)
        still, moving = tally.shares(self._solids + 1)
        return Terms(way, effort_sum, float(now * end), float(-now * k.survival_bonus), still, moving, least)

    def _hazards(self, x: float, y: float, yaw: float, v: float, w: float, row: int) -> _Hazards:
        """Return the hazards at one state.

        Args:
            x: in the window frame, m.
            y: likewise.
            yaw: rad.
            v: forward speed, m/s.
            w: yaw rate, rad/s.
            row: of the people's forecasts.
        """
        bare = naive.danger(x, y, yaw, v, w, row, self._bare)
        rate, _, harm, _, gap, speed = bare
        discomfort = naive.danger(x, y, yaw, v, w, row, self._still)[2] - harm if self._has_discomfort else 0.0
        beside, moving, hurt = (np.zeros(len(self._groups)) for _ in range(3))
        for i, world in enumerate(self._groups):
            _, moving[i], all_harm, hurt[i], _, _ = naive.danger(x, y, yaw, v, w, row, world)
            beside[i] = all_harm - harm
        solid = self._solid(x, y, yaw)
        return _Hazards(rate, harm, discomfort, gap, speed, solid, self._solids, moving, beside, hurt)

    def _solid(self, x: float, y: float, yaw: float) -> int:
        """Return which solid source the disc with the least clearance is nearest to."""
        c, s = math.cos(yaw), math.sin(yaw)
        discs, lattice = self._outline, self._world.lattice
        places = np.stack([x + discs[:, 0] * c - discs[:, 1] * s, y + discs[:, 0] * s + discs[:, 1] * c], axis=1)
        gaps = [
            naive.spline(lattice.clearance, float(px), float(py), lattice) - r
            for (px, py), r in zip(places, discs[:, 2], strict=True)
        ]
        return int(self._nearest(places[int(np.argmin(gaps))][None])[0])

    def _stop(self, at: Floats, before: _Hazards, tally: _Tally) -> Floats:
        """Return the harm of each source along the final stop, and add the chances of it to the tally.

        Args:
            at: (5,) x, y, yaw, v, omega at the end of the motion.
            before: the hazards there.
            tally: of the motion up to there.
        """
        x, y, yaw, v, w = at
        k = self._world.weights
        length = v**2 / (-2.0 * self._world.bounds.a_low) + 0.1 * abs(v)
        kappa, hop = w * v / (v**2 + 0.0025), math.copysign(length, v) / STOP_POINTS
        seconds = 2.0 * length / (abs(v) + 0.1) / STOP_POINTS
        late = np.zeros(len(tally.chance))
        for i in range(STOP_POINTS):
            x += hop * math.cos(yaw + 0.5 * kappa * hop)
            y += hop * math.sin(yaw + 0.5 * kappa * hop)
            yaw += kappa * hop
            slow = v * math.sqrt(1.0 - (i + 0.5) / STOP_POINTS)
            after = self._hazards(x, y, yaw, slow, kappa * slow, LOOKS + 1 + i)
            tally.moving_hazard += seconds * float(after.moving.sum())
            rate, harm = after.rates(naive.survivor_factor(tally.moving_hazard))
            scrape, scratch = naive.touching(before.gap, after.gap, before.speed, after.speed, k)
            rate[after.solid] += scrape
            harm[after.solid] += scratch
            total = float(rate.sum())
            survives = math.exp(-total * seconds)
            late += tally.survival * (1.0 - survives + FAINT * seconds) / (total + FAINT) * harm
            tally.chance += tally.survival * (1.0 - survives) * rate / max(total, 1e-12)
            tally.survival, before = tally.survival * survives, after
        return late


class Nearest:
    """Tells which of several solid sources is nearest to a place.

    Args:
        fields: (C, rows, columns) distance from each cell of the window to each source, m.
        resolution: edge of a cell, m.
    """

    def __init__(self, fields: Floats, resolution: float) -> None:
        self._fields, self._resolution = fields, resolution

    def __call__(self, places: Floats) -> Ints:
        """Return the numbers (N,) of the sources nearest to places (N, 2) in the window frame."""
        _, rows, columns = self._fields.shape
        column = np.clip((places[:, 0] / self._resolution + 0.5 * columns).astype(int), 0, columns - 1)
        row = np.clip((places[:, 1] / self._resolution + 0.5 * rows).astype(int), 0, rows - 1)
        nearest: Ints = np.argmin(self._fields[:, row, column], axis=0)
        return nearest


@dataclass(slots=True, eq=False)
class _Tally:
    """Chances, harm and losses of a motion so far, source by source.

    Args:
        chance: (S,) that each source has harmed first.
        harm: (S,) expected harm and discomfort, m.
        lost: (S,) progress and well-being lost after harm, m.
        survival: chance that nothing has harmed yet.
        moving_hazard: rate of contacts with whatever moves, over time so far.
    """

    chance: Floats
    harm: Floats
    lost: Floats
    survival: float = 1.0
    moving_hazard: float = 0.0

    @classmethod
    def of(cls, count: int) -> _Tally:
        """Return the tally of so many sources before a motion begins."""
        return cls(np.zeros(count), np.zeros(count), np.zeros(count))

    def pass_on(self, hazard: Floats, expected_harm: Floats, change: float, now: float, regret: float) -> None:
        """Add one stretch of a motion.

        Args:
            hazard: (S,) of each source along it.
            expected_harm: (S,) likewise, m.
            change: of the way still to go, and effort, m.
            now: discount of this stretch.
            regret: weight of harm that counts whether or not something has harmed before.
        """
        total = float(hazard.sum())
        survives = math.exp(-total)
        self.lost -= now * self.chance * change
        share = now * self.survival * (1.0 - survives + FAINT) / (total + FAINT) + regret * now
        self.harm += share * expected_harm
        self.chance += self.survival * (1.0 - survives) * hazard / max(total, 1e-12)
        self.survival *= survives

    def shares(self, edge: int) -> tuple[tuple[CostShare, ...], tuple[CostShare, ...]]:
        """Return the shares of the first ``edge`` sources, and of the others."""
        shares = [CostShare(*map(float, each)) for each in zip(self.chance, self.harm, self.lost, strict=True)]
        return tuple(shares[:edge]), tuple(shares[edge:])


@dataclass(frozen=True, slots=True, eq=False)
class _Hazards:
    """Hazards at one state.

    Args:
        rate: of harm by anything solid, 1/s.
        harm: that rate times harm, m/s.
        discomfort: near entities that are unpleasant to be near, m/s.
        gap: least clearance, m.
        speed: of the part of the outline that has it, m/s.
        solid: which solid source that clearance is from.
        solids: how many solid sources there are.
        moving: (G,) rate of contacts with each group of people, 1/s.
        beside: (G,) discomfort near them, m/s.
        hurt: (G,) rate of contacts times harm, m/s.
    """

    rate: float
    harm: float
    discomfort: float
    gap: float
    speed: float
    solid: int
    solids: int
    moving: Floats
    beside: Floats
    hurt: Floats

    def rates(self, sooner: float) -> tuple[Floats, Floats]:
        """Return rates (S,), and rates times harm (S,), of all sources: solid ones, discomfort, people.

        ``sooner`` is the factor by which contacts with people count less once some may have happened.
        """
        edge = self.solids + 1
        rate, harm = np.zeros(edge + len(self.moving)), np.zeros(edge + len(self.moving))
        rate[self.solid], harm[self.solid], harm[edge - 1] = self.rate, self.harm, self.discomfort
        rate[edge:], harm[edge:] = sooner * self.moving, self.beside + sooner * self.hurt
        return rate, harm
