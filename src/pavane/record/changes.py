"""changed: a setup with other settings, for a replay of what would have been."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from pavane.core.errors import BadSetting, PavaneError
from pavane.record.codec import Setup
from pavane.record.tick import PlannerName


def changed(setup: Setup, changes: tuple[str, ...]) -> Setup:
    """A setup with other settings, each ``name=value``.

    Names are ``objective`` (a planner's name), ``seed``, ``forwarding.robot`` and others of ``NavigatorConfig``, and
    ``robot.`` with a key of the profile.

    Raises:
        BadSetting: no such setting, or no value for it.
    """
    plain: dict[str, Any] = {
        "robot": msgspec.to_builtins(setup.robot), "seed": setup.seed, "objective": setup.planner.name,
        **msgspec.to_builtins(setup.config),
    }  # fmt: skip
    for change in changes:
        name, separator, text = change.partition("=")
        *above, last = name.strip().split(".")
        inner: Any = plain
        for key in above:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if not separator or not isinstance(inner, dict) or last not in inner or isinstance(inner[last], dict):
            known = ", ".join(sorted(inner)) if isinstance(inner, dict) and separator else "name=value"
            raise BadSetting("no such setting", value=change, limit=known)
        inner[last] = _value(text.strip())
    try:
        robot = msgspec.convert(plain.pop("robot"), type(setup.robot))
        seed = msgspec.convert(plain.pop("seed"), int)
        name = msgspec.convert(plain.pop("objective"), str)
        config = msgspec.convert(plain, type(setup.config))
    except (msgspec.ValidationError, PavaneError) as error:
        raise BadSetting(f"a setting cannot be used ({error})", value=", ".join(changes)) from error
    planner = setup.planner if name == setup.planner.name else PlannerName(name)
    return replace(setup, robot=robot, seed=seed, planner=planner, config=config)


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
