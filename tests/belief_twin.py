"""Plain NumPy twins of the kernels that follow people and the base: filters, hypotheses, the bank of bases."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np

from pavane.core.belief import LocalMap, ModeEstimate, RobotState
from pavane.core.geometry import Grid, Pose
from pavane.perception.imm import DENSITIES, SETS_OFF, SWAY, UNLIKELY
from pavane.planning.local_planner.objective.people import PERSON, PERSON_COLUMNS
from pavane.prediction import PlantModel
from pavane.prediction.actuation import ALIKE, APART, BACK, CHANGE, GAIN_STD, LAG_STD, LAGS, LIVELY, STEP, TOLD, WILD
from pavane.prediction.forecast import BODY, FAR, NARROW
from pavane.prediction.forecast_parameters import ForecastParameters
from pavane.prediction.kernels.forecast import LEAST, SLOW
from pavane.prediction.robot_motion import SUBSTEP, TOGETHER


def roll(robot, stamp, commands, until, plant: PlantModel) -> RobotState:
    """predict.roll, with the covariance by matrices."""
    x, y, yaw, v, omega, time = robot.pose.x, robot.pose.y, robot.pose.yaw, robot.v, robot.omega, stamp
    steps = max(0, math.ceil((until - stamp) / SUBSTEP - 1e-9))
    dt = (until - stamp) / max(steps, 1)
    gain = 1.0 - math.exp(-dt / plant.lag) if plant.lag > 0.0 else 1.0
    keep, covariance = math.exp(-dt / max(plant.lag, TOGETHER)), robot.covariance
    for _ in range(steps):
        i = bisect_right([c[0] for c in commands], time + 0.5 * dt - plant.dead_time) - 1
        goal = (plant.gain_v * commands[i][1], plant.gain_omega * commands[i][2]) if i >= 0 else (v, omega)
        v1, omega1 = v + gain * (goal[0] - v), omega + gain * (goal[1] - omega)
        heading, way = yaw + 0.25 * (omega + omega1) * dt, 0.5 * (v + v1) * dt
        c, s = math.cos(heading), math.sin(heading)
        step, fresh = np.diag([1.0, 1.0, 1.0, keep, keep]), np.zeros(5)
        step[:2, 2], step[:2, 3], step[2, 4] = (-way * s, way * c), (dt * c, dt * s), dt
        changes = (plant.v_std, v1 - v), (plant.omega_std, omega1 - omega)
        fresh[3:] = [(1.0 - keep**2) * (std**2 + (plant.spread / dt * change) ** 2) for std, change in changes]
        covariance = step @ covariance @ step.T + np.diag(fresh)
        x, y, yaw, v, omega, time = x + way * c, y + way * s, yaw + 0.5 * (omega + omega1) * dt, v1, omega1, time + dt
    return RobotState(Pose(x, y, yaw), v, omega, robot.a, robot.alpha, covariance)


def sums(signals, places, seconds, measured):
    """sums_of_squares at the bank's own figures: pp, py, yy and the lively time."""
    here = np.floor(places).astype(np.int64)
    back = here[:, None] - BACK  # (N, dead times)
    plain = signals[:, 0, back]  # (2, N, dead times)
    change = np.abs(np.diff(plain[:, :, ::CHANGE], axis=2)).max(axis=2).T / (CHANGE * APART * STEP)
    weights = seconds * np.minimum(1.0, ((change / LIVELY) ** 2).sum(axis=1))
    weights[(np.abs(plain - measured[:, :, None]).min(axis=2).T > WILD).any(axis=1)] = 0.0
    before, after = signals[:, :, back], signals[:, :, back + 1]
    p = before + (places - here)[:, None] * (after - before)
    pp, py = np.einsum("n,alnt->alt", weights, p * p), np.einsum("an,alnt->alt", weights * measured, p)
    return pp, py, (weights * measured**2).sum(axis=1), weights.sum()


def weigh(pp, py, yy, seconds, lag):
    """weigh_candidates at the bank's own figures: the cost of all, and the best one's place, scales and variances."""
    square = least = np.array(TOLD)[:, None, None] ** 2
    for _ in range(2):
        pull = square * ALIKE / GAIN_STD**2
        gain = (py + pull) / (pp + pull)
        error = np.maximum(yy[:, None, None] - gain * (2.0 * py - gain * pp), 0.0)
        cost = ((error + pull * (gain - 1.0) ** 2) / (square * ALIKE)).sum(axis=0)
        cost += (((LAGS - lag) / LAG_STD) ** 2)[:, None]
        row, column = divmod(int(np.argmin(cost)), cost.shape[1])
        seen = error[:, row, column] / seconds
        square = np.maximum(least, seen[:, None, None])
    return cost, (row, column), gain[:, row, column], seen


def between(cost):
    """between at the bank's own figures: delay, lag, standard deviation of the delay."""
    rows = np.arange(len(LAGS))
    inner = np.clip(np.argmin(cost, axis=1), 1, cost.shape[1] - 2)
    low, middle, high = (cost[rows, inner + k] for k in (-1, 0, 1))
    curve = np.maximum(low - 2.0 * middle + high, 1e-9)
    shift = np.clip(0.5 * (low - high) / curve, -1.0, 1.0)
    lowest = middle + shift * (0.5 * (high - low) + 0.5 * curve * shift)
    likely = np.exp(-0.5 * (lowest - lowest.min()))
    likely /= likely.sum()
    delay = likely @ (STEP * APART * (inner + shift) + LAGS)
    every = np.exp(-0.5 * (cost - cost.min()))
    off = STEP * BACK + LAGS[:, None] - delay
    return delay, likely @ LAGS, np.sqrt((every * off**2).sum() / every.sum())


def forecast(motion: ModeEstimate, parameters: ForecastParameters, late, room, elapsed):
    """One track's hypotheses: weights, places, velocities, sigma_pp, sigma_pv, sigma_vv."""
    h, t = parameters, np.maximum(late + elapsed, 1e-6)
    speed = np.hypot(motion.means[:, 2], motion.means[:, 3])
    until = room / max(speed[1], SLOW)
    turning = h.wall_turning * np.exp(-until / h.wall_time) + h.innovation_turning * motion.innovation
    become = np.array(h.transition_logits) + turning * np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    become = np.exp(become - become.max(axis=1, keepdims=True))
    stands, on, changes = motion.weights @ (become / become.sum(axis=1, keepdims=True))
    exactly = on / (1.0 + np.exp(h.exact_logit[1] * motion.innovation - h.exact_logit[0]))
    weights = np.array([stands, on - exactly, exactly, changes])

    tires = np.array(h.tires)[:, None]
    fading = np.exp(-t / tires)  # (2, K)
    way, zero = tires * (1.0 - fading), np.zeros_like(t)
    on_way, on_pace = np.minimum(way[0], until), fading[0] * (way[0] < until)
    start = motion.means[[0, 1, 1, 2], None]
    places = start[..., :2] + start[..., 2:] * np.stack([zero, on_way, on_way, way[1]])[..., None]
    velocities = start[..., 2:] * np.stack([zero, on_pace, on_pace, fading[1]])[..., None]

    pp, pv, vv = motion.covariances.T[:, :, None]  # (3, 1) each
    counted, power = np.array([[h.kept], [1.0]]), np.array([[h.drift_power], [h.stray_power]])
    strays = (h.stray[0] ** 2 + (h.stray[1] * speed[2]) ** 2) * np.exp(2.0 * h.stray_innovation * motion.innovation)
    growth = np.array([[h.drift**2], [strays]]) * t**power
    place = pp[1:] + counted * way * (2.0 * pv[1:] + way * vv[1:]) + growth
    slope = counted * fading * (pv[1:] + way * vv[1:]) + 0.5 * power * growth / t
    sigma_pp = np.stack([pp[0] + (h.sway * t) ** 2, place[0], h.exact_share * place[0], place[1]])
    sigma_pv = np.stack([h.sway**2 * t, slope[0], h.exact_share * slope[0], slope[1]])
    sigma_vv = sigma_pv**2 / sigma_pp + np.array(h.residual_velocity_std)[[0, 1, 1, 2], None] ** 2
    k = weights >= LEAST
    return weights[k] / weights[k].sum(), places[k], velocities[k], sigma_pp[k], sigma_pv[k], sigma_vv[k]


def room_ahead(state, window: LocalMap, map_from_odom: Pose) -> float:
    """rooms_ahead of one state (4,) of x, y, vx, vy."""
    steps = np.arange(BODY, FAR, window.resolution)
    points = state[:2] + state[2:] / max(np.hypot(*state[2:]), 1e-9) * steps[:, None]
    grid = Grid(window.clearance, window.resolution, window.origin)
    for step, (column, row) in zip(
        steps, np.rint(grid.cells(map_from_odom.transform(points))).astype(int), strict=True
    ):
        on = 0 <= row < window.clearance.shape[0] and 0 <= column < window.clearance.shape[1]
        if on and window.clearance[row, column] < NARROW:
            return float(step)
    return math.inf


def rows(forecast, frame: Pose, own, radius, reaches, comfort, harm):
    """fill_rows: (K, M, PERSON_COLUMNS)."""
    weights, places, velocities, pp, pv, vv = forecast
    place = pp + own
    out = np.zeros((*pp.T.shape, PERSON_COLUMNS))
    for m in range(len(weights)):
        out[:, m, [PERSON.x, PERSON.y]] = frame.transform(places[m])
        out[:, m, [PERSON.vx, PERSON.vy]] = frame.rotate(velocities[m])
    out[:, :, PERSON.precision], out[:, :, PERSON.velocity_gain] = 1.0 / place.T, (pv / place).T
    out[:, :, PERSON.residual_velocity_var] = (vv - pv / place * pv).T
    out[:, :, PERSON.radius], out[:, :, PERSON.chance] = radius, weights
    out[:, :, PERSON.discomfort_reach], out[:, :, PERSON.harm] = reaches[:, None], harm
    out[:, np.argmax(weights), PERSON.discomfort_gain] = comfort / reaches
    return out


def advance(motion: ModeEstimate, change, dt) -> ModeEstimate:
    """modes.advance by given chances (3, 3) of changes."""
    kept_means, kept, drawn = np.ones((3, 4)), np.ones((3, 3, 3)), np.zeros((3, 3, 3))  # [from,] to, number
    kept_means[0, 2:] = 0.0
    kept[0, :, 1:] = kept[:, 0, 1:] = 0.0
    drawn[0, 1:, 2] = SETS_OFF**2
    weights = motion.weights @ change
    share = (motion.weights[:, None] * change / weights)[..., None]  # (from, to, 1)
    source = motion.means[:, None] * kept_means
    mean = (share * source).sum(axis=0)
    place, speed = (source - mean)[..., :2], (source - mean)[..., 2:]
    pp, pv, vv = (share * (motion.covariances[:, None] * kept + drawn)).sum(axis=0).T
    pairs = (pp, place, place), (pv, place, speed), (vv, speed, speed)
    pp, pv, vv = (s + 0.5 * (share * a * b).sum(axis=(0, 2)) for s, a, b in pairs)
    mean[:, :2] += mean[:, 2:] * dt
    grown = [pp + dt * (2.0 * pv + dt * (vv + DENSITIES * dt / 3.0)), pv + dt * (vv + DENSITIES * dt / 2.0)]
    covariances = np.stack([*grown, vv + DENSITIES * dt], axis=1)
    covariances[0, 0] += SWAY**2 * dt
    return ModeEstimate(weights, mean, covariances)


def correct(motion: ModeEstimate, point, variance) -> ModeEstimate:
    """modes.correct."""
    off, total = point - motion.means[:, :2], motion.covariances[:, 0] + variance
    weights = motion.weights * (np.exp(-0.5 * (off**2).sum(-1) / total) / (2.0 * np.pi * total) + UNLIKELY)
    place, speed = (motion.covariances[:, :2] / total[:, None]).T[..., None]
    covariances = motion.covariances.copy()
    covariances[:, 2] -= speed[:, 0] * covariances[:, 1]
    covariances[:, :2] *= 1.0 - place
    return ModeEstimate(weights / weights.sum(), motion.means + np.hstack([place * off, speed * off]), covariances)


def together(motion: ModeEstimate):
    """modes.together."""
    mean = motion.weights @ motion.means
    pp, pv, vv = motion.weights @ motion.covariances
    off = motion.means - mean
    spread = 0.5 * np.einsum("i,iak,ibk->ab", motion.weights, *[off.reshape(3, 2, 2)] * 2)
    return mean, np.kron(np.array([[pp, pv], [pv, vv]]) + spread, np.eye(2))
