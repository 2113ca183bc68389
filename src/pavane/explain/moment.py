"""Moment: one tick of a navigator with all that is needed to explain it; cheap to take, safe to explain later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pavane.core.belief import Belief
from pavane.core.errors import BadSetting
from pavane.core.plan import Command, Plan, Status
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Task
from pavane.maps import OccupancyMap
from pavane.navigator import Navigator, Reaction
from pavane.planning.local_planner import TrajectoryPlanner


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One tick of a navigator.

    Args:
        robot: its profile.
        home: its map.
        planner: plans the same moment again, with something left out.
        belief: that the newest plan was made from, at its effect time; None before the first.
        plan: the newest plan, with its candidates.
        command: the newest command; its stamp is the moment's.
        reaction: of the guard on its newest tick; None before the first.
        held_back: the same for the newest tick on which it changed the command.
        status: of the task.
        task: being done; None when there is nothing to do.
        sent: commands of the last seconds: stamp, s; v, m/s; omega, rad/s.
        stamps: of the newest message of each kind, s.
        delay: from a command to its effect on the wheels, s.
    """

    robot: RobotProfile
    home: OccupancyMap
    planner: TrajectoryPlanner
    belief: Belief | None
    plan: Plan | None
    command: Command
    reaction: Reaction | None
    held_back: Reaction | None
    status: Status
    task: Task | None
    sent: tuple[tuple[float, float, float], ...]
    stamps: Mapping[str, float]
    delay: float

    @property
    def now(self) -> float:
        """Stamp of the tick, s."""
        return self.command.stamp


def look(navigator: Navigator) -> Moment:
    """Return what there is to explain of a navigator's newest tick.

    Raises:
        BadSetting: its planner is none that could be asked again.
    """
    n = navigator
    if not isinstance(n.planner, TrajectoryPlanner):
        raise BadSetting(
            "such a planner cannot explain itself", value=type(n.planner).__name__, limit="TrajectoryPlanner"
        )
    return Moment(
        n.robot, n.home, n.planner, n.belief, n.plan, n.base.command, n.reflex.reaction, n.reflex.held_back, n.status,
        n.task, n.base.sent, n.senses.stamps, n.delay,
    )  # fmt: skip
