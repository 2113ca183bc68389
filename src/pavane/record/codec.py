"""To MessagePack and back, exact to the bit: the setup of a navigator, and the ticks of a drive."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np

from pavane.core.arrays import AnyArray
from pavane.core.entities import Entity
from pavane.core.geometry import Grid, Pose
from pavane.core.messages import Detections, FieldOfView, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Command, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.maps.occupancy import Door, OccupancyMap, Outline, Room
from pavane.navigator import NavigatorConfig
from pavane.record.tick import Call, JobEnd, PlannerName, Tick, Unknown

ARRAY = 1  # extension type: (type of numbers, shape, bytes)
SETUP, TICK, PLAN, CANDIDATES, BELIEF = OWN = tuple(
    f"/pavane/{name}" for name in ("setup", "tick", "plan", "candidates", "belief")
)  # topics


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """Everything that a navigator was made of.

    Args:
        robot: its profile.
        home: its map.
        config: of its layers.
        planner: that makes its plans.
        seed: of everything it draws.
        code: versions and fingerprint of the code, by name.
    """

    robot: RobotProfile
    home: OccupancyMap
    config: NavigatorConfig
    planner: PlannerName
    seed: int
    code: dict[str, str]


def pack(value: object) -> bytes:
    """Return a value as MessagePack; arrays keep their type of numbers, shape and bits."""
    return _ENCODER.encode(value)


def unpack(data: bytes) -> Any:
    """Return what :func:`pack` packed: lists, mappings, numbers, texts and arrays.

    Raises:
        msgspec.DecodeError: the data were not packed by it.
    """
    return _DECODER.decode(data)


def _to_plain(value: object) -> object:
    """Return arrays and NumPy's numbers as MessagePack knows them."""
    if isinstance(value, np.ndarray):
        return msgspec.msgpack.Ext(ARRAY, _ENCODER.encode((value.dtype.str, value.shape, value.tobytes())))
    if isinstance(value, np.generic):  # NumPy's numbers
        return value.item()
    raise NotImplementedError(type(value).__name__)


def _from_ext(code: int, data: memoryview) -> AnyArray:
    """Return an array that :func:`_to_plain` packed."""
    kind, shape, content = msgspec.msgpack.decode(data)
    return np.frombuffer(content, np.dtype(kind)).reshape(shape).copy()


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_to_plain)
_DECODER = msgspec.msgpack.Decoder(ext_hook=_from_ext)


# -- setup ------------------------------------------------------------------------------------------------------------


def pack_setup(setup: Setup) -> bytes:
    """Return a setup with its schema's version."""
    plain = {
        "schema": SCHEMA,
        "robot": setup.robot,
        "home": setup.home,
        "config": setup.config,
        "planner": {"name": setup.planner.name, "figures": dict(setup.planner.figures)},
        "seed": setup.seed,
        "code": setup.code,
    }
    return pack(plain)


def unpack_setup(plain: dict[str, Any]) -> Setup:
    """Return the setup that was packed, of an older schema too, from the values that :func:`unpack` returns."""
    if plain["schema"] < SCHEMA:
        plain = _upgraded(plain)
    planner = plain["planner"]
    return Setup(
        msgspec.convert(plain["robot"], RobotProfile), _home(plain["home"]),
        msgspec.convert(plain["config"], NavigatorConfig),
        PlannerName(planner["name"], tuple(planner["figures"].items())), plain["seed"], plain["code"],
    )  # fmt: skip


SCHEMA = 2
SCHEMAS = (1, SCHEMA)  # that can be read
# weights of the objective that had other names in schema 1: unknown names would be passed over without a word
RENAMED = {"regret": "undiscounted_harm", "alive": "survival_bonus"}


def _upgraded(plain: dict[str, Any]) -> dict[str, Any]:
    """A setup of schema 1 as it would be packed now."""
    planner = plain["config"]["planner"]
    objective = {RENAMED.get(name, name): value for name, value in planner["objective"].items()}
    return {**plain, "config": {**plain["config"], "planner": {**planner, "objective": objective}}}


def _home(plain: dict[str, Any]) -> OccupancyMap:
    """Return the map that was packed."""
    grid = plain["grid"]
    return OccupancyMap(
        Grid(grid["data"], grid["resolution"], Pose(**grid["origin"]), grid["frame"]),
        {name: Pose(**pose) for name, pose in plain["places"].items()},
        tuple(Door(door["name"], tuple(door["start"]), tuple(door["end"])) for door in plain["doors"]),
        plain["name"],
        tuple(Room(**room) for room in plain["rooms"]),
        tuple(Outline(**outline) for outline in plain["outlines"]),
        tuple(Entity(**entity) for entity in plain["entities"]),
    )


# -- ticks ------------------------------------------------------------------------------------------------------------


def pack_tick(tick: Tick) -> bytes:
    """Return a tick as MessagePack."""
    command = tick.command
    return pack(
        (
            [_call(call) for call in tick.calls],
            tick.now,
            None
            if command is None
            else (command.stamp, command.v, command.omega, command.pan, command.emergency, command.reason),
            tick.status.name,
            [(j.number, j.lane, j.start, j.polls, j.took, j.rounds, j.error) for j in tick.jobs],
            tick.warnings,
            tick.error,
        )
    )


def unpack_tick(data: bytes) -> Tick:
    """Return the tick that was packed."""
    calls, now, command, status, jobs, warnings, error = unpack(data)
    return Tick(
        tuple(_uncall(call) for call in calls),
        now,
        None if command is None else Command(*command),
        Status[status],
        tuple(JobEnd(*job) for job in jobs),
        tuple(warnings),
        error,
    )


def _call(call: Call) -> tuple[Any, ...]:
    """Return a call as type, fields, whether it was a request, and error."""
    value, name = call.value, type(call.value).__name__
    match value:  # one by one and by place: this is done a hundred times a second
        case Odometry():
            fields: tuple[Any, ...] = (value.stamp, plain_pose(value.pose), value.v, value.omega)
        case Scan():
            fields = (
                value.stamp, value.angle_min, value.angle_increment, value.ranges, value.range_max,
                plain_pose(value.mount),
            )  # fmt: skip
        case Localization():
            fields = (value.stamp, plain_pose(value.map_from_odom))
        case Detections():
            view = value.view
            seen = None if view is None else (plain_pose(view.mount), view.field_of_view, view.range_max)
            fields = (value.stamp, value.positions, value.position_std, value.ids, seen, value.kinds)
        case ScreenFeedback():
            fields = (value.stamp, value.pan, value.rate)
        case GoTo():
            target = value.target if isinstance(value.target, str) else plain_pose(value.target)
            fields = (target, value.match_heading, value.tolerance, value.heading_tolerance)
        case Follow():
            fields = (value.person, value.distance)
        case Unknown():
            fields = (value.kind, value.text)
        case Stop():
            fields = ()
        case _:
            raise TypeError(f"recordings do not know what a {name} is")
    return name, fields, call.request, call.error


def _uncall(plain: Any) -> Call:
    """Return the call that :func:`_call` packed."""
    name, fields, request, error = plain
    value: Message | Task | Unknown
    match name:
        case "Odometry":
            stamp, pose, v, omega = fields
            value = Odometry(stamp, Pose(*pose), v, omega)
        case "Scan":
            stamp, first, turn, ranges, farthest, mount = fields
            value = Scan(stamp, first, turn, ranges, farthest, Pose(*mount))
        case "Localization":
            value = Localization(fields[0], Pose(*fields[1]))
        case "Detections":
            stamp, positions, std, ids, seen, kinds = fields
            view = None if seen is None else FieldOfView(Pose(*seen[0]), *seen[1:])
            value = Detections(stamp, positions, std, ids, view, None if kinds is None else tuple(kinds))
        case "GoTo":
            target, *rest = fields
            value = GoTo(target if isinstance(target, str) else Pose(*target), *rest)
        case _:
            value = {"ScreenFeedback": ScreenFeedback, "Follow": Follow, "Stop": Stop, "Unknown": Unknown}[name](
                *fields
            )
    return Call(value, request, error)


def plain_pose(pose: Pose) -> tuple[float, float, float]:
    """Return a pose as x, y, yaw."""
    return pose.x, pose.y, pose.yaw
