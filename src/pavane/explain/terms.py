"""What a motion costs, term by term, in readable float64; the terms' sum is what the planner's kernels weigh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pavane.core.arrays import Bools, Floats, Ints
from pavane.motion.model import DT, FAINT, LOOKS, STOP_POINTS, STRIDE
from pavane.planning.local_planner.objective import reference as naive
from pavane.planning.local_planner.objective.arguments import Context


@dataclass(frozen=True, slots=True)
class CostShare:
    """What one cause takes from a motion.

    Args:
        chance: that it is what harms first: of people and what else moves, the chance of touching them; of walls and
            corners a measure that orders motions, no probability.
        harm: expected harm and discomfort, m.
        lost: progress and well-being that would be lost after the harm, m.
    """

    chance: float
    harm: float
    lost: float

    @property
    def total(self) -> float:
        """Both together, m."""
        return self.harm + self.lost


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The cost of a motion, m, lower is better.

    Args:
        way: change of the way still to go in 3 s if nothing harms; negative is progress.
        effort: of acceleration, turning, jerk and reversing.
        end: turned away from the way, or too fast for the rest of it, at the end.
        alive: minus what it is worth to be unharmed at the end.
        still: share of each solid thing and of discomfort beside things, in the order of the sources asked for.
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
    """Judges motions in one problem, cause by cause.

    Args:
        context: what the kernels judge by.
        groups: masks over the rows of people, one for each cause; together they are all rows.
        nearest: says of places (N, 2) in the window frame which solid cause is nearest to each; -1 for the last,
            discomfort beside things.
        solids: how many solid causes there are besides discomfort.
    """

    def __init__(self, context: Context, groups: Sequence[Bools], solids: int, nearest: Nearest) -> None:
        c = context
        everything = naive.world(
            c.bounds, c.weights, naive.unpacked(c.fields), c.goal, c.discs, c.body, c.people, c.discount
        )
        self._world, self._nearest, self._solids = everything, nearest, solids
        outline = np.ascontiguousarray(everything.discs[everything.discs[:, 3] == 0.0])
        nobody = np.ascontiguousarray(everything.people[:, :0])
        self._still = everything._replace(people=nobody)
        self._bare = everything._replace(people=nobody, discs=outline)
        self._uneasy = len(outline) < len(everything.discs)
        self._outline = outline
        self._groups = [
            everything._replace(people=np.ascontiguousarray(everything.people[:, group]), discs=outline)
            for group in groups
        ]

    def terms(self, states: Floats) -> Terms:
        """The terms of a motion: states (61, 7) of x, y, yaw, v, omega, a, alpha in the window frame."""
        k, discount, dt = self._world.weights, self._world.discount, DT
        look = STRIDE * dt
        count = self._solids + 1 + len(self._groups)
        harm_sum, chance, lost = np.zeros(count), np.zeros(count), np.zeros(count)
        way = effort_sum = 0.0
        survival, met_them = 1.0, 0.0
        x, y, yaw, v, w = states[0, :5]
        phi = naive.to_go(x, y, yaw, self._world)
        meeting = self._meet(x, y, yaw, v, w, 0)
        rate, harm = meeting.rates(1.0)
        least = (meeting.gap, 0.0)
        for n in range(LOOKS):
            rows = range(n * STRIDE + 1, (n + 1) * STRIDE + 1)
            effort = dt * sum(naive.effort_of(states, row, dt, k) for row in rows)
            x, y, yaw, v, w = states[rows[-1], :5]
            after = self._meet(x, y, yaw, v, w, n + 1)
            if after.gap < least[0]:
                least = (after.gap, (n + 1) * look)
            met_them += 0.5 * look * float((meeting.moving + after.moving).sum())
            rate_after, harm_after = after.rates(naive.among(met_them))
            scrape, scratch = naive.scraping(meeting.gap, after.gap, meeting.speed, after.speed, k)
            met, owed = 0.5 * look * (rate + rate_after), 0.5 * look * (harm + harm_after)
            met[after.solid] += look * scrape
            owed[after.solid] += look * scratch
            total = float(met.sum())
            lives, gain = math.exp(-total), naive.to_go(x, y, yaw, self._world) - phi
            now = discount[n]
            way += now * gain
            effort_sum += now * effort
            lost -= now * chance * (gain + effort)
            harm_sum += (now * survival * (1.0 - lives + FAINT) / (total + FAINT) + k.regret * now) * owed
            chance += survival * (1.0 - lives) * met / max(total, 1e-12)
            survival *= lives
            phi, rate, harm, meeting = phi + gain, rate_after, harm_after, after
        end = naive.misplaced(x, y, yaw, v, phi, self._world)
        now = discount[LOOKS]
        late, chance = self._stop(np.array([x, y, yaw, v, w]), meeting, survival, met_them, chance)
        harm_sum += now * late
        lost += now * chance * (k.alive - end)
        shares = [CostShare(*map(float, each)) for each in zip(chance, harm_sum, lost, strict=True)]
        edge = self._solids + 1
        return Terms(
            way, effort_sum, float(now * end), float(-now * k.alive), tuple(shares[:edge]), tuple(shares[edge:]), least
        )

    def _meet(self, x: float, y: float, yaw: float, v: float, w: float, row: int) -> _Meeting:
        bare = naive.danger(x, y, yaw, v, w, row, self._bare)
        rate, _, harm, _, gap, speed = bare
        uneasy = naive.danger(x, y, yaw, v, w, row, self._still)[2] - harm if self._uneasy else 0.0
        beside, moving, hurt = (np.zeros(len(self._groups)) for _ in range(3))
        for i, world in enumerate(self._groups):
            _, moving[i], all_harm, hurt[i], _, _ = naive.danger(x, y, yaw, v, w, row, world)
            beside[i] = all_harm - harm
        return _Meeting(rate, harm, uneasy, gap, speed, self._solid(x, y, yaw), self._solids, moving, beside, hurt)

    def _solid(self, x: float, y: float, yaw: float) -> int:
        """Which solid cause the disc with the least clearance is nearest to."""
        c, s = math.cos(yaw), math.sin(yaw)
        discs, lattice = self._outline, self._world.lattice
        places = np.stack([x + discs[:, 0] * c - discs[:, 1] * s, y + discs[:, 0] * s + discs[:, 1] * c], axis=1)
        gaps = [
            naive.spline(lattice.clearance, float(px), float(py), lattice) - r
            for (px, py), r in zip(places, discs[:, 2], strict=True)
        ]
        return int(self._nearest(places[int(np.argmin(gaps))][None])[0])

    def _stop(
        self, at: Floats, meeting: _Meeting, survival: float, met_them: float, chance: Floats
    ) -> tuple[Floats, Floats]:
        """Harm of each cause along the final stop, and the chances at its end."""
        x, y, yaw, v, w = at
        k, chance = self._world.weights, chance.copy()
        length = v**2 / (-2.0 * self._world.bounds.a_low) + 0.1 * abs(v)
        kappa, hop = w * v / (v**2 + 0.0025), math.copysign(length, v) / STOP_POINTS
        seconds = 2.0 * length / (abs(v) + 0.1) / STOP_POINTS
        late = np.zeros(len(chance))
        for i in range(STOP_POINTS):
            x += hop * math.cos(yaw + 0.5 * kappa * hop)
            y += hop * math.sin(yaw + 0.5 * kappa * hop)
            yaw += kappa * hop
            slow = v * math.sqrt(1.0 - (i + 0.5) / STOP_POINTS)
            after = self._meet(x, y, yaw, slow, kappa * slow, LOOKS + 1 + i)
            met_them += seconds * float(after.moving.sum())
            rate, harm = after.rates(naive.among(met_them))
            scrape, scratch = naive.scraping(meeting.gap, after.gap, meeting.speed, after.speed, k)
            rate[after.solid] += scrape
            harm[after.solid] += scratch
            total = float(rate.sum())
            lives = math.exp(-total * seconds)
            late += survival * (1.0 - lives + FAINT * seconds) / (total + FAINT) * harm
            chance += survival * (1.0 - lives) * rate / max(total, 1e-12)
            survival, meeting = survival * lives, after
        return late, chance


class Nearest:
    """Which of several solid causes is nearest to a place.

    Args:
        fields: (C, rows, columns) distance from each cell of the window to each cause, m.
        resolution: edge of a cell, m.
    """

    def __init__(self, fields: Floats, resolution: float) -> None:
        self._fields, self._resolution = fields, resolution

    def __call__(self, places: Floats) -> Ints:
        """Numbers (N,) of the causes nearest to places (N, 2) in the window frame."""
        _, rows, columns = self._fields.shape
        column = np.clip((places[:, 0] / self._resolution + 0.5 * columns).astype(int), 0, columns - 1)
        row = np.clip((places[:, 1] / self._resolution + 0.5 * rows).astype(int), 0, rows - 1)
        nearest: Ints = np.argmin(self._fields[:, row, column], axis=0)
        return nearest


@dataclass(frozen=True, slots=True, eq=False)
class _Meeting:
    """What is met at one place: rates of harm, those times harm, of each cause."""

    rate: float
    harm: float
    uneasy: float
    gap: float
    speed: float
    solid: int
    solids: int
    moving: Floats
    beside: Floats
    hurt: Floats

    def rates(self, sooner: float) -> tuple[Floats, Floats]:
        """Rates and rates times harm of all causes: solid ones, discomfort, people."""
        edge = self.solids + 1
        rate, harm = np.zeros(edge + len(self.moving)), np.zeros(edge + len(self.moving))
        rate[self.solid], harm[self.solid], harm[edge - 1] = self.rate, self.harm, self.uneasy
        rate[edge:], harm[edge:] = sooner * self.moving, self.beside + sooner * self.hurt
        return rate, harm
