"""``pavane profile``: what a robot's brakes, latencies and sensors allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tyro.conf import Positional, subcommand

from pavane.cli.show import say, table


@dataclass(frozen=True, slots=True)
class Check:
    """Say what a robot's brakes, latencies and sensors allow: stopping distances and the top speed they leave.

    Example: pavane profile check my_robot.yaml

    Args:
        profile: a YAML file (docs/start/your-robot.md) or the name of a stock profile.
    """

    profile: Positional[str]

    def __call__(self) -> bool:
        """Do it."""
        from pavane.core.profile_check import check_profile
        from pavane.core.robot import RobotProfile

        for line in check_profile(RobotProfile.load(self.profile)).to_lines():
            say(line)
        return True


@dataclass(frozen=True, slots=True)
class List:
    """List the robots that come with Pavane.

    Example: pavane profile list
    """

    def __call__(self) -> bool:
        """Do it."""
        from pavane.core.robot import RobotProfile, stock_profiles

        rows = []
        for name in stock_profiles():
            robot = RobotProfile.load(name)
            radius = f"{robot.shape.circumscribed_radius:.2f}"
            rows.append((name, f"{robot.limits.vx_max:g}", radius, "yes" if robot.screen else "no"))
        table("Stock profiles", ("name", "top speed m/s", "radius m", "screen"), rows)
        return True


@dataclass(frozen=True, slots=True)
class ProfileCommand:
    """Check a robot's profile, or list those that come along.

    Example: pavane profile check astro_like
    """

    action: Annotated[Check, subcommand("check")] | Annotated[List, subcommand("list")]

    def __call__(self) -> bool:
        """Do it."""
        return self.action()
