"""happenings: what a person would be told of a recorded drive."""

from __future__ import annotations

from typing import NamedTuple

from pavane.core.geometry import Pose
from pavane.core.tasks import Follow, GoTo
from pavane.record import codec
from pavane.record.recording import Recording
from pavane.record.tick import Unknown


class Happening(NamedTuple):
    """Something that a person would be told, s since the first tick."""

    time: float
    text: str


def happenings(recording: Recording) -> list[Happening]:
    """Requests, refusals, warnings, changes of status and why the guard stepped in, from the recording alone."""
    told: list[Happening] = []
    status, reason, time = None, "", 0.0
    for entry in recording.entries():
        tick = codec.unpack_tick(entry.tick)
        if tick.command is not None:
            time = tick.command.stamp - recording.start
        told += [Happening(time, f"asked: {_task(call.value)}") for call in tick.calls if call.request]
        told += [Happening(time, f"refused: {call.error}") for call in tick.calls if call.error]
        told += [Happening(time, f"warning: {text}") for text in (*tick.warnings, tick.error) if text]
        if tick.status is not status:
            status = tick.status
            told.append(Happening(time, f"{status.name}: {status.value}"))
        now = "" if tick.command is None else tick.command.reason
        if now and now != reason:
            told.append(Happening(time, f"guard: {now}"))
        reason = now
    return told


def _task(value: object) -> str:
    match value:
        case GoTo(target=Pose() as pose):
            return f"go to {pose.x:.2f},{pose.y:.2f},{pose.yaw:.2f}"
        case GoTo():
            return f"go to {value.target}"
        case Follow():
            return f"follow {'the nearest person' if value.person is None else f'person {value.person}'}"
        case Unknown():
            return value.text
    return type(value).__name__.lower()
