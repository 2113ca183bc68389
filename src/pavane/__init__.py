"""Pavane: graceful, predictive motion planning for home robots.

The names below are imported when they are first asked for: ``import pavane`` alone compiles nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pavane.core.errors import BadFile, BadGoal, BadMap, BadMessage, BadProfile, BadSetting, PavaneError
    from pavane.core.executor import LockStep, Threads
    from pavane.core.geometry import Pose
    from pavane.core.plan import Command, Plan, Status
    from pavane.core.robot import RobotProfile, stock_profiles
    from pavane.core.tasks import Follow, GoTo, Stop
    from pavane.maps import load_map, stock_homes
    from pavane.navigator import Navigator, NavigatorConfig
    from pavane.planning.local_planner import Objective, PlannerConfig
    from pavane.prediction import Forwarding

_HOME = {
    "BadFile": "core.errors",
    "BadGoal": "core.errors",
    "BadMap": "core.errors",
    "BadMessage": "core.errors",
    "BadProfile": "core.errors",
    "BadSetting": "core.errors",
    "Command": "core.plan",
    "Follow": "core.tasks",
    "Forwarding": "prediction",
    "GoTo": "core.tasks",
    "LockStep": "core.executor",
    "Navigator": "navigator",
    "NavigatorConfig": "navigator",
    "Objective": "planning.local_planner",
    "PavaneError": "core.errors",
    "Plan": "core.plan",
    "PlannerConfig": "planning.local_planner",
    "Pose": "core.geometry",
    "RobotProfile": "core.robot",
    "Status": "core.plan",
    "Stop": "core.tasks",
    "Threads": "core.executor",
    "load_map": "maps",
    "stock_homes": "maps",
    "stock_profiles": "core.robot",
}

__all__ = [
    "BadFile",
    "BadGoal",
    "BadMap",
    "BadMessage",
    "BadProfile",
    "BadSetting",
    "Command",
    "Follow",
    "Forwarding",
    "GoTo",
    "LockStep",
    "Navigator",
    "NavigatorConfig",
    "Objective",
    "PavaneError",
    "Plan",
    "PlannerConfig",
    "Pose",
    "RobotProfile",
    "Status",
    "Stop",
    "Threads",
    "load_map",
    "stock_homes",
    "stock_profiles",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'pavane' has no attribute {name!r}")
    value: object = getattr(import_module(f"pavane.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
