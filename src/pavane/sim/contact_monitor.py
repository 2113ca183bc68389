"""ContactMonitor: judges every motion of the robot and every step of the people, and records the touches."""

from __future__ import annotations

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Footprint
from pavane.sim.contacts import PARTED, Contact, ObjectContacts, PersonContacts, RobotBody, stopped_by_object
from pavane.sim.home import TrueHome
from pavane.sim.plant import BaseMotion, Plant

NEAR = 0.4  # m of air that nobody crosses between two steps of the people


class ContactMonitor:
    """The touches of one robot in one home.

    Args:
        home: what stands and lies there.
        plant: the robot's base.
        shape: its outline.

    Attributes:
        contacts: every touch so far.
        people_near: whether somebody is so near that they may touch the robot before people move again.
    """

    def __init__(self, home: TrueHome, plant: Plant, shape: Footprint) -> None:
        self.contacts: list[Contact] = []
        self.people_near = True
        self._home, self._plant = home, plant
        self._shape, self._reach = shape, shape.circumscribed_radius
        self._people, self._objects = PersonContacts(), ObjectContacts()
        self._at_wall = False

    @property
    def robot(self) -> RobotBody:
        """The robot now, as people and contacts see it."""
        return RobotBody(self._plant.pose, self._plant.v, self._plant.omega, self._shape, self._reach)

    def stops(self, time: float, motion: BaseMotion) -> bool:
        """Record what a motion that ends at ``time``, s, runs into, and return whether that stops the robot."""
        stopped = len(self._home.low) > 0 and self._meets_object(time, motion)
        if self._home.clearance(self._shape, motion.pose, 0.0) >= 0.0:
            return stopped
        if not self._at_wall:
            self._at_wall = True
            speed = abs(motion.base.v)
            self.contacts.append(Contact(time, "wall", -1, speed, speed, True))
        return True

    def leave_wall(self) -> None:
        """End the touch of a wall if the robot is clear of it now."""
        if self._at_wall and self._home.clearance(self._shape, self._plant.pose, PARTED) >= PARTED:
            self._at_wall = False

    def judge_people(self, time: float, robot: RobotBody, people: Floats) -> None:
        """Record the people (N, 6), x, y, yaw, vx, vy, radius in ``map``, who have come to touch the robot."""
        away = np.hypot(people[:, 0] - robot.pose.x, people[:, 1] - robot.pose.y) - people[:, 5]
        self.people_near = bool((away < self._reach + NEAR).any())
        self.contacts += self._people.update(time, robot, people[:, [0, 1, 3, 4, 5]].tolist())

    def _meets_object(self, time: float, motion: BaseMotion) -> bool:
        """Record the low objects that a motion runs into, and return whether one stops it."""
        low = self._home.low
        there = RobotBody(motion.pose, *motion.base, self._shape, self._reach)
        self.contacts += self._objects.update(time, there, low)
        here = RobotBody(self._plant.pose, 0.0, 0.0, self._shape, self._reach)
        return stopped_by_object(here, there, low)
