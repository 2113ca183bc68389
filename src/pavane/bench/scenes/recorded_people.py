"""The robot among recorded people, who go their way whatever it does."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.random import Generator

from pavane.bench.scenes.encounter_plan import SECONDS, EncounterPlan, Point, arrives, either_side
from pavane.core.arrays import Floats
from pavane.sim.people import ReplaySpec
from pavane.sim.people.tracks import RecordedTrack, read_tracks

RECORDINGS = ("eth", "zara01", "students03")  # outdoors and in a hall, without walls nearby
FIELD = 1.5  # m of free ground around a recording
SPRINGS_UP = 4.0  # m from the robot's way: who would be there out of nowhere is left out of a recording


def recorded_plan(rng: Generator, course: tuple[float, float], folder: Path) -> tuple[EncounterPlan, ReplaySpec]:
    """Return a plan among recorded people, one of whom the robot would meet at the angle wanted, deg, and them."""
    while True:
        file = folder / f"{rng.choice(RECORDINGS)}.csv"
        tracks = _read(file)
        track = tracks[int(rng.integers(len(tracks)))]
        found = _meeting(rng, track, course)
        if found is None:
            continue
        start, heading, goal, meeting, way = found
        delay = arrives(way) + float(rng.uniform(-0.5, 0.5)) - meeting
        there = [
            each
            for each in tracks
            if each.times[-1] + delay > 0.0 and each.times[0] + delay < SECONDS
            and not (each.times[0] + delay > 0.0 and _beside(each.places[0], start, goal) < SPRINGS_UP)
        ]  # fmt: skip
        if track not in there or _crowded(there, start, delay):
            continue
        places = np.concatenate([*(each.places for each in there), [start, goal]])
        (low_x, low_y), (high_x, high_y) = places.min(axis=0) - FIELD, places.max(axis=0) + FIELD
        corners = [(low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y), (low_x, low_y)]
        walls = [[(float(x), float(y)) for x, y in corners]]
        plan = EncounterPlan(walls, (*start, math.degrees(heading)), goal, [])
        return plan, ReplaySpec(file=str(file), delay=delay, people=tuple(each.name for each in there))


def _meeting(
    rng: Generator, track: RecordedTrack, course: tuple[float, float]
) -> tuple[Point, float, Point, float, float] | None:
    """Start, heading (rad), goal, the recording's time of the meeting and the way there; None where they stand."""
    if len(track.times) < 8:
        return None
    k = int(rng.integers(3, len(track.times) - 3))
    step = track.places[k + 1] - track.places[k - 1]
    if float(np.hypot(*step)) < 0.3 * float(track.times[k + 1] - track.times[k - 1]):
        return None
    heading = math.atan2(step[1], step[0]) + math.radians(rng.uniform(*course)) * either_side(rng)
    ahead = np.array([math.cos(heading), math.sin(heading)])
    way, rest = float(rng.uniform(0.8, 4.0)), float(rng.uniform(2.0, 4.0))
    start, goal = track.places[k] - way * ahead, track.places[k] + rest * ahead
    return (float(start[0]), float(start[1])), heading, (float(goal[0]), float(goal[1])), float(track.times[k]), way


def _beside(place: Floats, start: Point, goal: Point) -> float:
    """Return how far a place (2,) is from the straight way between two, m."""
    way, off = np.subtract(goal, start), place - start
    share = min(max(float(off @ way) / float(way @ way), 0.0), 1.0)
    return float(np.hypot(*(off - share * way)))


def _crowded(tracks: list[RecordedTrack], start: Point, delay: float) -> bool:
    """Return whether somebody is within a metre of the robot's start in the first 1.5 s."""
    for track in tracks:
        early = np.interp([0.0, 0.5, 1.0, 1.5], track.times + delay, np.arange(len(track.times)))
        near: Floats = np.hypot(*(track.places[np.rint(early).astype(int)] - start).T)
        if track.times[0] + delay < 1.5 and bool((near < 1.0).any()):
            return True
    return False


@lru_cache(maxsize=4)
def _read(file: Path) -> list[RecordedTrack]:
    return read_tracks(file)
