"""``pavane run``: one drive on any map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pavane.cli.outcome import show, summarise
from pavane.cli.pictures import write_pictures
from pavane.cli.places import check_json, read_target
from pavane.cli.replay import recording_to
from pavane.cli.show import progress, say
from pavane.core.errors import BadSetting
from pavane.core.options import at_least, check_people

if TYPE_CHECKING:
    from pavane.bench.runner.timed_drive import Outcome

PATIENCE, GRACE = 4.0, 10.0  # the drive may take PATIENCE * shortest way / v_max + GRACE s
LONGEST = 3600.0  # s that a drive may take
KEEP = 0.4  # s between planning cycles that are kept for the snapshot


@dataclass(frozen=True, slots=True)
class RunCommand:
    """Drive a robot from one place to another on any map, in simulation.

    Example: pavane run --map house --start dock --goal 12.0,2.3,1.57 --people 2 --out out/run

    Args:
        map: YAML file of a ROS map or of a floor plan (docs/start/your-map.md), or house or flat.
        start: X,Y,YAW in the map frame, metres and radians, or the name of a place.
        goal: X,Y,YAW in the map frame, metres and radians, or the name of a place.
        robot: YAML file of a profile (docs/start/your-robot.md), or the name of a stock one.
        people: how many walk around.
        latency: from sensing to perceived, s, of the planner's map and of people; default: the profile's.
        seconds: time limit of the drive, in simulated s; default: what the shortest way takes at a quarter of the top
            speed, and 10 s.
        seed: of all noise and of the people.
        json: file for the figures.
        out: folder for run.png, run.gif and snapshot.png; without it nothing is drawn.
        record: file to record the drive in (docs/guides/recording.md).
    """

    map: str
    start: str
    goal: str
    robot: str = "round"
    people: int = 0
    latency: float | None = None
    seconds: float | None = None
    seed: int = 0
    json: str | None = None
    out: str | None = None
    record: str | None = None

    def __call__(self) -> bool:
        """Do it; False when the goal was not reached."""
        check_people(self.people)
        at_least("seed", self.seed, 0)
        if self.seconds is not None and not 0.0 < self.seconds <= LONGEST:
            raise BadSetting("--seconds is out of range", value=self.seconds, limit=f"above 0, at most {LONGEST:g} s")
        from pavane.bench.runner.report import write_report
        from pavane.core.files import make_folder

        check_json(self.json)
        outcome, seconds = self._drive()
        summary, rows = summarise(outcome, seconds)
        paths = []
        if self.json is not None:  # first the files: whoever reads the tables may be gone
            write_report(self.json, summary, rows)
        if self.out is not None:
            folder = make_folder(self.out)
            with progress("drawing", None) as bar:
                paths = write_pictures(outcome.run, folder, lambda text: bar.show(0, text))
        show(summary, rows)
        if paths:
            say("pictures: " + ", ".join(str(path) for path in paths))
        return summary["reached"] == summary["goals"]

    def _drive(self) -> tuple[Outcome, float]:
        """Return the drive, and the time limit that it had, s."""
        from pavane.bench.runner.timed_drive import carry_out, perceiving
        from pavane.core.files import make_folder
        from pavane.core.robot import RobotProfile
        from pavane.core.tasks import GoTo
        from pavane.maps import load_map
        from pavane.maps.clearance import clearance_grid
        from pavane.maps.ways import way_length
        from pavane.planning.global_planner import RoutePlanner

        robot = perceiving(RobotProfile.load(self.robot), self.latency)
        home = load_map(self.map)
        start, goal = read_target("start", self.start, home), read_target("goal", self.goal, home)
        planner = RoutePlanner(clearance_grid(home), robot)
        planner.check("start", start)
        planner.check("goal", goal, match_heading=True)
        if self.out is not None:
            make_folder(self.out)
        way = way_length(home, robot.shape.inscribed_radius, start, goal)
        seconds = self.seconds
        if seconds is None:
            fair = GRACE + (PATIENCE * way / robot.limits.vx_max if math.isfinite(way) else 0.0)
            seconds = min(round(fair), LONGEST)
        getting_ready = progress("getting ready (the first time compiles, about half a minute)", seconds)
        with recording_to(self.record) as journal, getting_ready as bar:
            outcome = carry_out(
                home, robot, start, [GoTo(self.goal if self.goal in home.places else goal)], seed=self.seed,
                seconds=seconds, people=self.people, snapshot_every=0.0 if self.out is None else KEEP,
                progress=lambda navigator, now: bar.show(now, f"{navigator.status.value}, {now:.0f} s"),
                journal=journal,
            )  # fmt: skip
        return outcome, seconds
