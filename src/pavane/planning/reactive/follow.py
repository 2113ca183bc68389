"""Follow the stamped plan, within comfort limits whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.core.plan import Plan
from pavane.motion.model import Bounds
from pavane.motion.tracker import track_step


@dataclass(frozen=True, slots=True)
class CommandState:
    """The command being sent and its slopes: m/s, rad/s, m/s^2, rad/s^2."""

    v: float = 0.0
    omega: float = 0.0
    a: float = 0.0
    alpha: float = 0.0


def follow(state: CommandState, plan: Plan | None, time: float, bounds: Bounds, dt: float) -> CommandState:
    """Return the command one tick on: what the plan wants, or smoothly back to it; towards a stop without a plan.

    Args:
        state: the command of the previous tick.
        plan: what is followed.
        time: of the plan that the command is for, s.
        bounds: comfort limits.
        dt: time between ticks, s.
    """
    if plan is None:
        return approach(state, 0.0, 0.0, bounds, dt)
    v, omega, a, alpha = plan.commanded(time)
    return approach(state, v, omega, bounds, dt, a, alpha)


def approach(
    state: CommandState, v: float, omega: float, bounds: Bounds, dt: float, a: float = 0.0, alpha: float = 0.0
) -> CommandState:
    """Return the command one tick on towards speeds that change at given rates, within comfort limits.

    Args:
        state: the command of the previous tick.
        v: wanted, m/s.
        omega: wanted, rad/s.
        bounds: comfort limits.
        dt: time between ticks, s.
        a: rate of change of ``v``, m/s^2.
        alpha: of ``omega``, rad/s^2.
    """
    return CommandState(*track_step(v, a, omega, alpha, state.v, state.omega, state.a, state.alpha, bounds, dt))
