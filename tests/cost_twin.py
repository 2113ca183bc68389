"""The twin of objective.cost: motion by bisection, coefficients by NumPy, what is met by plain loops."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from motion_twin import STOCK, roll
from pavane.core.robot import RobotProfile
from pavane.motion.model import DT, STEPS, Bounds
from pavane.planning.local_planner.config import Objective
from pavane.planning.local_planner.objective.arguments import gather
from pavane.planning.local_planner.objective.fields import QUANTA, SHARPEST
from pavane.planning.local_planner.objective.hazards import LOOKS, STRIDE
from pavane.planning.local_planner.objective.people import PERSON, PERSON_COLUMNS, RoundedRectangle
from pavane.planning.local_planner.objective.progress import Goal
from pavane.planning.local_planner.objective.reference import Lattice, judge, plain_situation
from pavane.planning.local_planner.objective.stop import STOP_POINTS
from pavane.planning.local_planner.objective.walls import DISCOMFORT_LENGTH
from pavane.planning.local_planner.objective.weights import Weights
from pavane.planning.local_planner.problem import _body, discs_of, pack

PER_METRE = 10.0
CELLS = 60
ORIGIN = (0.5 - 0.5 * CELLS) / PER_METRE
TIMES = np.concatenate([np.arange(LOOKS + 1) * STRIDE * DT, STEPS * DT + (np.arange(STOP_POINTS) + 1) * 0.15])


@dataclass(frozen=True)
class Scene:
    """Everything that a cost depends on but the decision."""

    start: np.ndarray
    b: Bounds
    k: Weights
    clearance: np.ndarray
    cost: np.ndarray
    goal: Goal
    discs: np.ndarray
    body: RoundedRectangle
    people: np.ndarray
    discount: np.ndarray
    discomfort: np.ndarray | None = None

    def context(self):
        """What candidates are judged by."""
        f = np.float32
        discomfort = None if self.discomfort is None else self.discomfort.astype(f)
        fields = pack(self.clearance.astype(f), self.cost.astype(f), 1.0 / PER_METRE, discomfort)
        start = self.start.astype(f)
        return gather(start, self.b, self.k, fields, self.goal, self.discs, self.body, self.people, self.discount)


def make(seed, name="astro_like", *, people=2, near_goal=True, uneasy=False):
    """A random scene: smooth fields, people who walk past, a robot on its way."""
    rng = np.random.default_rng(seed)
    profile = RobotProfile.load(name)
    objective = Objective()
    axis = ORIGIN + np.arange(CELLS) / PER_METRE
    x, y = np.meshgrid(axis, axis)
    gx, gy = rng.uniform(-2, 2, 2)
    waves = [rng.uniform(-1.5, 1.5, 3) for _ in range(4)]
    rough = sum(np.sin(p * x + q * y + 3 * r) for p, q, r in waves) / 4
    clearance = np.clip(0.35 + 0.6 * rough, -0.5, 1.5)
    cost = np.hypot(x - gx, y - gy) + 0.2 * np.cos(x + 2 * y)
    discomfort = 3.0 * np.exp(-4.0 - 4.0 * np.sin(x - 2 * y + gx)) if uneasy else None
    b = STOCK[name]
    start = np.array([*rng.uniform(-1, 1, 2), rng.uniform(-3, 3), rng.uniform(0.1, 0.9) * b.v_high,
                      rng.uniform(-0.5, 0.5) * b.w_high, rng.uniform(-0.1, 0.1), rng.uniform(-0.3, 0.3)])  # fmt: skip
    return Scene(
        start.astype(np.float32).astype(float),
        b,
        objective.weights(match_heading=near_goal),
        clearance,
        cost,
        Goal(*np.float32([gx, gy, rng.uniform(-3, 3), rng.uniform(0, 20)])),
        discs_of(profile.shape, CELLS * CELLS if uneasy else 0),
        _body(profile.shape),
        walkers(rng, people),
        np.exp(-objective.discount * np.append((np.arange(LOOKS) + 0.5) * STRIDE * DT, STEPS * DT)).astype(np.float32),
        discomfort,
    )


def walkers(rng, count):
    """People (37, P, PERSON_COLUMNS) who cross the window at walking speed."""
    t = TIMES
    out = np.zeros((len(t), count, PERSON_COLUMNS), np.float32)
    for i in range(count):
        place, velocity = rng.uniform(-2, 2, 2), rng.uniform(-1, 1, 2)
        sigma, growth = 0.15 + 0.15 * t, rng.uniform(0.03, 0.3)
        place_variance, cross = 0.06**2 + (growth * (t + 0.3)) ** 2, growth**2 * (t + 0.3)
        out[:, i, [PERSON.x, PERSON.y]] = place + velocity * t[:, None]
        out[:, i, [PERSON.vx, PERSON.vy]] = velocity
        out[:, i, PERSON.radius] = 0.25
        out[:, i, PERSON.precision], out[:, i, PERSON.velocity_gain] = 1 / place_variance, cross / place_variance
        out[:, i, PERSON.residual_velocity_var] = growth**2 - cross**2 / place_variance
        out[:, i, PERSON.chance] = rng.uniform(0.2, 1.0)
        out[:, i, PERSON.discomfort_gain], out[:, i, PERSON.discomfort_reach] = 0.15 / sigma, sigma
        out[:, i, PERSON.harm] = rng.uniform(0.5, 2.0)
    return out


def more(scene, **changes):
    """The same scene with something changed."""
    return replace(scene, **changes)


def coefficients(field, most=math.inf):
    """What keeps a field's values at its lattice points, up to fourth differences."""
    wide = np.pad(field, 1, mode="edge")
    bend = wide[1:-1, :-2] + wide[1:-1, 2:] + wide[:-2, 1:-1] + wide[2:, 1:-1] - 4 * field
    return field - np.clip(bend / 8, -most, most)


def finely(states, times):
    """A motion (K, 7) at so many times the rate: accelerations are linear in each step."""
    out, dt = [states[0]], DT / times
    for before, after in pairwise(states):
        for i in range(1, times + 1):
            x, y, yaw, v0, w0, a0, al0 = out[-1]
            a, al = (before[j] + (after[j] - before[j]) * i / times for j in (5, 6))
            v, w = v0 + dt * (a0 + a) / 2, w0 + dt * (al0 + al) / 2
            heading, hop = yaw + dt * (w0 + w) / 4, dt * (v0 + v) / 2
            out.append((x + hop * math.cos(heading), y + hop * math.sin(heading), yaw + dt * (w0 + w) / 2, v, w, a, al))
    return np.array(out)


class Twin:
    """Costs of single decisions in one scene."""

    def __init__(self, scene):
        self.scene = scene
        quantum = 1 / PER_METRE / QUANTA
        clearance = np.rint(coefficients(scene.clearance, SHARPEST / PER_METRE) / quantum) * quantum
        equivalent = np.full(clearance.shape, 1.0)
        if scene.discomfort is not None:
            equivalent = -float(DISCOMFORT_LENGTH) * np.log(np.maximum(scene.discomfort, np.exp(-20.0)))
        discomfort = np.rint(coefficients(equivalent, SHARPEST / PER_METRE) / quantum) * quantum
        self.lattice = Lattice(clearance, discomfort, coefficients(scene.cost), ORIGIN, ORIGIN, PER_METRE)

    def __call__(self, decision, finer=1):
        """Its cost; ``finer`` 2 moves and looks twice as often along the same motion."""
        scene = self.scene
        states, people = finely(roll(decision, scene.start, scene.b), finer), scene.people
        rows = np.append(np.arange(LOOKS * finer + 1) / finer, LOOKS + 1 + np.arange(STOP_POINTS))
        low = np.minimum(rows.astype(int), len(people) - 2)
        share = (rows - low)[:, None, None]
        people = (1 - share) * people[low] + share * people[low + 1]
        discount = np.append(np.repeat(scene.discount[:-1], finer), scene.discount[-1])
        return judge(
            states,
            DT / finer,
            plain_situation(scene.b, scene.k, self.lattice, scene.goal, scene.discs, scene.body, people, discount),
        )
