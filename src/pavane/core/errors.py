"""Errors that say what is wrong, the value, the limit and the remedy, in one line."""

from __future__ import annotations

from typing import Any


class PavaneError(Exception):
    """Base of every error a user can cause.

    Args:
        what: what is wrong, a phrase without a full stop.
        value: the offending value, if there is one.
        limit: what would be accepted, if that can be said.
        remedy: what to do about it.
    """

    def __init__(self, what: str, *, value: Any = None, limit: Any = None, remedy: str = "") -> None:
        self.what = what
        self.value = value
        self.limit = limit
        self.remedy = remedy
        super().__init__(what)  # only `what`, so that the error survives the pickle of a worker process

    def __str__(self) -> str:
        parts = [self.what]
        if self.value is not None:
            parts.append(f"got {_short(self.value)}")
        if self.limit is not None:
            parts.append(f"expected {self.limit}")
        line = "; ".join(parts)
        return f"{line}. {self.remedy}".rstrip() if self.remedy else f"{line}."


class BadFile(PavaneError):
    """A file that is missing, truncated, malformed or of another schema."""


class BadProfile(PavaneError):
    """A robot profile whose values contradict physics or each other."""


class BadMap(PavaneError):
    """A map or floor plan that cannot be used."""


class BadGoal(PavaneError):
    """A goal, start or place that does not exist or cannot be stood on."""


class BadScenario(PavaneError):
    """A scenario whose keys or values cannot be used."""


class BadMessage(PavaneError):
    """A sensor message that must not be used: not finite, wrong size, or from the wrong time."""


class BadSetting(PavaneError):
    """A setting or command-line value out of its range."""


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
