"""``pavane view``: the live page."""

from __future__ import annotations

import os
import signal
import sys
import webbrowser
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from pavane.cli.show import say
from pavane.core.errors import BadSetting
from pavane.core.options import at_least, check_people
from pavane.viewer.browser import require_viser
from pavane.viewer.settings import LONGEST, PORT

if TYPE_CHECKING:
    from pavane.viewer.page import Page
    from pavane.viewer.settings import Settings

PATIENCE = 2.0  # s, for the picture that is being drawn when Ctrl-C comes


@dataclass(frozen=True, slots=True)
class ViewCommand:
    """Show a drive live in the browser, on this machine only: send the robot, drag people, switch each idea off.

    The address is printed; Ctrl-C ends it. From another machine: ssh -L 8080:127.0.0.1:8080 HOST.

    Example: pavane view --home flat --people 2

    Args:
        home: house, flat, or the YAML file of a map.
        robot: name or file of a profile.
        people: how many walk around.
        seed: of the errands, the people and all noise.
        latency: from sensing to wheels, ms, 0 to 800.
        port: to serve at; the next free one if it is taken.
        no_shadows: faster where there is no graphics card.
        no_browser: only print the address, do not open a browser.
    """

    home: str = "house"
    robot: str = "astro_like"
    people: int = 3
    seed: int = 0
    latency: int = 500
    port: int = PORT
    no_shadows: bool = False
    no_browser: bool = False

    def __call__(self) -> bool:
        """Do it."""
        at_least("seed", self.seed, 0)
        check_people(self.people)
        if not 0 <= self.latency <= 1000.0 * LONGEST:
            raise BadSetting("--latency is out of range", value=self.latency, limit=f"0 to {1000.0 * LONGEST:.0f} ms")
        require_viser()
        from pavane.viewer.settings import Settings

        settings = Settings(
            home=self.home, robot=self.robot, people=self.people, seed=self.seed, latency=0.001 * self.latency
        )
        serve(settings, port=self.port, shadows=not self.no_shadows, browser=has_display() and not self.no_browser)
        return True


def serve(settings: Settings, *, port: int = PORT, shadows: bool = True, browser: bool = False) -> None:
    """Serve the page until Ctrl-C.

    Raises:
        BadFile, BadMap, BadProfile, BadSetting: settings that cannot be driven with, or a port that cannot be used.
    """
    if not 1 <= port <= 65535:
        raise BadSetting("--port is out of range", value=port, limit="1 to 65535")
    from pavane.core.robot import RobotProfile
    from pavane.maps import load_map

    load_map(settings.home)  # what cannot be driven in is refused before anybody opens the page
    RobotProfile.load(settings.robot)
    ended, result = Event(), Future[None]()
    # Ctrl-C is a word to this thread and never an exception amid code that is being loaded, which may swallow it.
    before = signal.signal(signal.SIGINT, lambda number, frame: ended.set())
    try:
        from pavane.viewer.page import Page

        page = Page(settings, port=port, shadows=shadows)
        driving = Thread(target=_drive, args=(page, result, ended), daemon=True)
        driving.start()
        say(f"open {page.url} (Ctrl-C ends it); the very first start compiles for about a minute")
        if browser:
            open_browser(page.url)
        while not ended.wait(0.2):
            pass
        page.end()
        driving.join(PATIENCE)
        page.close()
    finally:
        signal.signal(signal.SIGINT, before)
    if result.done():
        result.result()  # raises what the page could not go on for
    say("ended")
    if driving.is_alive():  # it compiles, for up to a minute; nothing of it is lost, as files are written whole
        sys.stdout.flush()
        os._exit(0)


def _drive(page: Page, result: Future[None], ended: Event) -> None:
    try:
        page.run()
        result.set_result(None)
    except BaseException as failure:
        result.set_exception(failure)
    finally:
        ended.set()


def has_display() -> bool:
    """Return whether there is a screen to open a browser on."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_browser(url: str) -> None:
    """Open a page in the browser of the desktop, if there is one; a browser in the terminal would take the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
