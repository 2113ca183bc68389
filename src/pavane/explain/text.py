"""An explanation in plain words, with numbers: short sentences for who does not know the code."""

from __future__ import annotations

import math

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.geometry import Pose
from pavane.core.plan import Status
from pavane.explain.causes import SOON, Cause, ChosenMotion
from pavane.explain.explainer import Choice, DecidingLayer, Explanation
from pavane.explain.guard_cause import gap
from pavane.explain.moment import Moment
from pavane.explain.sources import Circumstances, Source
from pavane.explain.terms import Terms

REST, TURNING = 0.02, math.radians(4.0)  # m/s, rad/s: slower is at rest, or straight
STANDS = 0.2  # m/s; who is slower stands
STEADY = 0.04  # m/s in a second: less is no change
WORTH, SHARE = 0.03, 0.1  # m, and of the whole difference: terms that differ by less are not worth a word
CHANCE = 0.005  # chances below this are told with a digit more
CLOSE = 0.03  # m; nearer than that is close by
OLD = 0.6  # s since somebody was detected that is worth a word
TURNED = math.radians(8.0)  # rad; turns that differ by less are alike
SUPPOSED = {
    "way": "If the way led straight on",
    "goal": "If it were farther on",
    "wall": "If it did not matter how near they are",
    "obstacle": "If it were not there",
    "door": "If {} were open",
    "corner": "If nobody could come from there",
}
ENDS = ("way", "goal")  # going on past them is nothing to weigh


def tell(why: Explanation, since: float = 0.0) -> str:
    """The whole text; ``since`` is taken from the time, s."""
    lines = [f"At {why.moment.now - since:.2f} s the robot {doing(why.moment)}.", *_reason(why)]
    if why.chosen is not None and (
        why.layer is DecidingLayer.PLANNER or (why.layer is DecidingLayer.GUARD and _reckoned(why))
    ):
        lines += _alternatives(why)
        if not why.ours:
            lines.append("(Metres are those of the usual objective; the planner of this drive weighs otherwise.)")
    lines.append(f"Decided by {why.layer.value}{_plan_note(why)}.")
    return "\n".join(lines)


def doing(moment: Moment) -> str:
    """What the robot does: speed and turn, and what has changed in the last second."""
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


def _reason(why: Explanation) -> list[str]:
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


def _sensors(why: Explanation) -> str:
    moment, main = why.moment, why.main
    assert main is not None
    names = {"odometry": "odometry", "localization": "localization", "lidar": "scan"}
    key = names[main.name]
    age = moment.now - moment.stamps[key]
    told = "has not come yet" if not math.isfinite(age) else f"is {age:.2f} s old"
    what = {"odometry": "odometry", "localization": "localization", "scan": "lidar scan"}[key]
    return f"Why: the newest {what} {told}. It does not drive on what it cannot see any more, and goes on by itself."


def _guard(why: Explanation) -> list[str]:
    moment, main, around = why.moment, why.main, why.circumstances
    how = "brakes hard" if moment.command.emergency else "holds it back"
    plan = "" if why.chosen is None else f"; the plan would go on at {_speed(why.chosen.motion.speed)}"
    if around is None or main is None or main.place is None:
        name = "what is near" if main is None else main.name
        return [f"Why: {name}. The guard {how} ({moment.command.reason}){plan}."]
    lines = [f"Why: {describe(main, around)}. The guard {how} ({moment.command.reason}){plan}."]
    if not _reckoned(why):
        lines.append("The plan does not reckon with it: it was seen late, or is nearer than it seemed.")
    return lines


def _reckoned(why: Explanation) -> bool:
    """Whether the plan is what it is because of the main reason, too."""
    return any(why.main in cause.sources for cause in (*why.speed, *why.direction))


def _planned(why: Explanation) -> list[str]:
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


def _without(cause: Cause, why: Explanation) -> str:
    """What would be otherwise."""
    assert why.chosen is not None
    here, there, source = why.chosen.motion, cause.without, cause.sources[0]
    named = f"Without {'them' if len(cause.sources) > 1 else source.name}"
    supposed = SUPPOSED.get(source.kind, named).format(source.name)
    said = []
    if cause in why.speed and there.speed - here.speed > STEADY:
        said.append(f"go {_speed(there.speed)} over the next {SOON:g} s instead of {_speed(here.speed)}")
    if abs(there.turn - here.turn) > TURNED:
        said.append(_turned(here.turn, there.turn))
    elif cause in why.direction:
        said.append(_shifted(here, there))
    if not said:
        said.append(f"get {there.way - here.way:+.2f} m along in 3 s")
    return f"{supposed} it would {' and '.join(said)}."


def _shifted(here: ChosenMotion, there: ChosenMotion) -> str:
    """How far aside another motion leads."""
    offsets = there.states[:, :2] - here.states[:, :2]
    yaw = here.states[:, 2]
    across = np.cos(yaw) * offsets[:, 1] - np.sin(yaw) * offsets[:, 0]
    most = float(across[int(np.argmax(np.abs(across)))])
    return f"keep {abs(most):.2f} m more to the {'left' if most > 0 else 'right'}"


def _speed(v: float) -> str:
    return f"{v:.2f} m/s" if v > -0.005 else f"{-v:.2f} m/s backwards"


def _turned(here: float, there: float) -> str:
    def say(turn: float) -> str:
        degrees = round(math.degrees(turn))
        return "straight on" if abs(degrees) < 3 else f"{abs(degrees)}° to the {'left' if degrees > 0 else 'right'}"

    a, b = say(there), say(here)
    if there * here > 0.0 and "°" in a and "°" in b:  # to the same side: said once
        return f"turn {a.replace(' to', ' instead of ' + b.split()[0] + ' to')}"
    return f"turn {a} instead of {b}".replace("turn straight on", "keep straight on")


# -- alternatives -----------------------------------------------------------------------------------------------------


def _alternatives(why: Explanation) -> list[str]:
    lines = []
    chosen, main = why.chosen, why.main
    assert chosen is not None
    onward, name = why.onward, "Going on regardless"
    # without its cause a motion gets farther, or it is nothing to weigh
    farther = onward is not None and onward.terms.way < chosen.terms.way - WORTH
    if onward is not None and farther and onward.terms.cost > chosen.terms.cost and main and main.kind not in ENDS:
        lines.append(f"{name} ({_speed(onward.motion.speed)}) {_verdict(onward, chosen)}.")
    if why.other is not None:
        other, name = why.other, "The best other way"
        if chosen.side and other.side and other.side != chosen.side and main is not None:
            lines.append(f"It passes {main.name} on the {chosen.side}.")
            name = f"Passing on the {other.side}"
        lines.append(f"{name} ({_manner(other)}) {_verdict(other, chosen)}.")
    return lines


def _manner(choice: Choice) -> str:
    m = choice.motion
    degrees = round(math.degrees(m.turn))
    turn = "" if abs(degrees) < 3 else f", {abs(degrees)}° to the {'left' if degrees > 0 else 'right'}"
    return f"{_speed(m.speed)}{turn}"


def _verdict(choice: Choice, chosen: Choice) -> str:
    """How a motion compares with the chosen one: what it gains, what it loses, how much worse it is on the whole."""
    gains, losses = [], []
    worse = choice.terms.cost - chosen.terms.cost
    least = max(WORTH, SHARE * abs(worse))
    for more, gain, loss in _differences(choice.terms, chosen.terms):
        if more < -least:
            gains.append(gain.format(-more))
        elif more > least:
            losses.append(loss.format(more))
    corners = 0.0
    for source in dict.fromkeys(s for s, _ in (*choice.shares, *chosen.shares)):
        more = choice.share(source).total - chosen.share(source).total
        if source.kind == "corner":
            corners += more
        elif more < -least:
            gains.append(f"keep better away from {source.name}, which counts {-more:.2f} m")
        elif more > least:
            losses.append(_risk(source, choice, chosen))
    if abs(corners) > least:
        side, word = (losses, "more") if corners > 0.0 else (gains, "less")
        side.append(f"risk {abs(corners):.2f} m {word} from whoever may come round a corner")
    whole = (
        f"{abs(worse):.2f} m {'worse' if worse > 0 else 'better'} on the whole"
        if abs(worse) >= 0.005
        else ("as good on the whole")
    )
    text = (
        f"would {' and '.join(gains)}, but {_list(losses)}"
        if gains and losses
        else (f"would {_list(losses or gains) or 'change little'}")
    )
    return f"{text}: {whole}"


def _differences(a: Terms, b: Terms) -> list[tuple[float, str, str]]:
    return [
        (a.way - b.way, "get {:.2f} m farther in 3 s", "get {:.2f} m less far in 3 s"),
        (a.effort - b.effort, "be {:.2f} m smoother", "be rougher by {:.2f} m"),
        (a.end - b.end, "end better placed by {:.2f} m", "end worse placed for the rest of the way by {:.2f} m"),
    ]


def _risk(source: Source, choice: Choice, chosen: Choice) -> str:
    a, b = choice.share(source), chosen.share(source)
    more = a.total - b.total
    if source.kind in ("person", "pet", "thing"):
        chances = f" ({_percent(a.chance)} chance to touch them instead of {_percent(b.chance)})"
        told = chances if max(a.chance, b.chance) > 0.1 * CHANCE else ""
        return f"come too near or too fast past {source.name}{told}, which counts {more:.2f} m"
    return f"be nearer or faster beside {source.name}, which counts {more:.2f} m"


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %" if chance >= CHANCE else f"{100 * chance:.1f} %"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _plan_note(why: Explanation) -> str:
    if why.layer is not DecidingLayer.PLANNER or why.moment.plan is None or why.moment.plan.candidates is None:
        return ""
    weighed = why.moment.plan.candidates.stages[-1].weighed
    return f": the best of {weighed} motions it weighed"


# -- things and places ------------------------------------------------------------------------------------------------


def describe(source: Source, around: Circumstances) -> str:
    """A source with where it is, seen from the robot, and what it does."""
    if source.place is None:
        if source.kind == "wall":
            return _walls(around)
        if source.kind == "way":
            return _bend(around)
        return source.name
    here = around.here
    place = np.array(source.place)
    if source.kind == "goal":
        return f"{source.name} is {here.distance(Pose(*source.place)):.2f} m {bearing(here, place)}"
    air = max(gap(around.moment.robot, here, place) - _radius(source, around), 0.0)
    near = f"{air:.2f} m" if air >= CLOSE else "close by"
    text = f"{source.name}, {near} {bearing(here, place)}"
    if source.kind in ("person", "pet", "thing"):
        text = f"{text}, {_walk(source, here)}"
        if source.age > OLD:
            text = f"{text}, last seen {source.age:.1f} s ago"
    return text


def _radius(source: Source, around: Circumstances) -> float:
    return next((t.radius for t in around.belief.tracks if t.identity == source.number and t.kind == source.kind), 0.0)


def _walk(source: Source, here: Pose) -> str:
    u, v = source.velocity
    speed = math.hypot(u, v)
    if speed < STANDS or source.place is None:
        return "who stands" if source.kind == "person" else "at rest"
    dx, dy = source.place[0] - here.x, source.place[1] - here.y
    r = max(math.hypot(dx, dy), 1e-6)
    nearing = -(u * dx + v * dy) / r / speed
    how = "coming nearer" if nearing > 0.7 else "going away" if nearing < -0.7 else "crossing"
    return f"{how} at {speed:.1f} m/s"


def bearing(here: Pose, place: Floats) -> str:
    """Where a place is, seen from the robot."""
    x, y = here.inverse().transform(place[None])[0]
    angle = math.degrees(math.atan2(y, x))
    side = "left" if angle > 0 else "right"
    size = abs(angle)
    if size < 15:
        return "ahead"
    if size < 60:
        return f"ahead on the {side}"
    if size < 120:
        return f"on the {side}"
    return f"behind on the {side}" if size < 165 else "behind"


def _walls(around: Circumstances) -> str:
    gap_now, place = around.narrowest()
    return f"the walls, which leave {max(gap_now, 0.0):.2f} m of air on its way, {bearing(around.here, place)}"


def _bend(around: Circumstances) -> str:
    guidance = around.belief.guidance
    assert guidance is not None
    turn = around.bend()
    if turn is None or abs(turn) < math.radians(5):
        return "the way to the goal"
    return f"the way to the goal leads to the {'left' if turn > 0 else 'right'} by {abs(math.degrees(turn)):.0f}°"
