"""Page: one page in the browser, on this machine only: one drive or two, driven and drawn in real time."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import replace
from queue import Empty, SimpleQueue

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.errors import PavaneError
from pavane.explain import explain
from pavane.viewer.cameras import LOOKS, Cameras, Sight
from pavane.viewer.frame import Frame
from pavane.viewer.home_view import HomeView
from pavane.viewer.pace import Pace
from pavane.viewer.panel import Panel
from pavane.viewer.picking import Picked, pick
from pavane.viewer.scenery import dress
from pavane.viewer.session import Session
from pavane.viewer.settings import PORT, Settings
from pavane.viewer.shown_drive import Poke, ShownDrive, dragging

HOST = "127.0.0.1"
RATE = 25.0  # pictures a second
LIMBS, SLOW, WORDS, CURVES = 2, 3, 6, 10  # every how many pictures: arms and legs, movables, words, the timeline
SAID = 8.0  # s that an answer is shown


class Page:
    """The page and its drives: it is served at once, the home as soon as ``run`` has read it.

    Args:
        settings: of the drive.
        port: to serve at; the next free one if it is taken.
        shadows: whether things cast shadows: beautiful, but slow without a graphics card.
        rate: pictures a second.

    Attributes:
        url: address of the page.
        panel: its controls.
        drives: one, or two side by side; none before ``open``.
        pictures: how many were sent.
        driving: processor time of the simulation and the navigator, s.
    """

    def __init__(self, settings: Settings, *, port: int = PORT, shadows: bool = True, rate: float = RATE) -> None:
        with redirect_stdout(io.StringIO()):  # it greets with a box of its own
            self._server = viser.ViserServer(host=HOST, port=port, verbose=False)
        self.url = f"http://{HOST}:{self._server.get_port()}"
        self.driving = 0.0
        self._rate = rate
        self._requests: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._settings, self._other = settings, replace(settings, forwarding=not settings.forwarding)
        self._pace, self._cameras = Pace(), Cameras(self._server)
        self._answer = ("", -math.inf)  # the newest, and when it was given
        self._hidden: set[str] = set()  # layers
        self._ended = False
        self.pictures = 0
        dress(self._server, shadows)
        self.panel = Panel(self._server.gui, settings, self._other, self, self._requests.put)
        self.drives: list[ShownDrive] = []
        self._server.scene.on_click()(self._clicked)
        self._server.on_client_connect(self._greet)

    # -- the loop -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Drive and draw until ``end``.

        Raises:
            BadFile, BadMap, BadProfile, BadSetting: settings that cannot be driven with.
        """
        self.open()
        self.drives[0].session.warm_up()
        last = time.perf_counter()
        while not self._ended:
            began = time.perf_counter()
            self._turn(began - last)
            last = began
            time.sleep(max(0.0, 1.0 / self._rate - (time.perf_counter() - began)))

    def open(self) -> None:
        """Read the home and show it, still; ``run`` does it if nobody has.

        Raises:
            BadFile, BadMap, BadProfile, BadSetting: settings that cannot be driven with.
        """
        if not self.drives:
            self.drives = [self._open(Session(self._settings), (0.0, 0.0), "/first")]
            self.look(LOOKS[0])

    def end(self) -> None:
        """End ``run``; from any thread."""
        self._ended = True

    def close(self) -> None:
        """Take the page away."""
        with redirect_stdout(io.StringIO()):
            self._server.stop()

    def clients(self) -> list[viser.ClientHandle]:
        """Return the browsers that show the page."""
        return list(self._server.get_clients().values())

    def ask(self, request: Callable[[], None]) -> None:
        """Call something between two pictures, by the thread that drives."""
        self._requests.put(request)

    def see(self, session: Session) -> Frame:
        """Return what is to be drawn of a session."""
        return session.frame()

    def _turn(self, elapsed: float) -> None:
        while True:
            try:
                self._requests.get_nowait()()
            except Empty:
                break
        if not self.clients():
            return  # nobody watches: the world waits
        began = time.thread_time()
        seconds = self._pace.seconds(elapsed)
        for drive in self.drives:
            drive.session.advance(seconds)
            drive.frame = self.see(drive.session)
        self.driving += time.thread_time() - began
        self._draw()

    def _draw(self) -> None:
        n = self.pictures
        self.pictures += 1
        with self._server.atomic():
            for drive in self.drives:
                drive.view.show(drive.frame, limbs=n % LIMBS == 0, slow=n % SLOW == 0)
        frames = [drive.frame for drive in self.drives]
        if n % WORDS == 0:
            answer, given = self._answer
            fresh = time.monotonic() - given < SAID
            self.panel.show(frames, pace=self._pace.factor, answer=answer if fresh else "")
        if n % CURVES == 0:
            self.panel.draw(frames)
        if self._cameras.follows and n % 2 == 0:
            self._cameras.follow(self._sight())

    # -- what the controls ask for ------------------------------------------------------------------------------------

    def set_paused(self, paused: bool) -> None:
        """Let the world stand, or go on."""
        self._pace.paused = paused

    def step(self) -> None:
        """Let it go on by a tenth of a second and stand again."""
        self._pace.step()

    def set_speed(self, factor: float) -> None:
        """Let the world go on so much faster than real time."""
        self._pace.speed = factor

    def stop(self) -> None:
        """Let the robot stop."""
        self._say([drive.session.stop() for drive in self.drives])

    def go_on(self) -> None:
        """Let the robot go on with its errands."""
        self._say([drive.session.go_on() for drive in self.drives])

    def explain(self) -> None:
        """Say why the robot does what it does."""
        self._say([explain(self.drives[0].session.navigator).text()])

    def change(self, number: int, settings: Settings) -> None:
        """Give one of the two drives other settings."""
        if number == 1:
            self._other = settings
        if number < len(self.drives):
            now = self.drives[number].session.settings
            switched = replace(
                now, latency=settings.latency, forwarding=settings.forwarding, objective=settings.objective,
                gaze=settings.gaze, reflex=settings.reflex,
            )  # fmt: skip
            self._say([self.drives[number].session.change(switched)])

    def restart(self, home: str, people: int, seed: int) -> None:
        """Begin again, perhaps elsewhere."""
        both = len(self.drives) > 1
        switched = [
            replace(s, home=home, people=people, seed=seed) for s in (self.drives[0].session.settings, self._other)
        ]
        self._other = switched[1]
        moved = home != self.drives[0].session.settings.home
        self._begin(switched[: 2 if both else 1])
        if moved:
            self.look(LOOKS[0])

    def compare(self, shown: bool) -> None:
        """Show a second drive beside the first, or no longer; both begin again with the same seed."""
        first = self.drives[0].session.settings
        self._other = replace(self._other, home=first.home, people=first.people, seed=first.seed, robot=first.robot)
        self._begin([first, self._other] if shown else [first])
        self.look(LOOKS[0])

    def choose(self, layer: str, shown: bool) -> None:
        """Show a layer, or hide it."""
        (self._hidden.discard if shown else self._hidden.add)(layer)
        for drive in self.drives:
            drive.view.overlays.choose(layer, shown)

    def look(self, how: str) -> None:
        """Look from elsewhere, one of ``LOOKS``."""
        self._cameras.look(how, self._sight())

    def _greet(self, client: viser.ClientHandle) -> None:
        """Let a new browser look from where all do."""
        self._requests.put(lambda: self._cameras.aim(client, self._sight()))

    # -- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, settings: list[Settings]) -> None:
        try:
            sessions = [Session(s) for s in settings]
        except PavaneError as error:
            self._say([str(error)])
            return
        for drive in self.drives:
            drive.view.remove()
        if len(sessions) == 1:
            self.drives = [self._open(sessions[0], (0.0, 0.0), "/first")]
            return
        aside = self._cameras.aside(*sessions[0].home.grid.size)
        self.drives = [
            self._open(sessions[0], (0.0, 0.0), "/first", "A"), self._open(sessions[1], aside, "/second", "B"),
        ]  # fmt: skip

    def _open(self, session: Session, offset: tuple[float, float], root: str, name: str = "") -> ShownDrive:
        """Draw a session for the first time.

        Args:
            session: to draw.
            offset: x, y where its map's origin is put, m.
            root: name of its node.
            name: written before the home; empty for a drive that stands alone.
        """
        view = HomeView(self._server.scene, root, session.home, session.robot, offset, name)
        drive = ShownDrive(session, view, session.frame())
        for layer in self._hidden:
            view.overlays.choose(layer, False)
        with self._server.atomic():
            view.show(drive.frame, limbs=True, slow=True)
        for person, figure in enumerate(drive.view.people):
            figure.body.on_drag(dragging(drive, person, self._reach_in))
        return drive

    def _sight(self) -> Sight:
        """Return all that is drawn, and the robot of the first drive."""
        first, last = self.drives[0], self.drives[-1]
        grid = first.session.home.grid
        low, aside = np.array([grid.origin.x, grid.origin.y]), np.array(last.view.offset)
        robot = first.frame.robot.pose[:2] + first.view.offset
        return Sight(low + np.minimum(aside, 0.0), low + grid.size + np.maximum(aside, 0.0), robot)

    def _say(self, answers: Iterable[str]) -> None:
        texts = [text for text in answers if text]
        self._answer = (texts[0] if texts else ""), time.monotonic()

    def _clicked(self, event: viser.SceneClickEvent) -> None:
        origin, direction = np.array(event.ray_origin), np.array(event.ray_direction)
        self._requests.put(lambda: self._click(origin, direction))

    def _click(self, origin: Floats, direction: Floats) -> None:
        """Do in both homes what a click in either of them asks for."""
        for drive in self.drives:
            met = pick(origin - (*drive.view.offset, 0.0), direction, drive.frame)
            if met is not None and drive.session.home.grid.inside(np.array([[met.x, met.y]]))[0]:
                wanted = met.kind == "door" and not drive.frame.movables.doors[met.index].wanted
                self._say([self._poke(other.session, met, wanted) for other in self.drives])
                return

    def _poke(self, session: Session, met: Picked, wanted: bool) -> str:
        if met.kind == "person":
            return session.follow(met.index)
        if met.kind == "door":
            return session.set_door(met.index, wanted)
        puts = {"toy": session.drop_toy, "box": session.drop_box}
        return puts.get(self.panel.click, session.send_to)(met.x, met.y)

    def _reach_in(self, poke: Poke) -> None:
        """Do something in all drives, between two pictures."""
        self._requests.put(lambda: self._say([poke(drive.session) for drive in self.drives]))
