"""Page: one page in the browser, on this machine only: one drive or two, driven and drawn in real time."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

import numpy as np
import viser

from pavane.core.arrays import Floats
from pavane.core.errors import PavaneError
from pavane.explain import explain
from pavane.viewer import colours
from pavane.viewer.frame import Frame
from pavane.viewer.panel import LOOKS, Panel
from pavane.viewer.picking import Picked, meet_height, pick
from pavane.viewer.session import Session
from pavane.viewer.settings import PORT, Settings
from pavane.viewer.stage import HomeView

HOST = "127.0.0.1"
RATE = 25.0  # pictures a second
LIMBS, SLOW, WORDS, CURVES = 2, 3, 6, 10  # every how many pictures: arms and legs, things, words, the timeline
LONGEST = 0.1  # s of real time that one picture may make up for; a slower machine slows the world down
STEP = 0.1  # s: one step while it stands
BESIDE = 1.5  # m between two homes
SAID = 8.0  # s that an answer is shown
PANEL, SHEET = 345, 0.45  # pixels that the panel covers on a wide screen, share that it covers on a tall one
STEEP = math.radians(60.0)  # how it looks down on the whole home
FIELD = math.radians(40.0)  # of the camera that looks on


Dragged = Callable[[viser.SceneNodeDragEvent[viser.MeshHandle]], Coroutine[None, None, None]]


@dataclass(slots=True, eq=False)
class _Drive:
    """A session and where it is drawn."""

    session: Session
    stage: HomeView
    frame: Frame


class Page:
    """The page and its drives: it is there at once, the home as soon as ``run`` has read it.

    Args:
        settings: of the drive.
        port: to serve at; the next free one if it is taken.
        shadows: whether things cast shadows: beautiful, but slow without a graphics card.
        rate: pictures a second.

    Attributes:
        url: address of the page.
        pictures: how many were sent.
        driving: s of processor time for the simulation and the navigator.
    """

    def __init__(self, settings: Settings, *, port: int = PORT, shadows: bool = True, rate: float = RATE) -> None:
        with redirect_stdout(io.StringIO()):  # it greets with a box of its own
            self._server = viser.ViserServer(host=HOST, port=port, verbose=False)
        self.url = f"http://{HOST}:{self._server.get_port()}"
        self.driving = 0.0
        self._rate = rate
        self._requests: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._settings, self._other = settings, replace(settings, forwarding=not settings.forwarding)
        self._paused, self._speed, self._due = False, 1.0, 0.0
        self._answer, self._answered = "", -math.inf
        self._how = LOOKS[0]
        self._hidden: set[str] = set()  # layers
        self._ended = False
        self.pictures = 0
        self._dress(shadows)
        self.panel = Panel(self._server.gui, settings, self._other, self, self._requests.put)
        self.drives: list[_Drive] = []
        self._server.scene.on_click()(self._clicked)
        self._server.on_client_connect(lambda client: self._requests.put(lambda: self._aim(client)))

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
        """Read the home and show it, still; ``run`` does it if nobody has. Raises what ``run`` raises."""
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
        """Who looks on."""
        return list(self._server.get_clients().values())

    def ask(self, request: Callable[[], None]) -> None:
        """Call something between two pictures, by the thread that drives."""
        self._requests.put(request)

    def see(self, session: Session) -> Frame:
        """What is to be drawn of a session."""
        return session.frame()

    def _turn(self, elapsed: float) -> None:
        while True:
            try:
                self._requests.get_nowait()()
            except Empty:
                break
        if not self._server.get_clients():
            return  # nobody watches: the world waits
        began = time.thread_time()
        seconds = self._due if self._paused else self._speed * min(elapsed, LONGEST)
        self._due = 0.0
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
                drive.stage.show(drive.frame, limbs=n % LIMBS == 0, slow=n % SLOW == 0)
        frames = [drive.frame for drive in self.drives]
        if n % WORDS == 0:
            fresh = time.monotonic() - self._answered < SAID
            self.panel.show(frames, pace=0.0 if self._paused else self._speed, answer=self._answer if fresh else "")
        if n % CURVES == 0:
            self.panel.draw(frames)
        if self._how == LOOKS[2] and n % 2 == 0:
            self._follow()

    # -- what the controls ask for ------------------------------------------------------------------------------------

    def set_paused(self, paused: bool) -> None:
        """Let the world stand, or go on."""
        self._paused = paused

    def step(self) -> None:
        """Let it go on by a tenth of a second and stand again."""
        self._paused, self._due = True, STEP

    def set_speed(self, factor: float) -> None:
        """How much faster than real time."""
        self._speed = factor

    def stop(self) -> None:
        """Let the robot stop."""
        self._say([drive.session.stop() for drive in self.drives])

    def go_on(self) -> None:
        """Let it go on with its errands."""
        self._say([drive.session.go_on() for drive in self.drives])

    def explain(self) -> None:
        """Say why the robot does what it does."""
        self._say([explain(self.drives[0].session.navigator).text()])

    def change(self, number: int, settings: Settings) -> None:
        """Other settings for one of the two drives."""
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
            drive.stage.overlays.choose(layer, shown)

    def look(self, how: str) -> None:
        """Where to look from, one of ``LOOKS``."""
        self._how = how
        start = self._server.initial_camera
        position, at = self._view(1280, 800)
        start.position, start.look_at, start.fov = tuple(position), tuple(at), FIELD
        for client in self._server.get_clients().values():
            self._aim(client)

    def _aim(self, client: viser.ClientHandle) -> None:
        with client.atomic():
            client.camera.fov = FIELD
            client.camera.position, client.camera.look_at = self._view(
                client.camera.image_width, client.camera.image_height
            )

    def _view(self, width: int, height: int) -> tuple[Floats, Floats]:
        """Where the camera stands and what it looks at, for a picture of so many pixels."""
        aspect = width / max(height, 1)
        tall_screen = aspect < 1.0
        free = 1.0 if tall_screen else max(width - PANEL, 0.4 * width) / width  # share of the width beside the panel
        if self._how == LOOKS[2]:
            pose, offset = self.drives[0].frame.pose, self.drives[0].stage.offset
            at = np.array([pose[0] + offset[0], pose[1] + offset[1], 0.3])
            return at + np.array([-1.0, -4.4, 5.0]) * max(1.0, 1.1 / aspect), at
        low, high = self._extent()
        wide, deep = (high - low).tolist()
        steep = math.radians(89.0) if self._how == LOOKS[1] else STEEP
        spread = 2.0 * math.tan(0.5 * FIELD)
        tall = deep * math.sin(steep) + 1.0
        above = 1.0 - SHEET if tall_screen else 1.0
        far = 1.1 * max(wide / (spread * aspect * free), tall / (spread * above)) + 0.5 * deep * math.cos(steep)
        middle = 0.5 * (low + high)
        aside, up = 0.5 * (1.0 - free) * spread * aspect * far, 0.5 * (1.0 - above) * spread * far / math.sin(steep)
        at = np.array([middle[0] + aside, middle[1] - up - 0.02 * deep, 0.0])
        return at + np.array([0.0, -far * math.cos(steep), far * math.sin(steep)]), at

    # -- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, settings: list[Settings]) -> None:
        try:
            sessions = [Session(s) for s in settings]
        except PavaneError as error:
            self._say([str(error)])
            return
        for drive in self.drives:
            drive.stage.remove()
        if len(sessions) == 1:
            self.drives = [self._open(sessions[0], (0.0, 0.0), "/first")]
            return
        aside = self._aside(*sessions[0].home.grid.size)
        self.drives = [
            self._open(sessions[0], (0.0, 0.0), "/first", "A"), self._open(sessions[1], aside, "/second", "B"),
        ]  # fmt: skip

    def _aside(self, width: float, height: float) -> tuple[float, float]:
        """Where the second of two homes of that size is put, m: to the right or in front, whichever can be larger."""
        screens = [(c.camera.image_width, c.camera.image_height) for c in self.clients()] or [(1280, 800)]
        wide, tall = screens[0]
        across, down = (wide, (1.0 - SHEET) * tall) if wide < tall else (wide - PANEL, float(tall))
        deep = math.sin(STEEP) * height
        right = min(across / (2.0 * width + BESIDE), down / deep)
        front = min(across / width, down / (2.0 * deep + BESIDE))
        return (width + BESIDE, 0.0) if right > front else (0.0, -height - BESIDE)

    def _dress(self, shadows: bool) -> None:
        """Light, background and colours."""
        scene = self._server.scene
        scene.configure_default_lights(False)
        scene.configure_environment_map(None)
        scene.add_light_hemisphere("/sky", sky_color=(255, 250, 240), ground_color=(178, 168, 156), intensity=2.1)
        scene.add_light_directional(
            "/sun", color=(255, 243, 224), intensity=1.7, position=(-7.0, -9.0, 15.0), cast_shadow=shadows
        )
        scene.set_background_image(np.full((4, 4, 3), colours.PAPER, np.uint8))
        self._server.gui.configure_theme(show_logo=False, show_share_button=False, brand_color=colours.ROBOT)
        self._server.gui.set_panel_label("Pavane")

    def _open(self, session: Session, offset: tuple[float, float], root: str, name: str = "") -> _Drive:
        stage = HomeView(self._server.scene, root, session.home, session.robot, offset, name)
        drive = _Drive(session, stage, session.frame())
        for layer in self._hidden:
            stage.overlays.choose(layer, False)
        with self._server.atomic():
            stage.show(drive.frame, limbs=True, slow=True)
        for person, figure in enumerate(drive.stage.people):
            figure.body.on_drag(self._dragging(drive, person))
        return drive

    def _extent(self) -> tuple[Floats, Floats]:
        """Corners of all that is drawn, m."""
        grid = self.drives[0].session.home.grid
        low, aside = np.array([grid.origin.x, grid.origin.y]), np.array(self.drives[-1].stage.offset)
        return low + np.minimum(aside, 0.0), low + grid.size + np.maximum(aside, 0.0)

    def _follow(self) -> None:
        """Move the cameras along with the robot."""
        drive = self.drives[0]
        at = np.array([*(drive.frame.pose[:2] + drive.stage.offset), 0.3])
        for client in self._server.get_clients().values():
            camera = client.camera
            moved = 0.15 * (at - camera.look_at)
            with client.atomic():
                camera.position, camera.look_at = camera.position + moved, camera.look_at + moved

    def _say(self, answers: Iterable[str]) -> None:
        texts = [text for text in answers if text]
        self._answer, self._answered = (texts[0] if texts else ""), time.monotonic()

    def _clicked(self, event: viser.SceneClickEvent) -> None:
        origin, direction = np.array(event.ray_origin), np.array(event.ray_direction)
        self._requests.put(lambda: self._click(origin, direction))

    def _click(self, origin: Floats, direction: Floats) -> None:
        """A click in either home is done in both."""
        for drive in self.drives:
            met = pick(origin - (*drive.stage.offset, 0.0), direction, drive.frame)
            if met is not None and drive.session.home.grid.inside(np.array([[met.x, met.y]]))[0]:
                wanted = met.kind == "door" and not drive.frame.doors[met.index].wanted
                self._say([self._poke(other.session, met, wanted) for other in self.drives])
                return

    def _poke(self, session: Session, met: Picked, wanted: bool) -> str:
        if met.kind == "person":
            return session.follow(met.index)
        if met.kind == "door":
            return session.set_door(met.index, wanted)
        puts = {"toy": session.drop_toy, "box": session.drop_box}
        return puts.get(self.panel.click, session.send_to)(met.x, met.y)

    def _dragging(self, drive: _Drive, person: int) -> Dragged:
        """What a drag of somebody's body does: they are led over the floor to below the pointer."""
        grip = np.zeros(3)  # height of the hand, and where they stand from there

        async def dragged(event: viser.SceneNodeDragEvent[viser.MeshHandle]) -> None:
            aside = np.array([*drive.stage.offset, 0.0])
            if event.phase == "start":
                held = np.array(event.start_position) - aside
                grip[:] = held[2], *(drive.frame.people[person, :2] - held[:2])
                self._requests.put(lambda: self._lead(lambda session: session.grab(person)))
            eye, hand = np.array(event.client.camera.position) - aside, np.array(event.end_position) - aside
            at = meet_height(eye, hand, float(grip[0]))
            if at is not None:
                x, y = (at + grip[1:]).tolist()
                self._requests.put(lambda: self._lead(lambda session: session.drag(person, x, y)))
            if event.phase == "end":
                self._requests.put(lambda: self._lead(lambda session: session.release(person)))

        return dragged

    def _lead(self, poke: Callable[[Session], str]) -> None:
        self._say([poke(drive.session) for drive in self.drives])
