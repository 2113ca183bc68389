"""The objective's weights as the kernels take them; ``local_planner.config.Objective`` has the table of all."""

from __future__ import annotations

from typing import Any, NamedTuple


class Weights(NamedTuple):
    """The objective's figures as float32, in the order in which the kernels and the C twin read them.

    Those of the same name are ``Objective``'s; ``wall_length`` and ``touch_width`` are the reach and the band of touch
    of its kind "wall".
    """

    wall_scale: Any
    wall_length: Any
    wall_reach: Any
    touch_scale: Any
    touch_width: Any
    person_scale: Any
    person_reach: Any
    harm_base: Any
    harm_speed: Any
    harm_standing: Any
    effort_a: Any
    effort_al: Any
    effort_w: Any
    effort_jerk: Any
    effort_jerk_w: Any
    effort_reverse: Any
    undiscounted_harm: Any
    survival_bonus: Any
    heading: Any
    look_ahead: Any
    overspeed: Any
    goal_pose: Any
