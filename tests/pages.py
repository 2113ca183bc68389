"""The pages that a person reads, for the tests of links and names."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "examples" / "README.md"]
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


@cache
def text(page: str) -> str:
    """The whole page."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose(page: str) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", text(page))


def blocks(page: str, *languages: str) -> list[str]:
    """Blocks of code in one of these languages."""
    return [body for _, language, body in FENCE.findall(text(page)) if language in languages]


def spans(page: str) -> list[str]:
    """What stands in backticks outside of blocks."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(page))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as its web view makes them."""
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        words = re.sub(r"\]\([^)]*\)", "]", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found
