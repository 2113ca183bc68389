"""To MessagePack and back, exact to the bit: what a navigator is made of, what it is told, what it decides."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from pavane.core.arrays import AnyArray
from pavane.core.belief import Belief, Track
from pavane.core.entities import Entity
from pavane.core.geometry import Grid, Pose
from pavane.core.messages import Detections, FieldOfView, Localization, Message, Odometry, Scan, ScreenFeedback
from pavane.core.plan import Candidates, Command, Plan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Follow, GoTo, Stop, Task
from pavane.maps.occupancy import Door, OccupancyMap, Outline, Room
from pavane.navigator import NavigatorConfig
from pavane.record.tick import Call, Decision, JobEnd, PlannerName, Tick, Unknown

ARRAY = 1  # extension type: (type of numbers, shape, bytes)
SETUP, TICK, PLAN, CANDIDATES, BELIEF = OWN = tuple(
    f"/pavane/{name}" for name in ("setup", "tick", "plan", "candidates", "belief")
)  # the topics on which that is written
SHOWN = 10  # one candidate in so many is kept, and the best


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """What a navigator was made of.

    Args:
        robot: its profile.
        home: its map.
        config: of its layers.
        planner: what makes its trajectory planner.
        seed: of everything it draws.
        code: version and fingerprint of what computed, by name.
    """

    robot: RobotProfile
    home: OccupancyMap
    config: NavigatorConfig
    planner: PlannerName
    seed: int
    code: dict[str, str]


def pack(value: object) -> bytes:
    """As MessagePack; arrays keep their type of numbers, shape and bits."""
    return _ENCODER.encode(value)


def unpack(data: bytes) -> Any:
    """What :func:`pack` packed: lists, mappings, numbers, texts and arrays.

    Raises:
        msgspec.DecodeError: that was not packed by it.
    """
    return _DECODER.decode(data)


def _to_plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return msgspec.msgpack.Ext(ARRAY, _ENCODER.encode((value.dtype.str, value.shape, value.tobytes())))
    if isinstance(value, np.generic):  # NumPy's numbers
        return value.item()
    raise NotImplementedError(type(value).__name__)


def _from_ext(code: int, data: memoryview) -> AnyArray:
    kind, shape, content = msgspec.msgpack.decode(data)
    return np.frombuffer(content, np.dtype(kind)).reshape(shape).copy()


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_to_plain)
_DECODER = msgspec.msgpack.Decoder(ext_hook=_from_ext)


# -- setup ------------------------------------------------------------------------------------------------------------


def pack_setup(setup: Setup) -> bytes:
    """A setup with its schema's version."""
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
    """The setup that was packed, from what :func:`unpack` gives."""
    planner = plain["planner"]
    return Setup(
        msgspec.convert(plain["robot"], RobotProfile), _home(plain["home"]),
        msgspec.convert(plain["config"], NavigatorConfig),
        PlannerName(planner["name"], tuple(planner["figures"].items())), plain["seed"], plain["code"],
    )  # fmt: skip


SCHEMA = 1


def _home(plain: dict[str, Any]) -> OccupancyMap:
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
    """A tick."""
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
    """The tick that was packed."""
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
    value, name = call.value, type(call.value).__name__
    match value:  # one by one and by place: this is done a hundred times a second
        case Odometry():
            fields: tuple[Any, ...] = (value.stamp, _pose(value.pose), value.v, value.omega)
        case Scan():
            fields = (
                value.stamp, value.angle_min, value.angle_increment, value.ranges, value.range_max, _pose(value.mount)
            )  # fmt: skip
        case Localization():
            fields = (value.stamp, _pose(value.map_from_odom))
        case Detections():
            view = value.view
            seen = None if view is None else (_pose(view.mount), view.field_of_view, view.range_max)
            fields = (value.stamp, value.positions, value.position_std, value.ids, seen, value.kinds)
        case ScreenFeedback():
            fields = (value.stamp, value.pan, value.rate)
        case GoTo():
            target = value.target if isinstance(value.target, str) else _pose(value.target)
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


# -- decisions --------------------------------------------------------------------------------------------------------


def pack_decision(decision: Decision) -> bytes:
    """A plan of base and screen with the frame and the delay that it was made with; without what it was chosen from."""
    plan, screen = decision.plan, decision.screen
    return pack(
        {
            "start": plan.start,
            "dt": plan.dt,
            "poses": plan.poses,
            "v": plan.v,
            "omega": plan.omega,
            "a": plan.a,
            "alpha": plan.alpha,
            "decision": plan.decision,
            "cost": plan.cost,
            "map_from_odom": _pose(decision.belief.map_from_odom),
            "delay": decision.delay,
            "screen": None if screen is None else dataclasses.astuple(screen),
        }
    )


def unpack_plan(data: bytes) -> tuple[Plan, Pose, float]:
    """The plan that was packed, without candidates; map_from_odom; the delay, s."""
    plain = unpack(data)
    names = ("start", "dt", "poses", "v", "omega", "a", "alpha", "decision", "cost")
    return Plan(*(plain[name] for name in names)), Pose(*plain["map_from_odom"]), plain["delay"]


def pack_candidates(candidates: Candidates, start: float) -> bytes:
    """One candidate in ``SHOWN``, and the best, for analysis; the search's stages."""
    best = int(np.argmin(candidates.costs))
    kept = np.unique(np.append(np.arange(0, len(candidates.costs), SHOWN), best))
    return pack(
        {
            "start": start,
            "weighed": len(candidates.costs),
            "decisions": candidates.decisions[:, kept],
            "costs": candidates.costs[kept],
            "origins": candidates.origins[kept].tolist(),
            "stages": [tuple(stage) for stage in candidates.stages],
        }
    )


def pack_belief(belief: Belief) -> bytes:
    """What a plan was made from, for analysis, without maps."""
    robot = belief.robot
    return pack(
        {
            "stamp": belief.stamp,
            "map_from_odom": _pose(belief.map_from_odom),
            "pose": _pose(robot.pose),
            "speeds": (robot.v, robot.omega, robot.a, robot.alpha),
            "covariance": robot.covariance,
            "screen": (belief.screen.pan, belief.screen.rate, belief.screen.acceleration),
            "tracks": _tracks(belief.tracks),
        }
    )


def _tracks(tracks: Sequence[Track]) -> dict[str, Any]:
    """Each figure of all tracks together: an array costs as much to pack as it has headers, and there may be many."""
    moving = [(i, track.modes) for i, track in enumerate(tracks) if track.modes is not None]
    return {
        "identity": [track.identity for track in tracks],
        "kind": [track.kind for track in tracks],
        "mean": np.array([track.state.mean for track in tracks]),
        "covariance": np.array([track.state.covariance for track in tracks]),
        "age": [track.age for track in tracks],
        "sensed": [track.sensed for track in tracks],
        "radius": [track.radius for track in tracks],
        "modes": {
            "track": [i for i, _ in moving],
            "weights": np.array([modes.weights for _, modes in moving]),
            "means": np.array([modes.means for _, modes in moving]),
            "covariances": np.array([modes.covariances for _, modes in moving]),
            "innovation": [modes.innovation for _, modes in moving],
        },
    }


def _pose(pose: Pose) -> tuple[float, float, float]:
    return pose.x, pose.y, pose.yaw
