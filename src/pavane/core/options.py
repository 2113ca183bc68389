"""Checks of the numbers that options of a command may have."""

from __future__ import annotations

from pavane.core.errors import BadSetting

MOST_PEOPLE = 100  # in one home


def at_least(name: str, value: int, least: int) -> None:
    """Refuse a number below the least that makes sense.

    Raises:
        BadSetting: it is below.
    """
    if value < least:
        raise BadSetting(f"--{name} is too small", value=value, limit=f">= {least}")


def check_people(people: int) -> None:
    """Refuse a number of people that no home holds.

    Raises:
        BadSetting: it is negative or more than ``MOST_PEOPLE``.
    """
    at_least("people", people, 0)
    if people > MOST_PEOPLE:
        raise BadSetting("--people is too large", value=people, limit=f"<= {MOST_PEOPLE}")
