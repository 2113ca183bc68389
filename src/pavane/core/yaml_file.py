"""YAML files that people write: read with errors that name the file, the line, the key and the value."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from pavane.core.errors import BadFile, BadSetting, PavaneError

T = TypeVar("T")
LARGEST = 1_000_000  # bytes of a file that people write; a device or a picture gives more
SHORT = 8  # values of a list that an error shows
# A number such as 5e-2, which YAML 1.2 and ROS read as one, and YAML 1.1 as text.
EXPONENT = re.compile(r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$")
BROKEN = (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError)
KEY = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def read_yaml(path: Path, what: str) -> dict[str, Any]:
    """Return the keys of a YAML file; a key written twice is an error, not silently the last one.

    Args:
        path: of the file.
        what: what it is, for errors: ``profile``, ``map`` …

    Raises:
        BadFile: it cannot be read, is not YAML, holds no keys, or one of them twice.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise BadFile(f"cannot read {what}", value=path, limit="a readable YAML file") from error
    if len(text) > LARGEST:
        raise BadFile(f"{path.name} is too large for a {what}", limit=f"at most {LARGEST:,} bytes of YAML")
    try:
        fields = yaml.load(text, Loader=_UniqueKeys)
    except BadFile as error:
        raise BadFile(f"{path.name}: {error.what}", value=error.value) from error
    except BROKEN as error:  # PyYAML raises all of these on values that do not fit their tag
        raise BadFile(f"{path.name} is not YAML", value=error) from error
    if not isinstance(fields, dict):
        raise BadFile(f"{path.name} does not hold keys", value=type(fields).__name__, limit="a YAML mapping")
    return {str(key): value for key, value in fields.items()}


def convert(fields: object, kind: type[T], what: str, error: type[PavaneError] = BadSetting, remedy: str = "") -> T:
    """Return decoded YAML as a struct.

    Args:
        fields: what ``read_yaml`` gave, or a part of it.
        kind: a msgspec Struct.
        what: what it is, for errors: mostly the file's name.
        error: raised where a key is missing, unknown, of the wrong type or out of its range.
        remedy: what to do about that.
    """
    try:
        return msgspec.convert(fields, kind)
    except PavaneError as cause:
        raise _named(what, cause, error, remedy) from cause
    except msgspec.ValidationError as cause:
        if isinstance(cause.__cause__, PavaneError):
            raise _named(what, cause.__cause__, error, remedy) from cause
        text = str(cause)
        raise error(f"{what}: {text}", value=_offending(fields, text), remedy=remedy) from cause


def numbers_in(value: object, path: str = "") -> list[tuple[str, float]]:
    """Return every number in a struct, true and false aside, with the way to it as in ``places[0].x``."""
    if isinstance(value, msgspec.Struct):
        return [n for f in value.__struct_fields__ for n in numbers_in(getattr(value, f), f"{path}.{f}".lstrip("."))]
    if isinstance(value, list | tuple):
        return [n for i, item in enumerate(value) for n in numbers_in(item, f"{path}[{i}]")]
    return [(path, float(value))] if isinstance(value, float | int) and not isinstance(value, bool) else []


def _named(what: str, cause: PavaneError, error: type[PavaneError], remedy: str) -> PavaneError:
    """Return the cause as another error, with the name of the file before it.

    Args:
        what: the file's name.
        cause: what was wrong.
        error: the class of the other error.
        remedy: what to do, where the cause does not say.
    """
    return error(f"{what}: {cause.what}", value=cause.value, limit=cause.limit, remedy=cause.remedy or remedy)


def _offending(fields: object, text: str) -> object:
    """Return the value that a message of msgspec, which ends in the way to it, is about; None if it does not say."""
    _, found, way = text.rpartition(" - at `")
    if not found or "missing required" in text or "unknown field" in text:
        return None
    value: Any = fields
    for name, number in KEY.findall(way.rstrip("`")):
        if number == "...":  # some element of a mapping: its value is not told apart
            return None
        try:
            value = value[int(number)] if number else value[name]
        except (KeyError, IndexError, TypeError):
            return None
    items = value if isinstance(value, list) else [value]
    plain = len(items) <= SHORT and not any(isinstance(item, dict | list | set) for item in items)
    return value if plain else None  # aliases may make a nested value longer than memory


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key written twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # a list as a key: of no field's type, which is said later
            if key.value in seen:
                raise BadFile(f"line {key.start_mark.line + 1}: a key is written twice", value=key.value)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_UniqueKeys.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+.0123456789"))
