"""Belief: all that the robot thinks about the world and itself at one stamp."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pavane.core.arrays import Bools, Floats, Floats32
from pavane.core.geometry import Gaussian, Pose
from pavane.core.plan import Guidance


@dataclass(frozen=True, slots=True, eq=False)
class RobotState:
    """The base in ``odom``: pose, twist and acceleration, and how sure pose and twist are.

    Args:
        pose: odom_from_base.
        v: forward speed, m/s.
        omega: yaw rate, rad/s.
        a: forward acceleration, m/s^2.
        alpha: yaw acceleration, rad/s^2.
        covariance: (5, 5) of x, y, yaw, v, omega; zero where nothing is known of it.
    """

    pose: Pose
    v: float = 0.0
    omega: float = 0.0
    a: float = 0.0
    alpha: float = 0.0
    covariance: Floats = field(default_factory=lambda: np.zeros((5, 5)))


@dataclass(frozen=True, slots=True)
class ScreenState:
    """The screen: pan in rad (0 ahead, positive left), its rate and acceleration."""

    pan: float = 0.0
    rate: float = 0.0
    acceleration: float = 0.0


MODES = ("stands", "goes on", "changes")


@dataclass(frozen=True, slots=True, eq=False)
class ModeEstimate:
    """How a person may be moving in ``odom``: a state for each of ``MODES``, and what their detections say for it.

    Coordinates are independent and alike, so a covariance is three numbers.

    Args:
        weights: (3,) probabilities of the modes.
        means: (3, 4) x, y, vx, vy, m and m/s.
        covariances: (3, 3) of one coordinate: variance of its place, m^2, covariance with its velocity, variance of
            that.
        innovation: logarithm of how much farther than usual they were, of late, from where they were predicted to be.
    """

    weights: Floats
    means: Floats
    covariances: Floats
    innovation: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """A tracked person, pet, thing or entity in ``odom`` at the belief's stamp.

    Args:
        identity: number given by the tracker, never used twice.
        state: Gaussian over (x, y, vx, vy), m and m/s.
        age: how long it has been tracked, s.
        sensed: stamp of the newest detection in it, s.
        radius: radius of the body, m.
        kind: what it is, one of ``entities.KINDS`` or of those that the objective adds.
        modes: what was known at the newest detection; None for an entity that does not move by itself, and where only
            the state is known.
        elapsed: from the newest detection to the state, s.
    """

    identity: int
    state: Gaussian
    age: float
    sensed: float
    radius: float = 0.25
    kind: str = "person"
    modes: ModeEstimate | None = None
    elapsed: float = 0.0

    @property
    def position(self) -> Floats:
        """(2,) m"""
        return self.state.mean[:2]

    @property
    def velocity(self) -> Floats:
        """(2,) m/s"""
        return self.state.mean[2:]


@dataclass(frozen=True, slots=True, eq=False)
class LocalMap:
    """What is solid around the robot, in a window whose axes are the map's.

    Args:
        clearance: (n, n) float32 grid: distance from each cell centre to the nearest solid cell, negative inside, m.
        seen: (n, n) bool, True where a sensor or the map has ever said what is there.
        resolution: edge of a cell, m.
        origin: pose of the window's corner in ``map``.
        stamp: time of the newest scan in it, s.
        discomfort: (n, n) float32 what mapped entities do to the outline's discs (see
            ``local_planner.discomfort_field``); None where the map has none.
    """

    clearance: Floats32
    seen: Bools
    resolution: float
    origin: Pose
    stamp: float
    discomfort: Floats32 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """One type for what is believed at any moment, told apart by its stamp.

    Only ``prediction.fast_forward`` makes a belief of another stamp from it.
    """

    stamp: float
    robot: RobotState
    screen: ScreenState
    tracks: tuple[Track, ...]
    local_map: LocalMap
    map_from_odom: Pose
    guidance: Guidance | None


@dataclass(frozen=True, slots=True, eq=False)
class NearMap:
    """What blocks the 2x2 m around the robot, from the newest scan; axes are the map's.

    Args:
        solid: (n, n) bool.
        resolution: edge of a cell, m.
        origin: pose of the window's corner in ``map``.
        stamp: time of the newest scan in it, s; -inf before the first.
        moving: (M, 4) x, y, vx, vy in ``map`` of returns that move, m and m/s, where they will be when the newest
            command reaches the wheels.
    """

    solid: Bools
    resolution: float
    origin: Pose
    stamp: float
    moving: Floats = field(default_factory=lambda: np.zeros((0, 4)))
