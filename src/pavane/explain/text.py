"""tell: reasons in plain words, with numbers: short sentences for a person who does not know the code."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.plan import Status
from pavane.explain.alternatives import alternatives, speed_text
from pavane.explain.causes import SOON, Cause, ChosenMotion
from pavane.explain.circumstances import Circumstances
from pavane.explain.describe import describe
from pavane.explain.moment import Moment
from pavane.explain.reasons import DecidingLayer, Reasons

REST, TURNING = 0.02, math.radians(4.0)  # m/s, rad/s: slower is at rest, or straight
STEADY = 0.04  # m/s in a second: less is no change
TURNED = math.radians(8.0)  # rad; turns that differ by less are alike
SUPPOSED = {
    "way": "If the way led straight on",
    "goal": "If it were farther on",
    "wall": "If it did not matter how near they are",
    "obstacle": "If it were not there",
    "door": "If {} were open",
    "corner": "If nobody could come from there",
}


def tell(why: Reasons, since: float = 0.0) -> str:
    """Return the whole text; ``since`` is taken from the time, s."""
    lines = [f"At {why.moment.now - since:.2f} s the robot {doing(why.moment)}.", *_reason(why)]
    if why.chosen is not None and (
        why.layer is DecidingLayer.PLANNER or (why.layer is DecidingLayer.GUARD and _reckoned(why))
    ):
        lines += alternatives(why)
        if not why.ours:
            lines.append("(Metres are those of the usual objective; the planner of this drive weighs otherwise.)")
    lines.append(f"Decided by {why.layer.value}{_plan_note(why)}.")
    return "\n".join(lines)


def doing(moment: Moment) -> str:
    """Return what the robot does: speed and turn, and how they have changed in the last second."""
    v, omega = moment.command.v, moment.command.omega
    before = [s for s in moment.sent if s[0] <= moment.now - 0.98]
    was = before[-1][1] if before else 0.0
    turn = f"{math.degrees(abs(omega)):.0f}°/s to the {'left' if omega > 0 else 'right'}"
    turning = abs(omega) > TURNING
    if abs(v) < REST:
        text = f"turns on the spot, {turn}" if turning else "stands"
        return f"{text}; a second ago it drove at {abs(was):.2f} m/s" if abs(was) > 0.1 else text
    backwards = " backwards" if v < 0 else ""
    if abs(v) - abs(was) < -STEADY and v * was > 0:
        text = f"slows down: {abs(v):.2f} m/s{backwards}, {abs(was):.2f} m/s a second ago"
    elif abs(v) - abs(was) > STEADY:
        text = f"speeds up: {abs(v):.2f} m/s{backwards}, {abs(was):.2f} m/s a second ago"
    else:
        text = f"drives{backwards} at {abs(v):.2f} m/s"
    return f"{text}, and turns {turn}" if turning else text


# -- the reason -------------------------------------------------------------------------------------------------------


def _reason(why: Reasons) -> list[str]:
    """Return the sentences that say why, by the layer that decided."""
    moment = why.moment
    match why.layer:
        case DecidingLayer.SENSORS:
            return [_sensors(why)]
        case DecidingLayer.GUARD:
            return _guard(why)
        case DecidingLayer.LATE:
            if moment.plan is None:
                return ["Why: the first plan is not there yet."]
            age = moment.now + moment.delay - moment.plan.start
            rest = moment.plan.end - moment.now - moment.delay
            ends = f"it ends at rest in {rest:.1f} s" if rest > 0 else "it has ended at rest"
            return [f"Why: the plan it follows is {age:.1f} s old and no newer one has come; {ends}."]
        case DecidingLayer.TASK:
            if moment.task is None:
                return [f"Why: it has nothing to do ({moment.status.value})."]
            return ["Why: it was asked to stop."]
        case DecidingLayer.ROUTE:
            if moment.status is Status.ROUTING:
                return ["Why: it is looking for a way to a new goal, and rolls out gently until there is one."]
            return [f"Why: {moment.status.value}."]
        case DecidingLayer.PLANNER:
            return _planned(why)


def _sensors(why: Reasons) -> str:
    moment, main = why.moment, why.main
    assert main is not None
    names = {"odometry": "odometry", "localization": "localization", "lidar": "scan"}
    key = names[main.name]
    age = moment.now - moment.stamps[key]
    told = "has not come yet" if not math.isfinite(age) else f"is {age:.2f} s old"
    what = {"odometry": "odometry", "localization": "localization", "scan": "lidar scan"}[key]
    return f"Why: the newest {what} {told}. It does not drive on what it cannot see any more, and goes on by itself."


def _guard(why: Reasons) -> list[str]:
    moment, main, around = why.moment, why.main, why.circumstances
    how = "brakes hard" if moment.command.emergency else "holds it back"
    plan = "" if why.chosen is None else f"; the plan would go on at {speed_text(why.chosen.motion.speed)}"
    if around is None or main is None or main.place is None:
        name = "what is near" if main is None else main.name
        return [f"Why: {name}. The guard {how} ({moment.command.reason}){plan}."]
    lines = [f"Why: {describe(main, around)}. The guard {how} ({moment.command.reason}){plan}."]
    if not _reckoned(why):
        lines.append("The plan does not reckon with it: it was seen late, or is nearer than it seemed.")
    return lines


def _reckoned(why: Reasons) -> bool:
    """Return whether the plan, too, is what it is because of the main reason."""
    return any(why.main in cause.sources for cause in (*why.speed, *why.direction))


def _planned(why: Reasons) -> list[str]:
    around, chosen = why.circumstances, why.chosen
    assert around is not None and chosen is not None
    here = chosen.motion
    if why.main is None:
        full = why.moment.robot.limits.vx_max
        if here.speed > 0.95 * full:
            return [f"Why: nothing holds it back; {full:.1f} m/s is its full speed."]
        limit = why.moment.robot.limits.ax_max
        return [f"Why: nothing holds it back; it gains speed as gently as it is told to ({limit:.1f} m/s² at most)."]
    causes = {id(c): c for c in (*why.speed, *why.direction)}.values()
    lines = [f"Why: {_together(c, around)}. {_without(c, why)}" for c in causes if why.main in c.sources][:1]
    if not lines:
        held = why.moment.held_back
        since = "" if held is None else f" {why.moment.now - held.command.stamp:.1f} s ago"
        lines.append(
            f"Why: {describe(why.main, around)} made the guard hold it back{since}; it is getting going again."
        )
    told = set(why.sources)
    others = [c for c in causes if not told & set(c.sources)][:2]
    lines += [f"Also: {_together(c, around)}. {_without(c, why)}" for c in others]
    return lines


def _together(cause: Cause, around: Circumstances) -> str:
    names = [describe(s, around) for s in cause.sources]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _without(cause: Cause, why: Reasons) -> str:
    """Return what would be otherwise without a cause."""
    assert why.chosen is not None
    here, there, source = why.chosen.motion, cause.without, cause.sources[0]
    named = f"Without {'them' if len(cause.sources) > 1 else source.name}"
    supposed = SUPPOSED.get(source.kind, named).format(source.name)
    said = []
    if cause in why.speed and there.speed - here.speed > STEADY:
        said.append(f"go {speed_text(there.speed)} over the next {SOON:g} s instead of {speed_text(here.speed)}")
    if abs(there.turn - here.turn) > TURNED:
        said.append(_turned(here.turn, there.turn))
    elif cause in why.direction:
        said.append(_shifted(here, there))
    if not said:
        said.append(f"get {there.way - here.way:+.2f} m along in 3 s")
    return f"{supposed} it would {' and '.join(said)}."


def _shifted(here: ChosenMotion, there: ChosenMotion) -> str:
    """Return how far aside another motion leads."""
    offsets = there.states[:, :2] - here.states[:, :2]
    yaw = here.states[:, 2]
    across = np.cos(yaw) * offsets[:, 1] - np.sin(yaw) * offsets[:, 0]
    most = float(across[int(np.argmax(np.abs(across)))])
    return f"keep {abs(most):.2f} m more to the {'left' if most > 0 else 'right'}"


def _turned(here: float, there: float) -> str:
    def say(turn: float) -> str:
        degrees = round(math.degrees(turn))
        return "straight on" if abs(degrees) < 3 else f"{abs(degrees)}° to the {'left' if degrees > 0 else 'right'}"

    a, b = say(there), say(here)
    if there * here > 0.0 and "°" in a and "°" in b:  # to the same side: said once
        return f"turn {a.replace(' to', ' instead of ' + b.split()[0] + ' to')}"
    return f"turn {a} instead of {b}".replace("turn straight on", "keep straight on")


def _plan_note(why: Reasons) -> str:
    if why.layer is not DecidingLayer.PLANNER or why.moment.plan is None or why.moment.plan.candidates is None:
        return ""
    weighed = why.moment.plan.candidates.stages[-1].weighed
    return f": the best of {weighed} motions it weighed"
