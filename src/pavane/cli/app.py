"""main: from arguments to a command, and from an error to one line."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, suppress
from functools import reduce
from operator import or_
from typing import Annotated, Any, Protocol, cast

import tyro
from tyro.conf import FlagCreatePairsOff, OmitArgPrefixes, OmitSubcommandPrefixes, subcommand

from pavane.cli.bench import STUDIES, bench_command
from pavane.cli.demo import DemoCommand
from pavane.cli.figures import FiguresCommand
from pavane.cli.profile import ProfileCommand
from pavane.cli.replay import ReplayCommand
from pavane.cli.run import RunCommand
from pavane.cli.scenarios import ScenariosCommand
from pavane.cli.view import ViewCommand
from pavane.cli.warmup import WarmupCommand
from pavane.cli.why import WhyCommand
from pavane.core.errors import BadSetting, PavaneError

HELP_INDENT = 6  # spaces; what is further in explains an option
PROFILE_WORDS = ("check", "list")  # subcommands of profile
DONE, NOT_REACHED, BAD_INPUT, INTERRUPTED, UNREAD = 0, 1, 2, 130, 141  # the last two as shells name SIGINT, SIGPIPE

ABOUT = """Graceful, predictive motion planning for home robots.

Example: pavane demo --headless

Exit code 0: done; 1: a goal was not reached; 2: bad input, or nowhere to write; 130: interrupted; 141: nobody reads the
output any more. Positions are metres and radians in the map frame."""


class CommandLine(Protocol):
    """What the command line can do."""

    def __call__(self) -> bool:
        """Do it; False when a goal was not reached."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    try:
        try:
            command = parse(sys.argv[1:] if arguments is None else arguments)
            with warnings.catch_warnings():
                warnings.showwarning = lambda message, *_, **__: _complain(f"warning: {message}")
                return DONE if command() else NOT_REACHED
        finally:
            if sys.stdout is not None:  # None where it was closed
                sys.stdout.flush()  # while an error can still be told
    except PavaneError as error:
        _complain(f"error: {error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # as in ``pavane scenarios | head``
        _drop_output()
        return UNREAD
    except OSError as error:
        _drop_output()
        where = f" {error.filename}" if error.filename else " the output"
        _complain(f"error: cannot read or write{where}: {error.strerror or error}.")
        return BAD_INPUT


def _complain(text: str) -> None:
    with suppress(OSError):  # stderr may be full or closed too
        print(text, file=sys.stderr)


def _drop_output() -> None:
    """Let what is left of stdout go nowhere, or the interpreter would fail on it once more as it ends."""
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def commands(arguments: Sequence[str]) -> dict[str, Any]:
    """Return every command's type by its name; that of ``bench`` depends on the arguments."""
    return {
        "demo": DemoCommand,
        "view": ViewCommand,
        "run": RunCommand,
        "scenarios": ScenariosCommand,
        "replay": ReplayCommand,
        "why": WhyCommand,
        "bench": bench_command(arguments),
        "figures": FiguresCommand,
        "profile": ProfileCommand,
        "warmup": WarmupCommand,
    }


def parse(arguments: Sequence[str]) -> CommandLine:
    """Return the command that arguments ask for; ``--help`` ends the process.

    Raises:
        BadSetting: they are not understood.
    """
    said = io.StringIO()
    types = commands(arguments)
    every = reduce(or_, (Annotated[each, subcommand(name)] for name, each in types.items()))
    try:
        with redirect_stderr(said):
            command = tyro.cli(
                cast("type[CommandLine]", every), prog="pavane", description=ABOUT, args=arguments,
                config=(OmitArgPrefixes, OmitSubcommandPrefixes, FlagCreatePairsOff),
            )  # fmt: skip
    except SystemExit as end:
        if end.code in (0, None):
            raise
        words = [word for word in arguments[:2] if word in {*types, *STUDIES, *PROFILE_WORDS}]
        remedy = f"See {' '.join(['pavane', *words, '--help'])}."
        raise BadSetting(_one_line(said.getvalue()), remedy=remedy) from None
    return command


def _one_line(box: str) -> str:
    """Return the first paragraph inside a box of text, without the options' explanations."""
    said = []
    for line in box.splitlines():
        inside = line.strip("│╭╮╰╯")
        text = inside.strip()
        if line.startswith(("╭", "╰")) or not text or len(inside) - len(inside.lstrip()) > HELP_INDENT:
            continue
        if set(text) == {"─"}:
            break
        said.append(text)
    return " ".join(said).rstrip(".") or "the arguments are not understood"
