"""timeline: the last half minute of one drive or two as small curves, drawn as SVG."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pavane.core.arrays import Floats
from pavane.viewer.frame import Series

WIDTH, HEIGHT, GAP = 280, 46, 16  # units of the drawing: a strip and the line of text above it
SPAN = 30.0  # s
POINTS = 120  # of a curve at most
SPEED, TURN, SENSE, PLAN, HARM, GUARD = "#2b7f86", "#8a7fa3", "#3f74c9", "#e9a23b", "#d9483b", "#f0c878"


def timeline(series: Sequence[Series]) -> str:
    """Return three strips, one above the other: speed and turning, latency by stage, hazard and guard.

    Args:
        series: of one drive, or of two: the second is drawn dashed.
    """
    now = max((float(s.time[-1]) for s in series if len(s.time)), default=0.0)
    strips = ["", "", ""]
    for number, s in enumerate(series):
        if len(s.time) < 2:
            continue
        x = WIDTH * (1.0 - (now - s.time) / SPAN)
        dash = " stroke-dasharray='3 2'" if number else ""
        latency = s.perception + s.planning + s.actuation
        strips[0] += _curve(x, s.omega / 4.0 + 0.5, TURN, dash, 0.9) + _curve(x, s.v / 1.1, SPEED, dash, 1.6)
        strips[1] += _curve(x, s.actuation, PLAN, dash, 0.9) + _curve(x, latency, SENSE, dash, 1.6)
        strips[2] += ("" if number else _area(x, s.guard, GUARD)) + _curve(x, 1.0 - s.survival, HARM, dash, 1.6)
    last = series[0] if series else None
    said = ["", "", ""]
    if last is not None and len(last.time):
        total = 1000.0 * float(last.perception[-1] + last.planning[-1] + last.actuation[-1])
        said = [f"{last.v[-1]:.2f} m/s", f"{total:.0f} ms", f"{100.0 * (1.0 - float(last.survival[-1])):.0f} %"]
    texts = (
        f"<tspan fill='{SPEED}'>speed</tspan> <tspan fill='{TURN}'>turning</tspan>",
        f"<tspan fill='{SENSE}'>latency, all</tspan> <tspan fill='{PLAN}'>of it wheels</tspan>",
        f"<tspan fill='{HARM}'>chance of a touch in the plan</tspan> <tspan fill='#c99a2e'>guard</tspan>",
    )
    tall = 3 * (HEIGHT + GAP)
    parts = [f"<svg viewBox='0 0 {WIDTH} {tall}' width='100%' font-size='10' font-family='sans-serif'>"]
    for number, (strip, text, value) in enumerate(zip(strips, texts, said, strict=True)):
        top = number * (HEIGHT + GAP)
        parts.append(
            f"<text x='0' y='{top + 11}'>{text}</text>"
            f"<text x='{WIDTH}' y='{top + 11}' text-anchor='end' fill='#3a3f4a'>{value}</text>"
            f"<svg x='0' y='{top + GAP}' width='{WIDTH}' height='{HEIGHT}' viewBox='0 0 {WIDTH} {HEIGHT}'>"
            f"<rect width='{WIDTH}' height='{HEIGHT}' rx='3' fill='#f4f1ea'/>{strip}</svg>"
        )
    return "".join([*parts, "</svg>"])


def _curve(x: Floats, share: Floats, colour: str, dash: str, width: float) -> str:
    return f"<polyline points='{_points(x, share)}' fill='none' stroke='{colour}' stroke-width='{width}'{dash}/>"


def _area(x: Floats, share: Floats, colour: str) -> str:
    return (
        f"<polygon points='{x[0]:.0f},{HEIGHT} {_points(x, share)} {x[-1]:.0f},{HEIGHT}' fill='{colour}' "
        "fill-opacity='0.7'/>"
    )


def _points(x: Floats, share: Floats) -> str:
    """Return the points of a curve as SVG takes them; share 0 lies at the foot of the strip, 1 at its top."""
    step = max(1, len(x) // POINTS)
    y = (HEIGHT - 2) * (1.0 - np.clip(np.nan_to_num(share), 0.0, 1.0)) + 1
    return " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(x[::-step][::-1], y[::-step][::-1], strict=True))
