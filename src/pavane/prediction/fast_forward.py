"""fast_forward: the only place where a belief changes its stamp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pavane.core.belief import Belief, ScreenState
from pavane.core.plan import ScreenPlan
from pavane.prediction.actuation import PlantModel
from pavane.prediction.forecast import later
from pavane.prediction.robot_motion import roll


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What is fast-forwarded; studies leave parts of it out.

    Args:
        robot: through the commands under way. Else a plan starts from the newest measured pose and the last command
            as if nothing took time, and is driven as soon as it is there.
        people: from their stamps to the effect time. Else they are taken to be where they were sensed.
    """

    robot: bool = True
    people: bool = True


def fast_forward(
    belief: Belief,
    commands: Sequence[tuple[float, float, float]],
    screen: ScreenPlan | None,
    plant: PlantModel,
    until: float,
    what: Forwarding = Forwarding(),
) -> Belief:
    """Return what will be believed at a later time if nothing new is sensed.

    The robot rolls through the commands already sent and those of the committed plan; people walk on; the screen
    follows its plan. Going zero seconds changes nothing; a then b seconds is a + b seconds, of covariances too. The
    local map stays what it is: which part of it matters then is for its owner to say. See docs/concepts/latency.md.

    Args:
        belief: at its stamp.
        commands: each (stamp sent, v, omega), s, m/s, rad/s, in order.
        screen: the screen's plan, if there is one.
        plant: what the base makes of commands.
        until: stamp of the result, s; an earlier one than the belief's changes nothing.
        what: is carried forward.
    """
    if until <= belief.stamp:
        return belief
    dt = until - belief.stamp
    pan = belief.screen
    if screen is not None:
        pan = ScreenState(*screen.at(until))
    return replace(
        belief,
        stamp=until,
        robot=roll(belief.robot, belief.stamp, commands, until, plant) if what.robot else belief.robot,
        screen=pan,
        tracks=tuple(later(track, dt) for track in belief.tracks) if what.people else belief.tracks,
    )
