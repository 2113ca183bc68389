"""The objective in ARCHITECTURE, written as plain float64 loops from its equations: the twin of kernels.evaluate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from motion_twin import STOCK, roll
from pavane.kernels.fields import QUANTA, SHARPEST
from pavane.kernels.model import DT, LOOKS, STEPS, STOP_POINTS, STRIDE, UNEASE_LENGTH, Body, Bounds, Goal, Weights
from pavane.robot import RobotProfile
from pavane.trajectory.config import Objective
from pavane.trajectory.scene import _body, discs_of, pack

PER_METRE = 10.0
CELLS = 60
ORIGIN = (0.5 - 0.5 * CELLS) / PER_METRE


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
    body: Body
    people: np.ndarray
    discount: np.ndarray
    unease: np.ndarray | None = None

    def context(self):
        """The arguments of the kernels between decisions and costs."""
        f = np.float32
        unease = None if self.unease is None else self.unease.astype(f)
        fields = pack(self.clearance.astype(f), self.cost.astype(f), 1.0 / PER_METRE, unease)
        start = self.start.astype(f)
        return start, self.b, self.k, fields, self.goal, self.discs, self.body, self.people, self.discount


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
    unease = 3.0 * np.exp(-4.0 - 4.0 * np.sin(x - 2 * y + gx)) if uneasy else None
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
        unease,
    )


def walkers(rng, count):
    """People (37, P, 10) who cross the window at walking speed."""
    t = np.concatenate([np.arange(LOOKS + 1) * STRIDE * DT, STEPS * DT + (np.arange(STOP_POINTS) + 1) * 0.15])
    out = np.zeros((len(t), count, 10), np.float32)
    for i in range(count):
        place, velocity = rng.uniform(-2, 2, 2), rng.uniform(-1, 1, 2)
        sigma, touch = 0.15 + 0.15 * t, 0.04 + 0.06 * t
        out[:, i, :2] = place + velocity * t[:, None]
        out[:, i, 2:4] = velocity
        out[:, i, 4] = 0.25
        out[:, i, 5], out[:, i, 6], out[:, i, 7], out[:, i, 8] = 0.15 / sigma, sigma, 0.04 / touch, touch
        out[:, i, 9] = rng.uniform(0.5, 2.0)
    return out


def more(scene, **changes):
    """The same scene with something changed."""
    return replace(scene, **changes)


def spline(coefficients, x, y):
    """A quadratic B-spline at (x, y)."""
    fx = min(max((x - ORIGIN) * PER_METRE, 1.0), CELLS - 2.0)
    fy = min(max((y - ORIGIN) * PER_METRE, 1.0), CELLS - 2.0)
    column, row = round(fx), round(fy)

    def shares(u):
        return np.array([0.5 * (0.5 - u) ** 2, 0.75 - u**2, 0.5 * (0.5 + u) ** 2])

    block = coefficients[row - 1 : row + 2, column - 1 : column + 2]
    return float(shares(fy - row) @ block @ shares(fx - column))


def coefficients(field, most=math.inf):
    """What keeps a field's values at its lattice points, up to fourth differences."""
    wide = np.pad(field, 1, mode="edge")
    bend = wide[1:-1, :-2] + wide[1:-1, 2:] + wide[:-2, 1:-1] + wide[2:, 1:-1] - 4 * field
    return field - np.clip(bend / 8, -most, most)


def shape(d, length):
    return math.exp(-d / length) if d > 0 else 1.0 - d / length


def bell(d, width):
    return max(1 - (max(d, 0.0) / width) ** 2 / 6, 0.0) ** 3 + max(-d, 0.0) / width


def wrapped(angle):
    return math.remainder(angle, 2 * math.pi)


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
        self.scene, self.k = scene, Weights(*(float(f) for f in scene.k))
        quantum = 1 / PER_METRE / QUANTA
        self.clearance = np.rint(coefficients(scene.clearance, SHARPEST / PER_METRE) / quantum) * quantum
        self.cost = coefficients(scene.cost)
        if scene.unease is not None:
            equivalent = -float(UNEASE_LENGTH) * np.log(np.maximum(scene.unease, np.exp(-20.0)))
            self.unease = np.rint(coefficients(equivalent, SHARPEST / PER_METRE) / quantum) * quantum

    def to_go(self, x, y, yaw):
        """Phi with the goal's heading."""
        phi, k, goal = spline(self.cost, x, y), self.k, self.scene.goal
        if k.goal_pose == 0.0:
            return phi

        def soft(angle):
            return math.sqrt(wrapped(angle) ** 2 + 0.05**2) - 0.05

        dx, dy = goal.x - x, goal.y - y
        square, bearing = dx * dx + dy * dy, math.atan2(dy, dx)
        forward = soft(bearing - yaw) + soft(goal.yaw - bearing)
        back = soft(bearing - yaw + math.pi) + soft(goal.yaw - bearing - math.pi) + 0.3
        back += goal.back * math.sqrt((goal.x - x) ** 2 + (goal.y - y) ** 2 + 1e-6)
        least = 0.5 * (forward + back - math.sqrt((forward - back) ** 2 + 0.01))
        share = square / (square + 0.06**2)
        turn = share * least + (1 - share) * soft(goal.yaw - yaw)
        return phi + k.goal_pose * math.exp(-square / 0.8**2) * turn

    def danger(self, x, y, yaw, v, w, row):
        """Sum of rates, and of rates times harm."""
        k, scene = self.k, self.scene
        c, s = math.cos(yaw), math.sin(yaw)

        def nearest(field, discs):
            gaps = []
            for ox, oy, radius, _ in discs.astype(float):
                gap = spline(field, x + ox * c - oy * s, y + ox * s + oy * c) - radius
                gaps.append((gap, math.sqrt((v - w * oy) ** 2 + (w * ox) ** 2 + 1e-6)))
            return min(gaps)

        d, speed = nearest(self.clearance, scene.discs[scene.discs[:, 3] == 0])
        rate = k.wall_scale * speed**2 * shape(d, k.wall_length + k.wall_reach * speed)
        rate += (speed + 0.02) * k.touch_scale * bell(d, k.touch_width)
        harm = rate * (k.harm_base + k.harm_speed * speed**2)
        if scene.unease is not None:
            d, _ = nearest(self.unease, scene.discs[scene.discs[:, 3] > 0])
            harm += k.wall_scale * v**2 * math.exp(-d / UNEASE_LENGTH) * (k.harm_base + k.harm_speed * v**2)
        body = scene.body
        for px, py, pvx, pvy, radius, near_gain, sigma, touch_gain, touch, bad in scene.people[row].astype(float):
            dx, dy = px - x, py - y
            ahead, left = dx * c + dy * s - body.x, dy * c - dx * s - body.y
            over = np.array([abs(ahead) - body.half_length, abs(left) - body.half_width])
            out = np.maximum(over, 0.0)
            r = math.sqrt(float(out @ out) + 1e-6)
            d = r + min(float(over.max()), 0.0) - radius - body.radius
            towards = out * (math.copysign(1.0, ahead), math.copysign(1.0, left)) / r
            relative = (v - pvx * c - pvy * s, pvx * s - pvy * c)
            closing = max(float(towards @ relative), 0.0)
            one = (v**2 + 0.5 * closing**2) * k.person_scale * near_gain
            one *= shape(d, sigma + k.person_reach * abs(v))
            one += (abs(v) + closing + 0.02) * k.person_touch_scale * touch_gain * bell(d, touch)
            rate += one
            harm += one * bad * (k.harm_base + k.harm_speed * max(abs(v), closing) ** 2)
        return rate, harm

    def __call__(self, decision, finer=1):
        """Its cost; ``finer`` 2 moves and looks twice as often along the same motion."""
        k, scene = self.k, self.scene
        states = roll(decision, scene.start, scene.b)
        looks, dt, people = LOOKS * finer, DT / finer, scene.people
        if finer > 1:
            states = finely(states, finer)
            rows = np.append(np.arange(looks + 1) / finer, LOOKS + 1 + np.arange(STOP_POINTS))
            low = np.minimum(rows.astype(int), len(people) - 2)
            share = (rows - low)[:, None, None]
            self.scene = replace(scene, people=((1 - share) * people[low] + share * people[low + 1]).astype(np.float32))
        survival, total, regret = 1.0, 0.0, 0.0
        phi = self.to_go(*states[0, :3])
        rate, harm = self.danger(*states[0, :5], 0)
        for n in range(looks):
            passed = states[n * STRIDE : (n + 1) * STRIDE + 1]
            now = float(scene.discount[n // finer])
            effort = 0.0
            for before, (_, _, _, v, w, a, al) in pairwise(passed):
                jerk, jerk_w = (a - before[5]) / dt, (al - before[6]) / dt
                effort += k.effort_a * a**2 + k.effort_al * al**2 + k.effort_w * w**2 + k.effort_reverse * max(-v, 0.0)
                effort += k.effort_jerk * jerk**2 + k.effort_jerk_w * jerk_w**2
            rate_after, harm_after = self.danger(*passed[-1, :5], n + 1)
            met, owed = STRIDE * dt * (rate + rate_after) / 2, STRIDE * dt * (harm + harm_after) / 2
            after = self.to_go(*passed[-1, :3])
            harmed = (1.0 - math.exp(-met) + 1e-3) * owed / (met + 1e-3)
            total += now * survival * (after - phi + effort * dt + harmed)
            regret += now * owed
            survival, phi, rate, harm = survival * math.exp(-met), after, rate_after, harm_after
        x, y, yaw, v, w = states[-1, :5]
        now = float(scene.discount[LOOKS])
        ahead = self.to_go(x + k.look_ahead * math.cos(yaw), y + k.look_ahead * math.sin(yaw), yaw)
        survival, late = self.stop(x, y, yaw, v, w, survival, looks + 1)
        self.scene = scene
        away = min(max(2.0 * (phi - 0.15), 0.0), 1.0)
        misled = min(max(1.0 - (phi - ahead) / k.look_ahead, 0.0), 2.5)
        over = max(abs(v) - 1.2 * max(phi, 0.0) - 0.1, 0.0)
        end = k.alive - k.heading * away * misled - k.overspeed * over
        return total + now * late + k.regret * regret - now * survival * end

    def stop(self, x, y, yaw, v, w, survival, row):
        """Survival of the final stop along the present arc, and the harm on the way."""
        length = v**2 / (2 * -float(self.scene.b.a_low)) + 0.1 * abs(v)
        kappa = w * v / (v**2 + 0.0025)
        hop = math.copysign(length, v) / STOP_POINTS
        seconds = 2 * length / (abs(v) + 0.1) / STOP_POINTS
        spent = 0.0
        for i in range(STOP_POINTS):
            x, y = x + hop * math.cos(yaw + 0.5 * kappa * hop), y + hop * math.sin(yaw + 0.5 * kappa * hop)
            yaw += kappa * hop
            slow = v * math.sqrt(1 - (i + 0.5) / STOP_POINTS)
            rate, harm = self.danger(x, y, yaw, slow, kappa * slow, row + i)
            lives = math.exp(-rate * seconds)
            spent += survival * (1 - lives + 1e-3 * seconds) * harm / (rate + 1e-3)
            survival *= lives
        return survival, spent
