"""Peers from PyPI, asked as nearly the same as they can be: 600 samples of 60 steps of a unicycle in the same problem.

None of them is a dependency: one that is not installed is not measured. docs/benchmarks/speed.md says what each
computes.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from pavane.core.arrays import Floats32
from pavane.motion.model import DT, STEPS, Bounds
from pavane.planning.local_planner.objective.hazards import LOOKS, STRIDE
from pavane.planning.local_planner.objective.people import PERSON
from pavane.planning.local_planner.objective.reference import unpacked
from pavane.planning.local_planner.problem import PlanningProblem

Act = Callable[[], object]
BEAMS = 180  # directions in which the dynamic window approach is told the nearest obstacle
REACH, BESIDE = 0.1, 0.2  # m over which the peers' cost of walls and of people falls by e


class PeerWorld(NamedTuple):
    """What MPPI is judged by, as plain arrays of float32.

    Args:
        clearance: (rows, columns) less the robot's radius, m.
        cost: (rows, columns) cost-to-go, m.
        origin: the lattice's first point, m.
        per_metre: lattice points for each metre.
        people: (STEPS, P, 3) x, y and the distance between centres in touch.
        start: (3,) x, y, yaw.
        low: (2,) least v and yaw rate.
        high: (2,) most.
    """

    clearance: Floats32
    cost: Floats32
    origin: tuple[float, float]
    per_metre: float
    people: Floats32
    start: Floats32
    low: Floats32
    high: Floats32


def plain(problem: PlanningProblem, limits: Bounds) -> PeerWorld:
    """A problem and limits as the peers take them: the robot as one disc."""
    lattice = unpacked(problem.fields)
    radius = float(np.hypot(problem.body.half_length, problem.body.half_width) + problem.body.radius)
    people = np.repeat(problem.people[1 : LOOKS + 1], STRIDE, axis=0)
    places, radii = people[..., [PERSON.x, PERSON.y]], people[..., PERSON.radius, None]
    return PeerWorld(
        np.asarray(lattice.clearance - radius, np.float32),
        np.asarray(lattice.cost, np.float32),
        (lattice.origin_x, lattice.origin_y),
        lattice.per_metre,
        np.concatenate([places, radii + np.float32(radius)], axis=-1),
        problem.start[:3].astype(np.float32),
        np.array([limits.v_low, -limits.w_high], np.float32),
        np.array([limits.v_high, limits.w_high], np.float32),
    )


def pytorch_mppi(problem: PlanningProblem, limits: Bounds, samples: int) -> Act:
    """``MPPI.command`` of pytorch_mppi, on one thread of the CPU.

    Raises:
        ImportError: it is not installed.
    """
    torch, mppi = import_module("torch"), import_module("pytorch_mppi")
    torch.set_num_threads(1)
    world = plain(problem, limits)
    clearance, cost, people = (torch.from_numpy(part) for part in (world.clearance, world.cost, world.people))
    rows, columns = cost.shape
    corner = torch.tensor(world.origin) - 0.5 / world.per_metre  # so that whole numbers are the nearest points
    last = torch.tensor([columns - 1, rows - 1])

    def move(state: Any, action: Any, step: int) -> Any:
        heading = state[:, 2] + 0.5 * DT * action[:, 1]
        hop = DT * action[:, 0]
        turn = DT * action[:, 1]
        return state + torch.stack([hop * torch.cos(heading), hop * torch.sin(heading), turn], dim=1)

    def judge(state: Any, action: Any, step: int) -> Any:
        place = state[:, :2]
        cells = torch.minimum(((place - corner) * world.per_metre).long().clamp_(min=0), last)
        index = cells[:, 1] * columns + cells[:, 0]
        near = torch.exp(clearance.view(-1)[index] / -REACH)
        gaps = torch.cdist(place, people[step, :, :2]) - people[step, :, 2]
        close = torch.exp(gaps / -BESIDE).sum(dim=1)
        return DT * (cost.view(-1)[index] + action[:, 0] ** 2 * (near + close))

    planner = mppi.MPPI(
        move, judge, 3, torch.diag(torch.tensor([0.1, 0.5])), num_samples=samples, horizon=STEPS,
        u_min=torch.from_numpy(world.low), u_max=torch.from_numpy(world.high), step_dependent_dynamics=True,
    )  # fmt: skip
    start = torch.from_numpy(world.start)

    def act() -> object:
        with torch.inference_mode():
            return planner.command(start)

    return act


def faran(problem: PlanningProblem, limits: Bounds, samples: int) -> Act:
    """``step`` of faran's MPPI in JAX, with its unicycle and a compiled cost.

    Raises:
        ImportError: it is not installed.
    """
    jax, np_of_jax, kit = (import_module(name) for name in ("jax", "jax.numpy", "faran.jax"))
    costs = import_module("faran.states").JaxSimpleCosts
    world = plain(problem, limits)
    clearance, cost, people = (np_of_jax.asarray(part) for part in (world.clearance, world.cost, world.people))
    rows, columns = cost.shape

    @jax.jit  # type: ignore[untyped-decorator]
    def judge(states: Any, inputs: Any) -> Any:
        x, y = states[:, 0], states[:, 1]  # (STEPS, samples)
        column = np_of_jax.clip(((x - world.origin[0]) * world.per_metre + 0.5).astype(int), 0, columns - 1)
        row = np_of_jax.clip(((y - world.origin[1]) * world.per_metre + 0.5).astype(int), 0, rows - 1)
        near = np_of_jax.exp(clearance[row, column] / -REACH)
        dx, dy, touch = (people[:, :, i, None] - part for i, part in enumerate((x[:, None], y[:, None], 0.0)))
        close = np_of_jax.exp((np_of_jax.sqrt(dx**2 + dy**2) - touch) / -BESIDE).sum(axis=1)
        return DT * (cost[row, column] + inputs[:, 0] ** 2 * (near + close))

    kinds = kit.types.unicycle
    planner = kit.mppi.base(
        model=kit.model.unicycle.dynamical(
            time_step_size=DT, speed_limits=tuple(map(float, (world.low[0], world.high[0]))),
            angular_velocity_limits=tuple(map(float, (world.low[1], world.high[1]))),
        ),
        cost_function=lambda *, inputs, states: costs(judge(states.array, inputs.array)),
        sampler=kit.sampler.gaussian(
            standard_deviation=np.sqrt([0.1, 0.5]), rollout_count=samples, seed=0,
            to_batch=kinds.control_input_batch.create,
        ),
    )  # fmt: skip
    x, y, heading = map(float, world.start)
    start, nominal = kinds.state.create(x=x, y=y, heading=heading), kinds.control_input_sequence.zeroes(horizon=STEPS)

    def act() -> object:
        return jax.block_until_ready(
            planner.step(temperature=1.0, nominal_input=nominal, initial_state=start).optimal.array
        )

    return act


def dynamic_window(problem: PlanningProblem, limits: Bounds, samples: int) -> Act:
    """``planning`` of the package dynamic-window-approach, written in C.

    Raises:
        ImportError: it is not installed.
    """
    dwa = import_module("dwa")
    world = plain(problem, limits)
    points = np.concatenate([_beams(problem), world.people[0, :, :2]]).astype(np.float32)
    across = round(samples**0.5)
    along = samples / across
    span = world.high - world.low
    config = dwa.Config(
        max_speed=world.high[0], min_speed=world.low[0], max_yawrate=world.high[1], max_accel=span[0] / DT,
        max_dyawrate=span[1] / DT, velocity_resolution=span[0] / (along - 0.5),
        yawrate_resolution=span[1] / (across - 0.5), dt=DT, predict_time=STEPS * DT, heading=0.15, clearance=1.0,
        velocity=1.0, base=[-0.2, -0.2, 0.2, 0.2],
    )  # fmt: skip
    x, y, yaw = (float(part) for part in world.start)
    speeds, goal = (float(problem.start[3]), float(problem.start[4])), (float(problem.goal.x), float(problem.goal.y))
    return lambda: dwa.planning((x, y, yaw), speeds, goal, points, config)


def _beams(problem: PlanningProblem) -> Floats32:
    """(BEAMS, 2) points where rays from the start first meet what is solid, or leave the window."""
    lattice = unpacked(problem.fields)
    rows, columns = lattice.clearance.shape
    angles = np.linspace(-np.pi, np.pi, BEAMS, endpoint=False)
    steps = np.arange(1, columns) / lattice.per_metre
    places = problem.start[:2] + steps[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    cells = np.rint((places - (lattice.origin_x, lattice.origin_y)) * lattice.per_metre).astype(int)
    column, row = cells.clip(0, [columns - 1, rows - 1]).T
    solid = (lattice.clearance[row, column] <= 0.0).T
    solid[-1] = True
    return np.asarray(places[solid.argmax(axis=0), np.arange(BEAMS)], np.float32)


PEERS: dict[str, Callable[[PlanningProblem, Bounds, int], Act]] = {
    "pytorch_mppi": pytorch_mppi,
    "faran": faran,
    "dynamic_window": dynamic_window,
}
