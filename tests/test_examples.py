"""The examples: each is short, runs by itself and draws its picture."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_LINES, MOST_BYTES = 60, 60_000  # of an example; of its picture in the docs
NEEDS = {"11": "gymnasium", "12": "pavane.record"}
SAYS = {  # what the newcomer should read
    "01": "goal reached", "02": "goal reached", "03": "on studio_ros: goal reached", "04": "0 contacts",
    "05": "to the bath: goal reached", "06": "fast-forwarded: goal reached", "07": "cautious", "08": "turn more than",
    "09": "would rather not: goal reached", "10": "candidates weighed", "11": "from the goal",
    "12": "the same to the bit",
}  # fmt: skip


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_draws_its_picture(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if path.stem[:2] in NEEDS:
        pytest.importorskip(NEEDS[path.stem[:2]])
    monkeypatch.setattr(sys, "argv", [str(path), str(tmp_path)])
    runpy.run_path(str(path), run_name="__main__")
    assert SAYS[path.stem[:2]] in capsys.readouterr().out
    with Image.open(tmp_path / f"{path.stem}.png") as picture:
        assert min(picture.size) > 300 and len(picture.convert("RGB").getcolors(1 << 24) or []) > 50


def test_examples_are_short_numbered_and_in_the_table() -> None:
    table = (ROOT / "examples" / "README.md").read_text()
    assert [path.stem[:3] for path in EXAMPLES] == [f"{i:02}_" for i in range(1, len(EXAMPLES) + 1)]
    assert set(SAYS) == {path.stem[:2] for path in EXAMPLES}
    for path in EXAMPLES:
        assert len(path.read_text().splitlines()) <= MOST_LINES, path.name
        assert table.count(f"]({path.name})") == 2, path.name
        shown = ROOT / "docs" / "pictures" / "examples" / f"{path.stem}.png"
        assert shown.stat().st_size <= MOST_BYTES, shown
