"""Rewards: what a step was worth; anybody may bring another function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pavane.core.geometry import Pose
from pavane.sim.contacts import Contact
from pavane.sim.world import Truth

GOAL = 5.0  # for being there
CONTACT = 5.0  # for each contact, lost
TIME = 0.1  # for each second, lost


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """One step of the environment, as it really was.

    Args:
        before: the truth when the action was chosen.
        after: the truth at the end of the step.
        goal: map_from_goal.
        way_before: length of the shortest way to the goal, people not counted, m.
        way_after: likewise at the end, m.
        contacts: those that started in this step.
        reached: whether the goal is reached.
        action: (v, omega) that was asked for, m/s and rad/s.
        seconds: length of the step.
    """

    before: Truth
    after: Truth
    goal: Pose
    way_before: float
    way_after: float
    contacts: tuple[Contact, ...]
    reached: bool
    action: tuple[float, float]
    seconds: float


Reward = Callable[[Transition], float]


def progress_reward(step: Transition) -> float:
    """Return the metres of the shortest way done with, +5 for the goal, −5 for each contact, −0.1 for each second."""
    progress = step.way_before - step.way_after
    return progress + GOAL * step.reached - CONTACT * len(step.contacts) - TIME * step.seconds
