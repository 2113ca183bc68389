"""The base as it answers to commands: told by the profile, then learned from commands and odometry while driving."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.messages import Odometry
from pavane.core.robot import Latencies
from pavane.prediction.kernels.actuation import between, respond, sums_of_squares, weigh_candidates

STEP = 0.01  # s between kept samples of the commands
APART = 2  # of these between the dead times that are weighed
LAGS = np.array([0.0, 0.02, 0.04, 0.07, 0.11, 0.16, 0.22, 0.3, 0.42])  # s, time constants that are weighed
LONGEST = 1.0  # s, the longest dead time that is weighed
BACK = APART * np.arange(round(LONGEST / STEP) // APART + 1)  # dead times in steps
CANDIDATES = (2, len(LAGS), len(BACK))  # for v and omega
CHANGE = 3  # of them over which a change of the commands is judged
KEPT = 3.0  # s of commands that are kept
HELD = 200  # messages of odometry that wait for the commands sent before them
MEMORIES = (3.0, 0.8)  # s of driving with changing speeds after which what was seen counts 1/e: long and short
CHANGED = 40.0  # by which the short memory's cost speaks against what the long one holds when the base has changed
LIVELY = (0.4, 1.5)  # m/s^2, rad/s^2: commands that change so teach for full time, slower ones in squares less
TOLD = 0.01, 0.03  # m/s, rad/s that no model of a base comes below
ALIKE = 0.05  # s within which deviations from the model are one and the same
GAIN_STD = 0.1  # by which the speeds' scales are taken to differ from 1
LAG_STD = 0.15  # s by which the lag is taken to differ from what the profile says
WILD = (0.5, 2.0)  # m/s, rad/s: a deviation beyond is a shove, a wall or a fault, and teaches nothing
GAP = 0.05  # s between messages of odometry that count at most
LEAST = 0.3  # s of lively driving before anything is learned
SURE = 0.012  # s, standard deviation of the delay above which it is not believed
UNFIT = (0.05, 0.15)  # m/s, rad/s: a base that deviates so much, against a wall or stuck, is not one of these
NEWS, NEWS_STD, NEWS_GAIN = 0.004, 0.5, 0.03  # s, standard deviations, scale: to differ by less is no news
PACE = 0.1  # s/s by which it is moved at most


@dataclass(frozen=True, slots=True)
class PlantModel:
    """What the base makes of commands: dead time, first-order lag, scale.

    Args:
        dead_time: command sent -> wheels start to obey, s.
        lag: time constant of the response, s.
        gain_v: forward speed reached / commanded.
        gain_omega: yaw rate reached / commanded.
        spread: standard deviation of the delay, s.
        v_std: of the forward speed from what this says, m/s.
        omega_std: of the yaw rate, rad/s.
    """

    dead_time: float
    lag: float
    gain_v: float = 1.0
    gain_omega: float = 1.0
    spread: float = 0.0
    v_std: float = 0.0
    omega_std: float = 0.0

    @property
    def delay(self) -> float:
        """Dead time plus lag: what a smooth command sees as pure delay, s."""
        return self.dead_time + self.lag

    @property
    def certain(self) -> PlantModel:
        """The same without deviations: what it says is exact."""
        return replace(self, spread=0.0, v_std=0.0, omega_std=0.0)

    @classmethod
    def promised(cls, latency: Latencies) -> PlantModel:
        """Return what the profile says."""
        return cls(latency.actuation, latency.actuation_lag)


@dataclass(frozen=True, slots=True)
class Finding:
    """What commands and odometry say about the base.

    Args:
        plant: the most likely one.
        delay_std: standard deviation of its delay, s; inf when too little has changed to say anything.
        lively: s of driving with changing speeds that stand behind it.
    """

    plant: PlantModel
    delay_std: float
    lively: float


class PlantIdentifier:
    """Learns dead time, lag and scale of the base by weighing a bank of candidates against the odometry.

    Every pair of a dead time (each 20 ms up to ``LONGEST``) and a lag (``LAGS``) predicts the speeds from the
    commands; sums of squares, fading over the longer of ``MEMORIES``, tell how well each does with the scale that suits
    it best. Where the shorter one speaks clearly against that, the base has changed, and what is older is forgotten.
    Time counts only while commands change: a robot that stands, or drives evenly, teaches nothing and forgets nothing.
    The delay, dead time plus lag, is seen sharply; how it divides between the two, hardly. An offset between the clocks
    of odometry and commands looks like delay and serves as such.

    Args:
        latency: what the profile says; it holds until there is evidence against it.
    """

    def __init__(self, latency: Latencies) -> None:
        self._prior = PlantModel.promised(latency)
        self.plant = self._prior  # what to reckon with: follows what is found, slowly
        self._goal = self._prior  # where it is moved
        count = round(KEPT / STEP)
        self._signals = np.zeros((2, len(LAGS), 2 * count))  # commands v and omega behind each lag, each STEP
        self._filled = 0  # of them
        self._first = 0  # number of the lattice's time at place 0: time / STEP
        self._now = -math.inf  # up to which commands are worked in
        self._state = np.zeros((2, len(LAGS)))
        self._command = np.zeros(2)
        self._memories = [_Sums.none() for _ in MEMORIES]
        self._waiting: deque[Odometry] = deque(maxlen=HELD)
        self._last = -math.inf  # stamp of the newest odometry used
        self._finding: Finding | None = None  # by what is remembered now, once it was asked for
        self._moved = -math.inf  # time at which ``plant`` was moved last

    # -- what comes in ----------------------------------------------------------------------------------------------

    def sent(self, stamp: float, v: float, omega: float) -> None:
        """Take note of a command that has left at ``stamp``."""
        if not 0.0 <= stamp - self._now < KEPT:  # the first one, after a long silence, or the clock was set back
            self._first, self._filled, self._now, self._last = math.ceil(stamp / STEP), 0, stamp, -math.inf
            self._waiting.clear()
            self._state[:] = self._command[:, None]
        while (tick := (self._first + self._filled) * STEP) <= stamp:
            self._advance(tick)
            if self._filled == self._signals.shape[2]:  # keep the newer half
                half = self._filled // 2
                self._signals[:, :, :half] = self._signals[:, :, half:].copy()
                self._filled, self._first = half, self._first + half
            self._signals[:, :, self._filled] = self._state
            self._filled += 1
        self._advance(stamp)
        self._command[:] = v, omega

    def _advance(self, time: float) -> None:
        """Move the responses behind each lag to a time."""
        seconds = time - self._now
        if seconds <= 0.0:
            return
        respond(self._state, self._command, LAGS, seconds)
        self._now = time

    def measured(self, odometry: Odometry) -> None:
        """Take note of odometry; it is weighed with others when all commands before it are known."""
        self._waiting.append(odometry)

    def _weigh(self) -> None:
        """Work in the odometry that waits, as far as it is known what had been sent."""
        known = (self._first + self._filled - 2) * STEP
        rows = []
        while self._waiting and self._waiting[0].stamp < known:
            odometry = self._waiting.popleft()
            seconds = min(odometry.stamp - self._last, GAP)
            if seconds > 0.0 and odometry.stamp / STEP >= self._first + LONGEST / STEP:
                rows.append((odometry.stamp, seconds, odometry.v, odometry.omega))
            self._last = max(self._last, odometry.stamp)
        if not rows:
            return
        stamps, seconds, *speeds = np.ascontiguousarray(np.array(rows).T)  # each (N,)
        new = pp, py, yy = np.zeros(CANDIDATES), np.zeros(CANDIDATES), np.zeros(2)
        measured = stamps / STEP - self._first, seconds, np.array(speeds)
        lively = sums_of_squares(self._signals, measured, (BACK, STEP, CHANGE), (LIVELY, WILD), new)
        if lively < 1e-6:
            return
        self._finding = None
        for i, (memory, seconds) in enumerate(zip(self._memories, MEMORIES, strict=True)):
            fade = math.exp(-lively / seconds)
            self._memories[i] = _Sums(
                fade * memory.pp + pp, fade * memory.py + py, fade * memory.yy + yy, fade * memory.lively + lively
            )

    # -- what is made of it -----------------------------------------------------------------------------------------

    def find(self) -> Finding:
        """Return the most likely base by what is remembered, and how sure its delay is."""
        self._weigh()
        if self._finding is None:
            self._finding = self._look()
        return self._finding

    def _look(self) -> Finding:
        """Weigh both memories; forget the long one where the short one speaks clearly against it."""
        long, short = self._memories
        if long.lively < LEAST:
            return Finding(self._prior, math.inf, long.lively)
        held, news = _weighed(long, self._prior.lag), _weighed(short, self._prior.lag)
        fits = news.v_std < UNFIT[0] and news.omega_std < UNFIT[1]
        if fits and news.cost[held.best] > news.cost[news.best] + CHANGED:
            self._memories[0], held, long = short, news, short
        return _found(held, long.lively)

    def update(self, now: float, finding: Finding | None = None) -> PlantModel:
        """Move ``plant`` towards what is found, where that is news and sure, at a pace that commands can follow.

        Args:
            now: s.
            finding: what :meth:`find` said a moment ago; None to look now.
        """
        finding = finding or self.find()
        seconds, self._moved = min(now - self._moved, 1.0), now
        found, held = finding.plant, self.plant
        if finding.delay_std > SURE or found.v_std > UNFIT[0] or found.omega_std > UNFIT[1]:
            return held
        gains = max(abs(found.gain_v - self._goal.gain_v), abs(found.gain_omega - self._goal.gain_omega))
        if abs(found.delay - self._goal.delay) > max(NEWS, NEWS_STD * finding.delay_std) or gains > NEWS_GAIN:
            self._goal = found
        step = self._goal.delay - held.delay
        step = min(max(step, -PACE * seconds), PACE * seconds)
        lag = min(self._goal.lag, held.delay + step)
        self.plant = replace(
            found, dead_time=held.delay + step - lag, lag=lag, gain_v=self._goal.gain_v,
            gain_omega=self._goal.gain_omega,
        )  # fmt: skip
        return self.plant


class _Sums(NamedTuple):
    """What is remembered, integrals over lively time: by axis (v, omega), lag and dead time."""

    pp: Floats  # (2, lags, dead times) of predictions squared
    py: Floats  # of prediction times measurement
    yy: Floats  # (2,) of measurements squared
    lively: float  # s

    @classmethod
    def none(cls) -> _Sums:
        return cls(np.zeros(CANDIDATES), np.zeros(CANDIDATES), np.zeros(2), 0.0)


class _Weighed(NamedTuple):
    """Every candidate's cost, twice a negative log likelihood (lags, dead times), the best one, and at it the rest."""

    cost: Floats
    best: tuple[int, int]
    gain_v: float
    gain_omega: float
    v_std: float  # m/s, of the speed from what it says
    omega_std: float  # rad/s


def _weighed(sums: _Sums, lag: float) -> _Weighed:
    """Weigh every candidate with the scale that suits it best; ``lag`` is what the profile says."""
    cost = np.empty(CANDIDATES[1:])
    prior = ((LAGS - lag) / LAG_STD) ** 2
    told = np.array(TOLD)
    best, row, column = weigh_candidates(tuple(sums), prior, told, ALIKE, GAIN_STD, cost)
    (gain_v, gain_omega), (v_square, omega_square) = best.tolist()
    return _Weighed(cost, (row, column), gain_v, gain_omega, math.sqrt(v_square), math.sqrt(omega_square))


def _found(weighed: _Weighed, lively: float) -> Finding:
    """Return what lies between the candidates: each lag's vertex of a parabola over dead time, by their likelihood."""
    delay, lag, std = between(weighed.cost, LAGS, STEP * BACK)
    plant = PlantModel(
        max(delay - lag, 0.0), lag, weighed.gain_v, weighed.gain_omega, std, weighed.v_std, weighed.omega_std
    )
    return Finding(plant, std, lively)
