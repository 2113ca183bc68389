"""``pavane demo``: errands through a home full of people."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pavane.cli.outcome import show, summarise
from pavane.cli.pictures import write_pictures
from pavane.cli.replay import recording_to
from pavane.cli.show import progress, say
from pavane.cli.view import has_display, serve
from pavane.core.errors import BadMap, BadSetting
from pavane.core.options import at_least, check_people
from pavane.viewer.browser import REMEDY, require_viser
from pavane.viewer.settings import PORT

if TYPE_CHECKING:
    from pavane.core.geometry import Pose
    from pavane.core.robot import RobotProfile
    from pavane.maps import OccupancyMap
    from pavane.navigator import Navigator
    from pavane.planning.global_planner import RoutePlanner

ROBOT, LATENCY = "astro_like", 0.3  # s, of perception
SECONDS = 90.0  # most for each errand
KEEP = 0.4  # s between planning cycles that are kept for the snapshot
DRAWS, MOST_DRAWN = 20, 100  # poses that are drawn for each that is needed; errands where a home names no places


@dataclass(frozen=True, slots=True)
class DemoCommand:
    """Send a robot on errands through a home where people walk: live in the browser, or into files.

    With a display (DISPLAY or WAYLAND_DISPLAY, or a Mac or Windows) the live page opens, see pavane view. Without one,
    or with --headless, it drives some errands, shows how it went and draws pictures of it.

    Example: pavane demo --headless --seed 3 --home flat

    Args:
        headless: only write files, never open or serve anything.
        serve: the page even without a display: to be opened from another machine through ssh.
        seed: of the errands, the people and all noise; the same seed gives the same drive to the last bit.
        home: house, flat, or the YAML file of a map.
        out: folder for run.png, run.gif and snapshot.png; headless only.
        people: how many walk around.
        errands: how many goals; headless only.
        port: of the page; the next free one if it is taken.
        record: file to record the drive in (docs/guides/recording.md); it drives headless then.
    """

    headless: bool = False
    serve: bool = False
    seed: int = 0
    home: str = "house"
    out: str = "out/demo"
    people: int = 3
    errands: int = 6
    port: int = PORT
    record: str | None = None

    def __call__(self) -> bool:
        """Do it; False when a goal was not reached."""
        at_least("seed", self.seed, 0)
        at_least("errands", self.errands, 1)
        check_people(self.people)
        files_only = "--headless" if self.headless else "--record" if self.record is not None else ""
        if self.serve and files_only:
            raise BadSetting(f"--serve and {files_only} exclude each other")
        if self.serve or (not files_only and self._can_show()):
            return self._show()
        return self._drive()

    def _can_show(self) -> bool:
        """Return whether to open the page; says in a line why not."""
        if not has_display():
            say("no display here: driving headless, into files. For the page: pavane demo --serve")
            return False
        if find_spec("viser") is None:
            say(f"viser is not installed: driving headless, into files. For the page: {REMEDY}")
            return False
        return True

    def _show(self) -> bool:
        require_viser()
        from pavane.viewer.settings import Settings

        settings = Settings(home=self.home, people=self.people, seed=self.seed)
        serve(settings, port=self.port, browser=has_display())
        return True

    def _drive(self) -> bool:
        from pavane.bench.runner.timed_drive import carry_out, perceiving
        from pavane.core.files import make_folder
        from pavane.core.robot import RobotProfile
        from pavane.core.tasks import GoTo
        from pavane.maps import load_map

        home, robot = load_map(self.home), perceiving(RobotProfile.load(ROBOT), LATENCY)
        start, targets = choose_errands(home, robot, self.errands, self.seed)
        folder = make_folder(self.out)
        names = ", ".join(target if isinstance(target, str) else f"{target.x:.1f},{target.y:.1f}" for target in targets)
        say(f"{robot.name} in {home.name} with {self.people} people: {names}")
        getting_ready = progress("getting ready (the first time compiles, about half a minute)", len(targets))
        with recording_to(self.record) as journal, getting_ready as bar:

            def tell(navigator: Navigator, now: float) -> None:
                goal = navigator.task.target if isinstance(navigator.task, GoTo) else ""
                gone = [i for i, target in enumerate(targets) if target == goal]
                name = goal if isinstance(goal, str) else f"{goal.x:.1f},{goal.y:.1f}"
                bar.show(gone[0] if gone else 0, f"to {name}: {navigator.status.value}, {now:.0f} s")

            outcome = carry_out(
                home, robot, start, [GoTo(target) for target in targets], seed=self.seed, seconds=SECONDS,
                people=self.people, snapshot_every=KEEP, progress=tell, journal=journal,
            )  # fmt: skip
            paths = write_pictures(outcome.run, folder, lambda text: bar.show(len(targets), text))
        summary, rows = summarise(outcome, SECONDS)
        show(summary, rows)
        say("pictures: " + ", ".join(str(path) for path in paths))
        return summary["reached"] == summary["goals"]


def choose_errands(home: OccupancyMap, robot: RobotProfile, count: int, seed: int) -> tuple[Pose, list[str | Pose]]:
    """Return where to start and where to go: places of the home in an order by the seed, or poses where it names none.

    Only such that the robot can stand on, turned as they say.

    Raises:
        BadSetting: the home has fewer places than errands, or there are too many errands.
        BadMap: nowhere is there room for the robot.
    """
    import numpy as np

    from pavane.maps.clearance import clearance_grid
    from pavane.planning.global_planner import RoutePlanner

    planner = RoutePlanner(clearance_grid(home), robot)
    places = {name: pose for name, pose in home.places.items() if planner.can_stand(pose)}
    if len(places) < 2:
        return _draw_errands(home, planner, count, seed)
    start = "dock" if "dock" in places else sorted(places)[0]
    names = [name for name in places if name != start]
    if count > len(names):
        raise BadSetting("--errands is more than this home has places", value=count, limit=f"<= {len(names)}")
    order = np.random.default_rng(seed).permutation(len(names))[:count]
    return places[start], [names[i] for i in order]


def _draw_errands(home: OccupancyMap, planner: RoutePlanner, count: int, seed: int) -> tuple[Pose, list[str | Pose]]:
    from pavane.maps.ways import draw_chain

    if count > MOST_DRAWN:
        raise BadSetting("--errands is too large", value=count, limit=f"<= {MOST_DRAWN}")
    poses = [pose for pose in draw_chain(home, DRAWS * (count + 1), seed) if planner.can_stand(pose)]
    if len(poses) <= count:
        raise BadMap(f"{home.name} has hardly any room for the robot", value=f"{len(poses)} poses", limit=count + 1)
    return poses[0], list(poses[1 : count + 1])
