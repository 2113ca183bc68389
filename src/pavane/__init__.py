"""Pavane: graceful, predictive motion planning for home robots.

The names below are imported when they are first asked for: ``import pavane`` alone compiles nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pavane.errors import BadFile, BadGoal, BadMap, BadMessage, BadProfile, BadSetting, PavaneError
    from pavane.executor import LockStep, Threads
    from pavane.geometry import Pose
    from pavane.maps import load_map, stock_homes
    from pavane.navigator import Navigator, NavigatorConfig
    from pavane.plan import Command, Plan, Status
    from pavane.predict import Forwarding
    from pavane.robot import RobotProfile, stock_profiles
    from pavane.tasks import Follow, GoTo, Stop
    from pavane.trajectory import Objective, PlannerConfig

_HOME = {
    "BadFile": "errors",
    "BadGoal": "errors",
    "BadMap": "errors",
    "BadMessage": "errors",
    "BadProfile": "errors",
    "BadSetting": "errors",
    "Command": "plan",
    "Follow": "tasks",
    "Forwarding": "predict",
    "GoTo": "tasks",
    "LockStep": "executor",
    "Navigator": "navigator",
    "NavigatorConfig": "navigator",
    "Objective": "trajectory",
    "PavaneError": "errors",
    "Plan": "plan",
    "PlannerConfig": "trajectory",
    "Pose": "geometry",
    "RobotProfile": "robot",
    "Status": "plan",
    "Stop": "tasks",
    "Threads": "executor",
    "load_map": "maps",
    "stock_homes": "maps",
    "stock_profiles": "robot",
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
