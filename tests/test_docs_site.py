"""The site is built strictly, and asks nothing of any other host."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pages import PAGES, ROOT

pytest.importorskip("mkdocs", reason="the extra docs is not installed")
pytest.importorskip("material", reason="the extra docs is not installed")
pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
pytest.importorskip("latex2mathml", reason="the extra docs is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True)
    config.plugins.run_event("startup", command="build", dirty=False)
    build(config)
    return folder


class Loaded(HTMLParser):
    """What a page makes a browser fetch by itself; links that a person follows are not among it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in {"script", "img", "iframe", "source", "video", "audio", "embed"}:
            self.found.append(said.get("src") or "")
        if tag == "link" and said.get("rel") not in {"canonical", "next", "prev"}:
            self.found.append(said.get("href") or "")


def test_every_page_is_on_the_site(site: Path) -> None:
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    outside = {"README.md": "index", "ARCHITECTURE.md": "architecture", "CHANGELOG.md": "changelog",
               "CONTRIBUTING.md": "contributing/index", "examples/README.md": "examples/index"}  # fmt: skip
    for page in PAGES:
        assert f"{outside.get(page, page.removeprefix('docs/').removesuffix('.md'))}.html" in built


def test_nothing_is_fetched_from_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    for page in pages:
        loaded = Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert loaded.found
        assert not [one for one in loaded.found if re.match(r"(https?:)?//", one)], page
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"url\(\s*['\"]?(?:https?:)?//[^)]*\)|@import", text), sheet


def test_equations_are_drawn_by_the_browser(site: Path) -> None:
    assert (site / "concepts" / "latency.html").read_text(encoding="utf-8").count("<math") == 1


def test_links_to_functions_lead_into_the_reference(site: Path) -> None:
    page = (site / "concepts" / "latency.html").read_text(encoding="utf-8")
    assert 'href="../api/prediction.html#pavane.prediction.fast_forward.fast_forward"' in page
    assert 'id="pavane.prediction.fast_forward.fast_forward"' in (site / "api" / "prediction.html").read_text()


def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "site.css", tmp_path / "docs" / "site.css")
    (tmp_path / "docs" / "index.md").write_text("# A page\n\n[nowhere](nowhere.md)\n")
    (tmp_path / "mkdocs.yml").write_text("site_name: test\nsite_dir: built\nvalidation: {links: {not_found: warn}}\n")
    config = load_config(str(tmp_path / "mkdocs.yml"), strict=True)
    with pytest.raises(Abort):
        build(config)
