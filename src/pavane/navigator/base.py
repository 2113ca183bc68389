"""Base: what has been commanded, what will be until a plan comes into use, and what the base makes of it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from typing import NamedTuple

from pavane.core.belief import RobotState
from pavane.core.messages import Odometry
from pavane.core.plan import Command, Plan
from pavane.core.robot import RobotProfile
from pavane.motion.limits import bounds
from pavane.planning.reactive import CommandState, follow
from pavane.prediction import Finding, Forwarding, PlantIdentifier, PlantModel, roll

TICK = 0.02  # s, reactive control: 50 Hz
EARLY = 2e-3  # s before its time that a tick is taken
HISTORY = 2.0  # s of commands that are kept

Sent = tuple[float, float, float]  # a command: stamp, v, omega


class Ahead(NamedTuple):
    """What will have been commanded when a plan comes into use.

    Args:
        commands: those already sent and those still to be sent before it, each stamp, v, omega.
        state: what would be commanded on the tick that reads it first, if the plan in use went on.
    """

    commands: list[Sent]
    state: CommandState


class Base:
    """Keeps the commands, and learns from them and from odometry how the base answers to commands.

    Args:
        robot: its profile.

    Attributes:
        robot: see above.
        bounds: comfort limits of commands.
        state: the newest command with its slopes.
        command: the newest command; its stamp is -inf before the first.
        elapsed: s that the tick being taken stands for.
    """

    def __init__(self, robot: RobotProfile) -> None:
        self.robot = robot
        self.bounds = bounds(robot)
        self.state = CommandState()
        self.command = Command(-math.inf, 0.0, 0.0)
        self.elapsed = TICK
        self._sent: deque[Sent] = deque()
        self._found: Finding | None = None  # since the last cycle
        self.expect()

    def expect(self) -> None:
        """Take the base to be what the profile says, whatever was learned of it."""
        self._identifier = PlantIdentifier(self.robot.latency)

    def reset(self) -> None:
        """Go on from the newest command as if it were the first; when it was sent is not known any more."""
        self._sent.clear()
        self.command = replace(self.command, stamp=-math.inf)

    # -- time -------------------------------------------------------------------------------------------------------

    def is_early(self, now: float) -> bool:
        """Whether it is not yet time for the tick after the newest one."""
        return now < self.command.stamp + TICK - EARLY

    # -- the plant --------------------------------------------------------------------------------------------------

    @property
    def plant(self) -> PlantModel:
        """The base as it has been found to answer to commands; as the profile says, until there is evidence."""
        return self._identifier.plant

    def delay(self, forwarding: Forwarding) -> float:
        """From a command to what the wheels make of it, s, as far as it is reckoned with."""
        return self.plant.delay if forwarding.robot else 0.0

    def measured(self, odometry: Odometry) -> None:
        """Odometry has arrived: it says what the base made of the commands."""
        self._identifier.measured(odometry)

    def find(self) -> Finding:
        """What commands and odometry say about the base; the next :meth:`update` moves ``plant`` towards it."""
        self._found = self._identifier.find()
        return self._found

    def update(self, now: float) -> PlantModel:
        """Move ``plant`` towards what was found."""
        plant, self._found = self._identifier.update(now, self._found), None
        return plant

    # -- commands ---------------------------------------------------------------------------------------------------

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The commands of the last ``HISTORY`` seconds: stamp, v, omega."""
        return tuple(self._sent)

    def follow(self, plan: Plan | None, time: float) -> CommandState:
        """What to command on this tick to be where the plan is at ``time``; to come to rest if there is none."""
        return follow(self.state, plan, time, self.bounds, self.elapsed)

    def send(self, now: float, state: CommandState, pan: float, emergency: bool, reason: str) -> Command:
        """The command that leaves now.

        Args:
            now: s.
            state: forward speed, yaw rate and their slopes.
            pan: of the screen, rad.
            emergency: whether it needs the emergency limits.
            reason: why it is not what the plan asks for; empty if it is.
        """
        self.state = state
        self._sent.append((now, state.v, state.omega))
        self._identifier.sent(*self._sent[-1])
        while self._sent[0][0] < now - HISTORY:
            self._sent.popleft()
        self.command = Command(now, state.v, state.omega, pan, emergency, reason)
        return self.command

    # -- what follows from them -------------------------------------------------------------------------------------

    def ahead(self, plan: Plan | None, now: float, until: float, delay: float) -> Ahead:
        """Commands sent and still to be sent before the tick at ``until``, and what would be commanded on that tick.

        Args:
            plan: in use until then.
            now: s.
            until: a whole number of ticks later, s.
            delay: from a command to what the wheels make of it, s.
        """
        commands, state = list(self._sent), self.state
        for i in range(round((until - now) / TICK) + 1):
            time = now + i * TICK
            state = follow(state, plan, time + delay, self.bounds, TICK)
            commands.append((time, state.v, state.omega))
        return Ahead(commands[:-1], state)

    def moved(self, robot: RobotState, stamp: float, until: float, plant: PlantModel) -> RobotState:
        """The base at ``until`` from its state at ``stamp``, under the commands sent."""
        return roll(robot, stamp, list(self._sent), until, plant)
