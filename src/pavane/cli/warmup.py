"""``pavane warmup``: compile before the first drive."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pavane.cli.show import progress, say


@dataclass(frozen=True, slots=True)
class Warmup:
    """Compile all that a drive needs and keep it, so that the next start takes seconds: once after each installation.

    Example: pavane warmup
    """

    def __call__(self) -> bool:
        """Do it."""
        began = time.perf_counter()
        with progress("compiling, about a minute", None):
            from pavane.explain import explain
            from pavane.viewer.session import Session
            from pavane.viewer.settings import Settings

            session = Session(Settings())
            session.warm_up()
            session.advance(1.0)
            session.frame()
            explain(session.navigator)
        say(f"ready after {time.perf_counter() - began:.0f} s")
        return True
