"""Contacts, judged on exact shapes: one record for each time that the robot starts to touch something."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pavane.core.arrays import Floats
from pavane.core.geometry import Footprint, Pose
from pavane.numerics.overlap import point_clearance

PARTED = 0.02  # m of air that ends a touch, so that a body that lingers at the skin is one contact
CAUSED = 0.05  # m/s towards the person above which the robot ran into them, not they into it


@dataclass(frozen=True, slots=True)
class Contact:
    """The start of a touch.

    Args:
        time: when, s.
        kind: what was touched; ``object`` is a low object on the floor, ``wall`` all else that stands.
        index: number of the person or of the low object; -1 for a wall.
        robot_speed: speed of the base, m/s.
        closing_speed: how fast the gap was closing at the point of contact, m/s; for a wall the speed of the base.
        caused_by_robot: whether the robot's own point of contact moved towards what it touched.
    """

    time: float
    kind: Literal["wall", "person", "object"]
    index: int
    robot_speed: float
    closing_speed: float
    caused_by_robot: bool


@dataclass(frozen=True, slots=True)
class RobotBody:
    """The robot as people and contacts see it: map_from_base, forward speed in m/s, yaw rate in rad/s, outline."""

    pose: Pose
    v: float
    omega: float
    shape: Footprint
    reach: float  # circumscribed radius of the shape, m

    def gap_to(self, x: float, y: float) -> tuple[float, float, float]:
        """Return the distance, m, of a point in ``map`` from the outline, negative inside, and the normal there."""
        pose = self.pose
        return point_clearance(self.shape.vertices, self.shape.radius, pose.x, pose.y, pose.yaw, x, y)

    def velocity_at(self, x: float, y: float) -> tuple[float, float]:
        """Return the velocity in ``map`` of the robot's point that stands at (x, y), m/s."""
        pose = self.pose
        return (
            self.v * math.cos(pose.yaw) - self.omega * (y - pose.y),
            self.v * math.sin(pose.yaw) + self.omega * (x - pose.x),
        )


class _DiscContacts:
    """Remembers which discs the robot touches now, and records when it starts to touch one."""

    kind: Literal["person", "object"]

    def __init__(self) -> None:
        self._touching: set[int] = set()

    def _judge(self, time: float, robot: RobotBody, discs: Iterable[tuple[float, ...]]) -> list[Contact]:
        """Return the new contacts at ``time`` with discs given as x, y, vx, vy, radius in ``map``."""
        started = []
        for index, (x, y, vx, vy, radius) in enumerate(discs):
            if math.hypot(x - robot.pose.x, y - robot.pose.y) > robot.reach + radius + PARTED:
                self._touching.discard(index)
                continue
            distance, normal_x, normal_y = robot.gap_to(x, y)
            gap = distance - radius
            if gap > PARTED:
                self._touching.discard(index)
            elif gap <= 0.0 and index not in self._touching:
                self._touching.add(index)
                point_vx, point_vy = robot.velocity_at(x - normal_x * distance, y - normal_y * distance)
                towards = point_vx * normal_x + point_vy * normal_y
                closing = towards - (vx * normal_x + vy * normal_y)
                started.append(Contact(time, self.kind, index, abs(robot.v), closing, towards > CAUSED))
        return started


class PersonContacts(_DiscContacts):
    """Contacts with people, one for each time that the robot and a person come to touch."""

    kind = "person"

    def update(self, time: float, robot: RobotBody, people: Iterable[tuple[float, ...]]) -> list[Contact]:
        """Return the new contacts at ``time`` with people given as x, y, vx, vy, radius in ``map``."""
        return self._judge(time, robot, people)


class ObjectContacts(_DiscContacts):
    """Contacts with low objects on the floor, one for each time that the robot comes to touch one."""

    kind = "object"

    def update(self, time: float, robot: RobotBody, low: Floats) -> list[Contact]:
        """Return the new contacts at ``time`` with low objects (M, 3 or more) of x, y, radius in ``map``, m.

        A robot that an object stops never overlaps it: give the pose that it was about to take.
        """
        if len(low) == 0:
            return []
        return self._judge(time, robot, ((x, y, 0.0, 0.0, radius) for x, y, radius in low[:, :3].tolist()))


def stopped_by_object(here: RobotBody, there: RobotBody, low: Floats) -> bool:
    """Return whether a low object stops the robot on its way from ``here`` to ``there``.

    A motion that leads out of an object is free.

    Args:
        here: the robot as it stands.
        there: the robot as it would stand.
        low: (M, 3 or more) x, y, radius of low objects in ``map``, m.
    """
    gaps = [(there.gap_to(x, y)[0] - radius, here.gap_to(x, y)[0] - radius) for x, y, radius in low[:, :3].tolist()]
    return any(gap < 0.0 and gap < before for gap, before in gaps)
