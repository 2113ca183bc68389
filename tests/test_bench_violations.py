"""The checker of limits: it finds nothing in a drive, and every limit that is broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pavane.bench.metrics.drive_metrics import violations
from pavane.bench.metrics.violations import find_violations
from pavane.core.arrays import Bools, Floats
from pavane.core.plan import Plan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import GoTo
from pavane.drive import drive
from pavane.drive_log import CommandSeries, Run
from pavane.maps import load_map
from pavane.navigator import TICK, Navigator
from pavane.sim import World

TICKS = 120  # ticks into the drive, where the commands are spoiled
PLAN = 30  # the plan that is spoiled
LIMITS = RobotProfile.load("round").limits


@pytest.fixture(scope="module")
def run() -> Run:
    """Four seconds on the way, without people."""
    home, robot = load_map("flat"), RobotProfile.load("round")
    world = World(home, robot, home.place("dock"), [], seed=1)
    return drive(Navigator(robot, home), world, [GoTo("kitchen")], seconds=4.0)


def kinds(run: Run) -> set[str]:
    return {violation.kind for violation in find_violations(run)}


def spoil(run: Run, change: Callable[[Plan], Plan]) -> Run:
    record = run.plans[PLAN]
    plans = (*run.plans[:PLAN], replace(record, plan=change(record.plan)), *run.plans[PLAN + 1 :])
    return replace(run, plans=plans)


def bump(values: Floats, k: int, by: float) -> Floats:
    out = values.copy()
    out[k] += by
    return out


def commanding(run: Run, a: Floats) -> Run:
    """The run with commands whose accelerations are those (m/s^2, one each tick) from rest, and without plans."""
    v = np.zeros(len(run.times))
    v[TICKS : TICKS + len(a)] = np.cumsum(a) * TICK
    v[TICKS + len(a) :] = v[TICKS + len(a) - 1]
    quiet = ("",) * len(run.times)
    none = np.zeros(len(run.times), np.bool_)
    return replace(run, commands=CommandSeries(v, 0.0 * v, none, quiet), plans=())


def flag(run: Run, emergency: Bools) -> Run:
    """The run with ticks flagged on which the guard used the emergency limits."""
    return replace(run, commands=replace(run.commands, emergency=emergency))


def ramp(low: float, high: float) -> Floats:
    """Accelerations that go from one to the other a little slower than the jerk limit allows."""
    return np.linspace(low, high, 2 + int(abs(high - low) / (0.9 * LIMITS.jx_max * TICK)))


def test_a_drive_keeps_everything(run: Run) -> None:
    assert len(run.plans) > 35
    assert np.abs(run.commands.v).max() > 0.5
    assert find_violations(run) == ()
    assert violations(run) == 0


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda p: replace(p, v=bump(p.v, 20, 1.0)), "plan speed"),
        (lambda p: replace(p, v=bump(p.v, 20, -0.06 - p.v[20])), "plan speed"),  # it does not see behind
        (lambda p: replace(p, omega=bump(p.omega, 20, 3.0)), "plan turning"),
        (lambda p: replace(p, omega=bump(p.omega, 20, 7.0)), "plan wheel speed"),
        (lambda p: replace(p, a=bump(p.a, 20, 1.1 - p.a[20])), "plan acceleration"),  # 1.0 up, 1.2 down
        (lambda p: replace(p, alpha=bump(p.alpha, 20, -6.0 - p.alpha[20])), "plan turning acceleration"),
        (lambda p: replace(p, a=bump(p.a, 20, 0.7)), "plan jerk"),
        (lambda p: replace(p, alpha=bump(p.alpha, 20, 3.6)), "plan jerk of turning"),
        (lambda p: replace(p, v=bump(p.v, 20, 1e-3)), "plan integral"),
        (lambda p: replace(p, omega=bump(p.omega, 20, 1e-3)), "plan integral of turning"),
        (lambda p: replace(p, v=bump(p.v, -1, 2e-4)), "plan end"),
        (lambda p: replace(p, v=p.v + 5e-3), "join speed"),
        (lambda p: replace(p, omega=p.omega + 5e-3), "join turning"),
        (lambda p: replace(p, a=p.a + 5e-3), "join acceleration"),
        (lambda p: replace(p, alpha=p.alpha + 5e-3), "join turning acceleration"),
        (lambda p: replace(p, v=p.v + 5e-3), "join commands"),
        (lambda p: replace(p, poses=p.poses + np.array([0.06, 0.0, 0.0])), "join place"),
    ],
)
def test_a_broken_plan_is_found(run: Run, change: Callable[[Plan], Plan], kind: str) -> None:
    assert kind in kinds(spoil(run, change))


def test_commands_are_judged_with_their_sign(run: Run) -> None:
    speeding = np.concatenate([ramp(0.0, 0.95), ramp(0.95, 0.0)])
    slowing = np.concatenate([ramp(0.0, -1.15), ramp(-1.15, 0.0)])
    share = -0.95 * speeding.sum() / slowing.sum()  # not quite to rest
    assert share < 1.0
    assert kinds(commanding(run, np.concatenate([speeding, share * slowing]))) == set()
    hard = np.concatenate([ramp(0.0, 1.1), ramp(1.1, 0.0)])  # what brakes may do, the motor must not
    assert kinds(commanding(run, hard)) == {"command acceleration"}
    assert kinds(commanding(run, np.array([0.3]))) == {"command jerk"}
    assert "command speed" in kinds(commanding(run, slowing))


def test_an_emergency_excuses_its_ticks_and_three_more(run: Run) -> None:
    fast = np.concatenate([ramp(0.0, 0.95), ramp(0.95, 0.0), np.zeros(5)])
    braked = commanding(run, np.concatenate([fast, [-2.4, -2.4]]))
    assert {"command acceleration", "command jerk"} <= kinds(braked)
    first = TICKS + len(fast)
    flagged = braked.commands.emergency.copy()
    flagged[first : first + 2] = True
    assert kinds(flag(braked, flagged)) == set()
    late = braked.commands.emergency.copy()
    late[first - 5] = True  # too long ago
    assert "command acceleration" in kinds(flag(braked, late))
    harder = commanding(run, np.concatenate([fast, [-2.6]]))
    assert kinds(flag(harder, flagged)) == {"command acceleration"}


def test_what_an_emergency_left_may_fade_but_not_grow(run: Run) -> None:
    plan = run.plans[PLAN].plan
    step = 0.9 * LIMITS.jx_max * plan.dt
    a = np.zeros(len(plan.a))
    a[:6] = -1.2 - 5.5 * step + step * np.arange(6)
    fading = replace(run, plans=(replace(run.plans[PLAN], plan=replace(plan, a=a)),))
    assert "plan acceleration" in kinds(fading)
    flagged = run.commands.emergency.copy()
    flagged[run.index(plan.start) - 20] = True
    assert "plan acceleration" not in kinds(flag(fading, flagged))
    grows = replace(plan, a=np.concatenate([a[:3], a[1:-2]]))
    growing = replace(flag(run, flagged), plans=(replace(run.plans[PLAN], plan=grows),))
    assert "plan acceleration" in kinds(growing)
