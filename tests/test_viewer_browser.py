"""The page in a real browser: headless Chromium, with the system's own drawing in software where there is no card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("viser", reason="no viser: tests of the page are skipped (pip install 'pavane[view]')")
sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: tests of the page are skipped")

from pavane.viewer.browser import FLAGS, find_browser  # noqa: E402
from pavane.viewer.cameras import LOOKS  # noqa: E402
from pavane.viewer.page import Page  # noqa: E402
from pavane.viewer.settings import Settings  # noqa: E402

if find_browser() is None:
    pytest.skip("no Chromium on this machine: tests of the page are skipped", allow_module_level=True)

SHOTS = Path(__file__).parent.parent / "out" / "screenshots"  # kept, to be looked at
WIDTH, HEIGHT = 860, 560
RATE = 10.0  # pictures a second: the processor draws them, and must answer clicks besides
PHONE = (390, 844)
PATIENCE = 60.0  # s that anything may take on a busy machine


@dataclass
class Browser:
    """One page in one browser."""

    page: Page
    tab: object
    asked: list[str] = field(default_factory=list)  # addresses

    def shoot(self, name: str) -> np.ndarray:
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        self.tab.screenshot(path=path)
        return np.asarray(Image.open(path).convert("RGB"))

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Where a point of the map is on the screen, pixels."""
        camera = next(iter(self.page.clients())).camera
        w, i, j, k = camera.wxyz
        turn = np.array([
            [1 - 2 * (j * j + k * k), 2 * (i * j - k * w), 2 * (i * k + j * w)],
            [2 * (i * j + k * w), 1 - 2 * (i * i + k * k), 2 * (j * k - i * w)],
            [2 * (i * k - j * w), 2 * (j * k + i * w), 1 - 2 * (i * i + j * j)],
        ])  # fmt: skip
        right, down, ahead = turn.T @ (np.array([x, y, z]) - camera.position)
        scale = 0.5 * HEIGHT / np.tan(0.5 * camera.fov)
        return 0.5 * WIDTH + scale * right / ahead, 0.5 * HEIGHT + scale * down / ahead

    def ask(self, request: Callable[[], None]) -> None:
        """Have the page do something, and wait until it has."""
        done = threading.Event()
        self.page.ask(lambda: (request(), done.set()))
        assert done.wait(PATIENCE)

    def restart(self, **changed: object) -> None:
        settings = {"home": "house", "people": 1, "seed": 0} | changed
        self.ask(lambda: self.page.restart(**settings))
        self.ask(lambda: self.page.set_paused(False))
        self.ask(lambda: self.page.set_speed(4.0))

    @property
    def session(self):  # type: ignore[no-untyped-def]
        return self.page.drives[0].session

    @property
    def frame(self):  # type: ignore[no-untyped-def]
        return self.page.drives[0].frame


def hide_warning(tab: object) -> None:
    """Hide the note that there is no graphics card."""
    tab.add_style_tag(content=".mantine-Notification-root { display: none }")


def wait(what: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    page = Page(Settings(people=1), port=8190, shadows=False, rate=RATE)
    thread = threading.Thread(target=page.run)
    thread.start()
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        tab = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        opened = Browser(page, tab)
        tab.on("request", lambda request: opened.asked.append(request.url))
        tab.goto(page.url)
        tab.wait_for_selector("#status", timeout=1000 * 4 * PATIENCE)
        hide_warning(tab)
        yield opened
        chromium.close()
    page.end()
    thread.join()
    page.close()


def test_the_page_comes_from_this_machine_alone_and_shows_a_home(browser: Browser) -> None:
    assert wait(lambda: browser.frame.fan is not None)
    picture = browser.shoot("home")
    outside = [url for url in browser.asked if not url.startswith((browser.page.url, "data:", "blob:"))]
    assert outside == []
    assert browser.page.url.startswith("http://127.0.0.1:")
    colours = np.unique(picture.reshape(-1, 3) // 16, axis=0)
    assert len(colours) > 60  # an empty canvas has the background's, and the panel's dozen
    magenta = (picture[..., 0] > 140) & (picture[..., 1] < 70) & (picture[..., 2] > 90)
    assert magenta[:, : WIDTH - 340].any()  # the robot, left of the panel


def test_a_click_on_the_floor_sends_the_robot_and_it_arrives(browser: Browser) -> None:
    browser.restart(people=0)
    browser.ask(lambda: browser.page.look(LOOKS[0]))
    goal = (6.45, 4.4)  # in the hall, where nothing stands

    def click() -> bool:  # a window drawn in software may still be on its way to where it looks from
        browser.tab.wait_for_timeout(500)
        browser.tab.mouse.click(*browser.project(*goal, 0.0))
        asked = wait(lambda: "as asked" in browser.frame.doing, 5.0)
        return asked and bool(np.hypot(*(browser.frame.goal[:2] - goal)) < 0.2)

    assert wait(click)
    browser.shoot("going")
    assert wait(lambda: np.hypot(*(browser.frame.robot.pose[:2] - goal)) < 0.3)
    assert wait(lambda: "as asked" in browser.tab.inner_text("#status") or browser.frame.goals > 0)


def test_somebody_who_is_dragged_walks_along_and_the_plan_heeds_them(browser: Browser) -> None:
    browser.restart(people=1)
    browser.ask(lambda: browser.page.set_speed(1.0))
    browser.ask(lambda: browser.session.stop() and None)
    browser.ask(lambda: browser.page.look(LOOKS[0]))
    assert wait(lambda: browser.frame.fan is not None)
    browser.ask(lambda: browser.page.set_paused(True))
    browser.tab.wait_for_timeout(1000)
    start = browser.frame.people.states[0, :2].copy()
    before = browser.frame.fan.survival
    browser.shoot("before-drag")
    robot = browser.frame.robot.pose[:2]

    def grab() -> bool:
        browser.tab.mouse.up()
        browser.tab.mouse.move(*browser.project(*start, 1.0))
        browser.tab.mouse.down()
        browser.tab.mouse.move(*browser.project(*(start + np.array([0.4, 0.4])), 1.0), steps=3)
        return wait(lambda: bool(browser.frame.people.held[0]), 5.0)

    assert wait(grab)
    browser.ask(lambda: browser.page.set_paused(False))
    beside = robot + np.array([0.0, 1.0])
    least = [before]
    browser.tab.mouse.move(*browser.project(*beside, 1.0), steps=8)

    def heeded() -> bool:  # by a plan that may come after they have arrived
        least.append(browser.frame.fan.survival)
        arrived = np.hypot(*(browser.frame.people.states[0, :2] - beside)) < 0.5
        return bool(arrived and min(least) < before - 0.01)

    assert wait(heeded)
    browser.shoot("dragged")
    browser.tab.mouse.up()
    assert wait(lambda: not browser.frame.people.held[0], 10.0)


def test_every_switch_changes_the_drive_and_what_is_said(browser: Browser) -> None:
    browser.restart(people=1)
    browser.ask(lambda: browser.page.set_paused(True))
    tab = browser.tab
    tab.get_by_role("tab", name="What if").click()
    said = tab.locator("#said-0")
    told = {said.inner_text()}

    def flick(change: Callable[[], None], holds: Callable[[], bool]) -> None:
        change()
        assert wait(holds, 10.0)
        assert wait(lambda: said.inner_text() not in told, 10.0)
        told.add(said.inner_text())

    for name in ("fast-forward", "gaze", "reflex"):
        field_ = {"fast-forward": "forwarding"}.get(name, name)
        flick(lambda name=name: tab.get_by_label(name, exact=True).first.click(),
              lambda field_=field_: getattr(browser.session.settings, field_) is False)  # fmt: skip
    slider = tab.get_by_role("slider").first
    late = browser.session.settings.latency
    flick(lambda: slider.press("ArrowRight"), lambda: browser.session.settings.latency == pytest.approx(late + 0.05))
    for before, name in (("survival", "chance constraint 5 %"), ("chance constraint 5 %", "weighted sum")):
        tab.locator(f"input[role=combobox][value='{before}']").first.click()
        flick(lambda name=name: tab.get_by_role("option", name=name).click(),
              lambda: browser.session.settings.objective in ("chance_5", "weighted_sum"))  # fmt: skip
    browser.shoot("what-if")
    tab.get_by_label("side by side").click()
    assert wait(lambda: len(browser.page.drives) == 2)
    one, other = (drive.session for drive in browser.page.drives)
    assert one.settings.seed == other.settings.seed
    assert one.settings != other.settings
    while browser.page.drives[1].frame.fan is None:
        browser.ask(browser.page.step)
    browser.tab.wait_for_timeout(500)
    browser.shoot("side-by-side")
    tab.get_by_label("side by side").click()
    assert wait(lambda: len(browser.page.drives) == 1)


def test_it_pauses_steps_and_goes_on(browser: Browser) -> None:
    browser.restart(people=0)
    tab = browser.tab
    tab.get_by_role("tab", name="Drive").click()
    tab.get_by_role("button", name="pause", exact=True).click()
    browser.ask(lambda: None)
    browser.ask(lambda: None)
    stood = browser.session.time
    tab.get_by_role("button", name="step", exact=True).click()
    assert wait(lambda: browser.session.time > stood)
    time.sleep(0.3)
    assert browser.session.time == pytest.approx(stood + 0.1)
    tab.get_by_role("button", name="go", exact=True).click()
    assert wait(lambda: browser.session.time > stood + 0.5)


def test_it_fits_on_a_phone(browser: Browser) -> None:
    wide = browser.tab
    browser.ask(lambda: browser.page.look(LOOKS[0]))
    wide.goto("about:blank")  # one window drawn in software is enough
    context = wide.context.browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, is_mobile=True, has_touch=True
    )
    browser.tab = context.new_page()
    browser.tab.goto(browser.page.url)
    browser.tab.wait_for_selector("#status", timeout=1000 * PATIENCE)
    browser.tab.wait_for_timeout(1500)
    hide_warning(browser.tab)
    picture = browser.shoot("phone")
    assert browser.tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    home = np.abs(picture[:500].astype(int) - (244, 241, 234)).max(axis=2) > 30
    assert home.any(axis=0).mean() > 0.7  # as wide as the screen
    context.close()
    browser.tab = wide
