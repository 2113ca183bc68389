"""``pavane demo``: errands through a home full of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pavane.cli.outcome import show, summarise
from pavane.cli.pictures import write_pictures
from pavane.cli.places import at_least
from pavane.cli.show import progress, say
from pavane.errors import BadSetting

if TYPE_CHECKING:
    from pavane.geometry import Pose
    from pavane.maps import OccupancyMap
    from pavane.navigator import Navigator

ROBOT, LATENCY = "astro_like", 0.3  # s, of perception
SECONDS = 90.0  # most for each errand
KEEP = 0.4  # s between planning cycles that are kept for the snapshot


@dataclass(frozen=True, slots=True)
class Demo:
    """Send a robot on errands through a home where people walk, then show how it went and draw pictures of it.

    Example: pavane demo --headless --seed 3 --home flat

    Args:
        headless: only write files, never open or serve anything.
        seed: of the errands, the people and all noise; the same seed gives the same drive to the last bit.
        home: house, flat, or the YAML file of a map.
        out: folder for run.png, run.gif and snapshot.png.
        people: how many walk around.
        errands: how many goals.
    """

    headless: bool = False
    seed: int = 0
    home: str = "house"
    out: str = "out/demo"
    people: int = 3
    errands: int = 6

    def __call__(self) -> bool:
        """Do it; False when a goal was not reached."""
        for name, value, least in (("seed", self.seed, 0), ("people", self.people, 0), ("errands", self.errands, 1)):
            at_least(name, value, least)
        from pavane.bench.report import make_folder
        from pavane.bench.trial import carry_out, perceiving
        from pavane.maps import load_map
        from pavane.robot import RobotProfile
        from pavane.tasks import GoTo

        home, robot = load_map(self.home), perceiving(RobotProfile.load(ROBOT), LATENCY)
        start, targets = choose_errands(home, self.errands, self.seed)
        folder = make_folder(self.out)
        names = ", ".join(target if isinstance(target, str) else f"{target.x:.1f},{target.y:.1f}" for target in targets)
        say(f"{robot.name} in {home.name} with {self.people} people: {names}")
        with progress("getting ready (the first time compiles, about half a minute)", len(targets)) as bar:

            def tell(navigator: Navigator, now: float) -> None:
                goal = navigator.task.target if isinstance(navigator.task, GoTo) else ""
                gone = [i for i, target in enumerate(targets) if target == goal]
                name = goal if isinstance(goal, str) else f"{goal.x:.1f},{goal.y:.1f}"
                bar.show(gone[0] if gone else 0, f"to {name}: {navigator.status.value}, {now:.0f} s")

            outcome = carry_out(
                home, robot, start, [GoTo(target) for target in targets], seed=self.seed, seconds=SECONDS,
                people=self.people, snapshot_every=KEEP, progress=tell,
            )  # fmt: skip
            paths = write_pictures(outcome.run, folder, lambda text: bar.show(len(targets), text))
        summary, rows = summarise(outcome)
        show(summary, rows)
        say("pictures: " + ", ".join(str(path) for path in paths))
        return summary["reached"] == summary["goals"]


def choose_errands(home: OccupancyMap, count: int, seed: int) -> tuple[Pose, list[str | Pose]]:
    """Where to start and where to go: places of the home in an order by the seed, or poses where it names none.

    Raises:
        BadSetting: the home has fewer places than errands.
    """
    import numpy as np

    if len(home.places) < 2:
        from pavane.bench.pairs import draw_chain

        first, *others = draw_chain(home, count + 1, seed)
        return first, list(others)
    start = "dock" if "dock" in home.places else sorted(home.places)[0]
    names = [name for name in home.places if name != start]
    if count > len(names):
        raise BadSetting("--errands is more than this home has places", value=count, limit=f"<= {len(names)}")
    order = np.random.default_rng(seed).permutation(len(names))[:count]
    return home.places[start], [names[i] for i in order]
