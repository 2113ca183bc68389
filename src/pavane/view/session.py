"""Session: a live drive that people can reach into; the page shows it, and every switch of the page is a setting."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.maps import OccupancyMap
from pavane.robot import RobotProfile
from pavane.view.frame import Frame


@dataclass(frozen=True, slots=True)
class Settings:
    """What the page's switches change.

    Args:
        latency: from sensing to wheels, s, 0 to 0.8: what the robot sees and what it decides are that old.
        forwarding: whether people and robot are fast-forwarded to the effect time.
        objective: what candidates are weighed by, one of ``OBJECTIVES``.
        gaze: whether the screen looks where the robot will go; else straight ahead.
        reflex: whether the guard checks each command; else they leave as the plan has them, for feeling only.
        people: how many walk around.
        seed: of people, noise and errands; the same for two sessions side by side.
        home: ``house``, ``flat``, or the YAML file of a map.
        robot: a stock profile, or the YAML file of one.
    """

    latency: float = 0.4
    forwarding: bool = True
    objective: str = "ours"
    gaze: bool = True
    reflex: bool = True
    people: int = 3
    seed: int = 0
    home: str = "house"
    robot: str = "astro_like"


OBJECTIVES = {
    "ours": "survival",
    "chance_5": "chance constraint 5 %",
    "chance_20": "chance constraint 20 %",
    "weighted_sum": "weighted sum",
}  # and what to call them


class Session:
    """One robot in one home, in lock-step: the same settings, seed and pokes at the same times give the same drive.

    It goes on errands by itself. Every method that a click leads to gives one clear sentence when it cannot be done,
    and has changed nothing then; else an empty text.

    Args:
        settings: see there.

    Attributes:
        settings: as they are now.
        home: the map to draw: walls, furniture and rooms; doors' leaves are in the frames.
        robot: its profile: outline, screen, camera.

    Raises:
        BadFile, BadMap, BadProfile, BadSetting: a home, robot or setting that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home: OccupancyMap
        self.robot: RobotProfile
        raise NotImplementedError

    @property
    def time(self) -> float:
        """Of the simulated world, s."""
        raise NotImplementedError

    def warm_up(self) -> None:
        """Compile or load all that is needed, before the first ``advance``."""
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        """Let the world go on by so many seconds, in whole ticks of 20 ms; what is left over counts the next time."""
        raise NotImplementedError

    def frame(self) -> Frame:
        """What is to be seen now."""
        raise NotImplementedError

    # -- what the robot is asked ------------------------------------------------------------------------------------

    def send_to(self, x: float, y: float) -> str:
        """Send the robot to a point, whichever way it is turned there."""
        raise NotImplementedError

    def follow(self, person: int) -> str:
        """Let it follow somebody, by their row in the frame; it must see them now."""
        raise NotImplementedError

    def stop(self) -> str:
        """Let it stop and stay until it is asked again."""
        raise NotImplementedError

    def go_on(self) -> str:
        """Let it go on with its errands."""
        raise NotImplementedError

    # -- what is done to its world ----------------------------------------------------------------------------------

    def grab(self, person: int) -> str:
        """Take somebody by the hand, by their row in the frame: they stand until they are dragged."""
        raise NotImplementedError

    def drag(self, person: int, x: float, y: float) -> str:
        """Lead who was grabbed to a point; they walk there straight, as fast as a person runs."""
        raise NotImplementedError

    def release(self, person: int) -> str:
        """Let go of somebody: they go about their business from where they are."""
        raise NotImplementedError

    def doors(self) -> tuple[str, ...]:
        """Names of the doors that can be moved."""
        raise NotImplementedError

    def set_door(self, index: int, open: bool) -> str:
        """Open or close a door; its leaf waits for whoever stands in its way."""
        raise NotImplementedError

    def drop_toy(self, x: float, y: float) -> str:
        """Put a low thing on the floor, which the lidar makes out late."""
        raise NotImplementedError

    def drop_box(self, x: float, y: float) -> str:
        """Put down a box, 40 x 30 cm, that is on no map."""
        raise NotImplementedError

    # -- settings ---------------------------------------------------------------------------------------------------

    def change(self, settings: Settings) -> str:
        """Take on other settings while driving: nothing is moved by it.

        People, seed, home and robot are those of the next ``restart``.
        """
        raise NotImplementedError

    def restart(self) -> None:
        """Begin again with the settings as they are: the same drive for the same settings and pokes."""
        raise NotImplementedError
