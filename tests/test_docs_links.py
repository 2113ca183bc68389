"""Every link of every page leads somewhere, and what the code says of pages is there."""

import re
from pathlib import Path

import pytest

from pages import PAGES, ROOT, anchors, blocks, prose, text

LINK = re.compile(r"\]\(([^)\s]+)\)|\[[^\]]*\]\[([\w.]+)\]")


def links(page: str) -> list[str]:
    return [target for target, _ in LINK.findall(prose(page)) if target and not re.match(r"[a-z]+:", target)]


def test_pages_are_found() -> None:
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md"} <= set(PAGES)
    assert len([page for page in PAGES if page.startswith("docs/concepts/")]) == 8
    assert sum(len(links(page)) for page in PAGES) > 200


@pytest.mark.parametrize("page", PAGES)
def test_links_and_anchors_exist(page: str) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        assert place.exists(), target
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place.resolve().relative_to(ROOT).as_posix()), target
        if anchor and place.suffix == ".py":  # a function or class of the file
            assert re.search(rf"^(?:def|class) {anchor}\b", place.read_text(), re.MULTILINE), target


@pytest.mark.parametrize("page", PAGES)
def test_lines_are_short(page: str) -> None:
    tables = ("|", "!", "    ", "<!--")  # what cannot be broken
    long = [line for line in prose(page).splitlines() if len(line) > 160 and not line.startswith(tables)]
    assert not long, long[:3]


def test_what_is_to_be_short_is_short() -> None:
    assert len(text("README.md").splitlines()) <= 120
    assert len(text("ARCHITECTURE.md").splitlines()) <= 120


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/concepts/")])
def test_a_concept_is_short_has_a_picture_an_equation_and_a_function(page: str) -> None:
    assert len(text(page).split()) <= 900
    assert "](../pictures/" in text(page)
    assert blocks(page, "math")
    assert re.search(r"Read this function: \[`[\w.]+`\]\(../../src/pavane/", text(page))


SOURCES = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in {".py", ".c"})


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_pages_that_the_code_names_exist(path: Path) -> None:
    for named in re.findall(r"\b(?:docs/[\w/-]+|[A-Z]+)\.md\b", path.read_text(encoding="utf-8")):
        assert (ROOT / named).exists(), named


@pytest.mark.parametrize("page", PAGES)
def test_python_in_pages_is_python(page: str) -> None:
    for block in blocks(page, "python"):
        compile(block, page, "exec")


@pytest.mark.parametrize(
    "page",
    ["docs/start/first-drive.md", "docs/concepts/trajectory-space.md", "docs/concepts/objective.md",
     "docs/guides/simulator.md"],
)  # fmt: skip
def test_programs_in_pages_run(page: str) -> None:
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), {})
