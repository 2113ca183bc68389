"""Makes the tables of the benchmark pages and of the README from the studies' reports: ``make benchmarks``.

A table stands between ``<!-- begin … -->`` and ``<!-- end -->``; what is between them is written anew. The opening mark
says what belongs there:

    begin goals summary                           every figure of the summary of data/goals.json
    begin planner summary: goals time_* homes     those whose keys fit a pattern
    begin goals rows: kind goals stalls           columns of its rows
    begin risk rows: from ratio where people=all  columns of those rows that have a value
    begin reports                                 which reports there are
    begin figures                                 README's table

With ``--check`` nothing is written; the exit code is 1 where a page is not what its reports make of it.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- begin ([^>]+?) -->\n).*?(<!-- end -->)", re.DOTALL)
ABOUT = ("command", "commit", "changed", "date", "version", "machine")
PLACES = {"--data": "DIR", "--pedestrians": "DIR"}  # what differs from machine to machine is said by its kind
LEFT_OUT = {"--json", "--keep", "--jobs"}  # options that change no figure
MISSING = "\nNo report of this version yet.\n\n"


class BadReport(Exception):
    """A report that no table can be made from; says which and why."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a study wrote: what made it, its summary, its rows."""

    about: Mapping[str, str | bool]
    summary: Mapping[str, float | str]
    rows: Sequence[Mapping[str, float | str]]

    @property
    def command(self) -> str:
        """The command, without what differs from machine to machine and changes no figure."""
        words, kept = shlex.split(str(self.about["command"])), []
        while words:
            word = words.pop(0)
            option, _, value = word.partition("=")
            if option in LEFT_OUT or option in PLACES:
                if not value:
                    words = words[1:]
                kept += [option, PLACES[option]] if option in PLACES else []
            else:
                kept.append(word)
        return " ".join(kept)

    @property
    def source(self) -> str:
        """One line: command, commit, date, machine."""
        changed = " with changes" if self.about["changed"] else ""
        made = f"commit {self.about['commit']}{changed}, {self.about['date']}, {self.about['machine']}"
        return f"`{self.command}`; {made}"


class Line(NamedTuple):
    """One line of README's table: what it is, the report, and how its value is written."""

    what: str
    report: str
    value: str


FIGURES = (
    Line(
        "drives through scans of real homes: goals reached / contacts",
        "homes", "{reached_share:.1%} of {goals} / {contacts}",
    ),
    Line(
        "the same with two people and 300 ms perception latency: reached / contacts by the robot",
        "homes_people", "{reached_share:.1%} of {goals} / {contacts_by_robot}",
    ),
    Line(
        "encounters with people: reached / contacts that could be avoided / freezes",
        "people", "{reached:.1%} of {episodes:,} / {contacts_avoidable} / {freezes}",
    ),
    Line(
        "500 ms from sensing to wheels: success with the fast-forward / without",
        "latency", "{success_500:.0%} / {success_500_no_forward:.0%}",
    ),
    Line(
        "chances of contact with people, predicted / observed, in every band",
        "risk", "{calibration_ratio_low:.2f} to {calibration_ratio_high:.2f}",
    ),
    Line(
        "goals within a metre, sideways, behind, in corridors: at rest within 5 cm and 5° / stalls",
        "goals", "{within_share:.1%} of {goals:,} / {stalls}",
    ),
    Line(
        "planning cycle among four people, one core: p50 / p99; 600 candidates weighed",
        "speed", "{cycle_p50_ms:.1f} / {cycle_p99_ms:.1f} ms; {evaluate_600x60_people4_ms:.2f} ms",
    ),
    Line(
        "recorded drives, faults and threads among them: the same to the bit in replay",
        "replay", "{identical} of {drives}",
    ),
)  # fmt: skip


def read(path: Path) -> Report:
    """Return the report in a file.

    Raises:
        BadReport: it is none, or does not say what made it.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        about, summary, rows = found.get("about"), found["summary"], found["rows"]
    except (OSError, ValueError, KeyError, AttributeError):
        raise BadReport(f"{path.name} is no report; write one with pavane bench … --json") from None
    if not isinstance(about, dict) or any(key not in about for key in ABOUT):
        raise BadReport(f"{path.name} does not say what made it (about: {', '.join(ABOUT)}); run the study again")
    return Report(about, summary, rows)


def written(value: float | str) -> str:
    """Return a figure as it stands in a table: three digits, thousands set apart."""
    if isinstance(value, str):
        return value.replace("|", "\\|")
    if isinstance(value, int) or (float(value).is_integer() and abs(value) >= 100):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    rows = [list(head), ["---"] * len(head), *map(list, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def fitting(keys: Sequence[str], patterns: Sequence[str], report: str) -> list[str]:
    """Return the keys that patterns choose, in the patterns' order; without any pattern all.

    Raises:
        BadReport: a pattern fits no key.
    """
    if not patterns:
        return list(keys)
    chosen: dict[str, None] = {}
    for pattern in patterns:
        found = [key for key in keys if fnmatch(key, pattern)]
        if not found:
            raise BadReport(f"{report}.json has no figure {pattern}; it has {', '.join(keys)}")
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def same(value: float | str, asked: str) -> bool:
    """Whether a figure is what a condition asks for: 3 and 3.0 are the same."""
    return str(value) == asked or (not isinstance(value, str) and float(value) == float(asked))


def part(name: str, wanted: str, report: Report) -> str:
    """Return the summary or rows of a report as a table with its source."""
    what, _, conditions = wanted.partition(" where ")
    kind, _, patterns = what.partition(":")
    if kind == "summary":
        keys = fitting(list(report.summary), patterns.split(), name)
        body = table(("figure", "value"), [(f"`{key}`", written(report.summary[key])) for key in keys])
    else:
        asked = dict(pair.split("=") for pair in conditions.split())
        fitting(list(report.rows[0]) if report.rows else [], list(asked), name)
        rows = [row for row in report.rows if all(same(row[key], value) for key, value in asked.items())]
        keys = fitting(list(report.rows[0]) if report.rows else [], patterns.split(), name)
        body = table([f"`{key}`" for key in keys], [[written(row[key]) for key in keys] for row in rows])
    return f"\n{body}\n{report.source}\n\n"


def in_words(line: Line, report: Report) -> str:
    """Return the value of a line of README's table; ``none`` where a figure in it does not exist.

    Raises:
        BadReport: the report lacks a figure.
    """
    try:
        return line.value.format(**report.summary)
    except KeyError as error:
        raise BadReport(f"{line.report}.json has no figure {error.args[0]}") from None
    except ValueError:
        return "none"


def content(wanted: str, reports: Mapping[str, Report]) -> str:
    """Return what belongs between two marks."""
    if wanted == "reports":
        return "\n" + table(
            ("report", "made by", "commit", "date"),
            [
                (f"`{name}.json`", f"`{one.command}`", str(one.about["commit"]), str(one.about["date"]))
                for name, one in sorted(reports.items())
            ],
        ) + "\n"  # fmt: skip
    if wanted == "figures":
        made = [(line, reports[line.report]) for line in FIGURES if line.report in reports]
        lines = [(line.what, in_words(line, one), f"`{one.command}`") for line, one in made]
        return f"\n{table(('figure', 'value', 'command'), lines)}\n" if lines else MISSING
    name, _, rest = wanted.partition(" ")
    return part(name, rest, reports[name]) if name in reports else MISSING


def filled(page: str, reports: Mapping[str, Report]) -> str:
    """Return a page with what is between its marks made anew."""
    return BLOCK.sub(lambda m: m.group(1) + content(m.group(2), reports) + m.group(3), page)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Make the tables of every page, or check them."""
    parser = argparse.ArgumentParser(description="Make the tables of the benchmark pages and of the README.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where a page is out of date")
    check = parser.parse_args(arguments).check
    folder = root / "docs" / "benchmarks"
    try:
        reports = {path.stem: read(path) for path in sorted(folder.glob("data/*.json"))}
        pages = {
            path: filled(path.read_text(encoding="utf-8"), reports)
            for path in [root / "README.md", *sorted(folder.glob("*.md"))]
        }
    except BadReport as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    stale = [path for path, text in pages.items() if text != path.read_text(encoding="utf-8")]
    for path in stale:
        print(f"{'out of date' if check else 'made'}: {path.relative_to(root)}")
        if not check:
            path.write_text(pages[path], encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
