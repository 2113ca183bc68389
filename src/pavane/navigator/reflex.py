"""Reflex: each tick's command, from the plan in use, past the guard."""

from __future__ import annotations

from dataclasses import dataclass

from pavane.core.belief import NearMap, RobotState
from pavane.core.geometry import Pose
from pavane.core.plan import Command
from pavane.core.robot import RobotProfile
from pavane.navigator.base import Base
from pavane.navigator.schedule import Schedule
from pavane.navigator.senses import Senses
from pavane.navigator.strategies import Guard
from pavane.planning.reactive import CommandState, Proposal

NO_SIGHT = "no fresh odometry or localization"


@dataclass(frozen=True, slots=True, eq=False)
class Reaction:
    """What the guard looked at on a tick: kept for explanations.

    Args:
        near: the near map.
        at: where the robot will be when the command takes effect, in ``map``.
        wanted: the command that the plan asks for.
        command: what was sent.
    """

    near: NearMap
    at: Pose
    wanted: CommandState
    command: Command


class Reflex:
    """Follows the plan in use as far as the guard lets it through.

    Args:
        robot: its profile.
        guard: checks each command before it leaves.

    Attributes:
        robot: see above.
        reaction: of the newest tick on which the guard could look; None before.
        held_back: of the newest tick on which the guard changed the command; None before.
    """

    def __init__(self, robot: RobotProfile, guard: Guard) -> None:
        self.robot = robot
        self._guard = guard
        self.reset()

    def reset(self) -> None:
        """Forget what the guard looked at."""
        self.reaction: Reaction | None = None
        self.held_back: Reaction | None = None

    def act(self, now: float, schedule: Schedule, senses: Senses, base: Base, delay: float) -> Command:
        """The command that leaves now; without knowing where the robot is, a stop as gentle as the brakes allow.

        Args:
            now: s.
            schedule: says which plan is in use.
            senses: say what is near.
            base: sends the command, and says where the robot will be when it takes effect.
            delay: from a command to what the wheels make of it, s, as it is reckoned with.
        """
        screen = schedule.screen_plan
        pan = base.command.pan if screen is None else screen.at(now + delay)[0]
        if not senses.is_ready(now):
            return base.send(now, base.follow(None, now), pan, False, NO_SIGHT)
        wanted = base.follow(schedule.plan, now + delay)
        newest, map_from_odom = senses.known
        plant = base.plant
        acts = now + plant.dead_time
        moved = base.moved(RobotState(newest.pose, newest.v, newest.omega), newest.stamp, acts, plant.certain)
        near, at = senses.near_map(now, acts), map_from_odom @ moved.pose
        lag = max(plant.lag, self.robot.latency.actuation_lag)
        reaction = base.elapsed + lag + 2.0 * plant.spread  # s until a brake can act
        verdict = self._guard(
            near, Proposal(wanted, base.state, at, now, base.elapsed, reaction), self.robot, base.bounds
        )
        command = base.send(now, verdict.state, pan, verdict.emergency, verdict.reason)
        self.reaction = Reaction(near, at, wanted, command)
        self.held_back = self.reaction if verdict.reason else self.held_back
        return command
