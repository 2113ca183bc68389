"""Panel: the controls beside the picture, and how each drive goes in words and curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Protocol

import viser

from pavane.viewer.cameras import LOOKS
from pavane.viewer.frame import Frame
from pavane.viewer.overlays import LAYERS
from pavane.viewer.settings import LONGEST, MOST_PEOPLE, OBJECTIVES, Settings
from pavane.viewer.timeline_picture import timeline

SPEEDS = ("¼×", "½×", "1×", "2×", "4×")
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
CLICKS = ("go there", "toy", "box")  # what a click on the floor does
HOMES = ("house", "flat")
STYLE = "padding:.1em .6em .5em;font-size:13px;line-height:1.45;color:#3a3f4a"


class Actions(Protocol):
    """Requests that the controls can make; called one after the other, between two frames."""

    def set_paused(self, paused: bool) -> None:
        """Let the world stand, or go on."""

    def step(self) -> None:
        """Let it go on by a tenth of a second and stand again."""

    def set_speed(self, factor: float) -> None:
        """Let the world go on so much faster than real time."""

    def stop(self) -> None:
        """Let the robot stop."""

    def go_on(self) -> None:
        """Let the robot go on with its errands."""

    def change(self, number: int, settings: Settings) -> None:
        """Give one of the two drives other settings."""

    def restart(self, home: str, people: int, seed: int) -> None:
        """Begin again, perhaps elsewhere."""

    def compare(self, shown: bool) -> None:
        """Show a second drive beside the first, or no longer."""

    def choose(self, layer: str, shown: bool) -> None:
        """Show a layer, or hide it."""

    def look(self, how: str) -> None:
        """Look from elsewhere: see ``LOOKS``."""

    def explain(self) -> None:
        """Say why the robot does what it does."""


Later = Callable[[Callable[[], None]], None]


class Switches:
    """The five switches of one drive, and a sentence that says what they do together.

    Args:
        gui: to add them to.
        number: of the drive.
        settings: at the start.
        changed: called with what they are set to, by the thread of the click.
    """

    def __init__(self, gui: viser.GuiApi, number: int, settings: Settings, changed: Callable[[Settings], None]) -> None:
        self.settings, self._number = settings, number
        self._changed = changed
        self._latency = gui.add_slider("latency, ms", 0, round(1000 * LONGEST), 50, round(1000 * settings.latency))
        self._forwarding = gui.add_checkbox("fast-forward", settings.forwarding)
        self._objective = gui.add_dropdown(
            "objective", tuple(OBJECTIVES.values()), initial_value=OBJECTIVES[settings.objective]
        )
        self._gaze = gui.add_checkbox("gaze", settings.gaze)
        self._reflex = gui.add_checkbox("reflex", settings.reflex)
        self._sentence = gui.add_html(self._say())
        for handle in (self._latency, self._forwarding, self._objective, self._gaze, self._reflex):
            handle.on_update(lambda _: self._read())

    def _read(self) -> None:
        name = next(key for key, text in OBJECTIVES.items() if text == self._objective.value)
        self.settings = replace(
            self.settings, latency=0.001 * self._latency.value, forwarding=self._forwarding.value, objective=name,
            gaze=self._gaze.value, reflex=self._reflex.value,
        )  # fmt: skip
        self._sentence.content = self._say()
        self._changed(self.settings)

    def _say(self) -> str:
        return f"<div id='said-{self._number}' style='{STYLE}'>{escape(say(self.settings))}</div>"


class Panel:
    """All controls.

    Args:
        gui: of the server.
        settings: of the first drive at the start.
        other: of the second, when it is asked for.
        actions: what they ask for.
        later: hands a call over to the thread that drives.

    Attributes:
        click: what a click on the floor does, one of ``CLICKS``.
    """

    def __init__(self, gui: viser.GuiApi, settings: Settings, other: Settings, actions: Actions, later: Later) -> None:
        self._gui, self._actions, self._later = gui, actions, later
        self._status = gui.add_html(_paragraph("getting ready; the first time takes about half a minute"))
        self._shown = ""
        tabs = gui.add_tab_group()
        with tabs.add_tab("Drive", viser.Icon.STEERING_WHEEL):
            self._add_drive()
        with tabs.add_tab("What if", viser.Icon.ADJUSTMENTS):
            self._add_what_if(settings, other)
        with tabs.add_tab("Show", viser.Icon.EYE):
            self._add_layers()
        with tabs.add_tab("Home", viser.Icon.HOME):
            self._add_home(settings)
        self.click = CLICKS[0]

    def _add_drive(self) -> None:
        gui, actions, later = self._gui, self._actions, self._later
        clock = gui.add_button_group("world", ("pause", "go", "step"))
        clock.on_click(lambda _: later(actions.step if clock.value == "step" else _paused(actions, clock.value)))
        speed = gui.add_button_group("speed", SPEEDS)
        speed.on_click(lambda _: later(_bind(actions.set_speed, FACTORS[SPEEDS.index(speed.value)])))
        robot = gui.add_button_group("robot", ("errands", "stop", "why?"))
        orders = {"errands": actions.go_on, "stop": actions.stop, "why?": actions.explain}
        robot.on_click(lambda _: later(orders[robot.value]))
        click = gui.add_button_group("a click puts", CLICKS, hint="go there: a click on the floor sends the robot")
        click.on_click(lambda _: setattr(self, "click", click.value))
        gui.add_html(_paragraph(
            "Click the floor: the robot goes there. Click a person: it follows. Drag a person: they walk along. "
            "Click a door: it opens or closes."
        ))  # fmt: skip
        self._timeline = gui.add_html("")

    def _add_what_if(self, settings: Settings, other: Settings) -> None:
        gui, actions, later = self._gui, self._actions, self._later
        self.first = Switches(gui, 0, settings, lambda new: later(_bind(actions.change, 0, new)))
        both = gui.add_checkbox("side by side", False, hint="a second drive with the same seed and other settings")
        folder = gui.add_folder("the other drive", visible=False)
        with folder:
            self.second = Switches(gui, 1, other, lambda new: later(_bind(actions.change, 1, new)))

        def toggle(_: object) -> None:
            folder.visible = both.value
            later(_bind(actions.compare, both.value))

        both.on_update(toggle)

    def _add_layers(self) -> None:
        gui, actions, later = self._gui, self._actions, self._later
        look = gui.add_button_group("look", LOOKS)
        look.on_click(lambda _: later(_bind(actions.look, look.value)))
        for layer, meaning in LAYERS.items():
            box = gui.add_checkbox(layer, True, hint=meaning)
            box.on_update(_tick(box, layer, actions, later))

    def _add_home(self, settings: Settings) -> None:
        gui, actions, later = self._gui, self._actions, self._later
        names = HOMES if settings.home in HOMES else (*HOMES, settings.home)
        home = gui.add_dropdown("home", names, initial_value=settings.home)
        people = gui.add_slider("people", 0, MOST_PEOPLE, 1, settings.people)
        seed = gui.add_number("seed", settings.seed, min=0, step=1)
        again = gui.add_button("begin again", icon=viser.Icon.REFRESH)
        again.on_click(lambda _: later(_bind(actions.restart, home.value, people.value, int(seed.value))))

    def show(self, frames: Sequence[Frame], *, pace: float, answer: str) -> None:
        """Write in words how each drive goes.

        Args:
            frames: of the drives.
            pace: how much faster than real time the world goes; 0 while it stands.
            answer: to what was asked last.
        """
        blocks = [_words(frame, "AB"[n] if len(frames) > 1 else "") for n, frame in enumerate(frames)]
        clock = f"{frames[0].time:.0f} s" + (" · paused" if pace == 0.0 else "" if pace == 1.0 else f" · {pace:.2g}×")
        text = "".join(blocks) + f"<div style='color:#948d80'>{clock}</div>"
        if answer:
            text += f"<div style='color:#b0258a;white-space:pre-line'>{escape(answer)}</div>"
        if text != self._shown:
            self._shown = text
            self._status.content = f"<div id='status' style='{STYLE}'>{text}</div>"

    def draw(self, frames: Sequence[Frame]) -> None:
        """Draw the last half minute."""
        self._timeline.content = f"<div style='{STYLE}'>{timeline([frame.series for frame in frames])}</div>"


def say(settings: Settings) -> str:
    """Return in a few sentences what settings do."""
    late = f"What it sees takes {1000 * settings.latency:.0f} ms to move the wheels. "
    forward = (
        "It plans for the moment when the plan begins to count. "
        if settings.forwarding
        else "It plans as if no time had passed. "
    )
    weighs = {
        "ours": "Progress counts as far as it survives. ",
        "chance_5": "Any motion with less than 5 % risk is as good as safe. ",
        "chance_20": "Any motion with less than 20 % risk is as good as safe. ",
        "weighted_sum": "Risk and progress are added with fixed weights. ",
    }[settings.objective]
    gaze = "The screen looks where it will go. " if settings.gaze else "The screen looks straight ahead. "
    reflex = "Every command is checked." if settings.reflex else "No command is checked: it may touch things."
    return late + forward + weighs + gaze + reflex


def _words(frame: Frame, name: str) -> str:
    head = f"<b>{name}</b> " if name else ""
    colour = "#d9483b" if frame.emergency else "#b8761d"
    why = f"<div style='color:{colour}'>{escape(frame.reason)}</div>" if frame.reason else ""
    touches = len(frame.contacts)
    touched = f" · <b style='color:#d9483b'>touches {touches}</b>" if touches else " · touches 0"
    return (
        f"<div>{head}<b>{escape(frame.doing)}</b> · {escape(frame.status)} · {abs(frame.robot.v):.2f} m/s</div>{why}"
        f"<div>goals {frame.goals}{touched}</div>"
    )


def _paragraph(text: str) -> str:
    return f"<div style='{STYLE}'>{escape(text)}</div>"


def _paused(actions: Actions, name: str) -> Callable[[], None]:
    return lambda: actions.set_paused(name == "pause")


def _tick(box: viser.GuiCheckboxHandle, layer: str, actions: Actions, later: Later) -> Callable[[object], None]:
    return lambda _: later(_bind(actions.choose, layer, box.value))


def _bind(call: Callable[..., None], *values: object) -> Callable[[], None]:
    return lambda: call(*values)
