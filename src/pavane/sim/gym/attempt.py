"""Attempt: one episode under way; what happens in it between reset and its end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from gymnasium import spaces

from pavane.core.arrays import Floats
from pavane.core.geometry import wrap_angle
from pavane.core.plan import Command
from pavane.sim.contacts import Contact
from pavane.sim.gym.config import EnvSettings
from pavane.sim.gym.episode import Episode
from pavane.sim.gym.observation import Observation, Observer
from pavane.sim.gym.reward import Transition

TICK = 0.02  # s between commands
SETTLING = 1.0  # s at most that the robot stands at first, until every sensor has spoken


class Attempt:
    """One episode under way.

    Args:
        episode: a world at time 0; the robot stands in it until every sensor has spoken, at most 1 s.
        settings: of the environment.
        space: of its observations.
    """

    def __init__(self, episode: Episode, settings: EnvSettings, space: spaces.Dict) -> None:
        self.episode = episode
        self._settings = settings
        self._observer = Observer(episode.robot, episode.trip.start, space)
        self._settle()
        world = episode.world
        self._began, self._steps = world.time, 0
        self._v = self._omega = 0.0  # commanded last
        self.truth = world.truth
        self._way = self._shortest = episode.trip.way_from(self.truth.pose)
        self._counted = len(world.contacts)
        self._new: tuple[Contact, ...] = ()  # contacts of the newest step
        self._reached = False
        self._length = 0.0
        self.trail = [(self.truth.pose.x, self.truth.pose.y)]  # in map, m

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._steps * self._settings.step >= self._settings.seconds - 1e-9

    def drive(self, v: float, omega: float) -> Transition:
        """Drive for one step towards a speed and a yaw rate, m/s and rad/s."""
        world, trip = self.episode.world, self.episode.trip
        before, way_before, contacts = self.truth, self._way, len(world.contacts)
        self._command(v, omega)
        self._steps += 1
        self._observer.hear(world.receive())
        self.truth = truth = world.truth
        self._new = tuple(world.contacts[contacts:])
        self._length += truth.pose.distance(before.pose)
        self.trail.append((truth.pose.x, truth.pose.y))
        way = trip.way_from(truth.pose)
        self._way = way if math.isfinite(way) else way_before  # where no disc fits: no progress, no loss
        turn = abs(wrap_angle(truth.pose.yaw - trip.goal.yaw))
        near = truth.pose.distance(trip.goal) <= self._settings.goal_radius
        self._reached = near and turn <= self._settings.goal_turn + 1e-9
        return Transition(
            before, truth, trip.goal, way_before, self._way, self._new, self._reached, (v, omega), self._settings.step
        )

    def observe(self) -> Observation:
        """Return what the robot knows now."""
        return self._observer.observe(self.episode.world.clock, self.episode.trip.goal)

    def scan(self) -> Floats:
        """Return the lidar and where the rays of its newest scan end, as the robot believes: (N, 2) in ``map``, m."""
        return self._observer.points()

    def info(self) -> dict[str, Any]:
        """Return the truth, and how it goes; new arrays at each call."""
        truth = self.truth
        contacts = self.episode.world.contacts[self._counted :]
        longer = max(self._length, self._shortest)
        return {
            "time": self._steps * self._settings.step,
            "pose": truth.pose.array(),
            "velocity": np.array([truth.v, truth.omega]),
            "people": truth.people.copy(),
            "goal": self.episode.trip.goal.array(),
            "way": self._way,
            "distance": self._length,
            "contacts": len(contacts),
            "contacts_by_robot": sum(contact.caused_by_robot for contact in contacts),
            "new_contacts": self._new,
            "success": self._reached,
            "spl": self._shortest / longer if self._reached and longer > 0.0 else 0.0,
        }

    def _settle(self) -> None:
        """Let the robot stand until every sensor has spoken."""
        world = self.episode.world
        self._observer.hear(world.receive())
        while not self._observer.complete and world.time < SETTLING - 1e-9:
            world.advance(world.time + TICK)
            self._observer.hear(world.receive())

    def _command(self, v: float, omega: float) -> None:
        """Send one step of commands, each as near to what is asked for as the acceleration limits let it come."""
        world, limits, step = self.episode.world, self.episode.robot.limits, self._settings.step
        count = math.ceil(step / TICK - 1e-9)
        dt = step / count
        start = self._began + self._steps * step
        for k in range(1, count + 1):
            self._v += min(max(v - self._v, limits.ax_min * dt), limits.ax_max * dt)
            self._omega += min(max(omega - self._omega, -limits.az_max * dt), limits.az_max * dt)
            world.send(Command(world.clock, self._v, self._omega))
            world.advance(start + k * dt)
