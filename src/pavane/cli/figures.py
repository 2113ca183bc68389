"""``pavane figures``: pictures of the ideas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pavane.cli.places import at_least
from pavane.cli.show import say

if TYPE_CHECKING:
    from pavane.arrays import Floats
    from pavane.figures import Passed
    from pavane.robot import RobotProfile
    from pavane.run import Run

SAMPLES = 600
SPEED = 0.35  # share of full speed at which the robot is shown
MIDDLE = 1.3  # m: the straight way along the hall
BODY = 0.2  # m: radius of the person in it


@dataclass(frozen=True, slots=True)
class Figures:
    """Draw the ideas: what the robot can do in the next three seconds, and the room that things of each kind get.

    Example: pavane figures --out out/figures

    Args:
        out: folder for trajectories.png and kinds.png; made where it is missing.
        robot: name or file of a profile.
        seed: of the samples and of the drive.
    """

    out: str = "out/figures"
    robot: str = "astro_like"
    seed: int = 0

    def __call__(self) -> bool:
        """Do it."""
        from pavane.figures import kinds_picture, space_picture
        from pavane.files import make_folder
        from pavane.robot import RobotProfile

        at_least("seed", self.seed, 0)
        robot = RobotProfile.load(self.robot)
        folder = make_folder(self.out)
        path = Path(folder) / "trajectories.png"
        space_picture(sample_trajectories(robot, SAMPLES, self.seed), robot, path)
        say(f"written: {path}")
        run, things = drive_past_kinds(robot, self.seed)
        kinds_picture(run, things, Path(folder) / "kinds.png")
        say(f"written: {Path(folder) / 'kinds.png'}")
        return True


def sample_trajectories(robot: RobotProfile, count: int, seed: int) -> Floats:
    """Places (count, 61, 3) along random trajectories from a slow forward motion: x, y, yaw in the base frame."""
    import numpy as np

    from pavane.kernels.evaluate import rollout
    from pavane.kernels.model import STEPS
    from pavane.limits import bounds
    from pavane.trajectory.seeds import Seeds

    limits = bounds(robot)
    decisions = Seeds(limits, count, 0, np.random.default_rng(seed)).scattered
    start = np.array([0.0, 0.0, 0.0, SPEED * float(limits.v_high), 0.0, 0.0, 0.0])
    states = np.empty((count, STEPS + 1, 7))
    for i in range(count):
        rollout(decisions[:, i].astype(np.float64), start, limits, 0, states[i])
    return states[:, :, :3]


def drive_past_kinds(robot: RobotProfile, seed: int) -> tuple[Run, list[Passed]]:
    """A drive along a hall past a pillar, a toy, a cable, a person and stairs, which all reach to the straight way."""
    import numpy as np

    from pavane.drive import drive
    from pavane.entities import Entity
    from pavane.figures import Passed
    from pavane.geometry import Pose
    from pavane.maps import make_map
    from pavane.navigator import Navigator
    from pavane.sim import PersonSpec, World
    from pavane.tasks import GoTo

    boxes = {  # x from, x to, y from, y to
        "wall": (2.4, 2.7, 0.1, MIDDLE),
        "toy": (5.1, 5.3, 0.1, MIDDLE),
        "cable": (7.8, 8.0, 0.1, MIDDLE),
        "stairs": (13.0, 13.8, 0.1, MIDDLE),
    }
    corners = {kind: np.array([[a, c], [b, c], [b, d], [a, d]]) for kind, (a, b, c, d) in boxes.items()}
    person = PersonSpec(start=(10.5, MIDDLE - 0.2), goals=((10.5, MIDDLE - 0.2),), radius=BODY)
    plan = {
        "schema": 1, "name": "hall",
        "walls": [{"points": [[0, 0], [16, 0], [16, 2 * MIDDLE], [0, 2 * MIDDLE], [0, 0]], "thickness": 0.2}],
        "places": [{"name": "west", "x": 0.8, "y": MIDDLE}, {"name": "east", "x": 15.2, "y": MIDDLE}],
        "entities": [{"kind": k, "points": c.tolist(), "area": True} for k, c in corners.items()],
    }  # fmt: skip
    home = make_map(plan, "hall")
    world = World(home, robot, home.place("west"), [person], seed=seed)
    run = drive(Navigator(robot, home, seed=seed), world, [GoTo("east")], seconds=60.0)
    people = Entity("person", np.array([person.start]), 2.0 * BODY)
    things = []
    for entity in (*home.entities, people):
        rim, radius = entity.along(0.02), 0.5 * entity.width
        gaps = [float(robot.shape.signed_distance(Pose(*p).inverse().transform(rim)).min()) for p in run.poses.tolist()]
        i = int(np.argmin(gaps))
        at = run.poses[i, :2]
        nearest = rim[int(np.hypot(*(rim - at).T).argmin())]
        things.append(Passed(entity.kind, entity.points, gaps[i] - radius, abs(float(run.v[i])), at, nearest, radius))
    return run, things
