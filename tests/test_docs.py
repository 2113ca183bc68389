"""The documents keep up with the code."""

import re
from pathlib import Path

import msgspec
import pytest

from pavane.core.robot import RobotProfile, stock_profiles

ROOT = Path(__file__).parents[1]
YOUR_ROBOT = (ROOT / "docs" / "start" / "your-robot.md").read_text()


def keys(struct: type[msgspec.Struct], prefix: str = "") -> list[str]:
    """Every key of a profile, nested ones with their path."""
    found = []
    for field in msgspec.structs.fields(struct):
        found.append(prefix + field.name)
        for kind in getattr(field.type, "__args__", ()) or (field.type,):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                found += keys(kind, f"{prefix}{field.name}.")
    return found


@pytest.mark.parametrize("key", keys(RobotProfile))
def test_every_key_of_a_profile_is_explained(key: str) -> None:
    assert re.search(rf"^\|.*`{re.escape(key)}`.*\|", YOUR_ROBOT, re.MULTILINE)


def test_no_key_is_explained_that_does_not_exist() -> None:
    table = [line.split("|")[1] for line in YOUR_ROBOT.splitlines() if line.startswith("|")]
    named = {name for cell in table for name in re.findall(r"`([\w.]+)`", cell)}
    assert named == set(keys(RobotProfile))


def test_the_example_profile_loads(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", YOUR_ROBOT, re.DOTALL)
    assert example is not None
    path = tmp_path / "my_robot.yaml"
    path.write_text(example.group(1))
    assert RobotProfile.load(path).name == "my_robot"


def test_stock_profiles_are_named() -> None:
    for name in stock_profiles():
        assert f"`{name}`" in YOUR_ROBOT


PAGES = [
    "README.md",
    "CHANGELOG.md",
    "docs/contributing/conventions.md",
    "docs/start/your-robot.md",
    "docs/guides/figures.md",
    "examples/README.md",
]


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(path: str) -> None:
    page = ROOT / path
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
