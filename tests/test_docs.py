"""The documents keep up with the code."""

import re
import tomllib
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


def test_the_page_on_floors_shows_the_floors_in_force() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    page = (ROOT / "docs" / "contributing" / "floors.md").read_text()
    shown = re.search(r"```\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert shown[1].splitlines() == [re.sub(r"[()]", "", layer) for layer in contract["layers"]]


def test_the_map_of_the_house_has_every_room_in_the_order_of_the_floors() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\|[^|]*\| `([\w./]+)` \|", page.split("## The map")[1].split("## ")[0], re.MULTILINE)
    folders = list(dict.fromkeys(row.split("/")[0].removesuffix(".py") for row in rows))
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    floors = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    assert sorted(folders) == sorted(room for floor in floors for room in floor)
    heights = [next(i for i, floor in enumerate(floors) if folder in floor) for folder in folders]
    assert heights == sorted(heights)
