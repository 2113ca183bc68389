"""What the site needs beyond mkdocs: pages from outside of docs/, links that also hold in the repository, equations.

Every link in a page is written as it holds in the repository, so that pages read as well there as on the site. Here
links to pages outside of ``docs/`` lead to their copies on the site, and links to Python files of the package lead to
their place in the API: ``…/prediction/latency.py#LatencyMonitor`` to ``pavane.prediction.latency.LatencyMonitor``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing/index.md",
    "examples/README.md": "examples/index.md",
    "LICENSE": "LICENSE.txt",
}
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\]]*\]\([^)]*\))*\])\(([^)\s]+)\)")


def equation(source: str, *_: object, **__: object) -> str:
    """Return a ``math`` block as MathML, which browsers draw by themselves: no script, no font, no other host."""
    return f'<div class="equation">{convert(source.strip(), display="block")}</div>'


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let ``math`` blocks become equations."""
    fence = {"name": "math", "class": "equation", "format": equation}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [fence]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside of docs/, and the examples."""
    outside = dict(OUTSIDE)
    outside |= {path.relative_to(ROOT).as_posix(): f"examples/{path.name}" for path in ROOT.glob("examples/*.py")}
    for source, target in outside.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to where their targets are on the site."""
    here = page.file.src_uri
    origin = next((source for source, target in OUTSIDE.items() if target == here), f"docs/{here}")
    return relink(markdown, origin, here)


def relink(markdown: str, origin: str, here: str) -> str:
    """Return a page with its links as they hold on the site.

    Args:
        markdown: the page's text.
        origin: its path in the repository.
        here: its path on the site.
    """

    def led(match: re.Match[str]) -> str:
        text, target = match.groups()
        text = text[0] + LINK.sub(led, text[1:]) if "](" in text else text
        if re.match(r"[a-z]+:|#", target):
            return f"{text}({target})"
        path, _, anchor = target.partition("#")
        place = os.path.normpath(PurePosixPath(origin).parent / path)
        if place.startswith("src/pavane") and place.endswith(".py"):
            module = place.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            return f"{text}[{module}{'.' if anchor else ''}{anchor}]"
        site = OUTSIDE.get(place) or OUTSIDE.get(f"{place}/README.md")
        if site is None and place.startswith("docs/"):
            site = place.removeprefix("docs/")
        if site is None and place.startswith("examples/"):
            site = place
        if site is None:
            return text.removeprefix("[").removesuffix("]")
        return f"{text}({os.path.relpath(site, PurePosixPath(here).parent)}{'#' if anchor else ''}{anchor})"

    parts = re.split(r"(^```.*?^```)", markdown, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else LINK.sub(led, part) for part in parts)
