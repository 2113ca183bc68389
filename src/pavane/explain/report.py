"""terms_of, summary_of: an explanation as plain figures, for tables, files and other programs."""

from __future__ import annotations

import math
from collections.abc import Callable

from pavane.explain.explainer import Explanation
from pavane.explain.reasons import Choice

Figure = float | int | str


def terms_of(why: Explanation) -> list[dict[str, Figure]]:
    """Return a row for each term: in the chosen motion, without the main cause, and in the best other way, m.

    The terms of each motion add up to its cost, which is the last row.
    """
    motions = (why.chosen, why.onward, why.other)
    named: dict[str, Callable[[Choice], float]] = {
        "way still to go": lambda c: c.terms.way,
        "effort": lambda c: c.terms.effort,
        "end: turned away or too fast": lambda c: c.terms.end,
        "end: unharmed": lambda c: c.terms.alive,
    }
    rows = [_row(name, [None if m is None else value(m) for m in motions]) for name, value in named.items()]
    sources = dict.fromkeys(source for m in motions if m is not None for source, _ in m.shares)
    several: dict[str, int] = {}
    for source in sources:
        several[source.name] = several.get(source.name, 0) + 1
        name = source.name if several[source.name] == 1 else f"{source.name} ({several[source.name]})"
        rows.append(_row(f"{name}: harm", [None if m is None else m.share(source).harm for m in motions]))
        rows.append(_row(f"{name}: lost if harmed", [None if m is None else m.share(source).lost for m in motions]))
    rows.append(_row("rest", [None if m is None else m.rest for m in motions]))
    rows.append(_row("cost", [None if m is None else m.terms.cost for m in motions]))
    return rows


def _row(name: str, values: list[float | None]) -> dict[str, Figure]:
    chosen, onward, other = values
    return {"term": name, "chosen": _number(chosen), "regardless": _number(onward), "other": _number(other)}


def _number(value: float | None) -> Figure:
    return "none" if value is None or not math.isfinite(value) else round(float(value), 4)


def summary_of(why: Explanation, since: float = 0.0) -> dict[str, Figure]:
    """Return the moment, the layer that decided, the main reason and what would be without it.

    Args:
        why: what was explained.
        since: is taken from the moment's time, s.
    """
    main = why.main
    cause = next((c for c in (*why.speed, *why.direction) if main in c.sources), None)
    place = None if main is None else main.place
    return {
        "time_s": _number(why.moment.now - since),
        "v": _number(why.moment.command.v),
        "omega": _number(why.moment.command.omega),
        "layer": why.layer.name.lower(),
        "guard": why.moment.command.reason or "none",
        "main": "none" if main is None else main.kind,
        "name": "none" if main is None else main.name,
        "x": _number(None if place is None else place[0]),
        "y": _number(None if place is None else place[1]),
        "price_m": _number(None if cause is None else cause.price),
        "mean_speed": _number(None if why.chosen is None else why.chosen.motion.speed),
        "mean_speed_without": _number(None if cause is None else cause.without.speed),
        "turn": _number(None if why.chosen is None else why.chosen.motion.turn),
        "turn_without": _number(None if cause is None else cause.without.turn),
        "text": why.text(since),
    }
