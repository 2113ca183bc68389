"""People who belong together: they walk as a group and stand facing each other.

Where they stay they stand around a common space, the F-formation of A. Kendon, "Conducting Interaction" (1990).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pavane.sim.people.state import PersonState

CIRCLE = 0.55  # m, least radius of the circle on which people who talk stand
ELBOWS = 0.8  # m between neighbours on it
TALK = 2.5  # m within which people who belong together face each other


@dataclass(slots=True)
class Group:
    """The people of one group; the first is the guide, whom those without goals of their own follow.

    Args:
        number: of the group.
        meeting_place: where the first starts, m in ``map``.
        members: in the order of the scenario.
    """

    number: int
    meeting_place: tuple[float, float]
    members: list[PersonState] = field(default_factory=list)

    @property
    def guide(self) -> PersonState:
        """The first."""
        return self.members[0]

    def place_of(self, member: PersonState, middle: tuple[float, float], turn: float) -> tuple[float, float]:
        """Return where a member stands around a middle in ``map``, m; the circle is turned by ``turn``, rad."""
        count = len(self.members)
        radius = max(CIRCLE, 0.5 * ELBOWS / math.sin(math.pi / count)) if count > 1 else 0.0
        angle = turn + 2.0 * math.pi * self.members.index(member) / count
        return middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)

    def facing(self, member: PersonState) -> float:
        """Return the heading of a member towards the others who are near, rad; NaN when nobody is."""
        near = [m for m in self.members if m is not member and math.hypot(m.x - member.x, m.y - member.y) < TALK]
        if not near:
            return math.nan
        x, y = sum(m.x for m in near) / len(near), sum(m.y for m in near) / len(near)
        return math.atan2(y - member.y, x - member.x)
