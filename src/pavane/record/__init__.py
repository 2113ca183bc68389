"""Recordings of drives: written while driving, read, replayed to the bit.

Begin with ``tick``, what is recorded, then ``recorder`` and ``replay``; ``codec`` and ``decisions`` pack it exactly,
``topics`` tells it again as ROS 2 messages. ``recorded_navigator`` needs nothing but Pavane; ``Recorder``,
``open_recording`` and ``Replay`` need mcap and rosbags (``pip install pavane[record]``), and are loaded when they are
asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pavane.core.errors import BadSetting
from pavane.record.navigator import recorded_navigator
from pavane.record.tick import Decision, Journal, PlannerName, Tick

if TYPE_CHECKING:
    from pavane.record.changes import changed
    from pavane.record.codec import Setup
    from pavane.record.comparison import Comparison, compare
    from pavane.record.events import Happening, happenings
    from pavane.record.recorder import Recorder, fingerprint
    from pavane.record.recording import Recording, open_recording
    from pavane.record.replay import Replay, Verification, verify

_HOME = {
    "Comparison": "comparison",
    "Happening": "events",
    "Recorder": "recorder",
    "Recording": "recording",
    "Replay": "replay",
    "Setup": "codec",
    "Verification": "replay",
    "changed": "changes",
    "compare": "comparison",
    "fingerprint": "recorder",
    "happenings": "events",
    "open_recording": "recording",
    "verify": "replay",
}

__all__ = [
    "Comparison",
    "Decision",
    "Happening",
    "Journal",
    "PlannerName",
    "Recorder",
    "Recording",
    "Replay",
    "Setup",
    "Tick",
    "Verification",
    "changed",
    "compare",
    "fingerprint",
    "happenings",
    "open_recording",
    "recorded_navigator",
    "verify",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'pavane.record' has no attribute {name!r}")
    try:
        return getattr(import_module(f"pavane.record.{_HOME[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("mcap", "rosbags", "zstandard", "lz4"):
            raise BadSetting(
                f"recordings need {error.name}, which is not installed", remedy="pip install 'pavane[record]'"
            ) from None
        raise
