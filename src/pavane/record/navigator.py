"""recorded_navigator: a navigator that tells a journal all that it is told and all that it decides."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from pavane.core.executor import Executor, LockStep
from pavane.core.messages import Message, is_finite
from pavane.core.plan import Command, Plan
from pavane.core.robot import RobotProfile
from pavane.core.tasks import Task
from pavane.maps import OccupancyMap
from pavane.navigator import OURS, WARNED, Listener, MakePlanner, Navigator, NavigatorConfig, Strategies
from pavane.planning.local_planner import TrajectoryPlanner
from pavane.record.jobs import Watch, text_of
from pavane.record.tick import Call, Decision, Journal, PlannerName, Tick, Unknown


def recorded_navigator(
    robot: RobotProfile,
    home: OccupancyMap,
    *,
    journal: Journal | None,
    config: NavigatorConfig | None = None,
    executor: Executor | None = None,
    strategies: Strategies = OURS,
    listeners: Sequence[Listener] = WARNED,
    seed: int = 0,
) -> Navigator:
    """Make a navigator; what it decides follows from what its journal is told.

    Args:
        robot, home, config, executor, strategies, listeners, seed: as :class:`pavane.navigator.Navigator`.
        journal: keeps it; None for nobody.
    """
    keepers: tuple[Listener, ...] = ()
    if journal is not None:
        executor = watch = Watch(executor or LockStep())
        keepers = (_Keeper(journal, watch),)
    navigator = Navigator(
        robot, home, config=config, executor=executor, strategies=strategies, listeners=(*keepers, *listeners),
        seed=seed,
    )  # fmt: skip
    if journal is not None:
        journal.begin(navigator, name_of(strategies.make_planner), seed)
    return navigator


class _Keeper(Listener):
    """Gathers what belongs to a tick and hands it to a journal.

    Args:
        journal: keeps it.
        watch: what the navigator's work is done by; it notes what ends.
    """

    def __init__(self, journal: Journal, watch: Watch) -> None:
        self._journal, self._watch = journal, watch
        self._calls: list[Call] = []
        self._warnings: list[str] = []
        self._noted: Plan | None = None

    def requested(self, task: object, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        kept = task if isinstance(task, Task) else Unknown(type(task).__name__, repr(task))
        self._calls.append(Call(kept, True, text_of(error)))

    def observed(self, message: object, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        kept = message if isinstance(message, Message) else Unknown(type(message).__name__, repr(message))
        self._calls.append(Call(kept, False, text_of(error)))

    def warned(self, text: str) -> None:
        """See :class:`pavane.navigator.Listener`."""
        self._warnings.append(text)

    def stepped(self, navigator: Navigator, now: float, command: Command | None, error: Exception | None) -> None:
        """See :class:`pavane.navigator.Listener`."""
        told: object = now
        if not isinstance(told, Real) and not is_finite(told):  # no time at all: it was refused, and changed nothing
            return
        ended = self._watch.ended
        tick = Tick(
            tuple(self._calls), now, command, navigator.status, tuple(ended), tuple(self._warnings), text_of(error)
        )
        for noted in (self._calls, self._warnings, ended):
            noted.clear()
        self._journal.keep(navigator, tick, self._decision(navigator))

    def _decision(self, navigator: Navigator) -> Decision | None:
        planned = navigator.schedule.planned
        if planned is None or planned.plan is self._noted:
            return None
        self._noted = planned.plan
        return Decision(*planned, navigator.delay)


def name_of(planner: MakePlanner) -> PlannerName:
    """What a recording calls a planner that nobody has named."""
    own = getattr(planner, "__qualname__", type(planner).__name__)
    return PlannerName("ours" if planner is TrajectoryPlanner else own)
