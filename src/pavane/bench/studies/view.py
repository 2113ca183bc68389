"""The study of the live page: how many pictures a second a browser draws of it, and what serving it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pavane.bench.runner.report import Figure, figure
from pavane.bench.runner.study import Findings, Terminal
from pavane.core.options import at_least
from pavane.viewer.browser import require_viser

if TYPE_CHECKING:
    from pavane.viewer.measure import PageMeasurement

QUICK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class ViewStudy:
    """Measure the live page: pictures a second in the system's Chromium, without a window, and what serving it costs.

    Example: pavane bench view --json view.json

    Args:
        json: file for the figures (docs/guides/studies.md).
        quick: counts for at most five seconds, less than a minute.
        seconds: how long to count pictures, and then what serving costs.
    """

    json: str | None = None
    quick: bool = False
    seconds: int = 20

    def run(self, terminal: Terminal) -> Findings:
        """See :class:`pavane.bench.runner.study.Study`."""
        at_least("seconds", self.seconds, 1)
        require_viser()
        from pavane.viewer.measure import measure  # needs viser, which the help of this study does not

        seconds = min(self.seconds, QUICK_SECONDS) if self.quick else self.seconds
        with terminal.progress("getting ready", None) as bar:
            measured = measure(seconds, lambda text: bar.show(0, text))
        return Findings("The live page", report(measured))


def report(page: PageMeasurement) -> dict[str, Figure]:
    """Return the summary."""
    return {
        "frames_per_second": figure(page.frames, 1),
        "server_cpu_share": figure(page.server_cpu),
        "updates_per_second": figure(page.pictures, 1),
        "messages_per_second": figure(page.messages, 1),
        "drive_cpu_share": figure(page.drive_cpu),
        "candidates": page.candidates,
        "window": f"{page.width} x {page.height}, {'with' if page.shadows else 'without'} shadows",
        "renderer": page.renderer[:60],
    }
