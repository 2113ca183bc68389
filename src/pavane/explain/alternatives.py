"""alternatives: in words, how the motions that were not chosen compare with the one that was."""

from __future__ import annotations

import math

from pavane.explain.reasons import Choice, Reasons
from pavane.explain.sources import MOVING_KINDS, Source
from pavane.explain.terms import Terms

WORTH, SHARE = 0.03, 0.1  # m, and of the whole difference: terms that differ by less are not worth a word
CHANCE = 0.005  # chances below this are told with a digit more
ENDS = ("way", "goal")  # going on past them is nothing to weigh


def alternatives(why: Reasons) -> list[str]:
    """Return a sentence each on going on regardless and on the best other way, as far as they are worth one."""
    lines = []
    chosen, main = why.chosen, why.main
    assert chosen is not None
    onward, name = why.onward, "Going on regardless"
    # without its cause a motion gets farther, or it is nothing to weigh
    farther = onward is not None and onward.terms.way < chosen.terms.way - WORTH
    if onward is not None and farther and onward.terms.cost > chosen.terms.cost and main and main.kind not in ENDS:
        lines.append(f"{name} ({speed_text(onward.motion.speed)}) {_verdict(onward, chosen)}.")
    if why.other is not None:
        other, name = why.other, "The best other way"
        if chosen.side and other.side and other.side != chosen.side and main is not None:
            lines.append(f"It passes {main.name} on the {chosen.side}.")
            name = f"Passing on the {other.side}"
        lines.append(f"{name} ({_motion_text(other)}) {_verdict(other, chosen)}.")
    return lines


def speed_text(v: float) -> str:
    """Return a speed in words, m/s."""
    return f"{v:.2f} m/s" if v > -0.005 else f"{-v:.2f} m/s backwards"


def _motion_text(choice: Choice) -> str:
    """Return the speed of a motion in words, and its turn if it has one."""
    m = choice.motion
    degrees = round(math.degrees(m.turn))
    turn = "" if abs(degrees) < 3 else f", {abs(degrees)}° to the {'left' if degrees > 0 else 'right'}"
    return f"{speed_text(m.speed)}{turn}"


def _verdict(choice: Choice, chosen: Choice) -> str:
    """Return how a motion compares with the chosen one: gains, losses, and how much worse it is on the whole."""
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
    """Return for each term how much more it is in ``a`` than in ``b``, m, and how to say that it is less, or more."""
    return [
        (a.way - b.way, "get {:.2f} m farther in 3 s", "get {:.2f} m less far in 3 s"),
        (a.effort - b.effort, "be {:.2f} m smoother", "be rougher by {:.2f} m"),
        (a.end - b.end, "end better placed by {:.2f} m", "end worse placed for the rest of the way by {:.2f} m"),
    ]


def _risk(source: Source, choice: Choice, chosen: Choice) -> str:
    """Return in words how much more a source takes from a motion than from the chosen one."""
    a, b = choice.share(source), chosen.share(source)
    more = a.total - b.total
    if source.kind in MOVING_KINDS:
        chances = f" ({_percent(a.chance)} chance to touch them instead of {_percent(b.chance)})"
        told = chances if max(a.chance, b.chance) > 0.1 * CHANCE else ""
        return f"come too near or too fast past {source.name}{told}, which counts {more:.2f} m"
    return f"be nearer or faster beside {source.name}, which counts {more:.2f} m"


def _percent(chance: float) -> str:
    return f"{100 * chance:.0f} %" if chance >= CHANCE else f"{100 * chance:.1f} %"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""
