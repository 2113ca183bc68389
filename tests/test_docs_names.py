"""Every name of the code that a page says in backticks exists: modules, files, classes, settings, commands, flags."""

import ast
import builtins
import io
import re
import shlex
from contextlib import redirect_stdout, suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import pytest

from pages import PAGES, ROOT, blocks, spans
from pavane.cli import main

PACKAGE = ROOT / "src" / "pavane"
OUTSIDE = {"Box", "Dict", "MPPI", "MuJoCo", "Foxglove", "JuPedSim", "add_line_segments"}  # of others
PIP = {"--no-build-isolation"}
SUFFIXES = {"py", "mcap", "yaml", "json", "gif", "png", "toml", "txt", "md", "html"}


class Names:
    """All names that the package's source defines or says, and where."""

    def __init__(self) -> None:
        self.modules: dict[str, set[str]] = {}
        self.classes: dict[str, set[str]] = {}
        self.words: set[str] = set()
        for path in sorted(PACKAGE.rglob("*")):
            if path.suffix in {".py", ".yaml", ".c"}:
                source = path.read_text(encoding="utf-8")
                self.words |= set(re.findall(r"[A-Za-z_]\w*", source))
                if path.suffix == ".py":
                    stem = path.parent.name if path.stem == "__init__" else path.stem
                    self.modules.setdefault(stem, set()).update(self._defined(ast.parse(source)))
        for extra in ("pyproject.toml", "Makefile", "mkdocs.yml"):
            self.words |= set(re.findall(r"[A-Za-z_]\w*", (ROOT / extra).read_text(encoding="utf-8")))
        self.paths = {p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if ".git" not in p.parts}
        self.words |= {stem for path in PACKAGE.rglob("*") for stem in (path.stem,)}
        made = {"out", "site", "build", "dist"}
        self.folders = {p.name for p in [*ROOT.iterdir(), *PACKAGE.iterdir()] if p.is_dir()} - made

    def says(self, word: str) -> bool:
        """Whether the source says a word, whole or made of two parts, as the keys of reports are."""
        cuts = [i for i, letter in enumerate(word) if letter == "_"]
        joined = any(word[:i] in self.words and word[i + 1 :] in self.words for i in cuts)
        before_number = re.split(r"_\d", word)[0] in self.words
        return word in self.words or joined or before_number or any(word[: i + 1] in self.words for i in cuts if i > 2)

    def _defined(self, tree: ast.Module) -> set[str]:
        """Names at the top of a module; classes are noted with their members."""
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
                own |= {
                    n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
                }
                own |= {
                    t.id for n in node.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
                }
                own |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                own |= {base.id for base in node.bases if isinstance(base, ast.Name)}
                self.classes.setdefault(node.name, set()).update(own)
        for top in tree.body:
            if isinstance(top, ast.FunctionDef | ast.ClassDef):
                found.add(top.name)
            elif isinstance(top, ast.Assign):
                found |= {n.id for t in top.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            elif isinstance(top, ast.AnnAssign) and isinstance(top.target, ast.Name):
                found.add(top.target.id)
            elif isinstance(top, ast.ImportFrom):
                found |= {alias.asname or alias.name for alias in top.names}
        return found


@cache
def names() -> Names:
    return Names()


def resolve_dotted(dotted: str) -> bool:
    """Whether ``pavane.a.b.c`` is a module or something in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        with suppress(ModuleNotFoundError):
            if find_spec(".".join(parts[:end])) is None:
                continue
            thing: object = import_module(".".join(parts[:end]))
            try:
                for attribute in parts[end:]:
                    thing = getattr(thing, attribute)
            except AttributeError:
                return False
            return True
    return False


def is_path(span: str) -> bool:
    first = span.split("/")[0]
    return bool(re.fullmatch(r"[\w.-]+(?:/[\w.*-]*)+", span)) and (first in names().folders or span.endswith(".py"))


def path_exists(span: str) -> bool:
    wanted = span.rstrip("/")
    if "*" in wanted or re.search(r"\b[A-Z]{3,}\b", wanted):  # homes/*.yaml, NAME.py: a pattern or a place to fill in
        wanted = wanted.rsplit("/", 1)[0]
    return any(path == wanted or path.endswith("/" + wanted) for path in names().paths)


def fault(span: str) -> str:
    """What is wrong with a span that looks like a name of the code; empty if nothing is, or if it is none."""
    known = names()
    if span.startswith("pavane."):
        return "" if resolve_dotted(span.split("(")[0].rstrip("*").rstrip(".")) else "no such module or name"
    if span.startswith(("pavane ", "make ")):
        return command_fault(span)
    if re.fullmatch(r"--[a-z][\w-]*( \S+)?", span):
        return "" if span.split()[0] in all_flags() else "no command has this flag"
    if is_path(span):
        return "" if path_exists(span) else "no such file or folder"
    if (match := re.fullmatch(r"([A-Z][a-z]\w*)(?:\.(\w+))?(?:\(.*\))?", span)) and any(c.islower() for c in match[1]):
        name, member = match.groups()
        if name in OUTSIDE or hasattr(builtins, name):
            return ""
        if name not in known.classes and name not in known.words:
            return "no such class"
        return "" if member is None or member in known.classes.get(name, known.words) else "no such member"
    if match := re.fullmatch(r"([a-z_]\w*)\.([\w.]+)(?:\(.*\))?", span):
        first, rest = match.groups()
        last = rest.split(".")[-1]
        if first in known.modules and last in known.modules[first]:
            return ""
        if last in SUFFIXES or (first not in known.modules and find_spec(first) is not None):
            return ""  # a file's name, or another package's
        return "" if first not in known.words or last in known.words else "no such key or attribute"
    if re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", span):
        return "" if span in OUTSIDE or known.says(span) else "no such name"
    return ""


@cache
def help_of(words: tuple[str, ...]) -> str:
    """The help of a command; empty if there is no such command."""
    said = io.StringIO()
    with redirect_stdout(said):
        try:
            main([*words, "--help"])
        except SystemExit:
            return said.getvalue()
    return ""


def listed(words: tuple[str, ...]) -> list[str]:
    """The commands below a command, from its usage; none if it has none."""
    usage = re.match(rf"usage: {' '.join(('pavane', *words))} \[-h\] \{{([\w,]+)\}}", help_of(words))
    return usage[1].split(",") if usage else []


@cache
def commands() -> tuple[tuple[str, ...], ...]:
    """All commands."""
    found: list[tuple[str, ...]] = []
    for name in listed(()):
        found += [(name,), *((name, below) for below in listed((name,)))]
    return tuple(found)


@cache
def all_flags() -> frozenset[str]:
    own = {flag for words in commands() for flag in re.findall(r"--[a-z][\w-]*", help_of(words))}
    return frozenset(own | PIP | {"--help", "--check"})


def command_fault(line: str) -> str:
    """What is wrong with a command line."""
    words = shlex.split(line.replace("…", ""), comments=True)
    if words[0] == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        wrong = [w for w in words[1:] if "=" not in w and w not in targets]
        return f"no target {wrong[0]}" if wrong else ""
    if any(word in {"|", ">", "&&"} for word in words):
        words = words[: next(i for i, word in enumerate(words) if word in {"|", ">", "&&"})]
    group: tuple[str, ...] = ()
    for word in words[1:]:
        if word.startswith("-") or re.fullmatch("[A-Z]+", word) or not listed(group):
            break
        if word not in listed(group):
            return f"no command {word}"
        group += (word,)
    said = help_of(group)
    known = set(re.findall(r"--[a-z][\w-]*", said)) | {"--help"}
    wrong = [w for w in words if w.startswith("--") and w.split("=")[0] not in known]
    return f"no flag {wrong[0]}" if wrong else ""


def test_the_commands_are_found() -> None:
    assert {("demo",), ("run",), ("why",), ("bench", "homes"), ("profile", "check")} <= set(commands())


@pytest.mark.parametrize("page", PAGES)
def test_names_in_backticks_exist(page: str) -> None:
    wrong = {span: said for span in spans(page) if (said := fault(span))}
    assert not wrong


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_blocks_exist(page: str) -> None:
    lines = [line.strip() for block in blocks(page, "sh", "bash", "") for line in block.splitlines()]
    wrong = {line: said for line in lines if re.match(r"(pavane|make) [\w-]", line) and (said := command_fault(line))}
    assert not wrong


@pytest.mark.parametrize(
    "span",
    [
        "pavane.planning.nothing", "planning/local_planer/", "NoSuchClass", "Navigator.no_such", "core/nothing.py",
        "navigator.no_such_word_at_all", "pavane bench nothing", "pavane run --nothing", "--no-such-flag",
        "make nothing", "no_such_name",
    ],
)  # fmt: skip
def test_a_wrong_name_is_found(span: str) -> None:
    assert fault(span)


@pytest.mark.parametrize(
    "span",
    [
        "pavane.core.messages", "planning/local_planner/", "Navigator", "Navigator.step", "fast_forward",
        "core/robot.py", "latency.scan", "pavane bench homes --quick", "pavane run --map house", "--json FILE",
        "make docs", "σ", "x, y", "drive.mcap", "m/s", 'GoTo("kitchen")', "inside_90",
    ],
)  # fmt: skip
def test_a_right_name_is_left_alone(span: str) -> None:
    assert not fault(span)
