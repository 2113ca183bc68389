"""YAML files of people: what is wrong is said in one line that names the file, the key and the value."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from pavane.core.errors import BadFile, BadMap, BadProfile, BadSetting
from pavane.core.yaml_file import LARGEST, convert, read_yaml


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "home.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("name: Küche\n", {"name": "Küche"}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("name: Küche".encode("utf-16"), {"name": "Küche"}),
        ("1: 2\n", {"1": 2}),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n", {"a": {"b": 1}, "c": {"b": 2}}),
        ("a: [5e-2, -1E3, .5e1, 1.5e+2, e5, 1e]\n", {"a": [0.05, -1000.0, 5.0, 150.0, "e5", "1e"]}),
    ],
)
def test_keys_are_read(tmp_path: Path, text: str | bytes, fields: dict[str, object]) -> None:
    assert read_yaml(written(tmp_path, text), "map") == fields


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "home.yaml: line 3: a key is written twice; got a"),
        ("a:\n  b: 1\n  b: 2\n", "home.yaml: line 3: a key is written twice; got b"),
        ("a: {b: 1, b: 2}\n", "home.yaml: line 1: a key is written twice; got b"),
        ("", "home.yaml does not hold keys; got NoneType"),
        ("- 1\n", "home.yaml does not hold keys; got list"),
        ("hello", "home.yaml does not hold keys; got str"),
        ("a: [1,\n}", "home.yaml is not YAML"),
        ("a: 1\n---\nb: 2\n", "home.yaml is not YAML"),
        ("[1, 2]: 3\n", "home.yaml is not YAML"),
        ("a: *b\n", "home.yaml is not YAML"),
        ("a: !!python/object/apply:os.getcwd []\n", "home.yaml is not YAML"),
        ("a: !!timestamp hello\n", "home.yaml is not YAML"),
        ("a: !!bool hello\n", "home.yaml is not YAML"),
        ("a: !!int hello\n", "home.yaml is not YAML"),
        ("a: 2020-13-45\n", "home.yaml is not YAML"),
        ("a: " + "9" * 5000, "home.yaml is not YAML"),
        ("a: " + "[" * 5000 + "]" * 5000, "home.yaml is not YAML"),
        (b"name: K\xfcche", "home.yaml is not YAML"),
        (b"\x89PNG\r\n\x1a\n\0\0", "home.yaml is not YAML"),
        (b"#" * (LARGEST + 1), "home.yaml is too large for a map"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(BadFile) as raised:
        read_yaml(written(tmp_path, text), "map")
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        fields = read_yaml(path, "map")
    except BadFile:
        return
    assert all(isinstance(key, str) for key in fields)


def test_a_file_that_is_not_there_or_has_no_end(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.yaml", Path("a\0b")):
        with pytest.raises(BadFile, match="cannot read map"):
            read_yaml(path, "map")
    if Path("/dev/zero").exists():
        with pytest.raises(BadFile, match="zero is too large"):
            read_yaml(Path("/dev/zero"), "map")


def test_a_pipe_will_do(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"a: 1\n"))
    writer.start()
    assert read_yaml(pipe, "map") == {"a": 1}
    writer.join(10.0)


class Inner(Struct, forbid_unknown_fields=True):
    n: Annotated[int, Meta(ge=0)] = 0
    xs: list[float] = []

    def __post_init__(self) -> None:
        if self.n > 5:
            raise BadMap("n is too large", value=self.n, limit="<= 5")


class Outer(Struct, forbid_unknown_fields=True):
    a: int
    inner: Inner | None = None
    named: dict[str, int] = {}
    several: list[Inner] = []
    pair: tuple[float, float] = (0.0, 0.0)


REMEDY = "See the docs."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"a": "x"}, "h.yaml: Expected `int`, got `str` - at `$.a`; got x."),
        ({}, "h.yaml: Object missing required field `a`."),
        ({"a": 1, "z": 2}, "h.yaml: Object contains unknown field `z`."),
        ({"a": 1, "inner": {"q": 1}}, "h.yaml: Object contains unknown field `q` - at `$.inner`."),
        ({"a": 1, "inner": {"n": -1}}, "h.yaml: Expected `int` >= 0 - at `$.inner.n`; got -1."),
        ({"a": 1, "inner": {"n": 9}}, "h.yaml: n is too large; got 9; expected <= 5."),
        ({"a": 1, "inner": {"xs": [1, "b"]}}, "h.yaml: Expected `float`, got `str` - at `$.inner.xs[1]`; got b."),
        ({"a": 1, "several": [{}, {"n": "q"}]}, "h.yaml: Expected `int`, got `str` - at `$.several[1].n`; got q."),
        ({"a": 1, "named": {"k": "v"}}, "h.yaml: Expected `int`, got `str` - at `$.named[...]`."),
        ({"a": 1, "named": {1: 2}}, "h.yaml: Expected `str`, got `int` - at `key` in `$.named`."),
        ({"a": 1, "pair": [1]}, "h.yaml: Expected `array` of length 2, got 1 - at `$.pair`; got [1]."),
        ({"a": 1, "pair": [[1], 2, 3]}, "h.yaml: Expected `array` of length 2, got 3 - at `$.pair`."),
        ({"a": {"b": 1}}, "h.yaml: Expected `int`, got `object` - at `$.a`."),
        ([], "h.yaml: Expected `object`, got `array`."),
    ],
)
def test_what_does_not_fit_names_the_file_the_key_and_the_value(fields: object, said: str) -> None:
    with pytest.raises(BadProfile) as raised:
        convert(fields, Outer, "h.yaml", BadProfile, REMEDY)
    assert str(raised.value) == f"{said} {REMEDY}"


def test_what_fits_is_a_struct_and_errors_are_settings_by_default() -> None:
    assert convert({"a": 1, "pair": [1, 2]}, Outer, "h.yaml") == Outer(1, pair=(1.0, 2.0))
    with pytest.raises(BadSetting):
        convert({}, Outer, "h.yaml")


def test_aliases_that_would_fill_the_memory_do_not_reach_the_error(tmp_path: Path) -> None:
    names = "bcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{before}'] * 7)}]" for before, n in zip("a" + names, names, strict=False)]
    fields = read_yaml(written(tmp_path, "\n".join(lines)), "map")
    with pytest.raises(BadSetting) as raised:
        convert({"a": fields["j"]}, Outer, "h.yaml")
    assert len(str(raised.value)) < 200


def test_an_error_of_the_struct_keeps_its_own_remedy() -> None:
    class Picky(Struct):
        n: int

        def __post_init__(self) -> None:
            raise BadMap("n never fits", remedy="Leave it out.")

    with pytest.raises(BadMap, match=r"h.yaml: n never fits. Leave it out."):
        convert({"n": 1}, Picky, "h.yaml", BadMap, REMEDY)
