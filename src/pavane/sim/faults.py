"""Faults: what goes wrong in a simulated world, by name and time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from pavane.core.compute import Stall
from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.sim.sensors import Sensors

Time = Annotated[float, Meta(ge=0.0, le=86400.0)]
Duration = Annotated[float, Meta(gt=0.0, le=86400.0)]
Share = Annotated[float, Meta(gt=0.0, le=1.0)]
Sensor = Literal["lidar", "detector", "screen_detector", "odometry", "localization", "screen"]


class _Fault(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="fault"):
    at: Time  # s, when it begins

    @property
    def end(self) -> float:
        """When it is over, s; a fault without a duration stays."""
        return self.at + float(getattr(self, "seconds", math.inf))


class SensorFreeze(_Fault, frozen=True, tag="sensor_freeze"):
    """A driver that hangs: the last content comes again and again, with new stamps."""

    sensor: Sensor
    seconds: Duration


class StaleStamps(_Fault, frozen=True, tag="stale_stamps"):
    """Messages arrive later than they should, with the stamps of their sensing."""

    sensor: Sensor
    seconds: Duration
    by: Annotated[float, Meta(gt=0.0, le=60.0)]  # s


class ClockStep(_Fault, frozen=True, tag="clock_step"):
    """A clock jumps, as when a computer finds its time server: of one sensor's stamps, or of the robot's computer."""

    clock: Sensor | Literal["robot"]
    by: Annotated[float, Meta(ge=-3600.0, le=3600.0)]  # s
    seconds: Duration = math.inf  # until it is set right again


class Dropout(_Fault, frozen=True, tag="dropout"):
    """Messages are lost."""

    sensor: Sensor
    seconds: Duration
    share: Share = 1.0


class DetectorFlood(_Fault, frozen=True, tag="detector_flood"):
    """The person detector sees people everywhere."""

    seconds: Duration
    count: Annotated[int, Meta(ge=1, le=1000)] = 30  # false detections in each frame


class OdometryJump(_Fault, frozen=True, tag="odometry_jump"):
    """The odometry's pose jumps, in the base frame; localization follows at once."""

    x: float = 0.0  # m
    y: float = 0.0  # m
    yaw_deg: float = 0.0


class WheelSlip(_Fault, frozen=True, tag="wheel_slip"):
    """The wheels lose grip: they turn, and the base moves less."""

    seconds: Duration
    grip: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.3  # share of the motion that is left


class PlannerStall(_Fault, frozen=True, tag="planner_stall"):
    """The planner hangs: a cycle that begins in this time ends when it is over."""

    seconds: Duration


class LatePlans(_Fault, frozen=True, tag="late_plans"):
    """Plans come later than they should."""

    seconds: Duration
    by: Annotated[float, Meta(gt=0.0, le=30.0)]  # s


class Kidnap(_Fault, frozen=True, tag="kidnap"):
    """Somebody carries the robot elsewhere; its odometry does not notice."""

    to: tuple[float, float, float]  # map_from_base: m, m, degrees

    @property
    def pose(self) -> Pose:
        """map_from_base where it is put down."""
        x, y, yaw_deg = self.to
        return Pose(x, y, math.radians(yaw_deg))


class CommandLoss(_Fault, frozen=True, tag="command_loss"):
    """Commands do not arrive at the base, which goes on with the last."""

    seconds: Duration
    share: Share = 1.0


Fault = (
    SensorFreeze | StaleStamps | ClockStep | Dropout | DetectorFlood | OdometryJump | WheelSlip | PlannerStall
    | LatePlans | Kidnap | CommandLoss
)  # fmt: skip


def stalls(faults: Sequence[Fault]) -> tuple[Stall, ...]:
    """Return the faults of computing, for :class:`pavane.core.compute.Compute`."""
    out = []
    for fault in faults:
        match fault:
            case PlannerStall():
                out.append(Stall("planning", fault.at, fault.end, hold=True))
            case LatePlans():
                out.append(Stall("planning", fault.at, fault.end, delay=fault.by))
    return tuple(out)


class Failing:
    """Lets the parts of one world fail when it is time.

    Args:
        faults: what goes wrong.
        sensors: of the robot.
        carry: puts the robot elsewhere.

    Raises:
        BadSetting: a fault of a sensor that the robot does not have.
    """

    def __init__(self, faults: Sequence[Fault], sensors: Sensors, carry: Callable[[Pose], None]) -> None:
        self.clock_offset = 0.0  # s, what the robot's clock is ahead
        self.grip = 1.0  # share of the wheels' motion that the base makes
        self.loss = 0.0  # chance of a command to be lost
        self._sensors, self._carry = sensors, carry
        for fault in faults:
            name = _sensor_of(fault)
            if name is not None and sensors.channel(name) is None:
                known = ", ".join(sensors.names)
                raise BadSetting(f"{fault.__struct_config__.tag}: the robot has no {name}", limit=known)
        begins = [(fault.at, 1, i, fault) for i, fault in enumerate(faults)]
        ends = [(fault.end, 0, i, fault) for i, fault in enumerate(faults) if fault.end < math.inf]
        self._edges = sorted(begins + ends, key=lambda edge: edge[:3])
        self._active: list[Fault] = []

    def step(self, time: float) -> None:
        """Let begin and end what is due, s."""
        while self._edges and self._edges[0][0] <= time + 1e-9:
            _, begins, _, fault = self._edges.pop(0)
            if begins:
                self._active.append(fault)
                self._strike(fault)
            else:
                self._active = [other for other in self._active if other is not fault]
            self._hold(_sensor_of(fault))

    def _strike(self, fault: Fault) -> None:
        """Let happen what happens once, when a fault begins."""
        match fault:
            case Kidnap():
                self._carry(fault.pose)
            case OdometryJump():
                self._sensors.odometry.jump(Pose(fault.x, fault.y, math.radians(fault.yaw_deg)))

    def _hold(self, name: str | None) -> None:
        """Set what lasts as long as a fault does, of a sensor or, with None, of all else; several at once add up."""
        active = self._active
        self.clock_offset = sum(f.by for f in active if isinstance(f, ClockStep) and f.clock == "robot")
        self.grip = math.prod(f.grip for f in active if isinstance(f, WheelSlip))
        self.loss = 1.0 - math.prod(1.0 - f.share for f in active if isinstance(f, CommandLoss))
        if "detector" in self._sensors.detectors:
            self._sensors.detectors["detector"].flood(sum(f.count for f in active if isinstance(f, DetectorFlood)))
        channel = None if name is None else self._sensors.channel(name)
        if channel is None:
            return
        mine = [f for f in active if _sensor_of(f) == name]
        channel.freeze(any(isinstance(f, SensorFreeze) for f in mine))
        channel.delay(sum(f.by for f in mine if isinstance(f, StaleStamps)))
        channel.clock(sum(f.by for f in mine if isinstance(f, ClockStep)))
        channel.lose(1.0 - math.prod(1.0 - f.share for f in mine if isinstance(f, Dropout)))


def _sensor_of(fault: Fault) -> str | None:
    """Return the sensor that a fault is of; None where it is of something else."""
    match fault:
        case SensorFreeze() | StaleStamps() | Dropout():
            return fault.sensor
        case ClockStep():
            return None if fault.clock == "robot" else fault.clock
        case DetectorFlood():
            return "detector"
        case OdometryJump():
            return "odometry"
    return None
