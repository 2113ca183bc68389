"""fast_forward: the only place where a belief changes its stamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pavane.belief import Belief, ScreenState
from pavane.plan import ScreenPlan
from pavane.predict.motion import roll
from pavane.predict.people import later
from pavane.robot import Latencies


def fast_forward(
    belief: Belief,
    commands: Sequence[tuple[float, float, float]],
    screen: ScreenPlan | None,
    latency: Latencies,
    until: float,
) -> Belief:
    """What will be believed at ``until`` if nothing new is sensed.

    The robot rolls through the commands already sent and those of the committed plan, each (stamp sent, v, omega);
    people walk on; the screen follows its plan. Going zero seconds changes nothing; a then b seconds is a + b seconds.
    """
    if until <= belief.stamp:
        return belief
    dt = until - belief.stamp
    pan = belief.screen
    if screen is not None:
        angle, rate = screen.at(until)
        times = screen.start + screen.dt * np.arange(len(screen.pan))
        pan = ScreenState(angle, rate, float(np.interp(until, times, screen.acceleration, right=0.0)))
    return replace(
        belief,
        stamp=until,
        robot=roll(belief.robot, belief.stamp, commands, until, latency),
        screen=pan,
        tracks=tuple(later(track, dt) for track in belief.tracks),
    )
