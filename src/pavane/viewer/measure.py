"""measure: how many pictures a second a browser draws of the page, and what serving it costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose
from pavane.viewer.browser import FLAGS, find_browser
from pavane.viewer.frame import Fan, Frame
from pavane.viewer.page import Page
from pavane.viewer.session import Session
from pavane.viewer.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

SIZE = {"width": 1280, "height": 800}  # pixels of the window
SMALL = {"width": 480, "height": 360}  # where there is no graphics card
TINY = {"width": 160, "height": 120}  # while the server's cost is counted: drawing takes nothing from it then
CANDIDATES = 600  # in each fan
SETTLE = 6.0  # s before measuring
STARTS = 300.0  # s that compiling and loading may take
SOFTWARE = ("swiftshader", "llvmpipe", "software")  # words in the names of what draws without a card

# Counts the animation frames in which something was drawn, and the messages that the page's worker took from the
# server and handed on; a message holds all that changed in a sixtieth of a second.
COUNT = """
(() => {
  window.counted = {frames: 0, messages: 0};
  let drawn = false;
  for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'drawArraysInstanced']) {
    const draw = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...all) { drawn = true; return draw.apply(this, all); };
  }
  const tick = () => { if (drawn) { window.counted.frames++; drawn = false; } requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...all) { super(...all); this.addEventListener('message', () => window.counted.messages++); }
  };
})();
"""
RENDERER = """
() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl && gl.getExtension('WEBGL_debug_renderer_info');
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'unknown';
}
"""


@dataclass(frozen=True, slots=True)
class PageMeasurement:
    """What was measured.

    Args:
        renderer: what drew, as the browser names it.
        software: whether that was the processor, for want of a graphics card.
        width: of the window, pixels.
        height: likewise.
        shadows: whether there were any; not where the processor draws.
        candidates: curves of the last fan; they are never thinned.
        frames: pictures a second that the browser drew.
        messages: messages a second that reached the page.
        pictures: pictures a second that the server sent.
        server_cpu: share of a core for drawing and sending, without the simulation and the navigator.
        drive_cpu: share for these two.
    """

    renderer: str
    software: bool
    width: int
    height: int
    shadows: bool
    candidates: int
    frames: float
    messages: float
    pictures: float
    server_cpu: float
    drive_cpu: float


def measure(seconds: float, tell: Callable[[str], None]) -> PageMeasurement:
    """Open the page in the system's Chromium, without a window, and count.

    Args:
        seconds: for how long pictures, and then the cost, are counted.
        tell: told what is going on.

    Raises:
        BadSetting: there is no Chromium, or no playwright to drive it.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        remedy = "Install it: pip install playwright."
        raise BadSetting("measuring needs playwright, which is not installed", remedy=remedy) from None
    path = find_browser()
    if path is None:
        raise BadSetting("measuring needs a browser", value="no chromium", remedy="Install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            tab = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
            renderer = str(tab.evaluate(RENDERER))
            software = any(word in renderer.lower() for word in SOFTWARE)
            size = SMALL if software else SIZE
            tab.set_viewport_size(size)  # type: ignore[arg-type]
            tab.add_init_script(COUNT)
            with _served(_Full(Settings(), shadows=not software)) as page:
                candidates, rates = _watch(page, tab, seconds, tell)
        finally:
            browser.close()
    return PageMeasurement(renderer, software, size["width"], size["height"], not software, candidates, *rates)


@contextmanager
def _served(page: Page) -> Iterator[Page]:
    """Serve a page from a thread of its own."""
    thread = threading.Thread(target=page.run)
    thread.start()
    try:
        yield page
    finally:
        page.end()
        thread.join()
        page.close()


def _watch(page: Page, tab: Tab, seconds: float, tell: Callable[[str], None]) -> tuple[int, tuple[float, ...]]:
    """Open the page, and count what is drawn and what that costs.

    Returns:
        Curves of the last fan; and for each second pictures drawn, messages, pictures sent, and shares of a core, as
        :class:`PageMeasurement` has them.
    """
    tell("getting ready")
    tab.goto(page.url)
    tab.wait_for_selector("#status", timeout=1000 * STARTS)
    tab.wait_for_timeout(1000 * SETTLE)
    tell(f"counting pictures for {seconds:.0f} s")
    frames, shown = _count(tab, "frames", seconds)
    tab.set_viewport_size(TINY)  # type: ignore[arg-type]
    tab.wait_for_timeout(1000 * SETTLE)
    tell(f"counting what serving costs for {seconds:.0f} s")
    before = _counts(page)
    messages, served = _count(tab, "messages", seconds)
    costs = ((late - early) / served for early, late in zip(before, _counts(page), strict=True))
    fan = page.drives[0].frame.fan
    return 0 if fan is None else len(fan.curves), (frames / shown, messages / served, *costs)


def _count(tab: Tab, what: str, seconds: float) -> tuple[float, float]:
    """How many the page counts in that time, and how much time it was, s."""
    before, began = tab.evaluate("what => window.counted[what]", what), time.perf_counter()
    tab.wait_for_timeout(1000 * seconds)
    return tab.evaluate("what => window.counted[what]", what) - before, time.perf_counter() - began


class _Full(Page):
    """The page with ``CANDIDATES`` in each fan, however many the planner weighs."""

    _filled: Fan | None = None

    def see(self, session: Session) -> Frame:
        """The session's frame, its fan filled up with its own curves, each time turned a little more."""
        frame = session.frame()
        if frame.fan is None:
            return frame
        if self._filled is None or self._filled.number != frame.fan.number:
            self._filled = fill(frame.fan, CANDIDATES)
        return replace(frame, fan=self._filled)


def fill(fan: Fan, count: int) -> Fan:
    """A fan with at least ``count`` curves; the first are its own."""
    effect = Pose(*fan.effect.tolist())
    rounds = -(-count // len(fan.curves))
    curves = []
    for k in range(rounds):
        turned = effect @ Pose(0.0, 0.0, 0.02 * k) @ effect.inverse()
        curves.append(turned.transform(fan.curves.reshape(-1, 2).astype(np.float64)).reshape(fan.curves.shape))
    costs = np.tile(fan.costs, rounds)
    filled = np.concatenate(curves).astype(np.float32)
    most = max(count, len(fan.curves))
    return replace(fan, curves=filled[:most], costs=costs[:most])


def _counts(page: Page) -> tuple[float, float, float]:
    """Pictures sent, processor time of this process without driving and without this thread, and of driving, s."""
    return float(page.pictures), time.process_time() - page.driving - time.thread_time(), page.driving
